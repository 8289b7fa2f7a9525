// What a kind or one of its fields means, as text for people: the descriptions of schema.h laid out as kubectl explain
// lays out its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace api {

enum class ExplainFields : uint8_t {
  kMeanings,  // the fields of the object itself, with what they mean
  kTree       // names and types of all fields below it
};

// path: a kind (in any case, also in the plural or by its short name), then fields, joined by ".":
// "pod.spec.containers.livenessProbe", "po". It leads through lists and maps; what stands in brackets is passed over,
// so that the paths of faults can be used. kNotFound names the part that there is not, and the nearest name.
base::Result<std::string> explain(std::string_view path, ExplainFields fields);

// The kind that people call so: "Deployment" for "deploy", "deployments" or "deployment", in any case. Empty: none.
std::string_view kind_called(std::string_view name);

}  // namespace api
