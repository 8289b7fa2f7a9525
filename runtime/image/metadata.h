// The JSON documents of images, decoded into plain structures and written from them.
//   OCI index, manifest, configuration: https://github.com/opencontainers/image-spec
//   docker-archive manifest.json:       https://github.com/moby/docker-image-spec
// Every decoder gives kInvalidArgument and says what is wrong with which document.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/image/image.h"

namespace runtime::image {

constexpr std::string_view kOciIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kOciManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kOciConfigType = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view kOciLayerType = "application/vnd.oci.image.layer.v1.tar";
constexpr std::string_view kRefNameAnnotation = "org.opencontainers.image.ref.name";
constexpr std::string_view kOciLayoutDocument = "{\"imageLayoutVersion\":\"1.0.0\"}\n";

struct Platform {
  std::string architecture;
  std::string os;
  bool operator==(const Platform&) const = default;
};
// The platform that this program runs on, in Go's names.
Platform host_platform();

struct Descriptor {
  std::string media_type;
  std::string digest;
  uint64_t size = 0;
  std::map<std::string, std::string> annotations;
  Platform platform;  // empty fields where the document has none
};

struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  // lowest first
};

struct ConfigDocument {
  ImageConfig config;
  std::vector<std::string> diff_ids;
};

struct DockerImage {
  std::string config;  // path in the archive
  std::vector<std::string> repo_tags;
  std::vector<std::string> layers;  // paths in the archive, lowest first
};

bool is_index_type(std::string_view media_type);
bool is_manifest_type(std::string_view media_type);
bool is_config_type(std::string_view media_type);
// Layers that this store can unpack: plain, gzip or zstd tar, Docker's and OCI's names, the "foreign" ones too.
bool is_layer_type(std::string_view media_type);

base::Result<std::vector<Descriptor>> parse_index(std::string_view json);
base::Result<Manifest> parse_manifest(std::string_view json);
base::Result<ConfigDocument> parse_config(std::string_view json);
base::Result<std::vector<DockerImage>> parse_docker_manifest(std::string_view json);
// kInvalidArgument unless it is a version 1 layout.
base::Status check_layout_document(std::string_view json);

std::string write_index(const std::vector<Descriptor>& manifests);
std::string write_manifest(const Manifest& manifest);
// The configuration of an image made from a root folder: a shell, the usual PATH, this platform, no dates.
std::string write_root_folder_config(const std::string& diff_id);

// A small document of the store itself: {"name": number, …}.
std::string write_numbers(const std::map<std::string, uint64_t>& numbers);
base::Result<std::map<std::string, uint64_t>> parse_numbers(std::string_view json);

}  // namespace runtime::image
