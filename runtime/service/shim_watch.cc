#include "runtime/service/shim_watch.h"

#include <pthread.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/sys.h"

namespace runtime::service {

using base::Result;
using base::Status;

namespace {

// A living shim answers within a millisecond; the events of all others wait meanwhile.
constexpr std::chrono::milliseconds kReconnectTime{1000};

}  // namespace

Result<std::unique_ptr<ShimWatch>> ShimWatch::create(Handlers handlers) {
  auto loop = TRY(base::EventLoop::create());
  std::unique_ptr<ShimWatch> watch(new ShimWatch(std::move(handlers), std::move(loop)));
  watch->thread_ = std::thread([loop = watch->loop_.get()] {
    ::pthread_setname_np(::pthread_self(), "runtime-events");
    const Status ended = loop->run();
    if (!ended) base::log::error({}, "the runtime's event loop ended: ", ended.error().to_string());
  });
  return watch;
}

ShimWatch::~ShimWatch() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

Status ShimWatch::follow(const std::string& sandbox, shim::ShimClient client) {
  Followed followed{.client = std::make_shared<shim::ShimClient>(std::move(client)), .pidfd = nullptr};
  Result<base::UniqueFd> pidfd = base::sys::pidfd_open(followed.client->info().pid);
  if (pidfd) followed.pidfd = std::make_shared<base::UniqueFd>(*std::move(pidfd));
  {
    auto all = followed_.lock();
    // Two callers may have connected at once; the first connection stays.
    Followed& entry = (*all)[sandbox];
    if (entry.client) return {};
    entry = followed;
  }
  loop_->post([this, sandbox, followed] { listen(sandbox, followed); });
  return {};
}

void ShimWatch::listen(const std::string& sandbox, const Followed& followed) {
  const Status events =
      loop_->add(followed.client->event_fd(), EPOLLIN, [this, sandbox](uint32_t) { on_events(sandbox); });
  if (!events) base::log::error({.sandbox_id = sandbox}, "follow the shim: ", events.error().to_string());
  if (!followed.pidfd) return;
  const Status end = loop_->add(followed.pidfd->get(), EPOLLIN,
                                [this, sandbox, pidfd = followed.pidfd](uint32_t) { on_end(sandbox, pidfd); });
  if (!end) base::log::error({.sandbox_id = sandbox}, "watch the shim's process: ", end.error().to_string());
}

void ShimWatch::on_events(const std::string& sandbox) {
  const std::shared_ptr<shim::ShimClient> client = followed_.with([&](auto& all) {
    const auto found = all.find(sandbox);
    return found == all.end() ? nullptr : found->second.client;
  });
  if (!client) return;
  while (true) {
    const Result<std::optional<shim::ExitEvent>> event = client->next_event();
    if (!event) {
      on_cut(sandbox, client);
      return;
    }
    if (!event->has_value()) return;
    handlers_.exited(sandbox, **event);
  }
}

void ShimWatch::on_cut(const std::string& sandbox, const std::shared_ptr<shim::ShimClient>& cut) {
  loop_->remove(cut->event_fd());
  // Refused at once where the shim is ending: where its process is watched, that end is then heard of.
  Result<shim::ShimClient> again = cut->reconnect(kReconnectTime);
  const auto client = again ? std::make_shared<shim::ShimClient>(*std::move(again)) : nullptr;
  bool ended = false;
  {
    auto all = followed_.lock();
    const auto found = all->find(sandbox);
    if (found == all->end() || found->second.client != cut) return;  // forgotten meanwhile
    found->second.client = client;
    ended = client == nullptr && found->second.pidfd == nullptr;
  }
  if (ended) {
    forget(sandbox);
    handlers_.lost(sandbox);
    return;
  }
  if (client) {
    const Status events = loop_->add(client->event_fd(), EPOLLIN, [this, sandbox](uint32_t) { on_events(sandbox); });
    if (!events) base::log::error({.sandbox_id = sandbox}, "follow the shim: ", events.error().to_string());
  }
  handlers_.interrupted(sandbox, client != nullptr);
}

void ShimWatch::on_end(const std::string& sandbox, const std::shared_ptr<base::UniqueFd>& pidfd) {
  // Exits that the shim announced before its end are heard first.
  on_events(sandbox);
  loop_->remove(pidfd->get());
  // ECHILD: another process, or init, is its parent.
  (void)base::sys::waitid_pidfd(pidfd->get(), WNOHANG);
  const bool wanted = followed_.with([&](auto& all) {
    const auto found = all.find(sandbox);
    return found != all.end() && found->second.pidfd == pidfd;
  });
  if (!wanted) return;
  forget(sandbox);
  handlers_.lost(sandbox);
}

Result<std::shared_ptr<shim::ShimClient>> ShimWatch::client(const std::string& sandbox, const std::string& folder) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::shared_ptr<shim::ShimClient> known = followed_.with([&](auto& all) {
      const auto found = all.find(sandbox);
      return found == all.end() ? nullptr : found->second.client;
    });
    if (known) return known;
    TRY(follow(sandbox, TRY(shim::ShimClient::connect(folder), "reach the shim of sandbox ", sandbox)));
  }
  return base::fail(base::Code::kUnavailable, "the shim of sandbox ", sandbox, " is gone");
}

void ShimWatch::forget(const std::string& sandbox) {
  Followed gone;
  {
    auto all = followed_.lock();
    const auto found = all->find(sandbox);
    if (found == all->end()) return;
    gone = std::move(found->second);
    all->erase(found);
  }
  // The descriptor is closed on the event thread, after it has been taken out of the loop.
  if (gone.client) loop_->post([this, client = std::move(gone.client)] { loop_->remove(client->event_fd()); });
}

std::shared_ptr<shim::ShimClient> ShimWatch::known_client(const std::string& sandbox) {
  auto all = followed_.lock();
  const auto found = all->find(sandbox);
  return found == all->end() ? nullptr : found->second.client;
}

bool ShimWatch::follows(const std::string& sandbox) { return followed_.lock()->contains(sandbox); }

}  // namespace runtime::service
