// The rules of probes and hooks.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::init_faults;
using api_test::pod_faults;
using api_test::Row;

TEST_CASE("probes") {
  const std::string container = "spec.containers[0].";
  const Row row = GENERATE(values<Row>({
      {"livenessProbe: {exec: {command: [a]}}", ""},
      {"readinessProbe: {httpGet: {port: web, path: '', httpHeaders: [{name: X-A, value: b}, {name: Empty}]}}", ""},
      {"startupProbe: {tcpSocket: {port: 65535}, failureThreshold: 60, terminationGracePeriodSeconds: 1}", ""},
      {"readinessProbe: {grpc: {port: 1, service: a}, successThreshold: 5}", ""},
      {"livenessProbe: {exec: {command: [a]}, periodSeconds: 0, timeoutSeconds: 0, successThreshold: 0}", ""},
      {"livenessProbe: {}", "livenessProbe: Required value: must specify a handler type"},
      {"livenessProbe: {exec: {}}", "livenessProbe.exec.command: Required value"},
      {"livenessProbe: {exec: {command: [a]}, httpGet: {port: 80}}",
       "livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type"},
      {"livenessProbe: {tcpSocket: {port: 1}, grpc: {port: 1}}",
       "livenessProbe.grpc: Forbidden: may not specify more than 1 handler type"},
      {"livenessProbe: {httpGet: {port: 80}, tcpSocket: {port: 1}}",
       "livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"},
      {"livenessProbe: {httpGet: {}}", "livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535"},
      {"livenessProbe: {httpGet: {port: ''}}", "livenessProbe.httpGet.port: Invalid value: \"\""},
      {"livenessProbe: {httpGet: {port: Web}}", "livenessProbe.httpGet.port: Invalid value: \"Web\""},
      {"livenessProbe: {httpGet: {port: '80'}}", "livenessProbe.httpGet.port: Invalid value: \"80\""},
      {"livenessProbe: {httpGet: {port: 1, scheme: http}}",
       "livenessProbe.httpGet.scheme: Unsupported value: \"http\": supported values: \"HTTP\", \"HTTPS\""},
      {"livenessProbe: {httpGet: {port: 1, httpHeaders: [{name: 'a b', value: c}]}}",
       "livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\""},
      {"livenessProbe: {httpGet: {port: 1, httpHeaders: [{value: c}]}}",
       "livenessProbe.httpGet.httpHeaders: Invalid value: \"\""},
      {"livenessProbe: {tcpSocket: {port: 65536}}", "livenessProbe.tcpSocket.port: Invalid value: 65536"},
      {"livenessProbe: {grpc: {}}", "livenessProbe.grpc.port: Invalid value: 0"},
      {"livenessProbe: {exec: {command: [a]}, initialDelaySeconds: -1}",
       "livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0"},
      {"livenessProbe: {exec: {command: [a]}, timeoutSeconds: -1}", "livenessProbe.timeoutSeconds: Invalid value: -1"},
      {"livenessProbe: {exec: {command: [a]}, periodSeconds: -1}", "livenessProbe.periodSeconds: Invalid value: -1"},
      {"readinessProbe: {exec: {command: [a]}, successThreshold: -1}",
       "readinessProbe.successThreshold: Invalid value: -1: must be greater"},
      {"livenessProbe: {exec: {command: [a]}, failureThreshold: -1}",
       "livenessProbe.failureThreshold: Invalid value: -1"},
      {"livenessProbe: {exec: {command: [a]}, successThreshold: 2}",
       "livenessProbe.successThreshold: Invalid value: 2: must be 1"},
      {"startupProbe: {exec: {command: [a]}, successThreshold: 2}",
       "startupProbe.successThreshold: Invalid value: 2: must be 1"},
      {"livenessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 0}",
       "livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"},
      {"readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 5}",
       "readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes"},
  }));
  const std::string faults = pod_faults(row.text);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, container, row));
}

TEST_CASE("hooks") {
  const std::string lifecycle = "spec.containers[0].lifecycle.";
  const Row row = GENERATE(values<Row>({
      {"postStart: {exec: {command: [a]}}, preStop: {httpGet: {port: 80}}", ""},
      {"preStop: {sleep: {seconds: 30}}", ""},
      {"preStop: {sleep: {}}", ""},
      {"preStop: {tcpSocket: {port: a}}", ""},
      {"postStart: {}", "postStart: Required value: must specify a handler type"},
      {"preStop: {exec: {command: []}}", "preStop.exec.command: Required value"},
      {"preStop: {exec: {command: [a]}, sleep: {seconds: 1}}",
       "preStop.sleep: Forbidden: may not specify more than 1 handler type"},
      {"preStop: {sleep: {seconds: 31}}",
       "preStop.sleep: Invalid value: 31: must be non-negative and less than "
       "terminationGracePeriodSeconds (30)"},
      {"preStop: {sleep: {seconds: -1}}", "preStop.sleep: Invalid value: -1: must be non-negative"},
      {"postStart: {sleep: {seconds: 31}}", "postStart.sleep: Invalid value: 31"},
  }));
  const std::string faults = pod_faults("lifecycle: {" + std::string(row.text) + "}");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, lifecycle, row));
}

TEST_CASE("a sleep may take the pod's own grace period") {
  CHECK(pod_faults("lifecycle: {preStop: {sleep: {seconds: 60}}}", "terminationGracePeriodSeconds: 60").empty());
  CHECK(pod_faults("lifecycle: {preStop: {sleep: {seconds: 1}}}", "terminationGracePeriodSeconds: 0") ==
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 1: must be non-negative and less than "
        "terminationGracePeriodSeconds (0)");
  CHECK(pod_faults("lifecycle: {preStop: {sleep: {seconds: 1}}}", "terminationGracePeriodSeconds: -1").empty());
}

TEST_CASE("a stop signal is dropped, and a lifecycle that says nothing else") {
  CHECK(pod_faults("lifecycle: {stopSignal: SIGUSR1}").empty());
  CHECK(pod_faults("lifecycle: {stopSignal: none}", "os: {name: windows}").empty());
  CHECK(init_faults("lifecycle: {stopSignal: SIGUSR1}").empty());
  CHECK(init_faults("lifecycle: {stopSignal: SIGUSR1, preStop: {}}")
            .starts_with("spec.initContainers[0].lifecycle: Forbidden"));
}

TEST_CASE("an init container has hooks and probes only as a sidecar") {
  const std::string path = "spec.initContainers[0].";
  const std::string message = ": Forbidden: may not be set for init containers without restartPolicy=Always";
  CHECK(init_faults("lifecycle: {}") == path + "lifecycle" + message);
  CHECK(init_faults("livenessProbe: {}") == path + "livenessProbe" + message);
  CHECK(init_faults("readinessProbe: {}, restartPolicy: Never") == path + "readinessProbe" + message);
  CHECK(init_faults("startupProbe: {}") == path + "startupProbe" + message);
  CHECK(init_faults("restartPolicy: Always, lifecycle: {preStop: {sleep: {seconds: 1}}}, startupProbe: {exec: "
                    "{command: [a]}}")
            .empty());
  CHECK(init_faults("restartPolicy: Always, startupProbe: {}") ==
        path + "startupProbe: Required value: must specify a handler type");
}

}  // namespace
