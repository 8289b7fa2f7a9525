// The rules of volumes and of the sources that name one thing.
#include <catch2/catch.hpp>

#include "test/unit/api/manifest_faults.h"

namespace {

using api_test::as_told;
using api_test::pod_faults;
using api_test::Row;

std::string volume_faults(const std::string& source) {
  return pod_faults("", "volumes: [{name: data" + (source.empty() ? source : ", " + source) + "}]");
}

TEST_CASE("volumes have a name of their own and one source") {
  CHECK(volume_faults("").empty());  // an emptyDir
  CHECK(pod_faults("", "volumes: [{emptyDir: {}}]") == "spec.volumes[0].name: Required value");
  CHECK(pod_faults("", "volumes: [{name: A_b, emptyDir: {}}]").starts_with("spec.volumes[0].name: Invalid value"));
  CHECK(pod_faults("", "volumes: [{name: a.b, emptyDir: {}}]") ==
        "spec.volumes[0].name: Invalid value: \"a.b\": must not contain dots");
  CHECK(pod_faults("", "volumes: [{name: a}, {name: a}]") == "spec.volumes[1].name: Duplicate value: \"a\"");
  CHECK(volume_faults("emptyDir: {}, hostPath: {path: /a}") ==
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type");
  CHECK(volume_faults("nfs: {server: a, path: /b}, csi: {driver: a}, image: {}") ==
        "spec.volumes[0].csi: Forbidden: may not specify more than 1 volume type\n"
        "spec.volumes[0].image: Forbidden: may not specify more than 1 volume type");
}

TEST_CASE("sources of volumes") {
  const Row row = GENERATE(values<Row>({
      {"emptyDir: {sizeLimit: 1Gi, medium: HugePages-2Mi}", ""},
      {"emptyDir: {sizeLimit: -1}", "emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"},
      {"hostPath: {path: /a..b, type: Socket}", ""},
      {"hostPath: {path: relative}", ""},
      {"hostPath: {}", "hostPath.path: Required value"},
      {"hostPath: {path: /a/../b}", "hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
      {"hostPath: {path: /a, type: Folder}", "hostPath.type: Unsupported value: \"Folder\""},
      {"gitRepo: {repository: a, directory: b}", ""},
      {"gitRepo: {directory: .}", "gitRepo.repository: Required value"},
      {"gitRepo: {repository: a, directory: /b}", "gitRepo.directory: Invalid value: \"/b\": must be a relative path"},
      {"gitRepo: {repository: a, directory: b/..}", "gitRepo.directory: Invalid value: \"b/..\": must not contain"},
      {"gcePersistentDisk: {pdName: a, partition: 255}", ""},
      {"gcePersistentDisk: {}", "persistentDisk.pdName: Required value"},
      {"gcePersistentDisk: {pdName: a, partition: 256}",
       "persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive"},
      {"awsElasticBlockStore: {}", "awsElasticBlockStore.volumeID: Required value"},
      {"awsElasticBlockStore: {volumeID: a, partition: -1}", "awsElasticBlockStore.partition: Invalid value: -1"},
      {"nfs: {server: a, path: /b}", ""},
      {"nfs: {path: /b}", "nfs.server: Required value"},
      {"nfs: {server: a}", "nfs.path: Required value"},
      {"nfs: {server: a, path: b}", "nfs.path: Invalid value: \"b\": must be an absolute path"},
      {"glusterfs: {path: a}", "glusterfs.endpoints: Required value"},
      {"glusterfs: {endpoints: a}", "glusterfs.path: Required value"},
      {"flocker: {datasetUUID: a}", ""},
      {"flocker: {}", "flocker: Required value: one of datasetName and datasetUUID is required"},
      {"flocker: {datasetName: a, datasetUUID: b}", "flocker: Invalid value: \"resource\": datasetName and"},
      {"flocker: {datasetName: a/b}", "flocker.datasetName: Invalid value: \"a/b\": must not contain '/'"},
      {"persistentVolumeClaim: {claimName: Any_thing}", ""},
      {"persistentVolumeClaim: {}", "persistentVolumeClaim.claimName: Required value"},
      {"rbd: {monitors: [a], image: b}", ""},
      {"rbd: {image: b}", "rbd.monitors: Required value"},
      {"rbd: {monitors: [a]}", "rbd.image: Required value"},
      {"cinder: {}", "cinder.volumeID: Required value"},
      {"cinder: {volumeID: a, secretRef: {}}", "cinder.secretRef.name: Required value"},
      {"cephfs: {}", "cephfs.monitors: Required value"},
      {"quobyte: {registry: 'a:1,[::1]:2', volume: b}", ""},
      {"quobyte: {volume: b}", "quobyte.registry: Required value: must be a host:port pair"},
      {"quobyte: {registry: a, volume: b}", "quobyte.registry: Invalid value: \"a\": must be a host:port pair"},
      {"quobyte: {registry: 'a:b:c', volume: b}", "quobyte.registry: Invalid value"},
      {"quobyte: {registry: 'a:1'}", "quobyte.volume: Required value"},
      {"fc: {targetWWNs: [a], lun: 0}", ""},
      {"fc: {wwids: [a]}", ""},
      {"fc: {}", "fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both"},
      {"fc: {targetWWNs: [a], wwids: [b], lun: 1}", "fc.targetWWNs: Invalid value: \"a\": targetWWNs and wwids can"},
      {"fc: {targetWWNs: [a]}", "fc.lun: Required value: lun is required if targetWWNs is specified"},
      {"fc: {targetWWNs: [a], lun: 256}", "fc.lun: Invalid value: 256: must be between 0 and 255, inclusive"},
      {"flexVolume: {driver: a/b, options: {example.com/a: b}}", ""},
      {"flexVolume: {}", "flexVolume.driver: Required value"},
      {"flexVolume: {driver: a, options: {a.K8S.io/b: c}}",
       "flexVolume.options[a.K8S.io/b]: Invalid value: \"a.K8S.io/b\": kubernetes.io and k8s.io namespaces are"},
      {"azureFile: {shareName: a}", "azureFile.secretName: Required value"},
      {"azureFile: {secretName: a}", "azureFile.shareName: Required value"},
      {"vsphereVolume: {}", "vsphereVolume.volumePath: Required value"},
      {"photonPersistentDisk: {}", "photonPersistentDisk.pdID: Required value"},
      {"portworxVolume: {}", "portworxVolume.volumeID: Required value"},
      {"azureDisk: {diskName: a, diskURI: 'https://a/b'}", ""},
      {"azureDisk: {diskName: a, diskURI: /subscriptions/a, kind: Managed}", ""},
      {"azureDisk: {diskURI: 'https://a/b'}", "azureDisk.diskName: Required value"},
      {"azureDisk: {diskName: a}", "azureDisk.diskURI: Required value"},
      {"azureDisk: {diskName: a, diskURI: 'https://a', cachingMode: Write}",
       "azureDisk.cachingMode: Unsupported value: \"Write\": supported values: \"None\", \"ReadOnly\", \"ReadWrite\""},
      {"azureDisk: {diskName: a, diskURI: 'https://a', kind: Any}", "azureDisk.kind: Unsupported value: \"Any\""},
      {"azureDisk: {diskName: a, diskURI: 'https://a', kind: Managed}", "azureDisk.diskURI: Unsupported value"},
      {"azureDisk: {diskName: a, diskURI: /subscriptions/a}", "azureDisk.diskURI: Unsupported value"},
      {"storageos: {volumeName: a, volumeNamespace: b}", ""},
      {"storageos: {}", "storageos.volumeName: Required value"},
      {"storageos: {volumeName: A}", "storageos.volumeName: Invalid value"},
      {"storageos: {volumeName: a, volumeNamespace: B}", "storageos.volumeNamespace: Invalid value"},
      {"storageos: {volumeName: a, secretRef: {}}", "storageos.secretRef.name: Required value"},
      {"scaleIO: {gateway: a, system: b, volumeName: c}", ""},
      {"scaleIO: {system: b, volumeName: c}", "scaleIO.gateway: Required value"},
      {"scaleIO: {gateway: a, volumeName: c}", "scaleIO.system: Required value"},
      {"scaleIO: {gateway: a, system: b}", "scaleIO.volumeName: Required value"},
      {"csi: {driver: Secrets-store.csi.k8s.io}", ""},
      {"csi: {}", "csi.driver: Required value"},
      {"csi: {driver: a_b}", "csi.driver: Invalid value: \"a_b\""},
      {"csi: {driver: a, nodePublishSecretRef: {}}", "csi.nodePublishSecretRef.name: Required value"},
      {"csi: {driver: a, nodePublishSecretRef: {name: A}}", "csi.name: Invalid value: \"A\""},
      {"image: {reference: 'a:1', pullPolicy: Never}", ""},
      {"image: {}", "image.reference: Required value"},
      {"image: {reference: a, pullPolicy: Often}", "image.pullPolicy: Unsupported value: \"Often\""},
      {"iscsi: {targetPortal: a, iqn: 'iqn.2003-01.org.example:disk:1'}", ""},
      {"iscsi: {targetPortal: a, iqn: eui.0123456789abcdef, lun: 255}", ""},
      {"iscsi: {iqn: eui.0123456789abcdef}", "iscsi.targetPortal: Required value"},
      {"iscsi: {targetPortal: a}", "iscsi.iqn: Required value"},
      {"iscsi: {targetPortal: a, iqn: disk}", "iscsi.iqn: Invalid value: \"disk\": must be valid format starting with"},
      {"iscsi: {targetPortal: a, iqn: 'iqn.2003.org:a'}",
       "iscsi.iqn: Invalid value: \"iqn.2003.org:a\": must be valid"},
      {"iscsi: {targetPortal: a, iqn: eui.01}", "iscsi.iqn: Invalid value: \"eui.01\": must be valid format"},
      {"iscsi: {targetPortal: a, iqn: eui.0123456789abcdef, lun: 256}", "iscsi.lun: Invalid value: 256"},
      {"iscsi: {targetPortal: a, iqn: eui.0123456789abcdef, chapAuthSession: true}", "iscsi.secretRef: Required value"},
      {"iscsi: {targetPortal: a, iqn: eui.0123456789abcdef, initiatorName: naa.1}",
       "iscsi.initiatorname: Invalid value: \"naa.1\": must be valid format"},
      {"iscsi: {targetPortal: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, "
       "iqn: eui.0123456789abcdef, initiatorName: eui.0123456789abcdef}",
       "name: Invalid value: \"data\": Total length of <volume name>:<iscsi.targetPortal> must be under 64"},
  }));
  CAPTURE(row.text);
  CAPTURE(volume_faults(row.text));
  CHECK(as_told(volume_faults(row.text), "spec.volumes[0].", row));
}

TEST_CASE("claims made for a pod") {
  const Row row = GENERATE(values<Row>({
      {"spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}", ""},
      {"metadata: {labels: {a: b}, annotations: {c: d}}, spec: {accessModes: [ReadWriteOncePod], resources: {requests: "
       "{storage: 1}}, storageClassName: ''}",
       ""},
      {"metadata: {name: a}", "metadata.name: Forbidden: cannot be set"},
      {"metadata: {labels: {'a b': c}}", "metadata.labels: Invalid value: \"a b\""},
      {"spec: {resources: {requests: {storage: 1Gi}}}",
       "spec.accessModes: Required value: at least 1 access mode is required"},
      {"spec: {accessModes: [Any]}",
       "spec.accessModes: Unsupported value: \"Any\": supported values: \"ReadOnlyMany\""},
      {"spec: {accessModes: [ReadWriteOncePod, ReadOnlyMany]}",
       "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"},
      {"spec: {accessModes: [ReadOnlyMany]}", "spec.resources[storage]: Required value"},
      {"spec: {resources: {requests: {storage: 0}}}",
       "spec.resources[storage]: Invalid value: \"0\": must be greater than zero"},
      {"spec: {storageClassName: A}", "spec.storageClassName: Invalid value: \"A\""},
      {"spec: {volumeAttributesClassName: A}", "spec.volumeAttributesClassName: Invalid value: \"A\""},
      {"spec: {volumeMode: Any}", "spec.volumeMode: Unsupported value: \"Any\""},
      {"spec: {volumeMode: ''}", "spec.volumeMode: Unsupported value: \"\""},
      {"spec: {selector: {matchLabels: {a: 'b c'}}}", "spec.selector.matchLabels: Invalid value: \"b c\""},
      {"spec: {dataSource: {kind: PersistentVolumeClaim}}", "spec.dataSource.name: Required value"},
      {"spec: {dataSource: {name: a, kind: VolumeSnapshot}}",
       "spec.dataSource: Invalid value: \"VolumeSnapshot\": must be 'PersistentVolumeClaim' when referencing the"},
      {"spec: {dataSourceRef: {name: a, kind: B, apiGroup: C}}", "spec.dataSourceRef.apiGroup: Invalid value: \"C\""},
      {"spec: {dataSource: {name: a, kind: B, apiGroup: c}, dataSourceRef: {name: b, kind: B, apiGroup: c}}",
       "spec: Invalid value: \"a\": must match dataSourceRef"},
  }));
  CAPTURE(row.text);
  CHECK(as_told(volume_faults("ephemeral: {volumeClaimTemplate: {" + std::string(row.text) + "}}"),
                "spec.volumes[0].ephemeral.volumeClaimTemplate.", row));
}

TEST_CASE("a claim made for a volume is called after the pod, and not mounted by name as well") {
  const std::string made =
      "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1}}}}}";
  CHECK(volume_faults("ephemeral: {}") == "spec.volumes[0].ephemeral.volumeClaimTemplate: Required value");
  CHECK(pod_faults("", "volumes: [{name: a, " + made + "}, {name: b, persistentVolumeClaim: {claimName: web-a}}]") ==
        "spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: \"web-a\": must not reference a PVC that gets "
        "created for an ephemeral volume");
  CHECK(api_test::manifest_faults("{apiVersion: v1, kind: Pod, metadata: {name: " + std::string(250, 'a') +
                                  "}, spec: {containers: [{name: a, image: b}], volumes: [{name: data, " + made +
                                  "}]}}")
            .starts_with("spec.volumes[0].name: Invalid value: \"data\": PVC name \"aaa"));
}

}  // namespace
