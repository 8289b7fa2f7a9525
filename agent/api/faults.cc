#include "agent/api/faults.h"

#include <algorithm>

#include "base/concat.h"

namespace api {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein distance, case ignored.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      const size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

void FaultList::add(std::string path, std::string message, int line, int column) {
  if (!full()) faults_.push_back({line, column, std::move(path), std::move(message)});
}

void FaultList::required(const FieldPath& path, std::string_view detail) {
  add(path, detail.empty() ? std::string("Required value") : base::concat("Required value: ", detail));
}

void FaultList::invalid(const FieldPath& path, std::string_view value, std::string_view detail) {
  constexpr size_t kShown = 100;
  const bool long_value = value.size() > kShown;
  add(path, base::concat("Invalid value: \"", value.substr(0, kShown), long_value ? "…" : "", "\": ", detail));
}

void FaultList::invalid(const FieldPath& path, int64_t value, std::string_view detail) {
  add(path, base::concat("Invalid value: ", value, ": ", detail));
}

void FaultList::unsupported(const FieldPath& path, std::string_view value,
                            const std::vector<std::string_view>& supported) {
  add(path, unsupported_value(value, supported));
}

void FaultList::duplicate(const FieldPath& path, std::string_view value) {
  add(path, base::concat("Duplicate value: \"", value, "\""));
}

void FaultList::not_found(const FieldPath& path, std::string_view value) {
  add(path, base::concat("Not found: \"", value, "\""));
}

void FaultList::forbidden(const FieldPath& path, std::string_view detail) {
  add(path, base::concat("Forbidden: ", detail));
}

void FaultList::too_long(const FieldPath& path, size_t max_bytes) {
  add(path, base::concat("Too long: may not be more than ", max_bytes, " bytes"));
}

void FaultList::too_many(const FieldPath& path, size_t count, size_t max_items) {
  add(path, base::concat("Too many: ", count, ": must have at most ", max_items, " items"));
}

void FaultList::not_carried_out(const FieldPath& path) { add(path, std::string(kNotCarriedOut)); }

std::string unsupported_value(std::string_view value, const std::vector<std::string_view>& supported) {
  std::string names;
  for (const std::string_view name : supported) names += base::concat(names.empty() ? "" : ", ", "\"", name, "\"");
  return base::concat("Unsupported value: \"", value, "\": supported values: ", names);
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  constexpr size_t kLongestName = 64;
  if (word.size() > kLongestName) return {};
  std::string_view best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t away = distance(word, candidate);
    if (away < best_distance) {
      best = candidate;
      best_distance = away;
    }
  }
  return best;
}

}  // namespace api
