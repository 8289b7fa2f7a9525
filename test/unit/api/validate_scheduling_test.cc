// The rules of what schedulers read.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::manifest_faults;
using api_test::pod_faults;
using api_test::Row;

TEST_CASE("nodes") {
  const Row row = GENERATE(values<Row>({
      {"nodeSelector: {a: b}", ""},
      {"nodeSelector: {'a b': c}", "nodeSelector: Invalid value: \"a b\""},
      {"nodeSelector: {a: 'b c'}", "nodeSelector: Invalid value: \"b c\""},
      {"nodeName: Node", "nodeName: Invalid value: \"Node\""},
      {"priorityClassName: system-node-critical", ""},
      {"priorityClassName: A", "priorityClassName: Invalid value: \"A\""},
      {"readinessGates: [{conditionType: example.com/ready}]", ""},
      {"readinessGates: [{conditionType: 'a b'}]", "readinessGates[0].conditionType: Invalid value: \"a b\""},
      {"readinessGates: [{}]", "readinessGates[0].conditionType: Invalid value: \"\": name part must be non-empty"},
      {"schedulingGates: [{name: a}, {name: example.com/b}]", ""},
      {"schedulingGates: [{name: a}, {name: a}]", "schedulingGates[1]: Duplicate value: \"a\""},
      {"schedulingGates: [{name: 'a b'}]", "schedulingGates[0]: Invalid value: \"a b\""},
      {"schedulingGates: [{name: a}], nodeName: b", "nodeName: Forbidden: cannot be set until all schedulingGates"},
      {"schedulingGroup: {}", ""},
      {"schedulingGroup: {podGroupName: A}", ""},
      {"preemptionPolicy: Always", "preemptionPolicy: Unsupported value: \"Always\""},
      {"preemptionPolicy: ''", "preemptionPolicy: Required value"},
      {"preemptionPolicy: PreemptLowerPriority, priority: 0", ""},
      {"preemptionPolicy: Never",
       "preemptionPolicy: Forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
       "priority admission controller computed PreemptLowerPriority from the given PriorityClass name"},
      {"priority: 5",
       "priority: Forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission "
       "controller computed 0 from the given PriorityClass name"},
      {"priority: 5, preemptionPolicy: Never, priorityClassName: unknown-here", ""},
      {"priority: 2000001000, priorityClassName: system-node-critical", ""},
      {"priority: 2000001000, priorityClassName: system-cluster-critical", "priority: Forbidden"},
      {"restartPolicy: '', dnsPolicy: ''", ""},
      {"dnsPolicy: Cluster",
       "dnsPolicy: Unsupported value: \"Cluster\": supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", "
       "\"Default\", \"None\""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", row.text), "spec.", row));
}

TEST_CASE("tolerations") {
  const Row row = GENERATE(values<Row>({
      {"operator: Exists", ""},
      {"key: a, operator: Equal, value: b, effect: NoExecute, tolerationSeconds: -1", ""},
      {"key: a", ""},
      {"key: 'a b'", "key: Invalid value: \"a b\""},
      {"value: a", "operator: Invalid value: \"\": operator must be Exists when `key` is empty"},
      {"key: a, tolerationSeconds: 1", "effect: Invalid value: \"\": effect must be 'NoExecute' when"},
      {"key: a, effect: NoSchedule, tolerationSeconds: 1", "effect: Invalid value: \"NoSchedule\""},
      {"key: a, value: 'b c'", "operator: Invalid value: \"b c\": a valid label must be"},
      {"key: a, operator: Exists, value: b", "operator: Invalid value: \"b\": value must be empty when"},
      {"key: a, operator: Lt, value: '1'",
       "operator: Unsupported value: \"Lt\": supported values: \"Equal\", \"Exists\", \"Lt\", \"Gt\""},
      {"key: a, operator: Near", "operator: Unsupported value: \"Near\": supported values: \"Equal\", \"Exists\""},
      {"key: a, operator: Exists, effect: NoRun",
       "effect: Unsupported value: \"NoRun\": supported values: \"NoSchedule\", "
       "\"PreferNoSchedule\", \"NoExecute\""},
      {"key: a, effect: Never", "effect: Unsupported value: \"Never\""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", "tolerations: [{" + std::string(row.text) + "}]"), "spec.tolerations[0].", row));
  const std::string faults = pod_faults("", "tolerations: [{key: a, value: '" + std::string(64, '-') + "'}]");
  CHECK(faults.find("must be no more than 63 bytes;a valid label must be") != std::string::npos);
}

TEST_CASE("spreading over topologies") {
  const Row row = GENERATE(values<Row>({
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 1", ""},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}, matchLabelKeys: [a]", ""},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, nodeAffinityPolicy: ''",
       "nodeAffinityPolicy: Unsupported value: \"\": supported values: \"Honor\", \"Ignore\""},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, nodeTaintsPolicy: ''",
       "nodeTaintsPolicy: Unsupported value: \"\""},
      {"topologyKey: zone, whenUnsatisfiable: ScheduleAnyway", "maxSkew: Invalid value: 0: must be greater than zero"},
      {"maxSkew: 1, whenUnsatisfiable: ScheduleAnyway", "topologyKey: Required value: can not be empty"},
      {"maxSkew: 1, topologyKey: zone",
       "whenUnsatisfiable: Unsupported value: \"\": supported values: \"DoNotSchedule\""},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 0",
       "minDomains: Invalid value: 0"},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, minDomains: 1",
       "minDomains: Invalid value: 1: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, matchLabelKeys: [a]",
       "matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {a: 'b c'}}",
       "labelSelector.matchLabels: Invalid value: \"b c\""},
      {"maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, nodeTaintsPolicy: Keep",
       "nodeTaintsPolicy: Unsupported value: \"Keep\""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(pod_faults("", "topologySpreadConstraints: [{" + std::string(row.text) + "}]"),
                "spec.topologySpreadConstraints[0].", row));
  const std::string constraint = "{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}";
  CHECK(pod_faults("", "topologySpreadConstraints: [" + constraint + ", " + constraint + "]") ==
        "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{zone, "
        "DoNotSchedule}\"");
}

TEST_CASE("affinity to nodes") {
  const std::string required = "requiredDuringSchedulingIgnoredDuringExecution";
  const std::string preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const auto faults = [](const std::string& affinity) {
    return pod_faults("", "affinity: {nodeAffinity: {" + affinity + "}}");
  };
  const Row row = GENERATE(values<Row>({
      {"matchExpressions: [{key: a, operator: In, values: [b]}, {key: c, operator: Gt, values: ['1']}]", ""},
      {"matchFields: [{key: metadata.name, operator: In, values: [node-1]}]", ""},
      {"", ""},
      {"matchExpressions: [{key: a, operator: In}]", "matchExpressions[0].values: Required value: must be specified"},
      {"matchExpressions: [{key: a, operator: Exists, values: [b]}]", "matchExpressions[0].values: Forbidden: may not"},
      {"matchExpressions: [{key: a, operator: Lt, values: ['1', '2']}]",
       "matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'"},
      {"matchExpressions: [{key: a}]",
       "matchExpressions[0].operator: Invalid value: \"\": not a valid selector operator"},
      {"matchExpressions: [{operator: Exists}]", "matchExpressions[0].key: Invalid value: \"\": name part must be"},
      {"matchExpressions: [{key: a, operator: In, values: ['b c']}]",
       "matchExpressions[0].values[0]: Invalid value: \"b c\""},
      {"matchFields: [{key: metadata.uid, operator: In, values: [a]}]",
       "matchFields[0].key: Invalid value: \"metadata.uid\": not a valid field selector key"},
      {"matchFields: [{key: metadata.name, operator: Exists}]", "matchFields[0].operator: Invalid value: \"Exists\""},
      {"matchFields: [{key: metadata.name, operator: In, values: [a, b]}]", "matchFields[0].values: Required value"},
      {"matchFields: [{key: metadata.name, operator: In, values: [A]}]",
       "matchFields[0].values[0]: Invalid value: \"A\""},
  }));
  CAPTURE(row.text);
  CHECK(as_told(faults(required + ": {nodeSelectorTerms: [{" + row.text + "}]}"),
                "spec.affinity.nodeAffinity." + required + ".nodeSelectorTerms[0].", row));
  CHECK(faults(required + ": {}") ==
        "spec.affinity.nodeAffinity." + required +
            ".nodeSelectorTerms: Required value: must have at least one node selector term");
  CHECK(faults(preferred + ": [{weight: 100}]").empty());
  CHECK(faults(preferred + ": [{weight: 1, preference: {matchExpressions: [{key: a, operator: In, values: ['b c']}]}}]")
            .empty());
  CHECK(faults(preferred + ": [{weight: 101}]") ==
        "spec.affinity.nodeAffinity." + preferred + "[0].weight: Invalid value: 101: must be in the range 1-100");
}

TEST_CASE("affinity to pods") {
  const std::string required = "requiredDuringSchedulingIgnoredDuringExecution";
  const auto faults = [&](const std::string& term) {
    return manifest_faults(
        "{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web, tier: a}}, spec: "
        "{containers: [{name: a, image: b}], affinity: {podAntiAffinity: {" +
        required + ": [{" + term + "}]}}}}");
  };
  const Row row = GENERATE(values<Row>({
      {"topologyKey: zone", ""},
      {"topologyKey: zone, namespaces: [a], namespaceSelector: {matchLabels: {a: b}}", ""},
      {"topologyKey: zone, labelSelector: {}, matchLabelKeys: [app], mismatchLabelKeys: [tier]", ""},
      {"topologyKey: zone, labelSelector: {matchLabels: {other: a}}, matchLabelKeys: [other]", ""},  // the pod has none
      {"", ".topologyKey: Required value: can not be empty"},
      {"topologyKey: 'a b'", ".topologyKey: Invalid value: \"a b\""},
      {"topologyKey: zone, namespaces: [A]", ".namespace: Invalid value: \"A\""},
      {"topologyKey: zone, namespaceSelector: {matchExpressions: [{key: a, operator: Any}]}",
       ".namespaceSelector.matchExpressions[0].operator: Invalid value: \"Any\": not a valid selector operator"},
      {"topologyKey: zone, labelSelector: {matchExpressions: [{key: a, operator: In}]}",
       ".labelSelector.matchExpressions[0].values: Required value"},
      {"topologyKey: zone, labelSelector: {matchExpressions: [{key: a, operator: In, values: ['b c']}]}",
       ".labelSelector.matchExpressions[0].values[0]: Invalid value: \"b c\""},
      {"topologyKey: zone, matchLabelKeys: [app]",
       ".matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"},
      {"topologyKey: zone, labelSelector: {}, matchLabelKeys: ['a b']", ".matchLabelKeys[0]: Invalid value: \"a b\""},
      {"topologyKey: zone, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [app]",
       "[0]: Invalid value: \"app\": exists in both matchLabelKeys and labelSelector"},
      {"topologyKey: zone, labelSelector: {}, matchLabelKeys: [app], mismatchLabelKeys: [app]",
       ".matchLabelKeys[0]: Invalid value: \"app\": exists in both matchLabelKeys and mismatchLabelKeys"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(faults(row.text), "spec.affinity.podAntiAffinity." + required + "[0]", row));
  CHECK(
      pod_faults("",
                 "affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: "
                 "{topologyKey: a}}]}}") ==
      "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be "
      "in the range 1-100");
}

TEST_CASE("nothing is taken from a template's labels, and a gated template may name a node") {
  CHECK(manifest_faults("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: {matchLabels: "
                        "{app: b}}, template: {metadata: {labels: {app: b}}, spec: {nodeName: node, schedulingGates: "
                        "[{name: g}], containers: [{name: a, image: b}], topologySpreadConstraints: [{maxSkew: 1, "
                        "topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: b}}, "
                        "matchLabelKeys: [app]}]}}}}")
            .empty());
}

TEST_CASE("tolerations in an annotation") {
  const auto faults_of = [](const std::string& json) {
    return manifest_faults(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {scheduler.alpha.kubernetes.io/tolerations: '" +
        json + "'}}, spec: {containers: [{name: a, image: b}]}}");
  };
  const std::string path = "metadata.annotations";
  const std::string annotation = "scheduler.alpha.kubernetes.io/tolerations";
  CHECK(faults_of("").empty());
  CHECK(faults_of("null").empty());
  CHECK(faults_of("[]").empty());
  CHECK(faults_of(R"([{"key": "dedicated", "Operator": "Equal", "VALUE": "web", "effect": "NoSchedule"}])").empty());
  CHECK(faults_of(R"([{"operator": "Exists", "unknown": 1}, null])") ==
        path + "." + annotation +
            "[1].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means \"match all "
            "values and all keys\"");
  CHECK(faults_of(R"([{"key": "a b"}])").starts_with(path + "." + annotation + "[0].key: Invalid value: \"a b\""));
  CHECK(faults_of(R"([{"key": "a", "effect": "Never"}])")
            .starts_with(path + "." + annotation + "[0].effect: Unsupported value: \"Never\""));
  CHECK(faults_of("[").starts_with(path + ": Invalid value: \"" + annotation));
  CHECK(faults_of("{}").starts_with(path + ": Invalid value: \"" + annotation));
}

}  // namespace
