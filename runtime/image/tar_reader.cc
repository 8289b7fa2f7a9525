#include "runtime/image/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <utility>

namespace runtime::image {

using base::Code;
using base::Error;
using base::Result;
using base::Status;

TarReader::TarReader(LayerStream& stream, std::function<Status()> tick)
    : stream_(stream), tick_(std::move(tick)), archive_(archive_read_new()) {
  archive_read_support_format_tar(archive_);
  archive_read_support_format_empty(archive_);
  archive_read_set_read_callback(archive_, &TarReader::feed);
  archive_read_set_callback_data(archive_, this);
}

TarReader::~TarReader() { archive_read_free(archive_); }

long TarReader::feed(struct archive* /*archive*/, void* self_pointer, const void** data) {
  auto* self = static_cast<TarReader*>(self_pointer);
  if (self->tick_) {
    if (Status go_on = self->tick_(); !go_on) {
      self->stream_failure_ = std::move(go_on).error();
      return -1;
    }
  }
  Result<std::span<const char>> bytes = self->stream_.next();
  if (!bytes) {
    self->stream_failure_ = std::move(bytes).error();
    return -1;
  }
  *data = bytes->data();
  return static_cast<long>(bytes->size());
}

Error TarReader::failure() {
  if (stream_failure_) return *stream_failure_;
  const char* text = archive_error_string(archive_);
  return Error(Code::kInvalidArgument, base::concat("not a usable tar archive: ", text == nullptr ? "damaged" : text));
}

Result<struct archive_entry*> TarReader::next() {
  if (!opened_) {
    opened_ = true;
    if (archive_read_open1(archive_) != ARCHIVE_OK) return std::unexpected(failure());
  }
  struct archive_entry* entry = nullptr;
  const int outcome = archive_read_next_header(archive_, &entry);
  if (outcome == ARCHIVE_EOF) return nullptr;
  // ARCHIVE_WARN: a name that this process's character set cannot show; its bytes are there all the same.
  if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return std::unexpected(failure());
  return entry;
}

Result<std::optional<TarReader::Block>> TarReader::block() {
  const void* data = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  const int outcome = archive_read_data_block(archive_, &data, &size, &offset);
  if (outcome == ARCHIVE_EOF) return std::nullopt;
  if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return std::unexpected(failure());
  return Block{.data = {static_cast<const char*>(data), size}, .offset = offset};
}

Status TarReader::drain() {
  while (true) {
    if (tick_) TRY(tick_());
    if (TRY(stream_.next()).empty()) return {};
  }
}

std::string entry_name(struct archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name == nullptr ? "" : name;
}

std::optional<std::string> entry_hardlink(struct archive_entry* entry) {
  const char* name = archive_entry_hardlink(entry);
  if (name == nullptr) name = archive_entry_hardlink_utf8(entry);
  if (name == nullptr) return std::nullopt;
  return name;
}

std::string entry_symlink(struct archive_entry* entry) {
  const char* name = archive_entry_symlink(entry);
  if (name == nullptr) name = archive_entry_symlink_utf8(entry);
  return name == nullptr ? "" : name;
}

}  // namespace runtime::image
