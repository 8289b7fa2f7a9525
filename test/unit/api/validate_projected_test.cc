// The rules of volumes whose files are made from other objects.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::pod_faults;
using api_test::Row;

std::string volume_faults(const std::string& source) {
  return pod_faults("", "volumes: [{name: data, " + source + "}]");
}

TEST_CASE("volumes of ConfigMaps, Secrets and the downward API") {
  const Row row = GENERATE(values<Row>({
      {"configMap: {name: a, defaultMode: 0777, items: [{key: k, path: a/b, mode: 0}]}", ""},
      {"configMap: {}", "configMap.name: Required value"},
      {"configMap: {name: a, defaultMode: 512}",
       "configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"},
      {"configMap: {name: a, items: [{path: b}]}", "configMap.items[0].key: Required value"},
      {"configMap: {name: a, items: [{key: b}]}", "configMap.items[0].path: Required value"},
      {"configMap: {name: a, items: [{key: b, path: /c}]}",
       "configMap.items[0].path: Invalid value: \"/c\": must be a relative path"},
      {"configMap: {name: a, items: [{key: b, path: c/../d}]}",
       "configMap.items[0].path: Invalid value: \"c/../d\": must not contain '..'"},
      {"configMap: {name: a, items: [{key: b, path: ..c}]}",
       "configMap.items[0].path: Invalid value: \"..c\": must not start with '..'"},
      {"configMap: {name: a, items: [{key: b, path: c..}]}", ""},
      {"configMap: {name: a, items: [{key: b, path: c, mode: -1}]}", "configMap.items[0].mode: Invalid value: -1"},
      {"secret: {secretName: a}", ""},
      {"secret: {}", "secret.secretName: Required value"},
      {"secret: {secretName: a, defaultMode: -1}", "secret.defaultMode: Invalid value: -1"},
      {"downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}]}", ""},
      {"downwardAPI: {items: [{path: a, fieldRef: {fieldPath: \"metadata.annotations['A/b']\"}}]}", ""},
      {"downwardAPI: {items: [{path: a, fieldRef: {fieldPath: status.podIP}}]}",
       "downwardAPI.fieldRef.fieldPath: Unsupported value: \"status.podIP\": supported values: "
       "\"metadata.annotations\", \"metadata.labels\", \"metadata.name\", \"metadata.namespace\", \"metadata.uid\""},
      {"downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: main, resource: limits.cpu}}]}", ""},
      {"downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}",
       "downwardAPI.resourceFieldRef.containerName: Required value"},
      {"downwardAPI: {items: [{path: a}]}",
       "downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"},
      {"downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.uid}, resourceFieldRef: {containerName: main, "
       "resource: limits.cpu}}]}",
       "downwardAPI: Invalid value: \"resource\": fieldRef and resourceFieldRef can not be specified simultaneously"},
      {"downwardAPI: {items: [{fieldRef: {fieldPath: metadata.uid}}]}", "downwardAPI.path: Required value"},
      {"downwardAPI: {defaultMode: 512}", "downwardAPI.defaultMode: Invalid value: 512"},
      {"downwardAPI: {items: [{path: a, mode: 512, fieldRef: {fieldPath: metadata.uid}}]}",
       "downwardAPI.mode: Invalid value: 512"},
  }));
  CAPTURE(row.text);
  CAPTURE(volume_faults(row.text));
  CHECK(as_told(volume_faults(row.text), "spec.volumes[0].", row));
}

TEST_CASE("projected volumes") {
  const Row row = GENERATE(values<Row>({
      {"secret: {name: a, items: [{key: b, path: c}]}", ""},
      {"secret: {}", "sources[0].secret.name: Required value"},
      {"configMap: {}", "sources[0].configMap.name: Required value"},
      {"configMap: {name: a, items: [{key: b}]}", "sources[0].configMap.items[0].path: Required value"},
      {"configMap: {name: a}, secret: {name: b}",
       "sources[0]: Forbidden: may not specify more than 1 volume type per source"},
      {"configMap: {name: a, items: [{key: b, path: c}, {key: d, path: c}]}",
       ": Invalid value: \"a\": conflicting duplicate paths"},
      {"downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.uid}}]}", ""},
      {"downwardAPI: {items: [{path: a}]}", "sources[0].downwardAPI: Required value"},
      {"serviceAccountToken: {path: token}", ""},
      {"serviceAccountToken: {path: token, expirationSeconds: 600}", ""},
      {"serviceAccountToken: {path: token, expirationSeconds: 599}",
       "sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10"},
      {"serviceAccountToken: {path: token, expirationSeconds: 4294967297}",
       "sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration "
       "larger"},
      {"serviceAccountToken: {}", "path: Required value"},
      {"serviceAccountToken: {path: ../a}", "path: Invalid value: \"../a\": must not contain '..'"},
      {"clusterTrustBundle: {path: ../b}", ""},
      {"podCertificate: {keyType: RSA1024}", ""},
      {"configMap: {name: a}, clusterTrustBundle: {}, podCertificate: {}", ""},
  }));
  CAPTURE(row.text);
  const std::string faults = volume_faults("projected: {sources: [{" + std::string(row.text) + "}]}");
  CAPTURE(faults);
  const bool is_of_volume = *row.fault == ':';
  CHECK(as_told(faults, std::string("spec.volumes[0].projected") + (is_of_volume ? "" : "."), row));
}

TEST_CASE("a projected volume's own fields, and files of two sources in one place") {
  CHECK(volume_faults("projected: {}").empty());
  CHECK(volume_faults("projected: {defaultMode: 512}").starts_with("spec.volumes[0].projected.defaultMode: Invalid"));
  CHECK(volume_faults("projected: {sources: [{secret: {name: a, items: [{key: b, path: c}]}}, {configMap: {name: d, "
                      "items: [{key: e, path: c}]}}]}") ==
        "spec.volumes[0].projected: Invalid value: \"d\": conflicting duplicate paths");
}

}  // namespace
