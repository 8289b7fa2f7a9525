#include "cni/link.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <cerrno>

namespace cni {

using base::Code;
using base::concat;
using base::Result;

namespace {

constexpr uint16_t kCreateNew = NLM_F_CREATE | NLM_F_EXCL;
constexpr int kReadsOfAChangingTable = 10;

// IFF_UP in ifi_flags; <net/if.h> has it as an enumerator.
constexpr unsigned kUp = IFF_UP;

uint32_t in_network_order(Ipv4 address) { return htonl(address); }

ifinfomsg* put_link_header(nlmsghdr* message) {
  auto* header = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  header->ifi_family = AF_UNSPEC;
  return header;
}

void put_text(nlmsghdr* message, uint16_t type, const std::string& text) {
  mnl_attr_put_strz(message, type, text.c_str());
}

// Statistics are most of a link's description; nobody here reads them.
void put_without_statistics(nlmsghdr* message) { mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS); }

// A veth end uses one queue unless ethtool raises that. Left to itself the kernel makes one for each CPU, registers
// them all, and takes all but one away again, waiting for an RCU grace period at that: most of what a pair would cost.
void put_one_queue(nlmsghdr* message) {
  mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, 1);
  mnl_attr_put_u32(message, IFLA_NUM_RX_QUEUES, 1);
}

std::string link_name(int index) {
  char name[IF_NAMESIZE] = {};
  return ::if_indextoname(static_cast<unsigned>(index), name) != nullptr ? name : concat("link ", index);
}

std::string kind_of(const nlattr& link_info) {
  std::string kind;
  netlink::for_each_nested(link_info, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == IFLA_INFO_KIND) kind = mnl_attr_get_str(&attribute);
  });
  return kind;
}

Result<std::optional<Link>> ask_for_link(netlink::Socket& socket, netlink::Batch& batch) {
  std::optional<Link> link;
  const base::Status asked = socket.exchange(batch, [&](const nlmsghdr& answer) { link = parse_link(answer); });
  if (!asked && asked.error().os_errno() != ENODEV) return std::unexpected(asked.error());
  return link;
}

// Dumps until one was not disturbed by a concurrent change; what an earlier try gathered is thrown away.
template <typename Item, typename Put, typename Parse>
Result<std::vector<Item>> dump_all(netlink::Socket& socket, const Put& put, const Parse& parse) {
  for (int tries = 1;; ++tries) {
    netlink::Batch request;
    put(request);
    std::vector<Item> items;
    const base::Status read = socket.dump(request, [&](const nlmsghdr& answer) {
      if (std::optional<Item> item = parse(answer)) items.push_back(std::move(*item));
    });
    if (read) return items;
    if (read.error().code() != Code::kAborted || tries == kReadsOfAChangingTable) return std::unexpected(read.error());
  }
}

std::optional<Route> parse_route(const nlmsghdr& answer) {
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&answer));
  if (header->rtm_family != AF_INET || header->rtm_type != RTN_UNICAST || header->rtm_table == RT_TABLE_LOCAL) {
    return std::nullopt;
  }
  Route route;
  route.destination.prefix = header->rtm_dst_len;
  netlink::for_each_attribute(answer, sizeof(rtmsg), [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case RTA_DST:
        route.destination.network = ntohl(mnl_attr_get_u32(&attribute));
        break;
      case RTA_OIF:
        route.link_index = static_cast<int>(mnl_attr_get_u32(&attribute));
        break;
      case RTA_GATEWAY:
        route.gateway = ntohl(mnl_attr_get_u32(&attribute));
        break;
      case RTA_PRIORITY:
        route.metric = mnl_attr_get_u32(&attribute);
        break;
      default:
        break;
    }
  });
  return route;
}

}  // namespace

std::string Route::text() const {
  std::string text = destination.prefix == 0 ? "default" : destination.text();
  if (gateway) text += concat(" via ", ipv4_text(*gateway));
  if (link_index > 0) text += concat(" dev ", link_name(link_index));
  return text;
}

void put_create_bridge(netlink::Batch& batch, const std::string& name, const Mac& mac, const std::string& alias) {
  const std::string attempted = concat("create the bridge ", name);
  nlmsghdr* message = batch.add(RTM_NEWLINK, kCreateNew, attempted);
  put_link_header(message);
  put_text(message, IFLA_IFNAME, name);
  // Given a MAC of its own a bridge keeps it; else it would take on its ports' ones as they come and go.
  mnl_attr_put(message, IFLA_ADDRESS, mac.size(), mac.data());
  nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message, info);

  message = batch.add(RTM_NEWLINK, 0, attempted);
  put_link_header(message);
  put_text(message, IFLA_IFNAME, name);
  put_text(message, IFLA_IFALIAS, alias);
}

void put_link_up(netlink::Batch& batch, int index, std::string attempted) {
  nlmsghdr* message = batch.add(RTM_NEWLINK, 0, std::move(attempted));
  ifinfomsg* header = put_link_header(message);
  header->ifi_index = index;
  header->ifi_flags = kUp;
  header->ifi_change = kUp;
}

void put_mtu(netlink::Batch& batch, int index, int mtu, std::string attempted) {
  nlmsghdr* message = batch.add(RTM_NEWLINK, 0, std::move(attempted));
  put_link_header(message)->ifi_index = index;
  mnl_attr_put_u32(message, IFLA_MTU, static_cast<uint32_t>(mtu));
}

void put_create_veth(netlink::Batch& batch, const VethPair& pair) {
  nlmsghdr* message = batch.add(RTM_NEWLINK, kCreateNew,
                                concat("create the veth pair of ", pair.host_name, " and the pod's ", pair.pod_name));
  put_link_header(message);
  put_text(message, IFLA_IFNAME, pair.host_name);
  mnl_attr_put_u32(message, IFLA_MTU, static_cast<uint32_t>(pair.mtu));
  mnl_attr_put_u32(message, IFLA_MASTER, static_cast<uint32_t>(pair.bridge_index));
  put_one_queue(message);
  nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  put_link_header(message);
  put_text(message, IFLA_IFNAME, pair.pod_name);
  mnl_attr_put(message, IFLA_ADDRESS, pair.pod_mac.size(), pair.pod_mac.data());
  mnl_attr_put_u32(message, IFLA_MTU, static_cast<uint32_t>(pair.mtu));
  mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<uint32_t>(pair.pod_netns_fd));
  put_one_queue(message);
  mnl_attr_nest_end(message, peer);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);

  // A port's own settings can only be given to a link that is one already.
  message = batch.add(RTM_NEWLINK, 0, concat("set up the bridge port ", pair.host_name));
  ifinfomsg* header = put_link_header(message);
  header->ifi_flags = kUp;
  header->ifi_change = kUp;
  put_text(message, IFLA_IFNAME, pair.host_name);
  put_text(message, IFLA_IFALIAS, pair.alias);
  info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_SLAVE_KIND, "bridge");
  data = mnl_attr_nest_start(message, IFLA_INFO_SLAVE_DATA);
  mnl_attr_put_u8(message, IFLA_BRPORT_MODE, 1);  // hairpin: a pod may reach itself through the host
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
}

void put_address(netlink::Batch& batch, const PodAddress& address, std::string attempted) {
  nlmsghdr* message = batch.add(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, std::move(attempted));
  auto* header = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg)));
  header->ifa_family = AF_INET;
  header->ifa_prefixlen = static_cast<uint8_t>(address.subnet.prefix);
  header->ifa_scope = RT_SCOPE_UNIVERSE;
  header->ifa_index = static_cast<uint32_t>(address.link_index);
  mnl_attr_put_u32(message, IFA_LOCAL, in_network_order(address.address));
  mnl_attr_put_u32(message, IFA_ADDRESS, in_network_order(address.address));
  mnl_attr_put_u32(message, IFA_BROADCAST, in_network_order(address.subnet.broadcast()));
}

void put_default_route(netlink::Batch& batch, int link_index, Ipv4 gateway) {
  nlmsghdr* message = batch.add(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE,
                                concat("set the pod's default route via ", ipv4_text(gateway)));
  auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
  header->rtm_family = AF_INET;
  header->rtm_table = RT_TABLE_MAIN;
  header->rtm_protocol = RTPROT_BOOT;
  header->rtm_scope = RT_SCOPE_UNIVERSE;
  header->rtm_type = RTN_UNICAST;
  mnl_attr_put_u32(message, RTA_GATEWAY, in_network_order(gateway));
  mnl_attr_put_u32(message, RTA_OIF, static_cast<uint32_t>(link_index));
}

std::optional<Link> parse_link(const nlmsghdr& answer) {
  if (answer.nlmsg_type != RTM_NEWLINK) return std::nullopt;
  Link link;
  link.index = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&answer))->ifi_index;
  netlink::for_each_attribute(answer, sizeof(ifinfomsg), [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case IFLA_IFNAME:
        link.name = mnl_attr_get_str(&attribute);
        break;
      case IFLA_IFALIAS:
        link.alias = mnl_attr_get_str(&attribute);
        break;
      case IFLA_MTU:
        link.mtu = static_cast<int>(mnl_attr_get_u32(&attribute));
        break;
      case IFLA_LINKINFO:
        link.kind = kind_of(attribute);
        break;
      default:
        break;
    }
  });
  return link;
}

Result<std::optional<Link>> get_link(netlink::Socket& socket, const std::string& name) {
  netlink::Batch batch;
  nlmsghdr* message = batch.add(RTM_GETLINK, 0, concat("look for the link ", name));
  put_link_header(message);
  put_text(message, IFLA_IFNAME, name);
  put_without_statistics(message);
  return ask_for_link(socket, batch);
}

Result<std::optional<Link>> get_link(netlink::Socket& socket, int index) {
  netlink::Batch batch;
  nlmsghdr* message = batch.add(RTM_GETLINK, 0, concat("look for the link with index ", index));
  put_link_header(message)->ifi_index = index;
  put_without_statistics(message);
  return ask_for_link(socket, batch);
}

Result<bool> delete_link(netlink::Socket& socket, const std::string& name) {
  netlink::Batch batch;
  nlmsghdr* message = batch.add(RTM_DELLINK, 0, concat("remove the link ", name));
  put_link_header(message);
  put_text(message, IFLA_IFNAME, name);
  const base::Status removed = socket.exchange(batch);
  if (!removed && removed.error().os_errno() == ENODEV) return false;
  if (!removed) return std::unexpected(removed.error());
  return true;
}

Result<std::vector<Link>> ports_of(netlink::Socket& socket, int bridge_index) {
  const auto put = [&](netlink::Batch& batch) {
    nlmsghdr* message = batch.add(RTM_GETLINK, NLM_F_DUMP, "list the bridge's ports");
    put_link_header(message);
    put_without_statistics(message);
    mnl_attr_put_u32(message, IFLA_MASTER, static_cast<uint32_t>(bridge_index));
  };
  return dump_all<Link>(socket, put, parse_link);
}

Result<std::vector<LinkAddress>> addresses_of(netlink::Socket& socket, int link_index) {
  const auto put = [](netlink::Batch& batch) {
    nlmsghdr* message = batch.add(RTM_GETADDR, NLM_F_DUMP, "list the host's addresses");
    auto* header = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg)));
    header->ifa_family = AF_INET;
  };
  const auto parse = [&](const nlmsghdr& answer) -> std::optional<LinkAddress> {
    const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&answer));
    if (static_cast<int>(header->ifa_index) != link_index) return std::nullopt;
    std::optional<LinkAddress> found;
    netlink::for_each_attribute(answer, sizeof(ifaddrmsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == IFA_LOCAL) {
        found = LinkAddress{.address = ntohl(mnl_attr_get_u32(&attribute)), .prefix = header->ifa_prefixlen};
      }
    });
    return found;
  };
  return dump_all<LinkAddress>(socket, put, parse);
}

Result<std::vector<Route>> routes(netlink::Socket& socket) {
  const auto put = [](netlink::Batch& batch) {
    nlmsghdr* message = batch.add(RTM_GETROUTE, NLM_F_DUMP, "list the host's routes");
    auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
    header->rtm_family = AF_INET;
  };
  return dump_all<Route>(socket, put, parse_route);
}

std::optional<Route> route_in_the_way(const std::vector<Route>& routes, const Subnet& subnet, int bridge_index) {
  for (const Route& route : routes) {
    if (route.destination.prefix == 0 || route.link_index == bridge_index) continue;
    if (route.destination.overlaps(subnet)) return route;
  }
  return std::nullopt;
}

std::optional<Route> default_route(const std::vector<Route>& routes) {
  std::optional<Route> best;
  for (const Route& route : routes) {
    if (route.destination.prefix == 0 && (!best || route.metric < best->metric)) best = route;
  }
  return best;
}

}  // namespace cni
