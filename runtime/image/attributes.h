// Owner, mode, times and extended attributes of files in layers, set and copied by descriptor.
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>

#include "base/error.h"

namespace runtime::image {

constexpr const char* kOpaqueAttribute = "trusted.overlay.opaque";

using Xattrs = std::map<std::string, std::string>;  // values are any bytes

// What an archive may set on a file. kInvalidArgument for overlayfs' own attributes, which would change what the layers
// show; false for labels that only mean something on the host that wrote them (SELinux, IMA, EVM, NFSv4, btrfs).
base::Result<bool> wanted_xattr(const std::string& name);

// A file of any type, named by its folder's descriptor and its name, never followed when it is a link. An empty name
// means the folder itself.
struct Place {
  int folder = -1;
  std::string name;
};
base::Status set_xattr(const Place& place, const std::string& name, const std::string& value);
base::Status remove_xattr(const Place& place, const std::string& name);
base::Result<Xattrs> list_xattrs(const Place& place);
base::Status set_mtime(const Place& place, const struct timespec& mtime);

bool is_opaque(const Place& folder);
base::Status set_opaque(const Place& folder);
// overlayfs' mark for a deleted name.
bool is_whiteout(const struct stat& info);

// Gives the folder the owner, mode, extended attributes (without overlayfs' own) and time of another.
base::Status copy_folder_attributes(const Place& from, const Place& to);

}  // namespace runtime::image
