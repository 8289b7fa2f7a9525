// Who a container runs as: names and numbers from the pod and the image, resolved in the image's own /etc/passwd and
// /etc/group. Those files belong to the image and are read with a limit; lines that make no sense are passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/oci/root_files.h"

namespace runtime::oci {

// CRI's v1.SupplementalGroupsPolicy.
enum class GroupsPolicy {
  kMerge,   // groups of the image's /etc/group that list the user, and the requested ones
  kStrict,  // the requested ones only
};

struct UserRequest {
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;  // needs run_as_user or run_as_username (CRI)
  std::string run_as_username;          // wins over run_as_user
  std::vector<int64_t> supplemental_groups;
  GroupsPolicy policy = GroupsPolicy::kMerge;
  std::string
      image_user;  // the image's USER: "", "name", "uid", "name:group", "uid:gid"; used when no user is requested
};

struct ResolvedUser {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> additional_gids;  // the primary gid first, no number twice
  std::string home = "/";                 // from /etc/passwd, "/" when the uid is not there
  bool operator==(const ResolvedUser&) const = default;
};

// Errors: kInvalidArgument for a user or group name that the image does not know, a number outside 0..2147483647, a
// group without a user; kResourceExhausted for a passwd or group file past 4 MiB; what opening the files gives.
base::Result<ResolvedUser> resolve_user(const RootFiles& root, const UserRequest& request);

}  // namespace runtime::oci
