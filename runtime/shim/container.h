// Container and Exec: what the shim knows of each, from start to forget.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "runtime/shim/child.h"
#include "runtime/shim/child_process.h"
#include "runtime/shim/exit_record.h"
#include "runtime/shim/frame_io.h"
#include "runtime/shim/output.h"
#include "runtime/shim/shared_init.h"

namespace runtime::shim {

// Who waits for an answer; the client may have gone by the time there is one.
struct Requester {
  uint64_t client = 0;
  uint64_t request_id = 0;
};

// What containers need of the shim around them.
class Host {
 public:
  virtual ~Host() = default;
  virtual void reply(const Requester& to, Frame frame, std::span<const int> descriptors) = 0;
  // To every client that subscribed.
  virtual void announce(const Frame& exited) = 0;
  virtual Loop& loop() = 0;
  virtual std::span<char> read_buffer() = 0;
  virtual int inherited_oom_score() const = 0;
  // nullptr: the pod has no shared pid namespace, or its first process has ended.
  virtual const SharedPid* shared_pid() const = 0;
};

class Container;

// A process that joined a container. Its streams are the client's, so its end is announced as soon as it is known.
class Exec final : public ChildOwner {
 public:
  Exec(Host& host, Container& container, std::string id)
      : host_(host), container_(container), id_(std::move(id)), process_(host.loop(), *this) {}

  base::Status start(std::span<const base::UniqueFd> descriptors, bool terminal, const Requester& requester);

  const std::string& id() const { return id_; }
  const ChildProcess& process() const { return process_; }
  base::Status signal(int signal) { return process_.signal(signal); }
  bool failed() const { return failed_; }
  // It never started, or its end has been announced.
  bool over() const { return failed_ || process_.state() == ProcessState::kExited; }
  Frame exit_frame() const;
  StateEntry state_entry() const;

  void child_console(base::UniqueFd master) override { terminal_ = std::move(master); }
  void child_started() override;
  void child_failed(const ChildReport& why) override;
  void child_exited(const base::sys::Exit& exit) override;

 private:
  Host& host_;
  Container& container_;
  std::string id_;
  ChildProcess process_;
  Requester requester_;
  base::UniqueFd terminal_;  // only until it has been handed to the client
  bool failed_ = false;
};

class Container final : public ChildOwner, public OutputOwner {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Container(Host& host, std::string id) : host_(host), id_(std::move(id)), process_(host.loop(), *this) {}

  // Clones the main process; the answer goes to the requester once it has executed or failed.
  base::Status start(std::vector<base::UniqueFd> descriptors, const Requester& requester);

  base::Status signal(int signal) { return process_.signal(signal); }
  base::Status kill_cgroup() const;
  base::Status resize(unsigned columns, unsigned rows) const;
  // Takes the clients' descriptors; the result is the writing end of stdin, if wanted.
  base::Result<base::UniqueFd> attach(base::UniqueFd out, base::UniqueFd err, bool want_stdin);
  uint64_t log_bytes() const { return output_->log_bytes(); }
  base::Status close_stdin();
  base::Status reopen_log();

  base::Status start_exec(const std::string& exec_id, std::span<const base::UniqueFd> descriptors, bool terminal,
                          const Requester& requester);
  Exec* find_exec(std::string_view exec_id);

  void acknowledge() { acknowledged_ = true; }
  base::Status acknowledge_exec(std::string_view exec_id);
  // Drops execs that never started, and those whose end has been announced: an exec is its client's, and no later agent
  // asks for it. True when the container itself never did, and is to be dropped too.
  bool sweep();

  const std::string& id() const { return id_; }
  const ChildProcess& process() const { return process_; }
  int cgroup() const { return cgroup_.get(); }
  // The main process or an exec still runs, or output is still being drained.
  bool busy() const;
  // Its end, when it has been announced and no agent has acknowledged it; else nullopt.
  std::optional<Frame> unacknowledged_exit() const;
  void append_state(std::string& entries, uint32_t& count) const;
  void trim() {
    if (output_) output_->trim();
  }
  // Ends the wait for output whose writers are not ours to end.
  std::optional<Time> drain_deadline() const { return drain_deadline_; }
  void drain_deadline_passed();

  void child_console(base::UniqueFd master) override;
  void child_started() override;
  void child_failed(const ChildReport& why) override;
  void child_exited(const base::sys::Exit& exit) override;
  void output_ended() override;

 private:
  struct Pipes;
  base::Status open_streams(const Settings& settings, Pipes& pipes);
  void record(Outcome outcome, const ChildReport* why);
  void finish();
  Frame exit_frame() const;

  Host& host_;
  std::string id_;
  ChildProcess process_;
  Requester requester_;
  base::UniqueFd record_;
  base::UniqueFd cgroup_;
  base::UniqueFd stdin_;     // the writing end, while it is to stay open
  base::UniqueFd terminal_;  // the master, for resizing and input
  std::unique_ptr<Output> output_;
  std::vector<std::unique_ptr<Exec>> execs_;
  uint32_t flags_ = 0;      // SettingsFlag
  uint32_t oom_kills_ = 0;  // when the main process had ended
  bool failed_ = false;     // never started
  bool announced_ = false;  // its end, with all of its output in the log
  bool acknowledged_ = false;
  std::optional<Time> drain_deadline_;
};

// clone3 into the cgroup.
struct Cloned {
  pid_t pid = 0;  // 0 in the child
  base::UniqueFd pidfd;
};
base::Result<Cloned> clone_child(int cgroup, uint64_t flags);

// Reads a settings memfd of any version; texts are closed.
base::Result<std::unique_ptr<Settings>> read_settings(int memfd);

// The answer that tells why a start failed.
Frame failure_frame(const ChildReport& why);

}  // namespace runtime::shim
