#include "cni/subnet.h"

#include <catch2/catch.hpp>
#include <set>

#include "cni/bridge.h"
#include "cni/link.h"

using cni::parse_subnet;
using cni::Route;
using cni::Subnet;

TEST_CASE("a subnet knows its gateway, pods and broadcast") {
  const Subnet subnet = parse_subnet("10.88.0.0/16").value();
  CHECK(cni::ipv4_text(subnet.gateway()) == "10.88.0.1");
  CHECK(cni::ipv4_text(subnet.first_pod()) == "10.88.0.2");
  CHECK(cni::ipv4_text(subnet.last_pod()) == "10.88.255.254");
  CHECK(cni::ipv4_text(subnet.broadcast()) == "10.88.255.255");
  CHECK(subnet.pods() == 65533);
  CHECK(parse_subnet("192.168.7.4/30").value().pods() == 1);
}

TEST_CASE("subnets no pod can have are refused with the reason") {
  for (const char* text : {"", "10.88.0.0", "10.88.0.0/", "10.88.0.0/x", "10.88.0.0/7", "10.88.0.0/31", "10.88.0.0/16 ",
                           "fd00::/64", "127.0.0.0/8", "224.0.0.0/24", "0.0.0.0/8", "10.88/16"}) {
    INFO(text);
    const auto subnet = parse_subnet(text);
    REQUIRE_FALSE(subnet.has_value());
    CHECK(subnet.error().code() == base::Code::kInvalidArgument);
  }
  CHECK_THAT(parse_subnet("10.88.3.0/16").error().to_string(), Catch::Contains("did you mean 10.88.0.0/16?"));
}

TEST_CASE("instances have subnets of their own that stay the same") {
  CHECK(cni::default_subnet("nodeagent") == "10.88.0.0/16");
  CHECK(cni::default_subnet("test-1") == cni::default_subnet("test-1"));
  const Subnet range{.network = 0x0a800000, .prefix = 9};
  std::set<std::string> different;
  for (int i = 0; i < 100; ++i) {
    const std::string text = cni::default_subnet("test-" + std::to_string(i));
    const auto subnet = parse_subnet(text);
    REQUIRE(subnet.has_value());
    CHECK(subnet->prefix == 22);
    CHECK(range.contains(subnet->network));
    different.insert(text);
  }
  CHECK(different.size() >= 97);
}

TEST_CASE("a host interface's name is short, follows from the sandbox id, and is known as ours") {
  const std::string name = cni::host_interface_of("3f1c");
  CHECK(name.size() == 15);
  CHECK(name == cni::host_interface_of("3f1c"));
  CHECK(name != cni::host_interface_of("3f1d"));
  CHECK(cni::is_host_interface(name));
  CHECK_FALSE(cni::is_host_interface("veth0"));
  CHECK_FALSE(cni::is_host_interface("vethA23456789ab"));
  CHECK_FALSE(cni::is_host_interface("eth012345678901"));
}

TEST_CASE("a MAC follows from the address") { CHECK(cni::mac_text(cni::mac_of(0x0a580005)) == "0a:58:0a:58:00:05"); }

TEST_CASE("a route in the way is one that holds some of the subnet's addresses") {
  const Subnet pods = parse_subnet("10.88.0.0/16").value();
  const Route all{.destination = {.network = 0, .prefix = 0}, .link_index = 2};
  const Route lan{.destination = {.network = 0xc0a80000, .prefix = 24}, .link_index = 2};
  const Route inner{.destination = {.network = 0x0a580700, .prefix = 24}, .link_index = 3};
  const Route outer{.destination = {.network = 0x0a000000, .prefix = 8}, .link_index = 3, .gateway = 0xc0a80001};
  const Route own{.destination = pods, .link_index = 9};
  CHECK_FALSE(cni::route_in_the_way({all, lan, own}, pods, 9).has_value());
  CHECK(cni::route_in_the_way({all, inner}, pods, 9)->destination == inner.destination);
  CHECK(cni::route_in_the_way({all, outer}, pods, 9)->destination == outer.destination);
  CHECK(cni::route_in_the_way({own}, pods, 0).has_value());
  CHECK_THAT(outer.text(), Catch::StartsWith("10.0.0.0/8 via 192.168.0.1"));
}

TEST_CASE("the default route is the one of the lowest metric") {
  const Route lan{.destination = {.network = 0xc0a80000, .prefix = 24}, .link_index = 4};
  const Route wired{.destination = {.network = 0, .prefix = 0}, .link_index = 2, .metric = 100};
  const Route radio{.destination = {.network = 0, .prefix = 0}, .link_index = 3, .metric = 600};
  CHECK(cni::default_route({radio, lan, wired})->link_index == 2);
  CHECK_FALSE(cni::default_route({lan}).has_value());
}
