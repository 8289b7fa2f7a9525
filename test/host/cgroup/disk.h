// Disk: a block device of a test's own.
#pragma once

#include <cstdint>
#include <string>

namespace cgroup_test {

// A file in /tmp behind a loop device; both go with the object.
class Disk {
 public:
  explicit Disk(int64_t bytes);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  const std::string& device() const { return device_; }  // "/dev/loop0"
  std::string number() const;                            // "7:0"

 private:
  std::string file_;
  std::string device_;
};

}  // namespace cgroup_test
