#include "runtime/oci/spec.h"

#include <catch2/catch.hpp>
#include <string>

namespace runtime::oci {
namespace {

constexpr const char* kSmallest = R"({"ociVersion":"1.1.0","process":{"user":{"uid":0,"gid":0},"args":["a"],"cwd":"/"},
  "root":{"path":"rootfs"},"linux":{}})";

// Every member of every type has a value that is not its default.
Spec full_spec() {
  Spec spec;
  spec.oci_version = "1.0.2";
  spec.process = {.terminal = true,
                  .console_size = ConsoleSize{.height = 24, .width = 80},
                  .user = {.uid = 4294967295U, .gid = 7, .umask = 0, .additional_gids = {0, 7, 4294967295U}},
                  .args = {"/bin/sh", "-c", "echo \"ä\"\n\t\x01", ""},
                  .env = {"PATH=/bin", "EMPTY="},
                  .cwd = "/srv",
                  .capabilities = Capabilities{.bounding = {"CAP_KILL"},
                                               .effective = {"CAP_CHOWN"},
                                               .inheritable = {"CAP_MKNOD"},
                                               .permitted = {"CAP_FOWNER", "CAP_SETUID"},
                                               .ambient = {"CAP_BPF"}},
                  .rlimits = {{.type = "RLIMIT_NOFILE", .hard = 18446744073709551615U, .soft = 1024}},
                  .no_new_privileges = true,
                  .oom_score_adj = -998,
                  .apparmor_profile = "a",
                  .selinux_label = "s"};
  spec.root = {.path = "rootfs", .readonly = true};
  spec.hostname = "h";
  spec.mounts = {{.destination = "/data",
                  .type = "bind",
                  .source = "/srv/data",
                  .options = {"rbind", "ro"},
                  .uid_mappings = {{.container_id = 0, .host_id = 65536, .size = 65536}},
                  .gid_mappings = {{.container_id = 1, .host_id = 2, .size = 3}}},
                 {.destination = "/proc", .type = "proc", .source = "proc"}};
  const auto hook = [](const char* path) {
    return std::vector<Hook>{{.path = path, .args = {path, "x"}, .env = {"A=b"}, .timeout = 5}};
  };
  spec.hooks = {.prestart = hook("/1"),
                .create_runtime = hook("/2"),
                .create_container = hook("/3"),
                .start_container = hook("/4"),
                .poststart = hook("/5"),
                .poststop = hook("/6")};
  spec.annotations = {{"io.kubernetes.cri.container-type", "container"}, {"", ""}};
  spec.linux.uid_mappings = {{.container_id = 0, .host_id = 100000, .size = 65536}};
  spec.linux.gid_mappings = {{.container_id = 0, .host_id = 200000, .size = 65536}};
  spec.linux.namespaces = {{.type = "pid", .path = {}}, {.type = "network", .path = "/proc/1/ns/net"}};
  spec.linux.devices = {
      {.type = "c", .path = "/dev/null", .major = 1, .minor = 3, .file_mode = 0666, .uid = 0, .gid = 0}};
  spec.linux.cgroups_path = "/kubepods/x";
  spec.linux.resources = Resources{.devices = {{.allow = false, .access = "rwm"},
                                               {.allow = true, .type = "c", .major = 1, .minor = 3, .access = "rw"}},
                                   .memory = Memory{.limit = 1 << 20, .reservation = -1, .swap = 0},
                                   .cpu = Cpu{.shares = 2, .quota = -1, .period = 100000, .cpus = "0-1", .mems = "0"},
                                   .pids = Pids{.limit = -1},
                                   .hugepage_limits = {{.page_size = "2MB", .limit = 4}},
                                   .unified = {{"memory.high", "max"}}};
  spec.linux.seccomp =
      Seccomp{.default_action = "SCMP_ACT_ERRNO",
              .default_errno_ret = 1,
              .architectures = {"SCMP_ARCH_X86_64"},
              .flags = {"SECCOMP_FILTER_FLAG_LOG"},
              .listener_path = "/l",
              .listener_metadata = "m",
              .syscalls = {{.names = {"clone"},
                            .action = "SCMP_ACT_ALLOW",
                            .errno_ret = 38,
                            .args = {{.index = 0, .value = 0x7e020000, .value_two = 1, .op = "SCMP_CMP_MASKED_EQ"}},
                            .includes = {.caps = {"CAP_SYS_ADMIN"}, .arches = {"amd64"}, .min_kernel = "4.8"},
                            .excludes = {.caps = {"CAP_BPF"}}}}};
  spec.linux.seccomp->arch_map = {{.architecture = "SCMP_ARCH_X86_64", .sub_architectures = {"SCMP_ARCH_X86"}}};
  spec.linux.masked_paths = {"/proc/kcore"};
  spec.linux.readonly_paths = {"/proc/sys"};
  spec.linux.sysctl = {{"net.ipv4.ip_forward", "1"}};
  spec.linux.rootfs_propagation = "private";
  spec.linux.mount_label = "l";
  spec.nodeagent =
      Extension{.rootfs = Extension::Rootfs{.layers_dir = "/l", .lower = {"a/fs", "b/fs"}, .upper = "/u", .work = "/w"},
                .log = Extension::Log{.path = "/0.log", .max_line_bytes = 1},
                .open_stdin = true,
                .stdin_once = true,
                .seccomp_filter = "/f.bpf",
                .cgroup = "/sys/fs/cgroup/x"};
  return spec;
}

std::string error_of(const std::string& json) {
  const base::Result<Spec> spec = decode(json);
  REQUIRE_FALSE(spec.has_value());
  CHECK(spec.error().code() == base::Code::kInvalidArgument);
  return spec.error().to_string();
}

// kSmallest with its `linux` replaced.
std::string with_linux(const std::string& linux) {
  std::string json = kSmallest;
  return json.replace(json.find("\"linux\":{}"), 10, "\"linux\":" + linux);
}

TEST_CASE("what is encoded decodes to the same") {
  const Spec full = full_spec();
  const base::Result<std::string> json = encode(full);
  REQUIRE(json.has_value());
  const base::Result<Spec> again = decode(*json);
  REQUIRE(again.has_value());
  CHECK(*again == full);
  CHECK(encode(*again).value() == *json);

  Spec plain;
  plain.process.args = {"a"};
  CHECK(decode(encode(plain).value()).value() == plain);

  CHECK(decode_process(encode(full.process).value()).value() == full.process);
}

TEST_CASE("names in the JSON are the specification's") {
  const std::string json = encode(full_spec()).value();
  for (const char* name : {"ociVersion",
                           "process",
                           "terminal",
                           "user",
                           "uid",
                           "gid",
                           "umask",
                           "additionalGids",
                           "args",
                           "env",
                           "cwd",
                           "capabilities",
                           "bounding",
                           "effective",
                           "inheritable",
                           "permitted",
                           "ambient",
                           "rlimits",
                           "hard",
                           "soft",
                           "noNewPrivileges",
                           "oomScoreAdj",
                           "apparmorProfile",
                           "selinuxLabel",
                           "root",
                           "readonly",
                           "hostname",
                           "mounts",
                           "destination",
                           "source",
                           "options",
                           "uidMappings",
                           "containerID",
                           "hostID",
                           "hooks",
                           "prestart",
                           "createRuntime",
                           "createContainer",
                           "startContainer",
                           "poststart",
                           "poststop",
                           "timeout",
                           "annotations",
                           "linux",
                           "namespaces",
                           "devices",
                           "fileMode",
                           "cgroupsPath",
                           "resources",
                           "allow",
                           "access",
                           "memory",
                           "reservation",
                           "swap",
                           "cpu",
                           "shares",
                           "quota",
                           "period",
                           "cpus",
                           "mems",
                           "pids",
                           "limit",
                           "hugepageLimits",
                           "pageSize",
                           "unified",
                           "seccomp",
                           "defaultAction",
                           "defaultErrnoRet",
                           "architectures",
                           "flags",
                           "listenerPath",
                           "listenerMetadata",
                           "syscalls",
                           "names",
                           "action",
                           "errnoRet",
                           "index",
                           "value",
                           "valueTwo",
                           "op",
                           "maskedPaths",
                           "readonlyPaths",
                           "sysctl",
                           "rootfsPropagation",
                           "mountLabel",
                           "nodeagent",
                           "layersDir",
                           "lower",
                           "upper",
                           "work",
                           "log",
                           "maxLineBytes",
                           "stdin",
                           "stdinOnce",
                           "seccompFilter",
                           "cgroup"}) {
    CAPTURE(name);
    CHECK(json.find("\"" + std::string(name) + "\":") != std::string::npos);
  }
}

TEST_CASE("what is not said is not written") {
  Spec spec;
  spec.process.args = {"a"};
  const std::string json = encode(spec).value();
  for (const char* name : {"terminal", "hooks", "mounts", "nodeagent", "umask", "seccomp", "annotations"}) {
    CAPTURE(name);
    CHECK(json.find(name) == std::string::npos);
  }
  CHECK(json.find("\"uid\": 0") != std::string::npos);
}

TEST_CASE("decoding takes what the specification allows") {
  CHECK(decode(kSmallest).has_value());
  // Unknown properties are ignored, null is as good as missing.
  const base::Result<Spec> spec = decode(with_linux(R"({"intelRdt":{"a":[1]},"namespaces":null,"personality":7})"));
  REQUIRE(spec.has_value());
  CHECK(spec->linux.namespaces.empty());
}

TEST_CASE("a seccomp profile stands alone, too") {
  const base::Result<Seccomp> profile =
      decode_seccomp(R"({"defaultAction":"A","comment":"","archMap":null,"syscalls":[{"names":["n"],"action":"B"}]})");
  REQUIRE(profile.has_value());
  CHECK(*profile == Seccomp{.default_action = "A", .syscalls = {{.names = {"n"}, .action = "B"}}});
  // Who reads it names the file.
  CHECK(decode_seccomp("{").error().to_string() == "the text is not JSON");
  CHECK(decode_seccomp(R"({"defaultAction":"A","syscalls":[{}]})").error().to_string() ==
        "syscalls[0].names: missing, but required");
}

TEST_CASE("what does not fit is refused by its place in the document") {
  CHECK(error_of("") == "OCI config: the text is not JSON");
  CHECK(error_of("{") == "OCI config: the text is not JSON");
  CHECK(error_of("[]") == "OCI config: expected an object, found array");
  CHECK(error_of("{}") == "OCI config: ociVersion: missing, but required");
  CHECK(error_of(with_linux("7")) == "OCI config: linux: expected an object, found number");
  CHECK(error_of(with_linux(R"({"maskedPaths":["/a",5]})")) ==
        "OCI config: linux.maskedPaths[1]: expected a string, found number");
  CHECK(error_of(with_linux(R"({"sysctl":{"a.b":true}})")) ==
        "OCI config: linux.sysctl.a.b: expected a string, found boolean");
  CHECK(error_of(with_linux(R"({"devices":[{"type":"c"}]})")) ==
        "OCI config: linux.devices[0].path: missing, but required");
  CHECK(error_of(with_linux(R"({"uidMappings":[{"containerID":-1,"hostID":0,"size":1}]})")) ==
        "OCI config: linux.uidMappings[0].containerID: the number does not lie in 0..4294967295");
  CHECK(error_of(with_linux(R"({"uidMappings":[{"containerID":4294967296,"hostID":0,"size":1}]})")) ==
        "OCI config: linux.uidMappings[0].containerID: the number does not lie in 0..4294967295");
  CHECK(error_of(with_linux(R"({"uidMappings":[{"containerID":1.5,"hostID":0,"size":1}]})")) ==
        "OCI config: linux.uidMappings[0].containerID: expected a whole number, found number");
  CHECK(error_of(with_linux(R"({"cgroupsPath":"a\u0000b"})")) ==
        "OCI config: linux.cgroupsPath: the text has a NUL in it");
  CHECK_FALSE(decode(with_linux(R"({"resources":{"pids":{"limit":9223372036854775808}}})")).has_value());
  CHECK_FALSE(decode("{\"a\":\"\xff\"}").has_value());
  CHECK_FALSE(decode(std::string(100000, '[')).has_value());
}

TEST_CASE("what JSON cannot hold is refused by its place") {
  Spec spec;
  spec.process.args = {"a"};
  spec.process.env = {"A=1", "B=\xff"};
  CHECK(encode(spec).error().to_string() == "OCI config: process.env[1]: the text is not UTF-8, or has a NUL in it");
  spec.process.env = {std::string("A=\0", 3)};
  CHECK_FALSE(encode(spec).has_value());
  for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xf0\x80\x80\x80"}) {
    spec.process.env = {bad};
    CHECK_FALSE(encode(spec).has_value());
  }
  for (const char* good : {"ä", "€", "😀", "\xf4\x8f\xbf\xbf", "\x7f\x01"}) {
    spec.process.env = {good};
    REQUIRE(encode(spec).has_value());
    CHECK(decode(encode(spec).value()).value() == spec);
  }
}

}  // namespace
}  // namespace runtime::oci
