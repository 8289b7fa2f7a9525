// The rules of containers as a whole, and of their lists.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::init_faults;
using api_test::manifest_faults;
using api_test::pod_faults;

std::string spec_faults(const std::string& spec) {
  return manifest_faults("{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {" + spec + "}}");
}

TEST_CASE("a pod has containers, and each a name and an image") {
  CHECK(spec_faults("").starts_with("spec.containers: Required value"));
  CHECK(spec_faults("containers: []").starts_with("spec.containers: Required value"));
  CHECK(spec_faults("containers: [{image: a}]") == "spec.containers[0].name: Required value");
  CHECK(spec_faults("containers: [{name: A, image: a}]").starts_with("spec.containers[0].name: Invalid value: \"A\""));
  CHECK(spec_faults("containers: [{name: a.b, image: a}]").starts_with("spec.containers[0].name: Invalid value"));
  CHECK(spec_faults("containers: [{name: a}]") == "spec.containers[0].image: Required value");
  CHECK(spec_faults("containers: [{name: a, image: ' b'}]") ==
        "spec.containers[0].image: Invalid value: \" b\": must not have leading or trailing whitespace");
  CHECK(spec_faults("containers: [{name: a, image: \"b\\u00a0\"}]").starts_with("spec.containers[0].image: Invalid"));
  CHECK(spec_faults("containers: [{name: a, image: 'NOT:a:reference'}]").empty());
  CHECK(spec_faults("containers: [{name: a, image: b, imagePullPolicy: always}]")
            .starts_with("spec.containers[0].imagePullPolicy: Unsupported value: \"always\""));
  CHECK(spec_faults("containers: [{name: a, image: b, terminationMessagePolicy: Log}]")
            .starts_with("spec.containers[0].terminationMessagePolicy: Unsupported value: \"Log\""));
}

TEST_CASE("names are unique among all containers") {
  CHECK(spec_faults("containers: [{image: a}, {image: a}]") ==
        "spec.containers[0].name: Required value\nspec.containers[1].name: Required value\n"
        "spec.containers[1].name: Duplicate value: \"\"");
  CHECK(spec_faults("containers: [{name: a, image: a}, {name: a, image: a}]") ==
        "spec.containers[1].name: Duplicate value: \"a\"");
  CHECK(spec_faults("containers: [{name: a, image: a}], initContainers: [{name: a, image: a}]") ==
        "spec.initContainers[0].name: Duplicate value: \"a\"");
  CHECK(spec_faults("containers: [{name: a, image: a}], initContainers: [{name: b, image: a}, {name: b, image: a}]") ==
        "spec.initContainers[1].name: Duplicate value: \"b\"");
}

TEST_CASE("ephemeral containers are checked as well") {
  const auto faults_of = [](const std::string& container) {
    return pod_faults("", "volumes: [{name: v}], ephemeralContainers: [{" + container + "}]");
  };
  const std::string item = "spec.ephemeralContainers[0].";
  const std::string rule = ": Forbidden: cannot be set for an Ephemeral Container";
  const auto has = [](const std::string& faults, const std::string& line) {
    return ("\n" + faults + "\n").find("\n" + line + "\n") != std::string::npos;
  };
  CHECK(has(faults_of("name: a"), item + "image: Required value"));
  CHECK(has(faults_of("name: main, image: a"), item + "name: Duplicate value: \"main\""));
  CHECK(has(faults_of("name: a, image: a, targetContainerName: b"), item + "targetContainerName: Not found: \"b\""));
  CHECK_FALSE(has(faults_of("name: a, image: a, targetContainerName: main"),
                  item + "targetContainerName: Not found: \"main\""));
  CHECK(has(faults_of("name: a, image: a, ports: [{containerPort: 1}]"), item + "ports" + rule));
  CHECK(has(faults_of("name: a, image: a, resources: {limits: {cpu: 1}}"), item + "resources" + rule));
  CHECK(has(faults_of("name: a, image: a, livenessProbe: {}"), item + "livenessProbe" + rule));
  CHECK(has(faults_of("name: a, image: a, lifecycle: {}"), item + "lifecycle" + rule));
  CHECK_FALSE(has(faults_of("name: a, image: a, lifecycle: {stopSignal: a}"), item + "lifecycle" + rule));
  CHECK(has(faults_of("name: a, image: a, restartPolicy: Always"), item + "restartPolicy" + rule));
  CHECK(has(faults_of("name: a, image: a, volumeMounts: [{name: v, mountPath: /v, subPath: b}]"),
            item + "volumeMounts[0].subPath" + rule));
}

TEST_CASE("ephemeral containers come only later") {
  CHECK(pod_faults("", "ephemeralContainers: [{name: debug, image: a}]") ==
        "spec.ephemeralContainers: Forbidden: cannot be set on create");
  CHECK(pod_faults("", "ephemeralContainers: []").empty());
}

TEST_CASE("restart rules") {
  const std::string container = "spec.containers[0].";
  const std::string rule = "{action: Restart, exitCodes: {operator: In, values: [42]}}";
  CHECK(pod_faults("restartPolicy: OnFailure").empty());
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [" + rule + "]").empty());
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: "
                   "NotIn, values: [1, 2]}}]")
            .empty());
  CHECK(init_faults("restartPolicy: Always, restartPolicyRules: [" + rule + "]").empty());
  CHECK(pod_faults("restartPolicyRules: [" + rule + "]") ==
        container + "restartPolicy: Required value: must specify restartPolicy when restart rules are used");
  CHECK(init_faults("restartPolicyRules: [" + rule + "]") ==
        "spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used");
  CHECK(init_faults("restartPolicyRules: [{}]").starts_with("spec.initContainers[0].restartPolicy: Required value"));
  CHECK(init_faults("restartPolicyRules: [{}]").find("exitCodes") == std::string::npos);
  CHECK(pod_faults("restartPolicyRules: [{}]").find("exitCodes: Required value") != std::string::npos);
  CHECK(pod_faults("restartPolicy: ''").starts_with(container + "restartPolicy: Unsupported value: \"\""));
  CHECK(init_faults("restartPolicy: ''").starts_with("spec.initContainers[0].restartPolicy: Unsupported value: \"\""));
  CHECK(pod_faults("restartPolicy: Sometimes").starts_with(container + "restartPolicy: Unsupported value"));
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [{exitCodes: {operator: In}}]") ==
        container +
            "restartPolicyRules[0].action: Unsupported value: \"\": supported values: \"Restart\", "
            "\"RestartAllContainers\"");
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [{action: Restart}]") ==
        container + "restartPolicyRules[0].exitCodes: Required value: must be specified");
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {}}]") ==
        container +
            "restartPolicyRules[0].exitCodes.operator: Unsupported value: \"\": supported values: \"In\", "
            "\"NotIn\"");
  std::string rules;
  for (int i = 0; i < 20; ++i) rules += rule + ", ";
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [" + rules + "]").empty());
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [" + rules + rule + "]") ==
        container + "restartPolicyRules: Too many: 21: must have at most 20 items");
  std::string codes;
  for (int i = 0; i < 256; ++i) codes += std::to_string(i) + ", ";
  CHECK(pod_faults("restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [" +
                   codes + "]}}]") ==
        container + "restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items");
}

TEST_CASE("a container's security") {
  using api_test::as_told;
  using api_test::Row;
  const std::string context = "spec.containers[0].securityContext";
  const Row row = GENERATE(values<Row>({
      {"runAsUser: 0, runAsGroup: 2147483647, privileged: true, readOnlyRootFilesystem: true", ""},
      {"allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN, NET_ADMIN], drop: [ALL]}", ""},
      {"allowPrivilegeEscalation: true, capabilities: {add: [CAP_SYS_ADMIN]}", ""},
      {"procMount: Default", ""},
      {"seccompProfile: {type: Localhost, localhostProfile: a/b.json}", ""},
      {"appArmorProfile: {type: Localhost, localhostProfile: mine}", ""},
      {"seLinuxOptions: {level: anything}", ""},
      {"runAsUser: -1", ".runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"},
      {"runAsGroup: 2147483648", ".runAsGroup: Invalid value: 2147483648: must be between 0 and 2147483647"},
      {"allowPrivilegeEscalation: false, privileged: true",
       ": Invalid value: cannot set `allowPrivilegeEscalation` to false and `privileged` to true"},
      {"allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}",
       ": Invalid value: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"},
      {"procMount: Unmasked", ".procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`"},
      {"procMount: Other", ".procMount: Unsupported value: \"Other\""},
      {"procMount: ''", ".procMount: Unsupported value: \"\": supported values: \"Default\", \"Unmasked\""},
      {"seccompProfile: {}", ".seccompProfile.type: Required value: type is required when seccompProfile is set"},
      {"seccompProfile: {type: Localhost}", ".seccompProfile.localhostProfile: Required value"},
      {"seccompProfile: {type: Localhost, localhostProfile: /a}",
       ".seccompProfile.localhostProfile: Invalid value: \"/a\": must be a relative path"},
      {"seccompProfile: {type: Unconfined, localhostProfile: a}", ".seccompProfile.localhostProfile: Invalid value"},
      {"appArmorProfile: {}", ".appArmorProfile.type: Required value"},
      {"appArmorProfile: {type: Localhost}", ".appArmorProfile.localhostProfile: Required value"},
      {"appArmorProfile: {type: RuntimeDefault, localhostProfile: a}",
       ".appArmorProfile.localhostProfile: Invalid value"},
      {"windowsOptions: {gmsaCredentialSpecName: A}", ".windowsOptions.gmsaCredentialSpecName: Invalid value: \"A\""},
  }));
  const std::string faults = pod_faults("securityContext: {" + std::string(row.text) + "}");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, context, row));
  CHECK(pod_faults("securityContext: {procMount: Unmasked}", "hostUsers: false").empty());
}

}  // namespace
