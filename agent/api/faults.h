// Faults while they are collected: in the wording of the apiserver, so that what people know from kubectl reads the
// same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/codec.h"
#include "base/concat.h"

namespace api {

// More than these help nobody; a hostile file could have hundreds of thousands.
constexpr size_t kMaxFaults = 100;

constexpr std::string_view kNotCarriedOut = "known to Kubernetes but not carried out by this version of nodeagent";

// The name of a field from the top of its object: FieldPath("spec") / "containers" [0] / "name", or of a map's entry:
// path.key("app").
class FieldPath {
 public:
  FieldPath() = default;
  explicit FieldPath(std::string text) : text_(std::move(text)) {}

  FieldPath operator/(std::string_view field) const {
    return FieldPath(text_.empty() ? std::string(field) : base::concat(text_, ".", field));
  }
  FieldPath operator[](size_t index) const { return FieldPath(base::concat(text_, "[", index, "]")); }
  FieldPath key(std::string_view key) const { return FieldPath(base::concat(text_, "[", key, "]")); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class FaultList {
 public:
  void add(std::string path, std::string message, int line, int column);
  void add(const FieldPath& path, std::string message) { add(path.text(), std::move(message), 0, 0); }

  // The apiserver's kinds of faults.
  void required(const FieldPath& path, std::string_view detail = {});
  void invalid(const FieldPath& path, std::string_view value, std::string_view detail);  // value is put in quotes
  void invalid(const FieldPath& path, int64_t value, std::string_view detail);
  void unsupported(const FieldPath& path, std::string_view value, const std::vector<std::string_view>& supported);
  void duplicate(const FieldPath& path, std::string_view value);
  void not_found(const FieldPath& path, std::string_view value);
  void forbidden(const FieldPath& path, std::string_view detail);
  void too_long(const FieldPath& path, size_t max_bytes);
  void too_many(const FieldPath& path, size_t count, size_t max_items);
  // Ours.
  void not_carried_out(const FieldPath& path);

  bool full() const { return faults_.size() >= kMaxFaults; }
  Faults& list() { return faults_; }

 private:
  Faults faults_;
};

// The apiserver's words for a value that is not one of a list.
std::string unsupported_value(std::string_view value, const std::vector<std::string_view>& supported);

// The name that was probably meant: fewest single-character changes away, case ignored; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace api
