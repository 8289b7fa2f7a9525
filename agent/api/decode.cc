#include "agent/api/decode.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "agent/api/describe.h"
#include "agent/api/enums.h"

namespace api {

namespace {

using Kind = Node::Kind;

// One value of the tree being read into one member.
class ValueDecoder {
 public:
  ValueDecoder(const Node& node, std::string path, FaultList& faults)
      : node_(node), path_(std::move(path)), faults_(faults) {}

  void read(std::string& out) const {
    if (node_.kind == Kind::kString) {
      out = node_.text;
    } else {
      wrong_type("a string", is_scalar(node_) && !node_.text.empty()
                                 ? base::concat("; write it in quotes: \"", node_.text, "\"")
                                 : std::string());
    }
  }

  void read(bool& out) const {
    if (node_.kind == Kind::kBool) {
      out = bool_value(node_);
    } else {
      wrong_type("true or false", {});
    }
  }

  void read(int64_t& out) const { read_integer(out); }
  void read(int32_t& out) const { read_integer(out); }

  void read(Quantity& out) const {
    if (node_.kind != Kind::kString && node_.kind != Kind::kInteger && node_.kind != Kind::kFloat)
      return wrong_type("a quantity such as 64Mi", {});
    base::Result<Quantity> parsed = Quantity::parse(node_.text);
    if (parsed.has_value()) {
      out = *parsed;
    } else {
      fault(parsed.error().message());
    }
  }

  void read(Time& out) const {
    if (node_.kind != Kind::kString) return wrong_type("a time such as \"2026-11-22T09:50:16Z\"", {});
    if (const std::optional<Time> time = parse_time(node_.text)) {
      out = *time;
    } else {
      fault(base::concat("Invalid value: \"", node_.text, "\": not a time as RFC 3339 has it: 2026-11-22T09:50:16Z"));
    }
  }

  template <Enumeration E>
  void read(E& out) const {
    if (node_.kind != Kind::kString) return wrong_type("a string", {});
    for (const EnumName<E>& name : EnumNames<E>::values) {
      if (name.text == node_.text) {
        out = name.value;
        return;
      }
    }
    if (node_.text.empty()) return;  // unset: the default stands
    if (std::ranges::find(EnumNames<E>::later, node_.text) != EnumNames<E>::later.end())
      return fault(base::concat("the value \"", node_.text, "\" is ", kNotCarriedOut));
    std::string supported;
    for (const EnumName<E>& name : EnumNames<E>::values)
      if (!name.text.empty()) supported += base::concat(supported.empty() ? "" : ", ", "\"", name.text, "\"");
    fault(base::concat("Unsupported value: \"", node_.text, "\": supported values: ", supported));
  }

  template <typename T>
  void read(std::optional<T>& out) const {
    T value{};
    const size_t before = faults_.list().size();
    ValueDecoder(node_, path_, faults_).read(value);
    if constexpr (Enumeration<T>) {
      if (node_.kind == Kind::kString && node_.text.empty()) return;
    }
    if (faults_.list().size() == before || node_.kind == Kind::kMap) out = std::move(value);
  }

  template <typename T>
  void read(std::vector<T>& out) const {
    if (node_.kind != Kind::kList) return wrong_type("a list", {});
    for (size_t i = 0; i < node_.items.size() && !faults_.full(); ++i) {
      ValueDecoder(node_.items[i], item_path(path_, i), faults_).read(out.emplace_back());
    }
  }

  void read(std::map<std::string, std::string>& out) const {
    if (node_.kind != Kind::kMap) return wrong_type("a map", {});
    for (const Entry& entry : node_.entries) {
      std::string value;
      if (entry.value.kind != Kind::kNull) ValueDecoder(entry.value, child_path(path_, entry.key), faults_).read(value);
      out[entry.key] = std::move(value);
    }
  }

  template <typename T>
    requires std::is_class_v<T>
  void read(T& out) const;

 private:
  static bool is_scalar(const Node& node) { return node.kind != Kind::kList && node.kind != Kind::kMap; }

  template <typename Integer>
  void read_integer(Integer& out) const {
    if (node_.kind != Kind::kInteger && node_.kind != Kind::kFloat) return wrong_type("a whole number", {});
    const std::optional<int64_t> value = integer_value(node_);
    if (!value || *value < std::numeric_limits<Integer>::min() || *value > std::numeric_limits<Integer>::max()) {
      const std::string_view range = sizeof(Integer) == 4 ? "a whole number of 32 bits" : "a whole number of 64 bits";
      return wrong_type(range, {});
    }
    out = static_cast<Integer>(*value);
  }

  void wrong_type(std::string_view expected, std::string_view hint) const {
    fault(base::concat("expected ", expected, ", found ", describe_kind(node_), hint));
  }
  void fault(std::string message) const {
    faults_.add(path_, std::move(message), node_.place.line, node_.place.column);
  }

  const Node& node_;
  std::string path_;
  FaultList& faults_;
};

// The fields of one map being read into the members of one object.
class FieldDecoder {
 public:
  FieldDecoder(const Node& map, const std::string& path, FaultList& faults) : map_(map), path_(path), faults_(faults) {}

  void type_meta(std::string_view version, std::string_view kind) {
    std::string read_version(version);
    std::string read_kind(kind);
    required("apiVersion", read_version);
    required("kind", read_kind);
  }

  template <typename T>
  void required(std::string_view name, T& member) {
    const Node* value = take(name);
    if (value == nullptr) {
      faults_.add(child_path(path_, name), "Required value", map_.place.line, map_.place.column);
    } else {
      ValueDecoder(*value, child_path(path_, name), faults_).read(member);
    }
  }

  template <typename T>
  void optional(std::string_view name, T& member) {
    if (const Node* value = take(name)) ValueDecoder(*value, child_path(path_, name), faults_).read(member);
  }

  template <typename T>
  void defaulted(std::string_view name, T& member) {
    optional(name, member);
  }

  void later(LaterFields fields) { later_.assign(fields.begin(), fields.end()); }

  // Once all fields are described: what the map holds beyond them.
  void refuse_the_rest() {
    for (const Entry& entry : map_.entries) {
      if (std::ranges::find(known_, entry.key) != known_.end()) continue;
      const auto later = std::ranges::find(later_, std::string_view(entry.key), &LaterField::name);
      if (later == later_.end()) {
        refuse_unknown(entry);
      } else if (!asks_for_nothing(entry.value, *later)) {
        faults_.add(child_path(path_, entry.key), std::string(kNotCarriedOut), entry.place.line, entry.place.column);
      }
    }
  }

 private:
  // The value of a field; null counts as absent.
  const Node* take(std::string_view name) {
    known_.push_back(name);
    const Node* value = map_.find(name);
    return value != nullptr && value->kind != Kind::kNull ? value : nullptr;
  }

  static bool asks_for_nothing(const Node& value, const LaterField& field) {
    switch (value.kind) {
      case Kind::kNull:
        return true;
      case Kind::kList:
        return value.items.empty();
      case Kind::kMap:
        return std::ranges::all_of(value.entries,
                                   [](const Entry& entry) { return asks_for_nothing(entry.value, {""}); });
      case Kind::kString:
        return value.text.empty() || value.text == field.harmless;
      default:
        return !field.harmless.empty() && value.text == field.harmless;
    }
  }

  void refuse_unknown(const Entry& entry) {
    std::vector<std::string_view> names = known_;
    for (const LaterField& field : later_) names.push_back(field.name);
    const std::string_view near = nearest(entry.key, names);
    faults_.add(
        child_path(path_, entry.key),
        near.empty() ? std::string("unknown field") : base::concat("unknown field; did you mean \"", near, "\"?"),
        entry.place.line, entry.place.column);
  }

  const Node& map_;
  const std::string& path_;
  FaultList& faults_;
  std::vector<std::string_view> known_;
  std::vector<LaterField> later_;
};

template <typename T>
  requires std::is_class_v<T>
void ValueDecoder::read(T& out) const {
  if (node_.kind != Kind::kMap) return wrong_type("a map", {});
  FieldDecoder fields(node_, path_, faults_);
  describe(fields, out);
  fields.refuse_the_rest();
}

bool read_digits(std::string_view& text, size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+02:00": minutes to take away from the time before it.
bool read_offset(std::string_view& text, int& minutes) {
  if (skip(text, 'Z') || skip(text, 'z')) {
    minutes = 0;
    return true;
  }
  const bool negative = text.starts_with('-');
  int hours = 0;
  if (!skip(text, '+') && !skip(text, '-')) return false;
  if (!read_digits(text, 2, hours) || !skip(text, ':') || !read_digits(text, 2, minutes)) return false;
  minutes += hours * 60;
  if (negative) minutes = -minutes;
  return true;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  using std::chrono::nanoseconds;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!read_digits(text, 4, year) || !skip(text, '-') || !read_digits(text, 2, month) || !skip(text, '-') ||
      !read_digits(text, 2, day) || (!skip(text, 'T') && !skip(text, 't')) || !read_digits(text, 2, hour) ||
      !skip(text, ':') || !read_digits(text, 2, minute) || !skip(text, ':') || !read_digits(text, 2, second))
    return std::nullopt;
  int64_t fraction = 0;
  if (skip(text, '.')) {
    int64_t unit = 100'000'000;
    int digit = 0;
    if (!read_digits(text, 1, digit)) return std::nullopt;
    do {
      fraction += digit * unit;
      unit /= 10;
    } while (read_digits(text, 1, digit));
  }
  int offset = 0;
  if (!read_offset(text, offset) || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // The whole years that 64 bits of nanoseconds hold.
  constexpr int kFirstYear = 1678;
  constexpr int kLastYear = 2261;
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute - offset) +
         std::chrono::seconds(second) + nanoseconds(fraction);
}

void decode(const Node& node, const std::string& path, Pod& pod, FaultList& faults) {
  ValueDecoder(node, path, faults).read(pod);
}

void decode(const Node& node, const std::string& path, Event& event, FaultList& faults) {
  ValueDecoder(node, path, faults).read(event);
}

}  // namespace api
