#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <utility>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/import.h"
#include "runtime/image/layer_stream.h"
#include "runtime/image/tar_reader.h"
#include "runtime/image/unpack.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;

constexpr int kMostLinks = 8;

class ArchiveFiles : public ImageFiles {
 public:
  Status read(const std::string& path, Staging& staging);

  bool has(const std::string& path) const override { return find(path) != nullptr; }
  Result<StagedFile> stage(const std::string& path) override {
    if (const StagedFile* file = find(path); file != nullptr) return *file;
    return fail(Code::kInvalidArgument, "the archive lacks ", path);
  }

 private:
  Status add(struct archive_entry* entry, TarReader& tar, Staging& staging);
  // Follows the links by which docker-archives name one layer several times.
  const StagedFile* find(const std::string& path) const;

  std::map<std::string, StagedFile> files_;
  std::map<std::string, std::string> links_;  // path -> path
};

const StagedFile* ArchiveFiles::find(const std::string& path) const {
  std::string at = path;
  for (int followed = 0; followed < kMostLinks; ++followed) {
    if (const auto file = files_.find(at); file != files_.end()) return &file->second;
    const auto link = links_.find(at);
    if (link == links_.end()) return nullptr;
    at = link->second;
  }
  return nullptr;
}

Status ArchiveFiles::add(struct archive_entry* entry, TarReader& tar, Staging& staging) {
  const std::string path = TRY(clean_entry_name(entry_name(entry)));
  if (const std::optional<std::string> target = entry_hardlink(entry)) {
    links_[path] = TRY(clean_entry_name(*target));
    return {};
  }
  if (archive_entry_filetype(entry) == AE_IFLNK) {
    const std::string target = entry_symlink(entry);
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    links_[path] = TRY(clean_entry_name(target.starts_with('/') ? target : folder + target));
    return {};
  }
  if (archive_entry_filetype(entry) != AE_IFREG) return {};
  const std::unique_ptr<BlobWriter> writer = TRY(staging.new_file());
  int64_t at = 0;
  while (const std::optional<TarReader::Block> block = TRY(tar.block())) {
    if (block->offset != at) return fail(Code::kInvalidArgument, "a sparse file has no place in an image archive");
    TRY(writer->write(block->data), "store ", path);
    at += static_cast<int64_t>(block->data.size());
  }
  files_[path] = TRY(writer->finish());
  return {};
}

Status ArchiveFiles::read(const std::string& path, Staging& staging) {
  UniqueFd file = TRY(base::sys::open(path, O_RDONLY));
  const struct stat info = TRY(base::sys::fstat(file.get()));
  const std::unique_ptr<LayerStream> stream =
      TRY(LayerStream::start(std::move(file), LayerStream::Origin::kOutside, staging.budget()));
  Progress progress{.layer = path, .total_bytes = info.st_size};
  TarReader tar(*stream, [&]() -> Status {
    progress.done_bytes = stream->consumed();
    staging.report(progress);
    return staging.check_cancelled();
  });
  while (struct archive_entry* entry = TRY(tar.next())) TRY(add(entry, tar, staging));
  return tar.drain();
}

class FolderFiles : public ImageFiles {
 public:
  FolderFiles(UniqueFd folder, Staging& staging) : folder_(std::move(folder)), staging_(staging) {}

  bool has(const std::string& path) const override {
    return base::open_in_root(folder_.get(), path, O_PATH).has_value();
  }

  Result<StagedFile> stage(const std::string& path) override {
    if (const auto known = staged_.find(path); known != staged_.end()) return known->second;
    // A FIFO is refused, not waited on.
    const UniqueFd file =
        TRY(base::open_in_root(folder_.get(), path, O_RDONLY | O_NONBLOCK), "the image folder lacks ", path);
    const struct stat info = TRY(base::sys::fstat(file.get()));
    if (!S_ISREG(info.st_mode)) return fail(Code::kInvalidArgument, path, " is no regular file");
    const std::unique_ptr<BlobWriter> writer = TRY(staging_.new_file());
    std::vector<char> buffer(1UL << 20);
    Progress progress{.layer = path, .total_bytes = info.st_size};
    while (const size_t got = TRY(base::sys::read(file.get(), buffer), "read ", path)) {
      TRY(staging_.check_cancelled());
      staging_.budget().came_in(static_cast<int64_t>(got));
      TRY(writer->write({buffer.data(), got}), "store ", path);
      progress.done_bytes += static_cast<int64_t>(got);
      staging_.report(progress);
    }
    return staged_[path] = TRY(writer->finish());
  }

 private:
  UniqueFd folder_;
  Staging& staging_;
  std::map<std::string, StagedFile> staged_;
};

}  // namespace

Result<std::unique_ptr<ImageFiles>> open_archive(const std::string& path, Staging& staging) {
  auto files = std::make_unique<ArchiveFiles>();
  TRY(files->read(path, staging));
  return files;
}

Result<std::unique_ptr<ImageFiles>> open_folder(const std::string& path, Staging& staging) {
  UniqueFd folder = TRY(base::sys::open(path, O_RDONLY | O_DIRECTORY));
  return std::make_unique<FolderFiles>(std::move(folder), staging);
}

}  // namespace runtime::image
