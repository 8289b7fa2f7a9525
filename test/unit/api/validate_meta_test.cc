// The rules of metadata, and of the annotations that have a meaning to Kubernetes.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::manifest_faults;
using api_test::Row;

std::string meta_faults(const std::string& metadata, const std::string& spec = "") {
  return manifest_faults("{apiVersion: v1, kind: Pod, metadata: {" + metadata +
                         "}, spec: {containers: [{name: main, image: a" + (spec.empty() ? spec : ", " + spec) + "}]}}");
}

TEST_CASE("names of objects") {
  const Row row = GENERATE(values<Row>({
      {"name: web-1.example", ""},
      {"name: 1", "name: expected a string"},
      {"labels: {}", "name: Required value: name or generateName is required"},
      {"name: Web", "name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of"},
      {"name: -web", "name: Invalid value"},
      {"name: web-", "name: Invalid value"},
      {"name: a..b", "name: Invalid value"},
      {"name: a_b", "name: Invalid value"},
      {"generateName: web-", ""},
      {"generateName: web", ""},
      {"generateName: web., name: a", "generateName: Invalid value: \"web.\""},
      {"generateName: Web-", "generateName: Invalid value: \"Web-\""},
      {"generateName: a.-", "name: Invalid value: \"a.-xxxxx\""},
      {"name: a, namespace: kube-system", ""},
      {"name: a, namespace: a.b", "namespace: Invalid value: \"a.b\": must not contain dots"},
      {"name: a, namespace: A", "namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(meta_faults(row.text), "metadata.", row));
}

TEST_CASE("how long names may be") {
  const auto named = [](size_t length) { return meta_faults("name: " + std::string(length, 'a')); };
  CHECK(named(253).empty());
  CHECK(named(254) ==
        "metadata.name: Invalid value: \"" + std::string(100, 'a') + "…\": must be no more than 253 bytes");
  const auto in_namespace = [](size_t length) {
    return meta_faults("name: a, namespace: " + std::string(length, 'a'));
  };
  CHECK(in_namespace(63).empty());
  CHECK(in_namespace(64).find("must be no more than 63 bytes") != std::string::npos);
}

TEST_CASE("labels and annotations") {
  const Row row = GENERATE(values<Row>({
      {"labels: {app: web, example.com/Tier_1: ''}", ""},
      {"labels: {'': a}", "labels: Invalid value: \"\": name part must be non-empty"},
      {"labels: {'/a': a}", "labels: Invalid value: \"/a\": prefix part must be non-empty"},
      {"labels: {'Example.com/a': a}", "labels: Invalid value: \"Example.com/a\": prefix part a lowercase RFC 1123"},
      {"labels: {'a/b/c': a}", "labels: Invalid value: \"a/b/c\": a valid label key must consist of"},
      {"labels: {'a b': a}", "labels: Invalid value: \"a b\": name part must consist of"},
      {"labels: {a: 'b c'}", "labels: Invalid value: \"b c\": a valid label must be an empty string or consist of"},
      {"labels: {a: -b}", "labels: Invalid value: \"-b\""},
      {"annotations: {Example.COM/A: 'anything at all: ü'}", ""},
      {"annotations: {'a b': ''}", "annotations: Invalid value: \"a b\": name part must consist of"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(meta_faults("name: a, " + std::string(row.text)), "metadata.", row));
  CHECK(meta_faults("name: a, labels: {a: " + std::string(63, 'x') + "}").empty());
  CHECK(meta_faults("name: a, labels: {a: " + std::string(64, 'x') + "}") ==
        "metadata.labels: Invalid value: \"" + std::string(64, 'x') + "\": must be no more than 63 bytes");
  CHECK(meta_faults("name: a, annotations: {a: " + std::string(262143, 'x') + "}").empty());
  CHECK(meta_faults("name: a, annotations: {a: " + std::string(262144, 'x') + "}") ==
        "metadata.annotations: Too long: may not be more than 262144 bytes");
}

TEST_CASE("owners, finalizers and managed fields") {
  const Row row = GENERATE(values<Row>({
      {"ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: b, controller: true}]", ""},
      {"ownerReferences: [{apiVersion: apps/, kind: ReplicaSet, name: a, uid: b}]",
       "ownerReferences.apiVersion: Invalid value: \"apps/\": version must not be empty"},
      {"ownerReferences: [{apiVersion: a/b/c, kind: A, name: a, uid: b}]", "ownerReferences.apiVersion: Invalid value"},
      {"ownerReferences: [{apiVersion: v1, name: a, uid: b}]",
       "ownerReferences.kind: Invalid value: \"\": must not be empty"},
      {"ownerReferences: [{apiVersion: v1, kind: A, uid: b}]", "ownerReferences.name: Invalid value"},
      {"ownerReferences: [{apiVersion: v1, kind: A, name: b}]", "ownerReferences.uid: Invalid value"},
      {"ownerReferences: [{apiVersion: v1, kind: Event, name: a, uid: b}]",
       "ownerReferences: Invalid value: \"a\": /v1, Kind=Event is disallowed"},
      {"ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: b, controller: true}, "
       "{apiVersion: v1, kind: B, name: b, uid: c, controller: true}]",
       "ownerReferences: Invalid value: \"B/b\": Only one reference can have Controller set to true. Found \"true\" in "
       "references for A/a and B/b"},
      {"finalizers: [example.com/a, kubernetes, orphan]", ""},
      {"finalizers: [a]", "finalizers[0]: Invalid value: \"a\": name is neither a standard finalizer name nor"},
      {"finalizers: ['a b/c']", "finalizers: Invalid value: \"a b/c\": prefix part"},
      {"finalizers: [orphan, foregroundDeletion]", "finalizers: Invalid value: \"orphan\": finalizer orphan and"},
      {"managedFields: [{manager: kubectl, operation: Apply, fieldsType: FieldsV1}]", ""},
      {"managedFields: [{operation: Put, fieldsType: FieldsV1}]", ""},  // unreadable: the list is dropped
      {"uid: ../x", ""},                                                // given by the apiserver
  }));
  CAPTURE(row.text);
  CHECK(as_told(meta_faults("name: a, " + std::string(row.text)), "metadata.", row));
}

TEST_CASE("annotations with a meaning") {
  const Row row = GENERATE(values<Row>({
      {"controller.kubernetes.io/pod-deletion-cost: '-10'", ""},
      {"controller.kubernetes.io/pod-deletion-cost: '0'", ""},
      {"controller.kubernetes.io/pod-deletion-cost: '+1'",
       "[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a 32bit integer"},
      {"controller.kubernetes.io/pod-deletion-cost: '01'", "[controller.kubernetes.io/pod-deletion-cost]: Invalid"},
      {"controller.kubernetes.io/pod-deletion-cost: '2147483648'", "[controller.kubernetes.io/pod-deletion-cost]: "},
      {"kubernetes.io/config.mirror: a",
       "[kubernetes.io/config.mirror]: Invalid value: \"a\": must set spec.nodeName if mirror pod annotation is set"},
      {"seccomp.security.alpha.kubernetes.io/pod: runtime/default", ""},
      {"seccomp.security.alpha.kubernetes.io/pod: localhost/a/b", ""},
      {"seccomp.security.alpha.kubernetes.io/pod: localhost/../b",
       ".seccomp.security.alpha.kubernetes.io/pod: Invalid value: \"../b\": must not contain '..'"},
      {"container.seccomp.security.alpha.kubernetes.io/main: none",
       ".container.seccomp.security.alpha.kubernetes.io/main: Invalid value: \"none\": must be a valid seccomp"},
      {"container.apparmor.security.beta.kubernetes.io/main: localhost/a", ""},
      {"container.apparmor.security.beta.kubernetes.io/main: a",
       "[container.apparmor.security.beta.kubernetes.io/main]: Invalid value: \"a\": invalid AppArmor profile name"},
      {"container.apparmor.security.beta.kubernetes.io/other: unconfined",
       "[container.apparmor.security.beta.kubernetes.io/other]: Invalid value: \"other\": container not found"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(meta_faults("name: a, annotations: {" + std::string(row.text) + "}"), "metadata.annotations", row));
}

TEST_CASE("profiles in annotations and fields agree") {
  const auto faults = [](const std::string& annotation, const std::string& context) {
    return meta_faults("name: a, annotations: {" + annotation + "}", "securityContext: {" + context + "}");
  };
  const std::string apparmor = "container.apparmor.security.beta.kubernetes.io/main: ";
  CHECK(faults(apparmor + "unconfined", "appArmorProfile: {type: Unconfined}").empty());
  CHECK(faults(apparmor + "localhost/a", "appArmorProfile: {type: Localhost, localhostProfile: a}").empty());
  CHECK(
      faults(apparmor + "unconfined", "appArmorProfile: {type: RuntimeDefault}") ==
      "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must "
      "match");
  CHECK(
      faults(apparmor + "localhost/a", "appArmorProfile: {type: Localhost, localhostProfile: b}") ==
      "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation "
      "and field must match");
  const std::string seccomp = "container.seccomp.security.alpha.kubernetes.io/main: ";
  CHECK(faults(seccomp + "docker/default", "seccompProfile: {type: RuntimeDefault}").empty());
  CHECK(faults(seccomp + "runtime/default", "seccompProfile: {type: Unconfined}") ==
        "spec.containers[0].securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must "
        "match");
}

}  // namespace
