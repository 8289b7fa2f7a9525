// The built-in bridge network: what a node without CNI plugins gives its pods. One Linux bridge an instance, one veth
// pair a pod, addresses from a persisted pool, masquerade through nftables. Everything goes over netlink; no program is
// run.
//
//   pod netns                    host netns
//   eth0 10.88.0.5/16  <--veth-->  veth3k9…  --port of-->  bridge 10.88.0.1/16  --routed, masqueraded-->  outside
//   default via 10.88.0.1
//
// What it changes on the host, beside the bridge and its veth ends:
//   - net.ipv4.ip_forward is set to 1 and left so: replies from outside come in on another link than the bridge, so the
//     bridge's own forwarding switch alone would not do. Whoever needs it off between other links filters there.
//   - net.ipv6.conf.<bridge>.accept_ra is set to 0: no pod may give the host routes (CVE-2020-10749).
//   - one nftables table of our own (BridgeOptions::nft_table, family inet): masquerade of what leaves the subnet, and
//     accept rules for what the bridge forwards. An accept verdict holds only within its own table: where somebody
//     else's table or an iptables FORWARD policy drops forwarded packets, an accept rule must be added there.
//
// Limits: IPv4 only. The masquerade rules are looked for again whenever the node's nftables rules have changed since
// the last attach of this process, and made anew if lost.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"

namespace cni {

struct BridgeOptions {
  std::string bridge;     // name of the bridge link, at most 15 characters (IFNAMSIZ)
  std::string subnet;     // "10.88.0.0/16": IPv4, /8 to /30
  std::string nft_table;  // name of our table in family inet
  std::string state_dir;  // <root>/network: holds the address pool; made if missing
  std::string locks_dir;  // <root>/locks: holds network.lock; made if missing
  int mtu = 0;            // bytes; 0: of the default route's link when the bridge is made, else 1500
};

// A pod's place in the network. All of it follows from the sandbox id and the address.
struct Attachment {
  std::string sandbox_id;
  std::string interface;       // in the pod: "eth0"
  std::string address;         // "10.88.0.5"
  int prefix = 0;              // of the subnet: 16
  std::string gateway;         // "10.88.0.1", the bridge's own address
  std::string mac;             // of eth0: "0a:58:0a:58:00:05", made from the address
  std::string host_interface;  // the port of the bridge: "veth" and a hash of the sandbox id
};

// Owns nothing in the kernel: bridge, links and rules outlive the process on purpose (pods do too). Any number of
// objects, threads and processes may work on one bridge at once; the pool and the making of the bridge are guarded by
// flock on <locks_dir>/network.lock. For one sandbox id, calls must not overlap (the caller holds the pod's lock).
//
// Threads: every call must come from a thread that is in the host's network namespace, the one open() was called in.
// attach() moves the calling thread into the pod's network namespace for the time of opening one socket and back; the
// process is ended should the way back fail, rather than going on in a pod's namespace.
//
// Errors: kPermissionDenied without CAP_NET_ADMIN (attach also needs CAP_SYS_ADMIN); kResourceExhausted when the subnet
// is full; kFailedPrecondition when the bridge's name is taken by another kind of link, or the subnet overlaps a route
// of the host or differs from the one in use. After a failed attach nothing of the sandbox is left.
class BridgeNetwork {
 public:
  // Checks the options (kInvalidArgument) and makes the folders; touches no network. The bridge comes with the first
  // attach.
  static base::Result<std::unique_ptr<BridgeNetwork>> open(BridgeOptions options);
  ~BridgeNetwork();

  // Gives the sandbox an address and, in the network namespace of netns_fd, eth0 with it, the default route and lo up.
  // Repeating it for a sandbox makes its link anew with the same address.
  base::Result<Attachment> attach(const std::string& sandbox_id, int netns_fd);
  // Removes the link, then frees the address. Repeatable; the pod's network namespace may be gone already.
  base::Status detach(const std::string& sandbox_id);
  // What the pool records of the sandbox; nullopt where it has no address.
  base::Result<std::optional<Attachment>> find(const std::string& sandbox_id);
  // Frees the links and addresses that belong to none of the live sandboxes: what a crash or kill -9 left behind.
  // live must hold every sandbox whose attach may be running, in any process.
  base::Status collect(const std::set<std::string>& live);
  // Removes the bridge, the nft table and the pool; kFailedPrecondition while a sandbox has an address. Repeatable.
  base::Status remove_all();

 private:
  struct State;
  explicit BridgeNetwork(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The subnet of an instance that was given none. "nodeagent" has 10.88.0.0/16; every other name has one of the 8192
// blocks 10.128.0.0/22, 10.128.4.0/22 … 10.255.252.0/22 (1021 pods each), chosen by a hash of the name, so that it is
// the same in every run. Should two names meet in a block, the second bridge is refused for overlapping the first one's
// route, and --subnet decides.
std::string default_subnet(const std::string& instance);

}  // namespace cni
