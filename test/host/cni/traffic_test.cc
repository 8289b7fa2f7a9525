// Packets really go where they should: pod to pod, pod to gateway, pod to itself through the host, pod to outside.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/file.h"
#include "fixture.h"

using cni::Attachment;
using cni::BridgeNetwork;
using cni_test::connects;
using cni_test::Host;
using cni_test::Listener;
using cni_test::new_netns;
using cni_test::run;

namespace {

std::string in_proc(const base::UniqueFd& fd) {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd.get());
}

// A machine beyond the host's uplink: the host is 198.51.100.1, it is 198.51.100.2 and knows no way to any pod.
base::UniqueFd connect_outside() {
  base::UniqueFd outside = new_netns();
  run("ip link add uplink type veth peer name out0 netns " + in_proc(outside));
  run("ip addr add 198.51.100.1/24 dev uplink && ip link set uplink mtu 1400 up && ip route add default via "
      "198.51.100.2");
  run("ip addr add 198.51.100.2/24 dev out0 && ip link set out0 up && ip link set lo up", outside.get());
  return outside;
}

}  // namespace

TEST_CASE("two pods reach each other and the gateway, and are described as they are") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd one = new_netns();
  const base::UniqueFd two = new_netns();
  const Attachment a = network->attach("pod-one", one.get()).value();
  const Attachment b = network->attach("pod-two", two.get()).value();
  CHECK(a.address == "10.88.0.2");
  CHECK(b.address == "10.88.0.3");
  CHECK(a.gateway == "10.88.0.1");

  const std::string seen = run("ip -o addr show eth0; ip -o link show eth0; ip -o link show lo; ip route", one.get());
  CHECK_THAT(seen, Catch::Contains("inet 10.88.0.2/16 brd 10.88.255.255"));
  CHECK_THAT(seen, Catch::Contains(a.mac));
  CHECK_THAT(seen, Catch::Contains("default via 10.88.0.1 dev eth0"));
  CHECK_THAT(seen, Catch::Contains("lo: <LOOPBACK,UP,LOWER_UP>"));
  const std::string port = run("ip -d link show " + a.host_interface);
  CHECK_THAT(port,
             Catch::Contains("hairpin on") && Catch::Contains("master nodeagent-t") && Catch::Contains("pod-one"));

  Listener in_two(two.get(), b.address, 8080);
  REQUIRE(connects(one.get(), b.address, 8080));
  CHECK(in_two.accept_one() == a.address);
  Listener on_host(-1, "10.88.0.1", 8081);
  // The listener's socket belongs to this thread's namespace, the host's.
  REQUIRE(connects(two.get(), "10.88.0.1", 8081));
  CHECK(on_host.accept_one() == b.address);
  Listener on_loopback(one.get(), "127.0.0.1", 8082);
  CHECK(connects(one.get(), "127.0.0.1", 8082));
  CHECK_FALSE(connects(one.get(), b.address, 9999));
}

TEST_CASE("what leaves the subnet comes from the host's address") {
  const Host host;
  const base::UniqueFd outside = connect_outside();
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  const Attachment a = network->attach("pod", pod.get()).value();
  Listener server(outside.get(), "198.51.100.2", 80);
  REQUIRE(connects(pod.get(), "198.51.100.2", 80));
  CHECK(server.accept_one() == "198.51.100.1");

  // The default route's link has an MTU of 1400, and so have bridge and pod.
  CHECK_THAT(run("ip link show eth0", pod.get()), Catch::Contains("mtu 1400"));
  CHECK_THAT(run("ip link show nodeagent-t"), Catch::Contains("mtu 1400"));
  const std::string rules = run("nft list ruleset");
  CHECK_THAT(rules,
             Catch::Contains("ip saddr 10.88.0.0/16 ip daddr != 10.88.0.0/16 ip daddr != 224.0.0.0/4 masquerade"));
  CHECK_THAT(rules, Catch::Contains("iifname \"nodeagent-t\" accept"));
}

TEST_CASE("rules that somebody flushed are back with the next pod") {
  const Host host;
  const base::UniqueFd outside = connect_outside();
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd one = new_netns();
  const base::UniqueFd two = new_netns();
  REQUIRE(network->attach("one", one.get()).has_value());
  const std::string before = run("nft list ruleset");
  for (const char* loss : {"nft flush ruleset", "nft flush table inet nodeagent-t",
                           "nft flush chain inet nodeagent-t postrouting", "nft add table inet others"}) {
    INFO(loss);
    run(loss);
    REQUIRE(network->attach("two", two.get()).has_value());
    CHECK_THAT(run("nft list table inet nodeagent-t"), Catch::Contains("masquerade") && Catch::Contains("oifname"));
  }
  Listener server(outside.get(), "198.51.100.2", 80);
  REQUIRE(connects(one.get(), "198.51.100.2", 80));
  CHECK(server.accept_one() == "198.51.100.1");
}

TEST_CASE("a bridge that somebody removed is made again for the next pod") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd one = new_netns();
  const base::UniqueFd two = new_netns();
  REQUIRE(network->attach("one", one.get()).has_value());
  run("ip link del nodeagent-t");
  const auto second = network->attach("two", two.get());
  REQUIRE(second.has_value());
  Listener on_host(-1, "10.88.0.1", 8081);
  CHECK(connects(two.get(), "10.88.0.1", 8081));
  // The pod that lost its bridge is served again by attaching it again; it keeps its address.
  const auto again = network->attach("one", one.get());
  REQUIRE(again.has_value());
  CHECK(again->address == "10.88.0.2");
  Listener in_two(two.get(), second->address, 8080);
  CHECK(connects(one.get(), second->address, 8080));
}
