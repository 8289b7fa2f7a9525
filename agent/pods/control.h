// How other processes reach a pod's owner: the SOCK_SEQPACKET socket <state>/pods/<uid>.sock.
//
// A request is one packet: "stop", "stop SECONDS" or "kill". There is no answer: the connection stays open until the
// owner is done with the pod, or dies; its end is what the other side waits for, and what it finds then (the pod's lock
// and record) tells which of the two it was.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "agent/pods/pod_owner.h"
#include "base/error.h"
#include "base/unique_fd.h"

namespace agent::pods {

std::string format_request(const StopRequest& request);
// kInvalidArgument for anything else.
base::Result<StopRequest> parse_request(std::string_view text);

// The owner's end: one thread that accepts connections and passes requests on. The lock of the pod (or job) is held.
class ControlServer {
 public:
  // asked: called on the server's thread.
  using Asked = std::function<void(const StopRequest&)>;
  static base::Result<std::unique_ptr<ControlServer>> start(const Paths& paths, const std::string& uid, Asked asked);
  // Closes all connections and removes the socket.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  ControlServer(std::string path, base::UniqueFd listener, base::UniqueFd stop, Asked asked);
  void serve();

  std::string path_;
  base::UniqueFd listener_;
  base::UniqueFd stop_;  // eventfd
  Asked asked_;
  std::thread thread_;
};

// Sends the request to the pod's owner and waits until the owner has gone. kUnavailable when nobody listens (a starting
// owner, or one that has just gone); kCancelled.
base::Status ask_owner(const Paths& paths, const std::string& uid, const StopRequest& request,
                       const std::stop_token& cancel);

}  // namespace agent::pods
