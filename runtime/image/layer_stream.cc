#include "runtime/image/layer_stream.h"

#include <archive.h>
#include <isa-l/igzip_lib.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/sys.h"
#include "runtime/image/digest.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;

constexpr size_t kBufferBytes = 1UL << 20;
constexpr size_t kBuffers = 6;
constexpr int64_t kBombFloor = 1L << 30;
constexpr int64_t kBombRatio = 100;

// The compressed file, with one buffer of read-ahead and a count of what went through.
class Input {
 public:
  // source_budget: told of what is read; nullptr: of no interest.
  Input(UniqueFd file, ExpansionBudget* source_budget)
      : file_(std::move(file)), source_budget_(source_budget), buffer_(kBufferBytes) {}

  // What has been read and not been taken yet, reading more when that is nothing; empty at the end.
  Result<std::span<const char>> peek() {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = TRY(base::sys::read(file_.get(), buffer_), "read the archive");
      note_read(end_);
    }
    return std::span<const char>(buffer_).subspan(begin_, end_ - begin_);
  }
  void take(size_t bytes) { begin_ += bytes; }
  // Reads until at least `bytes` are there, or the end: for looking at magic numbers.
  Status fill(size_t bytes) {
    while (end_ - begin_ < bytes) {
      const size_t got = TRY(base::sys::read(file_.get(), std::span(buffer_).subspan(end_)), "read the archive");
      if (got == 0) return {};
      end_ += got;
      note_read(got);
    }
    return {};
  }
  int64_t consumed() const { return consumed_.load(std::memory_order_relaxed); }

 private:
  void note_read(size_t bytes) {
    consumed_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
    if (source_budget_ != nullptr) source_budget_->came_in(static_cast<int64_t>(bytes));
  }

  UniqueFd file_;
  ExpansionBudget* source_budget_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  std::atomic<int64_t> consumed_ = 0;
};

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Fills the buffer as far as it can; 0 at the end.
  virtual Result<size_t> read(std::span<char> out) = 0;
};

class Passthrough : public Decompressor {
 public:
  explicit Passthrough(Input& input) : input_(input) {}
  Result<size_t> read(std::span<char> out) override {
    size_t filled = 0;
    while (filled < out.size()) {
      const std::span<const char> in = TRY(input_.peek());
      if (in.empty()) break;
      const size_t length = std::min(in.size(), out.size() - filled);
      std::memcpy(out.data() + filled, in.data(), length);
      input_.take(length);
      filled += length;
    }
    return filled;
  }

 private:
  Input& input_;
};

// gzip, several members one after another included (pigz and eStargz write such files).
class Gunzip : public Decompressor {
 public:
  explicit Gunzip(Input& input) : input_(input), state_(std::make_unique<struct inflate_state>()) { begin_member(); }

  Result<size_t> read(std::span<char> out) override {
    size_t filled = 0;
    while (filled < out.size() && !ended_) {
      const std::span<const char> in = TRY(input_.peek());
      if (between_members_) {
        TRY(look_for_member(in));
        continue;
      }
      if (in.empty()) return fail(Code::kInvalidArgument, "the gzip data ends too early: the archive is truncated");
      // ISA-L takes its input without const but does not write to it.
      state_->next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in.data()));
      state_->avail_in = static_cast<uint32_t>(in.size());
      state_->next_out = reinterpret_cast<uint8_t*>(out.data() + filled);
      state_->avail_out = static_cast<uint32_t>(out.size() - filled);
      const int outcome = isal_inflate(state_.get());
      if (outcome < 0) return fail(Code::kInvalidArgument, "the gzip data is damaged (", describe(outcome), ")");
      input_.take(in.size() - state_->avail_in);
      filled = out.size() - state_->avail_out;
      if (state_->block_state == ISAL_BLOCK_FINISH) between_members_ = true;
    }
    return filled;
  }

 private:
  void begin_member() {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
    between_members_ = false;
  }
  // After a member: another one, zero padding, or the end.
  Status look_for_member(std::span<const char> in) {
    if (in.empty()) {
      ended_ = true;
    } else if (in[0] == '\x1f') {
      begin_member();
    } else if (in[0] == '\0') {
      input_.take(1);
    } else {
      return fail(Code::kInvalidArgument, "something else follows the gzip data");
    }
    return {};
  }
  static std::string_view describe(int outcome) {
    switch (outcome) {
      case ISAL_INCORRECT_CHECKSUM:
        return "wrong checksum";
      case ISAL_INVALID_WRAPPER:
      case ISAL_UNSUPPORTED_METHOD:
        return "invalid header";
      default:
        return "invalid block";
    }
  }

  Input& input_;
  std::unique_ptr<struct inflate_state> state_;
  bool between_members_ = false;
  bool ended_ = false;
};

// zstd, xz, bzip2 by libarchive, which sees one "raw" file.
class Filtered : public Decompressor {
 public:
  explicit Filtered(Input& input) : input_(input), archive_(archive_read_new(), archive_read_free) {}

  Status open() {
    archive_read_support_format_raw(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_filter_xz(archive_.get());
    archive_read_support_filter_bzip2(archive_.get());
    archive_read_set_read_callback(archive_.get(), &Filtered::feed);
    archive_read_set_callback_data(archive_.get(), this);
    struct archive_entry* entry = nullptr;
    if (archive_read_open1(archive_.get()) != ARCHIVE_OK ||
        archive_read_next_header(archive_.get(), &entry) != ARCHIVE_OK) {
      return failure();
    }
    return {};
  }

  Result<size_t> read(std::span<char> out) override {
    const la_ssize_t got = archive_read_data(archive_.get(), out.data(), out.size());
    if (got < 0) return std::unexpected(failure().error());
    return static_cast<size_t>(got);
  }

 private:
  static la_ssize_t feed(struct archive* /*archive*/, void* self_pointer, const void** data) {
    auto* self = static_cast<Filtered*>(self_pointer);
    self->input_.take(self->given_);
    self->given_ = 0;
    const Result<std::span<const char>> in = self->input_.peek();
    if (!in) {
      self->input_failure_ = in.error();
      return -1;
    }
    self->given_ = in->size();
    *data = in->data();
    return static_cast<la_ssize_t>(in->size());
  }
  Status failure() {
    if (input_failure_) return std::unexpected(*input_failure_);
    const char* text = archive_error_string(archive_.get());
    return fail(Code::kInvalidArgument, "the compressed data is damaged (", text == nullptr ? "no details" : text, ")");
  }

  Input& input_;
  size_t given_ = 0;
  std::optional<base::Error> input_failure_;
  std::unique_ptr<struct archive, int (*)(struct archive*)> archive_;
};

Result<std::unique_ptr<Decompressor>> make_decompressor(Input& input) {
  TRY(input.fill(6));
  switch (sniff_compression(TRY(input.peek()))) {
    case Compression::kNone:
      return std::make_unique<Passthrough>(input);
    case Compression::kGzip:
      return std::make_unique<Gunzip>(input);
    case Compression::kZstd:
    case Compression::kOther:
      break;
  }
  auto filtered = std::make_unique<Filtered>(input);
  TRY(filtered->open());
  return filtered;
}

}  // namespace

Compression sniff_compression(std::span<const char> head) {
  const std::string_view bytes(head.data(), head.size());
  if (bytes.starts_with("\x1f\x8b")) return Compression::kGzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::kZstd;
  // A zstd skippable frame may come first.
  if (bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xf0U) == 0x50 &&
      bytes.substr(1, 3) == "\x2a\x4d\x18") {
    return Compression::kZstd;
  }
  if (bytes.starts_with("\xfd"
                        "7zXZ") ||
      bytes.starts_with("BZh")) {
    return Compression::kOther;
  }
  return Compression::kNone;
}

bool ExpansionBudget::made(int64_t bytes) {
  const int64_t all = made_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  return all <= kBombFloor || all / kBombRatio <= source_.load(std::memory_order_relaxed);
}

struct LayerStream::Impl {
  Impl(UniqueFd file, Origin origin, ExpansionBudget& import_budget)
      : input(std::move(file), origin == Origin::kOutside ? &import_budget : nullptr), budget(import_budget) {}

  void produce();
  Status produce_all();
  // A free buffer, or nullopt when the consumer has gone.
  std::optional<std::vector<char>> take_free();

  Input input;
  ExpansionBudget& budget;
  std::thread thread;

  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::deque<std::vector<char>> full;
  std::vector<std::vector<char>> free;
  bool stopping = false;
  bool finished = false;
  Status outcome;      // of the reading thread, when finished
  std::string digest;  // when finished well

  std::vector<char> current;  // the consumer's own
};

std::optional<std::vector<char>> LayerStream::Impl::take_free() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return stopping || !free.empty(); });
  if (stopping) return std::nullopt;
  std::vector<char> buffer = std::move(free.back());
  free.pop_back();
  return buffer;
}

Status LayerStream::Impl::produce_all() {
  const std::unique_ptr<Decompressor> decompressor = TRY(make_decompressor(input));
  Sha256 hash;
  while (true) {
    std::optional<std::vector<char>> buffer = take_free();
    if (!buffer) return fail(Code::kCancelled, "reading was stopped");
    buffer->resize(kBufferBytes);
    const size_t got = TRY(decompressor->read(*buffer));
    if (got == 0) break;
    buffer->resize(got);
    hash.update(*buffer);
    if (!budget.made(static_cast<int64_t>(got))) {
      return fail(Code::kInvalidArgument, "refused as a decompression bomb: more than ", kBombRatio,
                  " bytes come out of each one of the source");
    }
    const std::lock_guard lock(mutex);
    full.push_back(*std::move(buffer));
    changed.notify_all();
  }
  const std::lock_guard lock(mutex);
  digest = hash.finish();
  return {};
}

void LayerStream::Impl::produce() {
  ::pthread_setname_np(::pthread_self(), "layer-read");
  Status done = produce_all();
  const std::lock_guard lock(mutex);
  outcome = std::move(done);
  finished = true;
  changed.notify_all();
}

LayerStream::LayerStream() = default;

Result<std::unique_ptr<LayerStream>> LayerStream::start(UniqueFd file, Origin origin, ExpansionBudget& budget) {
  std::unique_ptr<LayerStream> stream(new LayerStream());
  stream->impl_ = std::make_unique<Impl>(std::move(file), origin, budget);
  Impl& impl = *stream->impl_;
  impl.free.resize(kBuffers);
  impl.thread = std::thread([&impl] { impl.produce(); });
  return stream;
}

LayerStream::~LayerStream() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  impl_->thread.join();
}

Result<std::span<const char>> LayerStream::next() {
  std::unique_lock lock(impl_->mutex);
  if (!impl_->current.empty()) {
    impl_->free.push_back(std::move(impl_->current));
    impl_->current.clear();
    impl_->changed.notify_all();
  }
  impl_->changed.wait(lock, [&] { return impl_->finished || !impl_->full.empty(); });
  if (!impl_->full.empty()) {
    impl_->current = std::move(impl_->full.front());
    impl_->full.pop_front();
    return std::span<const char>(impl_->current);
  }
  if (!impl_->outcome) return std::unexpected(impl_->outcome.error());
  return std::span<const char>();
}

std::string LayerStream::digest() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->digest;
}

int64_t LayerStream::consumed() const { return impl_->input.consumed(); }

}  // namespace runtime::image
