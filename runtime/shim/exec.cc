// Exec, and what it shares with Container: cloning a child and reading what came with the request.
#include <unistd.h>

#include <cerrno>

#include "base/sys.h"
#include "runtime/shim/container.h"
#include "runtime/shim/memory.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

Result<Cloned> clone_child(int cgroup, uint64_t flags) {
  int pidfd = -1;
  const pid_t pid = TRY(sys::clone3({.flags = flags, .pidfd = &pidfd, .cgroup = cgroup}));
  if (pid == 0) return Cloned{};
  return Cloned{pid, UniqueFd(pidfd)};
}

Result<std::unique_ptr<Settings>> read_settings(int memfd) {
  auto settings = std::make_unique<Settings>();
  const ssize_t got = ::pread(memfd, settings.get(), sizeof(Settings), 0);
  if (got < 0) return fail_errno(errno, "read the settings");
  if (static_cast<size_t>(got) < offsetof(Settings, log_path))
    return fail(Code::kInvalidArgument, "settings too short");
  settings->log_path[kPathBytes - 1] = '\0';
  settings->pid_namespace[kPathBytes - 1] = '\0';
  settings->seccomp_filter[kPathBytes - 1] = '\0';
  return settings;
}

Frame failure_frame(const ChildReport& why) {
  Frame frame;
  frame.code = why.code;
  frame.os_errno = why.os_errno;
  frame.step = why.step;
  frame.exit_code = why.exit_code;
  put_text(frame.detail, text_of(why.detail));
  return frame;
}

Status Exec::start(std::span<const UniqueFd> descriptors, bool terminal, const Requester& requester) {
  const size_t wanted = terminal ? kExecStdin : kExecStderr + 1;
  if (descriptors.size() < wanted) return fail(Code::kInvalidArgument, "exec came without its descriptors");
  requester_ = requester;
  const std::unique_ptr<Settings> settings = TRY(read_settings(descriptors[kExecSettings].get()));
  ReportPair report = TRY(open_report_pair());
  Handover handover = TRY(Handover::create());
  Cloned cloned = TRY(clone_child(container_.cgroup(), 0));
  if (cloned.pid == 0) {
    // What other containers wrote does not go with us.
    release_data(host_.read_buffer());
    ChildStreams streams;
    if (!terminal) {
      streams = {.in = descriptors[kExecStdin].get(),
                 .out = descriptors[kExecStdout].get(),
                 .err = descriptors[kExecStderr].get()};
    }
    run_exec_child({.process = descriptors[kExecProcess].get(),
                    .container_pidfd = container_.process().pidfd(),
                    .seccomp_filter = settings->seccomp_filter,
                    .terminal = terminal,
                    .streams = streams,
                    .report = report.childs.get(),
                    .inherited_oom_score = host_.inherited_oom_score(),
                    .handover = &handover});
  }
  return process_.watch(cloned.pid, std::move(cloned.pidfd), std::move(report.ours),
                        {.handover = std::move(handover), .has_console = terminal});
}

void Exec::child_started() {
  Frame answer;
  answer.pid = process_.pid();
  answer.process_start_time = process_.start_time();
  answer.started_at_ns = process_.started_at_ns();
  const int master = terminal_.get();
  host_.reply(requester_, answer, terminal_ ? std::span(&master, 1) : std::span<const int>());
  terminal_.reset();
}

void Exec::child_failed(const ChildReport& why) {
  failed_ = true;
  host_.reply(requester_, failure_frame(why), {});
}

void Exec::child_exited(const sys::Exit& exit) {
  (void)exit;
  host_.announce(exit_frame());
}

Frame Exec::exit_frame() const {
  Frame frame;
  frame.type = MessageType::kExited;
  put_text(frame.container_id, container_.id());
  put_text(frame.exec_id, id_);
  frame.pid = process_.pid();
  frame.exit_code = process_.exit().code;
  frame.exit_signal = process_.exit().signal;
  frame.started_at_ns = process_.started_at_ns();
  frame.finished_at_ns = process_.finished_at_ns();
  return frame;
}

StateEntry Exec::state_entry() const {
  StateEntry entry;
  put_text(entry.container_id, container_.id());
  put_text(entry.exec_id, id_);
  entry.pid = process_.pid();
  entry.state = process_.state();
  entry.exit_code = process_.exit().code;
  entry.exit_signal = process_.exit().signal;
  entry.process_start_time = process_.start_time();
  entry.started_at_ns = process_.started_at_ns();
  entry.finished_at_ns = process_.finished_at_ns();
  return entry;
}

}  // namespace runtime::shim
