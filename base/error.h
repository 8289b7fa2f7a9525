// Error and Result<T>: every failure in the project is a value (docs/architecture.md, "Errors").
//
// An Error says what failed, on what, and why; each caller that passes it on may add what it was itself attempting, so
// that what a user finally reads is the whole chain: "start container web: mount /data: No space left on device".
// Callers branch on code() or os_errno(), never on text.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/concat.h"

namespace base {

// What kind of failure it is, as far as a caller may want to act on it. The names and meanings are gRPC's status codes
// (https://grpc.io/docs/guides/status-codes/), so that the CRI server maps them one to one.
enum class Code {
  kInvalidArgument,  // the request itself is wrong; repeating it cannot help
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kFailedPrecondition,  // right request, wrong state
  kResourceExhausted,   // disk, memory, addresses, ids …
  kUnimplemented,       // this build, kernel or configuration cannot do it
  kUnavailable,         // may work later
  kDeadlineExceeded,
  kCancelled,
  kAborted,   // lost a race with a concurrent operation
  kDataLoss,  // stored data is damaged
  kInternal,
};

std::string_view code_name(Code code);  // "NotFound"

class Error {
 public:
  Error(Code code, std::string message, int os_errno = 0)
      : code_(code), os_errno_(os_errno), message_(std::move(message)) {}

  Code code() const { return code_; }
  // The errno of the system call that failed, or 0 where no system call did.
  int os_errno() const { return os_errno_; }
  // The innermost message, without the chain.
  const std::string& message() const { return message_; }

  // Adds what was being attempted, outermost last added.
  Error& add_context(std::string attempted) &;
  // Keeps a failure that came while cleaning up after this one; it never replaces the cause.
  Error& add_also(Error other) &;
  Error& set_code(Code code) &;

  // The whole chain on one line: "outer: inner: message (also: …)".
  std::string to_string() const;

 private:
  Code code_;
  int os_errno_;
  std::string message_;
  std::vector<std::string> context_;  // innermost first
  std::vector<Error> also_;
};

template <typename T = void>
using Result = std::expected<T, Error>;
using Status = Result<void>;

// An error to return: `return fail(Code::kNotFound, "no container ", id);`
template <typename... Pieces>
[[nodiscard]] std::unexpected<Error> fail(Code code, const Pieces&... pieces) {
  return std::unexpected(Error(code, concat(pieces...)));
}

// An error for a failed system call: its message is strerror's, its context what was attempted, its code what the
// errno amounts to (ENOENT: kNotFound, EACCES and EPERM: kPermissionDenied, ENOSPC, EDQUOT, EMFILE …:
// kResourceExhausted).
[[nodiscard]] Error errno_error(int os_errno, std::string attempted);
template <typename... Pieces>
[[nodiscard]] std::unexpected<Error> fail_errno(int os_errno, const Pieces&... pieces) {
  return std::unexpected(errno_error(os_errno, concat(pieces...)));
}

namespace internal {
inline std::unexpected<Error> propagate(Error&& error) { return std::unexpected(std::move(error)); }
inline std::unexpected<Error> propagate(Error&& error, std::string attempted) {
  error.add_context(std::move(attempted));
  return std::unexpected(std::move(error));
}
template <typename T>
T take(Result<T>&& result) {
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
}  // namespace internal

}  // namespace base

// TRY(expression, pieces…): the value of a Result, or return its error from the calling function, with what was being
// attempted (concat of the pieces) added to the chain.
//   UniqueFd fd = TRY(sys::open(path, O_RDONLY), "read the pod's file ", path);
#define TRY(expression, ...) TRY_NAMED_(BASE_JOIN_(try_result_, __COUNTER__), expression __VA_OPT__(, ) __VA_ARGS__)

// Each TRY names its own variable, so that one may stand inside another.
#define BASE_JOIN_(a, b) BASE_JOIN_NOW_(a, b)
#define BASE_JOIN_NOW_(a, b) a##b
#define TRY_NAMED_(name, expression, ...)                                                                    \
  ({                                                                                                         \
    auto&& name = (expression);                                                                              \
    if (!name.has_value()) [[unlikely]]                                                                      \
      return ::base::internal::propagate(std::move(name).error() __VA_OPT__(, ::base::concat(__VA_ARGS__))); \
    ::base::internal::take(std::move(name));                                                                 \
  })
