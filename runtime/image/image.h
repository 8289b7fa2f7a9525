// What the store tells of an image: plain values, no JSON.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace runtime::image {

// The part of an image's configuration that decides how its containers run
// (https://github.com/opencontainers/image-spec/blob/main/config.md). Fields the image leaves out are empty.
struct ImageConfig {
  std::vector<std::string> env;  // "NAME=value"
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;
  std::string user;         // "", "uid", "name", "uid:gid", "name:group" …
  std::string stop_signal;  // "SIGTERM", "15" …
  std::map<std::string, std::string> labels;
  std::vector<std::string> volumes;        // folders the image declares as volumes
  std::vector<std::string> exposed_ports;  // "80/tcp"
  std::string architecture;                // Go's name: "amd64"
  std::string os;                          // "linux"
  std::string created;                     // RFC 3339 as the image has it, or empty
};

struct Image {
  std::string id;                         // digest of the configuration: "sha256:…"
  std::string manifest_digest;            // "sha256:…"
  std::vector<std::string> repo_tags;     // normalised, sorted; may be empty
  std::vector<std::string> repo_digests;  // "docker.io/library/busybox@sha256:…"; empty where we made the manifest
  uint64_t size = 0;                      // bytes on disk: blobs and unpacked layers, shared ones counted in each image
  ImageConfig config;
  std::vector<std::string> diff_ids;  // lowest layer first
  bool pinned = false;                // garbage collection must leave it alone
};

// What to hand to overlayfs for an image's read-only layers.
struct LowerLayers {
  // The folder that the names are relative to: chdir (or fchdir) into it before mounting, so that lowerdir= stays
  // within one page (Linux 6.1).
  std::string folder;
  // Top-most first, as lowerdir= wants them; at least one. Each is at most 64 bytes, without ':' or ','.
  std::vector<std::string> names;
  // The root folder's own attributes: overlayfs shows those of the upper directory there, so give them to it.
  mode_t root_mode = 0755;
  uid_t root_uid = 0;
  gid_t root_gid = 0;
  struct timespec root_mtime{};
};

}  // namespace runtime::image
