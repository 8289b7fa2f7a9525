#include "cni/subnet.h"

#include <arpa/inet.h>

#include <charconv>

#include "cni/bridge.h"

namespace cni {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kHostInterfacePrefix = "veth";
constexpr size_t kHostInterfaceHashLength = 11;
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";

}  // namespace

Result<Ipv4> parse_ipv4(std::string_view text) {
  struct in_addr address{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) {
    return fail(Code::kInvalidArgument, "\"", text, "\" is not an IPv4 address");
  }
  return ntohl(address.s_addr);
}

std::string ipv4_text(Ipv4 address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string((address >> shift) & 0xff);
    if (shift > 0) text += '.';
  }
  return text;
}

Mac mac_of(Ipv4 address) {
  return {0x0a,
          0x58,
          static_cast<uint8_t>(address >> 24),
          static_cast<uint8_t>(address >> 16),
          static_cast<uint8_t>(address >> 8),
          static_cast<uint8_t>(address)};
}

std::string mac_text(const Mac& mac) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : mac) {
    if (!text.empty()) text += ':';
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string Subnet::text() const { return ipv4_text(network) + "/" + std::to_string(prefix); }

Result<Subnet> parse_subnet(std::string_view text) {
  const auto wrong = [&](const auto&... why) {
    return fail(Code::kInvalidArgument, "subnet \"", text, "\": ", why...);
  };
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return wrong("has no prefix length; write it like 10.88.0.0/16");
  const Result<Ipv4> address = parse_ipv4(text.substr(0, slash));
  if (!address) return wrong("is not IPv4; write it like 10.88.0.0/16");
  Subnet subnet;
  const std::string_view length = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), subnet.prefix);
  if (error != std::errc() || end != length.data() + length.size()) return wrong("the prefix length is not a number");
  if (subnet.prefix < 8 || subnet.prefix > 30) return wrong("the prefix length must be 8 to 30");
  subnet.network = *address & subnet.mask();
  if (subnet.network != *address) return wrong("has bits set below its prefix; did you mean ", subnet.text(), "?");
  const Ipv4 first = subnet.network >> 24;
  if (first == 0 || first == 127 || first >= 224) return wrong("is no range of unicast addresses");
  return subnet;
}

uint64_t name_hash(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) {
    hash ^= static_cast<uint8_t>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  hash ^= hash >> 32;
  return hash;
}

std::string host_interface_of(std::string_view sandbox_id) {
  std::string name(kHostInterfacePrefix);
  uint64_t hash = name_hash(sandbox_id);
  for (size_t i = 0; i < kHostInterfaceHashLength; ++i) {
    name += kBase32[hash & 31];
    hash >>= 5;
  }
  return name;
}

bool is_host_interface(std::string_view name) {
  return name.size() == kHostInterfacePrefix.size() + kHostInterfaceHashLength &&
         name.starts_with(kHostInterfacePrefix) &&
         name.find_first_not_of(kBase32, kHostInterfacePrefix.size()) == std::string_view::npos;
}

std::string default_subnet(const std::string& instance) {
  if (instance == "nodeagent") return "10.88.0.0/16";
  constexpr Ipv4 kFirstBlock = 0x0a800000;  // 10.128.0.0
  const Ipv4 block = static_cast<Ipv4>(name_hash(instance) % 8192);
  return Subnet{.network = kFirstBlock + (block << 10), .prefix = 22}.text();
}

}  // namespace cni
