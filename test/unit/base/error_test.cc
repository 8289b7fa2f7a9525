#include "base/error.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <limits>
#include <memory>

#include "base/concat.h"
#include "base/strong.h"

using base::Code;
using base::Error;
using base::Result;
using base::Status;

namespace {

Status mount_it() { return base::fail_errno(ENOSPC, "mount ", "/data"); }

Status start_container() {
  TRY(mount_it(), "start container ", "web");
  return {};
}

Result<int> number(bool good) {
  if (!good) return base::fail(Code::kInvalidArgument, "not a number: ", "x");
  return 7;
}

Result<std::string> doubled(bool good) {
  const int value = TRY(number(good), "double it, attempt ", 2);
  return base::concat(value * 2);
}

Result<std::unique_ptr<int>> owned() { return std::make_unique<int>(3); }
Result<int> takes_ownership() {
  const std::unique_ptr<int> value = TRY(owned());
  return *value;
}

}  // namespace

TEST_CASE("an error reads as the chain of what was attempted, outermost first") {
  const Status status = start_container();
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().to_string() == "start container web: mount /data: No space left on device");
  CHECK(status.error().code() == Code::kResourceExhausted);
  CHECK(status.error().os_errno() == ENOSPC);
  CHECK(status.error().message() == "No space left on device");
}

TEST_CASE("TRY gives the value or returns the error from the function") {
  CHECK(doubled(true).value() == "14");
  const Result<std::string> failed = doubled(false);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().to_string() == "double it, attempt 2: not a number: x");
  CHECK(failed.error().code() == Code::kInvalidArgument);
  CHECK(failed.error().os_errno() == 0);
  CHECK(takes_ownership().value() == 3);
}

TEST_CASE("a failed clean-up is told beside the cause, never instead of it") {
  Error cause(Code::kNotFound, "no image");
  cause.add_context("create container web");
  Error cleanup = base::errno_error(EBUSY, "unmount /x");
  cause.add_also(std::move(cleanup));
  cause.add_also(Error(Code::kInternal, "lost"));
  CHECK(cause.to_string() == "create container web: no image (also: unmount /x: Device or resource busy) (also: lost)");
  CHECK(cause.code() == Code::kNotFound);
  cause.set_code(Code::kUnavailable);
  CHECK(cause.code() == Code::kUnavailable);
}

TEST_CASE("errno values become the codes callers branch on") {
  const auto code = [](int os_errno) { return base::errno_error(os_errno, "x").code(); };
  CHECK(code(ENOENT) == Code::kNotFound);
  CHECK(code(ESRCH) == Code::kNotFound);
  CHECK(code(EEXIST) == Code::kAlreadyExists);
  CHECK(code(EACCES) == Code::kPermissionDenied);
  CHECK(code(EPERM) == Code::kPermissionDenied);
  CHECK(code(EINVAL) == Code::kInvalidArgument);
  CHECK(code(ENOSPC) == Code::kResourceExhausted);
  CHECK(code(EMFILE) == Code::kResourceExhausted);
  CHECK(code(ENOSYS) == Code::kUnimplemented);
  CHECK(code(EBUSY) == Code::kUnavailable);
  CHECK(code(ETIMEDOUT) == Code::kDeadlineExceeded);
  CHECK(code(EIO) == Code::kInternal);
  CHECK(base::errno_error(9999, "x").to_string() == "x: errno 9999");
}

TEST_CASE("codes have gRPC's names") {
  CHECK(base::code_name(Code::kNotFound) == "NotFound");
  CHECK(base::code_name(Code::kFailedPrecondition) == "FailedPrecondition");
}

TEST_CASE("concat joins text, integers, characters and booleans") {
  const std::string text = "text";
  CHECK(base::concat(text, " ", std::string_view("view"), '/', 42, ' ', -1L, ' ', true, ' ', false, ' ',
                     uint64_t{18446744073709551615U}) == "text view/42 -1 true false 18446744073709551615");
  CHECK(base::concat(std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
  CHECK(base::concat() == "");
  CHECK(base::concat("", std::string()).empty());
  CHECK(base::concat(std::string("a\0b", 3)).size() == 3);
}

TEST_CASE("strong types of one representation compare and hash by value") {
  CHECK(base::Bytes(5) < base::Bytes(6));
  CHECK(base::PodUid("a") == base::PodUid("a"));
  CHECK(std::hash<base::PodUid>()(base::PodUid("a")) == std::hash<std::string>()("a"));
  STATIC_REQUIRE_FALSE(std::is_convertible_v<base::ContainerId, base::SandboxId>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<int64_t, base::Bytes>);
}
