// What a volume is asked to be. The agent translates a pod's volumes into this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace volumes {

struct EmptyDirSource {
  bool memory = false;                // medium Memory: a tmpfs
  std::optional<int64_t> size_limit;  // bytes
  bool operator==(const EmptyDirSource&) const = default;
};

enum class HostPathCheck {
  kNone,
  kDirectoryOrCreate,  // made with mode 0755, with its parents
  kDirectory,
  kFileOrCreate,  // made empty with mode 0644; its folder must be there
  kFile,
  kSocket,
  kCharDevice,
  kBlockDevice,
};

struct HostPathSource {
  std::string path;  // on the host, absolute
  HostPathCheck check = HostPathCheck::kNone;
  bool operator==(const HostPathSource&) const = default;
};

// One file of a volume that is made of content. Which paths are refused: check_files (atomic_writer.h).
struct ContentFile {
  std::string path;  // below the volume, relative: "a.conf", "tls/key.pem"
  std::string content;
  uint32_t mode = 0644;  // permission bits
  bool operator==(const ContentFile&) const = default;
};

enum class ContentKind { kConfigMap, kSecret, kDownwardApi, kProjected };

// The agent says what the files are, and says it anew when they change.
struct ContentSource {
  ContentKind kind = ContentKind::kConfigMap;
  std::vector<ContentFile> files;
  // Folders for other volumes that a container has mounted below this one, relative: containers cannot make them here.
  std::vector<std::string> mount_points;
  bool operator==(const ContentSource&) const = default;
};

struct VolumeSpec {
  std::string name;  // unique within its pod
  std::variant<EmptyDirSource, HostPathSource, ContentSource> source;
  bool operator==(const VolumeSpec&) const = default;
};

}  // namespace volumes
