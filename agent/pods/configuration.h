// Configuration: the ConfigMaps and Secrets that pods may use. What it holds of Secrets goes to containers alone, never
// to a log, an error or a file of ours.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/objects.h"
#include "base/error.h"

namespace agent::pods {

class Configuration {
 public:
  // Takes a ConfigMap or Secret, in place of one of the same namespace and name; nothing of other kinds.
  void add(api::Object object);

  // nullptr where there is none.
  const api::ConfigMap* config_map(const std::string& pod_namespace, const std::string& name) const;
  const api::Secret* secret(const std::string& pod_namespace, const std::string& name) const;
  // The same, but kNotFound in kubelet's words where there is none although it is not optional.
  base::Result<const api::ConfigMap*> need_config_map(const std::string& pod_namespace, const std::string& name,
                                                      bool optional) const;
  base::Result<const api::Secret*> need_secret(const std::string& pod_namespace, const std::string& name,
                                               bool optional) const;

  // All of it, for handing it to another process.
  std::vector<api::Object> objects() const;

 private:
  using Name = std::pair<std::string, std::string>;  // namespace, name
  std::map<Name, api::ConfigMap> config_maps_;
  std::map<Name, api::Secret> secrets_;
};

// The value of a key, text or bytes; nullptr where it has no such key.
const std::string* value_of(const api::ConfigMap& config_map, const std::string& key);
const std::string* value_of(const api::Secret& secret, const std::string& key);

// What a pod needs of its configuration.
struct ConfigurationUse {
  bool is_secret = false;  // else a ConfigMap
  std::string name;        // in the pod's namespace
  std::string key;         // empty: all of them
  bool optional = false;
  std::string path;  // of the field: "spec.containers[0].env[1].valueFrom.secretKeyRef"
};
std::vector<ConfigurationUse> configuration_uses(const api::Pod& pod);

}  // namespace agent::pods
