#include "runtime/image/import.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/image/layer_stream.h"
#include "runtime/image/pack.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;

constexpr int kDeepestIndex = 4;
constexpr std::string_view kContainerdNameAnnotation = "io.containerd.image.name";
constexpr std::string_view kAttestationAnnotation = "vnd.docker.reference.type";

Result<std::string> read_staged(const StagedFile& file) { return base::read_file(file.path, kLargestDocument); }

std::string annotation(const Descriptor& descriptor, std::string_view name) {
  const auto found = descriptor.annotations.find(std::string(name));
  return found == descriptor.annotations.end() ? "" : found->second;
}

Status check_platform(const Platform& image) {
  const Platform host = host_platform();
  // Images that do not say are old ones for the platform they were made on.
  if (image.architecture.empty() || image == host) return {};
  return fail(Code::kFailedPrecondition, "the image is for ", image.os, "/", image.architecture, ", this machine is ",
              host.os, "/", host.architecture);
}

Status check_layer_count(size_t layers, const ConfigDocument& config) {
  if (config.diff_ids.empty()) return fail(Code::kInvalidArgument, "the image has no layers");
  if (layers == config.diff_ids.size()) return {};
  return fail(Code::kInvalidArgument, "the image has ", layers, " layers but its configuration names ",
              config.diff_ids.size());
}

// --- OCI ---

class OciReader {
 public:
  OciReader(ImageFiles& files, Staging& staging) : files_(files), staging_(staging) {}
  Result<std::vector<NewImage>> read();

 private:
  Result<StagedFile> blob(const Descriptor& descriptor);
  Result<std::string> document(const Descriptor& descriptor);
  // Of several manifests the one for this platform, through nested indexes.
  Result<Descriptor> choose(const std::vector<Descriptor>& candidates, int depth);
  Result<NewImage> read_manifest(const Descriptor& descriptor);

  ImageFiles& files_;
  Staging& staging_;
};

Result<StagedFile> OciReader::blob(const Descriptor& descriptor) {
  const std::string path = "blobs/sha256/" + hex_of(descriptor.digest);
  const StagedFile file = TRY(files_.stage(path));
  if (file.digest != descriptor.digest) {
    return fail(Code::kInvalidArgument, path, " is damaged: its content is ", file.digest);
  }
  if (file.size != descriptor.size) {
    return fail(Code::kInvalidArgument, path, " has ", file.size, " bytes, not ", descriptor.size);
  }
  staging_.adopt_blob(file);
  return file;
}

Result<std::string> OciReader::document(const Descriptor& descriptor) {
  const StagedFile file = TRY(blob(descriptor));
  return read_staged(file);
}

Result<Descriptor> OciReader::choose(const std::vector<Descriptor>& candidates, int depth) {
  if (depth > kDeepestIndex) return fail(Code::kInvalidArgument, "image indexes are nested too deeply");
  std::vector<Descriptor> manifests;
  for (const Descriptor& candidate : candidates) {
    if (annotation(candidate, kAttestationAnnotation).empty()) manifests.push_back(candidate);
  }
  const Descriptor* chosen = manifests.size() == 1 ? manifests.data() : nullptr;
  std::string offered;
  for (const Descriptor& manifest : manifests) {
    if (chosen == nullptr && manifest.platform == host_platform()) chosen = &manifest;
    if (!offered.empty()) offered += ", ";
    offered += base::concat(manifest.platform.os, "/", manifest.platform.architecture);
  }
  if (chosen == nullptr) {
    const Platform host = host_platform();
    if (manifests.empty()) return fail(Code::kInvalidArgument, "the archive holds no image");
    return fail(Code::kFailedPrecondition, "the image is for ", offered, ", this machine is ", host.os, "/",
                host.architecture);
  }
  if (!is_index_type(chosen->media_type)) return *chosen;
  const std::string text = TRY(document(*chosen));
  const std::vector<Descriptor> inner = TRY(parse_index(text));
  return choose(inner, depth + 1);
}

Result<NewImage> OciReader::read_manifest(const Descriptor& descriptor) {
  if (!is_manifest_type(descriptor.media_type)) {
    return fail(Code::kInvalidArgument, "\"", descriptor.media_type, "\" is no kind of image manifest");
  }
  const std::string text = TRY(document(descriptor));
  const Manifest manifest = TRY(parse_manifest(text));
  if (!is_config_type(manifest.config.media_type)) {
    return fail(Code::kInvalidArgument, "this is no container image but \"", manifest.config.media_type, "\"");
  }
  const std::string config_text = TRY(document(manifest.config));
  const ConfigDocument config = TRY(parse_config(config_text));
  TRY(check_platform({.architecture = config.config.architecture, .os = config.config.os}));
  TRY(check_layer_count(manifest.layers.size(), config));
  NewImage image{.id = manifest.config.digest};
  image.entry.manifest = {.media_type = descriptor.media_type, .digest = descriptor.digest, .size = descriptor.size};
  image.blobs = {descriptor.digest, manifest.config.digest};
  image.diff_ids = config.diff_ids;
  for (const Descriptor& layer : manifest.layers) {
    if (!is_layer_type(layer.media_type)) {
      return fail(Code::kUnimplemented, "layers of type \"", layer.media_type, "\" are not supported");
    }
    TRY(blob(layer));
    image.blobs.push_back(layer.digest);
    image.layer_blobs.push_back(layer.digest);
  }
  return image;
}

// A bare word in org.opencontainers.image.ref.name is a tag of who knows what; a name has at least a ':' or a '/'.
std::string name_of(const Descriptor& descriptor) {
  const std::string full = annotation(descriptor, kContainerdNameAnnotation);
  if (!full.empty()) return full;
  const std::string name = annotation(descriptor, kRefNameAnnotation);
  return name.find_first_of(":/@") == std::string::npos ? "" : name;
}

Result<std::vector<NewImage>> OciReader::read() {
  const StagedFile layout = TRY(files_.stage("oci-layout"));
  const std::string layout_text = TRY(read_staged(layout));
  TRY(check_layout_document(layout_text));
  const StagedFile index = TRY(files_.stage("index.json"));
  const std::string index_text = TRY(read_staged(index));
  // Manifests of one name are the platforms of one image.
  std::map<std::string, std::vector<Descriptor>> by_name;
  for (const Descriptor& descriptor : TRY(parse_index(index_text))) {
    std::string key = name_of(descriptor);
    if (key.empty() && descriptor.platform.architecture.empty()) key = "@" + descriptor.digest;
    by_name[key].push_back(descriptor);
  }
  std::vector<NewImage> images;
  for (const auto& [name, candidates] : by_name) {
    const Descriptor chosen = TRY(choose(candidates, 0));
    NewImage image = TRY(read_manifest(chosen));
    if (!name.empty() && !name.starts_with('@')) {
      image.references.push_back(TRY(Reference::parse(name), "a name in the archive").normalised());
    }
    images.push_back(std::move(image));
  }
  return images;
}

// --- docker-archive ---

Result<std::string> layer_media_type(const StagedFile& file) {
  const UniqueFd opened = TRY(base::sys::open(file.path, O_RDONLY));
  std::array<char, 8> head{};
  const size_t got = TRY(base::sys::read(opened.get(), head));
  switch (sniff_compression(std::span(head).first(got))) {
    case Compression::kNone:
      return std::string(kOciLayerType);
    case Compression::kGzip:
      return std::string(kOciLayerType) + "+gzip";
    case Compression::kZstd:
      return std::string(kOciLayerType) + "+zstd";
    case Compression::kOther:
      break;
  }
  return fail(Code::kUnimplemented, "a layer is compressed with neither gzip nor zstd, which OCI images cannot hold");
}

// Writes the manifest that a docker-archive or a root folder lacks.
Result<NewImage> assemble(const StagedFile& config, const std::vector<StagedFile>& layers,
                          const std::vector<std::string>& diff_ids, Staging& staging) {
  NewImage image{.id = config.digest, .diff_ids = diff_ids};
  Manifest manifest;
  manifest.config = {.media_type = std::string(kOciConfigType), .digest = config.digest, .size = config.size};
  staging.adopt_blob(config);
  for (const StagedFile& layer : layers) {
    manifest.layers.push_back({.media_type = TRY(layer_media_type(layer)), .digest = layer.digest, .size = layer.size});
    staging.adopt_blob(layer);
    image.blobs.push_back(layer.digest);
    image.layer_blobs.push_back(layer.digest);
  }
  const StagedFile document = TRY(staging.add_document(write_manifest(manifest)));
  staging.adopt_blob(document);
  image.entry.manifest = {
      .media_type = std::string(kOciManifestType), .digest = document.digest, .size = document.size};
  image.entry.made_here = true;
  image.blobs.push_back(config.digest);
  image.blobs.push_back(document.digest);
  return image;
}

// The configuration's file is called by its digest: "<hex>.json" or "blobs/sha256/<hex>".
Status check_config_name(const std::string& path, const StagedFile& file) {
  const size_t slash = path.rfind('/');
  std::string stem = slash == std::string::npos ? path : path.substr(slash + 1);
  if (stem.ends_with(".json")) stem.resize(stem.size() - 5);
  if (!is_sha256_digest("sha256:" + stem) || hex_of(file.digest) == stem) return {};
  return fail(Code::kInvalidArgument, path, " is damaged: its content is ", file.digest);
}

Result<NewImage> read_docker_image(const DockerImage& source, ImageFiles& files, Staging& staging) {
  const StagedFile config_file = TRY(files.stage(source.config));
  TRY(check_config_name(source.config, config_file));
  const std::string text = TRY(read_staged(config_file));
  const ConfigDocument config = TRY(parse_config(text));
  TRY(check_platform({.architecture = config.config.architecture, .os = config.config.os}));
  TRY(check_layer_count(source.layers.size(), config));
  std::vector<StagedFile> layers;
  for (const std::string& path : source.layers) layers.push_back(TRY(files.stage(path)));
  NewImage image = TRY(assemble(config_file, layers, config.diff_ids, staging));
  for (const std::string& tag : source.repo_tags) {
    image.references.push_back(TRY(Reference::parse(tag), "a name in the archive").normalised());
  }
  return image;
}

bool is_empty_folder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(path.c_str()), ::closedir);
  if (listing == nullptr) return false;
  while (const struct dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return false;
  }
  return true;
}

}  // namespace

Result<std::vector<NewImage>> read_oci(ImageFiles& files, Staging& staging) { return OciReader(files, staging).read(); }

Result<std::vector<NewImage>> read_docker(ImageFiles& files, Staging& staging) {
  const StagedFile table = TRY(files.stage("manifest.json"));
  const std::string text = TRY(read_staged(table));
  std::vector<NewImage> images;
  for (const DockerImage& source : TRY(parse_docker_manifest(text))) {
    images.push_back(TRY(read_docker_image(source, files, staging)));
  }
  return images;
}

Result<NewImage> read_root_folder(const std::string& path, Staging& staging) {
  if (is_empty_folder(path)) return fail(Code::kInvalidArgument, "the folder is empty");
  const std::unique_ptr<BlobWriter> writer = TRY(staging.new_file());
  Progress progress{.layer = path};
  const auto store = [&](std::span<const char> data) -> Status {
    TRY(staging.check_cancelled());
    progress.done_bytes += static_cast<int64_t>(data.size());
    staging.report(progress);
    return writer->write(data);
  };
  TRY(pack_folder(path, store));
  const StagedFile layer = TRY(writer->finish());
  const StagedFile config = TRY(staging.add_document(write_root_folder_config(layer.digest)));
  return assemble(config, {layer}, {layer.digest}, staging);
}

Result<std::vector<NewImage>> read_images(const std::string& path, Staging& staging) {
  const UniqueFd source = TRY(base::sys::open(path, O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(base::sys::fstat(source.get()));
  if (S_ISDIR(info.st_mode)) {
    const std::unique_ptr<ImageFiles> files = TRY(open_folder(path, staging));
    if (files->has("oci-layout") && files->has("index.json")) return read_oci(*files, staging);
    std::vector<NewImage> images;
    images.push_back(TRY(read_root_folder(path, staging)));
    return images;
  }
  if (!S_ISREG(info.st_mode)) return fail(Code::kInvalidArgument, "neither a file nor a folder");
  const std::unique_ptr<ImageFiles> files = TRY(open_archive(path, staging));
  if (files->has("oci-layout") && files->has("index.json")) return read_oci(*files, staging);
  if (files->has("manifest.json")) return read_docker(*files, staging);
  return fail(Code::kInvalidArgument,
              "no image archive: it has neither index.json (oci-archive) nor manifest.json (docker-archive)");
}

}  // namespace runtime::image
