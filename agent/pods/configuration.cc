#include "agent/pods/configuration.h"

#include "base/concat.h"

namespace agent::pods {

namespace {

template <typename T>
const T* find_in(const std::map<std::pair<std::string, std::string>, T>& objects, const std::string& pod_namespace,
                 const std::string& name) {
  const auto found = objects.find({pod_namespace, name});
  return found == objects.end() ? nullptr : &found->second;
}

// Collects uses, each with the path of its field.
class UseCollector {
 public:
  void add_container(const api::Container& container, const std::string& path) {
    for (size_t i = 0; i < container.env_from.size(); ++i) {
      const api::EnvFromSource& source = container.env_from[i];
      const std::string at = base::concat(path, ".envFrom[", i, "]");
      if (source.config_map_ref) add(false, *source.config_map_ref, at + ".configMapRef");
      if (source.secret_ref) add(true, *source.secret_ref, at + ".secretRef");
    }
    for (size_t i = 0; i < container.env.size(); ++i) {
      const api::Boxed<api::EnvVarSource>& source = container.env[i].value_from;
      if (!source) continue;
      const std::string at = base::concat(path, ".env[", i, "].valueFrom");
      if (source->config_map_key_ref) add_key(false, *source->config_map_key_ref, at + ".configMapKeyRef");
      if (source->secret_key_ref) add_key(true, *source->secret_key_ref, at + ".secretKeyRef");
    }
  }

  void add_volume(const api::Volume& volume, const std::string& path) {
    if (volume.config_map) add_items(false, volume.config_map->name, *volume.config_map, path + ".configMap");
    if (volume.secret) add_items(true, volume.secret->secret_name, *volume.secret, path + ".secret");
    if (!volume.projected) return;
    for (size_t i = 0; i < volume.projected->sources.size(); ++i) {
      const api::VolumeProjection& source = volume.projected->sources[i];
      const std::string at = base::concat(path, ".projected.sources[", i, "]");
      if (source.config_map) add_items(false, source.config_map->name, *source.config_map, at + ".configMap");
      if (source.secret) add_items(true, source.secret->name, *source.secret, at + ".secret");
    }
  }

  std::vector<ConfigurationUse> take() { return std::move(uses_); }

 private:
  void add(bool is_secret, const auto& source, const std::string& path) {
    uses_.push_back({is_secret, source.name, "", source.optional.value_or(false), path});
  }
  void add_key(bool is_secret, const auto& source, const std::string& path) {
    uses_.push_back({is_secret, source.name, source.key, source.optional.value_or(false), path});
  }
  void add_items(bool is_secret, const std::string& name, const auto& source, const std::string& path) {
    const bool optional = source.optional.value_or(false);
    if (source.items.empty()) uses_.push_back({is_secret, name, "", optional, path});
    for (size_t i = 0; i < source.items.size(); ++i)
      uses_.push_back({is_secret, name, source.items[i].key, optional, base::concat(path, ".items[", i, "]")});
  }

  std::vector<ConfigurationUse> uses_;
};

}  // namespace

void Configuration::add(api::Object object) {
  const Name name(api::metadata(object).namespace_, api::metadata(object).name);
  if (auto* config_map = std::get_if<api::ConfigMap>(&object)) config_maps_[name] = std::move(*config_map);
  if (auto* secret = std::get_if<api::Secret>(&object)) secrets_[name] = std::move(*secret);
}

const api::ConfigMap* Configuration::config_map(const std::string& pod_namespace, const std::string& name) const {
  return find_in(config_maps_, pod_namespace, name);
}
const api::Secret* Configuration::secret(const std::string& pod_namespace, const std::string& name) const {
  return find_in(secrets_, pod_namespace, name);
}

base::Result<const api::ConfigMap*> Configuration::need_config_map(const std::string& pod_namespace,
                                                                   const std::string& name, bool optional) const {
  const api::ConfigMap* found = config_map(pod_namespace, name);
  if (found == nullptr && !optional) return base::fail(base::Code::kNotFound, "configmap \"", name, "\" not found");
  return found;
}
base::Result<const api::Secret*> Configuration::need_secret(const std::string& pod_namespace, const std::string& name,
                                                            bool optional) const {
  const api::Secret* found = secret(pod_namespace, name);
  if (found == nullptr && !optional) return base::fail(base::Code::kNotFound, "secret \"", name, "\" not found");
  return found;
}

std::vector<api::Object> Configuration::objects() const {
  std::vector<api::Object> all;
  all.reserve(config_maps_.size() + secrets_.size());
  for (const auto& [name, config_map] : config_maps_) all.emplace_back(config_map);
  for (const auto& [name, secret] : secrets_) all.emplace_back(secret);
  return all;
}

const std::string* value_of(const api::ConfigMap& config_map, const std::string& key) {
  if (const auto text = config_map.data.find(key); text != config_map.data.end()) return &text->second;
  const auto bytes = config_map.binary_data.find(key);
  return bytes == config_map.binary_data.end() ? nullptr : &bytes->second.raw;
}

const std::string* value_of(const api::Secret& secret, const std::string& key) {
  const auto bytes = secret.data.find(key);
  return bytes == secret.data.end() ? nullptr : &bytes->second.raw;
}

std::vector<ConfigurationUse> configuration_uses(const api::Pod& pod) {
  UseCollector uses;
  const auto add_all = [&](const std::vector<api::Container>& containers, const char* list) {
    for (size_t i = 0; i < containers.size(); ++i)
      uses.add_container(containers[i], base::concat("spec.", list, "[", i, "]"));
  };
  add_all(pod.spec.init_containers, "initContainers");
  add_all(pod.spec.containers, "containers");
  for (size_t i = 0; i < pod.spec.volumes.size(); ++i)
    uses.add_volume(pod.spec.volumes[i], base::concat("spec.volumes[", i, "]"));
  return uses.take();
}

}  // namespace agent::pods
