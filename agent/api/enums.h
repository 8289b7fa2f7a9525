// The values that fields take from a fixed list, with the texts that stand for them in files and messages. A field that
// need not be said and has no default is an std::optional of these.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace api {

template <typename E>
concept Enumeration = std::is_enum_v<E>;

struct EnumName {
  std::string_view text;
  int value = 0;
};

// kName: the type's name in Kubernetes; kValues: the texts in the order of the enumerators, from 0.
template <typename E>
struct EnumNames;

template <Enumeration E>
constexpr std::string_view to_string(E value) {
  for (const EnumName& name : EnumNames<E>::kValues)
    if (name.value == static_cast<int>(value)) return name.text;
  return "?";
}

template <size_t N>
constexpr std::array<EnumName, N> enum_names(const std::string_view (&texts)[N]) {
  std::array<EnumName, N> names;
  for (size_t i = 0; i < N; ++i) names[i] = {texts[i], static_cast<int>(i)};
  return names;
}

// When a container that ended is started again.
enum class RestartPolicy : uint8_t { kAlways, kOnFailure, kNever };
template <>
struct EnumNames<RestartPolicy> {
  static constexpr std::string_view kName = "RestartPolicy";
  static constexpr auto kValues = enum_names({"Always", "OnFailure", "Never"});
};

// When an image is looked for in its registry.
enum class PullPolicy : uint8_t { kAlways, kIfNotPresent, kNever };
template <>
struct EnumNames<PullPolicy> {
  static constexpr std::string_view kName = "PullPolicy";
  static constexpr auto kValues = enum_names({"Always", "IfNotPresent", "Never"});
};

// Where resolv.conf comes from.
enum class DnsPolicy : uint8_t { kClusterFirst, kClusterFirstWithHostNet, kDefault, kNone };
template <>
struct EnumNames<DnsPolicy> {
  static constexpr std::string_view kName = "DNSPolicy";
  static constexpr auto kValues = enum_names({"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"});
};

enum class SeccompProfileType : uint8_t { kUnset, kRuntimeDefault, kUnconfined, kLocalhost };
template <>
struct EnumNames<SeccompProfileType> {
  static constexpr std::string_view kName = "SeccompProfileType";
  static constexpr auto kValues = enum_names({"", "RuntimeDefault", "Unconfined", "Localhost"});
};

enum class AppArmorProfileType : uint8_t { kUnset, kRuntimeDefault, kUnconfined, kLocalhost };
template <>
struct EnumNames<AppArmorProfileType> {
  static constexpr std::string_view kName = "AppArmorProfileType";
  static constexpr auto kValues = enum_names({"", "RuntimeDefault", "Unconfined", "Localhost"});
};

// Whether the groups that the image gives its user count.
enum class SupplementalGroupsPolicy : uint8_t { kMerge, kStrict };
template <>
struct EnumNames<SupplementalGroupsPolicy> {
  static constexpr std::string_view kName = "SupplementalGroupsPolicy";
  static constexpr auto kValues = enum_names({"Merge", "Strict"});
};

// When a volume's files are given to fsGroup.
enum class FsGroupChangePolicy : uint8_t { kOnRootMismatch, kAlways };
template <>
struct EnumNames<FsGroupChangePolicy> {
  static constexpr std::string_view kName = "PodFSGroupChangePolicy";
  static constexpr auto kValues = enum_names({"OnRootMismatch", "Always"});
};

enum class SeLinuxChangePolicy : uint8_t { kRecursive, kMountOption };
template <>
struct EnumNames<SeLinuxChangePolicy> {
  static constexpr std::string_view kName = "PodSELinuxChangePolicy";
  static constexpr auto kValues = enum_names({"Recursive", "MountOption"});
};

enum class Protocol : uint8_t { kTcp, kUdp, kSctp };
template <>
struct EnumNames<Protocol> {
  static constexpr std::string_view kName = "Protocol";
  static constexpr auto kValues = enum_names({"TCP", "UDP", "SCTP"});
};

// What must be at the path, or is made there; unset: no check.
enum class HostPathType : uint8_t {
  kUnset,
  kDirectoryOrCreate,
  kDirectory,
  kFileOrCreate,
  kFile,
  kSocket,
  kCharDevice,
  kBlockDevice
};
template <>
struct EnumNames<HostPathType> {
  static constexpr std::string_view kName = "HostPathType";
  static constexpr auto kValues =
      enum_names({"", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"});
};

enum class ProcMount : uint8_t { kDefault, kUnmasked };
template <>
struct EnumNames<ProcMount> {
  static constexpr std::string_view kName = "ProcMountType";
  static constexpr auto kValues = enum_names({"Default", "Unmasked"});
};

enum class MountPropagation : uint8_t { kNone, kHostToContainer, kBidirectional };
template <>
struct EnumNames<MountPropagation> {
  static constexpr std::string_view kName = "MountPropagationMode";
  static constexpr auto kValues = enum_names({"None", "HostToContainer", "Bidirectional"});
};

enum class RecursiveReadOnly : uint8_t { kDisabled, kIfPossible, kEnabled };
template <>
struct EnumNames<RecursiveReadOnly> {
  static constexpr std::string_view kName = "RecursiveReadOnlyMode";
  static constexpr auto kValues = enum_names({"Disabled", "IfPossible", "Enabled"});
};

enum class TerminationMessagePolicy : uint8_t { kFile, kFallbackToLogsOnError };
template <>
struct EnumNames<TerminationMessagePolicy> {
  static constexpr std::string_view kName = "TerminationMessagePolicy";
  static constexpr auto kValues = enum_names({"File", "FallbackToLogsOnError"});
};

enum class UriScheme : uint8_t { kHttp, kHttps };
template <>
struct EnumNames<UriScheme> {
  static constexpr std::string_view kName = "URIScheme";
  static constexpr auto kValues = enum_names({"HTTP", "HTTPS"});
};

enum class PreemptionPolicy : uint8_t { kPreemptLowerPriority, kNever };
template <>
struct EnumNames<PreemptionPolicy> {
  static constexpr std::string_view kName = "PreemptionPolicy";
  static constexpr auto kValues = enum_names({"PreemptLowerPriority", "Never"});
};

enum class ResizeRestartPolicy : uint8_t { kNotRequired, kRestartContainer };
template <>
struct EnumNames<ResizeRestartPolicy> {
  static constexpr std::string_view kName = "ResourceResizeRestartPolicy";
  static constexpr auto kValues = enum_names({"NotRequired", "RestartContainer"});
};

enum class RestartRuleAction : uint8_t { kRestart, kRestartAllContainers };
template <>
struct EnumNames<RestartRuleAction> {
  static constexpr std::string_view kName = "ContainerRestartRuleAction";
  static constexpr auto kValues = enum_names({"Restart", "RestartAllContainers"});
};

enum class ExitCodesOperator : uint8_t { kIn, kNotIn };
template <>
struct EnumNames<ExitCodesOperator> {
  static constexpr std::string_view kName = "ContainerRestartRuleOnExitCodesOperator";
  static constexpr auto kValues = enum_names({"In", "NotIn"});
};

enum class TaintEffect : uint8_t { kNoSchedule, kPreferNoSchedule, kNoExecute };
template <>
struct EnumNames<TaintEffect> {
  static constexpr std::string_view kName = "TaintEffect";
  static constexpr auto kValues = enum_names({"NoSchedule", "PreferNoSchedule", "NoExecute"});
};

enum class TolerationOperator : uint8_t { kEqual, kExists, kLt, kGt };
template <>
struct EnumNames<TolerationOperator> {
  static constexpr std::string_view kName = "TolerationOperator";
  static constexpr auto kValues = enum_names({"Equal", "Exists", "Lt", "Gt"});
};

enum class UnsatisfiableConstraintAction : uint8_t { kDoNotSchedule, kScheduleAnyway };
template <>
struct EnumNames<UnsatisfiableConstraintAction> {
  static constexpr std::string_view kName = "UnsatisfiableConstraintAction";
  static constexpr auto kValues = enum_names({"DoNotSchedule", "ScheduleAnyway"});
};

enum class NodeInclusionPolicy : uint8_t { kIgnore, kHonor };
template <>
struct EnumNames<NodeInclusionPolicy> {
  static constexpr std::string_view kName = "NodeInclusionPolicy";
  static constexpr auto kValues = enum_names({"Ignore", "Honor"});
};

enum class PersistentVolumeMode : uint8_t { kFilesystem, kBlock };
template <>
struct EnumNames<PersistentVolumeMode> {
  static constexpr std::string_view kName = "PersistentVolumeMode";
  static constexpr auto kValues = enum_names({"Filesystem", "Block"});
};

enum class ReclaimPolicy : uint8_t { kRetain, kDelete, kRecycle };
template <>
struct EnumNames<ReclaimPolicy> {
  static constexpr std::string_view kName = "PersistentVolumeReclaimPolicy";
  static constexpr auto kValues = enum_names({"Retain", "Delete", "Recycle"});
};

enum class PodPhase : uint8_t { kPending, kRunning, kSucceeded, kFailed, kUnknown };
template <>
struct EnumNames<PodPhase> {
  static constexpr std::string_view kName = "PodPhase";
  static constexpr auto kValues = enum_names({"Pending", "Running", "Succeeded", "Failed", "Unknown"});
};

enum class ConditionStatus : uint8_t { kTrue, kFalse, kUnknown };
template <>
struct EnumNames<ConditionStatus> {
  static constexpr std::string_view kName = "ConditionStatus";
  static constexpr auto kValues = enum_names({"True", "False", "Unknown"});
};

enum class EventType : uint8_t { kNormal, kWarning };
template <>
struct EnumNames<EventType> {
  static constexpr std::string_view kName = "EventType";
  static constexpr auto kValues = enum_names({"Normal", "Warning"});
};

}  // namespace api
