// The one description of every API type, at run time: what reads, writes, explains and checks objects walks it.
//
// A type is described once, in the describe_*.cc file of its header:
//
//   template <>
//   const Type& Describe<HostPath>::type() {
//     static constexpr auto kFields = std::to_array<Field>({
//         required<&HostPath::path>("path", "Absolute path on the node."),
//         optional<&HostPath::type>("type", "What must be there before the mount."),
//     });
//     static constexpr Type kType =
//         object_type<HostPath>("HostPathVolumeSource", "A file or folder of the node itself.", kFields);
//     return kType;
//   }
//
// with the descriptions of what it is made of above it.
//
// What a member holds says how the field behaves, as Go's types do in Kubernetes:
//   a plain value          0, "" and false mean "not said": the member then keeps its initial value, the default
//   std::optional, Boxed   what was said is kept, also 0 and {}; the initial value is the default again
//   std::vector, std::map  an empty one means "not said"; a SaidList knows whether "[]" was
//   another object         always written, also as {}
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agent/api/boxed.h"
#include "agent/api/enums.h"
#include "agent/api/meta.h"
#include "agent/api/quantity.h"

namespace api {

enum class Shape : uint8_t {
  kString,
  kBool,
  kInt32,
  kInt64,
  kQuantity,
  kTime,
  kIntOrString,
  kBytes,  // base64 in the text
  kRaw,    // any JSON, kept as text
  kEnum,
  kOptional,  // of element()
  kList,      // of element()
  kMap,       // of element(), by string
  kObject     // of fields
};

// How far nodeagent carries a field out.
enum class Support : uint8_t {
  kCarriedOut,
  kLater,      // known and checked, but a pod that sets it is refused by name
  kScheduler,  // for a scheduler; a node has nothing to do for it
  kCluster     // for controllers and the apiserver; a node has nothing to do for it
};

struct Type;
using TypeGetter = const Type& (*)();

// What the apiserver names in a fault of an enumeration's value: the field itself, the object that has it ("strategy"
// of "strategy.type"), or, where the field is of a list's item, the field without the item's index
// ("volumeMounts.mountPropagation"), or the list alone.
enum class FaultPlace : uint8_t { kField, kParent, kFieldOfList, kList };
// What it calls a value that is none of an enumeration's.
enum class FaultKind : uint8_t { kUnsupported, kInvalid };

struct Field {
  std::string_view name;     // in JSON and YAML
  std::string_view meaning;  // one or two sentences
  TypeGetter type = nullptr;
  void* (*member)(void* object) = nullptr;
  bool is_required = false;
  bool omit_empty = false;  // an object that is left out while it holds nothing
  Support support = Support::kCarriedOut;
  std::string_view harmless;  // the value of a kLater field that asks for nothing
  std::string_view refused;   // what a kCarriedOut field must not ask for until a later version: for people
  bool empty_is_value =
      false;  // an enumeration that Kubernetes has as a pointer: "" was said, and is none of its values
  bool empty_is_missing = false;  // so it is, but "" is told as a value that is required
  FaultPlace fault_place = FaultPlace::kField;
  FaultKind fault_kind = FaultKind::kUnsupported;
  std::span<const std::string_view> supported;  // as the apiserver lists them; empty: all, in the alphabet's order

  constexpr Field later(std::string_view harmless_value = {}) const {
    Field field = with(Support::kLater);
    field.harmless = harmless_value;
    return field;
  }
  constexpr Field with(Support how) const {
    Field field = *this;
    field.support = how;
    return field;
  }
  constexpr Field but_not(std::string_view what) const {
    Field field = *this;
    field.refused = what;
    return field;
  }
  constexpr Field pointer(FaultPlace place = FaultPlace::kField) const {
    Field field = told_at(place);
    field.empty_is_value = true;
    return field;
  }
  constexpr Field pointer_or_missing() const {
    Field field = pointer();
    field.empty_is_missing = true;
    return field;
  }
  constexpr Field told_at(FaultPlace place) const {
    Field field = *this;
    field.fault_place = place;
    return field;
  }
  constexpr Field told_as(FaultKind kind) const {
    Field field = *this;
    field.fault_kind = kind;
    return field;
  }
  constexpr Field listed(std::span<const std::string_view> texts) const {
    Field field = *this;
    field.supported = texts;
    return field;
  }
  constexpr Field omitted_when_empty() const {
    Field field = *this;
    field.omit_empty = true;
    return field;
  }

  const void* of(const void* object) const { return member(const_cast<void*>(object)); }  // NOLINT
};

// Operations on values of a type, by shape; the others are null. Pointers are to values of that type.
struct Operations {
  // kOptional
  void* (*emplace)(void* optional) = nullptr;          // a fresh element
  const void* (*get)(const void* optional) = nullptr;  // null while empty
  void (*reset)(void* optional) = nullptr;
  // kList
  void (*reserve)(void* list, size_t size) = nullptr;  // comes before the first append(), also for "[]"
  void* (*append)(void* list) = nullptr;
  const void* (*at)(const void* list, size_t index) = nullptr;
  size_t (*size)(const void* list) = nullptr;  // also kMap
  // kMap
  void* (*insert)(void* map, const std::string& key) = nullptr;
  void (*each)(const void* map, void (*visit)(void* context, const std::string& key, const void* value),
               void* context) = nullptr;
  // kEnum
  int (*enum_get)(const void* value) = nullptr;
  void (*enum_set)(void* value, int number) = nullptr;
};

struct Type {
  Shape shape = Shape::kString;
  std::string_view name;     // kObject and kEnum: "PodSpec"
  std::string_view meaning;  // kObject
  std::span<const Field> fields;
  std::string_view api_version;  // of a kind that stands alone: "v1", "apps/v1"
  std::span<const EnumName> enum_names;
  TypeGetter element = nullptr;
  Operations operations;
  std::shared_ptr<void> (*make)() = nullptr;  // a default value
  size_t size = 0;                            // of a value, in bytes, without what it holds elsewhere

  const Field* find(std::string_view field) const;
};

// The description of an object; specialised for every one of them.
template <typename T>
struct Describe {
  static const Type& type();
};

// "[]Container", "map[string]Quantity", "integer": as kubectl explain has it.
std::string type_name(const Type& type);

// --- how descriptions are made ---

namespace schema {

template <auto Member>
struct MemberOf;
template <typename Holder, typename Value, Value Holder::* Member>
struct MemberOf<Member> {
  using Object = Holder;
  using ValueType = Value;
};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsOptional<Boxed<T>> : std::true_type {};
template <typename T>
struct IsList : std::false_type {};
template <typename T>
struct IsList<std::vector<T>> : std::true_type {};
template <typename T>
struct IsList<SaidList<T>> : std::true_type {};
template <typename T>
struct IsMap : std::false_type {};
template <typename T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <typename T>
std::shared_ptr<void> make() {
  return std::make_shared<T>();
}

template <typename T>
constexpr std::optional<Shape> scalar_shape() {
  if constexpr (std::same_as<T, std::string>) return Shape::kString;
  if constexpr (std::same_as<T, bool>) return Shape::kBool;
  if constexpr (std::same_as<T, int32_t>) return Shape::kInt32;
  if constexpr (std::same_as<T, int64_t>) return Shape::kInt64;
  if constexpr (std::same_as<T, Quantity>) return Shape::kQuantity;
  if constexpr (std::same_as<T, Time>) return Shape::kTime;
  if constexpr (std::same_as<T, IntOrString>) return Shape::kIntOrString;
  if constexpr (std::same_as<T, Bytes>) return Shape::kBytes;
  if constexpr (std::same_as<T, RawJson>) return Shape::kRaw;
  return std::nullopt;
}

template <typename T>
constexpr Operations optional_operations() {
  return {.emplace = [](void* optional) -> void* { return &static_cast<T*>(optional)->emplace(); },
          .get = [](const void* optional) -> const void* {
            const T& value = *static_cast<const T*>(optional);
            return value.has_value() ? &*value : nullptr;
          },
          .reset = [](void* optional) { static_cast<T*>(optional)->reset(); }};
}

template <typename T>
constexpr Operations list_operations() {
  return {.reserve =
              [](void* list, size_t size) {
                static_cast<T*>(list)->reserve(size);
                if constexpr (requires(T any) { any.is_said; }) static_cast<T*>(list)->is_said = true;
              },
          .append = [](void* list) -> void* { return &static_cast<T*>(list)->emplace_back(); },
          .at = [](const void* list, size_t index) -> const void* { return &(*static_cast<const T*>(list))[index]; },
          .size = [](const void* list) { return static_cast<const T*>(list)->size(); }};
}

template <typename T>
constexpr Operations map_operations() {
  return {.size = [](const void* map) { return static_cast<const T*>(map)->size(); },
          .insert = [](void* map, const std::string& key) -> void* { return &(*static_cast<T*>(map))[key]; },
          .each =
              [](const void* map, void (*visit)(void*, const std::string&, const void*), void* context) {
                for (const auto& [key, value] : *static_cast<const T*>(map)) visit(context, key, &value);
              }};
}

template <typename T>
constexpr Operations enum_operations() {
  return {.enum_get = [](const void* value) { return static_cast<int>(*static_cast<const T*>(value)); },
          .enum_set = [](void* value, int number) { *static_cast<T*>(value) = static_cast<T>(number); }};
}

}  // namespace schema

// The description of any type; all but objects are described by what they are made of.
template <typename T>
const Type& type_of() {
  using namespace schema;
  if constexpr (scalar_shape<T>().has_value()) {
    static constexpr Type kType{.shape = *scalar_shape<T>(), .make = make<T>, .size = sizeof(T)};
    return kType;
  } else if constexpr (Enumeration<T>) {
    static constexpr Type kType{.shape = Shape::kEnum,
                                .name = EnumNames<T>::kName,
                                .enum_names = EnumNames<T>::kValues,
                                .operations = enum_operations<T>(),
                                .make = make<T>,
                                .size = sizeof(T)};
    return kType;
  } else if constexpr (IsOptional<T>::value) {
    static constexpr Type kType{.shape = Shape::kOptional,
                                .element = type_of<typename T::value_type>,
                                .operations = optional_operations<T>(),
                                .make = make<T>,
                                .size = sizeof(T)};
    return kType;
  } else if constexpr (IsList<T>::value) {
    static constexpr Type kType{.shape = Shape::kList,
                                .element = type_of<typename T::value_type>,
                                .operations = list_operations<T>(),
                                .make = make<T>,
                                .size = sizeof(T)};
    return kType;
  } else if constexpr (IsMap<T>::value) {
    static constexpr Type kType{.shape = Shape::kMap,
                                .element = type_of<typename T::mapped_type>,
                                .operations = map_operations<T>(),
                                .make = make<T>,
                                .size = sizeof(T)};
    return kType;
  } else {
    return Describe<T>::type();
  }
}

// Object: where it is not the class that declares the member but one that derives from it.
template <auto Member, typename Object = typename schema::MemberOf<Member>::Object>
constexpr Field optional(std::string_view name, std::string_view meaning) {
  return {.name = name,
          .meaning = meaning,
          .type = type_of<typename schema::MemberOf<Member>::ValueType>,
          .member = [](void* object) -> void* { return &(static_cast<Object*>(object)->*Member); }};
}

template <auto Member, typename Object = typename schema::MemberOf<Member>::Object>
constexpr Field required(std::string_view name, std::string_view meaning) {
  Field field = optional<Member, Object>(name, meaning);
  field.is_required = true;
  return field;
}

template <typename T>
constexpr Type object_type(std::string_view name, std::string_view meaning, std::span<const Field> fields,
                           std::string_view api_version = {}) {
  return {.shape = Shape::kObject,
          .name = name,
          .meaning = meaning,
          .fields = fields,
          .api_version = api_version,
          .make = schema::make<T>,
          .size = sizeof(T)};
}

}  // namespace api
