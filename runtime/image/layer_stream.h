// LayerStream: the bytes of a possibly compressed file, decompressed and hashed on a thread of its own, so that the
// caller unpacks one megabyte while the next is being made. gzip goes through ISA-L, zstd, xz and bzip2 through
// libarchive's filters; anything else passes as it is.
//
// The reading thread owns the decompressor and the hash; the two threads share only the queue of buffers. The
// destructor ends the thread at any point.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::image {

enum class Compression { kNone, kGzip, kZstd, kOther };
// By the first bytes of the file (at least four, where it has them).
Compression sniff_compression(std::span<const char> head);

// What all streams of one import together may make of the bytes that came from outside: a hundred bytes of each one,
// and 1 GiB in any case. One for all of them, since an archive in an archive multiplies. Thread-safe.
class ExpansionBudget {
 public:
  void came_in(int64_t bytes) { source_.fetch_add(bytes, std::memory_order_relaxed); }
  // False once it is too much.
  bool made(int64_t bytes);

 private:
  std::atomic<int64_t> source_ = 0;
  std::atomic<int64_t> made_ = 0;
};

class LayerStream {
 public:
  // kOutside: what is read counts as having come in; kStaged: it did so before.
  enum class Origin { kOutside, kStaged };
  // Reads the descriptor from its current offset to its end. The budget outlives the stream.
  static base::Result<std::unique_ptr<LayerStream>> start(base::UniqueFd file, Origin origin, ExpansionBudget& budget);
  ~LayerStream();
  LayerStream(const LayerStream&) = delete;
  LayerStream& operator=(const LayerStream&) = delete;

  // The next bytes, valid until the following call; empty at the end. kInvalidArgument: damaged, truncated, or a bomb
  // (the budget is used up).
  base::Result<std::span<const char>> next();
  // After next() gave the end: the SHA-256 of all decompressed bytes ("sha256:…").
  std::string digest() const;
  // Compressed bytes read so far.
  int64_t consumed() const;

 private:
  LayerStream();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runtime::image
