// What `stats` makes of two looks at the same pods.
#include "agent/cli/stats_view.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace agent::cli;
using namespace std::chrono_literals;
using Row = std::vector<std::string>;

// A pod with one container of everything; half a processor was used, and throttled 30 of 40 periods, in the two seconds
// between the looks.
cri::PodUsage pod_at(base::Monotonic at, bool later) {
  cri::ContainerUsage container{
      .id = "c1", .name = "main", .started_at = 1'700'000'001'000'000'000, .at = at, .stats = {}};
  container.stats = {.cpu_usage_ns = later ? 3'000'000'000 : 2'000'000'000,
                     .cpu_periods = later ? 140 : 100,
                     .cpu_throttled_periods = later ? 60 : 30,
                     .cpu_throttled_ns = 1'230'000'000,
                     .memory_usage = 20 << 20,
                     .memory_working_set = 12 << 20,
                     .memory_peak = 48 << 20,
                     .memory_limit = 64 << 20,
                     .memory_rss = 10 << 20,
                     .page_faults = 5,
                     .oom_kills = 1,
                     .swap_usage = 1536,
                     .processes = 3,
                     .io_read_bytes = 100,
                     .io_write_bytes = 2 << 20,
                     .io_reads = 7,
                     .io_writes = 8};
  container.stats.memory_pressure = {.some = {.avg10 = 1.5, .avg60 = 0.25, .avg300 = 0, .total_us = 99}, .full = {}};
  return {.sandbox_id = "s1",
          .pod_namespace = "shop",
          .name = "web",
          .uid = "u1",
          .created_at = 1'700'000'000'000'000'000,
          .at = at,
          .stats = container.stats,
          .interfaces = {{.name = "eth0", .rx_bytes = 1000, .rx_errors = 1, .tx_bytes = 2000, .tx_errors = 2},
                         {.name = "net1", .rx_bytes = 24, .tx_bytes = 48}},
          .containers = {container}};
}

UsageSample first() { return {.at = base::WallTime(1'700'000'010s), .pods = {pod_at(base::Monotonic(5s), false)}}; }
UsageSample second() { return {.at = base::WallTime(1'700'000'012s), .pods = {pod_at(base::Monotonic(7s), true)}}; }

// A node without controllers: only the processor time is known.
UsageSample bare(base::Monotonic at, uint64_t cpu_usage_ns) {
  cri::ContainerUsage container{
      .id = "c1", .name = "main", .started_at = 0, .at = at, .stats = {.cpu_usage_ns = cpu_usage_ns}};
  cri::PodUsage pod{.sandbox_id = "s1", .pod_namespace = "default", .name = "host", .uid = "u2", .at = at};
  pod.containers.push_back(container);
  return {.at = base::WallTime(1'700'000'012s), .pods = {pod}};
}

TEST_CASE("sizes are shown in the units of a pod's resources") {
  CHECK(binary_size(0) == "0");
  CHECK(binary_size(1023) == "1023");
  CHECK(binary_size(1024) == "1Ki");
  CHECK(binary_size(1536) == "1.5Ki");
  CHECK(binary_size((10 << 20) + (300 << 10)) == "10.3Mi");
  CHECK(binary_size((1UL << 30) - 1) == "1Gi");
  CHECK(binary_size(UINT64_MAX) == "16384Pi");
}

TEST_CASE("the table has a row for each container, with what it did between the looks") {
  const auto rows = stats_table(first(), second());
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == Row{"NAMESPACE", "POD", "CONTAINER", "CPU", "MEMORY/LIMIT", "PEAK", "SWAP", "PIDS", "THROTTLED",
                       "IO R/W", "NET RX/TX"});
  CHECK(rows[1] ==
        Row{"shop", "web", "main", "50.0%", "12Mi/64Mi", "48Mi", "1.5Ki", "3", "75.0%/1.2s", "100/2Mi", "1Ki/2Ki"});
}

TEST_CASE("what the node does not give is a dash, and nothing in JSON") {
  const auto before = bare(base::Monotonic(1s), 0);
  const auto now = bare(base::Monotonic(3s), 20'000'000);
  CHECK(stats_table(before, now)[1] == Row{"default", "host", "main", "1.0%", "-", "-", "-", "-", "-", "-", "-"});
  const auto json = nlohmann::json::parse(stats_json(before, now))["pods"][0];
  const auto& container = json["containers"][0];
  CHECK(container["cpu"]["usageNanoCores"] == 10'000'000);
  for (const char* absent : {"memory", "io", "swap", "process_stats"}) CHECK_FALSE(container.contains(absent));
  CHECK_FALSE(container["cpu"].contains("psi"));
  CHECK_FALSE(container["cpu"].contains("throttling"));
  CHECK_FALSE(json.contains("network"));
}

TEST_CASE("a container that was not there at the first look has no rate yet") {
  const UsageSample empty{.at = base::WallTime(1s), .pods = {}};
  const auto rows = stats_table(empty, second());
  CHECK(rows[1][3] == "-");
  CHECK(rows[1][8] == "-/1.2s");
  const auto json = nlohmann::json::parse(stats_json(empty, second()));
  const auto& cpu = json["pods"][0]["containers"][0]["cpu"];
  CHECK_FALSE(cpu.contains("usageNanoCores"));
  CHECK(cpu["usageCoreNanoSeconds"] == 3'000'000'000);
  CHECK_FALSE(cpu["throttling"].contains("throttledShare"));
  // Started anew in between: another container.
  UsageSample restarted = second();
  restarted.pods[0].containers[0].id = "c2";
  CHECK(stats_table(first(), restarted)[1][3] == "-");
}

TEST_CASE("without a limit there is nothing to be throttled by, and memory is without end") {
  UsageSample before = first();
  UsageSample now = second();
  for (UsageSample* sample : {&before, &now}) {
    runtime::cgroup::Stats& stats = sample->pods[0].containers[0].stats;
    stats.cpu_periods = stats.cpu_throttled_periods = stats.cpu_throttled_ns = 0;
    stats.memory_limit.reset();
  }
  const auto rows = stats_table(before, now);
  CHECK(rows[1][4] == "12Mi/none");
  CHECK(rows[1][8] == "0.0%/0.0s");
  CHECK_FALSE(
      nlohmann::json::parse(stats_json(before, now))["pods"][0]["containers"][0]["memory"].contains("availableBytes"));
}

TEST_CASE("the network is told once a pod, and a pod whose container waits for its restart is still there") {
  UsageSample now = second();
  now.pods[0].containers.push_back(now.pods[0].containers[0]);
  now.pods[0].containers[1].id = "c2";
  auto rows = stats_table(first(), now);
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].back() == "1Ki/2Ki");
  CHECK(rows[2].size() == rows[0].size() - 1);
  now.pods[0].containers.clear();
  rows = stats_table(first(), now);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1][2] == "-");
  CHECK(rows[1][3] == "50.0%");
  CHECK(rows[1].back() == "1Ki/2Ki");
}

TEST_CASE("JSON has the fields of the Summary API, and throttling, peak and bytes of input and output beside them") {
  const std::string text = stats_json(first(), second());
  CHECK(text.find('\n') == text.size() - 1);
  const auto pod = nlohmann::json::parse(text)["pods"][0];
  CHECK(pod["podRef"] == nlohmann::json{{"name", "web"}, {"namespace", "shop"}, {"uid", "u1"}});
  CHECK(pod["startTime"] == "2023-11-14T22:13:20Z");
  CHECK(pod["network"]["name"] == "eth0");
  CHECK(pod["network"]["rxBytes"] == 1000);
  CHECK(pod["network"]["rxErrors"] == 1);
  CHECK(pod["network"]["txBytes"] == 2000);
  CHECK(pod["network"]["txErrors"] == 2);
  CHECK(pod["network"]["interfaces"].size() == 2);
  CHECK(pod["process_stats"]["process_count"] == 3);
  CHECK(pod["cpu"]["usageNanoCores"] == 500'000'000);

  const auto& main = pod["containers"][0];
  CHECK(main["name"] == "main");
  CHECK(main["startTime"] == "2023-11-14T22:13:21Z");
  CHECK(main["cpu"]["time"] == "2023-11-14T22:13:32Z");
  CHECK(main["cpu"]["usageNanoCores"] == 500'000'000);
  CHECK(main["cpu"]["usageCoreNanoSeconds"] == 3'000'000'000);
  CHECK(main["cpu"]["throttling"]["periods"] == 140);
  CHECK(main["cpu"]["throttling"]["throttledPeriods"] == 60);
  CHECK(main["cpu"]["throttling"]["throttledNanoSeconds"] == 1'230'000'000);
  CHECK(main["cpu"]["throttling"]["throttledShare"] == 0.75);
  CHECK(main["memory"]["usageBytes"] == 20 << 20);
  CHECK(main["memory"]["workingSetBytes"] == 12 << 20);
  CHECK(main["memory"]["availableBytes"] == 52 << 20);
  CHECK(main["memory"]["rssBytes"] == 10 << 20);
  CHECK(main["memory"]["pageFaults"] == 5);
  CHECK(main["memory"]["peakBytes"] == 48 << 20);
  CHECK(main["memory"]["limitBytes"] == 64 << 20);
  CHECK(main["memory"]["oomKills"] == 1);
  CHECK(main["memory"]["psi"]["some"]["avg10"] == 1.5);
  CHECK(main["memory"]["psi"]["some"]["total"] == 99);
  CHECK(main["io"]["readBytes"] == 100);
  CHECK(main["io"]["writeOperations"] == 8);
  CHECK(main["swap"]["swapUsageBytes"] == 1536);
  CHECK(main["process_stats"]["process_count"] == 3);
}

}  // namespace
