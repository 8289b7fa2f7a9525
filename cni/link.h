// The rtnetlink(7) messages of the bridge network: what each puts into a batch, and what the answers say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cni/netlink.h"
#include "cni/subnet.h"

namespace cni {

struct Link {
  int index = 0;
  std::string name;
  std::string kind;   // "bridge", "veth" …; empty for a physical one
  std::string alias;  // `ip link set … alias`
  int mtu = 0;        // bytes
};

struct Route {
  Subnet destination;  // prefix 0: the default route
  int link_index = 0;
  std::optional<Ipv4> gateway;
  uint32_t metric = 0;
  // As `ip route` writes it.
  std::string text() const;
};

struct VethPair {
  std::string host_name;
  int bridge_index = 0;
  std::string pod_name;
  int pod_netns_fd = -1;
  Mac pod_mac{};
  int mtu = 0;
  std::string alias;  // of the host's end, for people who look at `ip link`
};

struct PodAddress {
  int link_index = 0;
  Ipv4 address = 0;
  Subnet subnet;
};

// --- messages ---
// Makes the bridge, down as yet.
void put_create_bridge(netlink::Batch& batch, const std::string& name, const Mac& mac, const std::string& alias);
void put_link_up(netlink::Batch& batch, int index, std::string attempted);
void put_mtu(netlink::Batch& batch, int index, int mtu, std::string attempted);
// Makes the pair: its host end up and a port of the bridge in hairpin mode, its other end in the pod and down.
void put_create_veth(netlink::Batch& batch, const VethPair& pair);
void put_address(netlink::Batch& batch, const PodAddress& address, std::string attempted);
void put_default_route(netlink::Batch& batch, int link_index, Ipv4 gateway);

// --- questions and single changes ---
std::optional<Link> parse_link(const nlmsghdr& answer);
base::Result<std::optional<Link>> get_link(netlink::Socket& socket, const std::string& name);
base::Result<std::optional<Link>> get_link(netlink::Socket& socket, int index);
// Whether there was one; removing a veth's one end removes the other.
base::Result<bool> delete_link(netlink::Socket& socket, const std::string& name);
// The links that are ports of the bridge.
base::Result<std::vector<Link>> ports_of(netlink::Socket& socket, int bridge_index);
struct LinkAddress {
  Ipv4 address = 0;
  int prefix = 0;
};
base::Result<std::vector<LinkAddress>> addresses_of(netlink::Socket& socket, int link_index);
// The unicast routes of every table but "local".
base::Result<std::vector<Route>> routes(netlink::Socket& socket);

// --- decisions ---
// A route that some of the subnet's addresses would go by today, other than through the bridge itself. The default
// route does not count.
std::optional<Route> route_in_the_way(const std::vector<Route>& routes, const Subnet& subnet, int bridge_index);
// The default route of the lowest metric.
std::optional<Route> default_route(const std::vector<Route>& routes);

}  // namespace cni
