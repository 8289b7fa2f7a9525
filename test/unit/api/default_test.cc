// Defaults that depend on other fields, as an apiserver stores them.
#include <catch2/catch.hpp>

#include "agent/api/codec.h"

namespace {

api::Pod pod_of(const std::string& spec) {
  const auto read = api::decode_manifests("{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {" + spec + "}}");
  REQUIRE(read.has_value());
  return std::get<api::Pod>(read->front().object);
}

std::string amount(const std::map<std::string, api::Quantity>& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? "none" : found->second.to_string();
}

TEST_CASE("what a pod's resources leave out is taken from its containers") {
  const std::string containers =
      "containers: [{name: a, image: b, resources: {requests: {cpu: 100m}, limits: {hugepages-2Mi: 4Mi, memory: "
      "8Mi}}}, "
      "{name: c, image: d, resources: {requests: {cpu: 200m}}}]";
  const api::Pod with_limits = pod_of(containers + ", resources: {limits: {cpu: 1, memory: 64Mi}}");
  REQUIRE(with_limits.spec.resources);
  CHECK(amount(with_limits.spec.resources->requests, "cpu") == "300m");
  CHECK(amount(with_limits.spec.resources->requests, "memory") == "8Mi");
  CHECK(amount(with_limits.spec.resources->limits, "hugepages-2Mi") == "4Mi");
  CHECK(amount(with_limits.spec.resources->requests, "hugepages-2Mi") == "4Mi");

  // Nothing of the containers', so that what is requested is what it is limited to.
  const api::Pod alone = pod_of("containers: [{name: a, image: b}], resources: {limits: {memory: 64Mi}}");
  CHECK(amount(alone.spec.resources->requests, "memory") == "64Mi");
  CHECK(amount(alone.spec.resources->requests, "cpu") == "none");

  const api::Pod empty = pod_of(containers + ", resources: {}");
  CHECK(empty.spec.resources->limits.empty());
  CHECK(empty.spec.resources->requests.empty());
  CHECK_FALSE(pod_of(containers).spec.resources);
}

TEST_CASE("amounts are rounded up to thousandths, after requests were taken from limits") {
  const api::Pod pod = pod_of(
      "overhead: {cpu: 1u}, runtimeClassName: kata, initContainers: [{name: i, image: a, resources: {requests: {cpu: "
      "1n}}}], "
      "containers: [{name: a, image: b, resources: {limits: {cpu: 1100u, memory: 0.5}}}, "
      "{name: c, image: d, resources: {requests: {cpu: 1900u}, limits: {cpu: 1100u}}}]");
  CHECK(amount(pod.spec.overhead, "cpu") == "1m");
  CHECK(amount(pod.spec.init_containers[0].resources.requests, "cpu") == "1m");
  CHECK(amount(pod.spec.containers[0].resources.limits, "cpu") == "2m");
  CHECK(amount(pod.spec.containers[0].resources.requests, "cpu") == "2m");
  CHECK(amount(pod.spec.containers[0].resources.requests, "memory") == "500m");
  CHECK(amount(pod.spec.containers[1].resources.requests, "cpu") == "2m");  // no longer more than its limit
}

TEST_CASE("a negative time to end is one second for a pod") {
  CHECK(pod_of("terminationGracePeriodSeconds: -5, containers: [{name: a, image: b}]")
            .spec.termination_grace_period_seconds == 1);
  CHECK(pod_of("terminationGracePeriodSeconds: 0, containers: [{name: a, image: b}]")
            .spec.termination_grace_period_seconds == 0);
}

TEST_CASE("images are pulled always when the newest is meant") {
  struct Row {
    const char* image;
    api::PullPolicy policy;
  };
  const std::string digest = "sha256:" + std::string(64, 'a');
  constexpr auto kAlways = api::PullPolicy::kAlways;
  constexpr auto kIfNotPresent = api::PullPolicy::kIfNotPresent;
  const Row row = GENERATE(values<Row>({
      {"nginx", kAlways},
      {"nginx:latest", kAlways},
      {"localhost:5000/a/b", kAlways},
      {"EXAMPLE/a", kAlways},
      {"nginx:1", kIfNotPresent},
      {"nginx:LATEST", kIfNotPresent},
      {"example.org:5000/a:1", kIfNotPresent},
      {"Nginx", kIfNotPresent},  // no name of an image
      {"example.org/a/B", kIfNotPresent},
      {"a b", kIfNotPresent},
      {"nginx:", kIfNotPresent},
      {"a//b", kIfNotPresent},
  }));
  const auto policy_of = [](const std::string& image) {
    return pod_of("containers: [{name: a, image: '" + image + "'}]").spec.containers[0].image_pull_policy;
  };
  CAPTURE(row.image);
  CHECK(policy_of(row.image) == row.policy);
  CHECK(policy_of("nginx@" + digest) == kIfNotPresent);
  CHECK(policy_of("nginx:1@" + digest) == kIfNotPresent);
  CHECK(policy_of("nginx:latest@" + digest) == kAlways);
}

TEST_CASE("volumes' defaults") {
  const api::Pod pod = pod_of(
      "containers: [{name: a, image: b}], volumes: [{name: a, image: {reference: 'x:1'}}, {name: b, image: {reference: "
      "x}}, {name: c}, {name: d, projected: {sources: [{serviceAccountToken: {path: t}}]}}, {name: e, ephemeral: "
      "{volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1}}}}}}]");
  CHECK(pod.spec.volumes[0].image->pull_policy == api::PullPolicy::kIfNotPresent);
  CHECK(pod.spec.volumes[1].image->pull_policy == api::PullPolicy::kAlways);
  CHECK(pod.spec.volumes[2].empty_dir);
  CHECK(pod.spec.volumes[3].projected->default_mode == 0644);
  CHECK(pod.spec.volumes[3].projected->sources[0].service_account_token->expiration_seconds == 3600);
  CHECK(pod.spec.volumes[4].ephemeral->volume_claim_template->spec.volume_mode ==
        api::PersistentVolumeMode::kFilesystem);
}

}  // namespace
