#include "runtime/shim/container.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/shim/memory.h"
#include "runtime/shim/oom_kills.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

// How long output is waited for after the end of everything that was ours to end: whoever holds the pipe then is
// outside of the container.
constexpr std::chrono::seconds kDrainTime{2};
constexpr size_t kMaxExecs = 256;  // at once
constexpr char kEndOfTransmission = 4;

struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};

Result<Pipe> open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno(errno, "make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Of the pod whose pid namespace the path names; nullptr without a path.
Result<const SharedPid*> shared_pid_of(const Host& host, const std::string& path) {
  if (path.empty()) return nullptr;
  const UniqueFd named = TRY(sys::open(path, O_RDONLY), "join the pid namespace");
  const SharedPid* shared = host.shared_pid();
  if (shared == nullptr)
    return fail(Code::kFailedPrecondition, "join the pid namespace: the pod has none that it shares");
  const struct stat wanted = TRY(sys::fstat(named.get()));
  const struct stat present = TRY(sys::fstat(shared->pid_namespace.get()));
  if (wanted.st_dev != present.st_dev || wanted.st_ino != present.st_ino) {
    return fail(Code::kUnimplemented, "join the pid namespace ", path, ": only the pod's own shared one can be joined");
  }
  return shared;
}

}  // namespace

// The child's ends of the standard streams.
struct Container::Pipes {
  UniqueFd in;
  UniqueFd out;
  UniqueFd err;
};

Status Container::open_streams(const Settings& settings, Pipes& pipes) {
  LogWriter log = TRY(LogWriter::open(std::string(text_of(settings.log_path))));
  const uint32_t max_line = settings.max_line_bytes == 0 ? 16384 : settings.max_line_bytes;
  output_ = std::make_unique<Output>(host_.loop(), *this, std::move(log), max_line, host_.read_buffer());
  if ((flags_ & kSettingTerminal) != 0) return {};
  Pipe out = TRY(open_pipe());
  Pipe err = TRY(open_pipe());
  TRY(output_->add_stream("stdout", std::move(out.reading)));
  TRY(output_->add_stream("stderr", std::move(err.reading)));
  pipes.out = std::move(out.writing);
  pipes.err = std::move(err.writing);
  if ((flags_ & kSettingStdin) != 0) {
    Pipe in = TRY(open_pipe());
    pipes.in = std::move(in.reading);
    stdin_ = std::move(in.writing);
  }
  return {};
}

Status Container::start(std::vector<UniqueFd> descriptors, const Requester& requester) {
  if (descriptors.size() < kStartMounts) return fail(Code::kInvalidArgument, "start came without its descriptors");
  requester_ = requester;
  const std::unique_ptr<Settings> settings = TRY(read_settings(descriptors[kStartSettings].get()));
  flags_ = settings->flags;
  record_ = std::move(descriptors[kStartRecord]);
  cgroup_ = std::move(descriptors[kStartCgroup]);
  const UniqueFd config = std::move(descriptors[kStartConfig]);
  descriptors.erase(descriptors.begin(), descriptors.begin() + kStartMounts);
  Pipes pipes;
  TRY(open_streams(*settings, pipes));
  ReportPair report = TRY(open_report_pair());
  const SharedPid* shared_pid = TRY(shared_pid_of(host_, std::string(text_of(settings->pid_namespace))));
  Handover handover;
  if (shared_pid != nullptr) handover = TRY(Handover::create());
  const bool new_pid = (flags_ & kSettingNewPidNamespace) != 0;
  Cloned cloned = TRY(clone_child(cgroup_.get(), CLONE_NEWNS | (new_pid ? CLONE_NEWPID : 0UL)));
  if (cloned.pid == 0) {
    release_data(host_.read_buffer());
    run_container_child({.config = config.get(),
                         .mounts = &descriptors,
                         .streams = {.in = pipes.in.get(), .out = pipes.out.get(), .err = pipes.err.get()},
                         .report = report.childs.get(),
                         .inherited_oom_score = host_.inherited_oom_score(),
                         .shared_pid = shared_pid,
                         .handover = &handover});
  }
  return process_.watch(cloned.pid, std::move(cloned.pidfd), std::move(report.ours),
                        {.handover = std::move(handover), .has_console = (flags_ & kSettingTerminal) != 0});
}

void Container::child_console(UniqueFd master) {
  Result<UniqueFd> reading = sys::dup(master.get());
  if (!reading || !output_->add_stream("stdout", *std::move(reading))) return;
  terminal_ = std::move(master);
}

void Container::child_started() {
  record(Outcome::kRunning, nullptr);
  Frame answer;
  answer.pid = process_.pid();
  answer.process_start_time = process_.start_time();
  answer.started_at_ns = process_.started_at_ns();
  host_.reply(requester_, answer, {});
}

void Container::child_failed(const ChildReport& why) {
  failed_ = true;
  record(Outcome::kStartFailed, &why);
  host_.reply(requester_, failure_frame(why), {});
}

void Container::child_exited(const sys::Exit& exit) {
  (void)exit;
  oom_kills_ = count_oom_kills(cgroup_.get());
  // The kernel ends what shares a pid namespace with its first process; what does not is ended here, or its pipes
  // would never close.
  if ((flags_ & kSettingKillCgroupAtExit) != 0) (void)kill_cgroup();
  stdin_.reset();
  if (output_->ended()) return finish();
  drain_deadline_ = std::chrono::steady_clock::now() + kDrainTime;
}

void Container::output_ended() {
  if (process_.state() == ProcessState::kExited && !failed_) finish();
}

void Container::drain_deadline_passed() {
  output_->cut();
  finish();
}

void Container::finish() {
  if (announced_) return;
  announced_ = true;
  drain_deadline_.reset();
  terminal_.reset();
  record(Outcome::kExited, nullptr);
  host_.announce(exit_frame());
}

void Container::record(Outcome outcome, const ChildReport* why) {
  ExitRecord entry;
  entry.outcome = outcome;
  entry.pid = process_.pid();
  entry.process_start_time = process_.start_time();
  entry.started_at_ns = process_.started_at_ns();
  entry.finished_at_ns = process_.finished_at_ns();
  entry.exit_code = process_.exit().code;
  entry.exit_signal = process_.exit().signal;
  entry.oom_kills = oom_kills_;
  put_text(entry.container_id, id_);
  if (why != nullptr) {
    entry.exit_code = why->exit_code;
    entry.exit_signal = 0;
    entry.code = why->code;
    entry.os_errno = why->os_errno;
    entry.step = why->step;
    put_text(entry.detail, text_of(why->detail));
  }
  // The file's blocks are there already; if its disk is broken the exit is still known in memory.
  (void)write_exit_record(record_.get(), entry);
}

Status Container::kill_cgroup() const { return base::write_control_file_at(cgroup_.get(), "cgroup.kill", "1"); }

Status Container::resize(unsigned columns, unsigned rows) const {
  if (!terminal_) return fail(Code::kFailedPrecondition, "it has no terminal");
  struct winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  if (::ioctl(terminal_.get(), TIOCSWINSZ, &size) < 0) return fail_errno(errno, "resize the terminal");
  return {};
}

Result<UniqueFd> Container::attach(UniqueFd out, UniqueFd err, bool want_stdin) {
  if (!process_.alive()) return fail(Code::kNotFound, "it has ended");
  UniqueFd input;
  if (want_stdin) {
    const UniqueFd& end = terminal_ ? terminal_ : stdin_;
    if (!end) return fail(Code::kFailedPrecondition, "its stdin is not open");
    input = TRY(sys::dup(end.get()));
    // The client's copy is then the last one: its end is the container's end of file.
    if (!terminal_ && (flags_ & kSettingStdinOnce) != 0) stdin_.reset();
  }
  if (out) TRY(output_->attach("stdout", std::move(out)));
  if (err && !terminal_) TRY(output_->attach("stderr", std::move(err)));
  return input;
}

Status Container::close_stdin() {
  stdin_.reset();
  if (terminal_ && ::write(terminal_.get(), &kEndOfTransmission, 1) < 0) return fail_errno(errno, "close stdin");
  return {};
}

Status Container::reopen_log() { return output_->reopen_log(); }

Status Container::start_exec(const std::string& exec_id, std::span<const UniqueFd> descriptors, bool terminal,
                             const Requester& requester) {
  if (process_.state() != ProcessState::kRunning) return fail(Code::kFailedPrecondition, "it is not running");
  if (exec_id.empty()) return fail(Code::kInvalidArgument, "an exec needs an id");
  if (find_exec(exec_id) != nullptr) return fail(Code::kAlreadyExists, "it has an exec ", exec_id, " already");
  if (execs_.size() >= kMaxExecs) {
    return fail(Code::kResourceExhausted, "it has ", kMaxExecs, " execs that run");
  }
  auto exec = std::make_unique<Exec>(host_, *this, exec_id);
  TRY(exec->start(descriptors, terminal, requester));
  execs_.push_back(std::move(exec));
  return {};
}

Exec* Container::find_exec(std::string_view exec_id) {
  for (const auto& exec : execs_) {
    if (exec->id() == exec_id && !exec->failed()) return exec.get();
  }
  return nullptr;
}

Status Container::acknowledge_exec(std::string_view exec_id) {
  const Exec* exec = find_exec(exec_id);
  if (exec == nullptr) return {};
  if (exec->process().alive()) return fail(Code::kFailedPrecondition, "it has not ended");
  std::erase_if(execs_, [&](const auto& each) { return each.get() == exec; });
  return {};
}

bool Container::sweep() {
  std::erase_if(execs_, [](const auto& exec) { return exec->over(); });
  return failed_;
}

bool Container::busy() const {
  if (process_.alive() || (!announced_ && !failed_)) return true;
  return std::any_of(execs_.begin(), execs_.end(), [](const auto& exec) { return exec->process().alive(); });
}

Frame Container::exit_frame() const {
  Frame frame;
  frame.type = MessageType::kExited;
  put_text(frame.container_id, id_);
  frame.pid = process_.pid();
  frame.exit_code = process_.exit().code;
  frame.exit_signal = process_.exit().signal;
  frame.started_at_ns = process_.started_at_ns();
  frame.finished_at_ns = process_.finished_at_ns();
  frame.oom_kills = oom_kills_;
  return frame;
}

std::optional<Frame> Container::unacknowledged_exit() const {
  if (!announced_ || acknowledged_) return std::nullopt;
  return exit_frame();
}

void Container::append_state(std::string& entries, uint32_t& count) const {
  StateEntry entry;
  put_text(entry.container_id, id_);
  entry.pid = process_.pid();
  // An end is an end once its output is in the log.
  entry.state = process_.state() == ProcessState::kExited && !announced_ ? ProcessState::kRunning : process_.state();
  entry.flags = (acknowledged_ ? kFlagAcknowledged : 0U) | ((flags_ & kSettingTerminal) != 0 ? kFlagTerminal : 0U);
  entry.exit_code = process_.exit().code;
  entry.exit_signal = process_.exit().signal;
  entry.process_start_time = process_.start_time();
  entry.started_at_ns = process_.started_at_ns();
  entry.finished_at_ns = process_.finished_at_ns();
  entry.log_lines_dropped = output_ ? output_->dropped_lines() : 0;
  entries += bytes_of(entry);
  ++count;
  for (const auto& exec : execs_) {
    entries += bytes_of(exec->state_entry());
    ++count;
  }
}

}  // namespace runtime::shim
