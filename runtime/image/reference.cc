#include "runtime/image/reference.h"

#include <algorithm>

#include "base/ascii.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kDefaultDomain = "docker.io";
constexpr std::string_view kLegacyDefaultDomain = "index.docker.io";
constexpr std::string_view kOfficialPrefix = "library/";
constexpr std::string_view kDefaultTag = "latest";
constexpr size_t kLongestName = 255;  // domain and path together
constexpr size_t kLongestTag = 128;

// A path component: runs of lower-case letters and digits, joined by ".", "_", "__" or any number of "-".
bool is_path_component(std::string_view text) {
  size_t at = 0;
  while (true) {
    const size_t begin = at;
    while (at < text.size() && base::is_lower_or_digit(text[at])) ++at;
    if (at == begin) return false;
    if (at == text.size()) return true;
    if (text[at] == '.') {
      ++at;
    } else if (text[at] == '_') {
      at += text.substr(at).starts_with("__") ? 2 : 1;
    } else if (text[at] == '-') {
      while (at < text.size() && text[at] == '-') ++at;
    } else {
      return false;
    }
  }
}

bool is_port(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Host names as DNS has them, IPv4 addresses among them.
bool is_host(std::string_view text) {
  while (true) {
    const size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || !base::is_alphanumeric(label.front()) || !base::is_alphanumeric(label.back())) return false;
    if (!std::ranges::all_of(label, [](char c) { return base::is_alphanumeric(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_domain(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    const std::string_view address = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    const auto is_ipv6 = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':';
    };
    return std::ranges::all_of(address, is_ipv6) && (rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))));
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  return is_host(text.substr(0, colon));
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > kLongestTag) return false;
  if (text[0] == '.' || text[0] == '-') return false;
  return std::ranges::all_of(text, [](char c) { return base::is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_hex64(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The first component is a registry only where it looks like one: a dot, a port, "localhost" or upper-case letters
// (which no path may have).
bool names_registry(std::string_view first) {
  return first.find_first_of(".:[") != std::string_view::npos || first == "localhost" ||
         std::ranges::any_of(first, base::is_upper);
}

Status check_path(std::string_view path, std::string_view whole) {
  if (path.empty()) return fail(Code::kInvalidArgument, "invalid image reference \"", whole, "\": no repository name");
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (std::ranges::any_of(part, base::is_upper)) {
      return fail(Code::kInvalidArgument, "invalid image reference \"", whole,
                  "\": the repository name must be lower-case");
    }
    if (!is_path_component(part)) {
      return fail(Code::kInvalidArgument, "invalid image reference \"", whole, "\": \"", part,
                  "\" is no valid part of a repository name");
    }
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

bool is_sha256_digest(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  return text.starts_with(kPrefix) && is_hex64(text.substr(kPrefix.size()));
}

Result<Reference> Reference::parse(std::string_view text) {
  Reference parsed;
  std::string_view rest = text;
  if (rest.empty()) return fail(Code::kInvalidArgument, "the image reference is empty");
  if (is_hex64(rest)) {
    return fail(Code::kInvalidArgument, "invalid image reference \"", text,
                "\": 64 hexadecimal digits are an image ID");
  }
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    parsed.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!is_sha256_digest(parsed.digest)) {
      return fail(Code::kInvalidArgument, "invalid image reference \"", text,
                  "\": the digest must be sha256: and 64 hexadecimal digits");
    }
  }
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos && names_registry(rest.substr(0, slash))) {
    parsed.domain = rest.substr(0, slash);
    rest = rest.substr(slash + 1);
    if (!is_domain(parsed.domain)) {
      return fail(Code::kInvalidArgument, "invalid image reference \"", text, "\": \"", parsed.domain,
                  "\" is no valid registry host");
    }
  }
  if (const size_t colon = rest.find(':'); colon != std::string_view::npos) {
    parsed.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!is_tag(parsed.tag)) {
      return fail(Code::kInvalidArgument, "invalid image reference \"", text, "\": \"", parsed.tag,
                  "\" is no valid tag");
    }
  }
  TRY(check_path(rest, text));
  parsed.path = rest;
  if (parsed.domain.empty() || parsed.domain == kLegacyDefaultDomain) parsed.domain = kDefaultDomain;
  if (parsed.domain == kDefaultDomain && parsed.path.find('/') == std::string::npos) {
    parsed.path.insert(0, kOfficialPrefix);
  }
  if (parsed.tag.empty() && parsed.digest.empty()) parsed.tag = kDefaultTag;
  if (parsed.domain.size() + 1 + parsed.path.size() > kLongestName) {
    return fail(Code::kInvalidArgument, "invalid image reference \"", text, "\": the name is longer than ",
                kLongestName, " characters");
  }
  return parsed;
}

std::string Reference::repository() const { return base::concat(domain, "/", path); }

namespace {

std::string with_tag_and_digest(std::string name, const Reference& reference) {
  if (!reference.tag.empty()) name += base::concat(":", reference.tag);
  if (!reference.digest.empty()) name += base::concat("@", reference.digest);
  return name;
}

}  // namespace

std::string Reference::normalised() const { return with_tag_and_digest(repository(), *this); }

std::string Reference::familiar() const {
  if (domain != kDefaultDomain) return normalised();
  std::string_view short_path = path;
  // Without the domain its first part would be read as one.
  if (const size_t slash = path.find('/'); slash != std::string::npos && names_registry(short_path.substr(0, slash))) {
    return normalised();
  }
  const std::string_view tail = path.starts_with(kOfficialPrefix) ? short_path.substr(kOfficialPrefix.size()) : "";
  // "library/x/y" has no shorter form: without its prefix it would be read as another name.
  if (!tail.empty() && tail.find('/') == std::string_view::npos) short_path = tail;
  return with_tag_and_digest(std::string(short_path), *this);
}

}  // namespace runtime::image
