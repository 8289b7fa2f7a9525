// The parts of stats that need no cgroup: rates, interfaces, CRI's messages.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/file.h"
#include "runtime/service/meters.h"
#include "runtime/service/network_usage.h"
#include "runtime/service/registry.h"
#include "runtime/service/stats_messages.h"

using namespace runtime::service;
using namespace std::chrono_literals;

TEST_CASE("a processor rate needs two samples a second apart, and stands in between") {
  CpuRate rate;
  const base::Monotonic start{100s};
  CHECK_FALSE(rate.update(5'000'000'000, start).has_value());
  CHECK_FALSE(rate.update(5'400'000'000, start + 900ms).has_value());
  // Half a processor for two seconds: from the first sample on.
  CHECK(rate.update(6'000'000'000, start + 2s) == 500'000'000);
  CHECK(rate.update(6'900'000'000, start + 2500ms) == 500'000'000);
  CHECK(rate.update(9'000'000'000, start + 3s) == 3'000'000'000);
  // Another cgroup of the same name begins anew.
  CHECK_FALSE(rate.update(1000, start + 5s).has_value());
  CHECK(rate.update(1000, start + 6s) == 0);
}

TEST_CASE("a pod's interfaces are all but lo") {
  const auto interfaces = parse_net_dev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
      "compressed\n"
      "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
      "  eth0: 100123 12 3 0 0 0 0 0    4567  8  9 0 0 0 0 0\n"
      "net1:18446744073709551615 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0\n"
      "  odd: 1 2 three\n");
  REQUIRE(interfaces.size() == 2);
  CHECK(interfaces[0].name == "eth0");
  CHECK(interfaces[0].rx_bytes == 100'123);
  CHECK(interfaces[0].rx_errors == 3);
  CHECK(interfaces[0].tx_bytes == 4567);
  CHECK(interfaces[0].tx_errors == 9);
  CHECK(interfaces[1].name == "net1");
  CHECK(interfaces[1].rx_bytes == UINT64_MAX);
  CHECK(interfaces[1].tx_bytes == 6);
}

TEST_CASE("a pod on the host's network has no interfaces of its own, nor has one whose shim is gone") {
  SandboxRecord sandbox;
  sandbox.shim_pid = ::getpid();
  sandbox.shim_start_time = process_start_time(::getpid()).value();
  sandbox.host_network = true;
  CHECK(network_usage(sandbox).empty());
  sandbox.host_network = false;
  const auto found = base::read_file("/proc/self/net/dev");
  REQUIRE(found);
  CHECK(network_usage(sandbox).size() == parse_net_dev(*found).size());
  // Another process has its pid.
  ++sandbox.shim_start_time;
  CHECK(network_usage(sandbox).empty());
}

TEST_CASE("CRI's messages have what was read, and leave unset what was not") {
  Reading reading;
  v1::ContainerStats bare;
  fill(reading, 7, bare);
  CHECK(bare.cpu().timestamp() == 7);
  CHECK_FALSE(bare.cpu().has_usage_core_nano_seconds());
  CHECK_FALSE(bare.cpu().has_usage_nano_cores());
  CHECK_FALSE(bare.cpu().has_psi());
  CHECK_FALSE(bare.memory().has_working_set_bytes());
  CHECK_FALSE(bare.memory().has_available_bytes());
  CHECK_FALSE(bare.has_swap());
  CHECK_FALSE(bare.has_io());
  CHECK_FALSE(bare.has_writable_layer());

  reading.nano_cores = 250;
  reading.stats = {.cpu_usage_ns = 1,
                   .memory_usage = 100,
                   .memory_working_set = 60,
                   .memory_limit = 200,
                   .memory_rss = 40,
                   .page_faults = 5,
                   .major_page_faults = 6,
                   .swap_usage = 70,
                   .swap_limit = 80,
                   .processes = 3};
  reading.stats.cpu_pressure = {.some = {.avg10 = 1.5, .avg60 = 2, .avg300 = 3, .total_us = 4},
                                .full = {.total_us = 9}};
  reading.stats.io_pressure.emplace();
  v1::ContainerStats container;
  fill(reading, 8, container);
  CHECK(container.cpu().usage_nano_cores().value() == 250);
  CHECK(container.cpu().psi().some().avg10() == 1.5);
  CHECK(container.cpu().psi().some().avg300() == 3);
  CHECK(container.cpu().psi().some().total() == 4);
  CHECK(container.cpu().psi().full().total() == 9);
  CHECK(container.memory().usage_bytes().value() == 100);
  CHECK(container.memory().working_set_bytes().value() == 60);
  CHECK(container.memory().available_bytes().value() == 140);
  CHECK(container.memory().rss_bytes().value() == 40);
  CHECK(container.memory().page_faults().value() == 5);
  CHECK(container.memory().major_page_faults().value() == 6);
  CHECK_FALSE(container.memory().has_psi());
  CHECK(container.swap().swap_usage_bytes().value() == 70);
  CHECK(container.swap().swap_available_bytes().value() == 10);
  CHECK(container.io().timestamp() == 8);
  CHECK(container.io().has_psi());

  v1::LinuxPodSandboxStats pod;
  fill(reading, 8, pod);
  fill(
      {{.name = "net1", .rx_bytes = 5}, {.name = "eth0", .rx_bytes = 1, .rx_errors = 2, .tx_bytes = 3, .tx_errors = 4}},
      8, pod);
  CHECK(pod.process().process_count().value() == 3);
  CHECK(pod.memory().available_bytes().value() == 140);
  CHECK(pod.network().default_interface().name() == "eth0");
  CHECK(pod.network().default_interface().rx_bytes().value() == 1);
  CHECK(pod.network().default_interface().rx_errors().value() == 2);
  CHECK(pod.network().default_interface().tx_bytes().value() == 3);
  CHECK(pod.network().default_interface().tx_errors().value() == 4);
  REQUIRE(pod.network().interfaces_size() == 1);
  CHECK(pod.network().interfaces(0).name() == "net1");
}
