// Steps: the flat list of what a cloned child does up to its execve. The first step that fails is reported to the shim
// and ends the process.
#pragma once

#include <utility>

#include "base/error.h"
#include "runtime/shim/child_report.h"

namespace runtime::shim {

class Steps {
 public:
  explicit Steps(int report) : report_(report) {}
  void run(Step step, const base::Status& status) const {
    if (!status) fail_child(report_, {step, kStartErrorStatus, status.error()});
  }
  template <typename T>
  T take(Step step, base::Result<T> result) const {
    if (!result) fail_child(report_, {step, kStartErrorStatus, std::move(result).error()});
    return *std::move(result);
  }

 private:
  static constexpr int kStartErrorStatus = 128;
  int report_;
};

}  // namespace runtime::shim
