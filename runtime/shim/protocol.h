// The wire contract between the agent (any version, any number of them over time) and nodeagent-shim.
//
// Transport: one Unix SOCK_SEQPACKET socket a shim, `shim.sock` in the sandbox's state folder. One packet is one Frame:
// a fixed-size structure whose fields are only ever appended. A receiver reads as much of a packet as both sides know:
// what an older peer did not send is zero, what a newer one added is ignored. Anything long travels in a sealed memfd,
// descriptors by SCM_RIGHTS. Byte streams never pass over this socket.
//
//   agent                                  shim
//   kHello (version, flags) ------------->             the first frame of every connection
//                       <------------- kReply          the shim's version, pid, start time; or why it is not ready
//   kStart … kShutdown  ------------->                 any request, any number of them at once
//                       <------------- kReply          one a request, same request_id, in the order of completion
//                       <------------- kExited         to clients that subscribed in kHello; exits of containers that
//                       no
//                                                      agent has acknowledged are sent again to each new subscriber,
//                                                      those of execs are told once and forgotten
//
// A client that sends what is not a frame is disconnected; a frame of an unknown type is answered with kUnimplemented;
// a client that does not read its answers is disconnected and may come back and ask for the state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace runtime::shim {

inline constexpr uint32_t kFrameMagic = 0x4853414e;  // "NASH"
inline constexpr uint16_t kProtocolVersion = 1;
inline constexpr const char* kSocketName = "shim.sock";
inline constexpr size_t kMaxFrameDescriptors = 253;  // SCM_MAX_FD, unix(7)

enum class MessageType : uint16_t {
  kNone = 0,
  kHello = 1,       // flags: kFlagSubscribe
  kStart = 2,       // descriptors: StartDescriptor
  kKill = 3,        // container_id, signal: to the main process; flags kFlagWholeCgroup: SIGKILL to all of its cgroup
  kExec = 4,        // container_id, exec_id, flags kFlagTerminal; descriptors: ExecDescriptor
  kKillExec = 5,    // container_id, exec_id, signal
  kResize = 6,      // container_id, columns, rows
  kAttach = 7,      // container_id, flags kFlagWants…; descriptors in the order of those flags
  kCloseStdin = 8,  // container_id
  kReopenLog = 9,   // container_id
  kState = 10,      // reply: one descriptor, a memfd of StateEntry, `count` of them, `entry_bytes` each
  kAckExit = 11,    // container_id; with an exec_id it does nothing: that exec is forgotten already
  kForget = 12,     // container_id: it was removed; refused while it runs
  kShutdown = 13,   // refused while anything runs
  kReply = 100,
  kExited = 101,
};

enum FrameFlag : uint32_t {
  kFlagSubscribe = 1U << 0,
  kFlagWholeCgroup = 1U << 1,
  kFlagTerminal = 1U << 2,
  kFlagWantsOut = 1U << 3,     // attach: a descriptor for output copies follows
  kFlagWantsErr = 1U << 4,     // attach: one for error output
  kFlagWantsStdin = 1U << 5,   // attach: the reply carries the writing end of the container's stdin
  kFlagAcknowledged = 1U << 6  // state: an agent has acknowledged this exit
};

// What a starting container's child was doing when it failed, in the order of the steps (container_init.cc).
enum class Step : uint16_t {
  kNone = 0,
  kClone = 1,
  kDecode = 2,
  kCgroupNamespace = 3,
  kPropagation = 4,
  kRootfs = 5,
  kMounts = 6,
  kDevices = 7,
  kConsole = 8,
  kSysctl = 9,
  kMaskedPaths = 10,
  kReadonlyPaths = 11,
  kReadonlyRoot = 12,
  kPivotRoot = 13,
  kRlimits = 14,
  kOomScore = 15,
  kWorkingDirectory = 16,
  kIdentity = 17,
  kCapabilities = 18,
  kSeccomp = 19,
  kStdio = 20,
  kExecute = 21,
  kJoinNamespaces = 22,
  kLog = 23,
  kSecurityLabel = 24,
  kKeyring = 25,
};
// "mounts", "working directory" …: the word an error message uses.
std::string_view step_name(Step step);

enum class ProcessState : uint16_t {
  kUnknown = 0,
  kStarting = 1,
  kRunning = 2,
  kExited = 3,
};

inline constexpr size_t kIdBytes = 80;  // with the closing NUL
inline constexpr size_t kDetailBytes = 512;

struct Frame {
  uint32_t magic = kFrameMagic;
  uint16_t version = kProtocolVersion;
  MessageType type = MessageType::kNone;
  uint64_t request_id = 0;
  uint32_t flags = 0;    // FrameFlag
  uint32_t code = 0;     // reply: 0, or a gRPC status code (base::Code by code_to_wire)
  int32_t os_errno = 0;  // reply: errno of what failed, else 0
  Step step = Step::kNone;
  ProcessState state = ProcessState::kUnknown;
  int32_t pid = 0;        // as the host sees it
  int32_t signal = 0;     // kKill: what to send
  int32_t exit_code = 0;  // exit status, or 128 + exit_signal; a failed start: 126, 127 or 128
  int32_t exit_signal = 0;
  uint64_t process_start_time = 0;  // field 22 of /proc/PID/stat: with the pid, names a process for ever
  int64_t started_at_ns = 0;        // CLOCK_REALTIME
  int64_t finished_at_ns = 0;
  uint32_t columns = 0;
  uint32_t rows = 0;
  uint32_t count = 0;
  uint32_t entry_bytes = 0;
  int32_t sandbox_init_pid = 0;      // hello reply: pid 1 of the shared pid namespace, or 0
  int32_t oom_score_adj = 0;         // hello reply: what the shim got
  int32_t oom_score_adj_wanted = 0;  // hello reply: what it asked for
  uint32_t reserved = 0;
  char container_id[kIdBytes] = {};
  char exec_id[kIdBytes] = {};  // empty: the container's main process
  char detail[kDetailBytes] = {};
  uint64_t log_bytes = 0;  // attach reply: what the log holds; the copies go on from there
  uint32_t oom_kills = 0;  // kExited, of a container: oom_kills.h
  uint32_t reserved2 = 0;
};
static_assert(std::is_trivially_copyable_v<Frame>);
// A packet shorter than what the first version sent up to and including `flags` is not a frame.
inline constexpr size_t kMinFrameBytes = 20;

// The descriptors of kStart, in this order; then the detached mounts, the k-th for the k-th bind mount of the config.
enum StartDescriptor : size_t {
  kStartConfig = 0,    // sealed memfd: config.json, decoded by the container's child only
  kStartRecord = 1,    // the preallocated exit record (exit_record.h), open for writing
  kStartSettings = 2,  // sealed memfd: Settings
  kStartCgroup = 3,    // the cgroup folder to start in
  kStartMounts = 4,
};
inline constexpr size_t kMaxStartMounts = kMaxFrameDescriptors - kStartMounts;

// The descriptors of kExec; the streams are absent with kFlagTerminal (the reply then carries the terminal's master).
enum ExecDescriptor : size_t {
  kExecProcess = 0,   // sealed memfd: the OCI process object
  kExecSettings = 1,  // sealed memfd: Settings
  kExecStdin = 2,
  kExecStdout = 3,
  kExecStderr = 4,
};

enum SettingsFlag : uint32_t {
  kSettingTerminal = 1U << 0,
  kSettingStdin = 1U << 1,             // keep a pipe open as the container's stdin
  kSettingStdinOnce = 1U << 2,         // close it when the first attached client has gone
  kSettingNewPidNamespace = 1U << 3,   // else pid_namespace, else the shim's own (the host's)
  kSettingKillCgroupAtExit = 1U << 4,  // the main process's end ends all of its cgroup
};

inline constexpr size_t kPathBytes = 4096;

// The few values of config.json that the shim itself must know; it never decodes JSON. Fields are only ever appended.
struct Settings {
  uint32_t size = 0;   // sizeof(Settings) of the sender
  uint32_t flags = 0;  // SettingsFlag
  uint32_t max_line_bytes = 0;
  uint32_t reserved = 0;
  char log_path[kPathBytes] = {};        // absolute, in the host's mount namespace; empty: output is not logged
  char pid_namespace[kPathBytes] = {};   // path of the pid namespace to join, which is the pod's own shared one
  char seccomp_filter[kPathBytes] = {};  // kExec: compiled BPF; kStart takes it from config.json
};

// One container or exec in the answer to kState. Fields are only ever appended.
struct StateEntry {
  char container_id[kIdBytes] = {};
  char exec_id[kIdBytes] = {};
  int32_t pid = 0;
  ProcessState state = ProcessState::kUnknown;
  uint16_t reserved = 0;
  uint32_t flags = 0;  // kFlagAcknowledged, kFlagTerminal
  int32_t exit_code = 0;
  int32_t exit_signal = 0;
  uint32_t reserved2 = 0;
  uint64_t process_start_time = 0;
  int64_t started_at_ns = 0;
  int64_t finished_at_ns = 0;
  uint64_t log_lines_dropped = 0;  // lines that could not be written (full disk)
};

}  // namespace runtime::shim
