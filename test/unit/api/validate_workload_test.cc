// The rules of the kinds that make pods.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::manifest_faults;
using api_test::Row;

// With labels and one container; `spec` is added to the object's spec, `pod` to the template's.
std::string faults_of(const std::string& kind, const std::string& spec, const std::string& pod = "",
                      const std::string& name = "web") {
  const bool is_batch = kind == "Job";
  const std::string selector = is_batch ? "" : "selector: {matchLabels: {app: web}}, ";
  return manifest_faults("{apiVersion: " + std::string(is_batch ? "batch/v1" : "apps/v1") + ", kind: " + kind +
                         ", metadata: {name: " + name + "}, spec: {" + selector + spec + (spec.empty() ? "" : ", ") +
                         "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b}]" +
                         (pod.empty() ? "" : ", " + pod) + "}}}}");
}

TEST_CASE("a template is held to a pod's rules, at its own path") {
  for (const char* kind : {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"}) {
    CAPTURE(kind);
    CHECK(faults_of(kind, "").empty());
    CHECK(faults_of(kind, "", "restartPolicy: Never") ==
          "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"");
    CHECK(as_told(faults_of(kind, "", "activeDeadlineSeconds: 5"),
                  "spec.template.spec.activeDeadlineSeconds: ", {"", "Forbidden"}));
    CHECK(faults_of(kind, "", "initContainers: [{name: a, image: ' '}]") ==
          "spec.template.spec.initContainers[0].name: Duplicate value: \"a\"");
    CHECK(as_told(faults_of(kind, "minReadySeconds: -1"), "spec.minReadySeconds: ", {"", "Invalid value: -1"}));
  }
}

TEST_CASE("the selector is there, chooses, and chooses the template's pods") {
  const auto with = [](const std::string& kind, const std::string& selector) {
    return manifest_faults("{apiVersion: apps/v1, kind: " + kind + ", metadata: {name: web}, spec: {" + selector +
                           "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b}]}}}}");
  };
  const std::string mismatch =
      "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`";
  CHECK(with("Deployment", "") == "spec.selector: Required value\n" + mismatch);
  CHECK(with("DaemonSet", "") == mismatch);
  CHECK(with("DaemonSet", "selector: {}, ") == "spec.selector: Invalid value: empty selector is invalid for daemonset");
  // One without form is not asked, and mostly the template is not looked at either.
  const std::string without_form = "selector: {matchExpressions: [{key: app, operator: Is}]}, ";
  for (const char* kind : {"Deployment", "ReplicaSet", "StatefulSet"}) {
    CAPTURE(kind);
    CHECK(with(kind, without_form) ==
          "spec.selector: Invalid value: invalid label selector\n"
          "spec.selector.matchExpressions[0].operator: Invalid value: \"Is\": not a valid selector operator");
  }
  CHECK(with("DaemonSet", without_form) ==
        "spec.selector.matchExpressions[0].operator: Invalid value: \"Is\": not a valid selector operator");
  CHECK(as_told(with("Deployment", "selector: {}, "), "spec.selector: ", {"", "Invalid value: empty selector"}));
  CHECK(with("DaemonSet", "selector: {matchLabels: {app: other}}, ") ==
        "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`");
  CHECK(with("StatefulSet", "selector: {matchExpressions: [{key: app, operator: In, values: [x, web]}]}, ").empty());
  CHECK_FALSE(with("ReplicaSet", "selector: {matchExpressions: [{key: app, operator: DoesNotExist}]}, ").empty());
}

TEST_CASE("updates of deployments and daemon sets") {
  const Row row = GENERATE(values<Row>({
      {"strategy: {type: Recreate}", ""},
      {"strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 50%}}", ""},
      {"strategy: {rollingUpdate: {maxSurge: 200%}}", ""},
      {"strategy: {type: Recreate, rollingUpdate: {}}", "strategy.rollingUpdate: Forbidden"},
      {"strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}",
       "strategy.rollingUpdate.maxUnavailable: Invalid"},
      {"strategy: {rollingUpdate: {maxUnavailable: 101%}}", "strategy.rollingUpdate.maxUnavailable: Invalid"},
      {"strategy: {rollingUpdate: {maxSurge: some}}", "strategy.rollingUpdate.maxSurge: Invalid value: \"some\""},
      {"strategy: {rollingUpdate: {maxSurge: -1}}", "strategy.rollingUpdate.maxSurge: Invalid value: -1"},
      {"strategy: {type: Slow}", "strategy: Unsupported value: \"Slow\""},
      {"strategy: {type: ''}", ""},
      {"strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 5a}}",
       "strategy.rollingUpdate.maxUnavailable: Invalid value: \"5a\": may not be 0 when `maxSurge` is 0"},
      {"replicas: 0, revisionHistoryLimit: 0", ""},
      {"replicas: -1", "replicas: Invalid value: -1"},
      {"progressDeadlineSeconds: 5, minReadySeconds: 5", "progressDeadlineSeconds: Invalid value: 5"},
  }));
  const std::string faults = faults_of("Deployment", row.text);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, "spec.", row));
  CHECK(faults_of("DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}").empty());
  CHECK(as_told(faults_of("DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 1}}"),
                "spec.updateStrategy.rollingUpdate.maxSurge: ", {"", "Invalid value: \"1\": may not be set"}));
}

TEST_CASE("updates of stateful sets") {
  const Row row = GENERATE(values<Row>({
      {"updateStrategy: {type: OnDelete}, podManagementPolicy: Parallel", ""},
      {"updateStrategy: {type: ''}, podManagementPolicy: ''", ""},
      {"updateStrategy: {type: Recreate}",
       "updateStrategy: Invalid value: \"Recreate\": must be 'RollingUpdate' or 'OnDelete'"},
      {"updateStrategy: {type: OnDelete, rollingUpdate: {}}", "updateStrategy.rollingUpdate: Invalid value"},
      {"updateStrategy: {rollingUpdate: {partition: -1}}", "updateStrategy.rollingUpdate.partition: Invalid value: -1"},
      {"podManagementPolicy: Serial",
       "podManagementPolicy: Invalid value: \"Serial\": must be 'OrderedReady' or 'Parallel'"},
      {"persistentVolumeClaimRetentionPolicy: {whenScaled: Keep}",
       "persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Keep\": supported values: \"Retain\", "
       "\"Delete\""},
  }));
  const std::string faults = faults_of("StatefulSet", row.text);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, "spec.", row));
  CHECK(faults_of("DaemonSet", "updateStrategy: {type: Recreate}") ==
        "spec.updateStrategy: Unsupported value: \"Recreate\": supported values: \"RollingUpdate\", \"OnDelete\"");
}

TEST_CASE("fields of older versions in annotations") {
  const auto with = [](const std::string& kind, const std::string& annotation) {
    return manifest_faults("{apiVersion: apps/v1, kind: " + kind + ", metadata: {name: web, annotations: {" +
                           annotation +
                           "}}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
                           "spec: {containers: [{name: a, image: b}]}}}}");
  };
  CHECK(with("Deployment", "deprecated.deployment.rollback.to: '+2'").empty());
  CHECK(with("Deployment", "deprecated.deployment.rollback.to: ''").empty());
  CHECK(with("Deployment", "deprecated.deployment.rollback.to: '-2'") ==
        "spec.rollback.version: Invalid value: -2: must be greater than or equal to 0");
  CHECK(as_told(with("Deployment", "deprecated.deployment.rollback.to: 2x"),
                "metadata.annotations[deprecated.deployment.rollback.to]: ", {"", "Invalid value: \"2x\""}));
  CHECK(with("DaemonSet", "deprecated.daemonset.template.generation: '-2'").empty());
  CHECK(as_told(with("DaemonSet", "deprecated.daemonset.template.generation: '9223372036854775808'"),
                "metadata.annotations[deprecated.daemonset.template.generation]: ", {"", "Invalid value"}));
  CHECK(with("ReplicaSet", "deprecated.deployment.rollback.to: 2x").empty());
}

TEST_CASE("a stateful set's claims are volumes of its pods") {
  const std::string mount = "containers: [{name: a, image: b, volumeMounts: [{name: data, mountPath: /d}]}]";
  const auto with = [&](const std::string& claims) {
    return manifest_faults(
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {selector: {matchLabels: {app: db}}, "
        "serviceName: db, volumeClaimTemplates: [" +
        claims + "], template: {metadata: {labels: {app: db}}, spec: {" + mount + "}}}}");
  };
  CHECK(with("{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}")
            .empty());
  CHECK(with("") == "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"data\"");
  CHECK(as_told(with("{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}"),
                "spec.volumeClaimTemplates[0].spec.accessModes: ", {"", "Required value"}));
  CHECK(faults_of("StatefulSet", "", "", "a.b") == "metadata.name: Invalid value: \"a.b\": must not contain dots");
  CHECK_FALSE(faults_of("StatefulSet", "serviceName: A_b").empty());
}

TEST_CASE("jobs") {
  const Row row = GENERATE(values<Row>({
      {"", ""},
      {"completions: 3, completionMode: Indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 3", ""},
      {"podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [1, 42]}}]}", ""},
      {"completions: 5, completionMode: Indexed, successPolicy: {rules: [{succeededIndexes: '0,2-4', succeededCount: "
       "4}]}",
       ""},
      {"completionMode: Indexed, parallelism: 2", "completions: Required value"},
      {"backoffLimit: -1", "backoffLimit: Invalid value: -1"},
      {"maxFailedIndexes: 1", "backoffLimitPerIndex: Required value"},
      {"backoffLimitPerIndex: 1", "backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"},
      {"completionMode: ''", "completionMode: Unsupported value: \"\""},
      {"podReplacementPolicy: ''", "podReplacementPolicy: Unsupported value: \"\""},
      {"managedBy: me", "managedBy: Invalid value: \"me\""},
      {"managedBy: a.b/c@d", "managedBy: Invalid value: \"a.b/c@d\""},
      {"managedBy: A.b/c", "managedBy: Invalid value: \"A.b\""},
      {"podFailurePolicy: {rules: [{action: Ignore}]}", "podFailurePolicy.rules[0]: Invalid value"},
      {"podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [0]}}]}",
       "podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0"},
      {"podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [3, 2]}}]}",
       "podFailurePolicy.rules[0].onExitCodes.values: Invalid value: must be ordered"},
      {"podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {containerName: z, operator: In, values: [3]}}]}",
       "podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"z\""},
      {"podFailurePolicy: {rules: []}, podReplacementPolicy: TerminatingOrFailed",
       "podReplacementPolicy: Unsupported value"},
      {"successPolicy: {rules: []}", "successPolicy: Invalid value: requires indexed completion mode"},
      {"completions: 5, completionMode: Indexed, successPolicy: {rules: [{succeededIndexes: '2-1'}]}",
       "successPolicy.rules[0].succeededIndexes: Invalid value: \"2-1\""},
      {"selector: {matchLabels: {app: web}}", "selector: Invalid value: `selector` not auto-generated"},
      {"selector: {matchLabels: {app: web}}, manualSelector: true", ""},
      {"manualSelector: true", "selector: Required value"},
  }));
  const std::string faults = faults_of("Job", row.text, "restartPolicy: Never");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, "spec.", row));
  const std::string long_name(64, 'a');
  CHECK(faults_of("Job", "", "restartPolicy: Never", long_name)
            .starts_with("spec.template.labels: Invalid value: \"" + long_name + "\": must be no more than 63"));
  CHECK(faults_of("Job", "manualSelector: true, selector: {matchLabels: {app: web}}", "restartPolicy: Never", long_name)
            .empty());
  CHECK(faults_of("Job", "") ==
        "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"");
}

TEST_CASE("schedules") {
  const auto with = [](const std::string& spec, const std::string& name = "tick") {
    return manifest_faults("{apiVersion: batch/v1, kind: CronJob, metadata: {name: " + name + "}, spec: {" + spec +
                           ", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, "
                           "image: b}]}}}}}}");
  };
  for (const char* good : {"* * * * *", "*/5 0-23/2 1,15 JAN-dec mon-FRI", "0 0 ? * 0", "@daily", "@every 1h30m",
                           "5/10 * * * *", " 0  0 1 1 6 ", "1,,2 * * * *"}) {
    CAPTURE(good);
    CHECK(with("schedule: '" + std::string(good) + "'").empty());
  }
  for (const char* bad : {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
                          "* * * * 7", "5-1 * * * *", "*/0 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "x * * * *",
                          "@never", "@every", "@every 5", "TZ=UTC * * * * *", "CRON_TZ=UTC 0 0 * * *"}) {
    CAPTURE(bad);
    CHECK(with("schedule: '" + std::string(bad) + "'").starts_with("spec.schedule: "));
  }
  CHECK(with("schedule: '@daily', timeZone: UTC").empty());
  CHECK(as_told(with("schedule: '@daily', timeZone: Local"), "spec.timeZone: ", {"", "Invalid value: \"Local\""}));
  CHECK(as_told(with("schedule: '@daily', timeZone: posix/UTC"), "spec.timeZone: ", {"", "Invalid value"}));
  CHECK(as_told(with("schedule: '@daily', timeZone: Europe"), "spec.timeZone: ", {"", "Invalid value"}));
  CHECK(as_told(with("schedule: '@daily', timeZone: ../UTC"), "spec.timeZone: ", {"", "Invalid value"}));
  CHECK(as_told(with("schedule: '@daily'", std::string(53, 'a')), "metadata.name: ", {"", "Invalid value"}));
  CHECK(with("schedule: '@daily'", std::string(52, 'a')).empty());
}

}  // namespace
