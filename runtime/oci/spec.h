// The OCI runtime-spec's config.json (https://github.com/opencontainers/runtime-spec, config.md and config-linux.md) as
// C++ types. The agent encodes what a container is to be; nodeagent-shim and any other OCI runtime decode it.
//
// Members carry the specification's names in snake_case; one not said is empty, false, zero or nullopt, and is left out
// of the JSON unless the specification requires it. Properties that are not described here are ignored when decoding,
// as the specification asks. Sizes are bytes, quotas and periods microseconds, timeouts seconds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime::oci {

inline constexpr const char* kOciVersion = "1.1.0";
inline constexpr uint32_t kDefaultMaxLineBytes = 16384;  // CRI log format: a longer line is split into partial ones

struct User {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::optional<uint32_t> umask;
  std::vector<uint32_t> additional_gids;
  bool operator==(const User&) const = default;
};

// Names as "CAP_CHOWN".
struct Capabilities {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> inheritable;
  std::vector<std::string> permitted;
  std::vector<std::string> ambient;
  bool operator==(const Capabilities&) const = default;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"
  uint64_t hard = 0;
  uint64_t soft = 0;
  bool operator==(const Rlimit&) const = default;
};

// Of a terminal, in characters.
struct ConsoleSize {
  uint32_t height = 0;
  uint32_t width = 0;
  bool operator==(const ConsoleSize&) const = default;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;  // of the terminal, before the program starts
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;  // "NAME=value"
  std::string cwd = "/";
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::optional<int32_t> oom_score_adj;
  std::string apparmor_profile;
  std::string selinux_label;
  bool operator==(const Process&) const = default;
};

struct Root {
  std::string path;
  bool readonly = false;
  bool operator==(const Root&) const = default;
};

struct IdMapping {
  uint32_t container_id = 0;
  uint32_t host_id = 0;
  uint32_t size = 0;
  bool operator==(const IdMapping&) const = default;
};

// The k-th mount whose type is kBind is served by the k-th detached mount descriptor that comes with a start request;
// its source stays in the JSON for who reads it and for other OCI runtimes.
struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  bool operator==(const Mount&) const = default;
};
inline constexpr std::string_view kBind = "bind";

struct Hook {
  std::string path;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::optional<int32_t> timeout;
  bool operator==(const Hook&) const = default;
};

struct Hooks {
  std::vector<Hook> prestart;
  std::vector<Hook> create_runtime;
  std::vector<Hook> create_container;
  std::vector<Hook> start_container;
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
  bool operator==(const Hooks&) const = default;
};

// type: mount, pid, network, ipc, uts, user, cgroup, time. Without a path the container gets a new one; a namespace
// type that is not listed is inherited from who starts the container (for our shim: the pod's network, IPC and UTS).
struct Namespace {
  std::string type;
  std::string path;
  bool operator==(const Namespace&) const = default;
};

struct Device {
  std::string type;  // "c", "b", "u" or "p"
  std::string path;
  int64_t major = 0;
  int64_t minor = 0;
  std::optional<uint32_t> file_mode;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  bool operator==(const Device&) const = default;
};

struct DeviceRule {
  bool allow = false;
  std::string type;  // "a" (or empty), "c", "b"
  std::optional<int64_t> major;
  std::optional<int64_t> minor;
  std::string access;  // of "rwm"
  bool operator==(const DeviceRule&) const = default;
};

struct Memory {
  std::optional<int64_t> limit;
  std::optional<int64_t> reservation;
  std::optional<int64_t> swap;
  bool operator==(const Memory&) const = default;
};

struct Cpu {
  std::optional<uint64_t> shares;
  std::optional<int64_t> quota;
  std::optional<uint64_t> period;
  std::optional<uint64_t> burst;
  std::optional<int64_t> idle;  // 1: SCHED_IDLE for the whole cgroup
  std::string cpus;
  std::string mems;
  bool operator==(const Cpu&) const = default;
};

struct Pids {
  int64_t limit = 0;
  bool operator==(const Pids&) const = default;
};

struct HugepageLimit {
  std::string page_size;  // "2MB"
  uint64_t limit = 0;
  bool operator==(const HugepageLimit&) const = default;
};

struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<Memory> memory;
  std::optional<Cpu> cpu;
  std::optional<Pids> pids;
  std::vector<HugepageLimit> hugepage_limits;
  std::map<std::string, std::string> unified;  // cgroup v2 file -> value
  bool operator==(const Resources&) const = default;
};

struct SeccompArg {
  uint32_t index = 0;
  uint64_t value = 0;
  uint64_t value_two = 0;
  std::string op;  // "SCMP_CMP_EQ"
  bool operator==(const SeccompArg&) const = default;
};

// Docker's additions to the specification, which many profiles of nodes have (moby, profiles/seccomp): a rule counts
// only where all of its `includes` hold and none of its `excludes`. Whoever compiles a profile carries them out.
struct SeccompCondition {
  std::vector<std::string> caps;    // names as "CAP_SYS_ADMIN"
  std::vector<std::string> arches;  // names as "amd64"
  std::string min_kernel;           // "4.8"
  bool operator==(const SeccompCondition&) const = default;
};

// Docker's, instead of `architectures`: the entry of the machine's own architecture counts.
struct SeccompArchitecture {
  std::string architecture;  // "SCMP_ARCH_X86_64"
  std::vector<std::string> sub_architectures;
  bool operator==(const SeccompArchitecture&) const = default;
};

struct SeccompRule {
  std::vector<std::string> names;
  std::string action;  // "SCMP_ACT_ALLOW"
  std::optional<uint32_t> errno_ret;
  std::vector<SeccompArg> args;
  SeccompCondition includes;
  SeccompCondition excludes;
  bool operator==(const SeccompRule&) const = default;
};

struct Seccomp {
  std::string default_action;
  std::optional<uint32_t> default_errno_ret;
  std::vector<std::string> architectures;
  std::vector<SeccompArchitecture> arch_map;
  std::vector<std::string> flags;
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompRule> syscalls;
  bool operator==(const Seccomp&) const = default;
};

struct Linux {
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  std::vector<Namespace> namespaces;
  std::vector<Device> devices;
  std::string cgroups_path;
  std::optional<Resources> resources;
  std::optional<Seccomp> seccomp;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::map<std::string, std::string> sysctl;
  std::string rootfs_propagation;
  std::string mount_label;
  bool operator==(const Linux&) const = default;
};

// The overlay to mount as the root; without it root.path is used as it is.
struct ExtensionRootfs {
  std::string layers_dir;          // absolute; what `lower` is relative to
  std::vector<std::string> lower;  // top layer first
  std::string upper;               // absolute
  std::string work;                // absolute
  bool operator==(const ExtensionRootfs&) const = default;
};

struct ExtensionLog {
  std::string path;  // absolute
  uint32_t max_line_bytes = kDefaultMaxLineBytes;
  bool operator==(const ExtensionLog&) const = default;
};

// What nodeagent-shim needs beyond the specification: the top-level property "nodeagent". Other runtimes ignore it.
struct Extension {
  using Rootfs = ExtensionRootfs;
  using Log = ExtensionLog;
  std::optional<Rootfs> rootfs;
  std::optional<Log> log;
  bool open_stdin = false;  // JSON: stdin
  bool stdin_once = false;
  std::string seccomp_filter;  // absolute path of the compiled BPF; empty: none
  std::string cgroup;          // absolute path of the container's cgroup folder on the host
  // Absolute paths in the container that the image declares as volumes and no mount covers: folders of the root file
  // system, made where they are missing, and then of the process's user.
  std::vector<std::string> volumes;
  bool operator==(const Extension&) const = default;
};

struct Spec {
  std::string oci_version = kOciVersion;
  Process process;
  Root root;
  std::string hostname;
  std::vector<Mount> mounts;
  Hooks hooks;
  std::map<std::string, std::string> annotations;
  Linux linux;
  std::optional<Extension> nodeagent;
  bool operator==(const Spec&) const = default;
};

// The JSON text, indented. kInvalidArgument, naming the property, for a string that JSON cannot hold (not UTF-8, or
// with a NUL in it).
base::Result<std::string> encode(const Spec& spec);
base::Result<std::string> encode(const Process& process);  // a process alone, as exec takes it

// kInvalidArgument, naming the property ("process.args[1]: expected a string"), for anything that does not fit the
// type, for a missing required property and for text that is not JSON. Throws nothing but bad_alloc.
base::Result<Spec> decode(std::string_view json);
base::Result<Process> decode_process(std::string_view json);
base::Result<Seccomp> decode_seccomp(std::string_view json);  // linux.seccomp alone: a profile of the node

}  // namespace runtime::oci
