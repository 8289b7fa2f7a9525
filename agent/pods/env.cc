#include "agent/pods/env.h"

#include <fcntl.h>

#include <algorithm>
#include <functional>
#include <set>

#include "agent/api/names.h"
#include "agent/pods/volume_specs.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "volumes/volume_manager.h"

namespace agent::pods {

namespace {

using base::Code;

constexpr size_t kMaxEnvFile = 1UL << 20;

// Makes the environment variable by variable.
class EnvironmentMaker {
 public:
  explicit EnvironmentMaker(const EnvInput& input) : input_(input), pod_(input.downward.pod) {}

  base::Result<Environment> make() {
    for (const api::EnvFromSource& source : input_.container.env_from) {
      if (source.config_map_ref) TRY(add_config_map(*source.config_map_ref, source.prefix));
      if (source.secret_ref) TRY(add_secret(*source.secret_ref, source.prefix));
    }
    for (const api::EnvVar& variable : input_.container.env) {
      if (!variable.value.empty() || !variable.value_from) {
        set(variable.name, expand(variable.value, values_));
        continue;
      }
      std::optional<std::string> value = TRY(value_from(*variable.value_from));
      if (!value) continue;
      if (value->find('\0') != std::string::npos)
        return base::fail(Code::kInvalidArgument, "the value of variable ", variable.name,
                          " holds a zero byte, which no environment can");
      set(variable.name, *std::move(value));
    }
    return std::move(out_);
  }

 private:
  using Value = base::Result<std::optional<std::string>>;  // nothing: optional, and not there

  void set(const std::string& name, std::string value) {
    values_[name] = value;
    const auto same = std::ranges::find(out_.variables, name, &std::pair<std::string, std::string>::first);
    if (same == out_.variables.end())
      out_.variables.emplace_back(name, std::move(value));
    else
      same->second = std::move(value);
  }

  base::Status add_config_map(const api::ConfigMapEnvSource& source, const std::string& prefix) {
    const auto* found = TRY(
        input_.configuration.need_config_map(pod_.metadata.namespace_, source.name, source.optional.value_or(false)));
    if (found == nullptr) return {};
    std::string left_out;
    for (const auto& [key, value] : found->data) add_key(prefix + key, value, left_out);
    tell_left_out("configMap", source.name, left_out);
    return {};
  }

  base::Status add_secret(const api::SecretEnvSource& source, const std::string& prefix) {
    const auto* found =
        TRY(input_.configuration.need_secret(pod_.metadata.namespace_, source.name, source.optional.value_or(false)));
    if (found == nullptr) return {};
    std::string left_out;
    for (const auto& [key, value] : found->data) add_key(prefix + key, value.raw, left_out);
    tell_left_out("secret", source.name, left_out);
    return {};
  }

  void add_key(const std::string& name, const std::string& value, std::string& left_out) {
    if (api::is_env_name(name) && value.find('\0') == std::string::npos)
      set(name, value);
    else
      left_out += (left_out.empty() ? "" : ", ") + name;
  }

  void tell_left_out(const char* kind, const std::string& name, const std::string& keys) {
    if (keys.empty()) return;
    out_.events.push_back(
        {.warning = true,
         .reason = "InvalidEnvironmentVariableNames",
         .message = base::concat("Keys [", keys, "] from the EnvFrom ", kind, " ", pod_.metadata.namespace_, "/", name,
                                 " were skipped since they are considered invalid environment "
                                 "variable names."),
         .container = input_.container.name});
  }

  Value value_from(const api::EnvVarSource& source) const {
    if (source.field_ref) return TRY(field_value(input_.downward, source.field_ref->field_path));
    if (source.resource_field_ref)
      return TRY(resource_value(input_.downward, *source.resource_field_ref, &input_.container));
    if (source.config_map_key_ref) return config_map_value(*source.config_map_key_ref);
    if (source.secret_key_ref) return secret_value(*source.secret_key_ref);
    if (source.file_key_ref) return file_value(*source.file_key_ref);
    return std::optional<std::string>("");
  }

  Value config_map_value(const api::ConfigMapKeySelector& ref) const {
    const bool optional = ref.optional.value_or(false);
    const auto* found = TRY(input_.configuration.need_config_map(pod_.metadata.namespace_, ref.name, optional));
    if (found == nullptr) return std::nullopt;
    // Bytes that are no text are not for an environment.
    const auto value = found->data.find(ref.key);
    if (value != found->data.end()) return value->second;
    if (optional) return std::nullopt;
    return no_such_key(ref.key, "ConfigMap", ref.name);
  }

  Value secret_value(const api::SecretKeySelector& ref) const {
    const bool optional = ref.optional.value_or(false);
    const auto* found = TRY(input_.configuration.need_secret(pod_.metadata.namespace_, ref.name, optional));
    if (found == nullptr) return std::nullopt;
    if (const std::string* value = value_of(*found, ref.key)) return *value;
    if (optional) return std::nullopt;
    return no_such_key(ref.key, "Secret", ref.name);
  }

  std::unexpected<base::Error> no_such_key(const std::string& key, const char* kind, const std::string& name) const {
    return base::fail(Code::kNotFound, "couldn't find key ", key, " in ", kind, " ", pod_.metadata.namespace_, "/",
                      name);
  }

  // Containers write that file: no link in it is followed out of the volume.
  Value file_value(const api::FileKeySelector& ref) const {
    const auto volume = std::ranges::find(pod_.spec.volumes, ref.volume_name, &api::Volume::name);
    if (volume == pod_.spec.volumes.end())
      return base::fail(Code::kInvalidArgument, "cannot find the volume \"", ref.volume_name,
                        "\" referenced by FileKeyRef");
    const std::string folder =
        volumes::VolumeManager::host_path(input_.root, pod_.metadata.uid, volume_without_content(*volume));
    const base::UniqueFd top = TRY(base::sys::open(folder, O_PATH | O_DIRECTORY));
    const base::Result<base::UniqueFd> file = base::open_in_root(top.get(), ref.path, O_RDONLY | O_NONBLOCK);
    const bool optional = ref.optional.value_or(false);
    if (!file && file.error().code() == Code::kNotFound && optional) return std::nullopt;
    if (!file)
      return base::fail(file.error().code(), "open the file ", ref.path, " of volume ", ref.volume_name, ": ",
                        file.error().to_string());
    const std::string text =
        TRY(base::read_fd(file->get(), kMaxEnvFile), "read the file ", ref.path, " of volume ", ref.volume_name);
    std::optional<std::string> value =
        TRY(env_file_value(text, ref.key), "read the file ", ref.path, " of volume ", ref.volume_name);
    if (!value && !optional)
      return base::fail(Code::kNotFound, "environment variable key \"", ref.key, "\" not found in file ", ref.path,
                        " of volume ", ref.volume_name);
    return value;
  }

  const EnvInput& input_;
  const api::Pod& pod_;
  Environment out_;
  std::map<std::string, std::string> values_;
};

}  // namespace

namespace {

// value_of: what stands for a name; nullptr: it stays as it is.
std::string expand_with(std::string_view text, const std::function<const std::string*(const std::string&)>& value_of) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const size_t end = text.starts_with('(') ? text.find(')') : std::string_view::npos;
    const std::string* value = end == std::string_view::npos ? nullptr : value_of(std::string(text.substr(1, end - 1)));
    if (value == nullptr) {
      out += '$';  // what follows it is copied on as plain text
      if (end != std::string_view::npos) {
        out += text.substr(0, end + 1);
        text.remove_prefix(end + 1);
      }
      continue;
    }
    out += *value;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::string expand(std::string_view text, const std::map<std::string, std::string>& values) {
  return expand_with(text, [&](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
  });
}

base::Result<std::string> expand_all(std::string_view text, const std::map<std::string, std::string>& values) {
  std::set<std::string> missing;
  std::string expanded = expand_with(text, [&](const std::string& name) -> const std::string* {
    const auto found = values.find(name);
    if (found != values.end() && !found->second.empty()) return &found->second;
    missing.insert(name);
    return nullptr;
  });
  if (missing.empty()) return expanded;
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  return base::fail(Code::kInvalidArgument, "missing value for ", names);
}

base::Result<Environment> make_environment(const EnvInput& input) { return EnvironmentMaker(input).make(); }

}  // namespace agent::pods
