#include "agent/api/schema.h"

#include "base/concat.h"

namespace api {

const Field* Type::find(std::string_view field) const {
  for (const Field& candidate : fields)
    if (candidate.name == field) return &candidate;
  return nullptr;
}

std::string type_name(const Type& type) {
  switch (type.shape) {
    case Shape::kString:
    case Shape::kBytes:
      return "string";
    case Shape::kBool:
      return "boolean";
    case Shape::kInt32:
    case Shape::kInt64:
      return "integer";
    case Shape::kQuantity:
      return "Quantity";
    case Shape::kTime:
      return "Time";
    case Shape::kIntOrString:
      return "IntOrString";
    case Shape::kRaw:
      return "Object";
    case Shape::kEnum:
    case Shape::kObject:
      return std::string(type.name);
    case Shape::kOptional:
      return type_name(type.element());
    case Shape::kList:
      return "[]" + type_name(type.element());
    case Shape::kMap:
      return "map[string]" + type_name(type.element());
  }
  return {};
}

}  // namespace api
