// Instance: a nodeagent of its own in a temporary folder, used as a user does: by its command line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/spawn.h"

namespace cli_test {

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

class Instance {
 public:
  // With an image "test:1" in its store: busybox-static with its applets linked.
  explicit Instance(std::string cgroup_driver = "auto");
  // Removes every pod that is left, and the folder.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // nodeagent with this instance's flags and these words; fails the test when it takes longer than a minute.
  Ran nodeagent(const std::vector<std::string>& words, const std::string& input = "") const;
  // The same with a file as its standard input, output and error; what it wrote is in `out`.
  Ran nodeagent_into_file(const std::vector<std::string>& words) const;
  // Starts it and leaves it running, its output in files: <folder>/<name>.out and .err.
  base::Child start(const std::string& name, const std::vector<std::string>& words) const;
  std::string output_of(const std::string& name) const;

  const std::string& folder() const { return folder_; }
  const std::string& name() const { return name_; }  // --instance
  // What is left of pods and jobs: names below <state>/sandboxes, <state>/pods and <state>/jobs.
  std::vector<std::string> leftovers() const;
  // All that is left when no pod is: mounts, processes, cgroups, the bridge, files of pods, records and locks.
  std::string leaks() const;
  // What `ps -o json` says of the pod; "null" when it is not listed.
  std::string listed(const std::string& pod) const;
  // The program with this instance's flags: for running it by way of another one.
  std::vector<std::string> command(const std::vector<std::string>& words) const;

 private:
  const std::string cgroup_driver_;
  std::string folder_;
  std::string name_;
};

// A pod on the host's network whose container "main" runs the shell script; more: further lines of its spec.
std::string pod_of(const std::string& name, const std::string& script, const std::string& more = "");

// What a user error is: one line, ended.
bool is_one_line(const std::string& text);

// True as soon as the condition holds, false when it does not within half a minute.
bool eventually(const std::function<bool()>& condition);

}  // namespace cli_test
