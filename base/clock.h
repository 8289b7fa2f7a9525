// Clock: time is handed in, so that tests decide what time it is.
#pragma once

#include <chrono>
#include <string>

#include "base/error.h"

namespace base {

using Monotonic = std::chrono::steady_clock::time_point;  // CLOCK_MONOTONIC
using WallTime = std::chrono::system_clock::time_point;   // CLOCK_REALTIME, UTC

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Monotonic now() const = 0;
  virtual WallTime wall() const = 0;
};

// The kernel's clocks. One instance for the whole process.
const Clock& system_clock();

// Names the time since the machine was started: another one after each reboot.
Result<std::string> boot_id();

// "2026-11-22T09:50:16Z", the form of metav1.Time (RFC 3339, UTC, whole seconds).
std::string rfc3339(WallTime time);
// "2026-11-22T09:50:16.123456789Z", the form of metav1.MicroTime's big brother in CRI logs (always nine digits).
std::string rfc3339_nano(WallTime time);

}  // namespace base
