#include "runtime/image/metadata.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/image/reference.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using Json = nlohmann::json;

Result<Json> parse_object(std::string_view text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(Code::kInvalidArgument, what, " is not JSON");
  if (!json.is_object()) return fail(Code::kInvalidArgument, what, " is no JSON object");
  return json;
}

// The member, or nullptr where it is missing or null.
const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return nullptr;
  return &*found;
}

std::string text_of(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::vector<std::string> texts_of(const Json& object, const char* name) {
  std::vector<std::string> texts;
  const Json* value = member(object, name);
  if (value == nullptr) return texts;
  // Docker's oldest images have a plain string where a list belongs.
  if (value->is_string()) texts.push_back(value->get<std::string>());
  if (!value->is_array()) return texts;
  for (const Json& element : *value) {
    if (element.is_string()) texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::vector<std::string> keys_of(const Json& object, const char* name) {
  std::vector<std::string> keys;
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_object()) return keys;
  for (const auto& item : value->items()) keys.push_back(item.key());
  return keys;
}

std::map<std::string, std::string> map_of(const Json& object, const char* name) {
  std::map<std::string, std::string> texts;
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_object()) return texts;
  for (const auto& item : value->items()) {
    if (item.value().is_string()) texts.emplace(item.key(), item.value().get<std::string>());
  }
  return texts;
}

Result<Descriptor> descriptor_of(const Json& json, std::string_view what) {
  Descriptor found;
  if (!json.is_object()) return fail(Code::kInvalidArgument, what, " is no JSON object");
  found.media_type = text_of(json, "mediaType");
  found.digest = text_of(json, "digest");
  if (!is_sha256_digest(found.digest)) {
    return fail(Code::kInvalidArgument, what, " has the digest \"", found.digest,
                "\"; only sha256 digests are supported");
  }
  const Json* size = member(json, "size");
  if (size == nullptr || !size->is_number_unsigned()) return fail(Code::kInvalidArgument, what, " has no size");
  found.size = size->get<uint64_t>();
  found.annotations = map_of(json, "annotations");
  if (const Json* platform = member(json, "platform"); platform != nullptr) {
    found.platform = {.architecture = text_of(*platform, "architecture"), .os = text_of(*platform, "os")};
  }
  return found;
}

Result<std::vector<Descriptor>> descriptors_of(const Json& object, const char* name, std::string_view what) {
  const Json* list = member(object, name);
  if (list == nullptr || !list->is_array()) return fail(Code::kInvalidArgument, what, " has no list \"", name, "\"");
  std::vector<Descriptor> all;
  for (const Json& element : *list) {
    all.push_back(TRY(descriptor_of(element, base::concat("an element of \"", name, "\" in ", what))));
  }
  return all;
}

Json to_json(const Descriptor& descriptor) {
  Json json = {{"mediaType", descriptor.media_type}, {"digest", descriptor.digest}, {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
  if (descriptor.platform != Platform{}) {
    json["platform"] = {{"architecture", descriptor.platform.architecture}, {"os", descriptor.platform.os}};
  }
  return json;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

Platform host_platform() {
#if defined(__x86_64__)
  return {.architecture = "amd64", .os = "linux"};
#elif defined(__aarch64__)
  return {.architecture = "arm64", .os = "linux"};
#else
#error "nodeagent runs on x86-64 and arm64"
#endif
}

bool is_index_type(std::string_view media_type) {
  return media_type == kOciIndexType || media_type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_manifest_type(std::string_view media_type) {
  return media_type == kOciManifestType || media_type == "application/vnd.docker.distribution.manifest.v2+json";
}

bool is_config_type(std::string_view media_type) {
  return media_type == kOciConfigType || media_type == "application/vnd.docker.container.image.v1+json";
}

bool is_layer_type(std::string_view media_type) {
  for (const std::string_view prefix :
       {kOciLayerType, std::string_view("application/vnd.oci.image.layer.nondistributable.v1.tar"),
        std::string_view("application/vnd.docker.image.rootfs.diff.tar"),
        std::string_view("application/vnd.docker.image.rootfs.foreign.diff.tar")}) {
    if (!media_type.starts_with(prefix)) continue;
    const std::string_view suffix = media_type.substr(prefix.size());
    if (suffix.empty() || suffix == "+gzip" || suffix == "+zstd" || suffix == ".gzip" || suffix == ".zstd") return true;
  }
  return false;
}

Result<std::vector<Descriptor>> parse_index(std::string_view text) {
  const Json json = TRY(parse_object(text, "the image index"));
  return descriptors_of(json, "manifests", "the image index");
}

Result<Manifest> parse_manifest(std::string_view text) {
  const Json json = TRY(parse_object(text, "the image manifest"));
  const Json* config = member(json, "config");
  if (config == nullptr) return fail(Code::kInvalidArgument, "the image manifest names no configuration");
  Manifest manifest;
  manifest.config = TRY(descriptor_of(*config, "the manifest's configuration"));
  manifest.layers = TRY(descriptors_of(json, "layers", "the image manifest"));
  return manifest;
}

Result<ConfigDocument> parse_config(std::string_view text) {
  const Json json = TRY(parse_object(text, "the image configuration"));
  ConfigDocument document;
  ImageConfig& config = document.config;
  config.architecture = text_of(json, "architecture");
  config.os = text_of(json, "os");
  config.created = text_of(json, "created");
  if (const Json* run = member(json, "config"); run != nullptr) {
    config.env = texts_of(*run, "Env");
    config.entrypoint = texts_of(*run, "Entrypoint");
    config.cmd = texts_of(*run, "Cmd");
    config.working_dir = text_of(*run, "WorkingDir");
    config.user = text_of(*run, "User");
    config.stop_signal = text_of(*run, "StopSignal");
    config.labels = map_of(*run, "Labels");
    config.volumes = keys_of(*run, "Volumes");
    config.exposed_ports = keys_of(*run, "ExposedPorts");
  }
  const Json* rootfs = member(json, "rootfs");
  if (rootfs == nullptr) return fail(Code::kInvalidArgument, "the image configuration has no \"rootfs\"");
  document.diff_ids = texts_of(*rootfs, "diff_ids");
  for (const std::string& diff_id : document.diff_ids) {
    if (!is_sha256_digest(diff_id)) {
      return fail(Code::kInvalidArgument, "the image configuration has the diff ID \"", diff_id,
                  "\"; only sha256 is supported");
    }
  }
  return document;
}

Result<std::vector<DockerImage>> parse_docker_manifest(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_array()) {
    return fail(Code::kInvalidArgument, "manifest.json is no JSON list, so this is no docker-archive");
  }
  std::vector<DockerImage> images;
  for (const Json& element : json) {
    DockerImage image{.config = text_of(element, "Config"),
                      .repo_tags = texts_of(element, "RepoTags"),
                      .layers = texts_of(element, "Layers")};
    if (image.config.empty()) return fail(Code::kInvalidArgument, "manifest.json names no configuration for an image");
    images.push_back(std::move(image));
  }
  return images;
}

Status check_layout_document(std::string_view text) {
  const Json json = TRY(parse_object(text, "oci-layout"));
  const std::string version = text_of(json, "imageLayoutVersion");
  if (version.starts_with("1.")) return {};
  return fail(Code::kInvalidArgument, "oci-layout has version \"", version, "\"; only version 1 is known");
}

std::string write_index(const std::vector<Descriptor>& manifests) {
  Json list = Json::array();
  for (const Descriptor& descriptor : manifests) list.push_back(to_json(descriptor));
  return dump({{"schemaVersion", 2}, {"mediaType", kOciIndexType}, {"manifests", list}}) + "\n";
}

std::string write_manifest(const Manifest& manifest) {
  Json layers = Json::array();
  for (const Descriptor& layer : manifest.layers) layers.push_back(to_json(layer));
  return dump({{"schemaVersion", 2},
               {"mediaType", kOciManifestType},
               {"config", to_json(manifest.config)},
               {"layers", layers}});
}

std::string write_root_folder_config(const std::string& diff_id) {
  const Platform platform = host_platform();
  const Json run = {{"Env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
                    {"Cmd", {"/bin/sh"}}};
  return dump({{"architecture", platform.architecture},
               {"os", platform.os},
               {"config", run},
               {"rootfs", {{"type", "layers"}, {"diff_ids", Json::array({diff_id})}}},
               {"history", Json::array({{{"created_by", "nodeagent image import of a root folder"}}})}});
}

std::string write_numbers(const std::map<std::string, uint64_t>& numbers) { return dump(Json(numbers)) + "\n"; }

Result<std::map<std::string, uint64_t>> parse_numbers(std::string_view text) {
  const Json json = TRY(parse_object(text, "the record"));
  std::map<std::string, uint64_t> numbers;
  for (const auto& item : json.items()) {
    if (item.value().is_number_unsigned()) numbers.emplace(item.key(), item.value().get<uint64_t>());
  }
  return numbers;
}

}  // namespace runtime::image
