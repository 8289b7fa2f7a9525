#include "runtime/image/export.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <set>
#include <span>

#include "base/sys.h"
#include "base/unique_fd.h"
#include "runtime/image/digest.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;

class ArchiveWriter {
 public:
  ArchiveWriter() : archive_(archive_write_new(), archive_write_free) {}

  Status open(int out) {
    archive_write_set_format_pax_restricted(archive_.get());
    archive_write_set_bytes_per_block(archive_.get(), 1 << 20);
    archive_write_set_bytes_in_last_block(archive_.get(), 512);
    return check(archive_write_open_fd(archive_.get(), out));
  }
  Status add_text(const std::string& path, const std::string& content) {
    TRY(begin(path, static_cast<int64_t>(content.size())));
    return write(content);
  }
  Status add_blob(const Layout& layout, const std::string& digest);
  Status close() { return check(archive_write_close(archive_.get())); }

 private:
  Status begin(const std::string& path, int64_t size) {
    const std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)> entry(archive_entry_new(),
                                                                                       archive_entry_free);
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_mode(entry.get(), S_IFREG | 0644);
    archive_entry_set_size(entry.get(), size);
    archive_entry_set_mtime(entry.get(), 0, 0);
    return check(archive_write_header(archive_.get(), entry.get()));
  }
  Status write(std::span<const char> data) {
    while (!data.empty()) {
      const la_ssize_t written = archive_write_data(archive_.get(), data.data(), data.size());
      if (written <= 0) return check(ARCHIVE_FATAL);
      data = data.subspan(static_cast<size_t>(written));
    }
    return {};
  }
  Status check(int outcome) {
    if (outcome == ARCHIVE_OK || outcome == ARCHIVE_WARN) return {};
    const int os_errno = archive_errno(archive_.get());
    if (os_errno > 0) return base::fail_errno(os_errno, "write the archive");
    const char* text = archive_error_string(archive_.get());
    return fail(Code::kInternal, "write the archive: ", text == nullptr ? "no details" : text);
  }

  std::unique_ptr<struct archive, int (*)(struct archive*)> archive_;
};

Status ArchiveWriter::add_blob(const Layout& layout, const std::string& digest) {
  const UniqueFd file = TRY(base::sys::open(layout.blob(digest), O_RDONLY), "the image store lacks ", digest);
  const struct stat info = TRY(base::sys::fstat(file.get()));
  TRY(begin("blobs/sha256/" + hex_of(digest), info.st_size));
  std::vector<char> buffer(1UL << 20);
  Sha256 hash;
  while (const size_t got = TRY(base::sys::read(file.get(), buffer), "read ", digest)) {
    const std::span<const char> data(buffer.data(), got);
    hash.update(data);
    TRY(write(data));
  }
  if (hash.finish() == digest) return {};
  return fail(Code::kDataLoss, layout.blob(digest), " is damaged: remove the image and import it again");
}

}  // namespace

Status write_oci_archive(const Layout& layout, const StoredImage& image, const std::vector<std::string>& references,
                         int out) {
  std::vector<Descriptor> manifests;
  for (const std::string& reference : references) {
    manifests.push_back(image.manifest);
    manifests.back().annotations.emplace(kRefNameAnnotation, reference);
  }
  if (manifests.empty()) manifests.push_back(image.manifest);
  std::set<std::string> digests{image.manifest.digest, image.id};
  for (const Descriptor& layer : image.content.layers) digests.insert(layer.digest);

  ArchiveWriter writer;
  TRY(writer.open(out));
  TRY(writer.add_text("oci-layout", std::string(kOciLayoutDocument)));
  TRY(writer.add_text("index.json", write_index(manifests)));
  for (const std::string& digest : digests) TRY(writer.add_blob(layout, digest));
  return writer.close();
}

}  // namespace runtime::image
