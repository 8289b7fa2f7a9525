#include "agent/workloads/pods_of.h"

#include <catch2/catch.hpp>
#include <set>

#include "test/unit/workloads/manifest.h"

namespace {

using namespace agent::workloads;
using workloads_test::job_of;
using workloads_test::object_from;

api::Object workload(const std::string& kind, const std::string& spec, const std::string& image = "busybox") {
  return object_from("apiVersion: apps/v1\nkind: " + kind + "\nmetadata: {name: web, namespace: shop}\nspec: {" + spec +
                     ", selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: "
                     "{containers: [{name: main, image: " +
                     image + "}]}}}\n");
}

std::set<std::string> names_of(const std::vector<api::Pod>& pods) {
  std::set<std::string> names;
  for (const api::Pod& pod : pods) names.insert(pod.metadata.name);
  return names;
}

TEST_CASE("replicas are equal pods with names of their own") {
  const std::vector<api::Pod> pods = pods_of(workload("Deployment", "replicas: 3"), "test");
  REQUIRE(pods.size() == 3);
  CHECK(names_of(pods).size() == 3);
  const std::string hash = pods[0].metadata.labels.at("pod-template-hash");
  CHECK(hash.size() == 10);
  for (const api::Pod& pod : pods) {
    CHECK(pod.metadata.name.starts_with("web-" + hash + "-"));
    CHECK(pod.metadata.name.size() == std::string("web-").size() + 10 + 1 + 5);
    CHECK(pod.metadata.generate_name == "web-" + hash + "-");
    CHECK(pod.metadata.namespace_ == "shop");
    CHECK(pod.metadata.labels.at("app") == "web");
    CHECK_FALSE(pod.metadata.uid.empty());
    CHECK(api::validate(pod).empty());
    REQUIRE(controller_of(pod.metadata) != nullptr);
    CHECK(controller_of(pod.metadata)->kind == "Deployment");
    CHECK(controller_of(pod.metadata)->name == "web");
    CHECK(controller_of(pod.metadata)->uid == object_uid("test", workload("Deployment", "replicas: 1")));
  }
  CHECK(pods[0].spec == pods[2].spec);
}

TEST_CASE("the same file makes the same pods, another template or instance others") {
  const std::vector<api::Pod> pods = pods_of(workload("Deployment", "replicas: 2"), "test");
  CHECK(pods == pods_of(workload("Deployment", "replicas: 2"), "test"));
  const std::vector<api::Pod> more = pods_of(workload("Deployment", "replicas: 3"), "test");
  CHECK(more[1] == pods[1]);
  CHECK(names_of(pods_of(workload("Deployment", "replicas: 2", "other"), "test")) != names_of(pods));
  CHECK(pods_of(workload("Deployment", "replicas: 1"), "other")[0].metadata.uid != pods[0].metadata.uid);
}

TEST_CASE("a ReplicaSet's pods are named after it, and a DaemonSet has one here") {
  const std::vector<api::Pod> replicas = pods_of(workload("ReplicaSet", "replicas: 2"), "test");
  REQUIRE(replicas.size() == 2);
  CHECK(replicas[0].metadata.name.size() == std::string("web-").size() + 5);
  const std::vector<api::Pod> daemons = pods_of(workload("DaemonSet", "minReadySeconds: 0"), "test");
  REQUIRE(daemons.size() == 1);
  CHECK(daemons[0].metadata.labels.contains("controller-revision-hash"));
  CHECK(pods_of(workload("ReplicaSet", "replicas: 0"), "test").empty());
}

TEST_CASE("a StatefulSet's pods are numbered, and hosts of their own name") {
  const std::vector<api::Pod> pods =
      pods_of(workload("StatefulSet", "replicas: 2, serviceName: db, ordinals: {start: 5}"), "test");
  REQUIRE(names_of(pods) == std::set<std::string>{"web-5", "web-6"});
  CHECK(pods[1].spec.hostname == "web-6");
  CHECK(pods[1].spec.subdomain == "db");
  CHECK(pods[1].metadata.labels.at("statefulset.kubernetes.io/pod-name") == "web-6");
  CHECK(pods[1].metadata.labels.at("apps.kubernetes.io/pod-index") == "6");
}

TEST_CASE("a Pod is its own, with the uid that it always had") {
  const api::Object pod = object_from(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: busybox}]}\n");
  const std::vector<api::Pod> pods = pods_of(pod, "test");
  REQUIRE(pods.size() == 1);
  CHECK(pods[0].metadata.uid == object_uid("test", pod));
  CHECK(controller_of(pods[0].metadata) == nullptr);
  CHECK(pods_of(job_of(""), "test").empty());
}

TEST_CASE("a job's pods carry its labels, and never the same name again") {
  const api::Job job = job_of("");
  std::set<std::string> names;
  for (uint64_t number = 0; number < 100; ++number)
    names.insert(pod_of_job(job, {.number = number}, "test").metadata.name);
  CHECK(names.size() == 100);
  const api::Pod pod = pod_of_job(job, {}, "test");
  CHECK(pod.metadata.name.starts_with("pi-"));
  CHECK(pod.metadata.labels.at("job-name") == "pi");
  CHECK(pod.metadata.labels.at("batch.kubernetes.io/job-name") == "pi");
  CHECK(pod.metadata.labels.at("batch.kubernetes.io/controller-uid") == object_uid("test", job));
  CHECK(pod.metadata.labels.at("app") == "pi");
  CHECK_FALSE(index_of(pod));
  CHECK(pod.spec.containers[0].env.empty());
}

TEST_CASE("a pod of an indexed job knows its index") {
  const api::Job job = job_of("completions: 9, completionMode: Indexed, backoffLimitPerIndex: 2");
  const api::Pod pod = pod_of_job(job, {.number = 3, .index = 7, .failures = 1}, "test");
  CHECK(pod.metadata.name.starts_with("pi-7-"));
  CHECK(pod.spec.hostname == "pi-7");
  CHECK(index_of(pod) == 7);
  CHECK(pod.metadata.labels.at("batch.kubernetes.io/job-completion-index") == "7");
  CHECK(pod.metadata.annotations.at("batch.kubernetes.io/job-index-failure-count") == "1");
  REQUIRE(pod.spec.containers[0].env.size() == 1);
  CHECK(pod.spec.containers[0].env[0].name == "JOB_COMPLETION_INDEX");
  CHECK(api::validate(pod).empty());
}

TEST_CASE("a long name is cut where Kubernetes cuts it") {
  api::Job job = job_of("");
  job.metadata.name = std::string(63, 'a');
  CHECK(pod_of_job(job, {}, "test").metadata.name.size() == 63);
}

}  // namespace
