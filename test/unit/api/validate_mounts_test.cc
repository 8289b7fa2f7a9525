// The rules of what a container mounts.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::pod_faults;
using api_test::Row;

const std::string kVolumes =
    "volumes: [{name: a, emptyDir: {}}, {name: b, emptyDir: {}}, {name: p, persistentVolumeClaim: {claimName: c}}]";

TEST_CASE("each mount of a container") {
  const std::string mounts = "spec.containers[0].volumeMounts";
  const Row row = GENERATE(values<Row>({
      {"volumeMounts: [{name: a, mountPath: /a}, {name: a, mountPath: /b}, {name: b, mountPath: 'c:d'}]", ""},
      {"volumeMounts: [{name: a, mountPath: /a, subPath: x/y}, {name: b, mountPath: /b, subPathExpr: $(A)/..b}]", ""},
      {"volumeMounts: [{mountPath: /a}]", "[0].name: Required value"},
      {"volumeMounts: [{mountPath: /a}]", "[0].name: Not found: \"\""},
      {"volumeMounts: [{name: z, mountPath: /a}]", "[0].name: Not found: \"z\""},
      {"volumeMounts: [{name: a}]", "[0].mountPath: Required value"},
      {"volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /a}]",
       "[1].mountPath: Invalid value: \"/a\": must be unique"},
      {"volumeMounts: [{name: a, mountPath: /a, subPath: /x}]",
       ".subPath: Invalid value: \"/x\": must be a relative path"},
      {"volumeMounts: [{name: a, mountPath: /a, subPath: x/../y}]",
       ".subPath: Invalid value: \"x/../y\": must not contain '..'"},
      {"volumeMounts: [{name: a, mountPath: /a, subPathExpr: ../$(A)}]",
       ".subPathExpr: Invalid value: \"../$(A)\": must not contain '..'"},
      {"volumeMounts: [{name: a, mountPath: /a, subPath: x, subPathExpr: z}]",
       "[0].subPathExpr: Invalid value: \"z\": subPathExpr and subPath are mutually exclusive"},
      {"volumeMounts: [{name: a, mountPath: /a, mountPropagation: HostToContainer}]", ""},
      {"volumeMounts: [{name: a, mountPath: /a, mountPropagation: Bidirectional}]",
       ".mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers"},
      {"volumeMounts: [{name: a, mountPath: /a, mountPropagation: Bidirectional}], securityContext: {privileged: true}",
       ""},
      {"volumeMounts: [{name: a, mountPath: /a, mountPropagation: Private}]",
       ".mountPropagation: Unsupported value: \"Private\""},
      {"volumeMounts: [{name: a, mountPath: /a, mountPropagation: ''}]",
       ".mountPropagation: Unsupported value: \"\": supported values: \"Bidirectional\", \"HostToContainer\""},
      {"volumeMounts: [{name: a, mountPath: /a, recursiveReadOnly: ''}]",
       ".recursiveReadOnly: Unsupported value: \"\""},
      {"volumeMounts: [{name: a, mountPath: /a, recursiveReadOnly: Disabled}]", ""},
      {"volumeMounts: [{name: a, mountPath: /a, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: None}]",
       ""},
      {"volumeMounts: [{name: a, mountPath: /a, recursiveReadOnly: IfPossible}]",
       ".recursiveReadOnly: Forbidden: may only be specified when readOnly is true"},
      {"volumeMounts: [{name: a, mountPath: /a, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: "
       "HostToContainer}]",
       ".recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified"},
  }));
  const std::string faults = pod_faults(row.text, kVolumes);
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, mounts, row));
}

TEST_CASE("a volume at fault cannot be mounted, and leaves its name to another") {
  CHECK(pod_faults("volumeMounts: [{name: a, mountPath: /a}]", "volumes: [{name: a, hostPath: {}}]") ==
        "spec.containers[0].volumeMounts[0].name: Not found: \"a\"\n"
        "spec.volumes[0].hostPath.path: Required value");
  CHECK(pod_faults("volumeMounts: [{name: a, mountPath: /a}]", "volumes: [{name: a, hostPath: {}}, {name: a}]") ==
        "spec.volumes[0].hostPath.path: Required value");
}

TEST_CASE("block devices") {
  const std::string devices = "spec.containers[0].volumeDevices";
  const Row row = GENERATE(values<Row>({
      {"volumeDevices: [{name: p, devicePath: /dev/p}]", ""},
      {"volumeDevices: [{devicePath: /dev/p}]", "[0].name: Required value"},
      {"volumeDevices: [{name: z, devicePath: /dev/p}]", "[0].name: Not found: \"z\""},
      {"volumeDevices: [{name: a, devicePath: /dev/p}]",
       "[0].name: Invalid value: \"a\": can only use volume source type of PersistentVolumeClaim or Ephemeral"},
      {"volumeDevices: [{name: p, devicePath: /x}, {name: p, devicePath: /y}]",
       "[1].name: Invalid value: \"p\": must be unique"},
      {"volumeDevices: [{name: p}]", "[0].devicePath: Required value"},
      {"volumeDevices: [{name: p, devicePath: /dev/../p}]",
       "[0].devicePath: Invalid value: \"/dev/../p\": can not contain backsteps ('..')"},
      {"volumeDevices: [{name: p, devicePath: /x}, {name: q, devicePath: /x}]",
       "[1].devicePath: Invalid value: \"/x\": must be unique"},
  }));
  const std::string faults =
      pod_faults(row.text,
                 "volumes: [{name: a, emptyDir: {}}, {name: p, persistentVolumeClaim: {claimName: c}}, "
                 "{name: q, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], "
                 "volumeMode: Block, resources: {requests: {storage: 1Gi}}}}}}]");
  CAPTURE(row.text, faults);
  CHECK(as_told(faults, devices, row));
}

TEST_CASE("a volume is mounted or a device, not both, and neither in the other's place") {
  CHECK(pod_faults("volumeMounts: [{name: p, mountPath: /m}], volumeDevices: [{name: p, devicePath: /d}]", kVolumes) ==
        "spec.containers[0].volumeMounts[0].name: Invalid value: \"p\": must not already exist in volumeDevices\n"
        "spec.containers[0].volumeDevices[0].name: Invalid value: \"p\": must not already exist in volumeMounts");
  CHECK(pod_faults("volumeMounts: [{name: a, mountPath: /m}], volumeDevices: [{name: p, devicePath: /m}]", kVolumes) ==
        "spec.containers[0].volumeMounts[0].mountPath: Invalid value: \"/m\": must not already exist as a path in "
        "volumeDevices\n"
        "spec.containers[0].volumeDevices[0].devicePath: Invalid value: \"/m\": must not already exist as a path in "
        "volumeMounts");
}

}  // namespace
