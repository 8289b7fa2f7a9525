#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace base {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "InvalidArgument";
    case Code::kNotFound:
      return "NotFound";
    case Code::kAlreadyExists:
      return "AlreadyExists";
    case Code::kPermissionDenied:
      return "PermissionDenied";
    case Code::kFailedPrecondition:
      return "FailedPrecondition";
    case Code::kResourceExhausted:
      return "ResourceExhausted";
    case Code::kUnimplemented:
      return "Unimplemented";
    case Code::kUnavailable:
      return "Unavailable";
    case Code::kDeadlineExceeded:
      return "DeadlineExceeded";
    case Code::kCancelled:
      return "Cancelled";
    case Code::kAborted:
      return "Aborted";
    case Code::kDataLoss:
      return "DataLoss";
    case Code::kInternal:
      return "Internal";
  }
  return "Unknown";
}

Error& Error::add_context(std::string attempted) & {
  context_.push_back(std::move(attempted));
  return *this;
}

Error& Error::add_also(Error other) & {
  also_.push_back(std::move(other));
  return *this;
}

Error& Error::set_code(Code code) & {
  code_ = code;
  return *this;
}

std::string Error::to_string() const {
  std::string out;
  for (size_t i = context_.size(); i > 0; --i) {
    out += context_[i - 1];
    out += ": ";
  }
  out += message_;
  for (const Error& other : also_) {
    out += " (also: ";
    out += other.to_string();
    out += ")";
  }
  return out;
}

namespace {

Code code_of_errno(int os_errno) {
  switch (os_errno) {
    case ENOENT:
    case ESRCH:
    case ENODEV:
    case ENXIO:
      return Code::kNotFound;
    case EEXIST:
      return Code::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermissionDenied;
    case EINVAL:
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case EXDEV:
      return Code::kInvalidArgument;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EFBIG:
      return Code::kResourceExhausted;
    case ENOSYS:
    case EOPNOTSUPP:
      return Code::kUnimplemented;
    case EAGAIN:
    case EBUSY:
    case ECONNREFUSED:
      return Code::kUnavailable;
    case ETIMEDOUT:
      return Code::kDeadlineExceeded;
    case ECANCELED:
      return Code::kCancelled;
    default:
      return Code::kInternal;
  }
}

}  // namespace

Error errno_error(int os_errno, std::string attempted) {
  // strerrordesc_np: thread-safe and never translated.
  const char* description = ::strerrordesc_np(os_errno);
  Error error(code_of_errno(os_errno), description != nullptr ? description : concat("errno ", os_errno), os_errno);
  error.add_context(std::move(attempted));
  return error;
}

}  // namespace base
