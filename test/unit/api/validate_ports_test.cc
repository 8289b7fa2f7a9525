// The rules of a container's ports.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::init_faults;
using api_test::manifest_faults;
using api_test::pod_faults;
using api_test::Row;

TEST_CASE("each port of a container") {
  const std::string port = "spec.containers[0].ports[0].";
  const Row row = GENERATE(values<Row>({
      {"{containerPort: 80}", ""},
      {"{containerPort: 65535, protocol: SCTP, name: a-1}", ""},
      {"{containerPort: 80, hostIP: not-checked}", ""},
      {"{}", "containerPort: Required value"},
      {"{containerPort: 0}", "containerPort: Required value"},
      {"{containerPort: -1}", "containerPort: Invalid value: -1: must be between 1 and 65535, inclusive"},
      {"{containerPort: 65536}", "containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive"},
      {"{containerPort: 80, hostPort: 70000}", "hostPort: Invalid value: 70000: must be between 1 and 65535"},
      {"{containerPort: 80, hostPort: -3}", "hostPort: Invalid value: -3: must be between 1 and 65535"},
      {"{containerPort: 80, name: a-name-of-16-chr}",
       "name: Invalid value: \"a-name-of-16-chr\": must be no more than 15"},
      {"{containerPort: 80, name: '80'}", "name: Invalid value: \"80\": must contain at least one letter (a-z)"},
      {"{containerPort: 80, name: a--b}", "name: Invalid value: \"a--b\": must not contain consecutive hyphens"},
      {"{containerPort: 80, name: a-}", "name: Invalid value: \"a-\": must not begin or end with a hyphen"},
      {"{containerPort: 80, name: Web}",
       "name: Invalid value: \"Web\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"},
      {"{containerPort: 80, protocol: tcp}",
       "protocol: Unsupported value: \"tcp\": supported values: \"SCTP\", \"TCP\", \"UDP\""},
  }));
  const std::string faults = pod_faults("ports: [" + std::string(row.text) + "]");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, port, row));
}

TEST_CASE("names of ports are unique within a container, not within the pod") {
  CHECK(pod_faults("ports: [{containerPort: 80, name: web}, {containerPort: 81, name: web}]") ==
        "spec.containers[0].ports[1].name: Duplicate value: \"web\"");
  CHECK(
      manifest_faults("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, ports: "
                      "[{containerPort: 80, name: web}]}, {name: b, image: a, ports: [{containerPort: 81, name: "
                      "web}]}]}}")
          .empty());
}

TEST_CASE("ports of the host are taken once by regular containers, and once within an init container") {
  const auto two = [](const std::string& first, const std::string& second) {
    return manifest_faults(
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, "
        "ports: [{containerPort: 1, " +
        first + "}]}, {name: b, image: a, ports: [{containerPort: 2, " + second + "}]}]}}");
  };
  CHECK(two("hostPort: 80", "hostPort: 80") == "spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//80\"");
  CHECK(two("hostPort: 80, hostIP: 10.0.0.1", "hostPort: 80, hostIP: 10.0.0.1") ==
        "spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP/10.0.0.1/80\"");
  CHECK(two("hostPort: 80", "hostPort: 80, protocol: UDP").empty());
  CHECK(two("hostPort: 80, hostIP: 10.0.0.1", "hostPort: 80, hostIP: 10.0.0.2").empty());
  CHECK(init_faults("ports: [{containerPort: 1, hostPort: 9}, {containerPort: 2, hostPort: 9}]") ==
        "spec.initContainers[0].ports[1].hostPort: Duplicate value: \"TCP//9\"");
  CHECK(pod_faults("",
                   "initContainers: [{name: a, image: b}, {name: c, image: b, ports: [{containerPort: 1, hostPort: "
                   "9}, {containerPort: 2, hostPort: 9}]}]") ==
        "spec.initContainers[0].ports[1].hostPort: Duplicate value: \"TCP//9\"");
  CHECK(
      manifest_faults("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, ports: "
                      "[{containerPort: 80, hostPort: 80}]}], initContainers: [{name: b, image: a, ports: "
                      "[{containerPort: 80, hostPort: 80}]}]}}")
          .empty());
}

TEST_CASE("with the host's network a port is the host's") {
  CHECK(pod_faults("ports: [{containerPort: 80}]", "hostNetwork: true").empty());
  CHECK(pod_faults("ports: [{containerPort: 80, hostPort: 80}]", "hostNetwork: true").empty());
  CHECK(pod_faults("ports: [{containerPort: 80, hostPort: 81}]", "hostNetwork: true") ==
        "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is "
        "true");
  CHECK(init_faults("ports: [{containerPort: 80, hostPort: 81}]", "hostNetwork: true").empty());
}

}  // namespace
