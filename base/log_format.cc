#include "base/log_format.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/sys.h"

namespace base::log {

namespace {

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// syslog(3) priorities.
int priority(Level level) {
  switch (level) {
    case Level::kDebug:
      return 7;
    case Level::kInfo:
      return 6;
    case Level::kWarning:
      return 4;
    case Level::kError:
      return 3;
  }
  return 3;
}

struct NamedField {
  std::string_view text_name;  // in text and JSON
  std::string_view journal_name;
  const std::string& value;
};

std::array<NamedField, 5> named(const Fields& fields) {
  return {{{"pod", "POD_NAME", fields.pod},
           {"namespace", "POD_NAMESPACE", fields.pod_namespace},
           {"container", "CONTAINER_NAME", fields.container},
           {"sandbox_id", "SANDBOX_ID", fields.sandbox_id},
           {"container_id", "CONTAINER_ID", fields.container_id}}};
}

// The length of the well-formed UTF-8 character that the text starts with (RFC 3629), or 0.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    // Neither an overlong form nor a surrogate.
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_hex(std::string& out, const char* format, unsigned value) {
  std::array<char, 16> digits{};
  const int length = std::snprintf(digits.data(), digits.size(), format, value);
  out.append(digits.data(), static_cast<size_t>(length));
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char first = text[0];
    if (length == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += first;
    } else if (first == '\n') {
      out += "\\n";
    } else if (first == '\t') {
      out += "\\t";
    } else if (length == 1 && (static_cast<unsigned char>(first) < 0x20 || first == 0x7F)) {
      append_hex(out, "\\u%04x", static_cast<unsigned char>(first));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    // C2 80 … C2 9F are the C1 control characters, which terminals obey as well.
    const bool control = length == 0 || (length == 1 && (first < 0x20 || first == 0x7F)) ||
                         (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    if (!control) {
      out += text.substr(0, length);
    } else {
      append_hex(out, "\\x%02x", length == 2 ? static_cast<unsigned char>(text[1]) : first);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? '{' : ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void append_journal_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  if (value.find('\n') == std::string_view::npos) {
    out += '=';
  } else {
    // The form for values with newlines: the length as 64 bits, little-endian.
    out += '\n';
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>((value.size() >> shift) & 0xFF);
  }
  out += value;
  out += '\n';
}

}  // namespace

std::string text_line(Level level, const Fields& fields, std::string_view message, WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 48> clock{};
  const int length = std::snprintf(clock.data(), clock.size(), "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min,
                                   local.tm_sec, static_cast<int>(rest));
  std::string out(clock.data(), static_cast<size_t>(length));
  out += ' ';
  out += level_name(level);
  out += ": ";
  append_printable(out, message);
  for (const NamedField& field : named(fields)) {
    if (field.value.empty()) continue;
    out += ' ';
    out += field.text_name;
    out += '=';
    append_printable(out, field.value);
  }
  return out;
}

std::string json_line(Level level, const Fields& fields, std::string_view message, WallTime time) {
  std::string out;
  append_json_member(out, "time", rfc3339_nano(time));
  append_json_member(out, "level", level_name(level));
  append_json_member(out, "message", message);
  for (const NamedField& field : named(fields)) {
    if (!field.value.empty()) append_json_member(out, field.text_name, field.value);
  }
  out += '}';
  return out;
}

std::string journal_datagram(Level level, const Fields& fields, std::string_view message) {
  std::string out;
  append_journal_field(out, "MESSAGE", message);
  append_journal_field(out, "PRIORITY", concat(priority(level)));
  append_journal_field(out, "SYSLOG_IDENTIFIER", "nodeagent");
  for (const NamedField& field : named(fields)) {
    if (!field.value.empty()) append_journal_field(out, field.journal_name, field.value);
  }
  return out;
}

Result<JournalSocket> JournalSocket::connect(std::string_view path) {
  struct sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return fail(Code::kInvalidArgument, "connect to ", path, ": the path is too long for a socket");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno(errno, "make a socket");
  if (::connect(fd.get(), reinterpret_cast<const struct sockaddr*>(&address), sizeof(address)) < 0) {
    return fail_errno(errno, "connect to ", path);
  }
  return JournalSocket(std::move(fd));
}

Status JournalSocket::send(std::string_view datagram) const {
  if (::send(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0) return {};
  if (errno != EMSGSIZE && errno != ENOBUFS) return fail_errno(errno, "send to the journal");
  const UniqueFd memory = TRY(sys::memfd("journal-entry", true));
  TRY(sys::write_all(memory.get(), datagram));
  TRY(sys::seal(memory.get()));
  const int descriptor = memory.get();
  alignas(struct cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  struct msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  if (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL) < 0) return fail_errno(errno, "send to the journal");
  return {};
}

bool stderr_is_journal(const char* journal_stream) {
  if (journal_stream == nullptr) return false;
  struct stat info{};
  if (::fstat(2, &info) < 0) return false;
  return concat(info.st_dev, ":", info.st_ino) == journal_stream;
}

}  // namespace base::log
