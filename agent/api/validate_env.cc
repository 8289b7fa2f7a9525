#include <algorithm>
#include <array>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

// What a field reference may name at all; which of them, its place says.
constexpr std::array<std::string_view, 15> kPodFields{
    "metadata.annotations", "metadata.labels",    "metadata.name", "metadata.namespace", "metadata.uid",
    "spec.nodeName",        "spec.restartPolicy", "spec.host",     "spec.schedulerName", "spec.serviceAccountName",
    "status.hostIP",        "status.hostIPs",     "status.phase",  "status.podIP",       "status.podIPs"};

// In the order of the alphabet, as messages list them.
const std::vector<std::string_view>& env_fields() {
  static const std::vector<std::string_view> kEnvFields = {
      "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
      "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
  return kEnvFields;
}

// "metadata.labels['app']" in its two parts; nothing when the path has no subscript.
struct Subscripted {
  std::string_view path;
  std::string_view key;
};
std::optional<Subscripted> split_subscript(std::string_view text) {
  if (!text.ends_with("']")) return std::nullopt;
  const size_t open = text.find("['");
  if (open == 0 || open == std::string_view::npos || open + 4 > text.size()) return std::nullopt;
  return Subscripted{text.substr(0, open), text.substr(open + 2, text.size() - open - 4)};
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// The name and key of a ConfigMap's or Secret's entry.
template <typename Selector>
void validate_key_ref(const Selector& selector, const FieldPath& path, FaultList& faults) {
  check_dns_subdomain(selector.name, path / "name", faults);
  if (selector.key.empty())
    faults.required(path / "key");
  else
    check_config_key(selector.key, path / "key", faults);
}

void validate_file_key_ref(const FileKeySelector& selector, const PodSpec& spec, const FieldPath& path,
                           FaultList& faults) {
  if (selector.key.empty())
    faults.required(path / "key");
  else
    check_env_name(selector.key, path / "key", faults);
  if (selector.path.empty())
    faults.required(path / "path");
  else
    check_no_back_step(selector.path, path / "path", faults);
  const FieldPath volume_name = path / "volumeName";
  if (selector.volume_name.empty())
    faults.required(volume_name);
  else
    check_dns_label(selector.volume_name, volume_name, faults);
  const auto volume = std::ranges::find(spec.volumes, selector.volume_name, &Volume::name);
  if (volume == spec.volumes.end())
    faults.not_found(volume_name, selector.volume_name);
  else if (!volume->empty_dir)
    faults.invalid(volume_name, selector.volume_name, "referenced volume must be of type emptyDir");
}

void validate_value_from(const EnvVar& variable, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  const EnvVarSource& source = *variable.value_from;
  if (source.field_ref) validate_field_ref(*source.field_ref, env_fields(), path / "fieldRef", faults);
  if (source.resource_field_ref)
    validate_resource_field_ref(*source.resource_field_ref, ContainerOfRef::kOwn, path / "resourceFieldRef", faults);
  if (source.config_map_key_ref) validate_key_ref(*source.config_map_key_ref, path / "configMapKeyRef", faults);
  if (source.secret_key_ref) validate_key_ref(*source.secret_key_ref, path / "secretKeyRef", faults);
  if (source.file_key_ref) validate_file_key_ref(*source.file_key_ref, spec, path / "fileKeyRef", faults);
  const int sources = int{source.field_ref.has_value()} + int{source.resource_field_ref.has_value()} +
                      int{source.config_map_key_ref.has_value()} + int{source.secret_key_ref.has_value()} +
                      int{source.file_key_ref.has_value()};
  if (sources == 0)
    faults.invalid(path, "",
                   "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                   "`fileKeyRef`");
  else if (!variable.value.empty())
    faults.invalid(path, "", "may not be specified when `value` is not empty");
  else if (sources > 1)
    faults.invalid(path, "", "may not have more than one field specified at a time");
}

void validate_env_from(const EnvFromSource& source, const FieldPath& list, size_t index, FaultList& faults) {
  const FieldPath path = list[index];
  if (!source.prefix.empty()) check_env_name(source.prefix, path / "prefix", faults);
  const auto check = [&](const auto& reference, std::string_view field) {
    if (!reference) return;
    const FieldPath name = path / field / "name";
    if (reference->name.empty())
      faults.required(name);
    else
      check_dns_subdomain_prefix(reference->name, name, faults);
  };
  check(source.config_map_ref, "configMapRef");
  check(source.secret_ref, "secretRef");
  // The apiserver names the list here, not its item.
  if (!source.config_map_ref && !source.secret_ref)
    faults.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
  if (source.config_map_ref && source.secret_ref)
    faults.invalid(list, "", "may not have more than one field specified at a time");
}

// Whether the amount is written as one of a resource's divisors, in its canonical form.
bool is_divisor(const Quantity& divisor, bool of_cpu) {
  constexpr std::array<std::string_view, 13> kOfSizes{"1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                                      "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};
  const std::string text = divisor.to_string();
  return of_cpu ? text == "1" || text == "1m" : is_one_of(text, kOfSizes);
}

}  // namespace

void validate_field_ref(const ObjectFieldSelector& selector, const std::vector<std::string_view>& allowed,
                        const FieldPath& path, FaultList& faults) {
  constexpr std::string_view kNotConverted = "error converting fieldPath: ";
  const FieldPath field = path / "fieldPath";
  const std::string& text = selector.field_path;
  if (text.empty()) return faults.required(field);
  if (selector.api_version != "v1")
    return faults.invalid(field, text, base::concat(kNotConverted, "unsupported pod version: ", selector.api_version));
  if (const std::optional<Subscripted> parts = split_subscript(text)) {
    if (parts->path == "metadata.annotations" || parts->path == "metadata.labels") {
      const bool is_annotation = parts->path == "metadata.annotations";
      check_qualified_name(is_annotation ? lower_case(parts->key) : std::string(parts->key), path, faults);
    } else {
      faults.invalid(field, text, base::concat(kNotConverted, "field label does not support subscript: ", text));
    }
  } else if (!is_one_of(text, kPodFields)) {
    faults.invalid(field, text, base::concat(kNotConverted, "field label not supported: ", text));
  } else if (!is_one_of(text == "spec.host" ? "spec.nodeName" : std::string_view(text), allowed)) {
    faults.unsupported(field, text, allowed);
  }
}

void validate_resource_field_ref(const ResourceFieldSelector& selector, ContainerOfRef container, const FieldPath& path,
                                 FaultList& faults) {
  static const std::vector<std::string_view> kResources = {
      "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
      "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
  const std::string& name = selector.resource;
  const bool huge = name.starts_with("limits.hugepages-") || name.starts_with("requests.hugepages-");
  const bool known = huge || is_one_of(name, kResources);
  if (container == ContainerOfRef::kNamed && selector.container_name.empty())
    faults.required(path / "containerName");
  else if (name.empty())
    faults.required(path / "resource");
  else if (!known)
    faults.unsupported(path / "resource", name, kResources);
  if (!known || selector.divisor.is_zero()) return;
  const bool of_cpu = name.ends_with(".cpu");
  if (is_divisor(selector.divisor, of_cpu)) return;
  const std::string_view kind = huge                        ? "hugepages"
                                : of_cpu                    ? "cpu"
                                : name.ends_with(".memory") ? "memory"
                                                            : "local ephemeral storage";
  faults.invalid(path / "divisor", name,
                 base::concat("only divisor's values ",
                              of_cpu ? "1m and 1" : "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei",
                              " are supported with the ", kind, " resource"));
}

void validate_env(const Container& container, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  for (size_t i = 0; i < container.env.size(); ++i) {
    const EnvVar& variable = container.env[i];
    const FieldPath item = (path / "env")[i];
    if (variable.name.empty())
      faults.required(item / "name");
    else
      check_env_name(variable.name, item / "name", faults);
    if (variable.value_from) validate_value_from(variable, spec, item / "valueFrom", faults);
  }
  for (size_t i = 0; i < container.env_from.size(); ++i)
    validate_env_from(container.env_from[i], path / "envFrom", i, faults);
}

}  // namespace api
