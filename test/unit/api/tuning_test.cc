#include "agent/api/tuning.h"

#include <catch2/catch.hpp>

#include "agent/api/codec.h"

namespace {

api::Pod annotated(const std::map<std::string, std::string>& annotations) {
  api::Pod pod;
  pod.metadata.annotations = annotations;
  pod.spec.containers.resize(1);
  pod.spec.containers[0].name = "web";
  pod.spec.init_containers.resize(1);
  pod.spec.init_containers[0].name = "init";
  return pod;
}

std::string fault(const std::string& name, const std::string& value) {
  api::FaultList faults;
  api::check_tuning(annotated({{name, value}}), faults);
  if (faults.list().empty()) return {};
  return faults.list().front().path + ": " + faults.list().front().message;
}

TEST_CASE("annotations tune the pod's containers, a container's own first") {
  const api::Pod pod = annotated({{"nodeagent.io/cpu-burst", "500m"},
                                  {"nodeagent.io/cpu-quota", "false"},
                                  {"nodeagent.io/oom-kill", "process"},
                                  {"nodeagent.io/memory-high", "64Mi"},
                                  {"nodeagent.io/io-max", "8:0 wbps=10Mi riops=max; /dev/sda rbps=5"},
                                  {"memory-high.nodeagent.io/web", "32Mi"},
                                  {"cpu-period.nodeagent.io/web", "5ms"},
                                  {"oom-kill.nodeagent.io/web", "group"},
                                  {"cpuset-cpus.nodeagent.io/web", "0-1,3"},
                                  {"example.com/other", "x"}});
  const api::Tuning init = api::tuning_of(pod, "init");
  CHECK(init == api::Tuning{.oom_group = false,
                            .cpu_burst = 500,
                            .no_cpu_quota = true,
                            .memory_high = 64 << 20,
                            .io_max = "8:0 wbps=10485760 riops=max\n/dev/sda rbps=5"});
  const api::Tuning web = api::tuning_of(pod, "web");
  CHECK(web.memory_high == 32 << 20);
  CHECK(web.cpu_period == 5000);
  CHECK(web.oom_group == true);
  CHECK(web.cpus == "0-1,3");
  CHECK(web.cpu_burst == 500);
}

TEST_CASE("annotations of ours that cannot be meant are told with their name") {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"nodeagent.io/cpu-burst", "-1"},       {"nodeagent.io/cpu-period", "5"},
           {"nodeagent.io/cpu-period", "2s"},      {"nodeagent.io/cpu-period", "999us"},
           {"nodeagent.io/cpu-quota", "off"},      {"nodeagent.io/oom-kill", "all"},
           {"nodeagent.io/memory-high", "lots"},   {"nodeagent.io/memory-min", "-1"},
           {"nodeagent.io/pids-limit", "0"},       {"nodeagent.io/io-weight", "10001"},
           {"nodeagent.io/io-max", "8:0"},         {"nodeagent.io/io-max", "sda wbps=1"},
           {"nodeagent.io/io-max", "8:0 speed=1"}, {"nodeagent.io/io-max", "8:0 wbps=0"},
           {"nodeagent.io/cpuset-cpus", "1-0"},    {"nodeagent.io/cpuset-cpus", "0,"},
           {"nodeagent.io/cpuset-mems", "a"},      {"nodeagent.io/shm-size", "0"},
           {"shm-size.nodeagent.io/web", "64Mi"},  {"cpu-idle.nodeagent.io/db", "true"}}) {
    CAPTURE(name, value);
    CHECK_THAT(fault(name, value), Catch::StartsWith("metadata.annotations[" + name + "]: "));
  }
  CHECK_THAT(fault("nodeagent.io/cpu-bursts", "1"),
             Catch::Contains("supported values") && Catch::Contains("cpu-burst"));
  CHECK(fault("nodeagent.io/cpu-idle", "true").empty());
  CHECK(fault("nodeagent.io/ulimits", "nofile=1024").empty());
  CHECK(fault("nodeagent.io/shm-size", "128Mi").empty());
  CHECK(fault("cpu-idle.nodeagent.io/init", "true").empty());
  CHECK(fault("not-nodeagent.io/cpu-idle", "maybe").empty());
}

}  // namespace
