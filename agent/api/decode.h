// A document's tree to a described object, and back. Internal to agent/api; codec.h has what others call.
#pragma once

#include "agent/api/document.h"
#include "agent/api/faults.h"
#include "agent/api/schema.h"

namespace api {

// A field that the description does not have, kept from an object of a newer apiserver.
struct UnknownField {
  std::string path;  // "spec.containers[0].newField"
  Node value;
};

// Fills the object (of this type) from a map node. Every field of the wrong type becomes a fault, and so does an
// unknown one unless there is a place to keep it; which fields must be there, validation says. The apiVersion and kind
// of a type that stands alone are the caller's business and skipped. `room`, where it is given, is how many bytes what
// is read may take beyond the object itself, and is reduced by them: the smallest item of a text, "{}", can be the
// largest of an object.
void decode(const Node& node, const std::string& path, const Type& type, void* object, FaultList& faults,
            std::vector<UnknownField>* unknown = nullptr, size_t* room = nullptr);

template <typename T>
void decode(const Node& node, const std::string& path, T& object, FaultList& faults) {
  decode(node, path, type_of<T>(), &object, faults);
}

// What is written of an object, fields in the order of its description; those that say nothing are left out. A type
// that stands alone begins with apiVersion and kind.
Node encode(const Type& type, const void* value);

template <typename T>
Node encode(const T& object) {
  return encode(type_of<T>(), &object);
}

// Puts unknown fields back to where they were read.
void restore(Node& root, const std::vector<UnknownField>& unknown);

// Whether a value says nothing: what would be left out of a document.
bool says_nothing(const Type& type, const void* value);

// "2026-11-22T09:50:16Z" with any fraction and offset; nothing when it is not RFC 3339 as Go reads it. Years before
// 1678 and after 2261 are read as the first and the last of these.
std::optional<Time> parse_time(std::string_view text);

}  // namespace api
