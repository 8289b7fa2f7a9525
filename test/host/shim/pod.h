// Pod: one shim with its state folder, layers and cgroup, for a test; everything goes with it, however the test ends.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runtime/oci/spec.h"
#include "runtime/shim/client.h"
#include "runtime/shim/exit_record.h"
#include "test/unit/temp_dir.h"

namespace test {

// What a test varies of a container.
struct Wanted {
  std::vector<std::string> args;
  std::function<void(runtime::oci::Spec&)> change = [](runtime::oci::Spec&) {};
  bool terminal = false;
  bool open_stdin = false;
  bool stdin_once = false;
  bool new_pid_namespace = true;
  std::string pid_namespace;
  std::vector<std::string> binds;  // host paths, the k-th for the k-th bind mount
};

// An ended container.
struct Ended {
  runtime::shim::ExitEvent event;
  std::vector<std::string> lines;  // of the log, whole
  std::string out;                 // what it wrote on stdout, put together again
  std::string err;
};

class Pod {
 public:
  explicit Pod(std::function<void(runtime::shim::ShimOptions&)> change = [](runtime::shim::ShimOptions&) {});
  Pod(const Pod&) = delete;
  Pod& operator=(const Pod&) = delete;
  ~Pod();

  runtime::shim::ShimClient& client() { return *client_; }
  void disconnect() { client_.reset(); }
  base::Result<runtime::shim::ShimClient> connect() { return runtime::shim::ShimClient::connect(dir_ / "state"); }
  void reconnect();

  base::Result<runtime::shim::Started> start(const std::string& id, const Wanted& wanted,
                                             runtime::shim::StartFailure* failure = nullptr);
  // The next event; fails the test when none comes in time.
  runtime::shim::ExitEvent wait_event(std::chrono::milliseconds wait = std::chrono::seconds(20));
  Ended run(const std::string& id, const Wanted& wanted);
  // Of a process in a container, started without a terminal.
  runtime::oci::Process process(std::vector<std::string> args) const;

  std::string log_path(const std::string& id) const { return dir_ / ("logs/" + id + ".log"); }
  std::vector<std::string> log_lines(const std::string& id) const;
  // Waits until the container's log holds the text.
  bool wait_for_log(const std::string& id, const std::string& text) const;
  std::string record_path(const std::string& id) const { return dir_ / ("state/" + id + ".exit"); }
  std::string cgroup_path(const std::string& id) const { return cgroup_ + "/" + id; }
  std::string layer() const { return dir_ / "layers/base"; }
  const TempDir& dir() const { return dir_; }
  std::string upper(const std::string& id) const { return dir_ / ("rw/" + id + "/upper"); }

 private:
  TempDir dir_;
  std::string cgroup_;
  std::optional<runtime::shim::ShimClient> client_;
  pid_t shim_pid_ = 0;
};

// A compiled seccomp filter, in a file of the pod's: refuses these system calls with EXDEV, which nothing else answers
// to a mkdir(2) or clone(2), and lets the rest pass.
std::string write_filter(const Pod& pod, const std::vector<uint32_t>& calls);
std::vector<uint32_t> mkdir_calls();

// Puts the text of the stream's log lines together again.
std::string text_of(const std::vector<std::string>& lines, const std::string& stream);
// Waits for the end of a process that is not our child.
bool wait_gone(pid_t pid, std::chrono::milliseconds wait = std::chrono::seconds(20));
// Waits until no process is left in the cgroup.
bool wait_empty(const std::string& cgroup, std::chrono::milliseconds wait = std::chrono::seconds(5));
std::string slurp(const std::string& path);

}  // namespace test
