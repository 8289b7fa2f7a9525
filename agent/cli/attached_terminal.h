// AttachedTerminal: the user's terminal joined to that of a pod's container, over all of the container's runs.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "agent/cli/joined_output.h"
#include "agent/cli/terminal.h"
#include "agent/cli/terminal_input.h"
#include "agent/pods/pod_owner.h"
#include "base/error.h"
#include "base/synchronized.h"
#include "base/unique_fd.h"
#include "cri-proto/local_runtime.h"

namespace agent::cli {

// The terminal is in raw mode while a run of the container is joined, and as it was before at all other times: between
// two runs, and once the object has gone. What a run writes is shown without a prefix and from its first byte; a
// terminal that is slower than the container holds nobody up, and gets from the log what it missed. All work is done by
// the thread "terminal"; the public functions may be called from any thread.
class AttachedTerminal {
 public:
  // Called on the thread "terminal".
  struct Hooks {
    std::function<void()> detach;       // the detach keys (Ctrl-P Ctrl-Q) were typed; nothing is joined from then on
    std::function<void()> reader_gone;  // standard output takes nothing any more
  };
  // block_size_changes() has been called. The runtime outlives the object.
  static base::Result<std::unique_ptr<AttachedTerminal>> start(cri::LocalRuntime& runtime, Hooks hooks);
  ~AttachedTerminal();
  AttachedTerminal(const AttachedTerminal&) = delete;
  AttachedTerminal& operator=(const AttachedTerminal&) = delete;

  // Joins a run that has been started; the one before it has ended.
  void show(const pods::ContainerLog& run);
  // The container has ended: returns when all that it wrote has been shown.
  void drain();

 private:
  enum class Over { kOutput, kDetached, kStopped };  // why copying ended
  struct State {
    std::optional<pods::ContainerLog> next;
    bool draining = false;
    bool stop = false;
  };

  AttachedTerminal(cri::LocalRuntime& runtime, Hooks hooks, SizeChanges resized, base::UniqueFd wake)
      : runtime_(runtime), hooks_(std::move(hooks)), resized_(std::move(resized)), wake_(std::move(wake)) {}
  void work();
  base::Status join(const pods::ContainerLog& run);
  base::Result<Over> copy(const std::string& container, int input, int output);
  base::Result<std::optional<Over>> step(const std::string& container, int input, int output);
  void resize(const std::string& container, const TerminalSize& size);

  cri::LocalRuntime& runtime_;
  const Hooks hooks_;
  base::Synchronized<State> state_;
  std::condition_variable changed_;

  // The thread's own.
  SizeChanges resized_;
  TerminalInput input_{TerminalInput::DetachKeys::kCtrlPCtrlQ};
  std::optional<JoinedOutput> shown_;  // of the latest run
  bool let_go_ = false;                // detached, or nobody reads

  const base::UniqueFd wake_;  // eventfd: the object is to go
  std::thread thread_;
};

}  // namespace agent::cli
