// TarReader: the entries of a tar archive that comes through a LayerStream; libarchive's reader with its errors turned
// into Errors. Belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "runtime/image/layer_stream.h"

struct archive;
struct archive_entry;

namespace runtime::image {

class TarReader {
 public:
  // tick: called about once for each megabyte read; its error ends the reading (progress and cancellation).
  TarReader(LayerStream& stream, std::function<base::Status()> tick);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  // The next entry, valid until the following call; nullptr at the end. kInvalidArgument: no tar, damaged, truncated.
  base::Result<struct archive_entry*> next();

  struct Block {
    std::span<const char> data;
    int64_t offset = 0;  // where in the file it belongs: what lies between blocks is a hole
  };
  // The entry's next piece of content; nullopt at its end.
  base::Result<std::optional<Block>> block();
  // Reads what follows the archive's end, so that the stream's digest covers every byte.
  base::Status drain();

 private:
  static long feed(struct archive* archive, void* self, const void** data);
  base::Error failure();

  LayerStream& stream_;
  std::function<base::Status()> tick_;
  struct archive* archive_;
  bool opened_ = false;
  std::optional<base::Error> stream_failure_;
};

// Names as the bytes that the archive holds, in whatever character set the process runs.
std::string entry_name(struct archive_entry* entry);
std::optional<std::string> entry_hardlink(struct archive_entry* entry);
std::string entry_symlink(struct archive_entry* entry);

}  // namespace runtime::image
