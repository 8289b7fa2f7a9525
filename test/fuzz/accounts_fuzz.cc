// An image's /etc/passwd and /etc/group, and its USER. The input: USER, "|", passwd, "|", group.
// A user is what was asked for and lies within Kubernetes' bounds, or nobody.
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/sys.h"
#include "runtime/oci/user.h"
#include "test/fuzz/fuzz.h"

namespace {

constexpr uint32_t kMaxId = 0x7fffffff;

class Image : public runtime::oci::RootFiles {
 public:
  Image(std::string_view passwd, std::string_view group) : passwd_(passwd), group_(group) {}
  base::Result<base::UniqueFd> open(std::string_view path) const override {
    base::UniqueFd file = TRY(base::sys::memfd("file", false));
    TRY(base::sys::write_all(file.get(), path == "/etc/passwd" ? passwd_ : group_));
    if (::lseek(file.get(), 0, SEEK_SET) != 0) return base::fail_errno(errno, "rewind");
    return file;
  }
  base::Result<struct stat> stat(std::string_view path) const override {
    return base::fail(base::Code::kNotFound, "stat ", path);
  }

 private:
  std::string_view passwd_;
  std::string_view group_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  runtime::oci::UserRequest request{.run_as_user = {},
                                    .run_as_group = {},
                                    .run_as_username = {},
                                    .supplemental_groups = {7},
                                    .policy = runtime::oci::GroupsPolicy::kMerge,
                                    .image_user = std::string(fuzz::take_until(text, "|"))};
  const std::string_view passwd = fuzz::take_until(text, "|");
  const Image image(passwd, text);
  const auto user = runtime::oci::resolve_user(image, request);
  if (!user) return 0;
  fuzz::require(user->uid <= kMaxId && user->gid <= kMaxId);
  fuzz::require(user->home.starts_with('/') && user->home.find('\0') == std::string::npos &&
                user->home.find('\n') == std::string::npos);
  fuzz::require(!user->additional_gids.empty() && user->additional_gids.front() == user->gid);
  fuzz::require(std::ranges::all_of(user->additional_gids, [](uint32_t gid) { return gid <= kMaxId; }));
  std::vector<uint32_t> sorted = user->additional_gids;
  std::ranges::sort(sorted);
  fuzz::require(std::ranges::adjacent_find(sorted) == sorted.end());

  // Asked for by number: the same user, whatever the files say.
  request.run_as_user = user->uid;
  const auto by_number = runtime::oci::resolve_user(image, request);
  fuzz::require(by_number && by_number->uid == user->uid);
  return 0;
}
