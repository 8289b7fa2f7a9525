#include "runtime/oci/ulimits.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace runtime::oci {

using base::Code;
using base::Result;

namespace {

// In the units of setrlimit(2): bytes, seconds, numbers.
constexpr std::array<std::pair<std::string_view, int>, 16> kLimits{{{"RLIMIT_AS", RLIMIT_AS},
                                                                    {"RLIMIT_CORE", RLIMIT_CORE},
                                                                    {"RLIMIT_CPU", RLIMIT_CPU},
                                                                    {"RLIMIT_DATA", RLIMIT_DATA},
                                                                    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
                                                                    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
                                                                    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
                                                                    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
                                                                    {"RLIMIT_NICE", RLIMIT_NICE},
                                                                    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
                                                                    {"RLIMIT_NPROC", RLIMIT_NPROC},
                                                                    {"RLIMIT_RSS", RLIMIT_RSS},
                                                                    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
                                                                    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
                                                                    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
                                                                    {"RLIMIT_STACK", RLIMIT_STACK}}};
constexpr std::string_view kPrefix = "RLIMIT_";

std::string changed_case(std::string_view text, int (*change)(int)) {
  std::string out;
  for (const char letter : text) out += static_cast<char>(change(static_cast<unsigned char>(letter)));
  return out;
}

std::string known_names() {
  std::string all;
  for (const auto& [name, number] : kLimits) {
    all += base::concat(all.empty() ? "" : ", ", changed_case(name.substr(kPrefix.size()), std::tolower));
  }
  return all;
}

Result<uint64_t> amount(std::string_view text, std::string_view limit) {
  if (text == "unlimited" || text == "-1") return kUnlimited;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value != kUnlimited) return value;
  return base::fail(Code::kInvalidArgument, "\"", text, "\" in \"", limit, "\" is neither a number nor \"unlimited\"");
}

Result<Rlimit> parse_one(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string name = changed_case(text.substr(0, equals), std::toupper);
  Rlimit limit{.type = base::concat(kPrefix, name)};
  if (equals == std::string_view::npos || rlimit_number(limit.type) < 0) {
    return base::fail(Code::kInvalidArgument, "\"", text, "\" is not of the form name=soft[:hard], with a name of ",
                      known_names());
  }
  const std::string_view values = text.substr(equals + 1);
  const size_t colon = values.find(':');
  limit.soft = TRY(amount(values.substr(0, colon), text));
  limit.hard = colon == std::string_view::npos ? limit.soft : TRY(amount(values.substr(colon + 1), text));
  if (limit.soft <= limit.hard) return limit;
  return base::fail(Code::kInvalidArgument, "the soft limit of \"", text, "\" is above the hard one");
}

}  // namespace

int rlimit_number(std::string_view name) {
  const auto found = std::ranges::find(kLimits, name, &std::pair<std::string_view, int>::first);
  return found == kLimits.end() ? -1 : found->second;
}

Result<std::vector<Rlimit>> parse_ulimits(std::string_view text) {
  std::vector<Rlimit> limits;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    Rlimit limit = TRY(parse_one(item));
    if (std::ranges::find(limits, limit.type, &Rlimit::type) != limits.end()) {
      return base::fail(Code::kInvalidArgument, "\"", item, "\" names a limit for the second time");
    }
    limits.push_back(std::move(limit));
  }
  return limits;
}

}  // namespace runtime::oci
