// StartContainer: from a bundle to a running main process.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/service/containers.h"
#include "runtime/service/ids.h"
#include "runtime/service/mount_sources.h"
#include "runtime/service/resources.h"
#include "runtime/shim/exit_record.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

// For what a start that was broken off has left.
constexpr std::chrono::seconds kEndWait{10};
constexpr int kForgetPause = 10;  // ms between two questions whether the shim has noticed

Status prepare_log(const std::string& path) {
  if (path.empty()) return {};
  const std::string folder = path.substr(0, path.rfind('/'));
  TRY(base::make_dirs(folder, 0755), "make the log folder");
  return {};
}

// What service.h promises of StartContainer: kNotFound and kPermissionDenied speak of the command alone.
Code code_for(const base::Error& error, int exit_code) {
  if (exit_code == 127) return Code::kNotFound;
  if (exit_code == 126) return Code::kPermissionDenied;
  const bool taken = error.code() == Code::kNotFound || error.code() == Code::kPermissionDenied;
  return taken ? Code::kFailedPrecondition : error.code();
}

// The kernel ends what is to become the program as well when its memory does not suffice.
base::Error with_memory_limit(base::Error error, const cgroup::Cgroup& group) {
  const Result<std::string> events = group.read("memory.events");
  if (!events || events->find("\noom_kill 0\n") != std::string::npos) return error;
  const Result<std::string> limit = group.read("memory.max");
  error.add_context(base::concat("its memory limit of ", limit ? limit->substr(0, limit->find('\n')) : std::string("?"),
                                 " bytes, or that of its pod, does not suffice to start a program"));
  return error;
}

}  // namespace

Status Containers::launch(const SandboxRecord& sandbox, const ContainerRecord& record, int* failure_code) {
  const Paths& paths = parts_.registry.paths();
  const std::string folder = paths.container(sandbox.id, record.id);
  std::string config = TRY(base::read_file(base::join_path(folder, "config.json")));
  const oci::Spec spec = TRY(oci::decode(config), "read ", folder, "/config.json");

  std::vector<UniqueFd> sources;
  for (const oci::Mount& mount : spec.mounts) {
    if (mount.type == oci::kBind) sources.push_back(TRY(detach_source(mount)));
  }
  TRY(prepare_log(record.log_path));
  const auto client = TRY(parts_.watch.client(sandbox.id, paths.sandbox(sandbox.id)));
  const std::string record_path = base::join_path(folder, "exit");
  const cgroup::Settings settings = TRY(settings_of(spec.linux.resources.value_or(oci::Resources())));
  // Left by a start that a dead process did not get to the end of.
  if (::access(record_path.c_str(), F_OK) == 0) {
    if (TRY(adopt_or_end(*client, record))) {
      // It may not have come to Leaf::settle().
      const Status limited = parts_.cgroups.update(record.cgroup, settings);
      return limited || limited.error().code() == Code::kNotFound ? Status() : limited;
    }
    TRY(base::sys::unlinkat(AT_FDCWD, record_path, 0));
  }
  cgroup::Leaf leaf = TRY(parts_.cgroups.make_leaf(record.cgroup, settings), "limit what the container uses");
  const cgroup::Cgroup& group = leaf.cgroup();
  if (spec.linux.resources) TRY(parts_.device_filters.attach(group.fd(), spec.linux.resources->devices));
  const UniqueFd exit_record = TRY(shim::create_exit_record(record_path));
  shim::StartRequest request{.container_id = record.id, .config_json = std::move(config)};
  request.exit_record = exit_record.get();
  request.cgroup = group.fd();
  for (const UniqueFd& source : sources) request.mounts.push_back(source.get());
  const auto pids = std::ranges::find(spec.linux.namespaces, "pid", &oci::Namespace::type);
  const bool own_pids = pids != spec.linux.namespaces.end() && pids->path.empty();
  request.new_pid_namespace = own_pids;
  if (!own_pids && pids != spec.linux.namespaces.end()) request.pid_namespace = pids->path;
  request.kill_cgroup_at_exit = !own_pids;
  request.terminal = spec.process.terminal;
  request.open_stdin = spec.nodeagent->open_stdin;
  request.stdin_once = spec.nodeagent->stdin_once;
  request.log_path = record.log_path;
  if (spec.nodeagent->log) request.max_line_bytes = spec.nodeagent->log->max_line_bytes;
  shim::StartFailure failure;
  const Result<shim::Started> started = client->start(request, &failure);
  if (!started) {
    *failure_code = failure.exit_code;
    return std::unexpected(with_memory_limit(started.error(), group));
  }
  TRY(leaf.settle(), "limit what the container uses");
  say_once_if_clamped(*client, record, spec.process.oom_score_adj.value_or(0));
  return note_started(record.id, started->pid, started->started_at_ns);
}

// The shim sets the lowest score that it may, which is its own where it got less than it asked for.
void Containers::say_once_if_clamped(const shim::ShimClient& client, const ContainerRecord& record, int oom_score_adj) {
  const shim::ShimInfo& info = client.info();
  if (info.oom_score_adj == info.oom_score_adj_wanted || oom_score_adj >= info.oom_score_adj) return;
  if (oom_clamp_said_.exchange(true)) return;
  base::log::warning({.container = record.config->metadata().name(), .container_id = record.id}, "oom_score_adj is ",
                     info.oom_score_adj, " instead of ", oom_score_adj,
                     ": this node does not grant CAP_SYS_RESOURCE; said once");
}

Status Containers::note_started(const std::string& id, pid_t pid, int64_t started_at) {
  const ContainerRecord updated = TRY(parts_.registry.update_container(id, [&](ContainerRecord& kept) {
    kept.started_at = started_at;
    // Its end may have been heard of already.
    if (kept.state != ContainerRecord::State::kCreated) return;
    kept.state = ContainerRecord::State::kRunning;
    kept.pid = pid;
  }));
  publish(updated, v1::CONTAINER_STARTED_EVENT);
  return {};
}

Result<bool> Containers::adopt_or_end(shim::ShimClient& client, const ContainerRecord& record) {
  const std::vector<shim::ProcessInfo> processes = TRY(client.state());
  const auto known = std::ranges::find_if(processes, [&](const shim::ProcessInfo& process) {
    return process.container_id == record.id && process.exec_id.empty();
  });
  if (known != processes.end() && known->state == shim::ProcessState::kRunning) {
    TRY(note_started(record.id, known->pid, known->started_at_ns));
    return true;
  }
  // Not only emptied: Linux 6.18 kills what is cloned into a cgroup that was ever killed.
  TRY(parts_.cgroups.remove(record.cgroup, kEndWait));
  // The shim notices the end in its own time; until it has, it refuses.
  const auto deadline = std::chrono::steady_clock::now() + kEndWait;
  while (true) {
    const Status forgotten = client.forget(record.id);
    if (forgotten) return false;
    const bool busy = forgotten.error().code() == Code::kFailedPrecondition;
    if (!busy || std::chrono::steady_clock::now() >= deadline) return std::unexpected(forgotten.error());
    (void)::poll(nullptr, 0, kForgetPause);
  }
}

Status Containers::start(const cri::CallContext& context, const std::string& id) {
  TRY(parts_.registry.refresh(id));
  const ContainerRecord named = TRY(parts_.registry.container(id));
  const Gates::Held gate =
      TRY(parts_.gates.enter(context, named.sandbox_id, parts_.registry.paths().sandbox_lock(named.sandbox_id)));
  TRY(parts_.registry.refresh(named.id));
  const ContainerRecord record = TRY(parts_.registry.container(named.id));
  const std::string& name = record.config->metadata().name();
  if (record.state != ContainerRecord::State::kCreated) {
    return base::fail(Code::kFailedPrecondition, "container ", name, " (", record.id, ") has been started before");
  }
  const SandboxRecord sandbox = TRY(parts_.registry.sandbox(record.sandbox_id));
  if (sandbox.state != SandboxRecord::State::kReady) {
    return base::fail(Code::kFailedPrecondition, "sandbox ", sandbox.id, " is not ready");
  }
  int exit_code = 128;
  Status launched = launch(sandbox, record, &exit_code);
  if (launched) return {};
  base::Error& error = launched.error();
  error.set_code(code_for(error, exit_code));
  record_start_failure(record, error);
  error.add_context(base::concat("start container ", name));
  return launched;
}

void Containers::record_start_failure(const ContainerRecord& record, const base::Error& error) {
  // Nothing of it may run on, whatever the step was.
  const Status removed = parts_.cgroups.remove(record.cgroup, std::chrono::seconds(10));
  if (!removed) base::log::warning({.container_id = record.id}, removed.error().to_string());
  const Result<ContainerRecord> updated = parts_.registry.update_container(record.id, [&](ContainerRecord& kept) {
    record_exit(kept, 128, wall_ns());
    kept.reason = "StartError";
    kept.message = error.to_string();
  });
  if (updated) publish(*updated, v1::CONTAINER_STOPPED_EVENT);
}

}  // namespace runtime::service
