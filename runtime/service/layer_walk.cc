#include "runtime/service/layer_walk.h"

#include <fcntl.h>

#include <cmath>
#include <string_view>

#include "base/path.h"
#include "base/sys.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

constexpr uint64_t kBlock = 512;
// Of the folders that are still to be listed: what a container makes must not take the node's memory.
constexpr size_t kMostPending = 100'000;
// A deeper folder gets a descriptor, so that no path becomes too long for the kernel.
constexpr size_t kLongPath = 512;
constexpr int kNamesAtOnce = 256;

}  // namespace

Result<LayerWalk> LayerWalk::begin(const std::string& folder) {
  UniqueFd top = TRY(base::sys::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const struct stat info = TRY(base::sys::fstat(top.get()));
  LayerWalk walk(info.st_dev);
  walk.count(info);
  walk.pending_.push_back({std::make_shared<const UniqueFd>(std::move(top)), "."});
  return walk;
}

Result<bool> LayerWalk::go_on(base::Monotonic until) {
  do {
    if (!listing_ && pending_.empty()) return true;
    if (!listing_) TRY(open_next());
    if (listing_) TRY(list_some());
    // The real clock, as the time is: others wait for their turn.
  } while ((!listing_ && pending_.empty()) || std::chrono::steady_clock::now() < until);
  return false;
}

LayerUsage LayerWalk::usage() const {
  const auto whole = [](double parts) { return static_cast<uint64_t>(std::llround(parts)); };
  return {.bytes = bytes_ + whole(parts_of_bytes_), .inodes = inodes_ + whole(parts_of_inodes_), .at = {}};
}

void LayerWalk::count(const struct stat& info) {
  const uint64_t bytes = static_cast<uint64_t>(info.st_blocks) * kBlock;
  if (S_ISDIR(info.st_mode) || info.st_nlink <= 1) {
    bytes_ += bytes;
    ++inodes_;
    return;
  }
  const auto names = static_cast<double>(info.st_nlink);
  parts_of_bytes_ += static_cast<double>(bytes) / names;
  parts_of_inodes_ += 1 / names;
}

Status LayerWalk::open_next() {
  Folder folder = std::move(pending_.back());
  pending_.pop_back();
  Result<UniqueFd> opened =
      base::open_beneath_no_links(folder.base->get(), folder.path, O_RDONLY | O_DIRECTORY | O_NOATIME);
  if (!opened && opened.error().code() == Code::kResourceExhausted) return std::unexpected(std::move(opened).error());
  // Gone, or something else by now.
  if (!opened) return {};
  if (folder.path.size() > kLongPath)
    folder = {.base = std::make_shared<const UniqueFd>(TRY(base::sys::dup(opened->get()))), .path = ""};
  DIR* names = ::fdopendir(opened->get());
  if (names == nullptr) return base::fail_errno(errno, "list a folder");
  (void)opened->release();
  listing_ = Listing{.names = {names, ::closedir}, .folder = std::move(folder)};
  return {};
}

Status LayerWalk::list_some() {
  for (int i = 0; i < kNamesAtOnce; ++i) {
    const struct dirent* entry = ::readdir(listing_->names.get());
    if (entry == nullptr) {
      listing_.reset();
      return {};
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") TRY(look_at(name));
  }
  return {};
}

Status LayerWalk::look_at(const std::string& name) {
  struct stat info{};
  const int folder = ::dirfd(listing_->names.get());
  if (folder < 0 || ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0 || info.st_dev != device_) {
    return {};
  }
  count(info);
  if (!S_ISDIR(info.st_mode)) return {};
  if (pending_.size() >= kMostPending)
    return base::fail(Code::kResourceExhausted, "more than ", kMostPending, " folders side by side");
  const Folder& above = listing_->folder;
  pending_.push_back({above.base, above.path.empty() ? name : base::join_path(above.path, name)});
  return {};
}

}  // namespace runtime::service
