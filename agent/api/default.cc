#include "agent/api/default.h"

#include <algorithm>

#include "agent/api/decode.h"
#include "agent/api/pod_amounts.h"
#include "base/ascii.h"

namespace api {

namespace {

bool is_repository_part(std::string_view text) {
  const auto is_inner = [](char c) { return base::is_lower_or_digit(c) || c == '.' || c == '_' || c == '-'; };
  return !text.empty() && base::is_lower_or_digit(text.front()) && base::is_lower_or_digit(text.back()) &&
         std::ranges::all_of(text, is_inner) && text.find("..") == std::string_view::npos;
}

bool is_repository(std::string_view text) {
  for (;;) {
    const size_t slash = text.find('/');
    if (!is_repository_part(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

// Whether the registry's newest image is meant: by the tag "latest", or by neither a tag nor a digest. Of what is no
// name of an image nothing is.
bool means_latest(std::string_view image) {
  const size_t at = image.find('@');
  std::string_view name = image.substr(0, at);
  const size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  const bool has_registry =
      slash != std::string_view::npos && (first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
                                          std::ranges::any_of(first, base::is_upper));
  if (has_registry) name.remove_prefix(slash + 1);
  const size_t colon = name.find(':');
  if (!is_repository(name.substr(0, colon))) return false;
  if (colon == std::string_view::npos) return at == std::string_view::npos;
  return name.substr(colon + 1) == "latest";
}

PullPolicy default_pull_policy(std::string_view image) {
  return means_latest(image) ? PullPolicy::kAlways : PullPolicy::kIfNotPresent;
}

// A limit without a request is also the request.
void default_requests(ResourceRequirements& resources) {
  for (const auto& [name, limit] : resources.limits) resources.requests.try_emplace(name, limit);
}

void default_container(Container& container) {
  if (!container.image_pull_policy) container.image_pull_policy = default_pull_policy(container.image);
}

// What a template leaves open and a pod does not.
void default_pod_container(Container& container, bool host_network) {
  default_requests(container.resources);
  if (!host_network) return;
  for (ContainerPort& port : container.ports)
    if (port.host_port == 0) port.host_port = port.container_port;
}

void default_volume(Volume& volume) {
  // A volume that names no source is an emptyDir.
  const bool has_source = std::ranges::any_of(type_of<Volume>().fields, [&](const Field& field) {
    return field.name != "name" && !says_nothing(field.type(), field.of(&volume));
  });
  if (!has_source) volume.empty_dir.emplace();
  if (volume.image && !volume.image->pull_policy)
    volume.image->pull_policy = default_pull_policy(volume.image->reference);
}

// What spec.resources leaves out is taken from the containers, once theirs are known: first the limits of huge pages,
// which cannot be overcommitted, then the requests (KEP-2837).
void default_pod_resources(PodSpec& spec) {
  if (!spec.resources) return;
  Amounts& limits = spec.resources->limits;
  Amounts& requests = spec.resources->requests;
  if (!limits.empty() || !requests.empty()) {
    for (const auto& [name, amount] : sum_of_limits(spec))
      if (is_huge_pages(name) && !requests.contains(name)) limits.try_emplace(name, amount);
  }
  if (limits.empty()) return;
  for (const auto& [name, amount] : sum_of_requests(spec))
    if (is_pod_level_resource(name) && !is_huge_pages(name)) requests.try_emplace(name, amount);
  for (const auto& [name, amount] : limits)
    if (is_pod_level_resource(name)) requests.try_emplace(name, amount);
}

void default_namespace(ObjectMeta& meta) {
  if (meta.namespace_.empty()) meta.namespace_ = "default";
}

// What pods and templates have in common.
void default_spec(PodSpec& spec) {
  if (!spec.security_context) spec.security_context.emplace();
  for (Container& container : spec.init_containers) default_container(container);
  for (Container& container : spec.containers) default_container(container);
  for (EphemeralContainer& ephemeral : spec.ephemeral_containers) default_container(ephemeral);
  for (Volume& volume : spec.volumes) default_volume(volume);
  // The old name of the field and the new one always agree.
  if (spec.service_account_name.empty()) spec.service_account_name = spec.service_account;
  spec.service_account = spec.service_account_name;
}

void round_amounts(Amounts& amounts) {
  for (auto& [name, amount] : amounts) amount.round_up_to_milli();
}

void round_resources(ResourceRequirements& resources) {
  round_amounts(resources.limits);
  round_amounts(resources.requests);
}

// Comes last: what is taken from other amounts is taken as they were written.
void round_spec(PodSpec& spec) {
  for (Container& container : spec.init_containers) round_resources(container.resources);
  for (Container& container : spec.containers) round_resources(container.resources);
  for (EphemeralContainer& ephemeral : spec.ephemeral_containers) round_resources(ephemeral.resources);
  if (spec.resources) round_resources(*spec.resources);
  round_amounts(spec.overhead);
}

}  // namespace

void set_template_defaults(PodSpec& spec) {
  default_spec(spec);
  round_spec(spec);
}

void set_defaults(PodSpec& spec) {
  default_spec(spec);
  if (spec.termination_grace_period_seconds && *spec.termination_grace_period_seconds < 0)
    spec.termination_grace_period_seconds = 1;
  for (Container& container : spec.init_containers) default_pod_container(container, spec.host_network);
  for (Container& container : spec.containers) default_pod_container(container, spec.host_network);
  default_pod_resources(spec);
  if (!spec.enable_service_links) spec.enable_service_links = true;
  round_spec(spec);
}

namespace {

void default_kind(Pod& pod) {
  set_defaults(pod.spec);
  pod.status.qos_class = to_string(qos_class(pod.spec));
}
void default_kind(ReplicaSet& set) { set_template_defaults(set.spec.pod_template.spec); }
void default_kind(CronJob& job) { set_template_defaults(job.spec.job_template.spec.pod_template.spec); }
void default_kind(Deployment& deployment) { set_defaults(deployment); }
void default_kind(DaemonSet& set) { set_defaults(set); }
void default_kind(StatefulSet& set) { set_defaults(set); }
void default_kind(Job& job) { set_defaults(job); }
void default_kind(ConfigMap& /*has none*/) {}
void default_kind(PersistentVolume& /*has none*/) {}

// An old reference to anything but a claim or a snapshot is dropped, and a new one into another namespace, which is
// still an alpha feature; then each is taken over where the other is missing (KEP-1495, KEP-3294).
void default_kind(PersistentVolumeClaim& claim) {
  Boxed<TypedLocalObjectReference>& source = claim.spec.data_source;
  Boxed<TypedObjectReference>& reference = claim.spec.data_source_ref;
  const auto is = [&](std::string_view kind, std::string_view group) {
    return source->kind == kind && source->api_group.value_or("") == group;
  };
  if (source && !is("PersistentVolumeClaim", "") && !is("VolumeSnapshot", "snapshot.storage.k8s.io")) source.reset();
  if (reference && !reference->namespace_.value_or("").empty()) reference.reset();
  if (source && !reference)
    reference = TypedObjectReference{source->name, source->api_group, source->kind, std::nullopt};
  else if (reference && !source)
    source = TypedLocalObjectReference{reference->name, reference->api_group, reference->kind};
}

// What is written as text is stored as bytes, over what data has under the same key.
void default_kind(Secret& secret) {
  for (auto& [key, text] : secret.string_data) secret.data[key] = Bytes{std::move(text)};
  secret.string_data.clear();
}

}  // namespace

void set_defaults(Object& object) {
  std::visit([](auto& any) { default_kind(any); }, object);
  if (auto* volume = std::get_if<PersistentVolume>(&object))
    volume->metadata.namespace_.clear();
  else
    std::visit([](auto& any) { default_namespace(any.metadata); }, object);
}

}  // namespace api
