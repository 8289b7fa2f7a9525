#include "runtime/image/layout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/digest.h"

namespace runtime::image {

namespace {

using base::Code;
using base::Durability;
using base::fail;
using base::Result;
using base::Status;

constexpr uint64_t kFormatVersion = 1;
constexpr size_t kShortNameDigits = 12;

constexpr std::string_view kMadeHereAnnotation = "nodeagent.image.manifest-made-here";
constexpr std::string_view kPinnedAnnotation = "nodeagent.image.pinned";
constexpr std::string_view kRemovedAnnotation = "nodeagent.image.removed";

bool is_set(const Descriptor& descriptor, std::string_view annotation) {
  const auto found = descriptor.annotations.find(std::string(annotation));
  return found != descriptor.annotations.end() && found->second == "true";
}

Status make_if_missing(const std::string& path, std::string_view content) {
  if (exists(path)) return {};
  return base::write_file_atomic(path, content, 0600, Durability::kPowerCut);
}

// NUL-separated, since names in images are any bytes but that.
std::string join_records(const std::vector<std::string>& records) {
  std::string out;
  for (const std::string& record : records) {
    out += record;
    out += '\0';
  }
  return out;
}

std::vector<std::string> split_records(std::string_view text) {
  std::vector<std::string> records;
  while (!text.empty()) {
    const size_t end = text.find('\0');
    records.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return records;
}

}  // namespace

bool exists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

std::string Layout::blob(const std::string& digest) const { return base::concat(blobs(), "/", hex_of(digest)); }
std::string Layout::layer(const std::string& diff_id) const { return base::concat(layers(), "/", hex_of(diff_id)); }
std::string Layout::chain(const std::string& chain_id) const { return base::concat(chains(), "/", hex_of(chain_id)); }
std::string Layout::hold_lock(const std::string& image_id) const {
  return base::concat(root_, "/locks/image-", hex_of(image_id));
}

Status Layout::prepare() const {
  const std::string version_path = images_ + "/version";
  const Result<std::string> version = base::read_file(version_path, 4096);
  if (version) {
    const auto numbers = TRY(parse_numbers(*version), "read ", version_path);
    const auto found = numbers.find("version");
    if (found == numbers.end()) return fail(Code::kDataLoss, version_path, " names no version");
    if (found->second > kFormatVersion) {
      return fail(Code::kFailedPrecondition, "the image store ", images_, " was written by a newer nodeagent (format ",
                  found->second, "; this one knows up to ", kFormatVersion, "): use that version, or another --root");
    }
  }
  for (const std::string& folder :
       {images_, temporary(), blobs(), layers(), chains(), short_names(), base::concat(root_, "/locks")}) {
    TRY(base::make_dirs(folder, 0700), "prepare the image store");
  }
  TRY(make_if_missing(images_ + "/oci-layout", kOciLayoutDocument), "prepare the image store");
  TRY(make_if_missing(images_ + "/index.json", image::write_index({})), "prepare the image store");
  return make_if_missing(version_path, write_numbers({{"version", kFormatVersion}}));
}

Result<std::vector<IndexEntry>> Layout::read_index() const {
  const std::string path = images_ + "/index.json";
  const std::string text = TRY(base::read_file(path), "read the image store's index");
  std::vector<IndexEntry> entries;
  for (Descriptor& descriptor : TRY(parse_index(text), "read ", path)) {
    IndexEntry entry;
    const auto name = descriptor.annotations.find(std::string(kRefNameAnnotation));
    if (name != descriptor.annotations.end()) entry.reference = name->second;
    entry.made_here = is_set(descriptor, kMadeHereAnnotation);
    entry.pinned = is_set(descriptor, kPinnedAnnotation);
    entry.removed = is_set(descriptor, kRemovedAnnotation);
    descriptor.annotations.clear();
    entry.manifest = std::move(descriptor);
    entries.push_back(std::move(entry));
  }
  return entries;
}

Status Layout::write_index(const std::vector<IndexEntry>& entries) const {
  std::vector<Descriptor> descriptors;
  for (const IndexEntry& entry : entries) {
    Descriptor descriptor = entry.manifest;
    if (!entry.reference.empty()) descriptor.annotations.emplace(kRefNameAnnotation, entry.reference);
    if (entry.made_here) descriptor.annotations.emplace(kMadeHereAnnotation, "true");
    if (entry.pinned) descriptor.annotations.emplace(kPinnedAnnotation, "true");
    if (entry.removed) descriptor.annotations.emplace(kRemovedAnnotation, "true");
    descriptors.push_back(std::move(descriptor));
  }
  return base::write_file_atomic(images_ + "/index.json", image::write_index(descriptors), 0600, Durability::kPowerCut);
}

Result<std::string> Layout::read_document(const std::string& digest) const {
  Result<std::string> text = base::read_file(blob(digest), kLargestDocument);
  if (!text) {
    return fail(Code::kDataLoss, "the image store lacks ", digest, " (", text.error().to_string(),
                "): remove the image and import it again");
  }
  if (sha256_of(*text) != digest) {
    return fail(Code::kDataLoss, blob(digest), " is damaged: remove the image and import it again");
  }
  return text;
}

Result<std::shared_ptr<const StoredImage>> Layout::load(const IndexEntry& entry) const {
  if (auto locked = loaded_.lock(); locked->contains(entry.manifest.digest)) return locked->at(entry.manifest.digest);
  auto image = std::make_shared<StoredImage>();
  image->manifest = entry.manifest;
  const std::string manifest = TRY(read_document(entry.manifest.digest));
  image->content = TRY(parse_manifest(manifest));
  image->id = image->content.config.digest;
  const std::string config = TRY(read_document(image->id));
  image->config = TRY(parse_config(config));
  image->size = entry.manifest.size + image->content.config.size;
  for (const Descriptor& layer : image->content.layers) image->size += layer.size;
  for (const std::string& diff_id : image->config.diff_ids) {
    Result<LayerNotes> notes = read_notes(layer(diff_id));
    if (!notes) {
      notes.error().set_code(Code::kDataLoss).add_context(base::concat("image ", image->id));
      return std::unexpected(notes.error());
    }
    image->size += notes->bytes;
  }
  loaded_.lock()->insert_or_assign(entry.manifest.digest, image);
  return image;
}

Result<LayerNotes> Layout::read_notes(const std::string& folder) {
  LayerNotes notes;
  const std::string record = TRY(base::read_file(folder + "/layer.json"));
  const auto numbers = TRY(parse_numbers(record), "read ", folder, "/layer.json");
  const auto number = [&](const char* name) {
    const auto found = numbers.find(name);
    return found == numbers.end() ? 0 : found->second;
  };
  notes.bytes = number("bytes");
  notes.inodes = number("inodes");
  notes.opaque_root = number("opaqueRoot") != 0;
  for (std::string& path : split_records(TRY(base::read_file(folder + "/implied")))) {
    notes.implied.insert(std::move(path));
  }
  const std::vector<std::string> links = split_records(TRY(base::read_file(folder + "/links")));
  for (size_t i = 0; i + 1 < links.size(); i += 2) notes.links_across.emplace(links[i], links[i + 1]);
  return notes;
}

// Not synced one by one: whoever renames the folder in syncs it as a whole.
Status Layout::write_notes(const std::string& folder, const LayerNotes& notes) {
  std::vector<std::string> links;
  for (const auto& [path, target] : notes.links_across) {
    links.push_back(path);
    links.push_back(target);
  }
  const std::vector<std::string> implied(notes.implied.begin(), notes.implied.end());
  const std::string numbers =
      write_numbers({{"bytes", notes.bytes}, {"inodes", notes.inodes}, {"opaqueRoot", notes.opaque_root ? 1 : 0}});
  TRY(base::write_file_atomic(folder + "/implied", join_records(implied), 0600, Durability::kCrash));
  TRY(base::write_file_atomic(folder + "/links", join_records(links), 0600, Durability::kCrash));
  return base::write_file_atomic(folder + "/layer.json", numbers, 0600, Durability::kCrash);
}

Result<std::string> Layout::short_name(const std::string& kind, const std::string& digest) const {
  const std::string hex = hex_of(digest);
  const std::string target = base::concat("../", kind, "/", hex, "/fs");
  for (size_t digits = kShortNameDigits; digits <= hex.size(); digits += 4) {
    const std::string name = base::concat(kind[0], hex.substr(0, digits));
    const std::string path = base::concat(short_names(), "/", name);
    const Status made = base::sys::symlinkat(target, AT_FDCWD, path);
    if (made) return name;
    if (made.error().os_errno() != EEXIST) return std::unexpected(made.error());
    if (TRY(base::sys::readlinkat(AT_FDCWD, path)) == target) return name;
  }
  return fail(Code::kInternal, "no free short name for ", digest);
}

void Layout::drop_short_name(const std::string& kind, const std::string& digest) const {
  const std::string hex = hex_of(digest);
  const std::string target = base::concat("../", kind, "/", hex, "/fs");
  for (size_t digits = kShortNameDigits; digits <= hex.size(); digits += 4) {
    const std::string path = base::concat(short_names(), "/", kind[0], hex.substr(0, digits));
    const Result<std::string> there = base::sys::readlinkat(AT_FDCWD, path);
    if (there && *there == target) ::unlink(path.c_str());
  }
}

std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids) {
  std::vector<std::string> chains;
  for (const std::string& diff_id : diff_ids) {
    chains.push_back(chains.empty() ? diff_id : sha256_of(base::concat(chains.back(), " ", diff_id)));
  }
  return chains;
}

}  // namespace runtime::image
