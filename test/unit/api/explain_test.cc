#include "agent/api/explain.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "agent/api/codec.h"
#include "agent/api/faults.h"
#include "agent/api/schema.h"

namespace {

using api::ExplainFields;

std::string explained(std::string_view path, ExplainFields fields = ExplainFields::kMeanings) {
  const base::Result<std::string> text = api::explain(path, fields);
  return text.has_value() ? *text : "error: " + text.error().to_string();
}

// "SUPPORT:    carried out" to "carried out"; empty where there is no such line.
std::string heading(const std::string& text, const std::string& label) {
  const size_t at = ("\n" + text).find("\n" + label + ":");
  if (at == std::string::npos) return {};
  const std::string line = text.substr(at, text.find('\n', at) - at);
  return line.substr(line.find_first_not_of(' ', label.size() + 1));
}

TEST_CASE("a field is explained with type, default, values, support and meaning") {
  CHECK(explained("pod.spec.restartPolicy") ==
        "KIND:       Pod\n"
        "VERSION:    v1\n"
        "\n"
        "FIELD:      restartPolicy <RestartPolicy>\n"
        "DEFAULT:    Always\n"
        "VALUES:     Always, OnFailure, Never\n"
        "SUPPORT:    carried out\n"
        "\n"
        "DESCRIPTION:\n"
        "    Always, OnFailure (exit status not 0), or Never: whether containers that\n"
        "    ended start again. Waits double from 10 s to 5 min.\n");
}

TEST_CASE("an object is explained with its fields") {
  CHECK(explained("pod.spec.containers.lifecycle.preStop.sleep") ==
        "KIND:       Pod\n"
        "VERSION:    v1\n"
        "\n"
        "FIELD:      sleep <SleepAction>\n"
        "SUPPORT:    refused until a later version, as all of lifecycle is\n"
        "\n"
        "DESCRIPTION:\n"
        "    Waits a number of seconds.\n"
        "\n"
        "FIELDS:\n"
        "  seconds <integer> -required-\n"
        "    How many seconds.\n");
  const std::string probe = explained("pod.spec.containers.livenessProbe");
  CHECK(heading(probe, "FIELD") == "livenessProbe <Probe> -refused-");
  CHECK(probe.find("\n\n  failureThreshold <integer>\n"
                   "    How many failures in a row make the probe failed. Unset: 3.\n\n") != std::string::npos);
}

TEST_CASE("a kind is explained under every name that kubectl has for it") {
  const std::string claim = explained("PersistentVolumeClaim");
  CHECK(claim.starts_with("KIND:       PersistentVolumeClaim\nVERSION:    v1\n"));
  CHECK(claim.find("\nFIELDS:\n  apiVersion <string> -required-\n") != std::string::npos);
  for (const std::string_view name : {"pvc", "PVC", "persistentvolumeclaims", "persistentVolumeClaim"})
    CHECK(explained(name) == claim);
  const std::pair<std::string_view, std::string_view> names[] = {
      {"po", "pod"},  {"Pods", "pod"}, {"cm", "configmap"}, {"secrets", "secret"}, {"pv", "persistentvolume"},
      {"ev", "event"}};
  for (const auto& [name, kind] : names) {
    CAPTURE(name);
    CHECK(explained(name) == explained(kind));
    CHECK(explained(name).starts_with("KIND: "));
  }
}

TEST_CASE("a path leads through lists and maps, and may be that of a fault") {
  CHECK(explained("pod.spec.containers.env.valueFrom.configMapKeyRef.key").starts_with("KIND: "));
  CHECK(explained("pod.spec.containers[0].image") == explained("pod.spec.containers.image"));
  CHECK(explained("pod.metadata.labels[app.kubernetes.io/name]") == explained("pod.metadata.labels"));
  CHECK(heading(explained("pod.metadata.labels"), "FIELD") == "labels <map[string]string>");
}

TEST_CASE("what there is not is named, with what was probably meant") {
  using Row = std::pair<std::string_view, std::string_view>;
  const Row row = GENERATE(values<Row>({
      {"pod.spec.container", "error: pod.spec (PodSpec) has no field \"container\"; did you mean \"containers\"?"},
      {"po.spec.containers.livenessprobe",
       "error: pod.spec.containers (Container) has no field \"livenessprobe\"; did you mean \"livenessProbe\"?"},
      {"pod.spec.somethingElse",
       "error: pod.spec (PodSpec) has no field \"somethingElse\"; explain pod.spec lists those that it has"},
      {"pod.", "error: pod (Pod) has no field \"\"; explain pod lists those that it has"},
      {"pod.spec.containers.resources.limits.cpu",
       "error: pod.spec.containers.resources.limits has no field \"cpu\": it is of type map[string]Quantity, which has "
       "no fields"},
      {"pod.kind.x", "error: pod.kind has no field \"x\": it is of type string, which has no fields"},
      {"podd.spec", "error: there is no kind \"podd\"; did you mean \"pod\"?"},
      {"service",
       "error: there is no kind \"service\"; there are: pod, configmap, secret, persistentvolumeclaim, "
       "persistentvolume, deployment, replicaset, daemonset, statefulset, job, cronjob, event"},
      {"",
       "error: there is no kind \"\"; there are: pod, configmap, secret, persistentvolumeclaim, persistentvolume, "
       "deployment, "
       "replicaset, daemonset, statefulset, job, cronjob, event"},
  }));
  CHECK(explained(row.first) == row.second);
}

TEST_CASE("explain says how far nodeagent carries a field out") {
  using Row = std::pair<std::string_view, std::string_view>;
  const Row row = GENERATE(values<Row>({
      {"pod", "carried out"},
      {"pod.spec.containers.command", "carried out"},
      {"pod.spec.hostUsers", "refused until a later version, but for the value true"},
      {"pod.spec.containers.envFrom", "carried out"},
      {"pod.spec.volumes.projected.sources.serviceAccountToken", "refused until a later version"},
      {"pod.spec.containers.livenessProbe.exec.command", "refused until a later version, as all of livenessProbe is"},
      {"pod.spec.tolerations", "a scheduler's business; a node has nothing to do for it"},
      {"pod.spec.affinity.nodeAffinity",
       "a scheduler's business; a node has nothing to do for it, as all of affinity is"},
      {"pod.metadata.finalizers", "a controller's business; a node has nothing to do for it"},
      {"pod.status.podIP", "ignored in files"},
      {"configmap.data", "carried out"},
      {"job.spec.completions", "carried out"},
      {"job.spec.suspend", "carried out; refused until a later version: true"},
      {"deployment.spec.strategy.type",
       "a controller's business; a node has nothing to do for it, as all of strategy is"},
      {"statefulset.spec.volumeClaimTemplates", "refused until a later version"},
      {"persistentvolume.spec.capacity", "refused until a later version"},
  }));
  CAPTURE(row.first);
  CHECK(heading(explained(row.first), "SUPPORT") == row.second);
}

TEST_CASE("the tree has names and types of everything below") {
  const std::string tree = explained("pod", ExplainFields::kTree);
  CHECK(tree.find("\nFIELDS:\n  apiVersion <string> -required-\n  kind <string> -required-\n  metadata <ObjectMeta>\n"
                  "    name <string>\n") != std::string::npos);
  CHECK(
      tree.find("\n    containers <[]Container> -required-\n      name <string> -required-\n      args <[]string>\n") !=
      std::string::npos);
  CHECK(
      tree.find("\n      livenessProbe <Probe> -refused-\n        exec <ExecAction>\n          command <[]string>\n") !=
      std::string::npos);
  CHECK(explained("pod.spec.restartPolicy", ExplainFields::kTree) == explained("pod.spec.restartPolicy"));
}

// Calls visit with the path of every field below the object.
template <typename Visit>
void for_each_field(const api::Type& type, const std::string& path, const Visit& visit) {
  const api::Type* object = &type;
  while (object->element != nullptr) object = &object->element();
  for (const api::Field& field : object->fields) {
    visit(path + "." + std::string(field.name), field);
    for_each_field(field.type(), path + "." + std::string(field.name), visit);
  }
}

TEST_CASE("every field can be explained, on lines that a terminal holds") {
  constexpr size_t kColumns = 80;
  size_t count = 0;
  const auto check = [&](const std::string& path, const api::Field& field) {
    if (field.support != api::Support::kCarriedOut) return;  // the tables below are the same
    ++count;
    const std::string text = explained(path);
    CAPTURE(path, text);
    REQUIRE(text.starts_with("KIND: "));
    size_t begin = text.find("\nDESCRIPTION:\n");
    REQUIRE(begin != std::string::npos);
    while (begin < text.size()) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      if (end - begin > kColumns || (end > begin && text[end - 1] == ' ')) FAIL(text.substr(begin, end - begin));
      begin = end + 1;
    }
  };
  for_each_field(api::type_of<api::Pod>(), "pod", check);
  for_each_field(api::type_of<api::Secret>(), "secret", check);
  CHECK(count > 300);
}

TEST_CASE("what explain says is refused of a field is refused") {
  struct Row {
    std::string_view path;
    std::string_view spec;       // beside a container "a"
    std::string_view container;  // of the container
  };
  const Row rows[] = {
      {"spec.serviceAccountName", "serviceAccountName: robot", ""},
      {"spec.serviceAccount", "serviceAccount: robot", ""},
      {"spec.automountServiceAccountToken", "automountServiceAccountToken: true", ""},
      {"spec.containers.ports.hostPort", "", "ports: [{containerPort: 80, hostPort: 80}]"},
      {"spec.containers.restartPolicy", "", "restartPolicy: Never"},
      {"spec.containers.resources", "", "resources: {limits: {ephemeral-storage: 1Gi}}"},
      {"spec.volumes.emptyDir.medium", "volumes: [{name: v, emptyDir: {medium: HugePages}}]", ""},
      {"spec.volumes.emptyDir.sizeLimit", "volumes: [{name: v, emptyDir: {sizeLimit: 1Mi}}]", ""},
  };
  std::set<std::string> known;
  for (const Row& row : rows) {
    CAPTURE(row.path);
    known.insert("pod." + std::string(row.path));
    const std::string text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  " + std::string(row.spec) +
                             "\n  containers:\n  - name: a\n    image: b\n    " + std::string(row.container) + "\n";
    const auto pod = api::decode_run_file(text);
    REQUIRE_FALSE(pod.has_value());
    CHECK(std::ranges::any_of(pod.error(), [](const api::Fault& fault) {
      return fault.message.find(api::kNotCarriedOut) != std::string::npos;
    }));
    CHECK(heading(explained("pod." + std::string(row.path)), "SUPPORT")
              .starts_with("carried out; refused until a later version: "));
  }
  // Init containers are of the same type as containers, and ephemeral ones are refused altogether.
  for_each_field(api::type_of<api::Pod>(), "pod", [&](const std::string& path, const api::Field& field) {
    if (field.refused.empty() || path.starts_with("pod.spec.initContainers.") ||
        path.starts_with("pod.spec.ephemeralContainers."))
      return;
    CAPTURE(path);
    CHECK(known.contains(path));
  });
}

}  // namespace
