// spawn: the one way the agent starts a program. vfork-style (no copy of the agent's page tables, safe beside other
// threads), a pidfd for waiting, every descriptor not passed on purpose closed. Never fork().
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/sys.h"
#include "base/unique_fd.h"

namespace base {

// A started program. Unless released, its destruction kills and reaps it: early return is always safe. (A killed
// process that the kernel does not let go within 5 s, such as one stuck in a dead file system, is left unreaped.)
class Child {
 public:
  Child() = default;
  Child(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  Child(Child&&) noexcept = default;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  // Waits for its end and reaps it; kDeadlineExceeded when it still runs after `wait` (it goes on running).
  // kFailedPrecondition when it was already waited for or released.
  Result<sys::Exit> wait(std::chrono::milliseconds wait);
  Status signal(int signal);
  // Lets it live on without us; the pidfd goes to the caller, who may reap it.
  [[nodiscard]] UniqueFd release();

 private:
  void end();
  pid_t pid_ = -1;
  UniqueFd pidfd_;  // empty once reaped or released
};

struct SpawnOptions {
  std::vector<std::string> arguments;            // [0] is the program's path as well
  std::vector<std::string> environment;          // "NAME=value"; nothing is inherited
  std::string working_directory;                 // empty: the caller's
  std::vector<std::pair<int, int>> descriptors;  // {ours, the child's number}; 0-2 not named: /dev/null
  int cgroup = -1;                               // directory descriptor of the cgroup to start in
  bool new_session = false;                      // setsid(): a terminal's Ctrl-C does not reach it
};
// The child starts with no blocked or ignored signal. A program that cannot be executed is an error here (its errno),
// not a child that exits 127.
Result<Child> spawn(const SpawnOptions& options);

struct Output {
  sys::Exit exit;
  std::string out;
  std::string err;
  bool truncated = false;  // a stream was longer than max_bytes; the rest of it was read and dropped
};
// Runs a program to its end with `input` on stdin and keeps up to max_bytes of each stream. At the deadline the program
// (not what it started) is killed: kDeadlineExceeded. Output that a grandchild writes after the program's end is not
// waited for. options.descriptors may name 3 and above only.
Result<Output> run(SpawnOptions options, std::string_view input, std::chrono::milliseconds deadline,
                   size_t max_bytes = 1UL << 20);

}  // namespace base
