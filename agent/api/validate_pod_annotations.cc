#include <algorithm>
#include <charconv>

#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

constexpr std::string_view kMirror = "kubernetes.io/config.mirror";
constexpr std::string_view kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
constexpr std::string_view kSeccompOfPod = "seccomp.security.alpha.kubernetes.io/pod";
constexpr std::string_view kSeccompOfContainer = "container.seccomp.security.alpha.kubernetes.io/";
constexpr std::string_view kAppArmor = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view kLocalhost = "localhost/";
constexpr std::string_view kTolerations = "scheduler.alpha.kubernetes.io/tolerations";

// A whole number of 32 bits without a "+" or leading zeros.
bool is_deletion_cost(const std::string& text) {
  const bool begins_well = text == "0" || (!text.empty() && (text[0] == '-' || (text[0] >= '1' && text[0] <= '9')));
  int32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return begins_well && error == std::errc() && stop == end;
}

bool is_default_seccomp(std::string_view value) { return value == "runtime/default" || value == "docker/default"; }

void validate_seccomp(const std::string& value, const FieldPath& path, FaultList& faults) {
  if (is_default_seccomp(value) || value == "unconfined") return;
  if (value.starts_with(kLocalhost))
    validate_descending_path(std::string_view(value).substr(kLocalhost.size()), path, faults);
  else
    faults.invalid(path, value, "must be a valid seccomp profile");
}

bool has_container(const PodSpec& spec, std::string_view name) {
  bool found = false;
  visit_containers(spec, FieldPath(), [&](const Container& container, const FieldPath& /*path*/) {
    found = found || container.name == name;
  });
  return found;
}

void validate_apparmor(const PodSpec& spec, std::string_view name, const std::string& value, const FieldPath& path,
                       FaultList& faults) {
  if (!has_container(spec, name)) faults.invalid(path, name, "container not found");
  if (!value.empty() && value != "runtime/default" && value != "unconfined" && !value.starts_with(kLocalhost))
    faults.invalid(path, value, base::concat("invalid AppArmor profile name: \"", value, "\""));
}

// A profile as both a field and an annotation give it.
struct Profile {
  bool is_unconfined;
  bool is_default;
  std::optional<std::string> localhost;  // of the node
};

template <typename T>
Profile profile_of(const T& field) {
  using Type = decltype(field.type);
  return {
      .is_unconfined = field.type == Type::kUnconfined,
      .is_default = field.type == Type::kRuntimeDefault,
      .localhost = field.type == Type::kLocalhost ? std::optional(field.localhost_profile.value_or("")) : std::nullopt};
}

// `what`: "seccomp" or "apparmor".
void validate_match(const std::string& annotation, const Profile& field, std::string_view what, const FieldPath& path,
                    FaultList& faults) {
  const bool is_default = annotation == "runtime/default" || (what == "seccomp" && is_default_seccomp(annotation));
  const bool differs = (field.is_unconfined && annotation != "unconfined") || (field.is_default && !is_default) ||
                       (field.localhost && !annotation.starts_with(kLocalhost));
  if (differs)
    faults.forbidden(path / "type", base::concat(what, " type in annotation and field must match"));
  else if (field.localhost && annotation.substr(kLocalhost.size()) != *field.localhost)
    faults.forbidden(path / "localhostProfile", base::concat(what, " profile in annotation and field must match"));
}

const std::string* annotation_of(const ObjectMeta& metadata, const std::string& key) {
  const auto found = metadata.annotations.find(key);
  return found == metadata.annotations.end() ? nullptr : &found->second;
}

void match_seccomp(const ObjectMeta& metadata, const Container& container, const FieldPath& path, FaultList& faults) {
  const std::string* const annotation = annotation_of(metadata, std::string(kSeccompOfContainer) + container.name);
  if (annotation != nullptr && container.security_context && container.security_context->seccomp_profile)
    validate_match(*annotation, profile_of(*container.security_context->seccomp_profile), "seccomp",
                   path / "securityContext" / "seccompProfile", faults);
}

// Whether an AppArmor annotation is a profile that the container's field can hold.
bool is_apparmor_profile(const std::string& annotation) {
  if (annotation == "runtime/default" || annotation == "unconfined") return true;
  if (!annotation.starts_with(kLocalhost)) return false;
  FaultList faults;
  validate_apparmor_profile(
      {.localhost_profile = annotation.substr(kLocalhost.size()), .type = AppArmorProfileType::kLocalhost}, FieldPath(),
      faults);
  return faults.list().empty();
}

// A good annotation becomes the container's field where there is none, so that only a bad one can differ from a profile
// of the pod.
void match_apparmor(const ObjectMeta& metadata, const PodSpec& spec, const Container& container, const FieldPath& path,
                    FaultList& faults) {
  const std::string* const annotation = annotation_of(metadata, std::string(kAppArmor) + container.name);
  if (annotation == nullptr) return;
  const AppArmorProfile* field = nullptr;
  if (container.security_context && container.security_context->app_armor_profile)
    field = &*container.security_context->app_armor_profile;
  else if (!is_apparmor_profile(*annotation) && spec.security_context && spec.security_context->app_armor_profile)
    field = &*spec.security_context->app_armor_profile;
  if (field != nullptr)
    validate_match(*annotation, profile_of(*field), "apparmor", path / "securityContext" / "appArmorProfile", faults);
}

}  // namespace

void validate_pod_annotations(const ObjectMeta& metadata, const PodSpec& spec, const FieldPath& path,
                              FaultList& faults) {
  for (const auto& [key, value] : metadata.annotations) {
    const std::string_view name = key;
    if (name == kMirror && spec.node_name.empty())
      faults.invalid(path.key(key), value, "must set spec.nodeName if mirror pod annotation is set");
    if (name == kTolerations && !value.empty()) validate_tolerations(value, path, name, faults);
    if (name == kDeletionCost && !is_deletion_cost(value))
      faults.invalid(path.key(key), value, "must be a 32bit integer");
    if (name == kSeccompOfPod || name.starts_with(kSeccompOfContainer)) validate_seccomp(value, path / key, faults);
    if (name.starts_with(kAppArmor))
      validate_apparmor(spec, name.substr(kAppArmor.size()), value, path.key(key), faults);
  }
}

void validate_profile_annotations(const ObjectMeta& metadata, const PodSpec& spec, const FieldPath& path,
                                  FaultList& faults) {
  const std::string* const seccomp = annotation_of(metadata, std::string(kSeccompOfPod));
  if (seccomp != nullptr && spec.security_context && spec.security_context->seccomp_profile)
    validate_match(*seccomp, profile_of(*spec.security_context->seccomp_profile), "seccomp",
                   path / "securityContext" / "seccompProfile", faults);
  const bool is_windows = spec.os && spec.os->name == "windows";
  visit_containers(spec, path, [&](const Container& container, const FieldPath& item) {
    match_seccomp(metadata, container, item, faults);
    if (!is_windows) match_apparmor(metadata, spec, container, item, faults);
  });
}

}  // namespace api
