// The kinds of objects that a file may hold.
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/api/config.h"
#include "agent/api/persistent_volume.h"
#include "agent/api/pod.h"
#include "agent/api/workload.h"

namespace api {

using Object = std::variant<Pod, ConfigMap, Secret, PersistentVolumeClaim, PersistentVolume, Deployment, ReplicaSet,
                            DaemonSet, StatefulSet, Job, CronJob>;

struct Type;
// The description of the object's kind.
const Type& type_of(const Object& object);
const ObjectMeta& metadata(const Object& object);
// ConfigMap, Secret, PersistentVolumeClaim or PersistentVolume: what pods use and nothing runs by itself.
bool is_configuration(const Object& object);

// What a workload makes its pods from, and the path of that field; nothing for the other kinds.
struct TemplateOfPods {
  const PodTemplateSpec& pods;
  std::string_view path;  // "spec.template"
};
std::optional<TemplateOfPods> template_of(const Object& object);

// One object of a file: where it begins, and what it says.
struct Manifest {
  int line = 1;
  Object object;
};

}  // namespace api
