#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

// What the class stands for; nothing where only the cluster knows.
std::optional<int32_t> priority_of(std::string_view class_name) {
  constexpr int32_t kSystem = 2'000'000'000;
  constexpr int32_t kNode = kSystem + 1000;
  if (class_name.empty()) return 0;
  if (class_name == "system-cluster-critical") return kSystem;
  if (class_name == "system-node-critical") return kNode;
  return std::nullopt;
}

}  // namespace

void validate_admission(const Pod& pod, FaultList& faults) {
  const PodSpec& spec = pod.spec;
  const FieldPath path("spec");
  const std::optional<int32_t> priority = priority_of(spec.priority_class_name);
  const auto refuse = [&](std::string_view field, std::string_view what, std::string_view said,
                          std::string_view computed) {
    faults.forbidden(path / field,
                     base::concat("the ", what, " (", said,
                                  ") must not be provided in pod spec; priority admission controller computed ",
                                  computed, " from the given PriorityClass name"));
  };
  if (priority && spec.priority && spec.priority != priority)
    refuse("priority", "integer value of priority", std::to_string(*spec.priority), std::to_string(*priority));
  if (priority && spec.preemption_policy == PreemptionPolicy::kNever)
    refuse("preemptionPolicy", "string value of PreemptionPolicy", "Never", "PreemptLowerPriority");
  if (!spec.overhead.empty() && !spec.runtime_class_name)
    faults.forbidden(path / "overhead",
                     "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
}

}  // namespace api
