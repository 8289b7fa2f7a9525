// The words of a profile that are libseccomp's: actions, comparisons, architectures; and the errors that name a
// property of it. Private to runtime/security.
#pragma once

#include <seccomp.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace runtime::security {

// "syscalls[3].action: …"
template <typename... Pieces>
std::unexpected<base::Error> wrong(const std::string& property, const Pieces&... pieces) {
  return base::fail(base::Code::kInvalidArgument, property, ": ", base::concat(pieces...));
}
template <typename... Pieces>
std::unexpected<base::Error> beyond_us(const std::string& property, const Pieces&... pieces) {
  return base::fail(base::Code::kUnimplemented, property, ": ", base::concat(pieces...));
}

// libseccomp's value of a word; kInvalidArgument, naming the property, for an unknown one.
// error: what the action returns, EPERM when nothing is said; an error for those that return nothing.
base::Result<uint32_t> seccomp_action(const std::string& name, const std::optional<uint32_t>& error,
                                      const std::string& property, const std::string& error_property);
base::Result<scmp_compare> seccomp_comparison(const std::string& name, const std::string& property);
// 0 for one of other machines: none of its calls is ever made here.
base::Result<uint32_t> seccomp_architecture(const std::string& name, const std::string& property);

}  // namespace runtime::security
