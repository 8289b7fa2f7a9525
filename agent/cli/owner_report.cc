#include "agent/cli/owner_report.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

namespace agent::cli {

namespace {

constexpr size_t kLongestText = 64UL << 10;  // well below what a socket buffer takes

// "word", then each field on a line of its own but the last, which may hold any text.
constexpr std::string_view kTaken = "taken";
constexpr std::string_view kWarning = "warning";
constexpr std::string_view kStarted = "started";
constexpr std::string_view kEnded = "ended";
constexpr std::string_view kOver = "over";
constexpr std::string_view kFailed = "failed";

struct Formatter {
  std::string operator()(const Taken&) const { return std::string(kTaken); }
  std::string operator()(const StartWarning& warning) const {
    return base::concat(kWarning, "\n", warning.pod, "\n", warning.container, "\n", warning.text);
  }
  std::string operator()(const PodStarted& started) const { return base::concat(kStarted, "\n", started.pod); }
  std::string operator()(const EndedEarly& ended) const {
    return base::concat(kEnded, "\n", ended.exit_code, "\n", ended.what, "\n", ended.phase, "\n", ended.message);
  }
  std::string operator()(const StartOver&) const { return std::string(kOver); }
  std::string operator()(const OwnerFailed& failed) const { return base::concat(kFailed, "\n", failed.error); }
};

// What comes before the next end of line, which goes with it; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<OwnerReport> parse_fields(std::string_view word, std::string_view rest) {
  if (word == kFailed) return OwnerFailed{std::string(rest)};
  if (word == kStarted) return PodStarted{std::string(rest)};
  const std::optional<std::string_view> first = take_line(rest);
  const std::optional<std::string_view> second = take_line(rest);
  if (!first || !second) return std::nullopt;
  if (word == kWarning) return StartWarning{std::string(*first), std::string(*second), std::string(rest)};
  int code = 0;
  const auto [end, error] = std::from_chars(first->data(), first->data() + first->size(), code);
  const bool number = error == std::errc() && end == first->data() + first->size();
  const std::optional<std::string_view> phase = take_line(rest);
  if (word == kEnded && number && phase)
    return EndedEarly{code, std::string(*second), std::string(*phase), std::string(rest)};
  return std::nullopt;
}

}  // namespace

std::string format_report(const OwnerReport& report) { return std::visit(Formatter{}, report).substr(0, kLongestText); }

base::Result<OwnerReport> parse_report(std::string_view packet) {
  if (packet == kTaken) return Taken{};
  if (packet == kOver) return StartOver{};
  std::string_view rest = packet;
  if (const std::optional<std::string_view> word = take_line(rest))
    if (std::optional<OwnerReport> report = parse_fields(*word, rest)) return *std::move(report);
  return base::fail(base::Code::kInvalidArgument, "\"", packet, "\" is no report of a pod's owner");
}

base::Result<ReportChannel> open_report_channel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::fail_errno(errno, "make a socket pair");
  return ReportChannel{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

void send_report(int writer, const OwnerReport& report) {
  const std::string packet = format_report(report);
  // Not waiting for a reader that has stopped (Ctrl-Z): the pod must not.
  (void)::send(writer, packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

base::Result<OwnerReport> receive_report(int reader) {
  std::string packet(kLongestText, '\0');
  ssize_t got = 0;
  do {
    got = ::recv(reader, packet.data(), packet.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != ECONNRESET) return base::fail_errno(errno, "hear from the pod's owner");
  if (got <= 0) return base::fail(base::Code::kUnavailable, "the pod's owner has ended");
  return parse_report({packet.data(), static_cast<size_t>(got)});
}

}  // namespace agent::cli
