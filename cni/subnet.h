// IPv4 addresses and subnets as plain values: parsing, text, arithmetic. Nothing here touches the system.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cni {

// An IPv4 address in host byte order.
using Ipv4 = uint32_t;

base::Result<Ipv4> parse_ipv4(std::string_view text);
std::string ipv4_text(Ipv4 address);

using Mac = std::array<uint8_t, 6>;
// The MAC that goes with a pod's address: 0a:58 (locally administered) and the four bytes of the address. An address
// that is given to the next pod thus keeps its MAC, and no neighbour's ARP entry grows stale.
Mac mac_of(Ipv4 address);
std::string mac_text(const Mac& mac);

struct Subnet {
  Ipv4 network = 0;
  int prefix = 0;

  Ipv4 mask() const { return prefix == 0 ? 0 : ~Ipv4{0} << (32 - prefix); }
  Ipv4 broadcast() const { return network | ~mask(); }
  Ipv4 gateway() const { return network + 1; }
  Ipv4 first_pod() const { return network + 2; }
  Ipv4 last_pod() const { return broadcast() - 1; }
  uint32_t pods() const { return last_pod() - first_pod() + 1; }
  bool contains(Ipv4 address) const { return (address & mask()) == network; }
  bool overlaps(const Subnet& other) const { return contains(other.network) || other.contains(network); }
  std::string text() const;
  bool operator==(const Subnet&) const = default;
};

// A subnet that pods can have: /8 to /30, no bits set below the prefix, unicast and not loopback (kInvalidArgument).
base::Result<Subnet> parse_subnet(std::string_view text);

// FNV-1a with a final mix, so that names that differ in one character differ everywhere.
uint64_t name_hash(std::string_view name);

// The host's end of a sandbox's veth pair: "veth" and 55 bits of a hash as 11 characters; 15 is the limit (IFNAMSIZ).
std::string host_interface_of(std::string_view sandbox_id);
// Whether a link's name can have come from host_interface_of.
bool is_host_interface(std::string_view name);

}  // namespace cni
