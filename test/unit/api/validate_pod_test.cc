// The rules of a pod as a whole: its security, network, resources and system.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::pod_faults;
using api_test::Row;

TEST_CASE("a pod's security context") {
  const Row row = GENERATE(values<Row>({
      {"runAsUser: 0, runAsGroup: 2147483647, fsGroup: 1, supplementalGroups: [0, 5]", ""},
      {"runAsUser: -1", "runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"},
      {"runAsGroup: 2147483648", "runAsGroup: Invalid value: 2147483648"},
      {"fsGroup: -1", "fsGroup: Invalid value: -1"},
      {"supplementalGroups: [1, -1]", "supplementalGroups[1]: Invalid value: -1"},
      {"fsGroupChangePolicy: Never", "fsGroupChangePolicy: Unsupported value: \"Never\""},
      {"supplementalGroupsPolicy: Never", "supplementalGroupsPolicy: Unsupported value: \"Never\""},
      {"fsGroupChangePolicy: ''", "fsGroupChangePolicy: Unsupported value: \"\""},
      {"supplementalGroupsPolicy: ''", "supplementalGroupsPolicy: Unsupported value: \"\""},
      {"seLinuxChangePolicy: ''", "seLinuxChangePolicy: Unsupported value: \"\""},
      {"seLinuxChangePolicy: Recursive", ""},
      {"seLinuxChangePolicy: MountOption",
       "seLinuxChangePolicy: Unsupported value: \"MountOption\": supported values: \"Recursive\""},
      {"sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}, {name: kernel/shm_rmid_forced}]", ""},
      {"sysctls: [{value: '1'}]", "sysctls[0].name: Required value"},
      {"sysctls: [{name: net..a}]", "sysctls[0].name: Invalid value: \"net..a\": must have at most 253 characters and"},
      {"sysctls: [{name: Net.a}]", "sysctls[0].name: Invalid value: \"Net.a\""},
      {"sysctls: [{name: net.a}, {name: net.a}]", "sysctls[1].name: Duplicate value: \"net.a\""},
      {"seccompProfile: {type: RuntimeDefault}", ""},
      {"seccompProfile: {}", "seccompProfile.type: Required value: type is required when seccompProfile is set"},
      {"seccompProfile: {type: Any}", "seccompProfile.type: Unsupported value: \"Any\""},
      {"seccompProfile: {type: Localhost}",
       "seccompProfile.localhostProfile: Required value: must be set when seccomp"},
      {"seccompProfile: {type: Localhost, localhostProfile: /a}",
       "seccompProfile.localhostProfile: Invalid value: \"/a\": must be a relative path"},
      {"seccompProfile: {type: Unconfined, localhostProfile: a}",
       "seccompProfile.localhostProfile: Invalid value: \"a\": can only be set when seccomp type is Localhost"},
      {"appArmorProfile: {type: Localhost, localhostProfile: a b}", ""},
      {"appArmorProfile: {}", "appArmorProfile.type: Required value: type is required when appArmorProfile is set"},
      {"appArmorProfile: {type: Localhost}", "appArmorProfile.localhostProfile: Required value: must be set when"},
      {"appArmorProfile: {type: Localhost, localhostProfile: ' a'}",
       "appArmorProfile.localhostProfile: Invalid value: \" a\": must not be padded with whitespace"},
      {"appArmorProfile: {type: Unconfined, localhostProfile: a}", "appArmorProfile.localhostProfile: Invalid value"},
      {"windowsOptions: {runAsUserName: 'DOMAIN\\User', gmsaCredentialSpecName: a, gmsaCredentialSpec: b}", ""},
      {"windowsOptions: {gmsaCredentialSpecName: A}", "windowsOptions.gmsaCredentialSpecName: Invalid value: \"A\""},
      {"windowsOptions: {gmsaCredentialSpec: ''}", "windowsOptions.gmsaCredentialSpec: Invalid value: \"\""},
      {"windowsOptions: {runAsUserName: ''}",
       "windowsOptions.runAsUserName: Invalid value: \"\": runAsUserName cannot be an empty string"},
      {"windowsOptions: {runAsUserName: 'a\\b\\c'}", "windowsOptions.runAsUserName: Invalid value"},
      {"windowsOptions: {runAsUserName: '.a\\b'}",
       "windowsOptions.runAsUserName: Invalid value: \".a\\b\": runAsUserName's Domain doesn't match"},
      {"windowsOptions: {runAsUserName: '...'}",
       "windowsOptions.runAsUserName: Invalid value: \"...\": runAsUserName's User cannot contain only periods"},
      {"windowsOptions: {runAsUserName: 'a@b'}",
       "windowsOptions.runAsUserName: Invalid value: \"a@b\": runAsUserName's User cannot contain the following"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", "securityContext: {" + std::string(row.text) + "}"), "spec.securityContext.", row));
}

TEST_CASE("what a pod shares with its node") {
  const Row row = GENERATE(values<Row>({
      {"hostUsers: false", ""},
      {"hostUsers: true, hostNetwork: true, hostPID: true, hostIPC: true", ""},
      {"hostUsers: false, hostNetwork: true", "hostNetwork: Forbidden: when `hostUsers` is false"},
      {"hostUsers: false, hostPID: true", "HostPID: Forbidden: when `hostUsers` is false"},
      {"hostUsers: false, hostIPC: true", "HostIPC: Forbidden: when `hostUsers` is false"},
      {"shareProcessNamespace: true", ""},
      {"shareProcessNamespace: false, hostPID: true", ""},
      {"shareProcessNamespace: true, hostPID: true",
       "securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be"},
      {"hostNetwork: true, securityContext: {sysctls: [{name: net.a}]}",
       "securityContext.sysctls[0].name: Invalid value: \"net.a\": may not be specified when 'hostNetwork' is true"},
      {"hostNetwork: true, securityContext: {sysctls: [{name: net/a}]}", "securityContext.sysctls[0].name: Invalid"},
      {"hostNetwork: true, securityContext: {sysctls: [{name: kernel.shmmax}]}", ""},
      {"hostIPC: true, securityContext: {sysctls: [{name: kernel.shmmax}]}",
       "securityContext.sysctls[0].name: Invalid value: \"kernel.shmmax\": may not be specified when 'hostIPC' is "
       "true"},
      {"hostIPC: true, securityContext: {sysctls: [{name: net.a}]}", ""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", row.text), "spec.", row));
  CHECK(pod_faults("volumeDevices: [{name: a, devicePath: /b}]",
                   "hostUsers: false, volumes: [{name: a, persistentVolumeClaim: {claimName: b}}]") ==
        "spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false");
}

TEST_CASE("names and DNS of a pod") {
  const Row row = GENERATE(values<Row>({
      {"hostname: web-1, subdomain: shop", ""},
      {"hostname: a.b", "hostname: Invalid value: \"a.b\": must not contain dots"},
      {"subdomain: A", "subdomain: Invalid value: \"A\""},
      {"hostnameOverride: a.example.org", ""},
      {"hostnameOverride: A", "hostnameOverride: Invalid value: \"A\""},
      {"hostnameOverride: a234567890123456789012345678901234567890123456789012345678901.b234",
       "hostnameOverride: Too long: may not be more than 64 bytes"},
      {"hostnameOverride: a, setHostnameAsFQDN: true",
       "hostnameOverride: Forbidden: may not be specified when setHostname"},
      {"hostnameOverride: a, hostNetwork: true", "hostnameOverride: Forbidden: may not be specified when hostNetwork"},
      {"dnsPolicy: Any", "dnsPolicy: Unsupported value: \"Any\""},
      {"dnsPolicy: None, dnsConfig: {nameservers: [1.2.3.4, '::1']}", ""},
      {"dnsPolicy: None", "dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
      {"dnsPolicy: None, dnsConfig: {}", "dnsConfig.nameservers: Required value: must provide at least one DNS"},
      {"dnsConfig: {nameservers: [0.0.0.0, '2001:DB8::1', '::1.2.3.4']}", ""},
      {"dnsConfig: {nameservers: [010.1.1.1]}",
       "dnsConfig.nameservers[0]: Invalid value: \"010.1.1.1\": must not have leading 0s"},
      {"dnsConfig: {nameservers: ['::ffff:1.2.3.4']}",
       "dnsConfig.nameservers[0]: Invalid value: \"::ffff:1.2.3.4\": must not be an IPv4-mapped IPv6 address"},
      {"hostAliases: [{ip: 1.2.3.00, hostnames: [a]}]",
       "hostAliases[0].ip: Invalid value: \"1.2.3.00\": must not have"},
      {"dnsConfig: {nameservers: [1.2.3]}", "dnsConfig.nameservers[0]: Invalid value: \"1.2.3\": must be a valid IP"},
      {"dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}",
       "dnsConfig.nameservers: Invalid value: \"1.1.1.1\": must not have more than 3 nameservers"},
      {"dnsConfig: {searches: [., a.b., _tcp.example.org]}", ""},
      {"dnsConfig: {searches: [A]}", "dnsConfig.searches[0]: Invalid value: \"A\""},
      {"dnsConfig: {searches: ['']}", "dnsConfig.searches[0]: Invalid value: \"\""},
      {"dnsConfig: {options: [{value: a}]}", "dnsConfig.options[0]: Required value: must not be empty"},
      {"hostAliases: [{ip: 10.0.0.1, hostnames: [a.b]}]", ""},
      {"hostAliases: [{hostnames: [a]}]", "hostAliases[0].ip: Invalid value: \"\": must be a valid IP address"},
      {"hostAliases: [{ip: 10.0.0.1, hostnames: [a_b]}]", "hostAliases[0].hostnames[0]: Invalid value: \"a_b\""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", row.text), "spec.", row));
}

TEST_CASE("search domains are limited in number and length") {
  const auto searches = [](int count, size_t length) {
    std::string list;
    for (int i = 0; i < count; ++i) list += std::string(length, 'a') + ", ";
    return pod_faults("", "dnsConfig: {searches: [" + list + "]}");
  };
  CHECK(searches(32, 63).empty());  // 32 * 63 + 31 = 2047
  CHECK(
      searches(33, 1).starts_with("spec.dnsConfig.searches: Invalid value: \"a\": must not have more than 32 search"));
  CHECK(searches(32, 64).find("must not have more than 2048 characters") != std::string::npos);
}

TEST_CASE("a pod's other fields") {
  const Row row = GENERATE(values<Row>({
      {"restartPolicy: Sometimes", "restartPolicy: Unsupported value: \"Sometimes\""},
      {"activeDeadlineSeconds: 1", ""},
      {"activeDeadlineSeconds: 0", "activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647"},
      {"activeDeadlineSeconds: 2147483648", "activeDeadlineSeconds: Invalid value: 2147483648"},
      {"terminationGracePeriodSeconds: -1", ""},
      {"serviceAccountName: a.b", ""},
      {"serviceAccountName: A", "serviceAccountName: Invalid value: \"A\""},
      {"runtimeClassName: gvisor", ""},
      {"runtimeClassName: A", "runtimeClassName: Invalid value: \"A\""},
      {"imagePullSecrets: [{name: Any}, {}]", ""},
      {"overhead: {cpu: 250m, memory: 64Mi}, runtimeClassName: kata", ""},
      {"overhead: {cpu: 250m}",
       "overhead: Forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass"},
      {"overhead: {cpu: -1}", "overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"},
      {"resourceClaims: [{name: a, resourceClaimName: b}, {name: c, resourceClaimTemplateName: d}]", ""},
      {"resourceClaims: [{resourceClaimName: b}]", "resourceClaims[0].name: Required value"},
      {"resourceClaims: [{name: A, resourceClaimName: b}]", "resourceClaims[0].name: Invalid value: \"A\""},
      {"resourceClaims: [{name: a, resourceClaimName: b}, {name: a, resourceClaimName: b}]",
       "resourceClaims[1].name: Duplicate value: \"a\""},
      {"resourceClaims: [{name: a}]", "resourceClaims[0]: Invalid value: \"a\": must specify one of:"},
      {"resourceClaims: [{name: a, resourceClaimName: b, resourceClaimTemplateName: c}]",
       "resourceClaims[0]: Invalid value: \"a\": at most one of"},
      {"resourceClaims: [{name: a, resourceClaimName: B}]",
       "resourceClaims[0].resourceClaimName: Invalid value: \"B\""},
      {"resourceClaims: [{name: a, resourceClaimTemplateName: B}]",
       "resourceClaims[0].resourceClaimTemplateName: Invalid value: \"B\""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", row.text), "spec.", row));
}

TEST_CASE("a pod's resources and its containers'") {
  const std::string container = "resources: {requests: {cpu: 500m, memory: 64Mi}, limits: {memory: 64Mi}}";
  const Row row = GENERATE(values<Row>({
      {"requests: {cpu: 1, memory: 64Mi}, limits: {cpu: 2, memory: 64Mi}", ""},
      {"limits: {cpu: 1}", ""},
      {"claims: [{name: a}]", "claims: Forbidden: claims may not be set for Resources at pod-level"},
      {"limits: {ephemeral-storage: 1Gi}",
       "limits[ephemeral-storage]: Unsupported value: \"ephemeral-storage\": supported values: \"cpu\", "
       "\"hugepages-\", \"memory\""},
      {"requests: {cpu: 2}, limits: {cpu: 1}",
       "requests: Invalid value: \"2\": must be less than or equal to cpu limit"},
      {"requests: {cpu: 100m}",
       "requests[cpu]: Invalid value: \"100m\": must be greater than or equal to aggregate container requests of 500m"},
      {"requests: {memory: 32Mi}, limits: {memory: 32Mi}",
       "containers[0][memory].limits: Invalid value: \"64Mi\": must be less than or equal to pod limits of 32Mi"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults(container, "resources: {" + std::string(row.text) + "}"), "spec.resources.", row));
}

TEST_CASE("a name that a pod's resources cannot have is told once") {
  const std::string unsupported = ": supported values: \"cpu\", \"hugepages-\", \"memory\"";
  const auto told = [&](const std::string& name, const std::string& what) {
    CAPTURE(name);
    CHECK(pod_faults("", "resources: {limits: {" + name + ": 1}}") ==
          "spec.resources.limits[" + name + "]: " + what + " value: \"" + name + "\": " +
              (what == "Invalid" ? "must be a standard resource type or fully qualified" : unsupported.substr(2)));
  };
  told("foo", "Invalid");
  told("pods", "Unsupported");
  told("ephemeral-storage", "Unsupported");
  told("kubernetes.io/a", "Unsupported");
}

TEST_CASE("an init container counts beside the sidecars before it") {
  const std::string init =
      "initContainers: [{name: side, image: a, restartPolicy: Always, resources: {requests: {cpu: 100m}}}, {name: "
      "once, "
      "image: a, resources: {requests: {cpu: 900m}}}], ";
  CHECK(pod_faults("resources: {requests: {cpu: 200m}}", init + "resources: {requests: {cpu: 1}}").empty());
  CHECK(pod_faults("resources: {requests: {cpu: 200m}}", init + "resources: {requests: {cpu: 999m}}") ==
        "spec.resources.requests[cpu]: Invalid value: \"999m\": must be greater than or equal to aggregate container "
        "requests of 1");
}

TEST_CASE("fields that the system of the node does not have") {
  const Row row = GENERATE(values<Row>({
      {"os: {name: linux}", ""},
      {"os: {name: windows}", ""},
      {"os: {}", "os.name: Required value"},
      {"os: {name: windows}, resources: {claims: [{name: a}], limits: {foo: 1}}",
       "resources: Forbidden: may not be set for a windows pod"},
      {"os: {name: plan9}", "os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\""},
      {"os: {name: linux}, securityContext: {windowsOptions: {}}",
       "securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod"},
      {"os: {name: windows}, securityContext: {runAsUser: 1}",
       "securityContext.runAsUser: Forbidden: cannot be set for a windows pod"},
      {"os: {name: windows}, securityContext: {fsGroup: 1}", "securityContext.fsGroup: Forbidden"},
      {"os: {name: windows}, securityContext: {sysctls: [{name: a}]}", "securityContext.sysctls: Forbidden"},
      {"os: {name: windows}, securityContext: {supplementalGroups: []}",
       "securityContext.supplementalGroups: Forbidden"},
      {"os: {name: windows}, securityContext: {supplementalGroups: null, sysctls: []}", ""},
      {"resources: {claims: []}", "resources.claims: Forbidden: claims may not be set for Resources at pod-level"},
      {"resources: {claims: null}", ""},
      {"os: {name: windows}, hostPID: true", "hostPID: Forbidden: cannot be set for a windows pod"},
      {"os: {name: windows}, hostUsers: true", "hostUsers: Forbidden"},
      {"os: {name: windows}, shareProcessNamespace: false", "shareProcessNamespace: Forbidden"},
      {"os: {name: windows}, resources: {limits: {cpu: 1}}", "resources: Forbidden"},
      {"hostNetwork: true, securityContext: {windowsOptions: {hostProcess: true}}", ""},
      {"securityContext: {windowsOptions: {hostProcess: true}}",
       "hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", row.text), "spec.", row));
  CHECK(pod_faults("securityContext: {privileged: false}", "os: {name: windows}") ==
        "spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod");
  CHECK(pod_faults("securityContext: {windowsOptions: {hostProcess: false}}",
                   "hostNetwork: true, securityContext: {windowsOptions: {hostProcess: true}}") ==
        "spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value "
        "must be identical if both are specified, was true");
}

TEST_CASE("annotations that speak of what the pod's fields say as well") {
  const auto faults_of = [](const std::string& annotation, const std::string& spec) {
    return api_test::manifest_faults("{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {" + annotation +
                                     "}}, spec: {containers: [{name: main, image: a}], " + spec + "}}");
  };
  CHECK(faults_of("kubernetes.io/config.mirror: a", "nodeName: node, resourceClaims: [{}, {}]") ==
        ": Forbidden: static pods do not support resource claims");
  // A good profile becomes the container's own, a bad one leaves it the pod's.
  const std::string apparmor = "container.apparmor.security.beta.kubernetes.io/main: ";
  const std::string of_pod = "securityContext: {appArmorProfile: {type: Unconfined}}";
  CHECK(faults_of(apparmor + "runtime/default", of_pod).empty());
  CHECK(faults_of(apparmor + "localhost/a", of_pod).empty());
  const std::string differs =
      "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must "
      "match";
  CHECK(faults_of(apparmor + "localhost/", of_pod) == differs);
  CHECK(faults_of(apparmor + "''", of_pod) == differs);
}

}  // namespace
