// Stopping, removing and telling of containers; making and starting are files of their own.
#include "runtime/service/containers.h"

#include <fcntl.h>
#include <unistd.h>

#include <set>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/service/ids.h"
#include "runtime/service/oom_end.h"
#include "runtime/service/sandbox_request.h"
#include "runtime/shim/exit_record.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::chrono::seconds kKillWait{10};

base::log::Fields fields_of(const ContainerRecord& record) {
  return {.container = record.config->metadata().name(), .sandbox_id = record.sandbox_id, .container_id = record.id};
}

v1::ContainerState state_of(const ContainerRecord& record) {
  switch (record.state) {
    case ContainerRecord::State::kCreated:
      return v1::CONTAINER_CREATED;
    case ContainerRecord::State::kRunning:
      return v1::CONTAINER_RUNNING;
    case ContainerRecord::State::kExited:
      return v1::CONTAINER_EXITED;
  }
  return v1::CONTAINER_UNKNOWN;
}

}  // namespace

Status Containers::stop(const cri::CallContext& context, const std::string& id, int64_t timeout) {
  TRY(parts_.registry.refresh(id));
  const Result<ContainerRecord> record = parts_.registry.container(id);
  if (!record) return record.error().code() == Code::kNotFound ? Status() : std::unexpected(record.error());
  if (record->state != ContainerRecord::State::kRunning) return {};
  if (timeout > 0) {
    const auto client = parts_.watch.client(record->sandbox_id, parts_.registry.paths().sandbox(record->sandbox_id));
    if (client) {
      parts_.registry.set_followed(record->sandbox_id, true);
      const Status sent = (*client)->kill(record->id, record->stop_signal);
      if (!sent && sent.error().code() != Code::kNotFound) return sent;
      const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(timeout);
      const cri::CallContext grace{.deadline = std::min(context.deadline, patience), .stop = context.stop};
      const Result<ContainerRecord> ended = parts_.registry.wait_exited(grace, record->id);
      if (ended) return {};
      // The caller's own time is up: it decides what comes next, the container goes on ending.
      if (ended.error().code() != Code::kDeadlineExceeded || context.deadline <= patience) {
        return std::unexpected(ended.error());
      }
    }
  }
  return kill_and_wait(context, *record);
}

Status Containers::kill_and_wait(const cri::CallContext& context, const ContainerRecord& record) {
  if (record.state != ContainerRecord::State::kRunning) return {};
  const auto client = parts_.watch.client(record.sandbox_id, parts_.registry.paths().sandbox(record.sandbox_id));
  if (!client) {
    // Without a shim nobody will announce the end.
    on_shim_lost(record);
    return {};
  }
  parts_.registry.set_followed(record.sandbox_id, true);
  const Status killed = (*client)->kill_all(record.id);
  if (!killed && killed.error().code() != Code::kNotFound) return killed;
  const auto patience = std::chrono::steady_clock::now() + kKillWait;
  const cri::CallContext waiting{.deadline = std::min(context.deadline, patience), .stop = context.stop};
  TRY(parts_.registry.wait_exited(waiting, record.id), "wait for the end of container ",
      record.config->metadata().name());
  return {};
}

Status Containers::remove(const cri::CallContext& context, const std::string& id) {
  TRY(parts_.registry.refresh(id));
  const Result<ContainerRecord> named = parts_.registry.container(id);
  if (!named) return named.error().code() == Code::kNotFound ? Status() : std::unexpected(named.error());
  const Gates::Held gate =
      TRY(parts_.gates.enter(context, named->sandbox_id, parts_.registry.paths().sandbox_lock(named->sandbox_id)));
  TRY(parts_.registry.refresh(named->id));
  const Result<ContainerRecord> record = parts_.registry.container(named->id);
  if (!record) return {};
  TRY(kill_and_wait(context, *record));
  return discard(context, *record);
}

Status Containers::discard(const cri::CallContext&, const ContainerRecord& record) {
  const auto client = parts_.watch.client(record.sandbox_id, parts_.registry.paths().sandbox(record.sandbox_id));
  if (client) {
    const Status forgotten = (*client)->forget(record.id);
    // Never started: the shim does not know it.
    if (!forgotten && forgotten.error().code() != Code::kNotFound) {
      base::log::warning(fields_of(record), "the shim keeps the container: ", forgotten.error().to_string());
    }
  }
  if (!record.cgroup.empty()) TRY(parts_.cgroups.remove(record.cgroup, kKillWait));
  TRY(base::remove_tree(parts_.registry.paths().writable_layer(record.id)), "remove the writable layer");
  TRY(parts_.registry.remove_container(record.id));
  publish(record, v1::CONTAINER_DELETED_EVENT);
  return {};
}

void Containers::on_shim_lost(const ContainerRecord& record) {
  if (record.state != ContainerRecord::State::kRunning) return;
  // Before its cgroup goes, and the limit with it.
  const auto last =
      shim::read_exit_record(base::join_path(parts_.registry.paths().container(record.sandbox_id, record.id), "exit"));
  const bool told = last && last->outcome == shim::Outcome::kExited;
  const std::string oom = told ? out_of_memory(record, last->oom_kills) : "";
  // Orphans must not run beside a replacement.
  const Status removed = parts_.cgroups.remove(record.cgroup, kKillWait);
  if (!removed) base::log::error(fields_of(record), "end an orphaned container: ", removed.error().to_string());
  const Result<ContainerRecord> updated = parts_.registry.update_container(record.id, [&](ContainerRecord& kept) {
    if (kept.state != ContainerRecord::State::kRunning) return;
    if (told)
      record_exit(kept, last->exit_code, last->finished_at_ns, oom);
    else
      record_lost(kept, wall_ns());
  });
  if (updated) publish(*updated, v1::CONTAINER_STOPPED_EVENT);
}

void Containers::on_exit(const std::string& sandbox, const shim::ExitEvent& event) {
  // Before the record is changed: nothing is read under the registry's locks.
  const Result<ContainerRecord> before = parts_.registry.container(event.container_id);
  const bool news = before && before->state != ContainerRecord::State::kExited;
  const std::string oom = news ? out_of_memory(*before, event.oom_kills) : "";
  const Result<ContainerRecord> updated =
      parts_.registry.update_container(event.container_id, [&](ContainerRecord& kept) {
        if (kept.state == ContainerRecord::State::kExited) return;
        if (kept.started_at == 0) kept.started_at = event.started_at_ns;
        record_exit(kept, event.exit_code, event.finished_at_ns, oom);
      });
  if (!updated) {
    // A container that another process made after we last looked: its record is read when somebody asks.
    if (updated.error().code() != Code::kNotFound) {
      base::log::error({.container_id = event.container_id}, "note an exit: ", updated.error().to_string());
      return;
    }
  } else {
    parts_.cgroups.remove_if_unused(updated->cgroup);
    publish(*updated, v1::CONTAINER_STOPPED_EVENT);
  }
  // Not by a new connection: the sandbox may be being stopped, and its shim's end is then no loss.
  const auto client = parts_.watch.known_client(sandbox);
  if (!client || !updated) return;
  const Status acknowledged = client->ack_exit(event.container_id);
  if (!acknowledged) base::log::debug({.container_id = event.container_id}, acknowledged.error().to_string());
}

Status Containers::sweep_writable_layers() {
  const std::string folder = parts_.registry.paths().writable_layers();
  TRY(base::sweep_removed(folder));
  // Listed before the records are: a layer is made after its record and removed before it.
  const std::vector<std::string> names = TRY(base::list_folder(folder));
  const std::set<std::string> kept = TRY(parts_.registry.ids_on_disk());
  for (const std::string& name : names) {
    if (name.starts_with('.') || kept.contains(name)) continue;
    const std::string layer = base::join_path(folder, name);
    // Another --state may use the same --root: what is not marked as ours is not ours to judge.
    const Result<std::string> state = base::sys::readlinkat(AT_FDCWD, base::join_path(layer, Paths::kStateMark));
    if (!state || *state != parts_.registry.paths().state) continue;
    TRY(base::remove_tree(layer));
  }
  return {};
}

Status Containers::reopen_log(const std::string& id) {
  TRY(parts_.registry.refresh(id));
  const ContainerRecord record = TRY(parts_.registry.container(id));
  if (record.state != ContainerRecord::State::kRunning) {
    return base::fail(Code::kFailedPrecondition, "container ", record.id, " is not running");
  }
  const auto client = TRY(parts_.watch.client(record.sandbox_id, parts_.registry.paths().sandbox(record.sandbox_id)));
  return client->reopen_log(record.id);
}

void Containers::publish(const ContainerRecord& record, v1::ContainerEventType type) {
  v1::ContainerEventResponse event;
  event.set_container_id(record.id);
  event.set_container_event_type(type);
  event.set_created_at(wall_ns());
  const Result<SandboxRecord> sandbox = parts_.registry.sandbox(record.sandbox_id);
  if (sandbox) {
    v1::PodSandboxStatus& status = *event.mutable_pod_sandbox_status();
    status.set_id(sandbox->id);
    *status.mutable_metadata() = sandbox->config->metadata();
  }
  *event.add_containers_statuses() = to_status(record);
  parts_.events.publish(event);
}

v1::ContainerStatus to_status(const ContainerRecord& record) {
  v1::ContainerStatus status;
  status.set_id(record.id);
  *status.mutable_metadata() = record.config->metadata();
  status.set_state(state_of(record));
  status.set_created_at(record.created_at);
  status.set_started_at(record.started_at);
  status.set_finished_at(record.finished_at);
  status.set_exit_code(record.exit_code);
  *status.mutable_image() = record.config->image();
  status.set_image_ref(record.image_ref);
  status.set_image_id(record.image_id);
  status.set_reason(record.reason);
  status.set_message(record.message);
  *status.mutable_labels() = record.config->labels();
  *status.mutable_annotations() = record.config->annotations();
  *status.mutable_mounts() = record.config->mounts();
  status.set_log_path(record.log_path);
  if (record.config->linux().has_resources()) {
    *status.mutable_resources()->mutable_linux() = record.config->linux().resources();
  }
  v1::LinuxContainerUser& user = *status.mutable_user()->mutable_linux();
  user.set_uid(record.uid);
  user.set_gid(record.gid);
  for (const uint32_t group : record.groups) user.add_supplemental_groups(group);
  return status;
}

Result<v1::ContainerStatusResponse> Containers::status(const std::string& id) {
  TRY(parts_.registry.refresh(id));
  v1::ContainerStatusResponse response;
  *response.mutable_status() = to_status(TRY(parts_.registry.container(id)));
  return response;
}

Result<v1::ListContainersResponse> Containers::list(const v1::ContainerFilter& filter) {
  TRY(parts_.registry.refresh());
  v1::ListContainersResponse response;
  for (const ContainerRecord& record : parts_.registry.containers()) {
    if (!record.id.starts_with(filter.id()) || !record.sandbox_id.starts_with(filter.pod_sandbox_id())) continue;
    if (filter.has_state() && filter.state().state() != state_of(record)) continue;
    if (!matches_labels(record.config->labels(), filter.label_selector())) continue;
    v1::Container& item = *response.add_containers();
    item.set_id(record.id);
    item.set_pod_sandbox_id(record.sandbox_id);
    *item.mutable_metadata() = record.config->metadata();
    *item.mutable_image() = record.config->image();
    item.set_image_ref(record.image_ref);
    item.set_image_id(record.image_id);
    item.set_state(state_of(record));
    item.set_created_at(record.created_at);
    *item.mutable_labels() = record.config->labels();
    *item.mutable_annotations() = record.config->annotations();
  }
  return response;
}

}  // namespace runtime::service
