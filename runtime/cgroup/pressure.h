// PressureTrigger: the kernel tells when processes of a cgroup wait too long for a resource
// (PSI: https://docs.kernel.org/accounting/psi.html). Nothing is polled in between.
#pragma once

#include <chrono>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/cgroup/cgroup.h"

namespace runtime::cgroup {

enum class Pressured { kCpu, kMemory, kIo };

struct Pressure {
  Pressured resource = Pressured::kMemory;
  bool full = false;                    // all processes wait at the same time; else: some do
  std::chrono::microseconds stalled{};  // waiting time in the window, from which on it is told
  std::chrono::microseconds window{};   // 500 ms to 10 s
};

class PressureTrigger {
 public:
  // kUnimplemented where the kernel has no PSI (psi=0, or not built in); kInvalidArgument for times it does not take.
  static base::Result<PressureTrigger> set(const Cgroup& cgroup, const Pressure& pressure);

  // Signals an exceptional condition (POLLPRI, EPOLLPRI), at most once a window; an error (POLLERR) when the cgroup has
  // gone. Closing it takes the trigger away.
  int fd() const { return fd_.get(); }

 private:
  explicit PressureTrigger(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace runtime::cgroup
