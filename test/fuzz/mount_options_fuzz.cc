// The options of a mount, one a line: none is lost, and none asks to set and to clear the same attribute of one mount.
#include <linux/mount.h>

#include "runtime/shim/mount_options.h"
#include "test/fuzz/fuzz.h"

namespace {

void require_whole_mode(uint64_t set, uint64_t clear) {
  fuzz::require((set & MOUNT_ATTR__ATIME) == 0 || (clear & MOUNT_ATTR__ATIME) == MOUNT_ATTR__ATIME);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  std::vector<std::string> options;
  while (!text.empty()) options.emplace_back(fuzz::take_until(text, "\n"));
  const auto parsed = runtime::shim::parse_mount_options(options);
  fuzz::require(parsed.data.size() <= options.size());
  // What is set of the access time's mode must be cleared in the same call: mount_setattr(2).
  fuzz::require((parsed.set & parsed.clear & ~uint64_t{MOUNT_ATTR__ATIME}) == 0);
  fuzz::require((parsed.recursive_set & parsed.recursive_clear & ~uint64_t{MOUNT_ATTR__ATIME}) == 0);
  require_whole_mode(parsed.set, parsed.clear);
  require_whole_mode(parsed.recursive_set, parsed.recursive_clear);
  return 0;
}
