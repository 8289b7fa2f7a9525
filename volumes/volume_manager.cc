#include "volumes/volume_manager.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <compare>
#include <condition_variable>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "base/concat.h"
#include "base/path.h"
#include "base/synchronized.h"
#include "volumes/content.h"
#include "volumes/empty_dir.h"
#include "volumes/folder.h"
#include "volumes/host_path.h"
#include "volumes/mount_table.h"
#include "volumes/sub_path.h"

namespace volumes {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause(500);
constexpr std::chrono::milliseconds kLongestPause(122000);

// What one volume is: the actual state. Absence of an entry means that it was never looked at.
enum class Actual { kUncertain, kThere, kGone };

struct Volume {
  std::optional<VolumeSpec> desired;  // none: it shall go
  Actual actual = Actual::kUncertain;
  bool busy = false;  // an operation runs
  std::optional<base::Error> failure;
  std::chrono::milliseconds pause{0};
  SteadyClock::time_point next_try{};
};

// The place tells a pod's volumes apart, also those that an earlier process left, of which nothing else is known. A
// volume that becomes one of another kind has another place: the old one goes as the new one comes.
struct Key {
  std::string pod_uid;
  std::string place;  // below the pod's volumes folder: "kubernetes.io~secret/token"
  auto operator<=>(const Key&) const = default;

  std::string_view volume_name() const { return std::string_view(place).substr(place.find('/') + 1); }
};

bool is_lasting(const base::Error& error) {
  return error.code() == base::Code::kInvalidArgument || error.code() == base::Code::kFailedPrecondition ||
         error.code() == base::Code::kPermissionDenied;
}

std::string volumes_folder(const std::string& root, const std::string& pod_uid) {
  return base::concat(root, "/pods/", pod_uid, "/volumes");
}

std::string folder_of(const std::string& root, const Key& key) {
  return base::concat(volumes_folder(root, key.pod_uid), "/", key.place);
}

const char* plugin_folder(const EmptyDirSource& /*source*/) { return kEmptyDirFolder; }
const char* plugin_folder(const HostPathSource& /*source*/) { return kHostPathFolder; }
const char* plugin_folder(const ContentSource& source) { return content_folder(source.kind); }

Key key_of(const std::string& pod_uid, const VolumeSpec& spec) {
  const char* plugin = std::visit([](const auto& source) { return plugin_folder(source); }, spec.source);
  return {.pod_uid = pod_uid, .place = base::concat(plugin, "/", spec.name)};
}

base::Status set_up(const EmptyDirSource& source, const std::string& folder) {
  return set_up_empty_dir(source, folder);
}
base::Status set_up(const HostPathSource& source, const std::string& /*folder*/) { return set_up_host_path(source); }
base::Status set_up(const ContentSource& source, const std::string& folder) { return set_up_content(source, folder); }

// The places where something lies in a pod's volumes folder: by the mount table, and by what is on disk.
base::Result<std::set<std::string>> places_in(const std::string& folder) {
  std::set<std::string> places;
  for (const std::string& point : TRY(mounts_below(folder))) {
    const std::string place = point.substr(std::min(folder.size() + 1, point.size()));
    const size_t slash = place.find('/');
    if (slash != std::string::npos) places.insert(place.substr(0, place.find('/', slash + 1)));
  }
  for (const std::string& plugin : TRY(base::list_folder(folder))) {
    auto names = base::list_folder(base::concat(folder, "/", plugin));
    if (!names && names.error().os_errno() == ENOTDIR) continue;  // a stray file: it goes with the folder
    for (const std::string& name : TRY(std::move(names)))
      if (!name.starts_with('.')) places.insert(base::concat(plugin, "/", name));  // hidden: half made or half removed
  }
  return places;
}

}  // namespace

struct VolumeManager::Impl {
  struct State {
    std::map<Key, Volume> volumes;
    bool changed = false;  // since the reconciler looked last
    bool stop = false;
  };

  explicit Impl(std::string root_folder) : root(std::move(root_folder)) {}

  const std::string root;
  base::Synchronized<State> state;
  std::condition_variable changed;
  std::thread reconciler;

  static bool settled(const Volume& volume) {
    return volume.actual == (volume.desired ? Actual::kThere : Actual::kGone);
  }

  // Starts what is due; the time of the next thing that will be.
  static SteadyClock::time_point step(const std::shared_ptr<Impl>& self, State& now) {
    SteadyClock::time_point next = SteadyClock::time_point::max();
    for (auto& [key, volume] : now.volumes) {
      if (volume.busy || settled(volume)) continue;
      if (SteadyClock::now() < volume.next_try) {
        next = std::min(next, volume.next_try);
        continue;
      }
      volume.busy = true;
      std::thread([self, volume_key = key, wanted = volume.desired] { operate(self, volume_key, wanted); }).detach();
    }
    return next;
  }

  // One operation, on a thread of its own.
  static void operate(const std::shared_ptr<Impl>& self, const Key& key, const std::optional<VolumeSpec>& wanted) {
    ::pthread_setname_np(::pthread_self(), "volume-op");
    const std::string folder = folder_of(self->root, key);
    base::Status result = wanted
                              ? std::visit([&](const auto& source) { return set_up(source, folder); }, wanted->source)
                              : tear_down_folder(folder);
    self->state.with([&](State& now) {
      Volume& volume = now.volumes[key];
      now.changed = true;
      volume.busy = false;
      volume.actual = Actual::kUncertain;
      if (wanted != volume.desired) return;  // changed meanwhile: done again, whatever became of this
      if (result) {
        volume.actual = wanted ? Actual::kThere : Actual::kGone;
        volume.failure.reset();
        volume.pause = {};
      } else {
        volume.failure = std::move(result).error();
        volume.pause = std::clamp(volume.pause * 2, kFirstPause, kLongestPause);
        volume.next_try = SteadyClock::now() + volume.pause;
      }
    });
    self->changed.notify_all();
  }

  static void reconcile(const std::shared_ptr<Impl>& self) {
    ::pthread_setname_np(::pthread_self(), "volumes");
    auto now = self->state.lock();
    while (!now->stop) {
      now->changed = false;
      const SteadyClock::time_point next = step(self, *now);
      const auto something_new = [&] { return now->stop || now->changed; };
      if (next == SteadyClock::time_point::max())
        now.wait(self->changed, something_new);
      else
        now.wait_until(self->changed, next, something_new);
    }
  }

  // The volumes of the pod that are not as desired yet: nothing when all is well.
  static std::optional<base::Error> unsettled(const State& now, const std::string& pod_uid, bool only_lasting) {
    std::string names;
    const Volume* first = nullptr;
    for (const auto& [key, volume] : now.volumes) {
      if (key.pod_uid != pod_uid || settled(volume)) continue;
      names += base::concat(names.empty() ? "" : " ", key.volume_name());
      const bool telling = volume.failure && (!only_lasting || is_lasting(*volume.failure));
      if (telling && first == nullptr) first = &volume;
    }
    if (names.empty() || (only_lasting && first == nullptr)) return std::nullopt;
    if (first == nullptr) return base::Error(base::Code::kDeadlineExceeded, "timed out waiting for the condition");
    base::Error error = *first->failure;
    if (first->desired)
      error.add_context(base::concat("MountVolume.SetUp failed for volume \"", first->desired->name, "\""));
    if (!only_lasting)
      error.add_context(base::concat("unmounted volumes=[", names, "]")).set_code(base::Code::kDeadlineExceeded);
    return error;
  }

  base::Status wait_settled(const std::string& pod_uid, std::chrono::milliseconds limit, std::stop_token stop,
                            bool give_up_early) {
    const std::stop_callback wake(stop, [this] {
      state.with([](State&) {});  // no wake-up is lost between a waiter's test and its sleep
      changed.notify_all();
    });
    auto now = state.lock();
    std::optional<base::Error> problem;
    const auto over = [&] {
      problem = unsettled(*now, pod_uid, give_up_early);
      const bool all_settled = std::ranges::all_of(
          now->volumes, [&](const auto& each) { return each.first.pod_uid != pod_uid || settled(each.second); });
      return stop.stop_requested() || all_settled || (give_up_early && problem);
    };
    const bool in_time = now.wait_until(changed, SteadyClock::now() + limit, over);
    if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "waiting for volumes was stopped");
    if (in_time && !problem) return {};
    if (!problem) problem = unsettled(*now, pod_uid, false);
    if (!problem) return {};
    return std::unexpected(std::move(*problem));
  }
};

VolumeManager::VolumeManager(std::string root) : impl_(std::make_shared<Impl>(std::move(root))) {
  impl_->reconciler = std::thread([self = impl_] { Impl::reconcile(self); });
}

VolumeManager::~VolumeManager() {
  impl_->state.with([](Impl::State& now) { now.stop = true; });
  impl_->changed.notify_all();
  impl_->reconciler.join();
}

void VolumeManager::want(const std::string& pod_uid, const std::vector<VolumeSpec>& specs) {
  impl_->state.with([&](Impl::State& now) {
    now.changed = true;
    std::map<Key, const VolumeSpec*> wanted;
    for (const VolumeSpec& spec : specs) wanted.emplace(key_of(pod_uid, spec), &spec);
    for (auto& [key, volume] : now.volumes)
      // Anew, with what it failed at forgotten: nobody wants that any more.
      if (key.pod_uid == pod_uid && !wanted.contains(key) && volume.desired) volume = Volume{.busy = volume.busy};
    for (const auto& [key, spec] : wanted) {
      Volume& volume = now.volumes[key];
      if (volume.desired == *spec) continue;
      volume = Volume{.desired = *spec, .busy = volume.busy};
    }
  });
  impl_->changed.notify_all();
}

base::Status VolumeManager::wait_for_attach(const std::string& pod_uid, std::chrono::milliseconds limit,
                                            std::stop_token stop) {
  return impl_->wait_settled(pod_uid, limit, std::move(stop), true);
}

std::string VolumeManager::host_path(const std::string& root, const std::string& pod_uid, const VolumeSpec& spec) {
  if (const auto* host = std::get_if<HostPathSource>(&spec.source)) return host->path;
  return folder_of(root, key_of(pod_uid, spec));
}

base::Result<std::string> VolumeManager::bind_part(const std::string& pod_uid, const VolumeSpec& spec,
                                                   const std::string& container, size_t index,
                                                   const std::string& path) const {
  return bind_sub_path(impl_->root, pod_uid,
                       {.volume = spec.name,
                        .volume_path = host_path(impl_->root, pod_uid, spec),
                        .container = container,
                        .index = index,
                        .path = path});
}

base::Status VolumeManager::tear_down(const std::string& pod_uid, std::chrono::milliseconds limit,
                                      std::stop_token stop) {
  TRY(remove_sub_paths(impl_->root, pod_uid), "tear down the volumes of pod ", pod_uid);
  const std::string folder = volumes_folder(impl_->root, pod_uid);
  // What an earlier process left is found here.
  const std::set<std::string> places = TRY(places_in(folder));
  impl_->state.with([&](Impl::State& now) {
    now.changed = true;
    for (auto& [key, volume] : now.volumes)
      if (key.pod_uid == pod_uid) {
        volume.next_try = {};
        const bool on_host = volume.desired && std::holds_alternative<HostPathSource>(volume.desired->source);
        if (on_host && !volume.busy) volume.actual = Actual::kGone;
        volume.desired.reset();
      }
    for (const std::string& place : places) now.volumes.try_emplace({.pod_uid = pod_uid, .place = place});
  });
  impl_->changed.notify_all();
  TRY(impl_->wait_settled(pod_uid, limit, std::move(stop), false), "tear down the volumes of pod ", pod_uid);
  impl_->state.with([&](Impl::State& now) {
    std::erase_if(now.volumes, [&](const auto& each) { return each.first.pod_uid == pod_uid; });
  });
  // The plugins' folders, and what else lies there. remove_tree does not cross mount points.
  return base::remove_tree(folder);
}

}  // namespace volumes
