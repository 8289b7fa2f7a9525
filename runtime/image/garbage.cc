#include "runtime/image/garbage.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/digest.h"

namespace runtime::image {

using base::Result;
using base::Status;

namespace {

Result<std::vector<std::string>> names_in(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), ::closedir);
  if (listing == nullptr) return base::fail_errno(errno, "list folder ", folder);
  std::vector<std::string> names;
  while (const struct dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

Result<std::set<std::string>> digests_in(const std::string& folder) {
  std::set<std::string> digests;
  for (const std::string& name : TRY(names_in(folder))) digests.insert("sha256:" + name);
  return digests;
}

Status move_if_present(const std::string& from, const std::string& to) {
  const Status moved = base::sys::renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
  if (!moved && moved.error().os_errno() == ENOENT) return {};
  return moved;
}

}  // namespace

void add_needs(Needs& needs, const StoredImage& image) {
  needs.blobs.insert(image.manifest.digest);
  needs.blobs.insert(image.id);
  for (const Descriptor& layer : image.content.layers) needs.blobs.insert(layer.digest);
  needs.layers.insert(image.config.diff_ids.begin(), image.config.diff_ids.end());
  for (std::string& chain : chain_ids(image.config.diff_ids)) needs.chains.insert(std::move(chain));
}

Result<Trash> Trash::create(const Layout& layout) {
  static std::atomic<unsigned> counter = 0;
  std::string folder = base::concat(layout.temporary(), "/trash-", ::getpid(), "-", counter++);
  TRY(base::remove_tree(folder));
  TRY(base::make_dirs(folder, 0700));
  return Trash(std::move(folder));
}

// What could not be deleted is found by the next open().
Trash::~Trash() {
  if (!folder_.empty()) (void)base::remove_tree(folder_);
}

Status Trash::take(const Layout& layout, const Needs& unwanted, const Needs& wanted) {
  for (const std::string& digest : unwanted.blobs) {
    if (wanted.blobs.contains(digest)) continue;
    TRY(move_if_present(layout.blob(digest), base::concat(folder_, "/blob-", hex_of(digest))));
  }
  for (const std::string& diff_id : unwanted.layers) {
    if (wanted.layers.contains(diff_id)) continue;
    layout.drop_short_name("layers", diff_id);
    TRY(move_if_present(layout.layer(diff_id), base::concat(folder_, "/layer-", hex_of(diff_id))));
  }
  for (const std::string& chain_id : unwanted.chains) {
    if (wanted.chains.contains(chain_id)) continue;
    layout.drop_short_name("chains", chain_id);
    TRY(move_if_present(layout.chain(chain_id), base::concat(folder_, "/chain-", hex_of(chain_id))));
  }
  return {};
}

Result<Needs> all_present(const Layout& layout) {
  return Needs{.blobs = TRY(digests_in(layout.blobs())),
               .layers = TRY(digests_in(layout.layers())),
               .chains = TRY(digests_in(layout.chains()))};
}

Status discard_unneeded(const Layout& layout, const Needs& candidates, Trash& trash) {
  Needs wanted;
  for (const IndexEntry& entry : TRY(layout.read_index())) {
    const auto image = layout.load(entry);
    if (!image) {
      base::log::warning({}, "image store: leftovers stay, since an image is damaged: ", image.error().to_string());
      return {};
    }
    add_needs(wanted, **image);
  }
  return trash.take(layout, candidates, wanted);
}

Status sweep(const Layout& layout) {
  // Documents that were being written: all of these are written under the index lock, so nobody is at it now.
  for (const std::string& name : TRY(names_in(layout.images()))) {
    if (name.find(".tmp-") != std::string::npos) ::unlink(base::concat(layout.images(), "/", name).c_str());
  }
  const std::vector<std::string> leftovers = TRY(names_in(layout.temporary()));
  if (leftovers.empty()) return {};
  for (const std::string& name : leftovers) {
    TRY(base::remove_tree(base::concat(layout.temporary(), "/", name)), "remove what an interrupted import left");
  }
  // What was interrupted may also have been between moving files in (or out) and the index.
  Trash trash = TRY(Trash::create(layout));
  const Needs present = TRY(all_present(layout));
  return discard_unneeded(layout, present, trash);
}

}  // namespace runtime::image
