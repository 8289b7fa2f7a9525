#include "agent/cli/log_streamer.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <map>
#include <thread>

#include "agent/pods/log_lines.h"
#include "base/event_loop.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/unique_fd.h"

namespace agent::cli {

struct LogStreamer::Impl {
  struct File {
    std::string container;
    base::UniqueFd fd;
    std::unique_ptr<pods::LogDecoder> decoder;
  };

  Impl(std::unique_ptr<base::EventLoop> event_loop, base::UniqueFd watcher, Sink to)
      : loop(std::move(event_loop)), inotify(std::move(watcher)), sink(std::move(to)) {}

  // --- on the streamer's thread ---

  void open(const std::string& container, const std::string& path, bool from_end) {
    finish({container});
    base::Result<base::UniqueFd> fd = base::sys::open(path, O_RDONLY);
    // No file: the container failed before it could write anything.
    if (!fd.has_value() && fd.error().code() == base::Code::kNotFound) return;
    if (!fd.has_value()) return tell("cannot show the output of container ", container, fd.error());
    const int watch = ::inotify_add_watch(inotify.get(), path.c_str(), IN_MODIFY);
    if (watch < 0)
      return tell("cannot follow the output of container ", container, base::errno_error(errno, "watch " + path));
    if (from_end) (void)::lseek(fd->get(), 0, SEEK_END);
    auto decoder =
        std::make_unique<pods::LogDecoder>(pods::LogDecoder::Options{.timestamps = false, .whole_lines = true},
                                           [this, container](bool is_stderr, std::string_view line) {
                                             if (!closed) closed = !sink(container, is_stderr, line);
                                           });
    File& file = files[watch];
    file = File{container, *std::move(fd), std::move(decoder)};
    read_to_end(file);  // what came before the watch
  }

  // What the containers wrote is shown to its end.
  void finish(const std::vector<std::string>& containers) {
    for (auto file = files.begin(); file != files.end();) {
      if (std::ranges::find(containers, file->second.container) == containers.end()) {
        ++file;
        continue;
      }
      read_to_end(file->second);
      file->second.decoder->finish();
      (void)::inotify_rm_watch(inotify.get(), file->first);
      file = files.erase(file);
    }
  }

  static void tell(std::string_view what, const std::string& container, const base::Error& error) {
    base::log::warning({.container = container}, what, container, ": ", error.to_string());
  }

  void read_to_end(File& file) {
    std::array<char, 65536> buffer{};
    while (!closed) {
      const base::Result<size_t> got = base::sys::read(file.fd.get(), buffer);
      if (!got.has_value() || *got == 0) return;
      file.decoder->feed({buffer.data(), *got});
    }
  }

  void on_change() {
    alignas(struct inotify_event) std::array<char, 4096> buffer{};
    const base::Result<size_t> got = base::sys::read(inotify.get(), buffer);
    if (!got.has_value()) return;
    for (size_t at = 0; at + sizeof(struct inotify_event) <= *got;) {
      const auto* event = reinterpret_cast<const struct inotify_event*>(buffer.data() + at);
      if ((event->mask & IN_Q_OVERFLOW) != 0) read_all();
      if (const auto file = files.find(event->wd); file != files.end()) read_to_end(file->second);
      at += sizeof(struct inotify_event) + event->len;
    }
  }

  void read_all() {
    for (auto& [watch, file] : files) read_to_end(file);
  }

  std::unique_ptr<base::EventLoop> loop;
  base::UniqueFd inotify;
  Sink sink;
  std::map<int, File> files;  // by inotify watch
  bool closed = false;
  std::thread thread;
};

LogStreamer::LogStreamer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<LogStreamer>> LogStreamer::start(Sink sink) {
  std::unique_ptr<base::EventLoop> loop = TRY(base::EventLoop::create());
  base::UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return base::fail_errno(errno, "watch log files");
  auto impl = std::make_unique<Impl>(std::move(loop), std::move(inotify), std::move(sink));
  Impl* raw = impl.get();
  TRY(raw->loop->add(raw->inotify.get(), EPOLLIN, [raw](uint32_t) { raw->on_change(); }));
  raw->thread = std::thread([raw] {
    ::pthread_setname_np(::pthread_self(), "log-streamer");
    if (const base::Status ran = raw->loop->run(); !ran.has_value())
      base::log::error({}, "containers' output is no longer shown: ", ran.error().to_string());
  });
  return std::unique_ptr<LogStreamer>(new LogStreamer(std::move(impl)));
}

LogStreamer::~LogStreamer() {
  impl_->loop->stop();
  impl_->thread.join();
}

void LogStreamer::follow(const std::string& container, const std::string& path, bool from_end) {
  impl_->loop->post([impl = impl_.get(), container, path, from_end] { impl->open(container, path, from_end); });
}

void LogStreamer::finish(const std::vector<std::string>& containers) {
  // shared: the loop may drop what was posted when it has failed, and the promise with it.
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> finished = done->get_future();
  impl_->loop->post([impl = impl_.get(), containers, done = std::move(done)] {
    impl->finish(containers);
    done->set_value();
  });
  finished.wait();
}

}  // namespace agent::cli
