// EventHub: hands container events to whoever has called GetContainerEvents.
//
// Thread-safe. publish() never blocks on a subscriber: one that is kCapacity events behind loses its stream
// (kResourceExhausted), so that it relists, instead of missing an event silently.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>

#include "base/error.h"
#include "base/synchronized.h"
#include "cri-proto/service.h"

namespace runtime::service {

class EventHub {
 public:
  void publish(const cri::v1::ContainerEventResponse& event);
  // Blocks, handing events to the sink, until the sink says false or the context ends.
  base::Status follow(const cri::CallContext& context, const cri::Sink<cri::v1::ContainerEventResponse>& sink);

 private:
  static constexpr size_t kCapacity = 10000;
  struct Subscriber {
    std::deque<cri::v1::ContainerEventResponse> queue;
    bool overrun = false;
  };
  struct State {
    std::map<uint64_t, Subscriber> subscribers;
    uint64_t next = 0;
  };
  base::Synchronized<State> state_;
  std::condition_variable published_;
};

}  // namespace runtime::service
