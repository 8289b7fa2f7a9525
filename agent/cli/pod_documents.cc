#include "agent/cli/pod_documents.h"

#include <map>
#include <set>
#include <tuple>

#include "agent/api/codec.h"
#include "agent/api/schema.h"
#include "agent/cli/manifest_file.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

using base::Code;

base::Error faults_error(const api::Faults& faults, const std::string& file) {
  const std::string text = api::to_string(faults, file);
  if (faults.size() == 1) return {Code::kInvalidArgument, text};
  return {Code::kInvalidArgument, base::concat(file, " has ", faults.size(), " faults:\n", text)};
}

// "ConfigMap default/settings".
std::string describe(const api::Object& object) {
  const api::ObjectMeta& metadata = api::metadata(object);
  const bool is_volume = std::holds_alternative<api::PersistentVolume>(object);
  return base::concat(api::type_of(object).name, " ", is_volume ? "" : metadata.namespace_ + "/", metadata.name);
}

std::string describe(const pods::ConfigurationUse& use, const std::string& pod_namespace) {
  return base::concat(use.is_secret ? "Secret " : "ConfigMap ", pod_namespace, "/", use.name);
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

  // Names all that the pod needs and nobody has.
  base::Status check_needs(const api::Pod& pod, const std::string& file) const {
    std::string missing;
    for (const pods::ConfigurationUse& use : pods::configuration_uses(pod)) {
      if (use.optional || has(use, pod.metadata.namespace_)) continue;
      missing += base::concat(missing.empty() ? "" : "\n", file, ": ", use.path, ": ", complaint(use, pod));
    }
    if (missing.empty()) return {};
    return base::fail(Code::kInvalidArgument, missing);
  }

  std::vector<std::string> unused(const api::Pod& pod) const {
    std::set<std::string> used;
    for (const pods::ConfigurationUse& use : pods::configuration_uses(pod))
      used.insert(describe(use, pod.metadata.namespace_));
    std::vector<std::string> warnings;
    for (const auto& [name, file] : files_)
      if (!used.contains(name))
        warnings.push_back(base::concat(name, " of ", file, " is not used by pod ", api::full_name(pod)));
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
  std::string complaint(const pods::ConfigurationUse& use, const api::Pod& pod) const {
    const std::string name = describe(use, pod.metadata.namespace_);
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

}  // namespace

base::Result<ReadDocuments> read_pod_documents(const std::string& file, const std::vector<std::string>& config_files) {
  const auto [name, text] = TRY(read_manifest_file(file));
  std::expected<api::PodFile, api::Faults> read = api::decode_pod_file(text);
  if (!read) return std::unexpected(faults_error(read.error(), name));
  Collector collector;
  for (api::Manifest& manifest : read->documents) TRY(collector.add(std::move(manifest.object), name));
  for (const std::string& config_file : config_files) {
    if (config_file == "-" && file == "-")
      return base::fail(Code::kInvalidArgument, "the pod and --config-file cannot both be standard input");
    TRY(add_config_file(config_file, collector));
  }
  TRY(collector.check_needs(read->pod, name));
  ReadDocuments out;
  out.warnings = collector.unused(read->pod);
  out.documents = {.pod = std::move(read->pod), .configuration = collector.take()};
  return out;
}

std::string to_lines(const PodDocuments& documents) {
  std::string out = api::to_json(documents.pod);
  for (const api::Object& object : documents.configuration.objects()) out += "\n" + api::to_json(object);
  return out;
}

base::Result<PodDocuments> from_lines(std::string_view text) {
  PodDocuments out;
  const size_t end = text.find('\n');
  out.pod = TRY(api::pod_from_json(text.substr(0, end)));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!text.empty()) {
    const size_t line_end = text.find('\n');
    std::expected<std::vector<api::Manifest>, api::Faults> read = api::decode_manifests(text.substr(0, line_end));
    if (!read) return std::unexpected(faults_error(read.error(), "configuration"));
    for (api::Manifest& manifest : *read) out.configuration.add(std::move(manifest.object));
    text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
  }
  return out;
}

}  // namespace agent::cli
