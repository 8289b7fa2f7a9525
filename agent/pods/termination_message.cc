#include "agent/pods/termination_message.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/pods/log_lines.h"
#include "agent/pods/naming.h"
#include "base/concat.h"
#include "base/sys.h"
#include "cri-proto/messages.h"

namespace agent::pods {

namespace {

namespace v1 = ::runtime::v1;

constexpr size_t kLongestMessage = 4096;  // bytes
constexpr size_t kLongestOfLog = 2048;    // bytes
constexpr uint64_t kMostLines = 80;
constexpr size_t kReadOfLog = 256UL << 10;  // more than 80 lines of the 2048 bytes have with what CRI adds to each

// The last bytes of the file.
base::Result<std::string> end_of(const std::string& path, size_t most) {
  const base::UniqueFd file = TRY(base::sys::open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  const struct stat info = TRY(base::sys::fstat(file.get()));
  if (!S_ISREG(info.st_mode)) return base::fail(base::Code::kInvalidArgument, path, " is not a regular file");
  const auto size = static_cast<size_t>(info.st_size);
  std::string text(std::min(size, most), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
  if (got < 0) return base::fail_errno(errno, "read ", path);
  text.resize(static_cast<size_t>(got));
  return text;
}

std::string end_of_log(const std::string& path) {
  const base::Result<std::string> read = end_of(path, kReadOfLog);
  if (!read) return base::concat("Error on reading termination message from logs: ", read.error().to_string());
  std::string text;
  LogDecoder decoder({}, [&](bool, std::string_view part) { text += part; });
  decoder.feed(std::string_view(*read).substr(tail_offset(*read, kMostLines)));
  return text.substr(text.size() - std::min(text.size(), kLongestOfLog));
}

std::string annotation(const v1::ContainerStatus& status, const char* key) {
  const auto found = status.annotations().find(key);
  return found == status.annotations().end() ? std::string() : found->second;
}

}  // namespace

std::string termination_message(const v1::ContainerStatus& status) {
  const std::string path = annotation(status, kMessagePathAnnotation);
  const auto mount =
      std::ranges::find(status.mounts(), path, [](const v1::Mount& each) { return each.container_path(); });
  if (!path.empty() && mount != status.mounts().end()) {
    const base::Result<std::string> text = end_of(mount->host_path(), kLongestMessage);
    if (text && !text->empty()) return *text;
    if (!text && text.error().code() != base::Code::kNotFound) {
      return base::concat("Error on reading termination log ", mount->host_path(), ": ", text.error().to_string());
    }
  }
  const bool from_log = annotation(status, kMessagePolicyAnnotation) == "FallbackToLogsOnError" &&
                        status.exit_code() != 0 && status.reason() != "StartError";
  return from_log ? end_of_log(status.log_path()) : std::string();
}

}  // namespace agent::pods
