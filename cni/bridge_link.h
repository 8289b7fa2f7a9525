// The bridge itself: making it and noticing what stands in its way. Split from bridge.cc because none of it is on a
// pod's way once the bridge is there.
#pragma once

#include <string>

#include "base/error.h"
#include "cni/link.h"
#include "cni/netlink.h"
#include "cni/subnet.h"

namespace cni {

struct BridgeSpec {
  std::string name;
  Subnet subnet;
  int mtu = 0;  // bytes; 0: of the default route's link when the bridge is made, else 1500
};

// Makes sure of the bridge, up and with the gateway's address, and of net.ipv4.ip_forward. The caller holds the network
// lock. kFailedPrecondition when the name is taken by a link that is not ours, when pods of another subnet are on it,
// or when a route of the host overlaps the subnet. A bridge of ours with another subnet and without ports is made anew.
base::Result<Link> ensure_bridge(netlink::Socket& socket, const BridgeSpec& spec);

// Removes a bridge that ensure_bridge made, with such ports as are left; a missing one is fine, somebody else's of that
// name is left alone.
base::Status remove_bridge(netlink::Socket& socket, const std::string& name);

}  // namespace cni
