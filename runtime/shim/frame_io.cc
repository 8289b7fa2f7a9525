#include "runtime/shim/frame_io.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

#include "base/file.h"
#include "base/sys.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;

static_assert(offsetof(Frame, flags) + sizeof(Frame::flags) == kMinFrameBytes);

namespace {

// Room for the ancillary data of one frame, aligned as cmsg(3) asks.
union ControlBuffer {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(kMaxFrameDescriptors * sizeof(int))];
};

std::vector<UniqueFd> take_descriptors(struct msghdr& message) {
  std::vector<UniqueFd> descriptors;
  for (struct cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

}  // namespace

Status send_frame(int socket, const Frame& frame, std::span<const int> descriptors) {
  if (descriptors.size() > kMaxFrameDescriptors) {
    return fail(Code::kResourceExhausted, descriptors.size(), " descriptors in one frame; at most ",
                kMaxFrameDescriptors, " fit");
  }
  struct iovec data{const_cast<Frame*>(&frame), sizeof(frame)};
  struct msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  ControlBuffer control;
  if (!descriptors.empty()) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    struct cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return fail_errno(errno, "send a frame");
  return {};
}

Result<std::optional<Received>> receive_frame(int socket) {
  Received received;
  struct iovec data{&received.frame, sizeof(received.frame)};
  struct msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  ControlBuffer control;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return std::nullopt;
  if (got < 0 && errno != ECONNRESET) return fail_errno(errno, "receive a frame");
  // Only where something came has the kernel said what the control buffer holds.
  if (got > 0) received.descriptors = take_descriptors(message);
  if (got <= 0) return fail(Code::kUnavailable, "the other end has closed the connection");
  if (static_cast<size_t>(got) < kMinFrameBytes || received.frame.magic != kFrameMagic) {
    return fail(Code::kInvalidArgument, "received ", got, " bytes that are not a frame");
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    return fail(Code::kInvalidArgument, "received more descriptors than a frame may carry");
  }
  // What the peer did not send keeps its zero; recvmsg wrote nothing there. The texts are closed whatever was sent.
  received.frame.container_id[kIdBytes - 1] = '\0';
  received.frame.exec_id[kIdBytes - 1] = '\0';
  received.frame.detail[kDetailBytes - 1] = '\0';
  return received;
}

// The numbers of the gRPC status codes, in the order of base::Code.
static constexpr std::array<uint32_t, 13> kWireCodes{3, 5, 6, 7, 9, 8, 12, 14, 4, 1, 10, 15, 13};
static_assert(static_cast<size_t>(Code::kInternal) + 1 == kWireCodes.size());
static_assert(static_cast<size_t>(Code::kFailedPrecondition) == 4 && static_cast<size_t>(Code::kUnavailable) == 7 &&
              static_cast<size_t>(Code::kAborted) == 10);

uint32_t code_to_wire(Code code) { return kWireCodes[static_cast<size_t>(code)]; }

Code code_from_wire(uint32_t code) {
  const auto* const found = std::find(kWireCodes.begin(), kWireCodes.end(), code);
  return found == kWireCodes.end() ? Code::kInternal : static_cast<Code>(found - kWireCodes.begin());
}

void put_text(std::span<char> field, std::string_view text) {
  const size_t length = std::min(text.size(), field.size() - 1);
  std::memcpy(field.data(), text.data(), length);
  std::memset(field.data() + length, 0, field.size() - length);
}

std::string_view text_of(std::span<const char> field) { return {field.data(), ::strnlen(field.data(), field.size())}; }

Result<UniqueFd> sealed_memfd(const char* name, std::string_view bytes) {
  UniqueFd fd = TRY(base::sys::memfd(name, true));
  TRY(base::sys::write_all(fd.get(), bytes), "fill memfd ", name);
  TRY(base::sys::seal(fd.get()));
  // The receiver shares our file offset.
  if (::lseek(fd.get(), 0, SEEK_SET) < 0) return fail_errno(errno, "rewind memfd ", name);
  return fd;
}

uint64_t process_start_time(int pid) {
  const Result<std::string> stat = base::read_file(base::concat("/proc/", pid, "/stat"), 4096);
  if (!stat) return 0;
  // The second field is a name in parentheses that may hold anything; the fields after the last one are plain.
  size_t at = stat->rfind(')');
  if (at == std::string::npos) return 0;
  for (int field = 2; field < 22; ++field) {
    at = stat->find(' ', at + 1);
    if (at == std::string::npos) return 0;
  }
  uint64_t ticks = 0;
  std::from_chars(stat->data() + at + 1, stat->data() + stat->size(), ticks);
  return ticks;
}

std::string_view step_name(Step step) {
  static constexpr std::array<std::string_view, 26> kNames{"",
                                                           "clone",
                                                           "decode",
                                                           "cgroup namespace",
                                                           "propagation",
                                                           "root file system",
                                                           "mounts",
                                                           "devices",
                                                           "console",
                                                           "sysctl",
                                                           "masked paths",
                                                           "read-only paths",
                                                           "read-only root",
                                                           "pivot_root",
                                                           "resource limits",
                                                           "oom score",
                                                           "working directory",
                                                           "identity",
                                                           "capabilities",
                                                           "seccomp",
                                                           "standard streams",
                                                           "execute",
                                                           "join namespaces",
                                                           "log",
                                                           "security label",
                                                           "keyring"};
  const auto index = static_cast<size_t>(step);
  return index < kNames.size() ? kNames[index] : "unknown step";
}

}  // namespace runtime::shim
