#include "runtime/service/sandboxes.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/service/containers.h"
#include "runtime/service/ids.h"
#include "runtime/service/pod_files.h"
#include "runtime/service/resources.h"
#include "runtime/service/sandbox_request.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::chrono::milliseconds kKillWait{10'000};

base::log::Fields fields_of(const SandboxRecord& record) {
  return {.pod = record.config->metadata().name(),
          .pod_namespace = record.config->metadata().namespace_(),
          .sandbox_id = record.id};
}

// Unmounts what is at the path, if anything is.
Status unmount_if_mounted(const std::string& path) {
  const Status unmounted = base::sys::umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
  // EINVAL: not a mount point.
  if (!unmounted && unmounted.error().os_errno() != EINVAL && unmounted.error().os_errno() != ENOENT) return unmounted;
  return {};
}

bool shim_alive(const SandboxRecord& record) {
  return record.shim_pid > 0 && process_start_time(record.shim_pid) == record.shim_start_time;
}

}  // namespace

Result<v1::RunPodSandboxResponse> Sandboxes::run(const cri::CallContext& context,
                                                 const v1::RunPodSandboxRequest& request) {
  SandboxRecord record = TRY(new_sandbox_record(request, parts_.registry.paths()));
  const Gates::Held gate = TRY(parts_.gates.enter(context, record.id, parts_.registry.paths().sandbox_lock(record.id)));
  TRY(parts_.registry.add(record));
  base::UndoStack undo;
  undo.push("forget the sandbox", [&] {
    ::unlink(parts_.registry.paths().sandbox_lock(record.id).c_str());
    return parts_.registry.remove_sandbox(record.id);
  });
  Status built = build(context, record, undo);
  if (!built) {
    built.error().add_context(base::concat("make the sandbox of pod ", record.config->metadata().namespace_(), "/",
                                           record.config->metadata().name()));
    return std::unexpected(undo.undo(std::move(built).error()));
  }
  undo.commit();
  publish(record, v1::CONTAINER_CREATED_EVENT);
  publish(record, v1::CONTAINER_STARTED_EVENT);
  v1::RunPodSandboxResponse response;
  response.set_pod_sandbox_id(record.id);
  return response;
}

Status Sandboxes::build(const cri::CallContext& context, SandboxRecord& record, base::UndoStack& undo) {
  const std::string id = record.id;
  TRY(parts_.cgroups.make(record.cgroup_parent, {}));
  undo.push("remove the pod's cgroup", [this, record]() -> Status {
    remove_own_cgroup(record);
    return {};
  });
  // It makes the namespaces while we go on.
  shim::StartingShim shim = TRY(begin_shim(record, undo));
  undo.push("remove the pod's files",
            [folder = parts_.registry.paths().managed_files(id)] { return base::remove_tree(folder); });
  TRY(write_managed_files(record));
  if (!shares_host_ipc(*record.config)) {
    const std::string shm = parts_.registry.paths().shm(id);
    TRY(mount_shm(shm, TRY(shm_size(*record.config))));
    undo.push("unmount /dev/shm of the pod", [shm] { return unmount_if_mounted(shm); });
  }
  TRY(finish_shim(record, std::move(shim)));
  if (!record.host_network) TRY(attach_network(record, undo));
  if (context.stop.stop_requested()) return base::fail(Code::kCancelled, "the caller gave up");
  record.state = SandboxRecord::State::kReady;
  record = TRY(parts_.registry.update_sandbox(id, [&](SandboxRecord& kept) { kept = record; }));
  parts_.registry.set_followed(id, true);
  // A loss before the record said ready concerned nobody yet; one from here on is settled as any other.
  if (!parts_.watch.follows(id)) return base::fail(Code::kUnavailable, "the pod's shim has ended");
  return {};
}

Status Sandboxes::write_managed_files(const SandboxRecord& record) const {
  const std::string folder = parts_.registry.paths().managed_files(record.id);
  TRY(base::make_dirs(folder, 0700));
  TRY(base::sys::symlinkat(parts_.registry.paths().state, AT_FDCWD, base::join_path(folder, Paths::kStateMark)));
  const auto write = [&](const char* name, const std::string& content) {
    return base::write_file_atomic(base::join_path(folder, name), content, 0644, base::Durability::kCrash);
  };
  TRY(write("hostname", base::concat(TRY(pod_hostname(*record.config)), "\n")));
  return write("resolv.conf", TRY(resolv_conf(*record.config)));
}

Result<int> Sandboxes::shim_program() {
  auto program = shim_program_.lock();
  if (!*program) *program = TRY(shim::ShimProgram::open(parts_.shim_binary));
  return (*program)->fd();
}

Result<shim::StartingShim> Sandboxes::begin_shim(const SandboxRecord& record, base::UndoStack& undo) {
  const cgroup::Cgroup shims = TRY(parts_.cgroups.make(record.shim_cgroup, {}));
  // Killing the cgroup ends the shim, too.
  undo.push("remove the shim's cgroup", [this, id = record.id, shim_cgroup = record.shim_cgroup] {
    parts_.watch.forget(id);
    return parts_.cgroups.remove(shim_cgroup, kKillWait);
  });
  std::map<std::string, std::string> sysctls = TRY(sandbox_sysctls(*record.config));
  return TRY(shim::ShimClient::begin({.program = TRY(shim_program()),
                                      .state_dir = parts_.registry.paths().sandbox(record.id),
                                      .sandbox_id = record.id,
                                      .hostname = TRY(pod_hostname(*record.config)),
                                      .host_network = record.host_network,
                                      .host_ipc = shares_host_ipc(*record.config),
                                      .host_uts = record.host_network,
                                      .shared_pid = shares_pid(*record.config),
                                      .sysctls = std::move(sysctls),
                                      .cgroup = shims.fd()}),
             "start the pod's shim");
}

Status Sandboxes::finish_shim(SandboxRecord& record, shim::StartingShim shim) {
  shim::ShimClient client = TRY(std::move(shim).finish(), "start the pod's shim");
  record.shim_pid = client.info().pid;
  record.shim_start_time = client.info().process_start_time;
  if (client.info().oom_score_adj != client.info().oom_score_adj_wanted && !oom_clamp_said_.exchange(true)) {
    base::log::info(fields_of(record), "oom_score_adj of shims is ", client.info().oom_score_adj, " instead of ",
                    client.info().oom_score_adj_wanted, ": this node does not grant CAP_SYS_RESOURCE");
  }
  return parts_.watch.follow(record.id, std::move(client));
}

Status Sandboxes::attach_network(SandboxRecord& record, base::UndoStack& undo) {
  const base::UniqueFd netns =
      TRY(base::sys::open_namespace(record.shim_pid, "net"), "open the pod's network namespace");
  undo.push("take the pod's network down", [this, id = record.id] { return parts_.network.detach(id); });
  const cni::Attachment attachment = TRY(parts_.network.attach(record.id, netns.get()), "set up the pod's network");
  record.addresses = {attachment.address};
  const std::string pin = parts_.registry.paths().netns(record.id);
  TRY(base::sys::open(pin, O_CREAT | O_RDONLY, 0600));
  TRY(base::sys::mount(base::concat("/proc/self/fd/", netns.get()), pin, nullptr, MS_BIND, ""),
      "pin the pod's network namespace");
  undo.push("unpin the pod's network namespace", [pin] { return unmount_if_mounted(pin); });
  return {};
}

Status Sandboxes::stop(const cri::CallContext& context, const std::string& id) {
  TRY(parts_.registry.refresh(id));
  const Result<SandboxRecord> named = parts_.registry.sandbox(id);
  if (!named) return named.error().code() == Code::kNotFound ? Status() : std::unexpected(named.error());
  const Gates::Held gate = TRY(parts_.gates.enter(context, named->id, parts_.registry.paths().sandbox_lock(named->id)));
  // What it was before the gate may be over, and by another process.
  TRY(parts_.registry.refresh(named->id));
  const Result<SandboxRecord> record = parts_.registry.sandbox(named->id);
  if (!record) return {};
  return stop_inside_gate(context, *record);
}

Status Sandboxes::stop_inside_gate(const cri::CallContext& context, const SandboxRecord& record) {
  for (const ContainerRecord& container : parts_.registry.containers_of(record.id)) {
    TRY(containers_->kill_and_wait(context, container), "end container ", container.config->metadata().name());
  }
  TRY(take_down(record), "stop sandbox ", record.id);
  const bool was_up = record.state == SandboxRecord::State::kReady;
  const Result<SandboxRecord> updated = parts_.registry.update_sandbox(
      record.id, [](SandboxRecord& kept) { kept.state = SandboxRecord::State::kNotReady; });
  if (updated && was_up) publish(*updated, v1::CONTAINER_STOPPED_EVENT);
  return {};
}

// Level-triggered: every step is a no-op where it was done before.
Status Sandboxes::take_down(const SandboxRecord& record) {
  ending_.lock()->insert(record.id);
  if (!record.host_network) {
    TRY(parts_.network.detach(record.id), "take the pod's network down");
    TRY(unmount_if_mounted(parts_.registry.paths().netns(record.id)));
  }
  if (shim_alive(record)) {
    const auto client = parts_.watch.client(record.id, parts_.registry.paths().sandbox(record.id));
    parts_.watch.forget(record.id);
    if (client) {
      const Status told = (*client)->shutdown();
      if (!told) base::log::warning(fields_of(record), told.error().to_string());
    }
  }
  TRY(parts_.cgroups.remove(record.shim_cgroup, kKillWait), "end the shim");
  return unmount_if_mounted(parts_.registry.paths().shm(record.id));
}

void Sandboxes::remove_own_cgroup(const SandboxRecord& record) {
  if (owns_pod_cgroup(record)) parts_.cgroups.remove_if_unused(record.cgroup_parent);
}

Status Sandboxes::remove(const cri::CallContext& context, const std::string& id) {
  TRY(parts_.registry.refresh(id));
  const Result<SandboxRecord> named = parts_.registry.sandbox(id);
  if (!named) return named.error().code() == Code::kNotFound ? Status() : std::unexpected(named.error());
  const std::string lock = parts_.registry.paths().sandbox_lock(named->id);
  const Gates::Held gate = TRY(parts_.gates.enter(context, named->id, lock));
  TRY(parts_.registry.refresh(named->id));
  const Result<SandboxRecord> record = parts_.registry.sandbox(named->id);
  if (!record) return {};
  TRY(stop_inside_gate(context, *record));
  for (const ContainerRecord& container : parts_.registry.containers_of(record->id)) {
    TRY(containers_->discard(context, container), "remove container ", container.config->metadata().name());
  }
  remove_own_cgroup(*record);
  TRY(base::remove_tree(parts_.registry.paths().managed_files(record->id)), "remove the pod's files");
  TRY(parts_.registry.remove_sandbox(record->id), "remove sandbox ", record->id);
  ending_.lock()->erase(record->id);
  publish(*record, v1::CONTAINER_DELETED_EVENT);
  ::unlink(lock.c_str());
  return {};
}

void Sandboxes::on_shim_lost(const std::string& id) {
  parts_.registry.set_followed(id, false);
  if (ending_.lock()->contains(id)) return;
  const Result<SandboxRecord> record = parts_.registry.sandbox(id);
  if (!record || record->state != SandboxRecord::State::kReady) return;
  base::log::error(fields_of(*record), "the pod's shim has gone; its containers are ended");
  for (const ContainerRecord& container : parts_.registry.containers_of(id)) containers_->on_shim_lost(container);
  const Result<SandboxRecord> updated =
      parts_.registry.update_sandbox(id, [](SandboxRecord& kept) { kept.state = SandboxRecord::State::kNotReady; });
  if (updated) publish(*updated, v1::CONTAINER_STOPPED_EVENT);
}

Status Sandboxes::recover() {
  TRY(parts_.registry.refresh());
  for (const SandboxRecord& record : parts_.registry.sandboxes()) {
    // One that cannot be recovered must not keep the node's other pods from being served.
    const Status recovered = recover_one(record);
    if (!recovered) base::log::error(fields_of(record), "recover the sandbox: ", recovered.error().to_string());
  }
  return {};
}

Status Sandboxes::recover_one(const SandboxRecord& record) {
  if (record.state == SandboxRecord::State::kCreating) return undo_unfinished(record.id);
  if (record.state != SandboxRecord::State::kReady) return {};
  if (shim_alive(record)) {
    TRY(parts_.watch.client(record.id, parts_.registry.paths().sandbox(record.id)));
    parts_.registry.set_followed(record.id, true);
    return {};
  }
  for (const ContainerRecord& container : parts_.registry.containers_of(record.id)) {
    containers_->on_shim_lost(container);
  }
  TRY(parts_.registry.update_sandbox(record.id,
                                     [](SandboxRecord& kept) { kept.state = SandboxRecord::State::kNotReady; }));
  return {};
}

Status Sandboxes::undo_unfinished(const std::string& id) {
  const std::string lock = parts_.registry.paths().sandbox_lock(id);
  Result<Gates::Held> gate = parts_.gates.try_enter(id, lock);
  if (!gate) return {};  // somebody is making it right now
  // Whoever made it may have finished, or undone it, before the gate was ours.
  TRY(parts_.registry.refresh(id));
  const Result<SandboxRecord> record = parts_.registry.sandbox(id);
  if (!record) {
    ::unlink(lock.c_str());
    return {};
  }
  if (record->state != SandboxRecord::State::kCreating) return recover_one(*record);
  base::log::info(fields_of(*record), "removing a sandbox that was never finished");
  TRY(take_down(*record), "undo the unfinished sandbox ", id);
  remove_own_cgroup(*record);
  TRY(base::remove_tree(parts_.registry.paths().managed_files(id)), "remove the pod's files");
  TRY(parts_.registry.remove_sandbox(id));
  ::unlink(lock.c_str());
  return {};
}

Status Sandboxes::sweep() {
  const Paths& paths = parts_.registry.paths();
  TRY(base::sweep_removed(paths.sandboxes()));
  const auto is_recorded = [&](const std::string& id) {
    return ::access(base::join_path(paths.sandbox(id), "state.json").c_str(), F_OK) == 0;
  };
  std::set<std::string> ids;
  for (const std::string& folder : {paths.sandboxes(), paths.sandbox_locks()}) {
    for (std::string& id : TRY(base::list_folder(folder))) {
      if (!id.starts_with('.') && !is_recorded(id)) ids.insert(std::move(id));
    }
  }
  for (const std::string& id : ids) {
    // Entered: somebody is about to record it.
    const Result<Gates::Held> gate = parts_.gates.try_enter(id, paths.sandbox_lock(id));
    if (!gate || is_recorded(id)) continue;
    TRY(base::remove_tree(paths.sandbox(id)));
    ::unlink(paths.sandbox_lock(id).c_str());
  }
  return {};
}

void Sandboxes::publish(const SandboxRecord& record, v1::ContainerEventType type) {
  v1::ContainerEventResponse event;
  event.set_container_id(record.id);
  event.set_container_event_type(type);
  event.set_created_at(wall_ns());
  *event.mutable_pod_sandbox_status() = to_status(record);
  parts_.events.publish(event);
}

v1::PodSandboxStatus to_status(const SandboxRecord& record) {
  v1::PodSandboxStatus status;
  status.set_id(record.id);
  *status.mutable_metadata() = record.config->metadata();
  status.set_state(record.state == SandboxRecord::State::kReady ? v1::SANDBOX_READY : v1::SANDBOX_NOTREADY);
  status.set_created_at(record.created_at);
  for (size_t i = 0; i < record.addresses.size(); ++i) {
    if (i == 0)
      status.mutable_network()->set_ip(record.addresses[i]);
    else
      status.mutable_network()->add_additional_ips()->set_ip(record.addresses[i]);
  }
  *status.mutable_linux()->mutable_namespaces()->mutable_options() =
      record.config->linux().security_context().namespace_options();
  *status.mutable_labels() = record.config->labels();
  *status.mutable_annotations() = record.config->annotations();
  status.set_runtime_handler(record.runtime_handler);
  return status;
}

Result<v1::PodSandboxStatusResponse> Sandboxes::status(const std::string& id) {
  TRY(parts_.registry.refresh(id));
  const SandboxRecord record = TRY(parts_.registry.sandbox(id));
  v1::PodSandboxStatusResponse response;
  *response.mutable_status() = to_status(record);
  for (const ContainerRecord& container : parts_.registry.containers_of(record.id)) {
    *response.add_containers_statuses() = to_status(container);
  }
  response.set_timestamp(wall_ns());
  return response;
}

Result<v1::ListPodSandboxResponse> Sandboxes::list(const v1::PodSandboxFilter& filter) {
  TRY(parts_.registry.refresh());
  v1::ListPodSandboxResponse response;
  for (const SandboxRecord& record : parts_.registry.sandboxes()) {
    if (!record.id.starts_with(filter.id())) continue;
    const v1::PodSandboxState state =
        record.state == SandboxRecord::State::kReady ? v1::SANDBOX_READY : v1::SANDBOX_NOTREADY;
    if (filter.has_state() && filter.state().state() != state) continue;
    if (!matches_labels(record.config->labels(), filter.label_selector())) continue;
    v1::PodSandbox& item = *response.add_items();
    item.set_id(record.id);
    *item.mutable_metadata() = record.config->metadata();
    item.set_state(state);
    item.set_created_at(record.created_at);
    *item.mutable_labels() = record.config->labels();
    *item.mutable_annotations() = record.config->annotations();
    item.set_runtime_handler(record.runtime_handler);
  }
  return response;
}

}  // namespace runtime::service
