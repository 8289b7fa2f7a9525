// Every kind of fault a pod's file can have: its place, its field and its words.
#include "agent/api/faults.h"

#include <catch2/catch.hpp>

#include "agent/api/codec.h"

namespace {

std::string faults_of(std::string_view text) {
  const auto decoded = api::decode_run_file(text);
  return decoded.has_value() ? "(none)" : api::to_string(decoded.error(), "f");
}

// A pod with one container, some lines added to the container (indented by four), to the spec (two) and at the end.
std::string pod_with(const std::string& container, const std::string& spec = "", const std::string& top = "") {
  std::string out =
      "apiVersion: v1\n"
      "kind: Pod\n"
      "metadata:\n"
      "  name: web\n"
      "spec:\n"
      "  containers:\n"
      "  - name: main\n"
      "    image: busybox\n";
  if (!container.empty()) out += "    " + container + "\n";  // line 9, column 5
  if (!spec.empty()) out += "  " + spec + "\n";              // line 9 (or 10), column 3
  out += top;
  return out;
}

TEST_CASE("a container's faults") {
  struct Row {
    const char* line;
    const char* fault;
  };
  const Row row = GENERATE(values<Row>({
      {"imagee: x", R"(f:9:5: spec.containers[0].imagee: unknown field; did you mean "image"?)"},
      {"frobnicate: x", "f:9:5: spec.containers[0].frobnicate: unknown field"},
      {"livenessprobe: {}", R"(f:9:5: spec.containers[0].livenessprobe: unknown field; did you mean "livenessProbe"?)"},
      {"livenessProbe: {periodSeconds: 3}",
       "f:9:5: spec.containers[0].livenessProbe: Required value: must specify a handler type"},
      {"livenessProbe: {exec: {command: [a]}}",
       "f:9:5: spec.containers[0].livenessProbe: known to Kubernetes but not "
       "carried out by this version of nodeagent"},
      {"resources: {limits: {cpu: 1, ephemeral-storage: 1Gi}}",
       "f:9:34: spec.containers[0].resources.limits[ephemeral-storage]: known to Kubernetes but not carried out by "
       "this "
       "version of nodeagent"},
      {"resources: {requests: {memory: 1Mi, ephemeral-storage: 1Mi}}", "(none)"},
      {"resources: {requests: {memory: 1Mi, cpu: 1m}}", "(none)"},
      {"tty: 1", "f:9:10: spec.containers[0].tty: expected true or false, found the number 1"},
      {"tty: \"true\"", "f:9:10: spec.containers[0].tty: expected true or false, found the string \"true\""},
      {"command: sh", "f:9:14: spec.containers[0].command: expected a list, found the string \"sh\""},
      {"args: [a, 1]",
       R"(f:9:15: spec.containers[0].args[1]: expected a string, found the number 1; write it in quotes: "1")"},
      {"env: [{name: A, value: yes}]",
       "f:9:28: spec.containers[0].env[0].value: expected a string, found the boolean "
       "yes; write it in quotes: \"yes\""},
      {"env: [{value: a}]", "f:9:11: spec.containers[0].env[0].name: Required value"},
      {"env: [{name: A=B}]",
       "f:9:12: spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable "
       "name must consist only of printable ASCII characters other than '='"},
      {"env: {A: b}", "f:9:10: spec.containers[0].env: expected a list, found a map"},
      {"securityContext: []", "f:9:22: spec.containers[0].securityContext: expected a map, found a list"},
      {"imagePullPolicy: Sometimes",
       "f:9:22: spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": "
       R"(supported values: "Always", "IfNotPresent", "Never")"},
      {"restartPolicy: Always",
       "f:9:5: spec.containers[0].restartPolicy: known to Kubernetes but not carried out by "
       "this version of nodeagent"},
      {"securityContext: {seLinuxOptions: {level: s0}}",
       "f:9:23: spec.containers[0].securityContext.seLinuxOptions: known to "
       "Kubernetes but not carried out by this version of nodeagent"},
      {"securityContext: {seccompProfile: {type: Localhost, localhostProfile: ''}}",
       "f:9:57: spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must name a file"},
      {"securityContext: {seccompProfile: {type: Localhost, localhostProfile: a/../b}}",
       "f:9:57: spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "
       "\"a/../b\": must not contain '..'"},
      {"securityContext: {runAsUser: -1}",
       "f:9:23: spec.containers[0].securityContext.runAsUser: Invalid value: -1: "
       "must be between 0 and 2147483647, inclusive"},
      {"securityContext: {runAsGroup: 2147483648}",
       "f:9:23: spec.containers[0].securityContext.runAsGroup: Invalid value: 2147483648: must be between 0 and "
       "2147483647, inclusive"},
      {"securityContext: {runAsUser: root}",
       "f:9:34: spec.containers[0].securityContext.runAsUser: expected a whole "
       "number, found the string \"root\""},
      {"securityContext: {runAsUser: 1.5}",
       "f:9:34: spec.containers[0].securityContext.runAsUser: expected a whole "
       "number of 64 bits, found the number 1.5"},
      {"ports: [{containerPort: 70000}]",
       "f:9:14: spec.containers[0].ports[0].containerPort: Invalid value: 70000: "
       "must be between 1 and 65535, inclusive"},
      {"ports: [{containerPort: 4294967376}]",
       "f:9:29: spec.containers[0].ports[0].containerPort: expected a whole "
       "number of 32 bits, found the number 4294967376"},
      {"ports: [{name: http}]", "f:9:13: spec.containers[0].ports[0].containerPort: Required value"},
      {"ports: [{containerPort: 80, name: h--p}]",
       "f:9:33: spec.containers[0].ports[0].name: Invalid value: \"h--p\": must not contain consecutive hyphens"},
      {"ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]",
       R"(f:9:63: spec.containers[0].ports[1].name: Duplicate value: "a")"},
      {"ports: [{containerPort: 80, hostPort: 80}]",
       "f:9:33: spec.containers[0].ports[0].hostPort: known to "
       "Kubernetes but not carried out by this version of nodeagent"},
      {"volumeMounts: [{name: data, mountPath: /data}]",
       R"(f:9:21: spec.containers[0].volumeMounts[0].name: Not found: "data")"},
      {"stdin: maybe", "f:9:12: spec.containers[0].stdin: expected true or false, found the string \"maybe\""},
  }));
  CAPTURE(row.line);
  CHECK(faults_of(pod_with(row.line)) == row.fault);
}

TEST_CASE("a pod's faults") {
  struct Row {
    const char* line;
    const char* fault;
  };
  const Row row = GENERATE(values<Row>({
      {"restartPolicy: Sometimes",
       "f:9:18: spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: "
       R"("Always", "OnFailure", "Never")"},
      {"hostUsers: false",
       "f:9:3: spec.hostUsers: known to Kubernetes but not carried out by this version of nodeagent"},
      {"hostnetwork: true", R"(f:9:3: spec.hostnetwork: unknown field; did you mean "hostNetwork"?)"},
      {"activeDeadlineSeconds: 0",
       "f:9:3: spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
      {"hostname: A_b",
       "f:9:3: spec.hostname: Invalid value: \"A_b\": a lowercase RFC 1123 label must consist of lower case "
       "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
       "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
      {"hostAliases: [{ip: nowhere, hostnames: [a]}]",
       "f:9:18: spec.hostAliases[0].ip: Invalid value: \"nowhere\": must be a valid IP address, (e.g. 10.9.8.7 or "
       "2001:db8::ffff)"},
      {"dnsPolicy: None", "f:5:1: spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
      {"dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}",
       "f:9:15: spec.dnsConfig.nameservers: Invalid value: \"1.1.1.1\": must not have more than 3 nameservers"},
      {"securityContext: {fsGroup: 5}",
       "f:9:21: spec.securityContext.fsGroup: known to Kubernetes but not carried out by this version of nodeagent"},
      {"securityContext: {supplementalGroups: [1, -2]}",
       "f:9:45: spec.securityContext.supplementalGroups[1]: Invalid value: -2: must be between 0 and 2147483647, "
       "inclusive"},
      {"serviceAccountName: builder",
       "f:9:3: spec.serviceAccountName: known to Kubernetes but not carried out by this version of nodeagent"},
      {"automountServiceAccountToken: true",
       "f:9:3: spec.automountServiceAccountToken: known to Kubernetes but not carried out by this version of "
       "nodeagent"},
      {"volumes: [{name: a}]", "(none)"},
      {"volumes: [{name: a, emptyDir: {}}, {name: a, emptyDir: {}}]",
       R"(f:9:39: spec.volumes[1].name: Duplicate value: "a")"},
      {"volumes: [{name: a, emptyDir: {}, hostPath: {path: /x}}]",
       "f:9:37: spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"},
      {"volumes: [{name: a, hostPath: {path: /a/../b}}]",
       "f:9:34: spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
      {"volumes: [{name: a, hostPath: {path: /a, type: Folder}}]",
       "f:9:50: spec.volumes[0].hostPath.type: Unsupported value: \"Folder\": supported values: \"\", \"BlockDevice\", "
       R"("CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")"},
      {"volumes: [{name: a, emptyDir: {sizeLimit: 64MB}}]",
       "f:9:45: spec.volumes[0].emptyDir.sizeLimit: \"64MB\" is not a quantity: expected a number with an optional "
       "suffix, as in 64Mi, 1500m or 1e3"},
      {"volumes: [{name: a, emptyDir: {sizeLimit: 64Mi}}]",
       "f:9:34: spec.volumes[0].emptyDir.sizeLimit: known to Kubernetes but not carried out by this version of "
       "nodeagent "
       "with this medium; leave it out, or set medium: Memory"},
      {"volumes: [{name: a, emptyDir: {sizeLimit: -1}}]",
       "f:9:34: spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"},
      {"volumes: [{name: a, emptyDir: {medium: HugePages}}]",
       "f:9:34: spec.volumes[0].emptyDir.medium: the value \"HugePages\" is known to Kubernetes but not carried out by "
       "this version of nodeagent"},
      {"initContainers: [{name: i, image: x, restartPolicy: Never}]",
       "f:9:40: spec.initContainers[0].restartPolicy: the value \"Never\" is known to Kubernetes but not carried out "
       "by this version of nodeagent"},
      {"initContainers: [{name: main, image: x}]", R"(f:9:21: spec.initContainers[0].name: Duplicate value: "main")"},
  }));
  CAPTURE(row.line);
  CHECK(faults_of(pod_with("", row.line)) == row.fault);
}

TEST_CASE("a volume that only a later version has is named, and its mounts are not missed") {
  CHECK(faults_of(
            pod_with("volumeMounts: [{name: c, mountPath: /c}]", "volumes: [{name: c, nfs: {server: a, path: /x}}]")) ==
        "f:10:23: spec.volumes[0].nfs: known to Kubernetes but not carried out by this version of nodeagent");
}

TEST_CASE("host ports with the host's network must be the container's own") {
  CHECK(faults_of(pod_with("ports: [{containerPort: 80, hostPort: 80}]", "hostNetwork: true")) == "(none)");
  CHECK(faults_of(pod_with("ports: [{containerPort: 80, hostPort: 81}]", "hostNetwork: true")) ==
        "f:9:33: spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when "
        "`hostNetwork` is true");
}

TEST_CASE("what is no pod at all is told in one line") {
  struct Row {
    const char* text;
    const char* fault;
  };
  const Row row = GENERATE(values<Row>({
      {"just text",
       "f:1:1: not an object: expected apiVersion, kind, metadata and spec, found the string \"just text\""},
      {"- a\n- b\n", "f:1:1: not an object: expected apiVersion, kind, metadata and spec, found a list"},
      {"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n---\n"
       "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n",
       "f:8:12: metadata.name: Duplicate value: \"a\": the object that begins in line 1 is of the same kind and name"},
      {"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n",
       "f: there is no Pod in it, and no Deployment, Job or the like: nothing to run"},
      {"apiVersion: v2\nkind: Pod\n", "f:1:1: apiVersion: no kind Pod in v2; it is in v1"},
      {"kind: Pod\n", "f:1:1: apiVersion: Required value"},
      {"apiVersion: v1\nkind: pod\n",
       "f:2:1: kind: the kind pod (v1) is not one that nodeagent takes from a file; did you mean Pod?"},
      {"apiVersion: v1\nkind: 5\n", "f:2:1: kind: the kind 5 (v1) is not one that nodeagent takes from a file"},
      {"spec: {}\n", "f:1:1: apiVersion: Required value\nf:1:1: kind: Required value"},
  }));
  CAPTURE(row.text);
  CHECK(faults_of(row.text) == row.fault);
}

TEST_CASE("what of a workload is not carried out is told at its field") {
  const auto job = [](const std::string& spec, const std::string& container = "") {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  " + spec +
           "\n  template: {spec: {restartPolicy: Never, containers: [{name: a, image: b" + container + "}]}}\n";
  };
  constexpr std::string_view kIdle = ": nothing would ever run: nobody can change it while it runs from a file";
  CHECK(faults_of(job("parallelism: 1")) == "(none)");
  CHECK(
      faults_of(job("parallelism: 1", ", tty: true, livenessProbe: {exec: {command: [a]}}")) ==
      "f:6:87: spec.template.spec.containers[0].livenessProbe: known to Kubernetes but not carried out by this version "
      "of nodeagent");
  CHECK(faults_of(job("managedBy: kubernetes.io/job-controller")) == "(none)");
  CHECK(faults_of(job("managedBy: example.com/mine")) ==
        "f:5:3: spec.managedBy: known to Kubernetes but not carried out by this version of nodeagent");
  CHECK(faults_of(job("suspend: true")) == base::concat("f:5:3: spec.suspend", kIdle));
  CHECK(faults_of(job("parallelism: 0")) == base::concat("f:5:3: spec.parallelism", kIdle));
  const auto cron_job = [](const std::string& spec, const std::string& job_spec = "") {
    return "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: \"@daily\"\n  " + spec +
           "\n  jobTemplate:\n    spec:\n      " + job_spec +
           "\n      template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}\n";
  };
  CHECK(faults_of(cron_job("suspend: false")) == "(none)");
  CHECK(faults_of(cron_job("suspend: true")) == base::concat("f:6:3: spec.suspend", kIdle));
  CHECK(faults_of(cron_job("", "suspend: true")) == base::concat("f:9:7: spec.jobTemplate.spec.suspend", kIdle));
  const std::string set =
      "\nmetadata: {name: a}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: "
      "{a: b}}, spec: {containers: [{name: a, image: b}]}}, ";
  CHECK(faults_of("apiVersion: apps/v1\nkind: Deployment" + set + "replicas: 0}\n") == "(none)");
  CHECK(faults_of("apiVersion: apps/v1\nkind: Deployment" + set + "paused: true}\n")
            .ends_with(base::concat(" spec.paused", kIdle)));
  CHECK(faults_of("apiVersion: apps/v1\nkind: StatefulSet" + set + "serviceName: s}\n") == "(none)");
  CHECK(faults_of("apiVersion: apps/v1\nkind: StatefulSet" + set +
                  "volumeClaimTemplates: [{metadata: {name: v}, spec: {accessModes: [ReadWriteOnce], resources: "
                  "{requests: {storage: 1Gi}}}}]}\n")
            .ends_with(
                "spec.volumeClaimTemplates: known to Kubernetes but not carried out by this version of nodeagent"));
}

TEST_CASE("all faults of a file come back together, in the order of the file") {
  const std::string text =
      "apiVersion: v1\n"
      "kind: Pod\n"
      "metadata:\n"
      "  name: Web_1\n"
      "  generateName: web-\n"
      "  labels: {tier: 1}\n"
      "spec:\n"
      "  restartPolicy: never\n"
      "  containers:\n"
      "  - imagee: busybox\n"
      "    name: a b\n"
      "    name: c\n"
      "    tty: 3\n";
  CHECK(
      faults_of(text) ==
      "f:4:3: metadata.name: Invalid value: \"Web_1\": a lowercase RFC 1123 subdomain must consist of lower case "
      "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', "
      "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n"
      "f:6:18: metadata.labels[tier]: expected a string, found the number 1; write it in quotes: \"1\"\n"
      "f:8:18: spec.restartPolicy: Unsupported value: \"never\": supported values: \"Always\", "
      "\"OnFailure\", \"Never\"\n"
      "f:10:5: spec.containers[0].imagee: unknown field; did you mean \"image\"?\n"
      "f:10:5: spec.containers[0].image: Required value\n"
      "f:12:5: spec.containers[0].name: duplicate key, first set in line 11\n"
      "f:13:10: spec.containers[0].tty: expected true or false, found the number 3");
}

TEST_CASE("missing parts are required by name") {
  CHECK(faults_of("apiVersion: v1\nkind: Pod\n") ==
        "f:1:1: metadata.name: Required value: name or generateName is required\n"
        "f:1:1: spec.containers: Required value: a pod needs at least one container");
  CHECK(faults_of("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n") ==
        "f:4:8: spec.containers: Required value: a pod needs at least one container");
  CHECK(faults_of("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ''}\nspec: {containers: [{}]}\n") ==
        "f:4:21: spec.containers[0].name: Required value\nf:4:21: spec.containers[0].image: Required value");
}

TEST_CASE("a uid cannot lead out of the pods' folder") {
  CHECK(faults_of(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, uid: ../x}\nspec: {containers: [{name: a, image: b}]}") ==
        "f:3:21: metadata.uid: Invalid value: \"../x\": must be at most 128 letters, digits, '-', '_' and '.'");
}

TEST_CASE("fields of later versions that ask for nothing are no fault") {
  // What `kubectl run --dry-run=client -o yaml` writes.
  CHECK(faults_of("apiVersion: v1\nkind: Pod\nmetadata:\n  creationTimestamp: null\n  labels:\n    run: web\n"
                  "  name: web\nspec:\n  containers:\n  - image: nginx\n    name: web\n    resources: {}\n"
                  "  dnsPolicy: ClusterFirst\n  restartPolicy: Always\nstatus: {}\n") == "(none)");
  CHECK(faults_of(pod_with("securityContext: {procMount: Default}", "hostUsers: true")) == "(none)");
  CHECK(faults_of(pod_with("resources: {limits: {}}", "tolerations: []")) == "(none)");
}

TEST_CASE("a hostile number of faults stays readable") {
  std::string text = pod_with("");
  for (int i = 0; i < 5000; ++i) text += "  unknown" + std::to_string(i) + ": 1\n";
  const auto decoded = api::decode_run_file(text);
  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error().size() == api::kMaxFaults);
}

TEST_CASE("the nearest name ignores case and stays silent where nothing is near") {
  CHECK(api::nearest("Image", {"name", "image"}) == "image");
  CHECK(api::nearest("commnad", {"args", "command"}) == "command");
  CHECK(api::nearest("xyz", {"args", "command"}).empty());
}

}  // namespace
