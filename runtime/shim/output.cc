#include "runtime/shim/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace runtime::shim {

using base::fail_errno;
using base::Status;
using base::UniqueFd;

namespace {

// A pipe holds no more than this unless its owner has enlarged it, so cut() reads all that was written before it.
constexpr int kCutTurns = 256;

Status set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return fail_errno(errno, "make non-blocking");
  return {};
}

}  // namespace

Output::~Output() {
  for (const auto& stream : streams_) {
    if (stream->fd) loop_.remove(stream->fd.get());
  }
}

Status Output::add_stream(std::string_view name, UniqueFd fd) {
  TRY(set_nonblocking(fd.get()));
  auto stream = std::make_unique<Stream>(*this, name, std::move(fd));
  TRY(loop_.add(stream->fd.get(), *stream));
  streams_.push_back(std::move(stream));
  ++open_streams_;
  return {};
}

Status Output::attach(std::string_view name, UniqueFd client) {
  if (ended()) return base::fail(base::Code::kFailedPrecondition, "its output has ended");
  TRY(set_nonblocking(client.get()));
  for (const auto& stream : streams_) {
    const std::string_view begun = stream->splitter.pending();
    if (stream->name != name || begun.empty()) continue;
    if (::write(client.get(), begun.data(), begun.size()) != static_cast<ssize_t>(begun.size())) {
      return base::fail(base::Code::kResourceExhausted, "the client's pipe does not hold the ", begun.size(),
                        " bytes of an unfinished line");
    }
  }
  clients_.push_back({name, std::move(client)});
  return {};
}

void Output::pump(Stream& stream) {
  read_once(stream);
  if (ended()) owner_.output_ended();
}

bool Output::read_once(Stream& stream) {
  const ssize_t got = ::read(stream.fd.get(), buffer_.data(), buffer_.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
  // EIO is how a terminal says that nobody has its other side open.
  if (got <= 0) {
    close_stream(stream);
    return false;
  }
  const std::string_view data(buffer_.data(), static_cast<size_t>(got));
  log(stream, data);
  copy_to_clients(stream.name, data);
  return true;
}

void Output::log(Stream& stream, std::string_view data) {
  struct timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  LogBatch batch(log_, stream.name, now);
  stream.splitter.feed(
      data, [&](std::string_view first, std::string_view second, bool partial) { batch.line(first, second, partial); });
  batch.flush();
}

void Output::copy_to_clients(std::string_view name, std::string_view data) {
  std::erase_if(clients_, [&](const Client& client) {
    if (client.name != name) return false;
    // A short write means that the client's pipe is full: it is cut off rather than given a gap.
    return ::write(client.fd.get(), data.data(), data.size()) != static_cast<ssize_t>(data.size());
  });
}

void Output::close_stream(Stream& stream) {
  struct timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  LogBatch batch(log_, stream.name, now);
  stream.splitter.finish(
      [&](std::string_view first, std::string_view second, bool partial) { batch.line(first, second, partial); });
  batch.flush();
  loop_.remove(stream.fd.get());
  stream.fd.reset();
  --open_streams_;
  std::erase_if(clients_, [&](const Client& client) { return client.name == stream.name; });
}

void Output::cut() {
  for (const auto& stream : streams_) {
    for (int turn = 0; turn < kCutTurns && stream->fd && read_once(*stream); ++turn) {
    }
    if (stream->fd) close_stream(*stream);
  }
}

void Output::trim() {
  for (const auto& stream : streams_) stream->splitter.trim();
}

}  // namespace runtime::shim
