// Execs: further commands in running containers, and attaching to their streams.
//
// Thread-safe. The shim is the parent of what runs; its exit comes over the event thread (on_exit) and is kept here
// until the session that waits for it asks.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/synchronized.h"
#include "cri-proto/local_runtime.h"
#include "runtime/service/registry.h"
#include "runtime/service/shim_watch.h"

namespace runtime::service {

class Execs {
 public:
  Execs(Registry& registry, ShimWatch& watch) : registry_(registry), watch_(watch) {}

  base::Result<std::unique_ptr<cri::ExecSession>> start(cri::ExecOptions options, cri::ExecStreams streams);
  base::Result<v1::ExecSyncResponse> run_sync(const cri::CallContext& context, const v1::ExecSyncRequest& request);
  base::Result<cri::AttachedStreams> attach(const std::string& container_id, int out, int err, bool want_stdin);
  base::Status resize(const std::string& container_id, unsigned columns, unsigned rows);

  void on_exit(const shim::ExitEvent& event);
  // The shim is gone: its execs have ended, nobody knows how.
  void on_shim_lost(const std::string& sandbox);
  // The ends of its execs may have been missed: those that the shim does not know any more are over.
  void on_interruption(const std::string& sandbox);

 private:
  class Session;
  struct Running {
    std::string sandbox;
    bool started = false;                  // the shim has said so
    std::shared_ptr<base::UniqueFd> wake;  // an eventfd that its end is written to; empty: nobody polls for it
    std::optional<int> exit_code;
  };
  using Exits = std::map<std::string, Running>;  // by exec id

  struct Command {
    std::string container_id;
    std::vector<std::string> arguments;
    std::optional<cri::TerminalSize> terminal;
    int in = -1;  // -1: /dev/null
    int out = -1;
    int err = -1;
    std::shared_ptr<base::UniqueFd> wake;  // as of Running
  };
  // What one ExecSync gathers.
  struct Collected;
  base::Status collect(const cri::CallContext& context, Session& session, Collected& collected) const;
  base::Result<std::unique_ptr<Session>> launch(const Command& command);
  base::Result<ContainerRecord> running_container(const std::string& id);

  Registry& registry_;
  ShimWatch& watch_;
  base::Synchronized<Exits> exits_;
  std::condition_variable exited_;
};

}  // namespace runtime::service
