#include "agent/api/codec.h"

#include <catch2/catch.hpp>

#include "agent/api/schema.h"
#include "base/concat.h"

namespace {

using namespace std::chrono_literals;

// Every field that is carried out, at least once.
constexpr std::string_view kFullPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  uid: 5f4dcc3b
  labels:
    app: web
  annotations:
    example.org/note: "12"
  generation: 3
  creationTimestamp: "2026-11-22T09:50:16Z"
spec:
  volumes:
    - name: cache
      emptyDir:
        medium: Memory
        sizeLimit: 64Mi
    - name: scratch
      emptyDir: {}
    - name: host
      hostPath:
        path: /srv
        type: DirectoryOrCreate
  initContainers:
    - name: setup
      image: busybox:1.36
      imagePullPolicy: Never
      command:
        - sh
        - -c
      args:
        - |
          echo "yes"
          exit 0
    - name: proxy
      image: proxy:1
      imagePullPolicy: IfNotPresent
      restartPolicy: Always
  containers:
    - name: main
      image: example.org:5000/web@sha256:0000
      imagePullPolicy: IfNotPresent
      workingDir: /srv
      env:
        - name: EMPTY
        - name: NUMBER
          value: "1"
      ports:
        - name: http
          containerPort: 80
          protocol: TCP
      volumeMounts:
        - name: cache
          mountPath: /cache
          readOnly: true
      stdin: true
      stdinOnce: true
      tty: true
      securityContext:
        runAsUser: 0
        runAsGroup: 5
        runAsNonRoot: false
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities:
          add:
            - NET_ADMIN
          drop:
            - ALL
        seccompProfile:
          type: RuntimeDefault
  restartPolicy: OnFailure
  terminationGracePeriodSeconds: 0
  activeDeadlineSeconds: 60
  dnsPolicy: None
  dnsConfig:
    nameservers:
      - 10.0.0.1
    searches:
      - example.org
    options:
      - name: ndots
        value: "2"
      - name: edns0
  hostNetwork: true
  hostname: front
  hostAliases:
    - ip: 10.0.0.2
      hostnames:
        - db
        - db.example.org
  securityContext:
    runAsUser: 1000
    runAsNonRoot: true
    supplementalGroups:
      - 4
      - 0
    supplementalGroupsPolicy: Strict
    seccompProfile:
      type: Unconfined
  serviceAccountName: default
  automountServiceAccountToken: false
  enableServiceLinks: true
)";

api::Pod decoded(std::string_view text) {
  auto pod = api::decode_run_file(text);
  if (!pod.has_value()) FAIL(api::to_string(pod.error(), "pod.yaml"));
  return std::get<api::Pod>(std::move(pod->front().object));
}

TEST_CASE("every field of a pod reaches its member") {
  const api::Pod pod = decoded(kFullPod);
  CHECK(api::full_name(pod) == "shop/web");
  CHECK(pod.metadata.uid == "5f4dcc3b");
  CHECK(pod.metadata.labels.at("app") == "web");
  CHECK(pod.metadata.annotations.at("example.org/note") == "12");
  CHECK(pod.metadata.generation == 3);
  REQUIRE(pod.spec.volumes.size() == 3);
  CHECK(pod.spec.volumes[0].empty_dir->medium == "Memory");
  CHECK(pod.spec.volumes[0].empty_dir->size_limit->value() == 64 << 20);
  CHECK(pod.spec.volumes[1].empty_dir.has_value());
  CHECK(pod.spec.volumes[2].host_path->type == api::HostPathType::kDirectoryOrCreate);
  REQUIRE(pod.spec.init_containers.size() == 2);
  CHECK_FALSE(pod.spec.init_containers[0].is_sidecar());
  CHECK(pod.spec.init_containers[0].args.at(0) == "echo \"yes\"\nexit 0\n");
  CHECK(pod.spec.init_containers[1].is_sidecar());
  REQUIRE(pod.spec.containers.size() == 1);
  const api::Container& main = pod.spec.containers[0];
  CHECK(main.env.at(0) == api::EnvVar{"EMPTY", ""});
  CHECK(main.env.at(1) == api::EnvVar{"NUMBER", "1"});
  CHECK(main.ports.at(0).container_port == 80);
  CHECK(main.volume_mounts.at(0).read_only);
  CHECK(main.stdin_open);
  CHECK(main.security_context->run_as_user == 0);
  CHECK(main.security_context->allow_privilege_escalation == false);
  CHECK(main.security_context->capabilities->drop.at(0) == "ALL");
  CHECK(pod.spec.restart_policy == api::RestartPolicy::kOnFailure);
  CHECK(pod.spec.termination_grace_period_seconds == 0);
  CHECK(pod.spec.active_deadline_seconds == 60);
  CHECK(pod.spec.dns_config->options.at(0).value == "2");
  CHECK_FALSE(pod.spec.dns_config->options.at(1).value.has_value());
  CHECK(pod.spec.security_context->supplemental_groups == std::vector<int64_t>{4, 0});
  CHECK(pod.spec.security_context->seccomp_profile->type == api::SeccompProfileType::kUnconfined);
}

TEST_CASE("a written pod reads back the same, as YAML and as JSON") {
  const api::Pod pod = decoded(kFullPod);
  CHECK(decoded(api::to_yaml(pod)) == pod);
  CHECK(decoded(api::to_json(pod)) == pod);
  CHECK(decoded(api::to_json_pretty(pod)) == pod);
  const auto persisted = api::pod_from_json(api::to_json(pod));
  REQUIRE(persisted.has_value());
  CHECK(*persisted == pod);
}

TEST_CASE("what is not said has Kubernetes' defaults") {
  const api::Pod pod = decoded(
      "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: x}, {name: b, image: "
      "'h:5000/x'}, {name: c, image: 'x:latest'}, {name: d, image: 'x:1'}, {name: e, image: 'x@sha256:0'}]}}");
  CHECK(pod.metadata.namespace_ == "default");
  CHECK(pod.metadata.uid.empty());
  CHECK(pod.spec.restart_policy == api::RestartPolicy::kAlways);
  CHECK(pod.spec.termination_grace_period_seconds == 30);
  CHECK(pod.spec.dns_policy == api::DnsPolicy::kClusterFirst);
  CHECK_FALSE(pod.spec.host_network);
  CHECK(pod.status == api::PodStatus{.qos_class = "BestEffort"});
  using enum api::PullPolicy;
  const std::vector<api::PullPolicy> expected{kAlways, kAlways, kAlways, kIfNotPresent, kIfNotPresent};
  for (size_t i = 0; i < expected.size(); ++i) CHECK(pod.spec.containers[i].image_pull_policy == expected[i]);
}

TEST_CASE("text that YAML would take for something else survives being written") {
  api::Pod pod = decoded(kFullPod);
  pod.spec.containers[0].args = {"yes",   "1",     "null",         "",           "~",   "a: b", "- x", "#c",
                                 " lead", "tab\t", "ünïcode 🙂",   "line\nline", "017", "1e3",  "{}",  "'q'",
                                 "\"",    "\\",    "trailing\n\n", "on",         "=",   "<<"};
  CHECK(decoded(api::to_yaml(pod)) == pod);
  CHECK(decoded(api::to_json(pod)) == pod);
}

TEST_CASE("YAML's escapes are the characters they name") {
  const auto pod = api::decode_run_file(
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: x\n"
      "    args: [\"\\N|\\_|\\L|\\P|\\xe9|\\u20ac|\\U0001F600|\\t\"]\n");
  REQUIRE(pod);
  CHECK(std::get<api::Pod>(pod->front().object).spec.containers[0].args[0] ==
        "\u0085|\u00a0|\u2028|\u2029|\u00e9|\u20ac|\U0001F600|\t");
}

TEST_CASE("a status is kept when a pod is stored, and not read from a user's file") {
  api::Pod pod = decoded(kFullPod);
  const api::Time start = base::WallTime(1'700'000'000s);
  pod.status.phase = api::PodPhase::kRunning;
  pod.status.conditions = {{.type = "Ready",
                            .status = api::ConditionStatus::kTrue,
                            .reason = "r",
                            .message = "m",
                            .last_transition_time = start,
                            .observed_generation = 3}};
  pod.status.pod_ip = "10.0.0.9";
  pod.status.pod_ips = {{"10.0.0.9"}};
  pod.status.host_ip = "192.0.2.1";
  pod.status.host_ips = {{"192.0.2.1"}};
  pod.status.start_time = start;
  pod.status.observed_generation = 3;
  api::ContainerStatus container;
  container.name = "main";
  container.ready = true;
  container.started = true;
  container.restart_count = 2;
  container.image = "busybox";
  container.image_id = "sha256:1";
  container.container_id = "nodeagent://2";
  container.state.running = api::ContainerStateRunning{start};
  container.last_state.terminated = api::ContainerStateTerminated{
      .exit_code = 137, .signal = 9, .reason = "Error", .started_at = start, .finished_at = start + 5s};
  pod.status.container_statuses = {container};
  container.name = "setup";
  container.state = {.waiting = api::ContainerStateWaiting{"CrashLoopBackOff", "back-off 10s"}};
  pod.status.init_container_statuses = {container};

  const auto stored = api::pod_from_json(api::to_json(pod));
  REQUIRE(stored.has_value());
  CHECK(*stored == pod);
  CHECK(decoded(api::to_yaml(pod)).status == api::PodStatus{.qos_class = "BestEffort"});
}

TEST_CASE("a status that says little is written with what Kubernetes requires") {
  api::PodStatus status;
  api::ContainerStatus container;
  container.name = "main";
  container.state.running.emplace();
  status.container_statuses = {container};
  CHECK(api::to_json(status) ==
        R"({"phase":"Pending","containerStatuses":[{"name":"main","state":{"running":{}},"ready":false,)"
        R"("restartCount":0,"image":"","imageID":""}]})");
}

TEST_CASE("events read back the same") {
  api::Event event;
  event.involved_object = {"Pod", "default", "web", "u", "spec.containers{main}"};
  event.reason = "BackOff";
  event.message = "Back-off restarting failed container";
  event.type = api::EventType::kWarning;
  event.count = 4;
  event.first_timestamp = base::WallTime(1'700'000'000s);
  event.last_timestamp = base::WallTime(1'700'000'100s);
  const auto again = api::event_from_json(api::to_json(event));
  REQUIRE(again.has_value());
  CHECK(*again == event);
}

TEST_CASE("bytes that are not UTF-8 in a message do not spoil the JSON") {
  api::PodStatus status;
  status.message = "bad \xff byte";
  CHECK(api::to_json(status).find("bad \xef\xbf\xbd byte") != std::string::npos);
}

TEST_CASE("a status that cannot be read is refused") {
  struct Row {
    const char* kind;
    const char* status;
    const char* fault;
  };
  const Row row = GENERATE(values<Row>({
      {"v1, kind: PersistentVolumeClaim", "{phase: Whatever, capacity: {storage: 1Gi}}", ""},
      {"v1, kind: PersistentVolumeClaim", "{phase: [1]}", "status.phase: expected a string"},
      {"v1, kind: PersistentVolumeClaim", "{fase: Bound}", "status.fase: unknown field"},
      {"v1, kind: ConfigMap", "{}", "status: unknown field"},
      {"apps/v1, kind: Deployment", "null", ""},
      {"apps/v1, kind: Deployment",
       "{replicas: 1, terminatingReplicas: 0, conditions: [{type: Available, status: 'True', lastUpdateTime: null}]}",
       ""},
      {"apps/v1, kind: Deployment", "[]", "status: expected a map"},
      {"apps/v1, kind: Deployment", "{conditions: [{lastProbeTime: null}]}",
       "status.conditions[0].lastProbeTime: unknown field"},
      {"apps/v1, kind: DaemonSet", "{replicas: 1}", "status.replicas: unknown field"},
      {"batch/v1, kind: Job", "{succeeded: 1, uncountedTerminatedPods: {}}", ""},
      {"batch/v1, kind: CronJob", "{lastScheduleTime: yesterday}", "status.lastScheduleTime: Invalid value"},
  }));
  CAPTURE(row.kind, row.status);
  const auto read = api::decode_manifests("{apiVersion: " + std::string(row.kind) +
                                          ", metadata: {name: a}, status: " + row.status + "}");
  const std::string faults = read.has_value() ? "" : api::to_string(read.error(), "f");
  CAPTURE(faults);
  CHECK((faults.find(": status") != std::string::npos) == (*row.fault != '\0'));
  CHECK(faults.find(row.fault) != std::string::npos);
}

TEST_CASE("lists of any kind are the objects in them") {
  const auto names_of = [](const std::string& text) {
    const auto read = api::decode_manifests(text);
    std::string names;
    if (!read.has_value()) return api::to_string(read.error(), "f");
    for (const api::Manifest& manifest : *read) {
      names += std::string(api::type_of(manifest.object).name) + "/" + api::metadata(manifest.object).name + " ";
    }
    return names;
  };
  const std::string secret = "{apiVersion: v1, kind: Secret, metadata: {name: b}}";
  CHECK(names_of("{apiVersion: v1, kind: List, items: [" + secret + "]}") == "Secret/b ");
  CHECK(names_of("{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: a}}, " + secret + "]}") ==
        "ConfigMap/a Secret/b ");
  CHECK(names_of("{apiVersion: v1, kind: List, items: [{metadata: {name: a}}]}") ==
        "f:1:38: apiVersion: Required value\nf:1:38: kind: Required value");
  CHECK(names_of("{apiVersion: v1, kind: List, items: []}") == "f: empty: there is no object in it");
  CHECK(names_of("{apiVersion: v1, kind: SecretList, items: [{metadata: {name: b, name: c}}]}") ==
        "f:1:65: metadata.name: duplicate key, first set in line 1");
}

TEST_CASE("JSON objects may follow one another without a line between them") {
  const auto object = [](std::string_view name) {
    return base::concat(R"({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "}\"{"}, "metadata": {"name": ")",
                        name, "\"}}");
  };
  const auto three = api::decode_manifests(object("a") + "\n" + object("b") + object("c") + "\n");
  REQUIRE(three.has_value());
  CHECK(three->size() == 3);
  const auto bad = api::decode_manifests(object("a") + "\n\n" + object("b_"));
  REQUIRE_FALSE(bad.has_value());
  CHECK(api::to_string(bad.error(), "f").starts_with("f:3:"));
  CHECK_FALSE(api::decode_manifests(object("a") + "\n" + object("b") + "]").has_value());
}

TEST_CASE("a line that begins with --- separates documents and holds nothing else") {
  const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
  CHECK(api::decode_manifests("--- # first\n" + map + "---\t\r\n").has_value());
  CHECK(api::decode_manifests("{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\",\n\"metadata\": {\"name\": \"a\"}}")
            .has_value());
  for (const char* line : {"--- a", "----", "--- |"}) {
    CAPTURE(line);
    const auto read = api::decode_manifests(map + line + "\n");
    REQUIRE_FALSE(read.has_value());
    CHECK(api::to_string(read.error(), "f").starts_with("f:4:1: invalid Yaml document separator"));
  }
}

TEST_CASE("quantities are what kubectl sends of them") {
  struct Row {
    const char* written;
    const char* canonical;
  };
  const Row row = GENERATE(values<Row>({
      {"0x10", "16"},
      {"010", "8"},
      {"1_000", "1k"},
      {"1.5", "1500m"},
      {"1e3", "1k"},
      {"'1e3'", "1e3"},
      {"' 1Gi '", "1Gi"},
      {"08", "8"},
      {"Mi", "0"},
      {"null", "0"},
  }));
  CAPTURE(row.written);
  const auto read = api::decode_manifests(
      "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b, resources: {requests: "
      "{memory: " +
      std::string(row.written) + "}}}]}}");
  REQUIRE(read.has_value());
  const auto& pod = std::get<api::Pod>(read->front().object);
  CHECK(pod.spec.containers[0].resources.requests.at("memory").to_string() == row.canonical);
}

TEST_CASE("times are read with any offset and fraction") {
  const auto time_of = [](const std::string& text) {
    return decoded("apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: '" + text +
                   "'}\nspec: {containers: [{name: a, image: x:1}]}")
        .metadata.creation_timestamp;
  };
  CHECK(time_of("2023-11-14T22:13:20Z") == base::WallTime(1'700'000'000s));
  CHECK(time_of("2023-11-15T00:13:20+02:00") == base::WallTime(1'700'000'000s));
  CHECK(time_of("2023-11-14T22:13:20.250Z") == base::WallTime(1'700'000'000'250ms));
  CHECK(time_of("0001-01-01T00:00:00Z") < base::WallTime(0s));  // Go's zero
  CHECK(time_of("9999-12-31T23:59:59Z") > base::WallTime(1'700'000'000s));
  for (const char* wrong : {"", "2023-02-30T00:00:00Z", "2023-11-14t22:13:20Z", "2023-11-14T22:13:20z", "2023-11-14",
                            "2023-11-14T22:13:60Z", "2023-11-14 22:13:20Z", "2023-11-14T22:13:20"}) {
    CAPTURE(wrong);
    CHECK_FALSE(api::decode_run_file("apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: '" +
                                     std::string(wrong) + "'}\nspec: {containers: [{name: a, image: x:1}]}")
                    .has_value());
  }
}

TEST_CASE("a fault is shown with the file's name and its place") {
  const auto pod = api::decode_run_file("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}\n");
  REQUIRE_FALSE(pod.has_value());
  CHECK(api::to_string(pod.error(), "pod.yaml") ==
        "pod.yaml:4:1: spec.containers: Required value: a pod needs at least one container");
}

TEST_CASE("rules are checked on a pod from elsewhere, without places") {
  api::Pod pod = decoded(kFullPod);
  CHECK(api::validate(pod).empty());
  pod.spec.containers.clear();
  REQUIRE(api::validate(pod).size() == 1);
  CHECK(api::to_string(api::validate(pod), "pod") ==
        "pod: spec.containers: Required value: a pod needs at least one container");
}

TEST_CASE("small text that would become large objects meets a limit") {
  std::string containers = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{}";
  for (int i = 0; i < 90'000; ++i) containers += ",{}";
  const auto large = api::decode_manifests(containers + "]}}");
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().front().message == "too large: the object takes too much memory once it is read");

  std::string configs;
  for (int i = 0; i < 20'000; ++i)
    configs += base::concat("{apiVersion: v1, kind: ConfigMap, metadata: {name: a", i, "}}\n---\n");
  const api::CheckedFile many = api::check_manifests(configs);
  CHECK(many.manifests.size() > 10'000);
  REQUIRE(many.faults.size() == 1);
  CHECK(many.faults.front().message.starts_with("too much in one file"));
}

}  // namespace
