// What a pod's network costs: BridgeNetwork::attach and detach, beside the bare floor (the same netlink messages and
// nothing around them) and each step alone. Runs as root in a network namespace of its own; prints microseconds.
#include <linux/rtnetlink.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/path.h"
#include "base/sys.h"
#include "cni/bridge.h"
#include "cni/link.h"
#include "cni/masquerade.h"
#include "cni/netlink.h"
#include "cni/pool.h"

namespace {

using base::UniqueFd;
using cni::netlink::Batch;
using cni::netlink::Socket;

constexpr int kRounds = 100;

std::string folder;  // removed at exit, also at a failed one

template <typename T>
T must(base::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "cni_attach: %s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class Samples {
 public:
  explicit Samples(std::string name) : name_(std::move(name)) {}
  template <typename Function>
  auto time(const Function& function) {
    const auto start = std::chrono::steady_clock::now();
    auto result = function();
    taken_.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    return result;
  }
  double percentile(size_t percent) {
    std::ranges::sort(taken_);
    return taken_[std::min(taken_.size() - 1, taken_.size() * percent / 100)];
  }
  double print(double floor = 0) {
    const double median = percentile(50);
    std::printf("%-44s p50 %8.1f  p90 %8.1f us", name_.c_str(), median, percentile(90));
    if (floor > 0) std::printf("  %.2fx the floor", median / floor);
    std::printf("\n");
    return median;
  }

 private:
  std::string name_;
  std::vector<double> taken_;
};

UniqueFd own_netns() { return must(base::sys::open("/proc/thread-self/ns/net", O_RDONLY)); }

UniqueFd new_netns() {
  UniqueFd made;
  std::thread([&] {
    must(base::sys::unshare(CLONE_NEWNET));
    made = own_netns();
  }).join();
  return made;
}

struct Floor {
  Samples all{"floor: the bare messages of an attach"};
  Samples remove{"floor: the bare message of a detach"};
  Samples enter{"  step: socket in the pod's namespace"};
  Samples pair{"  step: veth pair, port, up (2 messages)"};
  Samples pod{"  step: lo, eth0, address, route (4 messages)"};
};

void bare(Floor& floor, Socket& host, int home, int netns, int bridge_index, const cni::Subnet& subnet) {
  const cni::Ipv4 address = subnet.first_pod() + 1000;
  floor.all.time([&] {
    Socket socket = floor.enter.time([&] { return must(Socket::open_in(netns, home, NETLINK_ROUTE)); });
    floor.pair.time([&] {
      Batch batch;
      cni::put_create_veth(batch, {.host_name = "vethbench",
                                   .bridge_index = bridge_index,
                                   .pod_name = "eth0",
                                   .pod_netns_fd = netns,
                                   .pod_mac = cni::mac_of(address),
                                   .mtu = 1500,
                                   .alias = "bench"});
      must(host.exchange(batch));
      return 0;
    });
    floor.pod.time([&] {
      const int pod_index = must(socket.link_index("eth0"));
      Batch batch;
      cni::put_link_up(batch, 1, "");
      cni::put_link_up(batch, pod_index, "");
      cni::put_address(batch, {.link_index = pod_index, .address = address, .subnet = subnet}, "");
      cni::put_default_route(batch, pod_index, subnet.gateway());
      must(socket.exchange(batch));
      return 0;
    });
    return 0;
  });
  floor.remove.time([&] { return must(cni::delete_link(host, "vethbench")); });
}

void measure() {
  const UniqueFd home = own_netns();
  const cni::BridgeOptions options{.bridge = "bench0",
                                   .subnet = "10.88.0.0/16",
                                   .nft_table = "bench",
                                   .state_dir = folder + "/network",
                                   .locks_dir = folder + "/locks"};
  const auto network = must(cni::BridgeNetwork::open(options));
  const UniqueFd first = new_netns();
  Samples start("first attach: bridge and nftables rules too");
  start.time([&] { return must(network->attach("first", first.get())); });
  // A node with pods on it: the pool has entries to read and write.
  std::vector<UniqueFd> others;
  for (int i = 0; i < 50; ++i) {
    others.push_back(new_netns());
    must(network->attach("other-" + std::to_string(i), others.back().get()));
  }

  const cni::Subnet subnet = must(cni::parse_subnet(options.subnet));
  Socket host = must(Socket::open(NETLINK_ROUTE));
  const int bridge_index = must(cni::get_link(host, options.bridge))->index;
  const cni::Masquerade masquerade(options.nft_table, options.bridge, subnet);
  cni::PoolFile pool(folder + "/pool", folder + "/pool.lock", subnet, "boot");
  for (int i = 0; i < 50; ++i) must(pool.allocate("other-" + std::to_string(i)));

  Floor floor;
  Samples attach("BridgeNetwork::attach");
  Samples detach("BridgeNetwork::detach");
  Samples allocate("  step: address from the pool (51 in use)");
  Samples generation("  step: are the nftables rules unchanged");
  for (int i = 0; i < kRounds; ++i) {
    // Kept to the end: the kernel takes ended namespaces down in the background, holding the lock that links need.
    const UniqueFd& for_floor = others.emplace_back(new_netns());
    bare(floor, host, home.get(), for_floor.get(), bridge_index, subnet);
    const UniqueFd& netns = others.emplace_back(new_netns());
    const std::string id = "pod-" + std::to_string(i);
    attach.time([&] { return must(network->attach(id, netns.get())); });
    detach.time([&] { return network->detach(id).has_value(); });
    allocate.time([&] { return must(pool.allocate(id)); });
    must(pool.release({&id, 1}));
    generation.time([&] { return must(masquerade.generation()); });
  }
  start.print();
  const double attach_floor = floor.all.print();
  attach.print(attach_floor);
  floor.enter.print();
  floor.pair.print();
  floor.pod.print();
  allocate.print();
  generation.print();
  const double detach_floor = floor.remove.print();
  detach.print(detach_floor);
  must(network->collect({}));
  must(network->remove_all());
}

}  // namespace

int main() {
  if (::geteuid() != 0) {
    std::puts("skipped: makes network namespaces and links, which takes root");
    return 77;
  }
  must(base::sys::unshare(CLONE_NEWNET));
  // Where --root is by default, so that the pool is on a disk's file system and not in memory.
  folder = "/var/tmp/cni-attach-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  std::atexit([] { (void)base::remove_tree(folder); });
  measure();
  return 0;
}
