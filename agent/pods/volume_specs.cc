#include "agent/pods/volume_specs.h"

#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "base/concat.h"
#include "base/path.h"

namespace agent::pods {

namespace {

using base::Code;

volumes::HostPathCheck to_check(api::HostPathType type) {
  using volumes::HostPathCheck;
  switch (type) {
    case api::HostPathType::kUnset:
      return HostPathCheck::kNone;
    case api::HostPathType::kDirectoryOrCreate:
      return HostPathCheck::kDirectoryOrCreate;
    case api::HostPathType::kDirectory:
      return HostPathCheck::kDirectory;
    case api::HostPathType::kFileOrCreate:
      return HostPathCheck::kFileOrCreate;
    case api::HostPathType::kFile:
      return HostPathCheck::kFile;
    case api::HostPathType::kSocket:
      return HostPathCheck::kSocket;
    case api::HostPathType::kCharDevice:
      return HostPathCheck::kCharDevice;
    case api::HostPathType::kBlockDevice:
      return HostPathCheck::kBlockDevice;
  }
  return HostPathCheck::kNone;
}

// Collects the files of one volume.
class FileCollector {
 public:
  FileCollector(const DownwardInput& pod, const Configuration& configuration, uint32_t default_mode)
      : pod_(pod), configuration_(configuration), default_mode_(default_mode) {}

  base::Status add_config_map(const std::string& name, const auto& source) {
    const bool optional = source.optional.value_or(false);
    const auto* found = TRY(configuration_.need_config_map(pod_.pod.metadata.namespace_, name, optional));
    if (found == nullptr) return {};
    if (!source.items.empty()) return add_items(*found, source.items, optional, "config");
    for (const auto& [key, text] : found->data) add(key, text, std::nullopt);
    for (const auto& [key, bytes] : found->binary_data) add(key, bytes.raw, std::nullopt);
    return {};
  }

  base::Status add_secret(const std::string& name, const auto& source) {
    const bool optional = source.optional.value_or(false);
    const auto* found = TRY(configuration_.need_secret(pod_.pod.metadata.namespace_, name, optional));
    if (found == nullptr) return {};
    if (!source.items.empty()) return add_items(*found, source.items, optional, "secret");
    for (const auto& [key, bytes] : found->data) add(key, bytes.raw, std::nullopt);
    return {};
  }

  base::Status add_downward(const std::vector<api::DownwardApiVolumeFile>& items) {
    for (const api::DownwardApiVolumeFile& item : items) {
      std::string content;
      if (item.field_ref) content = TRY(field_value(pod_, item.field_ref->field_path));
      if (item.resource_field_ref) content = TRY(resource_value(pod_, *item.resource_field_ref, nullptr));
      add(item.path, content, item.mode);
    }
    return {};
  }

  base::Status add_projected(const api::ProjectedVolumeSource& source) {
    for (const api::VolumeProjection& each : source.sources) {
      if (each.config_map) TRY(add_config_map(each.config_map->name, *each.config_map));
      if (each.secret) TRY(add_secret(each.secret->name, *each.secret));
      if (each.downward_api) TRY(add_downward(each.downward_api->items));
    }
    return {};
  }

  std::vector<volumes::ContentFile> take() {
    std::vector<volumes::ContentFile> files;
    files.reserve(files_.size());
    for (auto& [path, file] : files_) files.push_back(std::move(file));
    return files;
  }

 private:
  base::Status add_items(const auto& object, const std::vector<api::KeyToPath>& items, bool optional,
                         const char* kind) {
    for (const api::KeyToPath& item : items) {
      const std::string* value = value_of(object, item.key);
      if (value != nullptr)
        add(item.path, *value, item.mode);
      else if (!optional)
        return base::fail(Code::kNotFound, "references non-existent ", kind, " key: ", item.key);
    }
    return {};
  }

  // Of two sources of one path the later one counts.
  void add(const std::string& as_written, const std::string& content, std::optional<int32_t> mode) {
    const std::string path = base::clean_path(as_written);  // "./a//b" is "a/b"
    files_[path] = {.path = path, .content = content, .mode = mode ? static_cast<uint32_t>(*mode) : default_mode_};
  }

  const DownwardInput& pod_;
  const Configuration& configuration_;
  const uint32_t default_mode_;
  std::map<std::string, volumes::ContentFile> files_;  // by path
};

constexpr int32_t kDefaultMode = 0644;

base::Result<std::vector<volumes::ContentFile>> files_of(const api::Volume& volume, const DownwardInput& pod,
                                                         const Configuration& configuration) {
  std::optional<int32_t> mode;
  if (volume.config_map) mode = volume.config_map->default_mode;
  if (volume.secret) mode = volume.secret->default_mode;
  if (volume.downward_api) mode = volume.downward_api->default_mode;
  if (volume.projected) mode = volume.projected->default_mode;
  FileCollector files(pod, configuration, static_cast<uint32_t>(mode.value_or(kDefaultMode)));
  if (volume.config_map) TRY(files.add_config_map(volume.config_map->name, *volume.config_map));
  if (volume.secret) TRY(files.add_secret(volume.secret->secret_name, *volume.secret));
  if (volume.downward_api) TRY(files.add_downward(volume.downward_api->items));
  if (volume.projected) TRY(files.add_projected(*volume.projected));
  return files.take();
}

// "conf/more" where a container has the volume at /etc and another one at /etc/conf/more, with none in between.
std::vector<std::string> mount_points_below(const std::string& volume, const api::PodSpec& spec) {
  std::set<std::string> points;
  for (const auto* list : {&spec.init_containers, &spec.containers})
    for (const api::Container& container : *list) {
      std::map<std::string, bool> mounts;  // by path: whether it is this volume
      for (const api::VolumeMount& mount : container.volume_mounts)
        mounts[base::clean_path(mount.mount_path)] = mount.name == volume;
      for (auto inner = mounts.begin(); inner != mounts.end(); ++inner)
        // The nearest mount above it; paths of one folder need not be neighbours in the map.
        for (auto outer = std::make_reverse_iterator(inner); outer != mounts.rend(); ++outer) {
          if (!inner->first.starts_with(outer->first + "/")) continue;
          if (outer->second) points.insert(inner->first.substr(outer->first.size() + 1));
          break;
        }
    }
  return {points.begin(), points.end()};
}

volumes::EmptyDirSource empty_dir_source(const api::Volume& volume) {
  volumes::EmptyDirSource source;
  if (!volume.empty_dir) return source;
  source.memory = volume.empty_dir->medium == "Memory";
  if (volume.empty_dir->size_limit) source.size_limit = volume.empty_dir->size_limit->value();
  return source;
}

}  // namespace

volumes::VolumeSpec volume_without_content(const api::Volume& volume) {
  using volumes::ContentKind;
  using volumes::ContentSource;
  volumes::VolumeSpec spec;
  spec.name = volume.name;
  if (volume.host_path)
    spec.source = volumes::HostPathSource{
        .path = volume.host_path->path, .check = to_check(volume.host_path->type.value_or(api::HostPathType::kUnset))};
  else if (volume.config_map)
    spec.source = ContentSource{.kind = ContentKind::kConfigMap};
  else if (volume.secret)
    spec.source = ContentSource{.kind = ContentKind::kSecret};
  else if (volume.downward_api)
    spec.source = ContentSource{.kind = ContentKind::kDownwardApi};
  else if (volume.projected)
    spec.source = ContentSource{.kind = ContentKind::kProjected};
  else
    spec.source = empty_dir_source(volume);
  return spec;
}

bool is_read_only(const volumes::VolumeSpec& spec) {
  return std::holds_alternative<volumes::ContentSource>(spec.source);
}

base::Result<std::vector<volumes::VolumeSpec>> volume_specs(const DownwardInput& pod,
                                                            const Configuration& configuration) {
  std::vector<volumes::VolumeSpec> specs;
  for (const api::Volume& volume : pod.pod.spec.volumes) {
    volumes::VolumeSpec& spec = specs.emplace_back(volume_without_content(volume));
    if (auto* content = std::get_if<volumes::ContentSource>(&spec.source)) {
      content->files =
          TRY(files_of(volume, pod, configuration), "MountVolume.SetUp failed for volume \"", volume.name, "\"");
      content->mount_points = mount_points_below(volume.name, pod.pod.spec);
    }
  }
  return specs;
}

}  // namespace agent::pods
