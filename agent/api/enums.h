// How each enumeration is spelled: the one table that decodes, encodes and lists the supported values in messages.
#pragma once

#include <array>
#include <concepts>
#include <span>
#include <string_view>
#include <type_traits>

#include "agent/api/event.h"
#include "agent/api/pod_spec.h"
#include "agent/api/pod_status.h"

namespace api {

template <typename E>
struct EnumName {
  std::string_view text;
  E value;
};

// EnumNames<E>::values; and ::later, values that Kubernetes knows and this version does not carry out.
template <typename E>
struct EnumNames;

template <typename E>
concept Enumeration = std::is_enum_v<E> && requires { EnumNames<E>::values; };

template <typename E, size_t N>
using EnumTable = std::array<EnumName<E>, N>;
using NoneLater = std::array<std::string_view, 0>;

template <>
struct EnumNames<RestartPolicy> {
  static constexpr EnumTable<RestartPolicy, 3> values{
      {{"Always", RestartPolicy::kAlways}, {"Never", RestartPolicy::kNever}, {"OnFailure", RestartPolicy::kOnFailure}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<PullPolicy> {
  static constexpr EnumTable<PullPolicy, 3> values{
      {{"Always", PullPolicy::kAlways}, {"IfNotPresent", PullPolicy::kIfNotPresent}, {"Never", PullPolicy::kNever}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<DnsPolicy> {
  static constexpr EnumTable<DnsPolicy, 4> values{{{"ClusterFirst", DnsPolicy::kClusterFirst},
                                                   {"ClusterFirstWithHostNet", DnsPolicy::kClusterFirstWithHostNet},
                                                   {"Default", DnsPolicy::kDefault},
                                                   {"None", DnsPolicy::kNone}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<SeccompProfileType> {
  static constexpr EnumTable<SeccompProfileType, 2> values{
      {{"RuntimeDefault", SeccompProfileType::kRuntimeDefault}, {"Unconfined", SeccompProfileType::kUnconfined}}};
  static constexpr std::array<std::string_view, 1> later{"Localhost"};
};

template <>
struct EnumNames<SupplementalGroupsPolicy> {
  static constexpr EnumTable<SupplementalGroupsPolicy, 2> values{
      {{"Merge", SupplementalGroupsPolicy::kMerge}, {"Strict", SupplementalGroupsPolicy::kStrict}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<Protocol> {
  static constexpr EnumTable<Protocol, 3> values{
      {{"SCTP", Protocol::kSctp}, {"TCP", Protocol::kTcp}, {"UDP", Protocol::kUdp}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<StorageMedium> {
  static constexpr EnumTable<StorageMedium, 2> values{
      {{"", StorageMedium::kDefault}, {"Memory", StorageMedium::kMemory}}};
  static constexpr std::array<std::string_view, 3> later{"HugePages", "HugePages-2Mi", "HugePages-1Gi"};
};

template <>
struct EnumNames<HostPathType> {
  static constexpr EnumTable<HostPathType, 8> values{{{"", HostPathType::kUnset},
                                                      {"BlockDevice", HostPathType::kBlockDevice},
                                                      {"CharDevice", HostPathType::kCharDevice},
                                                      {"Directory", HostPathType::kDirectory},
                                                      {"DirectoryOrCreate", HostPathType::kDirectoryOrCreate},
                                                      {"File", HostPathType::kFile},
                                                      {"FileOrCreate", HostPathType::kFileOrCreate},
                                                      {"Socket", HostPathType::kSocket}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<PodPhase> {
  static constexpr EnumTable<PodPhase, 5> values{{{"Failed", PodPhase::kFailed},
                                                  {"Pending", PodPhase::kPending},
                                                  {"Running", PodPhase::kRunning},
                                                  {"Succeeded", PodPhase::kSucceeded},
                                                  {"Unknown", PodPhase::kUnknown}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<ConditionStatus> {
  static constexpr EnumTable<ConditionStatus, 3> values{
      {{"False", ConditionStatus::kFalse}, {"True", ConditionStatus::kTrue}, {"Unknown", ConditionStatus::kUnknown}}};
  static constexpr NoneLater later{};
};

template <>
struct EnumNames<EventType> {
  static constexpr EnumTable<EventType, 2> values{{{"Normal", EventType::kNormal}, {"Warning", EventType::kWarning}}};
  static constexpr NoneLater later{};
};

template <Enumeration E>
constexpr std::string_view enum_text(E value) {
  for (const EnumName<E>& name : EnumNames<E>::values)
    if (name.value == value) return name.text;
  return "?";
}

}  // namespace api
