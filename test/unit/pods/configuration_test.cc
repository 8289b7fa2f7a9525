// What ConfigMaps, Secrets, the downward API and files become for a container: variables and volumes.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "agent/pods/convert.h"
#include "agent/pods/volume_specs.h"
#include "base/file.h"
#include "base/path.h"
#include "test/unit/pods/pods.h"
#include "test/unit/temp_dir.h"

using namespace agent::pods;

namespace {

template <typename T>
T read_as(const std::string& text) {
  auto read = api::decode_manifests(text);
  if (!read) FAIL(api::to_string(read.error(), "config.yaml"));
  return std::get<T>(read->front().object);
}

Configuration sample_configuration() {
  Configuration out;
  out.add(
      read_as<api::ConfigMap>("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
                              "data: {MODE: fast, greeting: hello, 'a.b': dotted}\nbinaryData: {blob: AAE=}\n"));
  out.add(
      read_as<api::Secret>("apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n"
                           "data: {user: YWRh, zero: AGE=}\nstringData: {password: 's3cret$(MODE)'}\n"));
  return out;
}

const agent::resources::NodeFacts kNode{
    .name = "node-1", .ip = "192.0.2.7", .milli_cpu = 3500, .memory = 1000, .ephemeral_storage = 77};

base::Result<Environment> environment_of(const std::string& container_fields, const std::string& root = "/none",
                                         const std::string& pod_fields = "") {
  const api::Pod pod =
      test::pod_from(pod_fields + "  containers:\n  - name: web\n    image: 'app:1'\n" + container_fields);
  const Configuration configuration = sample_configuration();
  const DownwardInput facts{.pod = pod, .node = kNode, .pod_ips = {"10.0.0.2", "fd00::2"}};
  return make_environment(
      {.downward = facts, .container = pod.spec.containers[0], .configuration = configuration, .root = root});
}

Variables variables_of(const std::string& container_fields) {
  auto made = environment_of(container_fields);
  if (!made) FAIL(made.error().to_string());
  return made->variables;
}

std::string env_error(const std::string& container_fields) {
  const auto made = environment_of(container_fields);
  return made ? "(none)" : made.error().to_string();
}

std::vector<volumes::VolumeSpec> specs_of(const std::string& volumes, std::string* error = nullptr) {
  const api::Pod pod = test::pod_from("  volumes:\n" + volumes + test::kWeb);
  const Configuration configuration = sample_configuration();
  auto specs = volume_specs({.pod = pod, .node = kNode, .pod_ips = {}}, configuration);
  if (!specs && error == nullptr) FAIL(specs.error().to_string());
  if (!specs) *error = specs.error().to_string();
  return specs ? *specs : std::vector<volumes::VolumeSpec>();
}

std::vector<volumes::ContentFile> files_of(const std::string& volume) {
  return std::get<volumes::ContentSource>(specs_of("  - " + volume + "\n").at(0).source).files;
}

std::string volume_error(const std::string& volume) {
  std::string error = "(none)";
  specs_of("  - " + volume + "\n", &error);
  return error;
}

}  // namespace

TEST_CASE("a variable may use only what is defined before it") {
  CHECK(variables_of("    env: [{name: A, value: '1'}, {name: B, value: '$(A)$(C)'}, {name: C, value: '3'}, "
                     "{name: A, value: '$(A)2'}, {name: D, value: '$(A)'}]\n") ==
        Variables{{"A", "12"}, {"B", "1$(C)"}, {"C", "3"}, {"D", "12"}});
}

TEST_CASE("envFrom gives all keys, and env wins") {
  CHECK(variables_of("    envFrom:\n    - configMapRef: {name: settings}\n    - prefix: L_\n"
                     "      configMapRef: {name: settings}\n    - configMapRef: {name: gone, optional: true}\n"
                     "    - secretRef: {name: gone, optional: true}\n"
                     "    env: [{name: MODE, value: '$(MODE)er'}]\n") == Variables{{"MODE", "faster"},
                                                                                   {"a.b", "dotted"},
                                                                                   {"greeting", "hello"},
                                                                                   {"L_MODE", "fast"},
                                                                                   {"L_a.b", "dotted"},
                                                                                   {"L_greeting", "hello"}});
  CHECK(env_error("    envFrom: [{configMapRef: {name: gone}}]\n") == "configmap \"gone\" not found");
  CHECK(env_error("    envFrom: [{secretRef: {name: gone}}]\n") == "secret \"gone\" not found");
}

TEST_CASE("what no environment can hold is left out with an event") {
  const auto made = environment_of("    envFrom: [{secretRef: {name: login}}]\n");
  REQUIRE(made);
  CHECK(made->variables == Variables{{"password", "s3cret$(MODE)"}, {"user", "ada"}});
  REQUIRE(made->events.size() == 1);
  CHECK(made->events[0].warning);
  CHECK(made->events[0].reason == "InvalidEnvironmentVariableNames");
  CHECK(made->events[0].message ==
        "Keys [zero] from the EnvFrom secret default/login were skipped since they are considered invalid environment "
        "variable names.");
}

TEST_CASE("valueFrom: keys of ConfigMaps and Secrets") {
  const auto env = [](const std::string& source) { return "    env: [{name: X, valueFrom: {" + source + "}}]\n"; };
  CHECK(variables_of(env("configMapKeyRef: {name: settings, key: a.b}")) == Variables{{"X", "dotted"}});
  // What a Secret holds is not looked at again.
  CHECK(variables_of(env("secretKeyRef: {name: login, key: password}")) == Variables{{"X", "s3cret$(MODE)"}});
  CHECK(variables_of(env("configMapKeyRef: {name: settings, key: none, optional: true}")).empty());
  CHECK(variables_of(env("secretKeyRef: {name: none, key: x, optional: true}")).empty());
  CHECK(env_error(env("configMapKeyRef: {name: none, key: x}")) == "configmap \"none\" not found");
  CHECK(env_error(env("configMapKeyRef: {name: settings, key: x}")) ==
        "couldn't find key x in ConfigMap default/settings");
  CHECK(env_error(env("secretKeyRef: {name: login, key: x}")) == "couldn't find key x in Secret default/login");
  CHECK(env_error(env("secretKeyRef: {name: login, key: zero}")) ==
        "the value of variable X holds a zero byte, which no environment can");
}

TEST_CASE("valueFrom: fields of the pod and resources of its containers") {
  api::Pod pod = test::pod_from("  containers:\n  - {name: web, image: 'app:1'}\n  - {name: db, image: 'app:1'}\n");
  pod.metadata.labels = {{"app", "shop"}};
  pod.metadata.annotations = {{"note", "tab\there \"\u00e9\" \u00a0\x01"}, {"b", ""}};
  pod.spec.containers[1].resources.limits = {{"cpu", *api::Quantity::parse("1500m")},
                                             {"memory", *api::Quantity::parse("65Mi")}};
  const DownwardInput facts{.pod = pod, .node = kNode, .pod_ips = {"10.0.0.2", "fd00::2"}};
  const std::vector<std::pair<const char*, const char*>> fields{
      {"metadata.name", "site"},
      {"metadata.namespace", "default"},
      {"metadata.uid", "u-1"},
      {"metadata.labels['app']", "shop"},
      {"metadata.labels['none']", ""},
      {"metadata.labels", "app=\"shop\""},
      {"metadata.annotations", "b=\"\"\nnote=\"tab\\there \\\"\u00e9\\\" \\u00a0\\x01\""},
      {"spec.nodeName", "node-1"},
      {"spec.serviceAccountName", "default"},
      {"status.hostIP", "192.0.2.7"},
      {"status.podIP", "10.0.0.2"},
      {"status.podIPs", "10.0.0.2,fd00::2"}};
  for (const auto& [path, value] : fields) {
    CAPTURE(path);
    CHECK(field_value(facts, path).value() == value);
  }
  CHECK_FALSE(field_value(facts, "spec.containers"));

  struct Row {
    const char* container;
    const char* resource;
    const char* divisor;
    const char* value;
  };
  const std::vector<Row> rows{{"db", "limits.cpu", "0", "2"},
                              {"db", "limits.cpu", "1m", "1500"},
                              {"db", "limits.memory", "1Mi", "65"},
                              {"db", "limits.memory", "1Gi", "1"},
                              {"db", "limits.memory", "0", "68157440"},
                              {"db", "requests.memory", "0", "0"},
                              {"", "limits.cpu", "0", "4"},
                              {"", "limits.memory", "0", "1000"},
                              {"", "limits.ephemeral-storage", "0", "77"}};
  for (const Row& row : rows) {
    CAPTURE(row.container, row.resource, row.divisor);
    const api::ResourceFieldSelector reference{
        .container_name = row.container, .divisor = *api::Quantity::parse(row.divisor), .resource = row.resource};
    CHECK(resource_value(facts, reference, &pod.spec.containers[0]).value() == row.value);
  }
  CHECK_FALSE(resource_value(facts, {.container_name = "none", .divisor = {}, .resource = "limits.cpu"}, nullptr));
}

TEST_CASE("variables of a file") {
  const std::string text =
      "# comment\n\n  A='one'\nB='two\nlines # not a comment' # a comment\r\nC= 'nothing'\nD=''\nA='later'\nE='x'";
  const auto value = [&](const char* name) { return env_file_value(text, name).value(); };
  CHECK(value("A") == "one");
  CHECK(value("B") == "two\nlines # not a comment");
  CHECK_FALSE(value("C"));
  CHECK_FALSE(value("D"));
  CHECK(value("E") == "x");
  CHECK_FALSE(value("F"));
  const std::vector<std::pair<const char*, const char*>> faults{
      {"A", "line 1: missing '='"},
      {"A='1'\n='2'", "line 2: empty variable name"},
      {"A ='1'", "line 1: whitespace before '=' is not allowed"},
      {"A=1", "line 1: value must be enclosed in single quotes"},
      {"\nA='1\n2", "line 2: unclosed single quote"},
      {"A='1' 2", "line 1: unexpected content after closing quote"}};
  for (const auto& [bad, why] : faults) {
    const auto read = env_file_value(bad, "Z");
    REQUIRE_FALSE(read);
    CHECK(read.error().to_string() == "invalid environment variable format at " + std::string(why));
  }
}

TEST_CASE("valueFrom: a file that another container wrote, and nothing beyond its volume") {
  const test::TempDir dir;
  const std::string volume = std::string(dir.path()) + "/pods/u-1/volumes/kubernetes.io~empty-dir/shared";
  REQUIRE(base::make_dirs(volume, 0755));
  REQUIRE(base::write_file_atomic(volume + "/app.env", "KEY='value'\n", 0644, base::Durability::kCrash));
  REQUIRE(::symlink("/etc/passwd", (volume + "/link.env").c_str()) == 0);
  const auto value = [&](const std::string& reference) {
    return environment_of("    env: [{name: X, valueFrom: {fileKeyRef: {volumeName: shared, " + reference + "}}}]\n",
                          dir.path(), "  volumes: [{name: shared, emptyDir: {}}]\n");
  };
  REQUIRE(value("path: app.env, key: KEY"));
  CHECK(value("path: app.env, key: KEY")->variables == Variables{{"X", "value"}});
  CHECK(value("path: app.env, key: NONE, optional: true")->variables.empty());
  CHECK(value("path: none.env, key: KEY, optional: true")->variables.empty());
  CHECK(value("path: app.env, key: NONE").error().to_string() ==
        "environment variable key \"NONE\" not found in file app.env of volume shared");
  CHECK(value("path: none.env, key: KEY").error().code() == base::Code::kNotFound);
  // The link means etc/passwd within the volume, which is not there.
  CHECK(value("path: link.env, key: KEY").error().code() == base::Code::kNotFound);
}

TEST_CASE("what the files of configuration volumes are") {
  using Files = std::vector<volumes::ContentFile>;
  CHECK(files_of("{name: v, configMap: {name: settings, defaultMode: 0600}}") ==
        Files{{"MODE", "fast", 0600},
              {"a.b", "dotted", 0600},
              {"blob", std::string("\0\1", 2), 0600},
              {"greeting", "hello", 0600}});
  CHECK(files_of("{name: v, configMap: {name: settings, items: [{key: greeting, path: d/g.txt, mode: 0400}, {key: "
                 "MODE, path: m}]}}") == Files{{"d/g.txt", "hello", 0400}, {"m", "fast", 0644}});
  CHECK(files_of("{name: v, secret: {secretName: login, items: [{key: user, path: u}]}}") == Files{{"u", "ada", 0644}});
  CHECK(files_of("{name: v, secret: {secretName: none, optional: true}}").empty());
  CHECK(files_of("{name: v, configMap: {name: settings, optional: true, items: [{key: none, path: f}]}}").empty());
  CHECK(
      files_of("{name: v, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}, {path: cpu, mode: "
               "0444, resourceFieldRef: {containerName: web, resource: limits.cpu, divisor: 1m}}]}}") ==
      Files{{"cpu", "3500", 0444}, {"name", "site", 0644}});
  CHECK(files_of("{name: v, projected: {defaultMode: 0440, sources: [{configMap: {name: settings, items: [{key: MODE, "
                 "path: mode}]}}, {secret: {name: login, items: [{key: user, path: ./u//ser, mode: 0400}]}}, "
                 "{downwardAPI: {items: [{path: uid, fieldRef: {fieldPath: metadata.uid}}]}}]}}") ==
        Files{{"mode", "fast", 0440}, {"u/ser", "ada", 0400}, {"uid", "u-1", 0440}});
}

TEST_CASE("a volume whose configuration is missing says so in kubelet's words") {
  CHECK(volume_error("{name: v, configMap: {name: none}}") ==
        "MountVolume.SetUp failed for volume \"v\": configmap \"none\" not found");
  CHECK(volume_error("{name: v, secret: {secretName: none}}") ==
        "MountVolume.SetUp failed for volume \"v\": secret \"none\" not found");
  CHECK(volume_error("{name: v, configMap: {name: settings, items: [{key: none, path: f}]}}") ==
        "MountVolume.SetUp failed for volume \"v\": references non-existent config key: none");
  CHECK(volume_error("{name: v, projected: {sources: [{secret: {name: login, items: [{key: none, path: f}]}}]}}") ==
        "MountVolume.SetUp failed for volume \"v\": references non-existent secret key: none");
}

TEST_CASE("what a pod uses of its configuration is known with its fields") {
  const api::Pod pod = test::pod_from(
      "  volumes:\n  - {name: a, configMap: {name: c1}}\n"
      "  - {name: b, projected: {sources: [{secret: {name: s1, optional: true, items: [{key: k, path: p}]}}]}}\n"
      "  initContainers:\n  - {name: i, image: x, envFrom: [{secretRef: {name: s2}}]}\n"
      "  containers:\n  - {name: web, image: x, env: [{name: X, valueFrom: {configMapKeyRef: {name: c2, key: k}}}]}\n");
  std::vector<std::string> told;
  for (const ConfigurationUse& use : configuration_uses(pod))
    told.push_back(use.path + (use.is_secret ? " secret " : " map ") + use.name + "/" + use.key +
                   (use.optional ? "?" : ""));
  CHECK(told == std::vector<std::string>{"spec.initContainers[0].envFrom[0].secretRef secret s2/",
                                         "spec.containers[0].env[0].valueFrom.configMapKeyRef map c2/k",
                                         "spec.volumes[0].configMap map c1/",
                                         "spec.volumes[1].projected.sources[0].secret.items[0] secret s1/k?"});
}
