// The rules of a container's environment.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::pod_faults;
using api_test::Row;

TEST_CASE("names of variables") {
  CHECK(pod_faults("env: [{name: A}, {name: 'a.b-c d'}, {name: '1'}, {name: A}]").empty());
  CHECK(pod_faults("env: [{value: a}]") == "spec.containers[0].env[0].name: Required value");
  CHECK(pod_faults("env: [{name: A=B}]") ==
        "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must "
        "consist only of printable ASCII characters other than '='");
  CHECK(pod_faults("env: [{name: ä}]").starts_with("spec.containers[0].env[0].name: Invalid value"));
}

TEST_CASE("sources of a variable") {
  const std::string source = "spec.containers[0].env[0].valueFrom";
  const Row row = GENERATE(values<Row>({
      {"{fieldRef: {fieldPath: metadata.name}}", ""},
      {"{fieldRef: {fieldPath: status.podIPs, apiVersion: v1}}", ""},
      {"{fieldRef: {fieldPath: status.hostIPs}}", ""},
      {"{fieldRef: {fieldPath: spec.host}}", ""},
      {"{fieldRef: {fieldPath: \"metadata.labels['app.kubernetes.io/name']\"}}", ""},
      {"{fieldRef: {fieldPath: \"metadata.annotations['UPPER']\"}}", ""},
      {"{resourceFieldRef: {resource: limits.cpu}}", ""},
      {"{resourceFieldRef: {resource: limits.cpu, divisor: 1000m}}", ""},
      {"{resourceFieldRef: {resource: requests.memory, divisor: 1024}}", ".resourceFieldRef.divisor: Invalid value"},
      {"{resourceFieldRef: {resource: requests.memory, divisor: 1024Ki}}", ""},
      {"{resourceFieldRef: {resource: requests.memory, divisor: 0}}", ""},
      {"{resourceFieldRef: {resource: requests.ephemeral-storage, divisor: 1G}}", ""},
      {"{resourceFieldRef: {resource: limits.hugepages-2Mi, divisor: 1Mi}}", ""},
      {"{resourceFieldRef: {containerName: any, resource: requests.cpu, divisor: 1m}}", ""},
      {"{configMapKeyRef: {name: a.b, key: a_.B-1}}", ""},
      {"{secretKeyRef: {name: a, key: .hidden, optional: true}}", ""},
      {"{}",
       ": Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, "
       "`secretKeyRef` or `fileKeyRef`"},
      {"{fieldRef: {}}", ".fieldRef.fieldPath: Required value"},
      {"{fieldRef: {apiVersion: v2, fieldPath: metadata.name}}",
       ".fieldRef.fieldPath: Invalid value: \"metadata.name\": error converting fieldPath: unsupported pod version: "
       "v2"},
      {"{fieldRef: {fieldPath: metadata.whatever}}",
       ".fieldRef.fieldPath: Invalid value: \"metadata.whatever\": error converting fieldPath: field label not "
       "supported: metadata.whatever"},
      {"{fieldRef: {fieldPath: \"metadata.name['a']\"}}",
       ".fieldRef.fieldPath: Invalid value: \"metadata.name['a']\": error converting fieldPath: field label does not "
       "support subscript: metadata.name['a']"},
      {"{fieldRef: {fieldPath: metadata.labels}}",
       ".fieldRef.fieldPath: Unsupported value: \"metadata.labels\": supported values: \"metadata.name\""},
      {"{fieldRef: {fieldPath: status.phase}}", ".fieldRef.fieldPath: Unsupported value: \"status.phase\""},
      {"{fieldRef: {fieldPath: \"metadata.labels['a b']\"}}", ".fieldRef: Invalid value: \"a b\""},
      {"{resourceFieldRef: {}}", ".resourceFieldRef.resource: Required value"},
      {"{resourceFieldRef: {resource: limits.gpu}}",
       ".resourceFieldRef.resource: Unsupported value: \"limits.gpu\": supported values: \"limits.cpu\", "},
      {"{resourceFieldRef: {resource: limits.cpu, divisor: 10}}",
       ".resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values 1m and 1 are supported"},
      {"{resourceFieldRef: {resource: limits.memory, divisor: 1m}}",
       ".resourceFieldRef.divisor: Invalid value: \"limits.memory\": only divisor's values 1, 1k"},
      {"{resourceFieldRef: {resource: limits.memory, divisor: '1e3'}}", ".resourceFieldRef.divisor: Invalid value"},
      {"{resourceFieldRef: {resource: limits.hugepages-2Mi, divisor: 2Mi}}",
       ".resourceFieldRef.divisor: Invalid value: \"limits.hugepages-2Mi\": only divisor's values 1, 1k, 1M, 1G, 1T, "
       "1P, "
       "1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the hugepages resource"},
      {"{configMapKeyRef: {key: a}}", ".configMapKeyRef.name: Invalid value: \"\""},
      {"{configMapKeyRef: {name: A, key: a}}", ".configMapKeyRef.name: Invalid value: \"A\""},
      {"{configMapKeyRef: {name: a}}", ".configMapKeyRef.key: Required value"},
      {"{configMapKeyRef: {name: a, key: ..}}", ".configMapKeyRef.key: Invalid value: \"..\""},
      {"{configMapKeyRef: {name: a, key: a/b}}", ".configMapKeyRef.key: Invalid value: \"a/b\""},
      {"{secretKeyRef: {name: a-, key: a}}", ".secretKeyRef.name: Invalid value: \"a-\""},
      {"{secretKeyRef: {name: a}}", ".secretKeyRef.key: Required value"},
      {"{secretKeyRef: {name: a, key: b}, configMapKeyRef: {name: a, key: b}}",
       ": Invalid value: \"\": may not have more than one field specified at a time"},
  }));
  const std::string faults = pod_faults("env: [{name: A, valueFrom: " + std::string(row.text) + "}]");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, source, row));
}

TEST_CASE("a value and a source exclude each other") {
  CHECK(pod_faults("env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]") ==
        "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty");
  CHECK(pod_faults("env: [{name: A, value: '', valueFrom: {fieldRef: {fieldPath: metadata.name}}}]").empty());
}

TEST_CASE("a variable from a file names an emptyDir of the pod") {
  const std::string volumes = "volumes: [{name: v, emptyDir: {}}, {name: h, hostPath: {path: /h}}]";
  const std::string source = "spec.containers[0].env[0].valueFrom.fileKeyRef.";
  const auto faults_of = [&](const std::string& text) {
    return pod_faults("env: [{name: A, valueFrom: {fileKeyRef: {" + text + "}}}]", volumes);
  };
  CHECK(faults_of("volumeName: v, path: a/b, key: K").empty());
  CHECK(faults_of("volumeName: v, path: a/b") == source + "key: Required value");
  CHECK(faults_of("volumeName: v, path: a/b, key: a=b").starts_with(source + "key: Invalid value: \"a=b\""));
  CHECK(faults_of("volumeName: v, key: K") == source + "path: Required value");
  CHECK(faults_of("volumeName: v, path: ../a, key: K") ==
        source + "path: Invalid value: \"../a\": must not contain '..'");
  CHECK(faults_of("path: a, key: K") ==
        source + "volumeName: Required value\n" + source + "volumeName: Not found: \"\"");
  CHECK(faults_of("volumeName: w, path: a, key: K") == source + "volumeName: Not found: \"w\"");
  CHECK(faults_of("volumeName: h, path: a, key: K") ==
        source + "volumeName: Invalid value: \"h\": referenced volume must be of type emptyDir");
}

TEST_CASE("whole sources of variables") {
  const std::string list = "spec.containers[0].envFrom";
  const Row row = GENERATE(values<Row>({
      {"{configMapRef: {name: a}}", ""},
      {"{secretRef: {name: a-}, prefix: 'A.b_'}", ""},
      {"{}", ": Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"},
      {"{configMapRef: {name: a}, secretRef: {name: b}}",
       ": Invalid value: \"\": may not have more than one field specified at a time"},
      {"{configMapRef: {}}", "[0].configMapRef.name: Required value"},
      {"{configMapRef: {name: A}}", "[0].configMapRef.name: Invalid value: \"A\""},
      {"{secretRef: {name: -}}", "[0].secretRef.name: Invalid value: \"-\""},
      {"{secretRef: {}}", "[0].secretRef.name: Required value"},
      {"{configMapRef: {name: a}, prefix: a=}", "[0].prefix: Invalid value: \"a=\""},
  }));
  const std::string faults = pod_faults("envFrom: [" + std::string(row.text) + "]");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, list, row));
}

}  // namespace
