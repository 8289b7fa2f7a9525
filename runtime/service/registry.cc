#include "runtime/service/registry.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

#include <charconv>
#include <memory>
#include <set>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/service/ids.h"
#include "runtime/service/oom_end.h"
#include "runtime/shim/exit_record.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;

namespace {

std::set<std::string> list_folder(const std::string& path) {
  std::set<std::string> names;
  DIR* raw = ::opendir(path.c_str());
  if (raw == nullptr) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  while (const struct dirent* entry = ::readdir(listing.get())) {
    // Hidden names are folders on their way out.
    if (entry->d_name[0] != '.') names.emplace(entry->d_name);
  }
  return names;
}

bool is_folder(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// The entry whose key is `id`, or the only one whose key begins with it.
template <typename Map>
Result<typename Map::mapped_type*> find_by_prefix(Map& map, const std::string& id, const char* kind) {
  if (id.empty()) return base::fail(Code::kInvalidArgument, "the ", kind, " id is empty");
  auto at = map.lower_bound(id);
  if (at == map.end() || !at->first.starts_with(id)) return base::fail(Code::kNotFound, "no ", kind, " ", id);
  const auto next = std::next(at);
  if (at->first != id && next != map.end() && next->first.starts_with(id)) {
    return base::fail(Code::kInvalidArgument, "the ", kind, " id prefix ", id, " fits several, ", at->first, " and ",
                      next->first, " among them");
  }
  return &at->second;
}

bool same_pod(const v1::PodSandboxMetadata& a, const v1::PodSandboxMetadata& b) {
  return a.name() == b.name() && a.namespace_() == b.namespace_() && a.uid() == b.uid() && a.attempt() == b.attempt();
}

// A record that could not be loaded: gone meanwhile; damaged, which what is asked for by id says; or of a newer
// version, beside which nothing must be done.
Status unreadable(const base::Error& error, const base::log::Fields& fields) {
  if (error.code() == Code::kFailedPrecondition) return std::unexpected(error);
  if (error.code() != Code::kNotFound) base::log::warning(fields, error.to_string());
  return {};
}

}  // namespace

void record_exit(ContainerRecord& record, int exit_code, int64_t finished_at, std::string oom) {
  record.state = ContainerRecord::State::kExited;
  record.exit_code = exit_code;
  record.finished_at = finished_at;
  record.reason = exit_code == 0 ? "Completed" : oom.empty() ? "Error" : "OOMKilled";
  record.message = std::move(oom);
  record.pid = 0;
}

void record_lost(ContainerRecord& record, int64_t now) {
  record_exit(record, 137, now);
  record.reason = "ContainerStatusUnknown";
  record.message = "how the container ended is not known: the shim that kept it is gone";
}

std::optional<uint64_t> process_start_time(pid_t pid) {
  const Result<std::string> stat = base::read_file(base::concat("/proc/", pid, "/stat"), 4096);
  if (!stat) return std::nullopt;
  // The command name, field 2, is in parentheses and may hold anything; the fields after it are plain.
  size_t at = stat->rfind(") ");
  if (at == std::string::npos) return std::nullopt;
  if (stat->compare(at + 2, 1, "Z") == 0) return std::nullopt;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  uint64_t start = 0;
  if (std::from_chars(stat->data() + at + 1, stat->data() + stat->size(), start).ec != std::errc()) return std::nullopt;
  return start;
}

std::optional<Registry::Stamp> Registry::stamp_of(const std::string& folder) {
  struct stat info{};
  if (::stat(base::join_path(folder, "state.json").c_str(), &info) < 0) return std::nullopt;
  return Stamp{.inode = info.st_ino, .modified = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

// What the shim wrote is newer than a record whose keeper died between the start and noting it.
void Registry::settle(ContainerRecord& record) const {
  if (record.state == ContainerRecord::State::kExited) return;
  const std::string folder = paths_.container(record.sandbox_id, record.id);
  const auto exit = shim::read_exit_record(base::join_path(folder, "exit"));
  if (!exit) return;
  if (exit->outcome == shim::Outcome::kRunning && record.state == ContainerRecord::State::kCreated) {
    record.state = ContainerRecord::State::kRunning;
    record.pid = exit->pid;
    record.started_at = exit->started_at_ns;
  } else if (exit->outcome == shim::Outcome::kExited) {
    record.started_at = exit->started_at_ns;
    record_exit(record, exit->exit_code, exit->finished_at_ns, out_of_memory(record, exit->oom_kills));
  } else if (exit->outcome == shim::Outcome::kStartFailed) {
    record_exit(record, 128, exit->finished_at_ns);
    record.reason = "StartError";
    record.message = exit->detail;
  }
}

Status Registry::load_changed_container(const std::string& sandbox, const std::string& id) {
  const std::string folder = paths_.container(sandbox, id);
  const std::optional<Stamp> stamp = stamp_of(folder);
  if (!stamp) return {};
  const bool known = tables_.with([&](Tables& tables) {
    const auto found = tables.containers.find(id);
    return found != tables.containers.end() && found->second.stamp == *stamp;
  });
  if (known) return {};
  Result<ContainerRecord> loaded = load_container(folder);
  if (!loaded) return unreadable(loaded.error(), {.container_id = id});
  settle(*loaded);
  {
    auto tables = tables_.lock();
    auto& entry = tables->containers[id];
    entry.stamp = *stamp;
    // An end that we have heard of stands, whatever the file says that another process wrote before it heard.
    const bool ended = entry.record.state == ContainerRecord::State::kExited;
    if (!ended || loaded->state == ContainerRecord::State::kExited) entry.record = *std::move(loaded);
  }
  changed_.notify_all();
  return {};
}

Status Registry::load_changed_sandbox(const std::string& id) {
  const std::string folder = paths_.sandbox(id);
  const std::optional<Stamp> stamp = stamp_of(folder);
  if (!stamp) return {};
  const bool known = tables_.with([&](Tables& tables) {
    const auto found = tables.sandboxes.find(id);
    return found != tables.sandboxes.end() && found->second.stamp == *stamp;
  });
  if (known) return {};
  std::string boot;
  Result<SandboxRecord> loaded = load_sandbox(folder, &boot);
  if (!loaded) return unreadable(loaded.error(), {.sandbox_id = id});
  if (!boot.empty() && boot != boot_id_) {
    // Its shim ended with that boot; what has its pid and even its start time now is another process.
    loaded->shim_pid = 0;
    loaded->shim_start_time = 0;
  }
  auto tables = tables_.lock();
  auto& entry = tables->sandboxes[id];
  entry.record = *std::move(loaded);
  entry.stamp = *stamp;
  return {};
}

Status Registry::refresh_sandbox(const std::string& id) {
  const std::lock_guard<std::mutex> order(saving_);
  TRY(load_changed_sandbox(id));
  for (const std::string& container : list_folder(paths_.containers(id))) TRY(load_changed_container(id, container));
  return {};
}

Status Registry::refresh() {
  const std::set<std::string> present = list_folder(paths_.sandboxes());
  for (const std::string& id : present) TRY(refresh_sandbox(id));
  forget_missing({});
  settle_unfollowed({});
  return {};
}

Status Registry::refresh(const std::string& id) {
  const std::string sandbox = tables_.with([&](const Tables& tables) {
    const auto container = tables.containers.find(id);
    if (container != tables.containers.end()) return container->second.record.sandbox_id;
    return tables.sandboxes.contains(id) ? id : std::string();
  });
  if (sandbox.empty()) return refresh();
  TRY(refresh_sandbox(sandbox));
  forget_missing(sandbox);
  settle_unfollowed(sandbox);
  return {};
}

Result<std::set<std::string>> Registry::ids_on_disk() const {
  std::set<std::string> ids;
  for (std::string& sandbox : TRY(base::list_folder(paths_.sandboxes()))) {
    for (std::string& container : TRY(base::list_folder(paths_.containers(sandbox)))) ids.insert(std::move(container));
    ids.insert(std::move(sandbox));
  }
  return ids;
}

// Never seen on disk (the empty stamp) is what another thread is just making.
void Registry::forget_missing(const std::string& only) {
  const auto concerned = [&](const std::string& sandbox) { return only.empty() || sandbox == only; };
  std::vector<std::string> known_sandboxes;
  std::vector<std::pair<std::string, std::string>> known_containers;
  {
    auto tables = tables_.lock();
    for (const auto& [id, entry] : tables->sandboxes) {
      if (concerned(id) && entry.stamp != Stamp{}) known_sandboxes.push_back(id);
    }
    for (const auto& [id, entry] : tables->containers) {
      if (!concerned(entry.record.sandbox_id) || entry.stamp == Stamp{}) continue;
      known_containers.emplace_back(entry.record.sandbox_id, id);
    }
  }
  for (const std::string& id : known_sandboxes) {
    if (!is_folder(paths_.sandbox(id))) tables_.lock()->sandboxes.erase(id);
  }
  for (const auto& [sandbox, id] : known_containers) {
    if (!stamp_of(paths_.container(sandbox, id))) tables_.lock()->containers.erase(id);
  }
  changed_.notify_all();
}

// What no shim connection tells us about is looked up.
void Registry::settle_unfollowed(const std::string& only) {
  const auto concerned = [&](const std::string& sandbox) { return only.empty() || sandbox == only; };
  std::vector<ContainerRecord> unsettled;
  std::vector<SandboxRecord> unfollowed;
  {
    auto tables = tables_.lock();
    for (const auto& [id, entry] : tables->containers) {
      if (entry.record.state != ContainerRecord::State::kRunning || !concerned(entry.record.sandbox_id)) continue;
      const auto sandbox = tables->sandboxes.find(entry.record.sandbox_id);
      if (sandbox == tables->sandboxes.end() || !sandbox->second.followed) unsettled.push_back(entry.record);
    }
    for (const auto& [id, entry] : tables->sandboxes) {
      if (!concerned(id) || entry.followed) continue;
      if (entry.record.state == SandboxRecord::State::kReady) unfollowed.push_back(entry.record);
    }
  }
  std::set<std::string> dead;
  for (const SandboxRecord& sandbox : unfollowed) {
    if (process_start_time(sandbox.shim_pid) != sandbox.shim_start_time) dead.insert(sandbox.id);
  }
  for (ContainerRecord& container : unsettled) {
    settle(container);
    if (container.state == ContainerRecord::State::kRunning && dead.contains(container.sandbox_id)) {
      record_lost(container, wall_ns());
    }
  }
  {
    auto tables = tables_.lock();
    for (const ContainerRecord& container : unsettled) {
      const auto found = tables->containers.find(container.id);
      if (found != tables->containers.end() && found->second.record.state == ContainerRecord::State::kRunning) {
        found->second.record = container;
      }
    }
    for (const std::string& id : dead) {
      const auto found = tables->sandboxes.find(id);
      if (found != tables->sandboxes.end()) found->second.record.state = SandboxRecord::State::kNotReady;
    }
  }
  if (!unsettled.empty()) changed_.notify_all();
}

Result<SandboxRecord> Registry::sandbox(const std::string& id) {
  auto tables = tables_.lock();
  return TRY(find_by_prefix(tables->sandboxes, id, "sandbox"))->record;
}

Result<ContainerRecord> Registry::container(const std::string& id) {
  auto tables = tables_.lock();
  return TRY(find_by_prefix(tables->containers, id, "container"))->record;
}

std::vector<SandboxRecord> Registry::sandboxes() {
  std::vector<SandboxRecord> all;
  auto tables = tables_.lock();
  for (const auto& [id, entry] : tables->sandboxes) all.push_back(entry.record);
  return all;
}

std::vector<ContainerRecord> Registry::containers() {
  std::vector<ContainerRecord> all;
  auto tables = tables_.lock();
  for (const auto& [id, entry] : tables->containers) all.push_back(entry.record);
  return all;
}

std::vector<ContainerRecord> Registry::containers_of(const std::string& sandbox) {
  std::vector<ContainerRecord> all;
  auto tables = tables_.lock();
  for (const auto& [id, entry] : tables->containers) {
    if (entry.record.sandbox_id == sandbox) all.push_back(entry.record);
  }
  return all;
}

Status Registry::add(SandboxRecord record) {
  const std::string id = record.id;
  {
    auto tables = tables_.lock();
    for (const auto& [other, entry] : tables->sandboxes) {
      if (same_pod(entry.record.config->metadata(), record.config->metadata())) {
        const v1::PodSandboxMetadata& pod = record.config->metadata();
        return base::fail(Code::kAlreadyExists, "pod ", pod.namespace_(), "/", pod.name(), " (uid ", pod.uid(),
                          ", attempt ", pod.attempt(), ") has sandbox ", other, " already");
      }
    }
    tables->sandboxes[id] = {.record = record};
  }
  const std::lock_guard<std::mutex> order(saving_);
  const std::string folder = paths_.sandbox(id);
  const auto write = [&]() -> Status {
    TRY(base::make_dirs(base::join_path(folder, "containers"), 0700));
    return create_files(folder, record, boot_id_);
  };
  const Status written = write();
  if (!written) {
    tables_.lock()->sandboxes.erase(id);
    (void)base::remove_tree(folder);
    return written;
  }
  const std::optional<Stamp> stamp = stamp_of(folder);
  if (stamp) tables_.lock()->sandboxes[id].stamp = *stamp;
  return {};
}

Status Registry::add(ContainerRecord record) {
  const std::string id = record.id;
  {
    auto tables = tables_.lock();
    for (const auto& [other, entry] : tables->containers) {
      const v1::ContainerMetadata& theirs = entry.record.config->metadata();
      const v1::ContainerMetadata& ours = record.config->metadata();
      if (entry.record.sandbox_id == record.sandbox_id && theirs.name() == ours.name() &&
          theirs.attempt() == ours.attempt()) {
        return base::fail(Code::kAlreadyExists, "container ", ours.name(), " (attempt ", ours.attempt(),
                          ") of sandbox ", record.sandbox_id, " exists already as ", other);
      }
    }
    tables->containers[id] = {.record = record};
  }
  const std::lock_guard<std::mutex> order(saving_);
  const std::string folder = paths_.container(record.sandbox_id, id);
  const auto write = [&]() -> Status {
    TRY(base::make_dirs(folder, 0700));
    return create_files(folder, record);
  };
  const Status written = write();
  if (!written) {
    tables_.lock()->containers.erase(id);
    (void)base::remove_tree(folder);
    return written;
  }
  const std::optional<Stamp> stamp = stamp_of(folder);
  if (stamp) tables_.lock()->containers[id].stamp = *stamp;
  return {};
}

Status Registry::save_sandbox(const std::string& id) {
  const SandboxRecord record = TRY(sandbox(id));
  TRY(save(paths_.sandbox(id), record, boot_id_), "save the state of sandbox ", id);
  const std::optional<Stamp> stamp = stamp_of(paths_.sandbox(id));
  auto tables = tables_.lock();
  const auto found = tables->sandboxes.find(id);
  if (stamp && found != tables->sandboxes.end()) found->second.stamp = *stamp;
  return {};
}

Status Registry::save_container(const std::string& id) {
  const ContainerRecord record = TRY(container(id));
  const std::string folder = paths_.container(record.sandbox_id, id);
  TRY(save(folder, record), "save the state of container ", id);
  const std::optional<Stamp> stamp = stamp_of(folder);
  auto tables = tables_.lock();
  const auto found = tables->containers.find(id);
  if (stamp && found != tables->containers.end()) found->second.stamp = *stamp;
  return {};
}

Result<SandboxRecord> Registry::update_sandbox(const std::string& id,
                                               const std::function<void(SandboxRecord&)>& change) {
  const std::lock_guard<std::mutex> order(saving_);
  SandboxRecord updated;
  bool new_config = false;
  {
    auto tables = tables_.lock();
    auto* const entry = TRY(find_by_prefix(tables->sandboxes, id, "sandbox"));
    const auto config = entry->record.config;
    change(entry->record);
    updated = entry->record;
    new_config = updated.config != config;
  }
  changed_.notify_all();
  // Before the state, whose replacement is what other processes notice.
  if (new_config) TRY(save_config(paths_.sandbox(updated.id), updated));
  TRY(save_sandbox(id));
  return updated;
}

Result<ContainerRecord> Registry::update_container(const std::string& id,
                                                   const std::function<void(ContainerRecord&)>& change) {
  const std::lock_guard<std::mutex> order(saving_);
  ContainerRecord updated;
  bool new_config = false;
  {
    auto tables = tables_.lock();
    auto* const entry = TRY(find_by_prefix(tables->containers, id, "container"));
    const auto config = entry->record.config;
    change(entry->record);
    updated = entry->record;
    new_config = updated.config != config;
  }
  changed_.notify_all();
  // Before the state, whose replacement is what other processes notice.
  if (new_config) TRY(save_config(paths_.container(updated.sandbox_id, updated.id), updated));
  TRY(save_container(id));
  return updated;
}

Status Registry::remove_sandbox(const std::string& id) {
  const std::lock_guard<std::mutex> order(saving_);
  TRY(base::remove_tree(paths_.sandbox(id)));
  auto tables = tables_.lock();
  tables->sandboxes.erase(id);
  std::erase_if(tables->containers, [&](const auto& entry) { return entry.second.record.sandbox_id == id; });
  return {};
}

Status Registry::remove_container(const std::string& id) {
  const std::lock_guard<std::mutex> order(saving_);
  const Result<ContainerRecord> record = container(id);
  if (!record) return {};
  TRY(base::remove_tree(paths_.container(record->sandbox_id, record->id)));
  tables_.lock()->containers.erase(record->id);
  return {};
}

Result<ContainerRecord> Registry::wait_exited(const cri::CallContext& context, const std::string& id) {
  const std::stop_callback wake(context.stop, [this] {
    (void)tables_.lock();
    changed_.notify_all();
  });
  auto tables = tables_.lock();
  const auto over = [&] {
    const auto found = tables->containers.find(id);
    return found == tables->containers.end() || found->second.record.state == ContainerRecord::State::kExited ||
           context.stop.stop_requested();
  };
  if (context.deadline == base::Monotonic::max()) {
    tables.wait(changed_, over);
  } else if (!tables.wait_until(changed_, context.deadline, over)) {
    return base::fail(Code::kDeadlineExceeded, "container ", id, " is still running");
  }
  const auto found = tables->containers.find(id);
  if (found == tables->containers.end()) return base::fail(Code::kNotFound, "no container ", id);
  if (found->second.record.state != ContainerRecord::State::kExited) {
    return base::fail(Code::kCancelled, "waiting for container ", id, " was given up");
  }
  return found->second.record;
}

void Registry::set_followed(const std::string& sandbox, bool followed) {
  auto tables = tables_.lock();
  const auto found = tables->sandboxes.find(sandbox);
  if (found != tables->sandboxes.end()) found->second.followed = followed;
}

}  // namespace runtime::service
