#include "agent/cli/run_documents.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "agent/api/codec.h"
#include "agent/api/schema.h"
#include "agent/cli/manifest_file.h"
#include "base/ascii.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

using base::Code;

base::Error faults_error(const api::Faults& faults, const std::string& file) {
  const std::string text = api::to_string(faults, file);
  if (faults.size() == 1) return {Code::kInvalidArgument, text};
  return {Code::kInvalidArgument, base::concat(file, " has ", faults.size(), " faults:\n", text)};
}

std::string wanted_name(const pods::ConfigurationUse& use, const std::string& pod_namespace) {
  return base::concat(use.is_secret ? "Secret " : "ConfigMap ", pod_namespace, "/", use.name);
}

// What an object needs for its pods; each path is that of the object's own field.
std::vector<pods::ConfigurationUse> uses_of(const api::Object& object) {
  if (const auto* pod = std::get_if<api::Pod>(&object)) return pods::configuration_uses(*pod);
  const std::optional<api::TemplateOfPods> made_from = api::template_of(object);
  if (!made_from) return {};
  std::vector<pods::ConfigurationUse> uses = pods::configuration_uses(api::pod_of(made_from->pods));
  for (pods::ConfigurationUse& use : uses) use.path = base::concat(made_from->path, ".", use.path);
  return uses;
}

// Collects documents of several files.
class Collector {
 public:
  base::Status add(api::Object object, const std::string& file) {
    const std::string name = describe(object);
    if (const auto [known, is_new] = files_.try_emplace(name, file); !is_new)
      return base::fail(Code::kInvalidArgument, file, ": ", name, " is in ", known->second, " already");
    configuration_.add(std::move(object));
    return {};
  }

  // Names all that the objects of the file need and nobody has.
  base::Status check_needs(const std::vector<api::Object>& objects, const std::string& file) const {
    std::string missing;
    for (const api::Object& object : objects)
      for (const pods::ConfigurationUse& use : uses_of(object)) {
        const std::string& space = api::metadata(object).namespace_;
        if (use.optional || has(use, space)) continue;
        const std::string whose = objects.size() == 1 ? "" : describe(object) + ": ";
        missing += base::concat(missing.empty() ? "" : "\n", file, ": ", whose, use.path, ": ", complaint(use, space));
      }
    if (missing.empty()) return {};
    return base::fail(Code::kInvalidArgument, missing);
  }

  std::vector<std::string> unused(const std::vector<api::Object>& objects) const {
    std::set<std::string> used;
    for (const api::Object& object : objects)
      for (const pods::ConfigurationUse& use : uses_of(object))
        used.insert(wanted_name(use, api::metadata(object).namespace_));
    const std::string by = objects.size() == 1 ? describe(objects.front()) : "any of the pods";
    std::vector<std::string> warnings;
    for (const auto& [name, file] : files_)
      if (!used.contains(name)) warnings.push_back(base::concat(name, " of ", file, " is not used by ", by));
    return warnings;
  }

  pods::Configuration take() { return std::move(configuration_); }

 private:
  static bool has_key(const auto* object, const std::string& key) {
    return object != nullptr && (key.empty() || pods::value_of(*object, key) != nullptr);
  }
  bool has(const pods::ConfigurationUse& use, const std::string& pod_namespace) const {
    return use.is_secret ? has_key(configuration_.secret(pod_namespace, use.name), use.key)
                         : has_key(configuration_.config_map(pod_namespace, use.name), use.key);
  }
  std::string complaint(const pods::ConfigurationUse& use, const std::string& pod_namespace) const {
    const std::string name = wanted_name(use, pod_namespace);
    if (const auto there = files_.find(name); there != files_.end())
      return base::concat(name, " of ", there->second, " has no key ", use.key);
    return base::concat(name, " is in none of the files; add it to this one, or give its file with --config-file");
  }

  std::map<std::string, std::string> files_;  // by description: where it was read
  pods::Configuration configuration_;
};

base::Status add_config_file(const std::string& file, Collector& collector) {
  const auto [name, text] = TRY(read_manifest_file(file));
  std::expected<std::vector<api::Manifest>, api::Faults> read = api::decode_manifests(text);
  if (!read) return std::unexpected(faults_error(read.error(), name));
  for (api::Manifest& manifest : *read) {
    if (!api::is_configuration(manifest.object))
      return base::fail(
          Code::kInvalidArgument, name, ":", manifest.line, ": ", describe(manifest.object),
          " cannot be configuration: a --config-file holds ConfigMaps, Secrets and PersistentVolumeClaims");
    TRY(collector.add(std::move(manifest.object), name));
  }
  return {};
}

// Workloads that ask for nothing.
void warn_of_idle(const std::vector<api::Object>& objects, std::vector<std::string>& warnings) {
  const auto replicas = []<typename T>(const T& any) -> std::optional<int32_t> {
    if constexpr (requires { any.spec.replicas; }) return any.spec.replicas;
    return std::nullopt;
  };
  for (const api::Object& object : objects)
    if (std::visit(replicas, object) == 0)
      warnings.push_back(base::concat(describe(object), " has no replicas: nothing of it runs"));
}

}  // namespace

std::string describe(const api::Object& object) {
  const api::ObjectMeta& metadata = api::metadata(object);
  const bool is_volume = std::holds_alternative<api::PersistentVolume>(object);
  const std::string_view kind = std::holds_alternative<api::Pod>(object) ? "pod" : api::type_of(object).name;
  return base::concat(kind, " ", is_volume ? "" : metadata.namespace_ + "/", metadata.name);
}

base::Result<ReadDocuments> read_run_documents(const std::string& file, const std::vector<std::string>& config_files) {
  const auto [name, text] = TRY(read_manifest_file(file));
  std::expected<std::vector<api::Manifest>, api::Faults> read = api::decode_run_file(text);
  if (!read) return std::unexpected(faults_error(read.error(), name));
  Collector collector;
  ReadDocuments out;
  std::vector<api::Object>& objects = out.documents.objects;
  for (api::Manifest& manifest : *read) {
    if (api::is_configuration(manifest.object))
      TRY(collector.add(std::move(manifest.object), name));
    else
      objects.push_back(std::move(manifest.object));
  }
  for (const std::string& config_file : config_files) {
    if (config_file == "-" && file == "-")
      return base::fail(Code::kInvalidArgument, "the pod and --config-file cannot both be standard input");
    TRY(add_config_file(config_file, collector));
  }
  TRY(collector.check_needs(objects, name));
  out.warnings = collector.unused(objects);
  warn_of_idle(objects, out.warnings);
  out.documents.configuration = collector.take();
  return out;
}

std::string RunDocuments::describe() const {
  const std::string first = cli::describe(objects.front());
  return objects.size() == 1 ? first : base::concat(first, " and ", objects.size() - 1, " more");
}

std::string reference_to(const api::Object& object) {
  const bool is_pod = std::holds_alternative<api::Pod>(object);
  return base::concat(is_pod ? "" : base::lower(api::type_of(object).name) + "/", api::metadata(object).name);
}

std::string RunDocuments::references() const {
  std::string all;
  for (const api::Object& object : objects) all += base::concat(all.empty() ? "" : " ", reference_to(object));
  return all;
}

int64_t RunDocuments::grace_seconds() const {
  int64_t longest = 0;
  for (const api::PodSpec& spec : pod_specs())
    longest = std::max(longest, api::grace_seconds({.metadata = {}, .spec = spec, .status = {}}));
  return longest;
}

std::vector<api::PodSpec> RunDocuments::pod_specs() const {
  std::vector<api::PodSpec> specs;
  for (const api::Object& object : objects) {
    if (const auto* pod = std::get_if<api::Pod>(&object))
      specs.push_back(pod->spec);
    else if (const auto made_from = api::template_of(object))
      specs.push_back(made_from->pods.spec);
  }
  return specs;
}

std::string to_lines(const RunDocuments& documents) {
  std::string out;
  for (const api::Object& object : documents.objects) out += api::to_json(object) + "\n";
  for (const api::Object& object : documents.configuration.objects()) out += api::to_json(object) + "\n";
  return out;
}

base::Result<RunDocuments> from_lines(std::string_view text) {
  RunDocuments out;
  while (!text.empty()) {
    const size_t line_end = text.find('\n');
    std::expected<std::vector<api::Manifest>, api::Faults> read = api::decode_manifests(text.substr(0, line_end));
    if (!read) return std::unexpected(faults_error(read.error(), "what was handed over"));
    for (api::Manifest& manifest : *read) {
      if (api::is_configuration(manifest.object))
        out.configuration.add(std::move(manifest.object));
      else
        out.objects.push_back(std::move(manifest.object));
    }
    text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
  }
  return out;
}

}  // namespace agent::cli
