#include "cni/bridge_link.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace cni {

using base::Code;
using base::concat;
using base::fail;
using base::Result;
using base::Status;
using netlink::Batch;
using netlink::Socket;

namespace {

// How we know a bridge of ours: `ip -d link` shows it as the link's alias.
constexpr std::string_view kAlias = "nodeagent pods ";
constexpr int kUsualMtu = 1500;

bool is_ours(const Link& link) { return link.kind == "bridge" && link.alias.starts_with(kAlias); }

Status refuse_foreign(const Link& link) {
  if (link.kind != "bridge") {
    return fail(Code::kFailedPrecondition, "the link ", link.name, " is no bridge but ",
                link.kind.empty() ? "a device of another kind" : concat("of the kind ", link.kind),
                ": rename it, or choose another --instance");
  }
  if (!is_ours(link)) {
    return fail(Code::kFailedPrecondition, "the bridge ", link.name,
                " was not made by nodeagent: rename it, or choose another --instance");
  }
  return {};
}

Status enable_forwarding() {
  constexpr const char* kPath = "/proc/sys/net/ipv4/ip_forward";
  const std::string now = TRY(base::read_file(kPath), "see whether the host forwards packets");
  if (now.starts_with('1')) return {};
  return TRY(base::write_control_file(kPath, "1"), "let the host forward packets"), Status{};
}

// No pod may give the host routes by IPv6 router advertisements. Without IPv6 there is nothing to switch off.
Status refuse_router_advertisements(const std::string& bridge) {
  Status written = base::write_control_file(concat("/proc/sys/net/ipv6/conf/", bridge, "/accept_ra"), "0");
  if (!written && written.error().code() != Code::kNotFound) return written;
  return {};
}

Result<int> choose_mtu(Socket& socket, const BridgeSpec& spec, const std::vector<Route>& routes) {
  if (spec.mtu > 0) return spec.mtu;
  const std::optional<Route> way_out = default_route(routes);
  if (!way_out) return kUsualMtu;
  const std::optional<Link> link = TRY(get_link(socket, way_out->link_index));
  return link ? link->mtu : kUsualMtu;
}

Result<Link> make_link(Socket& socket, const BridgeSpec& spec) {
  Batch batch;
  put_create_bridge(batch, spec.name, mac_of(spec.subnet.gateway()), concat(kAlias, spec.subnet.text()));
  TRY(socket.exchange(batch));
  const std::optional<Link> link = TRY(get_link(socket, spec.name));
  if (!link) return fail(Code::kAborted, "the bridge ", spec.name, " was removed while it was being set up");
  return *link;
}

Status set_up(Socket& socket, const BridgeSpec& spec, Link& link, int mtu) {
  TRY(refuse_router_advertisements(spec.name));
  Batch batch;
  if (link.mtu != mtu) put_mtu(batch, link.index, mtu, concat("set the MTU of the bridge ", spec.name, " to ", mtu));
  put_link_up(batch, link.index, concat("bring the bridge ", spec.name, " up"));
  put_address(batch, {.link_index = link.index, .address = spec.subnet.gateway(), .subnet = spec.subnet},
              concat("give the bridge ", spec.name, " the address ", ipv4_text(spec.subnet.gateway())));
  TRY(socket.exchange(batch));
  link.mtu = mtu;
  return {};
}

// Whether the bridge has the gateway's address and none of another subnet.
Result<bool> has_right_address(Socket& socket, const Link& link, const Subnet& subnet) {
  const std::vector<LinkAddress> addresses = TRY(addresses_of(socket, link.index));
  return addresses.size() == 1 && addresses[0].address == subnet.gateway() && addresses[0].prefix == subnet.prefix;
}

Status remove_ports(Socket& socket, const Link& bridge) {
  for (const Link& port : TRY(ports_of(socket, bridge.index))) {
    if (is_host_interface(port.name)) TRY(delete_link(socket, port.name));
  }
  return {};
}

}  // namespace

Result<Link> ensure_bridge(Socket& socket, const BridgeSpec& spec) {
  TRY(enable_forwarding());
  std::optional<Link> link = TRY(get_link(socket, spec.name));
  if (link) {
    TRY(refuse_foreign(*link));
    if (TRY(has_right_address(socket, *link, spec.subnet))) {
      const int mtu = spec.mtu > 0 ? spec.mtu : link->mtu;
      TRY(set_up(socket, spec, *link, mtu));
      return *link;
    }
    if (link->alias != concat(kAlias, spec.subnet.text())) {
      if (!TRY(ports_of(socket, link->index)).empty()) {
        return fail(Code::kFailedPrecondition, "pods are still on the bridge ", spec.name, " of ",
                    std::string_view(link->alias).substr(kAlias.size()), ": end them before changing the subnet to ",
                    spec.subnet.text());
      }
      TRY(delete_link(socket, spec.name));
      link.reset();
    }
  }
  const std::vector<Route> known = TRY(routes(socket));
  if (const std::optional<Route> taken = route_in_the_way(known, spec.subnet, link ? link->index : 0)) {
    return fail(Code::kFailedPrecondition, "the pods' subnet ", spec.subnet.text(), " overlaps this host's route \"",
                taken->text(), "\": choose another with --subnet");
  }
  const int mtu = TRY(choose_mtu(socket, spec, known));
  if (!link) link = TRY(make_link(socket, spec));
  TRY(set_up(socket, spec, *link, mtu));
  return *link;
}

Status remove_bridge(Socket& socket, const std::string& name) {
  const std::optional<Link> link = TRY(get_link(socket, name));
  if (!link || !is_ours(*link)) return {};
  TRY(remove_ports(socket, *link));
  TRY(delete_link(socket, name));
  return {};
}

}  // namespace cni
