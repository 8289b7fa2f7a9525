#include "agent/workloads/pods_of.h"

#include <array>
#include <charconv>
#include <set>

#include "agent/api/codec.h"
#include "agent/api/schema.h"
#include "agent/pods/naming.h"
#include "base/concat.h"

namespace agent::workloads {

namespace {

constexpr std::string_view kCompletionIndex = "batch.kubernetes.io/job-completion-index";
constexpr std::string_view kIndexFailures = "batch.kubernetes.io/job-index-failure-count";
constexpr std::string_view kIndexIgnored = "batch.kubernetes.io/job-index-ignored-failure-count";
// Without vowels and what looks alike, as Kubernetes' generated names: nothing offensive comes of it.
constexpr std::string_view kSafe = "bcdfghjklmnpqrstvwxz2456789";
constexpr size_t kSuffixLength = 5;
constexpr size_t kMaxName = 63;

// FNV-1a with 64 bits.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char character : text) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
  return hash ^ (hash >> 32U);
}

std::string safe_text(uint64_t hash, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i, hash /= kSafe.size()) text += kSafe[hash % kSafe.size()];
  return text;
}

// What tells one template from another; ten characters, as a Deployment's have.
std::string template_hash(const api::PodTemplateSpec& pods) {
  constexpr size_t kLength = 10;
  return safe_text(hash_of(api::to_json(api::Pod{.metadata = pods.metadata, .spec = pods.spec, .status = {}})),
                   kLength);
}

// "web-7c5d9-" and what the number makes of it.
std::string generated_name(const std::string& base, std::string_view uid, uint64_t number) {
  return base.substr(0, kMaxName - kSuffixLength) +
         safe_text(hash_of(base::concat(uid, "/", base, "/", number)), kSuffixLength);
}

std::string uid_of(const api::Type& type, const api::ObjectMeta& metadata, std::string_view instance) {
  if (!metadata.uid.empty()) return metadata.uid;
  if (type.name == "Pod") return pods::pod_uid(instance, metadata.namespace_, metadata.name);
  // '/' cannot be part of a name: no pod has this one.
  return pods::pod_uid(instance, metadata.namespace_, base::concat(type.name, "/", metadata.name));
}

api::OwnerReference reference_to(const api::Type& type, const api::ObjectMeta& owner, const std::string& uid) {
  return {.api_version = std::string(type.api_version),
          .kind = std::string(type.name),
          .name = owner.name,
          .uid = uid,
          .controller = true,
          .block_owner_deletion = true};
}

class PodMaker {
 public:
  // All of it outlives the maker.
  PodMaker(const api::Type& type, const api::ObjectMeta& owner, std::string_view instance)
      : type_(type), owner_(owner), uid_(uid_of(type, owner, instance)), instance_(instance) {}

  api::Pod make(const api::PodTemplateSpec& pods, std::string name) const {
    api::Pod pod = api::pod_of(pods);
    pod.metadata.name = std::move(name);
    pod.metadata.namespace_ = owner_.namespace_;
    pod.metadata.uid = pods::pod_uid(instance_, owner_.namespace_, pod.metadata.name);
    pod.metadata.owner_references = {reference_to(type_, owner_, uid_)};
    return pod;
  }

  api::Pod make_generated(const api::PodTemplateSpec& pods, const std::string& base, uint64_t number) const {
    api::Pod pod = make(pods, generated_name(base, uid_, number));
    pod.metadata.generate_name = base;
    return pod;
  }

  const std::string& uid() const { return uid_; }

 private:
  const api::Type& type_;
  const api::ObjectMeta& owner_;
  const std::string uid_;
  const std::string_view instance_;
};

// Equal pods, no two of one name.
std::vector<api::Pod> make_replicas(const PodMaker& maker, const api::PodTemplateSpec& pods, const std::string& base,
                                    int32_t count) {
  std::vector<api::Pod> replicas;
  std::set<std::string> names;
  for (uint64_t number = 0; replicas.size() < static_cast<size_t>(count); ++number) {
    api::Pod pod = maker.make_generated(pods, base, number);
    if (names.insert(pod.metadata.name).second) replicas.push_back(std::move(pod));
  }
  return replicas;
}

std::vector<api::Pod> make_pods(const api::Deployment& deployment, const PodMaker& maker) {
  const std::string hash = template_hash(deployment.spec.pod_template);
  std::vector<api::Pod> pods =
      make_replicas(maker, deployment.spec.pod_template, base::concat(deployment.metadata.name, "-", hash, "-"),
                    deployment.spec.replicas.value_or(1));
  for (api::Pod& pod : pods) pod.metadata.labels["pod-template-hash"] = hash;
  return pods;
}

std::vector<api::Pod> make_pods(const api::ReplicaSet& set, const PodMaker& maker) {
  return make_replicas(maker, set.spec.pod_template, set.metadata.name + "-", set.spec.replicas.value_or(1));
}

std::vector<api::Pod> make_pods(const api::DaemonSet& set, const PodMaker& maker) {
  api::Pod pod = maker.make_generated(set.spec.pod_template, set.metadata.name + "-", 0);
  pod.metadata.labels["controller-revision-hash"] = template_hash(set.spec.pod_template);
  pod.metadata.labels["pod-template-generation"] = "1";
  return {pod};
}

std::vector<api::Pod> make_pods(const api::StatefulSet& set, const PodMaker& maker) {
  const std::string revision = base::concat(set.metadata.name, "-", template_hash(set.spec.pod_template));
  const int32_t start = set.spec.ordinals ? set.spec.ordinals->start : 0;
  std::vector<api::Pod> pods;
  for (int32_t i = 0; i < set.spec.replicas.value_or(1); ++i) {
    const std::string name = base::concat(set.metadata.name, "-", start + i);
    api::Pod pod = maker.make(set.spec.pod_template, name);
    pod.metadata.generate_name = set.metadata.name + "-";
    pod.metadata.labels["controller-revision-hash"] = revision;
    pod.metadata.labels["statefulset.kubernetes.io/pod-name"] = name;
    pod.metadata.labels["apps.kubernetes.io/pod-index"] = base::concat(start + i);
    pod.spec.hostname = name;
    pod.spec.subdomain = set.spec.service_name;
    pods.push_back(std::move(pod));
  }
  return pods;
}

std::vector<api::Pod> make_pods(const api::Pod& pod, const PodMaker& maker) {
  api::Pod made = pod;
  if (made.metadata.uid.empty()) made.metadata.uid = maker.uid();
  return {made};
}

// Those that come with time, and those that run nothing.
std::vector<api::Pod> make_pods(const auto& /*other*/, const PodMaker& /*maker*/) { return {}; }

// The variable by which a container of an Indexed job knows its index.
void add_index_variable(std::vector<api::Container>& containers) {
  constexpr std::string_view kName = "JOB_COMPLETION_INDEX";
  for (api::Container& container : containers) {
    bool is_set = false;
    for (const api::EnvVar& variable : container.env) is_set = is_set || variable.name == kName;
    if (is_set) continue;
    api::EnvVar& variable = container.env.emplace_back();
    variable.name = kName;
    variable.value_from.emplace().field_ref.emplace().field_path =
        base::concat("metadata.annotations['", kCompletionIndex, "']");
  }
}

}  // namespace

std::string object_uid(std::string_view instance, const api::Object& object) {
  return uid_of(api::type_of(object), api::metadata(object), instance);
}

std::vector<api::Pod> pods_of(const api::Object& object, std::string_view instance) {
  const PodMaker maker(api::type_of(object), api::metadata(object), instance);
  return std::visit([&](const auto& any) { return make_pods(any, maker); }, object);
}

api::Pod pod_of_job(const api::Job& job, const JobPodRequest& request, std::string_view instance) {
  const PodMaker maker(api::type_of<api::Job>(), job.metadata, instance);
  const std::string& name = job.metadata.name;
  const std::string base = request.index ? base::concat(name, "-", *request.index, "-") : name + "-";
  api::Pod pod = maker.make_generated(job.spec.pod_template, base, request.number);
  std::map<std::string, std::string>& labels = pod.metadata.labels;
  for (const char* key : {"batch.kubernetes.io/controller-uid", "controller-uid"}) labels[key] = maker.uid();
  for (const char* key : {"batch.kubernetes.io/job-name", "job-name"}) labels[key] = name;
  if (!request.index) return pod;
  const std::string index = base::concat(*request.index);
  labels[std::string(kCompletionIndex)] = index;
  pod.metadata.annotations[std::string(kCompletionIndex)] = index;
  if (job.spec.backoff_limit_per_index)
    pod.metadata.annotations[std::string(kIndexFailures)] = base::concat(request.failures);
  if (job.spec.backoff_limit_per_index && request.ignored_failures > 0)
    pod.metadata.annotations[std::string(kIndexIgnored)] = base::concat(request.ignored_failures);
  pod.spec.hostname = base::concat(name, "-", index);
  add_index_variable(pod.spec.init_containers);
  add_index_variable(pod.spec.containers);
  return pod;
}

std::optional<int32_t> index_of(const api::Pod& pod) {
  const auto found = pod.metadata.annotations.find(std::string(kCompletionIndex));
  if (found == pod.metadata.annotations.end()) return std::nullopt;
  int32_t index = 0;
  const auto [end, error] = std::from_chars(found->second.data(), found->second.data() + found->second.size(), index);
  if (error != std::errc()) return std::nullopt;
  return index;
}

api::Job job_of(const api::CronJob& cron_job, base::WallTime scheduled, const std::string& stamp,
                std::string_view instance) {
  const api::Type& type = api::type_of<api::CronJob>();
  const int64_t minute = std::chrono::floor<std::chrono::minutes>(scheduled.time_since_epoch()).count();
  api::Job job = api::job_of(cron_job.spec.job_template);
  job.metadata.name = base::concat(cron_job.metadata.name, "-", minute);
  job.metadata.namespace_ = cron_job.metadata.namespace_;
  job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] = stamp;
  job.metadata.owner_references = {reference_to(type, cron_job.metadata, uid_of(type, cron_job.metadata, instance))};
  return job;
}

const api::OwnerReference* controller_of(const api::ObjectMeta& metadata) {
  for (const api::OwnerReference& owner : metadata.owner_references)
    if (owner.controller == true) return &owner;
  return nullptr;
}

}  // namespace agent::workloads
