// The rules of ConfigMaps, Secrets, claims and volumes.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::manifest_faults;
using api_test::Row;

std::string faults_of(const std::string& kind, const std::string& fields) {
  return manifest_faults("{apiVersion: v1, kind: " + kind + ", metadata: {name: a}, " + fields + "}");
}

TEST_CASE("what ConfigMaps and Secrets hold") {
  CHECK(faults_of("ConfigMap", "data: {a.b_C-1: x, .hidden: ''}, binaryData: {c: AAA=}").empty());
  CHECK(as_told(faults_of("ConfigMap", "data: {a/b: x}"), "data[a/b]: ", {"", "Invalid value: \"a/b\""}));
  CHECK(faults_of("ConfigMap", "data: {a: x}, binaryData: {a: AAA=}") ==
        "data[a]: Invalid value: \"a\": duplicate of key present in binaryData");
  CHECK(faults_of("ConfigMap", "data: {..: x}") == "data[..]: Invalid value: \"..\": must not be '..'");
  CHECK(faults_of("Secret", "data: {..a: ''}") == "data[..a]: Invalid value: \"..a\": must not start with '..'");
  const std::string long_key(254, 'k');
  CHECK(as_told(faults_of("ConfigMap", "data: {" + long_key + ": x}"),
                "data[" + long_key + "]: ", {"", "Invalid value: \"kkk"}));
  CHECK(faults_of("Secret", "data: {a: [104, 105], b: []}").empty());
  CHECK(as_told(faults_of("Secret", "data: {a: [256]}"), "data[a]: ", {"", "expected a number of 8 bits"}));
  const std::string half(600UL << 10, 'x');
  CHECK(faults_of("ConfigMap", "data: {a: " + half + "}").empty());
  CHECK_FALSE(faults_of("ConfigMap", "data: {a: " + half + ", b: " + half + "}").empty());
  CHECK_FALSE(faults_of("Secret", "stringData: {a: " + half + ", b: " + half + "}").empty());
}

TEST_CASE("what the apiserver does not count by itself is not negative") {
  for (const char* kind : {"ConfigMap", "Secret"}) {
    CAPTURE(kind);
    CHECK(manifest_faults("{apiVersion: v1, kind: " + std::string(kind) + ", metadata: {name: a, generation: -1}}") ==
          "metadata.generation: Invalid value: -1: must be greater than or equal to 0");
  }
  CHECK(
      manifest_faults("{apiVersion: v1, kind: Pod, metadata: {name: a, generation: -1}, spec: {containers: [{name: a, "
                      "image: b}]}}")
          .empty());
  const auto volume = [](const std::string& source) {
    return manifest_faults(
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a, annotations: "
        "{volume.beta.kubernetes.io/mount-options: ro}}, spec: {accessModes: [ReadWriteOnce], capacity: {storage: "
        "1}, " +
        source + "}}");
  };
  CHECK(volume("nfs: {server: a, path: /b}").empty());
  CHECK(
      volume("hostPath: {path: /b}") ==
      "metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this "
      "volume type");
}

TEST_CASE("types of secrets ask for their keys") {
  const Row row = GENERATE(values<Row>({
      {"type: anything", ""},
      {"type: kubernetes.io/tls, stringData: {tls.crt: a, tls.key: b}", ""},
      {"type: kubernetes.io/tls, stringData: {tls.crt: a}", "data[tls.key]: Required value"},
      {"type: kubernetes.io/basic-auth, stringData: {password: a}", ""},
      {"type: kubernetes.io/basic-auth", "data[username]: Required value"},
      {"type: kubernetes.io/ssh-auth, stringData: {ssh-privatekey: ''}", "data[ssh-privatekey]: Required value"},
      {"type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: '{\"auths\": {}}'}", ""},
      {"type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: '{'}",
       "data[.dockerconfigjson]: Invalid"},
      {"type: kubernetes.io/dockercfg", "data[.dockercfg]: Required value"},
      {"type: kubernetes.io/service-account-token",
       "metadata.annotations[kubernetes.io/service-account.name]: Required value"},
  }));
  const std::string faults = faults_of("Secret", row.text);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, "", row));
}

TEST_CASE("plain text of a secret is stored over its data") {
  const auto decoded = api::decode_manifests(
      "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: b2xk, l: bGVmdA==}, stringData: {k: new}}");
  REQUIRE(decoded.has_value());
  const auto& secret = std::get<api::Secret>(decoded->front().object);
  CHECK(secret.data.at("k").raw == "new");
  CHECK(secret.data.at("l").raw == "left");
  CHECK(secret.string_data.empty());
}

TEST_CASE("volumes and claims") {
  const std::string base = "spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, ";
  const Row row = GENERATE(values<Row>({
      {"hostPath: {path: /a}}", ""},
      {"csi: {driver: d, volumeHandle: h}, volumeAttributesClassName: fast}", ""},
      {"}", ": Required value: must specify a volume type"},
      {"hostPath: {path: /a}, nfs: {server: s, path: /p}}", ".nfs: Forbidden: may not specify more than 1 volume type"},
      {"gcePersistentDisk: {}}", ".persistentDisk.pdName: Required value"},
      {"cephfs: {}}", ".cephfs.monitors: Required value"},
      {"hostPath: {path: /a}, cephfs: {}}", ".cephFS: Forbidden"},
      {"local: {path: /a}}", ".nodeAffinity: Required value: Local volume requires node affinity"},
      {"local: {path: /a/../b}}", ".local.path: Invalid value"},
      {"hostPath: {path: /}, persistentVolumeReclaimPolicy: Recycle}", ".persistentVolumeReclaimPolicy: Forbidden"},
      {"csi: {driver: d}}", ".csi.volumeHandle: Required value"},
      {"iscsi: {targetPortal: a, iqn: eui.0123456789abcdef, lun: 0, secretRef: {}}}",
       ".iscsi.secretRef.name: Required value"},
      {"hostPath: {path: /a}, volumeAttributesClassName: fast}", ".csi: Required value"},
      {"hostPath: {path: /a}, volumeMode: ''}", ".volumeMode: Unsupported value: \"\""},
      {"hostPath: {path: /a}, persistentVolumeReclaimPolicy: ''}", ""},
      {"hostPath: {path: /a}, storageClassName: A}", ".storageClassName: Invalid value: \"A\""},
  }));
  const std::string faults = faults_of("PersistentVolume", base + row.text);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, "spec", row));
  CHECK(faults_of("PersistentVolume",
                  "spec: {accessModes: [ReadWriteOnce], capacity: {storage: -1}, hostPath: {path: /a}}") ==
        "spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity\n"
        "spec.capacity[storage]: Invalid value: \"-1\": must be greater than zero");
  CHECK(faults_of("PersistentVolume", base + "csi: {volumeHandle: h}}") == "spec.csi.driver: Required value");
  const std::string portal(63, 'a');
  const std::string initiated = "iqn: eui.0123456789abcdef, initiatorName: eui.0123456789abcdef, targetPortal: ";
  CHECK(faults_of("PersistentVolume", base + "iscsi: {" + initiated + portal.substr(1) + "}}").empty());
  CHECK(faults_of("PersistentVolume", base + "iscsi: {" + initiated + portal + "}}")
            .starts_with("spec.iscsi.targetportal: Invalid value"));
  CHECK(as_told(faults_of("PersistentVolume", "spec: {capacity: {cpu: 1}, hostPath: {path: /a}}"), "spec.",
                {"", "capacity: Unsupported value: \"cpu\""}));
  CHECK(as_told(faults_of("PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce]}"),
                "spec.resources[storage]: ", {"", "Required value"}));
  const auto claim = [](const std::string& fields) {
    return faults_of("PersistentVolumeClaim",
                     "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, " + fields + "}");
  };
  CHECK(claim("dataSource: {kind: PersistentVolumeClaim, name: a}").empty());
  CHECK(claim("dataSource: {kind: PersistentVolumeClaim}") ==
        "spec.dataSourceRef.name: Required value\nspec.dataSource.name: Required value");
  CHECK(claim("dataSource: {kind: Whatever}").empty());  // dropped
  CHECK(claim("dataSourceRef: {kind: Whatever, name: a, namespace: b}").empty());
  CHECK(claim("dataSourceRef: {kind: Whatever, name: a}").starts_with("spec.dataSource: Invalid value: \"Whatever\""));
  CHECK(claim("volumeMode: ''").starts_with("spec.volumeMode: Unsupported value"));
}

}  // namespace
