#include "agent/api/codec.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "agent/api/decode.h"
#include "agent/api/default.h"
#include "agent/api/support.h"
#include "agent/api/validate.h"

namespace api {

namespace {

using Kind = Node::Kind;

template <typename T>
Object make_object() {
  return T{};
}

// Every kind that a file may hold.
using MakeObject = Object (*)();
constexpr std::array<MakeObject, std::variant_size_v<Object>> kMakers = {
    make_object<Pod>,
    make_object<ConfigMap>,
    make_object<Secret>,
    make_object<PersistentVolumeClaim>,
    make_object<PersistentVolume>,
    make_object<Deployment>,
    make_object<ReplicaSet>,
    make_object<DaemonSet>,
    make_object<StatefulSet>,
    make_object<Job>,
    make_object<CronJob>,
};

std::string scalar_or_nothing(const Node* node) { return node == nullptr ? std::string() : node->text; }

// An empty object of the kind that the document names; a fault where there is none of that name.
std::optional<Object> object_of(const Node& root, FaultList& faults) {
  if (root.kind != Kind::kMap) {
    faults.add("",
               base::concat("not an object: expected apiVersion, kind, metadata and spec, found ", describe_kind(root)),
               root.place.line, root.place.column);
    return std::nullopt;
  }
  const std::string kind = scalar_or_nothing(root.find("kind"));
  const std::string version = scalar_or_nothing(root.find("apiVersion"));
  for (const std::string_view field : {"apiVersion", "kind"})
    if (scalar_or_nothing(root.find(field)).empty())
      faults.add(std::string(field), "Required value", root.place.line, root.place.column);
  if (kind.empty() || version.empty()) return std::nullopt;
  std::vector<std::string_view> kinds;
  for (const MakeObject make : kMakers) {
    Object object = make();
    const Type& type = type_of(object);
    kinds.push_back(type.name);
    if (type.name != kind) continue;
    if (type.api_version == version) return object;
    const Place place = locate(root, "apiVersion");
    faults.add("apiVersion", base::concat("no kind ", kind, " in ", version, "; it is in ", type.api_version),
               place.line, place.column);
    return std::nullopt;
  }
  const Place place = locate(root, "kind");
  const std::string_view near = nearest(kind, kinds);
  faults.add("kind",
             base::concat("the kind ", kind, " (", version, ") is not one that nodeagent takes from a file",
                          near.empty() ? std::string() : base::concat("; did you mean ", near, "?")),
             place.line, place.column);
  return std::nullopt;
}

// What a file says of an object's status is not kept, as an apiserver drops it from what is created.
void drop_status(Object& object) {
  std::visit(
      [](auto& any) {
        if constexpr (requires { any.status; }) any.status = {};
      },
      object);
}

bool is_at_or_below(std::string_view path, std::string_view parent) {
  if (!path.starts_with(parent)) return false;
  return path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[';
}

// A field that could not be read is not also reported as wrong or missing, nor what it is a part of. A value that is
// none of an enumeration's could be read.
bool already_told(const Fault& fault, const Faults& reading) {
  const bool is_required = fault.message.starts_with("Required value");
  return std::ranges::any_of(reading, [&](const Fault& earlier) {
    const bool could_be_read = earlier.message.starts_with("Unsupported value") && !is_required;
    return is_at_or_below(fault.path, earlier.path) || (!could_be_read && is_at_or_below(earlier.path, fault.path));
  });
}

void sort_by_place(Faults& faults) {
  std::ranges::stable_sort(
      faults, [](const Fault& a, const Fault& b) { return std::tie(a.line, a.column) < std::tie(b.line, b.column); });
}

// Adds the faults of a check that knows no places.
void add_placed(const Node& root, Faults found, Faults& faults) {
  const Faults reading = faults;
  for (Fault& fault : found) {
    if (already_told(fault, reading)) continue;
    const Place place = locate(root, fault.path);
    fault.line = place.line;
    fault.column = place.column;
    faults.push_back(std::move(fault));
  }
}

Faults faults_of(const Object& object) {
  FaultList faults;
  std::visit([&](const auto& any) { validate_object(any, faults); }, object);
  if (const auto* pod = std::get_if<Pod>(&object)) validate_admission(*pod, faults);
  return std::move(faults.list());
}

// Faults of a document that begins in this line of its file.
void move_down(Faults& faults, int line) {
  for (Fault& fault : faults)
    if (fault.line > 0) fault.line += line - 1;
}

// Whether kubectl takes the document for a list of objects: a List, a ConfigMapList.
bool is_list(const Node& root) {
  return root.find("items") != nullptr && scalar_or_nothing(root.find("kind")).ends_with("List");
}

// The faults below the path, as they are told of an object that stands there.
Faults faults_below(const std::string& path, const Faults& faults) {
  Faults below;
  for (const Fault& fault : faults) {
    if (!fault.path.starts_with(path + ".")) continue;
    below.push_back(fault);
    below.back().path.erase(0, path.size() + 1);
  }
  return below;
}

// Of a PodList, an item is a Pod without saying so.
void name_kind(Node& item, std::string_view list_kind, const std::string& list_version) {
  list_kind.remove_suffix(std::string_view("List").size());
  if (list_kind.empty() || item.kind != Kind::kMap || !scalar_or_nothing(item.find("kind")).empty()) return;
  const auto set = [&](const char* field, std::string_view text) {
    std::erase_if(item.entries, [&](const Entry& entry) { return entry.key == field; });
    item.entries.push_back({field, item.place, Node{Kind::kString, item.place, std::string(text), {}, {}}});
  };
  set("kind", list_kind);
  set("apiVersion", list_version);
}

// Lines that begin with "---" are nothing but separators to kubectl, in YAML.
std::optional<Fault> wrong_separator(std::string_view text) {
  if (text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size())).starts_with('{')) return std::nullopt;
  int line = 1;
  for (size_t at = 0; at < text.size(); ++line) {
    const size_t next = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view here = text.substr(at, next - at);
    if (here.starts_with("---") && !is_separator(here))
      return Fault{line, 1, "", "invalid Yaml document separator: only a comment may follow the \"---\" of a line"};
    at = next;
  }
  return std::nullopt;
}

// What to do with fields that an apiserver takes and nodeagent does not carry out.
enum class NotCarriedOut : uint8_t { kIgnored, kListed, kRefused };

// Reads a file's objects one after the other; nothing but the objects themselves is kept.
class FileReader {
 public:
  explicit FileReader(NotCarriedOut not_carried_out) : not_carried_out_(not_carried_out) {}

  // False: nothing more is to be read.
  bool take(const TextPart& part) {
    Document document = parse_document(part.text);
    if (!document.root) {
      // What cannot be read at all may have cost much already.
      keep(std::move(document.faults), part.line, file_.faults);
      has_any_ = true;
      return false;
    }
    if (!is_list(*document.root)) return take_object(*document.root, std::move(document.faults), part.line);
    const std::string kind = scalar_or_nothing(document.root->find("kind"));
    const std::string version = scalar_or_nothing(document.root->find("apiVersion"));
    size_t index = 0;
    for (Entry& entry : document.root->entries) {
      if (entry.key != "items") continue;
      for (Node& item : entry.value.items) {
        name_kind(item, kind, version);
        Faults faults = faults_below(item_path("items", index++), document.faults);
        if (!take_object(item, std::move(faults), part.line)) return false;
        item = {};
      }
    }
    return true;
  }
  bool has_any() const { return has_any_; }
  CheckedFile finish() && { return std::move(file_); }

 private:
  // `line`: of the file, where the object's document begins.
  bool take_object(const Node& root, Faults earlier, int line) {
    has_any_ = true;
    if (taken_ > kMaxFileBytes) {
      file_.faults.push_back({line, 1, "",
                              base::concat("too much in one file: what is above takes more than ", kMaxFileBytes >> 20,
                                           " MiB of memory")});
      return false;
    }
    FaultList reading;
    reading.list() = std::move(earlier);
    std::optional<Object> object = object_of(root, reading);
    if (object) taken_ += decode_object(root, *object, reading);
    Faults faults = std::move(reading.list());
    if (object) {
      add_placed(root, faults_of(*object), faults);
      refuse_duplicate(root, *object, line, faults);
    }
    if (object && not_carried_out_ != NotCarriedOut::kIgnored) add_not_carried_out(root, *object, line, faults);
    sort_by_place(faults);
    if (faults.empty()) file_.manifests.push_back({line, *std::move(object)});
    keep(std::move(faults), line, file_.faults);
    return file_.faults.size() < kMaxFaults;  // nobody reads on after so many
  }

  // The bytes that it takes.
  static size_t decode_object(const Node& root, Object& object, FaultList& faults) {
    size_t room = kMaxObjectBytes;
    std::visit(
        [&](auto& any) { decode(root, "", type_of<std::decay_t<decltype(any)>>(), &any, faults, nullptr, &room); },
        object);
    drop_status(object);
    set_defaults(object);
    return sizeof(Manifest) + kMaxObjectBytes - room;
  }

  // Two objects of one kind and name in a file are one too many: an apiserver would take the second for a change of the
  // first.
  void refuse_duplicate(const Node& root, const Object& object, int line, Faults& faults) {
    const ObjectMeta& meta = metadata(object);
    const auto [first, is_new] = lines_.try_emplace({type_of(object).name, meta.namespace_, meta.name}, line);
    if (is_new || meta.name.empty()) return;
    const Place place = locate(root, "metadata.name");
    faults.push_back({place.line, place.column, "metadata.name",
                      base::concat("Duplicate value: \"", meta.name, "\": the object that begins in line ",
                                   first->second, " is of the same kind and name")});
  }

  void add_not_carried_out(const Node& root, const Object& object, int line, Faults& faults) {
    if (not_carried_out_ == NotCarriedOut::kListed && !faults.empty()) return;
    FaultList found;
    check_support(object, found);
    Faults later;
    add_placed(root, std::move(found.list()), later);
    std::erase_if(later, [&](const Fault& fault) { return already_told(fault, faults); });
    if (not_carried_out_ == NotCarriedOut::kListed) {
      sort_by_place(later);
      keep(std::move(later), line, file_.not_carried_out);
    } else {
      std::ranges::move(later, std::back_inserter(faults));
    }
  }

  static void keep(Faults faults, int line, Faults& all) {
    move_down(faults, line);
    std::ranges::move(faults, std::back_inserter(all));
  }

  // Beyond these nothing more is read. Real objects take about twice the memory of their text.
  static constexpr size_t kMaxObjectBytes = 12UL << 20;
  static constexpr size_t kMaxFileBytes = 32UL << 20;

  NotCarriedOut not_carried_out_;
  CheckedFile file_;
  std::map<std::tuple<std::string_view, std::string, std::string>, int> lines_;  // by kind, namespace and name
  size_t taken_ = 0;                                                             // bytes of memory
  bool has_any_ = false;
};

CheckedFile read_file(std::string_view text, NotCarriedOut not_carried_out) {
  const auto unreadable = [](Fault fault) {
    CheckedFile file;
    file.faults.push_back(std::move(fault));
    return file;
  };
  if (text.size() > kMaxTextBytes)
    return unreadable({0, 0, "", base::concat("larger than ", kMaxTextBytes >> 20, " MiB: not a manifest")});
  if (std::optional<Fault> fault = wrong_separator(text)) return unreadable(*std::move(fault));
  FileReader reader(not_carried_out);
  DocumentParts parts(text);
  for (std::optional<TextPart> part = parts.next(); part && reader.take(*part);) part = parts.next();
  if (!reader.has_any()) return unreadable({0, 0, "", "empty: there is no object in it"});
  return std::move(reader).finish();
}

base::Error one_error(const Faults& faults, std::string_view filename) {
  return {base::Code::kInvalidArgument, to_string(faults, filename)};
}

template <typename T>
base::Result<T> from_json(std::string_view text) {
  const std::string_view kind = type_of<T>().name;
  Document document = parse_document(text);
  if (!document.root || !document.faults.empty()) return std::unexpected(one_error(document.faults, kind));
  FaultList faults;
  T object;
  if (scalar_or_nothing(document.root->find("kind")) != kind)
    return base::fail(base::Code::kInvalidArgument, kind, ": this is no ", kind);
  decode(*document.root, "", object, faults);
  if (!faults.list().empty()) return std::unexpected(one_error(faults.list(), kind));
  return object;
}

}  // namespace

const Type& type_of(const Object& object) {
  return std::visit([]<typename T>(const T&) -> const Type& { return type_of<T>(); }, object);
}

bool is_configuration(const Object& object) {
  return std::visit(
      []<typename T>(const T&) {
        return std::same_as<T, ConfigMap> || std::same_as<T, Secret> || std::same_as<T, PersistentVolumeClaim> ||
               std::same_as<T, PersistentVolume>;
      },
      object);
}

std::optional<TemplateOfPods> template_of(const Object& object) {
  return std::visit(
      []<typename T>(const T& any) -> std::optional<TemplateOfPods> {
        if constexpr (std::same_as<T, CronJob>)
          return TemplateOfPods{any.spec.job_template.spec.pod_template, "spec.jobTemplate.spec.template"};
        else if constexpr (requires { any.spec.pod_template; })
          return TemplateOfPods{any.spec.pod_template, "spec.template"};
        else
          return std::nullopt;
      },
      object);
}

const ObjectMeta& metadata(const Object& object) {
  return std::visit([](const auto& any) -> const ObjectMeta& { return any.metadata; }, object);
}

std::string to_string(const Faults& faults, std::string_view filename) {
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

std::expected<std::vector<Manifest>, Faults> decode_manifests(std::string_view text) {
  CheckedFile file = read_file(text, NotCarriedOut::kIgnored);
  if (!file.faults.empty()) return std::unexpected(std::move(file.faults));
  return std::move(file.manifests);
}

CheckedFile check_manifests(std::string_view text) { return read_file(text, NotCarriedOut::kListed); }

std::expected<std::vector<Manifest>, Faults> decode_run_file(std::string_view text) {
  CheckedFile file = read_file(text, NotCarriedOut::kRefused);
  const auto runs = [](const Manifest& manifest) { return !is_configuration(manifest.object); };
  if (file.faults.empty() && std::ranges::none_of(file.manifests, runs))
    file.faults.push_back({0, 0, "", "there is no Pod in it, and no Deployment, Job or the like: nothing to run"});
  if (!file.faults.empty()) return std::unexpected(std::move(file.faults));
  return std::move(file.manifests);
}

Pod pod_of(const PodTemplateSpec& pods) {
  Pod pod{.metadata = pods.metadata, .spec = pods.spec, .status = {}};
  set_defaults(pod.spec);
  return pod;
}

Job job_of(const JobTemplateSpec& jobs) {
  Job job;
  job.metadata.labels = jobs.metadata.labels;
  job.metadata.annotations = jobs.metadata.annotations;
  job.spec = jobs.spec;
  set_defaults(job);
  return job;
}

base::Result<Pod> pod_from_json(std::string_view text) { return from_json<Pod>(text); }

base::Result<Job> job_from_json(std::string_view text) { return from_json<Job>(text); }

base::Result<CronJob> cron_job_from_json(std::string_view text) { return from_json<CronJob>(text); }

base::Result<Event> event_from_json(std::string_view text) { return from_json<Event>(text); }

Faults validate(const Pod& pod) {
  FaultList faults;
  validate_object(pod, faults);
  return std::move(faults.list());
}

Faults not_carried_out(const Pod& pod) {
  FaultList faults;
  check_support(pod, faults);
  return std::move(faults.list());
}

std::string to_json(const Pod& pod) { return to_json(encode(pod)); }
std::string to_json_pretty(const Pod& pod) { return to_json_pretty(encode(pod)); }
std::string to_yaml(const Pod& pod) { return to_yaml(encode(pod)); }
std::string to_json(const PodStatus& status) { return to_json(encode(status)); }
std::string to_json(const Event& event) { return to_json(encode(event)); }

namespace {

Node encode_object(const Object& object) {
  return std::visit([](const auto& any) { return encode(any); }, object);
}

}  // namespace

std::string to_json_pretty(const std::vector<const Object*>& objects) {
  if (objects.size() == 1) return to_json_pretty(encode_object(*objects.front()));
  Document list = parse_json(R"({"apiVersion":"v1","kind":"List","items":[]})");
  for (const Object* object : objects) list.root->entries.back().value.items.push_back(encode_object(*object));
  return to_json_pretty(*list.root);
}
std::string to_json(const Object& object) { return to_json(encode_object(object)); }
std::string to_yaml(const Object& object) { return to_yaml(encode_object(object)); }

}  // namespace api
