// ShimWatch: the runtime's event thread ("runtime-events"). Follows the event connections of the shims, so that the end
// of a container is known within a millisecond, without relisting.
//
// Owns one ShimClient a sandbox that is followed. Thread-safe. The handlers run on the event thread and must not block
// for long; they may call client() and forget().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/event_loop.h"
#include "base/synchronized.h"
#include "runtime/shim/client.h"

namespace runtime::service {

class ShimWatch {
 public:
  struct Handlers {
    std::function<void(const std::string& sandbox, const shim::ExitEvent& event)> exited;
    // The shim ended without being told to, or cannot be reached any more.
    std::function<void(const std::string& sandbox)> lost;
    // The events of a living shim broke off. Followed again: exits of containers come again, those of execs may have
    // been missed. Not followed: until somebody asks for its client(), no exit is heard of.
    std::function<void(const std::string& sandbox, bool followed)> interrupted;
  };

  static base::Result<std::unique_ptr<ShimWatch>> create(Handlers handlers);
  ~ShimWatch();

  // Takes over a shim's connection and follows it.
  base::Status follow(const std::string& sandbox, shim::ShimClient client);
  // The connection of a followed sandbox; otherwise connects to the shim in that folder and follows it. kUnavailable
  // when no shim is there.
  base::Result<std::shared_ptr<shim::ShimClient>> client(const std::string& sandbox, const std::string& folder);
  // Stops following; the shim's end is no loss any more. Its process is still reaped where it is our child.
  void forget(const std::string& sandbox);
  // The connection of a followed sandbox, else null.
  std::shared_ptr<shim::ShimClient> known_client(const std::string& sandbox);
  // False once the shim was lost or forgotten.
  bool follows(const std::string& sandbox);

 private:
  struct Followed {
    std::shared_ptr<shim::ShimClient> client;  // empty where the shim lives but could not be reached again
    std::shared_ptr<base::UniqueFd> pidfd;     // empty where the process was gone already
  };

  ShimWatch(Handlers handlers, std::unique_ptr<base::EventLoop> loop)
      : handlers_(std::move(handlers)), loop_(std::move(loop)) {}
  void listen(const std::string& sandbox, const Followed& followed);
  void on_events(const std::string& sandbox);
  void on_cut(const std::string& sandbox, const std::shared_ptr<shim::ShimClient>& cut);
  void on_end(const std::string& sandbox, const std::shared_ptr<base::UniqueFd>& pidfd);

  const Handlers handlers_;
  const std::unique_ptr<base::EventLoop> loop_;
  base::Synchronized<std::map<std::string, Followed>> followed_;
  std::thread thread_;
};

}  // namespace runtime::service
