#include "agent/api/explain.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "agent/api/decode.h"
#include "agent/api/event.h"
#include "agent/api/faults.h"
#include "agent/api/objects.h"
#include "agent/api/schema.h"
#include "base/ascii.h"
#include "base/concat.h"

namespace api {

namespace {

constexpr size_t kColumns = 80;
constexpr size_t kDescriptionIndent = 4;
constexpr size_t kFieldIndent = 2;

struct ListedKind {
  TypeGetter type;
  std::string_view plural;
  std::string_view short_name;  // empty: none
  Support support;
};

constexpr auto kKinds = std::to_array<ListedKind>({
    {type_of<Pod>, "pods", "po", Support::kCarriedOut},
    {type_of<ConfigMap>, "configmaps", "cm", Support::kCarriedOut},
    {type_of<Secret>, "secrets", "", Support::kCarriedOut},
    {type_of<PersistentVolumeClaim>, "persistentvolumeclaims", "pvc", Support::kLater},
    {type_of<PersistentVolume>, "persistentvolumes", "pv", Support::kLater},
    {type_of<Deployment>, "deployments", "deploy", Support::kCarriedOut},
    {type_of<ReplicaSet>, "replicasets", "rs", Support::kCarriedOut},
    {type_of<DaemonSet>, "daemonsets", "ds", Support::kCarriedOut},
    {type_of<StatefulSet>, "statefulsets", "sts", Support::kCarriedOut},
    {type_of<Job>, "jobs", "", Support::kCarriedOut},
    {type_of<CronJob>, "cronjobs", "cj", Support::kCarriedOut},
    {type_of<Event>, "events", "ev", Support::kCluster},
});

static_assert(kKinds.size() == std::variant_size_v<Object> + 1, "every kind of object.h, and Event");

// What every file begins with, for any kind. No members: decoding and encoding know these two themselves.
constexpr auto kIdentity = std::to_array<Field>({
    {.name = "apiVersion",
     .meaning = "The group and version of the API that the object is written for.",
     .type = type_of<std::string>,
     .is_required = true},
    {.name = "kind", .meaning = "The kind of the object.", .type = type_of<std::string>, .is_required = true},
});

// Where a path leads.
struct Target {
  const ListedKind& kind;
  std::string path;                 // as far as it was followed, for messages
  const Type* holder = nullptr;     // the object that has the field; null: the kind itself
  const Field* field = nullptr;     // null: the kind itself
  const Field* decisive = nullptr;  // the first field on the way that is not carried out
  bool in_status = false;
};

// What lists, maps and optional values are made of in the end.
const Type& innermost(const Type& type) {
  const Type* inner = &type;
  while (inner->element != nullptr) inner = &inner->element();
  return *inner;
}

const Type& value_type(const Target& target) {
  return target.field == nullptr ? target.kind.type() : innermost(target.field->type());
}

std::vector<const Field*> fields_of(const Type& type) {
  std::vector<const Field*> fields;
  if (!type.api_version.empty())
    for (const Field& field : kIdentity) fields.push_back(&field);
  for (const Field& field : type.fields) fields.push_back(&field);
  return fields;
}

const ListedKind* listed_kind(std::string_view name) {
  const std::string wanted = base::lower(name);
  const auto found = std::ranges::find_if(kKinds, [&](const ListedKind& kind) {
    return wanted == base::lower(kind.type().name) || wanted == kind.plural ||
           (wanted == kind.short_name && !wanted.empty());
  });
  return found == kKinds.end() ? nullptr : &*found;
}

base::Result<Target> find_kind(std::string_view name) {
  if (const ListedKind* const kind = listed_kind(name))
    return Target{.kind = *kind, .path = base::lower(kind->type().name)};
  std::vector<std::string> names;
  std::string all;
  for (const ListedKind& kind : kKinds) {
    names.push_back(base::lower(kind.type().name));
    all += base::concat(all.empty() ? "" : ", ", names.back());
  }
  const std::string wanted = base::lower(name);
  const std::string_view near = nearest(wanted, {names.begin(), names.end()});
  return base::fail(base::Code::kNotFound, "there is no kind \"", name, "\"",
                    near.empty() ? base::concat("; there are: ", all) : base::concat("; did you mean \"", near, "\"?"));
}

base::Status step_into(Target& target, std::string_view name) {
  const Type& type = value_type(target);
  if (type.shape != Shape::kObject)
    return base::fail(base::Code::kNotFound, target.path, " has no field \"", name, "\": it is of type ",
                      type_name(target.field->type()), ", which has no fields");
  std::vector<std::string_view> names;
  for (const Field* const field : fields_of(type)) {
    names.push_back(field->name);
    if (field->name != name) continue;
    target.in_status = target.in_status || (target.field == nullptr && name == "status");
    target.path += base::concat(".", name);
    target.holder = &type;
    target.field = field;
    if (target.decisive == nullptr && field->support != Support::kCarriedOut) target.decisive = field;
    return {};
  }
  const std::string_view near = nearest(name, names);
  return base::fail(base::Code::kNotFound, target.path, " (", type.name, ") has no field \"", name, "\"",
                    near.empty() ? base::concat("; explain ", target.path, " lists those that it has")
                                 : base::concat("; did you mean \"", near, "\"?"));
}

// "containers[0].ports" to "containers.ports".
std::string without_brackets(std::string_view path) {
  std::string out;
  size_t depth = 0;
  for (const char c : path) {
    if (c == '[') ++depth;
    if (depth == 0) out += c;
    if (c == ']' && depth > 0) --depth;
  }
  return out;
}

base::Result<Target> follow(std::string_view path) {
  const std::string names = without_brackets(path);
  size_t end = names.find('.');
  Target target = TRY(find_kind(std::string_view(names).substr(0, end)));
  while (end != std::string::npos) {
    const size_t begin = end + 1;
    end = names.find('.', begin);
    TRY(step_into(target, std::string_view(names).substr(begin, end == std::string::npos ? end : end - begin)));
  }
  return target;
}

// The words on lines of kColumns at most, each indented.
std::string wrap(std::string_view text, size_t indent) {
  std::string out(indent, ' ');
  size_t column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > indent && column + 1 + word.size() > kColumns) {
      out += base::concat("\n", std::string(indent, ' '));
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

// What the field is when nobody says anything; empty where that is nothing.
std::string default_of(const Type& holder, const Field& field) {
  if (field.is_required) return {};
  switch (innermost(field.type()).shape) {
    case Shape::kString:
    case Shape::kBool:
    case Shape::kInt32:
    case Shape::kInt64:
    case Shape::kEnum:
      break;
    default:
      return {};
  }
  const std::shared_ptr<void> object = holder.make();
  const void* const value = field.of(object.get());
  return says_nothing(field.type(), value) ? std::string() : encode(field.type(), value).text;
}

std::string values_of(const Type& type) {
  std::string values;
  for (const EnumName& name : type.enum_names)
    if (!name.text.empty()) values += base::concat(values.empty() ? "" : ", ", name.text);
  return values;
}

std::string support_words(Support support) {
  switch (support) {
    case Support::kCarriedOut:
      return "carried out";
    case Support::kLater:
      return "refused until a later version";
    case Support::kScheduler:
      return "a scheduler's business; a node has nothing to do for it";
    case Support::kCluster:
      return "a controller's business; a node has nothing to do for it";
  }
  return {};
}

std::string support_of(const Target& target) {
  if (target.in_status) return "ignored in files";
  if (target.kind.support != Support::kCarriedOut) return support_words(target.kind.support);
  if (const Field* const decisive = target.decisive) {
    std::string words = support_words(decisive->support);
    if (decisive != target.field) return base::concat(words, ", as all of ", decisive->name, " is");
    return decisive->harmless.empty() ? words : base::concat(words, ", but for the value ", decisive->harmless);
  }
  std::string words = support_words(Support::kCarriedOut);
  if (target.field == nullptr || target.field->refused.empty()) return words;
  return base::concat(words, "; ", support_words(Support::kLater), ": ", target.field->refused);
}

std::string heading(std::string_view label, std::string_view value) {
  if (value.empty()) return {};
  constexpr size_t kWidth = 12;
  return base::concat(label, ":", std::string(kWidth - label.size() - 1, ' '), value, "\n");
}

// "livenessProbe <Probe>" and what else must be known of a field at a glance.
std::string field_line(const Field& field) {
  return base::concat(field.name, " <", type_name(field.type()), ">", field.is_required ? " -required-" : "",
                      field.support == Support::kLater ? " -refused-" : "");
}

std::string field_paragraphs(const Type& type) {
  std::string out;
  for (const Field* const field : fields_of(type)) {
    const std::string initially = default_of(type, *field);
    out += base::concat(
        out.empty() ? "" : "\n", std::string(kFieldIndent, ' '), field_line(*field), "\n",
        wrap(initially.empty() ? std::string(field->meaning) : base::concat(field->meaning, " Unset: ", initially, "."),
             kDescriptionIndent));
  }
  return out;
}

void add_tree(const Type& type, size_t indent, std::string& out) {
  for (const Field* const field : fields_of(type)) {
    out += base::concat(std::string(indent, ' '), field_line(*field), "\n");
    add_tree(innermost(field->type()), indent + kFieldIndent, out);
  }
}

// Whether the longer text says what the shorter one says, and more.
bool repeats(std::string_view shorter, std::string_view longer) {
  return longer.starts_with(shorter.substr(0, shorter.size() - 1));  // but for the full stop
}

// What the field means, and what every object of its type is.
std::string description(const Target& target) {
  const std::string_view of_type = value_type(target).meaning;
  if (target.field == nullptr) return wrap(of_type, kDescriptionIndent);
  const std::string_view of_field = target.field->meaning;
  if (of_type.empty() || repeats(of_type, of_field)) return wrap(of_field, kDescriptionIndent);
  if (repeats(of_field, of_type)) return wrap(of_type, kDescriptionIndent);
  return base::concat(wrap(of_field, kDescriptionIndent), "\n", wrap(of_type, kDescriptionIndent));
}

}  // namespace

base::Result<std::string> explain(std::string_view path, ExplainFields fields) {
  const Target target = TRY(follow(path));
  const Type& type = value_type(target);
  std::string out = heading("KIND", target.kind.type().name) + heading("VERSION", target.kind.type().api_version);
  if (const Field* const field = target.field)
    out += "\n" + heading("FIELD", field_line(*field)) + heading("DEFAULT", default_of(*target.holder, *field));
  out += heading("VALUES", values_of(type)) + heading("SUPPORT", support_of(target));
  out += "\nDESCRIPTION:\n" + description(target);
  if (type.shape != Shape::kObject) return out;
  out += "\nFIELDS:\n";
  if (fields == ExplainFields::kTree)
    add_tree(type, kFieldIndent, out);
  else
    out += field_paragraphs(type);
  return out;
}

std::string_view kind_called(std::string_view name) {
  const ListedKind* const kind = listed_kind(name);
  return kind == nullptr ? std::string_view() : kind->type().name;
}

}  // namespace api
