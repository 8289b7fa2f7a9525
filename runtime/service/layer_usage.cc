#include "runtime/service/layer_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

constexpr std::chrono::seconds kSoonestWalk(10);
constexpr int kSlowdown = 100;
constexpr uint64_t kBlock = 512;
// Of the folders that are still to be listed: what a container makes must not take the node's memory.
constexpr size_t kMostPending = 100'000;
// A deeper folder gets a descriptor, so that no path becomes too long for the kernel.
constexpr size_t kLongPath = 512;
constexpr uint64_t kLookUpEvery = 256;

struct Folder {
  std::shared_ptr<const UniqueFd> base;
  std::string path;  // below base
};

class Walk {
 public:
  Walk(const cri::CallContext& context, dev_t device) : context_(context), device_(device) {}

  Status run(UniqueFd top);
  const LayerUsage& usage() const { return usage_; }

 private:
  void count(const struct stat& info);
  Status list(const Folder& folder);
  Status interrupted() const;

  const cri::CallContext& context_;
  const dev_t device_;
  LayerUsage usage_;
  std::unordered_set<ino_t> linked_;  // files with several names that have been counted
  std::vector<Folder> pending_;
};

void Walk::count(const struct stat& info) {
  if (!S_ISDIR(info.st_mode) && info.st_nlink > 1 && !linked_.insert(info.st_ino).second) return;
  usage_.bytes += static_cast<uint64_t>(info.st_blocks) * kBlock;
  ++usage_.inodes;
}

Status Walk::interrupted() const {
  if (context_.stop.stop_requested()) return base::fail(Code::kCancelled, "counting was given up");
  // The real clock, as the deadline is: whoever set it waits for us.
  if (std::chrono::steady_clock::now() >= context_.deadline)
    return base::fail(Code::kDeadlineExceeded, "counting took too long");
  return {};
}

Status Walk::list(const Folder& folder) {
  Result<UniqueFd> opened =
      base::open_beneath_no_links(folder.base->get(), folder.path, O_RDONLY | O_DIRECTORY | O_NOATIME);
  if (!opened && opened.error().code() == Code::kResourceExhausted) return std::unexpected(std::move(opened).error());
  // Gone, or something else by now.
  if (!opened) return {};
  std::shared_ptr<const UniqueFd> start = folder.base;
  const bool deep = folder.path.size() > kLongPath;
  if (deep) start = std::make_shared<const UniqueFd>(TRY(base::sys::dup(opened->get())));
  DIR* raw = ::fdopendir(opened->get());
  if (raw == nullptr) return base::fail_errno(errno, "list a folder");
  (void)opened->release();
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  while (const struct dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info{};
    if (::fstatat(::dirfd(raw), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0 || info.st_dev != device_) continue;
    count(info);
    if (usage_.inodes % kLookUpEvery == 0) TRY(interrupted());
    if (!S_ISDIR(info.st_mode)) continue;
    if (pending_.size() >= kMostPending)
      return base::fail(Code::kResourceExhausted, "more than ", kMostPending, " folders side by side");
    pending_.push_back({start, deep ? std::string(name) : base::join_path(folder.path, name)});
  }
  return {};
}

Status Walk::run(UniqueFd top) {
  count(TRY(base::sys::fstat(top.get())));
  pending_.push_back({std::make_shared<const UniqueFd>(std::move(top)), "."});
  while (!pending_.empty()) {
    TRY(interrupted());
    const Folder folder = std::move(pending_.back());
    pending_.pop_back();
    TRY(list(folder));
  }
  return {};
}

}  // namespace

Result<LayerUsage> count_layer(const cri::CallContext& context, const std::string& folder) {
  UniqueFd top = TRY(base::sys::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  Walk walk(context, TRY(base::sys::fstat(top.get())).st_dev);
  TRY(walk.run(std::move(top)), "count what is in ", folder);
  return walk.usage();
}

base::Monotonic next_walk(base::Monotonic began, base::Monotonic ended) {
  return ended + std::max<base::Monotonic::duration>(kSoonestWalk, (ended - began) * kSlowdown);
}

std::optional<LayerUsage> LayerUsages::of(const cri::CallContext& context, const std::string& container,
                                          const std::string& folder) {
  const base::Monotonic began = clock_.now();
  {
    auto entries = entries_.lock();
    Entry& entry = (*entries)[container];
    if (entry.walking || (entry.next && began < *entry.next)) return entry.usage;
    entry.walking = true;
  }
  Result<LayerUsage> counted = count_layer(context, folder);
  const base::Monotonic ended = clock_.now();
  if (counted) counted->at = clock_.wall();
  const bool unusual = !counted && counted.error().code() != Code::kNotFound;
  if (unusual) base::log::warning({.container_id = container}, counted.error().to_string());
  auto entries = entries_.lock();
  Entry& entry = (*entries)[container];
  entry.walking = false;
  entry.next = next_walk(began, ended);
  if (counted) entry.usage = *counted;
  return entry.usage;
}

void LayerUsages::keep_only(const std::set<std::string>& containers) {
  auto entries = entries_.lock();
  std::erase_if(*entries,
                [&](const auto& entry) { return !entry.second.walking && !containers.contains(entry.first); });
}

}  // namespace runtime::service
