// What every Kubernetes object carries (meta/v1), and the small value types that fields are made of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace api {

// metav1.Time: whole seconds when written.
using Time = base::WallTime;

// A number of a port or an amount, or a name or percentage: 80, "http", "25%".
struct IntOrString {
  bool is_string = false;
  int32_t number = 0;
  std::string text;

  static IntOrString of(int32_t number) { return {.number = number}; }
  static IntOrString of(std::string text) { return {.is_string = true, .text = std::move(text)}; }
  bool operator==(const IntOrString&) const = default;
};

// Bytes that a document holds as base64.
struct Bytes {
  std::string raw;
  bool operator==(const Bytes&) const = default;
};

// A list of which "[]" is not the same as nothing.
template <typename T>
struct SaidList : std::vector<T> {
  using std::vector<T>::vector;
  bool is_said = false;
};

// Any JSON value, kept as its text.
struct RawJson {
  std::string text = "null";
  bool operator==(const RawJson&) const = default;
};

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  std::optional<bool> controller;
  std::optional<bool> block_owner_deletion;
  bool operator==(const OwnerReference&) const = default;
};

struct ManagedFieldsEntry {
  std::string manager;
  std::string operation;
  std::string api_version;
  std::optional<Time> time;
  std::string fields_type;
  std::optional<RawJson> fields_v1;
  std::string subresource;
  bool operator==(const ManagedFieldsEntry&) const = default;
};

struct ObjectMeta {
  std::string name;
  std::string generate_name;
  std::string namespace_;
  std::string self_link;
  std::string uid;  // empty: the source has not given one yet
  std::string resource_version;
  int64_t generation = 0;
  std::optional<Time> creation_timestamp;
  std::optional<Time> deletion_timestamp;
  std::optional<int64_t> deletion_grace_period_seconds;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<OwnerReference> owner_references;
  std::vector<std::string> finalizers;
  std::vector<ManagedFieldsEntry> managed_fields;

  bool operator==(const ObjectMeta&) const = default;
};

struct LabelSelectorRequirement {
  std::string key;
  std::string operator_;  // In, NotIn, Exists, DoesNotExist
  std::vector<std::string> values;
  bool operator==(const LabelSelectorRequirement&) const = default;
};

struct LabelSelector {  // all of it must hold; an empty one selects everything
  std::map<std::string, std::string> match_labels;
  std::vector<LabelSelectorRequirement> match_expressions;
  bool operator==(const LabelSelector&) const = default;
};

}  // namespace api
