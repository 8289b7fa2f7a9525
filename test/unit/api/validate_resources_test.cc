// The rules of what a container asks for.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::init_faults;
using api_test::pod_faults;
using api_test::Row;

TEST_CASE("resources") {
  const std::string resources = "spec.containers[0].resources";
  const Row row = GENERATE(values<Row>({
      {"{requests: {cpu: 100m, memory: 64Mi, ephemeral-storage: 1Gi}, limits: {cpu: 1, memory: 128Mi}}", ""},
      {"{requests: {cpu: 0}, limits: {cpu: 0.5}}", ""},
      {"{limits: {example.com/gpu: 2}}", ""},
      {"{requests: {example.com/gpu: 2}, limits: {example.com/gpu: 2}}", ""},
      {"{requests: {kubernetes.io/anything: 1}}", ""},
      {"{requests: {sub.kubernetes.io/anything: 500m}}", ""},
      {"{limits: {hugepages-2Mi: 4Mi, memory: 1Gi}}", ""},
      {"{limits: {cpu: 1}, requests: {cpu: 1000m}}", ""},
      {"{limits: {gpu: 1}}",
       ".limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified"},
      {"{limits: {gpu: 1}}", ".limits[gpu]: Invalid value: \"gpu\": must be a standard resource for containers"},
      {"{requests: {storage: 1Gi}}",
       ".requests[storage]: Invalid value: \"storage\": must be a standard resource for containers"},
      {"{requests: {pods: 1}}", ".requests[pods]: Invalid value: \"pods\": must be a standard resource for containers"},
      {"{requests: {requests.cpu: 1}}", ".requests[requests.cpu]: Invalid value"},
      {"{limits: {a/b/c: 1}}", ".limits[a/b/c]: Invalid value: \"a/b/c\""},
      {"{limits: {requests.example.com/a: 1}}",
       ".limits[requests.example.com/a]: Invalid value: \"requests.example.com/a\": doesn't follow extended resource "
       "name standard"},
      {"{limits: {cpu: -1}, requests: {cpu: -2}}",
       ".limits[cpu]: Invalid value: \"-1\": must be greater than or equal"},
      {"{requests: {memory: -1Mi}}", ".requests[memory]: Invalid value: \"-1Mi\": must be greater than or equal to 0"},
      {"{limits: {example.com/gpu: 500m}}", ".limits[example.com/gpu]: Invalid value: \"500m\": must be an integer"},
      {"{requests: {cpu: 2}, limits: {cpu: 1}}",
       ".requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"},
      {"{requests: {memory: 2Gi}, limits: {memory: 1Gi}}",
       ".requests: Invalid value: \"2Gi\": must be less than or equal to memory limit of 1Gi"},
      {"{requests: {example.com/gpu: 1}, limits: {example.com/gpu: 2}}",
       ".requests: Invalid value: \"1\": must be equal to example.com/gpu limit of 2"},
      {"{requests: {example.com/gpu: 1}}",
       ".limits: Required value: Limit must be set for non overcommitable resources"},
      {"{requests: {hugepages-2Mi: 2Mi, cpu: 1}}",
       ".limits: Required value: Limit must be set for non overcommitable resources"},
      {"{limits: {hugepages-2Mi: 4Mi}}", ": Forbidden: HugePages require cpu or memory"},
      {"{limits: {hugepages-2Mi: 3Mi, cpu: 1}}",
       ".limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi"},
      {"{limits: {hugepages-: 2Mi, cpu: 1}}", ".limits[hugepages-]: Invalid value: \"hugepages-\""},
      {"{limits: {hugepages-0: 2Mi, cpu: 1}}", ".limits[hugepages-0]: Invalid value: \"2Mi\": 2Mi is not positive"},
  }));
  const std::string faults = pod_faults("resources: " + std::string(row.text));
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, resources, row));
}

TEST_CASE("claims are the pod's, and each part is named once") {
  const std::string claims = "spec.containers[0].resources.claims";
  const Row row = GENERATE(values<Row>({
      {"[{name: a}, {name: b, request: x}, {name: b, request: z}]", ""},
      {"[{}]", "[0]: Required value"},
      {"[{name: z}]", "[0]: Not found: \"z\": must be one of the names in pod.spec.resourceClaims: a, b"},
      {"[{name: a}, {name: a}]", "[1]: Duplicate value: \"a\""},
      {"[{name: a}, {name: a, request: x}]", "[1]: Duplicate value: \"a\""},
      {"[{name: a, request: x}, {name: a}]", "[1]: Duplicate value: \"a\""},
      {"[{name: a, request: x}, {name: a, request: x}]", "[1]: Duplicate value: \"a/x\""},
      {"[{name: a, request: X}]", "[0].request: Invalid value: \"X\""},
  }));
  const std::string spec = "resourceClaims: [{name: b, resourceClaimName: b}, {name: a, resourceClaimName: a}]";
  const std::string faults = pod_faults("resources: {claims: " + std::string(row.text) + "}", spec);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, claims, row));
  CHECK(pod_faults("resources: {claims: [{name: a}]}") ==
        claims + "[0]: Not found: \"a\": must be one of the names in pod.spec.resourceClaims which is empty");
}

TEST_CASE("resize policies") {
  const std::string policy = "spec.containers[0].resizePolicy";
  const Row row = GENERATE(values<Row>({
      {"{resourceName: cpu, restartPolicy: NotRequired}, {resourceName: memory, restartPolicy: RestartContainer}", ""},
      {"{restartPolicy: NotRequired}", ": Required value"},
      {"{resourceName: cpu}", ": Required value"},
      {"{resourceName: gpu, restartPolicy: NotRequired}",
       ": Unsupported value: \"gpu\": supported values: \"cpu\", \"memory\""},
      {"{resourceName: cpu, restartPolicy: NotRequired}, {resourceName: cpu, restartPolicy: NotRequired}",
       "[1]: Duplicate value: \"cpu\""},
  }));
  const std::string faults = pod_faults("resizePolicy: [" + std::string(row.text) + "]");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, policy, row));
}

TEST_CASE("a container that is never started again is not restarted for its size") {
  const std::string restart = "resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]";
  CHECK(pod_faults(restart, "restartPolicy: Never") ==
        "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod "
        "`restartPolicy` is 'Never'");
  CHECK(pod_faults("resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]", "restartPolicy: Never").empty());
  CHECK(pod_faults("resizePolicy: [{resourceName: cpu}]", "restartPolicy: Never") ==
        "spec.containers[0].resizePolicy: Required value\n"
        "spec.containers[0].resizePolicy: Invalid value: \"\": must be 'NotRequired' when pod `restartPolicy` is "
        "'Never'");
  CHECK(init_faults(restart) ==
        "spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to "
        "'RestartContainer' for non-sidecar initContainers");
  CHECK(init_faults("restartPolicy: Always, " + restart).empty());
  CHECK(init_faults("resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]").empty());
}

}  // namespace
