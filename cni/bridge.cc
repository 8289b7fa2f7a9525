#include "cni/bridge.h"

#include <net/if.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/synchronized.h"
#include "base/sys.h"
#include "base/undo.h"
#include "cni/bridge_link.h"
#include "cni/link.h"
#include "cni/masquerade.h"
#include "cni/netlink.h"
#include "cni/pool.h"
#include "cni/subnet.h"

namespace cni {

using base::Code;
using base::concat;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;
using netlink::Batch;
using netlink::Socket;

namespace {

constexpr const char* kPodInterface = "eth0";
constexpr int kLoopbackIndex = 1;  // the first link of every network namespace
constexpr size_t kLongestSandboxId = 128;

Status check_sandbox_id(const std::string& id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (id.empty() || id.size() > kLongestSandboxId || !std::ranges::all_of(id, allowed)) {
    return fail(Code::kInvalidArgument, "\"", id, "\" is no sandbox id: 1 to ", kLongestSandboxId,
                " letters, digits, '-', '_', '.'");
  }
  return {};
}

Status check_link_name(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == ".." ||
      name.find_first_of("/: \t\n%") != std::string::npos) {
    return fail(Code::kInvalidArgument, "\"", name, "\" cannot name the bridge: 1 to ", IFNAMSIZ - 1,
                " characters without '/', ':', '%' or blanks");
  }
  return {};
}

bool same_namespace(const struct stat& a, const struct stat& b) { return a.st_ino == b.st_ino && a.st_dev == b.st_dev; }

}  // namespace

struct BridgeNetwork::State {
  // What this process has made sure of and need not look at again.
  struct Known {
    int bridge_index = 0;  // 0: not yet
    int mtu = 0;
    uint32_t rules_generation = 0;  // of nftables, when our table was last seen in order
  };

  BridgeOptions options;
  Subnet subnet;
  UniqueFd home;  // the host's network namespace
  struct stat home_identity{};
  PoolFile pool;
  Masquerade masquerade;
  base::Synchronized<Known> known;

  State(BridgeOptions with, Subnet of, UniqueFd home_netns, struct stat identity, std::string boot_id)
      : options(std::move(with)),
        subnet(of),
        home(std::move(home_netns)),
        home_identity(identity),
        pool(base::join_path(options.state_dir, "addresses"), base::join_path(options.locks_dir, "network.lock"), of,
             std::move(boot_id)),
        masquerade(options.nft_table, options.bridge, of) {}

  Attachment describe(const std::string& sandbox_id, Ipv4 address) const;
  Result<Known> ready(Socket& host);
  Status ensure_rules(Known& now);
  Status make_pair(Socket& host, const Attachment& pod, Ipv4 address, int netns_fd);
  Status set_up_pod(Socket& pod, Ipv4 address) const;
};

Attachment BridgeNetwork::State::describe(const std::string& sandbox_id, Ipv4 address) const {
  return {.sandbox_id = sandbox_id,
          .interface = kPodInterface,
          .address = ipv4_text(address),
          .prefix = subnet.prefix,
          .gateway = ipv4_text(subnet.gateway()),
          .mac = mac_text(mac_of(address)),
          .host_interface = host_interface_of(sandbox_id)};
}

// The bridge and our rules, made if they are not there. On a pod's way this costs one round trip, which tells whether
// anybody has changed nftables rules since.
Result<BridgeNetwork::State::Known> BridgeNetwork::State::ready(Socket& host) {
  Known now = known.with([](const Known& value) { return value; });
  if (now.bridge_index != 0 && TRY(masquerade.generation()) == now.rules_generation) return now;
  const PoolFile::Lock held = TRY(pool.lock());
  if (now.bridge_index == 0) {
    const Link bridge =
        TRY(ensure_bridge(host, {.name = options.bridge, .subnet = subnet, .mtu = options.mtu}), "pod network");
    now.bridge_index = bridge.index;
    now.mtu = bridge.mtu;
  }
  TRY(ensure_rules(now), "pod network");
  known.with([&](Known& value) { value = now; });
  return now;
}

// The generation is read before the rules are looked at, so that a change in between is noticed next time.
Status BridgeNetwork::State::ensure_rules(Known& now) {
  now.rules_generation = TRY(masquerade.generation());
  if (TRY(masquerade.present())) return {};
  TRY(masquerade.make());
  now.rules_generation = TRY(masquerade.generation());
  if (TRY(masquerade.present())) return {};
  return fail(Code::kAborted, "the nftables table inet ", options.nft_table, " was changed while it was being made");
}

Status BridgeNetwork::State::make_pair(Socket& host, const Attachment& pod, Ipv4 address, int netns_fd) {
  Known now = TRY(ready(host));
  VethPair pair{.host_name = pod.host_interface,
                .bridge_index = now.bridge_index,
                .pod_name = pod.interface,
                .pod_netns_fd = netns_fd,
                .pod_mac = mac_of(address),
                .mtu = now.mtu,
                .alias = concat("nodeagent pod ", pod.sandbox_id)};
  const auto make = [&]() -> Status {
    Batch batch;
    put_create_veth(batch, pair);
    return host.exchange(batch);
  };
  Status made = make();
  if (!made && made.error().os_errno() == EEXIST) {
    // Left by an attach that did not come to its end, or the pod is attached again.
    if (!TRY(delete_link(host, pair.host_name))) {
      return std::unexpected(made.error().add_context(concat("the pod has a link ", pair.pod_name, " already")));
    }
    made = make();
  }
  if (!made && (made.error().os_errno() == EINVAL || made.error().os_errno() == ENODEV)) {
    // What the kernel says when the bridge is gone.
    known.with([](Known& value) { value.bridge_index = 0; });
    now = TRY(ready(host));
    if (now.bridge_index != pair.bridge_index) {
      pair.bridge_index = now.bridge_index;
      pair.mtu = now.mtu;
      made = make();
    }
  }
  return made;
}

Status BridgeNetwork::State::set_up_pod(Socket& pod, Ipv4 address) const {
  const int link_index = TRY(pod.link_index(kPodInterface), "in the pod");
  Batch batch;
  put_link_up(batch, kLoopbackIndex, "bring the pod's lo up");
  put_link_up(batch, link_index, concat("bring the pod's ", kPodInterface, " up"));
  put_address(batch, {.link_index = link_index, .address = address, .subnet = subnet},
              concat("give the pod's ", kPodInterface, " the address ", ipv4_text(address)));
  put_default_route(batch, link_index, subnet.gateway());
  return pod.exchange(batch);
}

BridgeNetwork::BridgeNetwork(std::unique_ptr<State> state) : state_(std::move(state)) {}
BridgeNetwork::~BridgeNetwork() = default;

Result<std::unique_ptr<BridgeNetwork>> BridgeNetwork::open(BridgeOptions options) {
  TRY(check_link_name(options.bridge));
  const Subnet subnet = TRY(parse_subnet(options.subnet));
  if (options.nft_table.empty() || options.nft_table.size() > 128) {
    return fail(Code::kInvalidArgument, "\"", options.nft_table, "\" cannot name an nftables table");
  }
  if (options.mtu != 0 && (options.mtu < 576 || options.mtu > 65535)) {
    return fail(Code::kInvalidArgument, "an MTU of ", options.mtu, " bytes is not possible: 576 to 65535");
  }
  TRY(base::make_dirs(options.state_dir, 0700), "pod network");
  TRY(base::make_dirs(options.locks_dir, 0700), "pod network");
  std::string boot_id = TRY(base::boot_id());
  UniqueFd home = TRY(base::sys::open("/proc/thread-self/ns/net", O_RDONLY), "find the host's network namespace");
  const struct stat identity = TRY(base::sys::fstat(home.get()));
  auto state = std::make_unique<State>(std::move(options), subnet, std::move(home), identity, std::move(boot_id));
  return std::unique_ptr<BridgeNetwork>(new BridgeNetwork(std::move(state)));
}

Result<Attachment> BridgeNetwork::attach(const std::string& sandbox_id, int netns_fd) {
  State& state = *state_;
  TRY(check_sandbox_id(sandbox_id));
  if (same_namespace(TRY(base::sys::fstat(netns_fd), "the pod's network namespace"), state.home_identity)) {
    return fail(Code::kInvalidArgument, "the sandbox ", sandbox_id, " is in the host's network namespace itself");
  }
  Socket pod_socket = TRY(Socket::open_in(netns_fd, state.home.get(), NETLINK_ROUTE));
  Socket host = TRY(Socket::open(NETLINK_ROUTE));

  base::UndoStack undo;
  const Ipv4 address = TRY(state.pool.allocate(sandbox_id));
  undo.push("free the pod's address", [&] { return state.pool.release({&sandbox_id, 1}); });
  Attachment pod = state.describe(sandbox_id, address);

  if (const Status made = state.make_pair(host, pod, address, netns_fd); !made) {
    return std::unexpected(undo.undo(made.error()));
  }
  undo.push("remove the pod's link", [&]() -> Status {
    TRY(delete_link(host, pod.host_interface));
    return {};
  });
  if (const Status up = state.set_up_pod(pod_socket, address); !up) {
    return std::unexpected(undo.undo(up.error()));
  }
  undo.commit();
  return pod;
}

Status BridgeNetwork::detach(const std::string& sandbox_id) {
  TRY(check_sandbox_id(sandbox_id));
  Socket host = TRY(Socket::open(NETLINK_ROUTE));
  TRY(delete_link(host, host_interface_of(sandbox_id)), "detach ", sandbox_id);
  return state_->pool.release({&sandbox_id, 1});
}

Result<std::optional<Attachment>> BridgeNetwork::find(const std::string& sandbox_id) {
  const Pool pool = TRY(state_->pool.read());
  const std::optional<Ipv4> address = pool.find(sandbox_id);
  if (!address) return std::nullopt;
  return state_->describe(sandbox_id, *address);
}

Status BridgeNetwork::collect(const std::set<std::string>& live) {
  std::vector<std::string> dead;
  const Pool pool = TRY(state_->pool.read());
  for (const auto& [address, sandbox_id] : pool.in_use()) {
    if (!live.contains(sandbox_id)) dead.push_back(sandbox_id);
  }
  std::set<std::string> live_links;
  for (const std::string& sandbox_id : live) live_links.insert(host_interface_of(sandbox_id));

  // Links first: an address is free only when nothing answers to it any more. The ports include those whose address
  // the pool has lost.
  Socket host = TRY(Socket::open(NETLINK_ROUTE));
  for (const std::string& sandbox_id : dead) TRY(delete_link(host, host_interface_of(sandbox_id)));
  if (const std::optional<Link> bridge = TRY(get_link(host, state_->options.bridge))) {
    for (const Link& port : TRY(ports_of(host, bridge->index))) {
      if (is_host_interface(port.name) && !live_links.contains(port.name)) TRY(delete_link(host, port.name));
    }
  }
  if (dead.empty()) return {};
  return state_->pool.release(dead);
}

Status BridgeNetwork::remove_all() {
  Socket host = TRY(Socket::open(NETLINK_ROUTE));
  const PoolFile::Lock held = TRY(state_->pool.lock());
  const Pool pool = TRY(state_->pool.read());
  if (!pool.in_use().empty()) {
    return fail(Code::kFailedPrecondition, "the bridge ", state_->options.bridge,
                " cannot be removed: ", pool.in_use().size(), " pods have addresses on it");
  }
  state_->known.with([](State::Known& value) { value = {}; });
  TRY(remove_bridge(host, state_->options.bridge));
  TRY(state_->masquerade.remove());
  return state_->pool.remove(held);
}

}  // namespace cni
