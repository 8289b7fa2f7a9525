// What CRI asks for as a container's resources, as the container meets it: the promises of docs/resources.md.
#include <sys/swap.h>

#include <chrono>
#include <cmath>

#include "base/sys.h"
#include "runtime/cgroup/settings.h"
#include "test/host/cgroup/disk.h"
#include "test/host/service/limited_pod.h"

namespace v1 = cri::v1;

namespace {

using cgroup_test::available;
using cgroup_test::eventually;
using cgroup_test::in_test_vm;
using Clock = std::chrono::steady_clock;
using Resources = LimitedPod::Resources;

const std::vector<std::string> kLoop{"sh", "-c", "while :; do :; done"};

double seconds_after(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

TEST_CASE("what is asked for is in the container's cgroup") {
  if (!available({"cpu", "cpuset", "memory", "pids", "io", "hugetlb"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_cpu_shares(512);
  asked.set_cpu_quota(50'000);
  asked.set_cpu_period(100'000);
  asked.set_cpuset_cpus("1");
  asked.set_cpuset_mems("0");
  asked.set_memory_limit_in_bytes(64 << 20);
  asked.set_memory_swap_limit_in_bytes(80 << 20);
  asked.add_hugepage_limits()->set_page_size("2MB");
  asked.mutable_hugepage_limits(0)->set_limit(4 << 20);
  (*asked.mutable_unified())["memory.oom.group"] = "1";
  (*asked.mutable_unified())["pids.max"] = "9";
  (*asked.mutable_unified())["io.weight"] = "50";
  const std::string id = pod.start("web", {"sleep", "1000"}, asked);
  CHECK(pod.get(id, "cpu.weight") == "59");
  CHECK(pod.get(id, "cpu.max") == "50000 100000");
  CHECK(pod.get(id, "cpuset.cpus") == "1");
  CHECK(pod.get(id, "cpuset.mems") == "0");
  CHECK(pod.get(id, "memory.max") == "67108864");
  CHECK(pod.get(id, "memory.swap.max") == "16777216");
  CHECK(pod.get(id, "memory.oom.group") == "1");
  CHECK(pod.get(id, "hugetlb.2MB.max") == "4194304");
  CHECK(pod.get(id, "pids.max") == "9");
  CHECK(pod.get(id, "io.weight") == "default 50");
  CHECK(pod.node().status(id).resources().linux().memory_limit_in_bytes() == 64 << 20);
}

TEST_CASE("a loop is held to its quota within five percent") {
  if (!available({"cpu"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_cpu_quota(25'000);
  asked.set_cpu_period(100'000);
  const std::string id = pod.start("loop", kLoop, asked);
  // From one moment of being throttled to another: both are at the end of a quota.
  const auto next_throttled = [&] {
    const uint64_t so_far = pod.get(id, "cpu.stat", "nr_throttled");
    REQUIRE(eventually([&] { return pod.get(id, "cpu.stat", "nr_throttled") > so_far; }));
  };
  next_throttled();
  const Clock::time_point start = Clock::now();
  const double before = pod.cpu_seconds(id);
  while (seconds_after(start) < 4) next_throttled();
  CHECK((pod.cpu_seconds(id) - before) / seconds_after(start) == Approx(0.25).epsilon(0.05));
  CHECK(pod.get(id, "cpu.stat", "throttled_usec") > 0);
}

TEST_CASE("what was saved up may be used in a burst") {
  if (!available({"cpu"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_cpu_quota(20'000);
  asked.set_cpu_period(100'000);
  // Works for less than its quota on average, but for more than it at once.
  const std::vector<std::string> in_bursts{
      "sh", "-c", "while :; do sleep 0.2; i=0; while [ $i -lt 400 ]; do i=$((i+1)); done; done"};
  const std::string without = pod.start("without", in_bursts, asked);
  (*asked.mutable_unified())["cpu.max.burst"] = "20000";
  const std::string with = pod.start("with", in_bursts, asked);
  REQUIRE(eventually([&] { return pod.get(with, "cpu.stat", "nr_bursts") >= 3; }));
  CHECK(pod.get(with, "cpu.stat", "burst_usec") > 0);
  CHECK(pod.get(without, "cpu.stat", "nr_bursts") == 0);
}

TEST_CASE("who contends for a processor has it by weight, within ten percent") {
  if (!available({"cpu", "cpuset"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_cpuset_cpus("0");
  asked.set_cpu_shares(1024);
  const std::string light = pod.start("light", kLoop, asked);
  asked.set_cpu_shares(4096);
  const std::string heavy = pod.start("heavy", kLoop, asked);
  const double light_before = pod.cpu_seconds(light);
  const double heavy_before = pod.cpu_seconds(heavy);
  REQUIRE(
      eventually([&] { return pod.cpu_seconds(light) + pod.cpu_seconds(heavy) > light_before + heavy_before + 3; }));
  const double promised = static_cast<double>(runtime::cgroup::weight_of_shares(4096)) /
                          static_cast<double>(runtime::cgroup::weight_of_shares(1024));
  CHECK((pod.cpu_seconds(heavy) - heavy_before) / (pod.cpu_seconds(light) - light_before) ==
        Approx(promised).epsilon(0.1));
}

TEST_CASE("a container runs on the processors that it was given") {
  if (!available({"cpuset"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_cpuset_cpus("1");
  const std::string id = pod.start("one", {"grep", "Cpus_allowed_list", "/proc/self/status"}, asked);
  pod.node().wait(id);
  CHECK(pod.node().log_of(id) == "Cpus_allowed_list:\t1\n");
  asked.set_cpuset_cpus("4000");
  const std::string wrong = pod.create("wrong", {"true"}, asked);
  v1::StartContainerRequest request;
  request.set_container_id(wrong);
  const auto started = pod.node().runtime().start_container(within(30), request);
  REQUIRE_FALSE(started.has_value());
  CHECK_THAT(started.error().to_string(), Catch::Contains("4000") && Catch::Contains("0-1 can be chosen from"));
}

TEST_CASE("a container makes no more processes than it may") {
  if (!available({"pids"})) return;
  LimitedPod pod;
  Resources asked;
  (*asked.mutable_unified())["pids.max"] = "3";
  const std::string id = pod.start("forks", {"sh", "-c", "sleep 1000 & sleep 1000 & sleep 1000 & echo four"}, asked);
  CHECK(pod.node().wait(id).exit_code() != 0);
  CHECK_THAT(pod.node().log_of(id), Catch::Contains("fork") && !Catch::Contains("four"));
}

TEST_CASE("a container writes to a disk as fast as it may") {
  if (!available({"io"})) return;
  const cgroup_test::Disk disk(8 << 20);
  LimitedPod pod;
  Resources asked;
  (*asked.mutable_unified())["io.max"] = disk.number() + " wbps=" + std::to_string(2 << 20);
  v1::ContainerConfig config =
      pod.node().container("writer", {"dd", "if=/dev/zero", "of=/dev/disk", "bs=256k", "count=16", "oflag=direct"});
  *config.mutable_linux()->mutable_resources() = asked;
  v1::Device& device = *config.add_devices();
  device.set_host_path(disk.device());
  device.set_container_path("/dev/disk");
  device.set_permissions("rw");
  const std::string id = pod.create(config);
  const Clock::time_point start = Clock::now();
  pod.node().start(id);
  CHECK(pod.node().wait(id).exit_code() == 0);
  // 4 MiB at 2 MiB a second; how much longer the machine takes is its own affair.
  CHECK(seconds_after(start) > 1.7);
}

TEST_CASE("a container has no more huge pages than it may") {
  if (!available({"hugetlb"})) return;
  if (!in_test_vm("huge pages of this machine are not a test's to take")) return;
  REQUIRE(base::write_control_file("/proc/sys/vm/nr_hugepages", "4"));
  LimitedPod pod;
  const std::string folder = pod.node().folder() + "/huge";
  REQUIRE(base::make_dirs(folder, 0755));
  REQUIRE(base::sys::mount("none", folder, "hugetlbfs", 0, "pagesize=2M"));
  Resources asked;
  asked.add_hugepage_limits()->set_page_size("2MB");
  asked.mutable_hugepage_limits(0)->set_limit(2 << 20);
  v1::ContainerConfig config =
      pod.node().container("huge", {"sh", "-c", "fallocate -l 2M /huge/a && echo one; fallocate -l 2M /huge/b"});
  *config.mutable_linux()->mutable_resources() = asked;
  config.add_mounts()->set_container_path("/huge");
  config.mutable_mounts(0)->set_host_path(folder);
  const std::string id = pod.create(config);
  pod.node().start(id);
  CHECK(pod.node().wait(id).exit_code() != 0);
  CHECK_THAT(pod.node().log_of(id), Catch::StartsWith("one\n") && Catch::Contains("No space left"));
  REQUIRE(base::sys::umount2(folder, 0));
  REQUIRE(base::write_control_file("/proc/sys/vm/nr_hugepages", "0"));
}

TEST_CASE("swap is used as far as it may be, and not where it may not") {
  if (!available({"memory"}) || !in_test_vm("swap of this machine is not a test's to change")) return;
  // Not a loop device: what it writes would be charged to the container.
  REQUIRE(::system("/sbin/modprobe brd rd_nr=1 rd_size=65536 && /sbin/mkswap /dev/ram0 >/dev/null") == 0);
  REQUIRE(::swapon("/dev/ram0", 0) == 0);
  {
    LimitedPod pod;
    // dd fills a buffer of 24 MiB.
    const std::vector<std::string> fill{"dd", "if=/dev/zero", "of=/dev/null", "bs=24M", "count=2"};
    Resources asked;
    asked.set_memory_limit_in_bytes(16 << 20);
    asked.set_memory_swap_limit_in_bytes(16 << 20);
    const std::string without = pod.start("without", fill, asked);
    CHECK(pod.node().wait(without).exit_code() == 137);
    asked.set_memory_swap_limit_in_bytes(48 << 20);
    const std::string with = pod.start("with", fill, asked);
    CHECK(pod.node().wait(with).exit_code() == 0);
  }
  CHECK(::swapoff("/dev/ram0") == 0);
}

TEST_CASE("a device that was not given can be named, but not opened") {
  LimitedPod pod;
  const std::string id =
      pod.start("mknod", {"sh", "-c", "mknod /tmp/disk b 7 0 && head -c 1 /tmp/disk; cat /proc/self/cgroup"}, {});
  pod.node().wait(id);
  CHECK_THAT(pod.node().log_of(id), Catch::Contains("Operation not permitted"));
}

TEST_CASE("a limit with which no program can start is named as the cause") {
  if (!available({"memory"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_memory_limit_in_bytes(16 << 10);
  const std::string id = pod.create("tiny", {"true"}, asked);
  v1::StartContainerRequest request;
  request.set_container_id(id);
  const auto started = pod.node().runtime().start_container(within(30), request);
  REQUIRE_FALSE(started.has_value());
  CHECK_THAT(started.error().to_string(), Catch::Contains("16384 bytes") && Catch::Contains("memory"));
  CHECK(pod.node().status(id).reason() == "StartError");
}

TEST_CASE("what the node cannot enforce, or nobody could, is refused before anything is made") {
  LimitedPod pod;
  Resources asked;
  asked.set_cpu_quota(5);
  CHECK(pod.refusal(asked).code() == base::Code::kInvalidArgument);
  asked.Clear();
  (*asked.mutable_unified())["cgroup.procs"] = "1";
  CHECK_THAT(pod.refusal(asked).to_string(), Catch::Contains("cgroup.procs"));
  if (runtime::cgroup::Hierarchy::find()->controllers().contains("memory")) return;
  asked.Clear();
  asked.set_memory_limit_in_bytes(64 << 20);
  const base::Error refused = pod.refusal(asked);
  CHECK(refused.code() == base::Code::kUnimplemented);
  CHECK_THAT(refused.to_string(), Catch::Contains("controller memory"));
}

TEST_CASE("a pod's /dev/shm and its containers' ulimits are as its annotations say") {
  TestNode node;
  v1::PodSandboxConfig config = node.pod("annotated");
  (*config.mutable_annotations())["nodeagent.io/shm-size"] = "8Mi";
  (*config.mutable_annotations())["nodeagent.io/ulimits"] = "nofile=100:200,core=0";
  const std::string sandbox = node.run_pod(config);
  const std::string id = node.create(
      sandbox, config, node.container("web", {"sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -c; grep shm /proc/mounts"}));
  node.start(id);
  node.wait(id);
  CHECK_THAT(node.log_of(id), Catch::StartsWith("100\n200\n0\n") && Catch::Contains("size=8192k"));

  v1::RunPodSandboxRequest wrong;
  *wrong.mutable_config() = node.pod("wrong");
  (*wrong.mutable_config()->mutable_annotations())["nodeagent.io/shm-size"] = "large";
  const auto refused = node.runtime().run_pod_sandbox(within(30), wrong);
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().to_string(), Catch::Contains("nodeagent.io/shm-size"));
}
