// ShimClient: the agent's end of the shim's socket (protocol.h).
//
// Owns one event connection and a small pool of request connections. All calls block until answered or until their
// deadline, and may be made from any number of threads at once: each call uses a connection of its own, so a slow
// start() never holds up a kill(). next_event() and event_fd() belong to one thread (the runtime's event thread, whose
// epoll watches the event_fd of every shim). Destroying a client only disconnects: the shim and its containers live on.
//
// Errors: kUnavailable means that the shim is gone or cannot be reached; kDeadlineExceeded that no answer came in time
// (the request may still be carried out); anything else is the shim's own answer.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/spawn.h"
#include "base/synchronized.h"
#include "base/unique_fd.h"
#include "runtime/shim/protocol.h"

namespace runtime::shim {

inline constexpr std::chrono::milliseconds kCallDeadline{10'000};

// nodeagent-shim, opened once for any number of starts; all are of the program that was there then. It lies on a
// read-only mount of its own: a container that gets hold of /proc/PID/exe of a shim cannot write to it (CVE-2019-5736),
// and all shims still share one copy in memory.
class ShimProgram {
 public:
  static base::Result<ShimProgram> open(const std::string& path);
  int fd() const { return mount_.get(); }

 private:
  explicit ShimProgram(base::UniqueFd mount) : mount_(std::move(mount)) {}
  base::UniqueFd mount_;
};

struct ShimOptions {
  int program = -1;        // of ShimProgram
  std::string state_dir;   // the sandbox's folder; shim.sock is made in it
  std::string sandbox_id;  // shown in the command line
  std::string hostname;    // set in the new UTS namespace; ignored with host_uts
  bool host_network = false;
  bool host_ipc = false;
  bool host_uts = false;
  bool shared_pid = false;                     // a tiny pid 1 for the pod's containers: ShimInfo::sandbox_init_pid
  std::map<std::string, std::string> sysctls;  // file below /proc/sys -> value, of namespaces of the pod's own
  int cgroup = -1;                             // directory descriptor of the cgroup the shim lives in; -1: the caller's
};

struct ShimInfo {
  uint16_t version = 0;
  pid_t pid = 0;  // its net, ipc and uts namespaces are the pod's: /proc/<pid>/ns/net
  uint64_t process_start_time = 0;
  pid_t sandbox_init_pid = 0;
  int oom_score_adj = 0;
  int oom_score_adj_wanted = 0;  // differs where the kernel did not allow it
};

struct StartRequest {
  std::string container_id;
  std::string config_json;  // oci::encode(spec)
  int exit_record = -1;     // from create_exit_record
  int cgroup = -1;          // directory descriptor of the container's cgroup
  std::vector<int> mounts;  // detached mount descriptors, the k-th for the k-th bind mount of the config
  // What the shim itself must know; each must agree with config_json.
  bool terminal = false;
  bool open_stdin = false;
  bool stdin_once = false;
  std::string log_path;  // empty: output is discarded once read
  uint32_t max_line_bytes = 16384;
  bool new_pid_namespace = true;
  std::string pid_namespace;         // with !new_pid_namespace: path of the pod's shared one; empty: the host's
  bool kill_cgroup_at_exit = false;  // true where the pid namespace is shared (pod, TARGET, host)
};

struct Started {
  pid_t pid = 0;
  uint64_t process_start_time = 0;
  int64_t started_at_ns = 0;  // CLOCK_REALTIME
};

struct ExecRequest {
  std::string container_id;
  std::string exec_id;       // unique among the container's execs that are not acknowledged
  std::string process_json;  // oci::encode(process)
  std::string seccomp_filter;
  bool terminal = false;
  // Without a terminal; -1: /dev/null. Duplicated: the caller keeps (and closes) its own.
  int in = -1;
  int out = -1;
  int err = -1;
};

struct ExecStarted {
  pid_t pid = 0;
  base::UniqueFd terminal;  // the master side, with ExecRequest::terminal; resize it with TIOCSWINSZ
};

// A container (exec_id empty) or an exec has ended, and all of its output is in its log.
struct ExitEvent {
  std::string container_id;
  std::string exec_id;
  int exit_code = 0;    // exit status, or 128 + signal
  int exit_signal = 0;  // the signal that ended it, else 0
  int64_t started_at_ns = 0;
  int64_t finished_at_ns = 0;
  uint32_t oom_kills = 0;  // of a container: oom_kills.h
};

struct ProcessInfo {
  std::string container_id;
  std::string exec_id;
  ProcessState state = ProcessState::kUnknown;
  pid_t pid = 0;
  uint64_t process_start_time = 0;
  int64_t started_at_ns = 0;
  int64_t finished_at_ns = 0;
  int exit_code = 0;
  int exit_signal = 0;
  bool acknowledged = false;
  uint64_t log_lines_dropped = 0;
};

// Why a start failed; base::Error carries the text and errno, this the exit status a shell would give.
struct StartFailure {
  Step step = Step::kNone;
  int exit_code = 128;  // 127: no such program; 126: not executable; 128: anything else
};

class StartingShim;

struct Attached {
  // Where wanted, the writing end of the container's stdin (with a terminal: its master, non-blocking; write only).
  base::UniqueFd input;
  // What the log file holds comes before the first byte of the copies. A line that is not complete yet is in them, from
  // its beginning. 0 as well from a shim that does not tell.
  uint64_t log_bytes = 0;
};

class ShimClient {
 public:
  using Wait = std::chrono::milliseconds;

  // Starts a shim and returns once its namespaces are ready.
  static base::Result<ShimClient> spawn(const ShimOptions& options, Wait deadline = kCallDeadline);
  // Starts a shim and returns at once, so that the caller can go on while it makes the namespaces.
  static base::Result<StartingShim> begin(const ShimOptions& options);
  // kUnavailable when no shim listens there (it was killed, or never was).
  static base::Result<ShimClient> connect(const std::string& state_dir, Wait deadline = kCallDeadline);

  // Another connection to the same shim, whose unacknowledged exits come again. kUnavailable as with connect().
  base::Result<ShimClient> reconnect(Wait deadline) const;

  ShimClient(ShimClient&&) noexcept = default;
  ShimClient& operator=(ShimClient&&) noexcept = default;
  ~ShimClient() = default;

  const ShimInfo& info() const { return info_; }

  // Readable when next_event() has something to say; stays readable when the shim has gone.
  int event_fd() const { return events_.get(); }
  // Never blocks; nullopt: nothing more at the moment. kUnavailable: the shim has closed the connection; connect()
  // again, and if that fails too the shim is gone.
  base::Result<std::optional<ExitEvent>> next_event();

  // Returns after a successful execve. A failure is the real reason; `failure`, if given, says at which step.
  base::Result<Started> start(const StartRequest& request, StartFailure* failure = nullptr,
                              Wait deadline = kCallDeadline);
  // kNotFound: no such container, or it has ended.
  base::Status kill(const std::string& container_id, int signal);
  // SIGKILL to every process in the container's cgroup (cgroup.kill).
  base::Status kill_all(const std::string& container_id);
  base::Result<ExecStarted> exec(const ExecRequest& request, StartFailure* failure = nullptr,
                                 Wait deadline = kCallDeadline);
  base::Status kill_exec(const std::string& container_id, const std::string& exec_id, int signal);
  base::Status resize(const std::string& container_id, unsigned columns, unsigned rows);

  // Copies the container's output to the descriptors (-1: not wanted), which become non-blocking and are closed by the
  // shim when the container has ended; a client more than its pipe's capacity behind is cut off. With a terminal
  // everything goes to `out`.
  base::Result<Attached> attach(const std::string& container_id, int out, int err, bool want_stdin);
  base::Status close_stdin(const std::string& container_id);
  base::Status reopen_log(const std::string& container_id);
  base::Result<std::vector<ProcessInfo>> state();
  // The exit is known and stored: the shim need not say it again. Nothing to do for an exec: its end is told once.
  base::Status ack_exit(const std::string& container_id, const std::string& exec_id = "");
  // Drops what the shim knows of an ended container. kFailedPrecondition while it runs.
  base::Status forget(const std::string& container_id);
  // Ends the shim. kFailedPrecondition while anything runs.
  base::Status shutdown();

 private:
  friend class StartingShim;
  struct Answer {
    Frame frame;
    std::vector<base::UniqueFd> descriptors;
  };
  ShimClient() = default;
  static base::Result<ShimClient> connect_in(base::UniqueFd state_dir, Wait deadline);
  base::Result<base::UniqueFd> open_connection(uint32_t flags, Wait deadline, ShimInfo* info) const;
  // The shim's answer, an error of its own included in it; an error here means that there is none.
  base::Result<Answer> exchange(const Frame& request, std::span<const int> descriptors, Wait deadline);
  // As exchange, but the shim's error is the result's.
  base::Result<Answer> call(const Frame& request, std::span<const int> descriptors = {}, Wait deadline = kCallDeadline,
                            StartFailure* failure = nullptr);
  base::Status simple_call(MessageType type, const std::string& container_id, const std::string& exec_id = "",
                           int signal = 0, uint32_t flags = 0);

  base::UniqueFd state_dir_;
  ShimInfo info_;
  base::UniqueFd events_;
  std::unique_ptr<base::Synchronized<std::vector<base::UniqueFd>>> idle_ =
      std::make_unique<base::Synchronized<std::vector<base::UniqueFd>>>();  // request connections not in use
};

// A shim between begin() and finish(). Letting go of it does not end the shim: that is done by its cgroup.
class StartingShim {
 public:
  // Waits until its namespaces are ready; the shim's own reason where it could not make them.
  base::Result<ShimClient> finish(ShimClient::Wait deadline = kCallDeadline) &&;

 private:
  friend class ShimClient;
  StartingShim(std::string sandbox_id, base::UniqueFd state_dir, base::Child starter)
      : sandbox_id_(std::move(sandbox_id)), state_dir_(std::move(state_dir)), starter_(std::move(starter)) {}
  std::string sandbox_id_;
  base::UniqueFd state_dir_;
  base::Child starter_;  // the shim's parent for a moment
};

}  // namespace runtime::shim
