#include "agent/api/codec.h"

#include <algorithm>
#include <tuple>

#include "agent/api/decode.h"
#include "agent/api/document.h"
#include "agent/api/faults.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

using Kind = Node::Kind;

std::string scalar_or_nothing(const Node* node) { return node == nullptr ? std::string() : node->text; }

// Whether the document is a v1 object of this kind at all; if not, that is the one fault worth telling.
bool is_object_of(const Node& root, std::string_view kind, FaultList& faults) {
  if (root.kind != Kind::kMap) {
    faults.add(
        "", base::concat("not a ", kind, ": expected apiVersion, kind, metadata and spec, found ", describe_kind(root)),
        root.place.line, root.place.column);
    return false;
  }
  const std::string found_kind = scalar_or_nothing(root.find("kind"));
  const std::string found_version = scalar_or_nothing(root.find("apiVersion"));
  if (found_kind == kind && found_version == "v1") return true;
  const std::string field = found_kind == kind ? "apiVersion" : "kind";
  const Place place = locate(root, field);
  if ((found_kind == kind ? found_version : found_kind).empty())
    faults.add(field, base::concat("Required value: \"", found_kind == kind ? "v1" : kind, "\""), place.line,
               place.column);
  else
    faults.add(
        field,
        base::concat("not a ", kind, ": this is kind ", found_kind, ", apiVersion ",
                     found_version.empty() ? "(none)" : found_version, "; expected kind ", kind, ", apiVersion v1"),
        place.line, place.column);
  return false;
}

// What a pod's file says of its status is not read, as an apiserver drops it from what is created.
void drop_status(Node& root) {
  std::erase_if(root.entries, [](const Entry& entry) { return entry.key == "status"; });
}

bool is_at_or_below(std::string_view path, std::string_view parent) {
  if (!path.starts_with(parent)) return false;
  return path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[';
}

// A field that could not be read is not also reported as missing or wrong; nor is something required that stands there
// in a form that could not be read (a volume whose type a later version brings).
bool already_told(const Fault& fault, const std::vector<Fault>& reading) {
  const bool is_required = fault.message.starts_with("Required value");
  return std::ranges::any_of(reading, [&](const Fault& earlier) {
    return is_at_or_below(fault.path, earlier.path) || (is_required && is_at_or_below(earlier.path, fault.path));
  });
}

void add_rule_faults(const Pod& pod, const Node& root, std::vector<Fault>& faults) {
  FaultList rules;
  validate_pod(pod, rules);
  const std::vector<Fault> reading = faults;
  for (Fault& fault : rules.list()) {
    if (already_told(fault, reading)) continue;
    const Place place = locate(root, fault.path);
    fault.line = place.line;
    fault.column = place.column;
    faults.push_back(std::move(fault));
  }
}

void sort_by_place(std::vector<Fault>& faults) {
  std::ranges::stable_sort(
      faults, [](const Fault& a, const Fault& b) { return std::tie(a.line, a.column) < std::tie(b.line, b.column); });
}

// Always for a moving tag (":latest", or none), else IfNotPresent.
PullPolicy default_pull_policy(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return PullPolicy::kIfNotPresent;
  const size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const size_t colon = last.find(':');
  const bool moving = colon == std::string_view::npos || last.substr(colon + 1) == "latest";
  return moving ? PullPolicy::kAlways : PullPolicy::kIfNotPresent;
}

void fill_defaults(std::vector<Container>& containers) {
  for (Container& container : containers)
    if (!container.image_pull_policy) container.image_pull_policy = default_pull_policy(container.image);
}

base::Error one_error(const std::vector<Fault>& faults, std::string_view filename) {
  return {base::Code::kInvalidArgument, to_string(faults, filename)};
}

template <typename Object>
base::Result<Object> from_json(std::string_view text, std::string_view kind) {
  Document document = parse_document(text);
  if (!document.root || !document.faults.empty()) return std::unexpected(one_error(document.faults, kind));
  FaultList faults;
  Object object;
  if (is_object_of(*document.root, kind, faults)) decode(*document.root, "", object, faults);
  if (!faults.list().empty()) return std::unexpected(one_error(faults.list(), kind));
  return object;
}

}  // namespace

std::string to_string(const std::vector<Fault>& faults, std::string_view filename) {
  std::string out;
  for (const Fault& fault : faults) {
    if (!out.empty()) out += '\n';
    out += filename;
    if (fault.line > 0) out += base::concat(":", fault.line, ":", fault.column);
    out += ": ";
    if (!fault.path.empty()) out += base::concat(fault.path, ": ");
    out += fault.message;
  }
  return out;
}

std::expected<Pod, std::vector<Fault>> decode_pod(std::string_view text) {
  Document document = parse_document(text);
  if (!document.root) return std::unexpected(std::move(document.faults));
  Node& root = *document.root;
  FaultList reading;
  for (Fault& fault : document.faults) reading.add(fault.path, fault.message, fault.line, fault.column);
  Pod pod;
  if (!is_object_of(root, "Pod", reading)) {
    sort_by_place(reading.list());
    return std::unexpected(std::move(reading.list()));
  }
  drop_status(root);
  decode(root, "", pod, reading);
  std::vector<Fault> faults = std::move(reading.list());
  add_rule_faults(pod, root, faults);
  if (!faults.empty()) {
    sort_by_place(faults);
    return std::unexpected(std::move(faults));
  }
  fill_defaults(pod.spec.init_containers);
  fill_defaults(pod.spec.containers);
  return pod;
}

base::Result<Pod> read_pod(std::string_view text, std::string_view filename) {
  std::expected<Pod, std::vector<Fault>> decoded = decode_pod(text);
  if (!decoded.has_value()) return std::unexpected(one_error(decoded.error(), filename));
  return *std::move(decoded);
}

base::Result<Pod> pod_from_json(std::string_view text) { return from_json<Pod>(text, "Pod"); }

base::Result<Event> event_from_json(std::string_view text) { return from_json<Event>(text, "Event"); }

std::vector<Fault> validate(const Pod& pod) {
  FaultList faults;
  validate_pod(pod, faults);
  return std::move(faults.list());
}

}  // namespace api
