// What a pod sees of its node, and the node of it: one case a field, looked at from inside and from outside.
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "base/concat.h"
#include "base/file.h"
#include "base/sys.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

std::string pod_with(const std::string& name, const std::string& spec, const std::string& containers) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         "}\nspec:\n  restartPolicy: Never\n  terminationGracePeriodSeconds: 1\n" + spec + "  containers:\n" +
         containers;
}

std::string container_with(const std::string& script, const std::string& more = "", const std::string& name = "main") {
  return "  - {name: " + name + ", image: 'test:1', command: [sh, -c, \"" + script + "\"]" + more + "}\n";
}

// What the container "main" printed, a line each; fails the test where the pod did.
std::vector<std::string> lines_of(const Instance& node, const std::string& pod) {
  const Ran ran = node.nodeagent({"run", "-"}, pod);
  CAPTURE(ran.err);
  REQUIRE(ran.status == 0);
  std::vector<std::string> lines;
  std::istringstream text(ran.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line.substr(line.find("| ") + 2));
  return lines;
}

std::string error_of(const Instance& node, const std::string& pod) {
  const Ran ran = node.nodeagent({"run", "-"}, pod);
  CHECK(ran.status != 0);
  return ran.err;
}

std::string namespace_of_host(const char* type) {
  return std::filesystem::read_symlink(base::concat("/proc/self/ns/", type)).string();
}

std::string field_of_status(const std::vector<std::string>& lines, const std::string& name) {
  for (const std::string& line : lines)
    if (line.starts_with(name + ":")) return line.substr(line.find_first_not_of(" \t", name.size() + 1));
  return "(none)";
}

const std::string kNamespaces = "for n in pid ipc net uts mnt cgroup; do readlink /proc/self/ns/$n; done";

bool contains(const std::vector<std::string>& lines, const std::string& wanted) {
  return std::ranges::find(lines, wanted) != lines.end();
}

TEST_CASE("a pod has namespaces of its own, and the node's where it asks for them") {
  const Instance node;
  const auto own = lines_of(node, pod_with("own", "", container_with(kNamespaces)));
  for (const char* type : {"pid", "ipc", "net", "uts", "mnt", "cgroup"}) {
    CAPTURE(type);
    CHECK_FALSE(contains(own, namespace_of_host(type)));
  }
  const auto hosts =
      lines_of(node, pod_with("hosts", "  hostPID: true\n  hostIPC: true\n", container_with(kNamespaces)));
  CHECK(contains(hosts, namespace_of_host("pid")));
  CHECK(contains(hosts, namespace_of_host("ipc")));
  for (const char* type : {"net", "uts", "mnt", "cgroup"}) {
    CAPTURE(type);
    CHECK_FALSE(contains(hosts, namespace_of_host(type)));
  }
}

TEST_CASE("with hostPID a container sees the node's processes, and its own end with it") {
  const Instance node;
  const std::string script = "cat /proc/" + std::to_string(::getpid()) + "/comm; sleep 1000 & exit 0";
  const auto lines = lines_of(node, pod_with("hosts", "  hostPID: true\n", container_with(script)));
  auto own_name = base::read_file("/proc/self/comm").value();
  own_name.pop_back();
  CHECK(lines == std::vector<std::string>{own_name});
  CHECK(node.leaks() == "");
}

TEST_CASE("containers that share their processes see each other's, and the node's not") {
  const Instance node;
  // The other one runs until it is found and told to end.
  const std::string seeker =
      "until ps | grep -q '[s]leep 4242'; do sleep 0.05; done; cat /proc/1/comm; "
      "kill $(ps | awk '/[s]leep 4242/ {print $1}'); ls /proc/" +
      std::to_string(::getpid()) + "/comm || echo alone";
  const std::string other = container_with("n=4242; sleep $n; exit 0", "", "other");
  const auto lines =
      lines_of(node, pod_with("shared", "  shareProcessNamespace: true\n", container_with(seeker) + other));
  CHECK(contains(lines, "nodeagent-init"));
  CHECK(contains(lines, "alone"));
  CHECK(node.leaks() == "");
}

TEST_CASE("exec in a pod whose processes are shared, or the node's, is where its container is") {
  const Instance node;
  for (const std::string spec : {"  hostPID: true\n", "  shareProcessNamespace: true\n"}) {
    CAPTURE(spec);
    REQUIRE(
        node.nodeagent({"run", "--detach", "-"}, pod_with("long", spec, container_with("exec sleep 1000"))).status ==
        0);
    const Ran inside = node.nodeagent(
        {"exec", "long", "--", "sh", "-c", "readlink /proc/self/ns/pid; ps | grep -q '[s]leep 1000' && echo seen"});
    CAPTURE(inside.err);
    CHECK(inside.status == 0);
    CHECK(inside.out.ends_with("seen\n"));
    CHECK(inside.out.starts_with(namespace_of_host("pid")) == (spec.find("hostPID") != std::string::npos));
    REQUIRE(node.nodeagent({"rm", "-f", "long"}).status == 0);
    CHECK(node.leaks() == "");
  }
}

TEST_CASE("a privileged container has what the node has; another one has not") {
  const Instance node;
  const std::string script =
      "grep -E '^(CapEff|Seccomp|NoNewPrivs):' /proc/self/status; readlink /proc/self/ns/cgroup; ls /dev/kmsg; "
      "awk '$5 == \\\"/sys\\\" || $5 == \\\"/sys/fs/cgroup\\\" {print $5, substr($6, 1, 2)}' /proc/self/mountinfo; "
      "grep -c ' /proc/' /proc/self/mountinfo; exit 0";
  const std::string privileged = ", securityContext: {privileged: true}";
  const auto all = lines_of(node, pod_with("all", "", container_with(script, privileged)));
  const auto few = lines_of(node, pod_with("few", "", container_with(script)));
  auto status = base::read_file("/proc/self/status").value();
  const std::string own = status.substr(status.find("CapEff:\t") + 8, 16);
  CHECK(field_of_status(all, "CapEff") == own);
  CHECK(field_of_status(few, "CapEff") == "00000000a80425fb");
  CHECK(field_of_status(all, "Seccomp") == "0");
  CHECK(contains(all, namespace_of_host("cgroup")));
  CHECK_FALSE(contains(few, namespace_of_host("cgroup")));
  CHECK(contains(all, "/dev/kmsg"));
  CHECK_FALSE(contains(few, "/dev/kmsg"));
  for (const char* path : {"/sys", "/sys/fs/cgroup"}) {
    CHECK(contains(all, base::concat(path, " rw")));
    CHECK(contains(few, base::concat(path, " ro")));
  }
  // Nothing is mounted over parts of /proc.
  CHECK(all.back() == "0");
  CHECK(few.back() != "0");
  CHECK(node.leaks() == "");
}

TEST_CASE("sysctls are the pod's, not the node's") {
  const Instance node;
  const auto on_host = [](const std::string& file) { return base::read_file("/proc/sys/" + file).value(); };
  const std::string before = on_host("net/ipv4/ip_local_port_range") + on_host("kernel/shm_rmid_forced");
  const std::string spec =
      "  securityContext: {sysctls: [{name: net.ipv4.ip_local_port_range, value: 40000 50000}, "
      "{name: kernel/shm_rmid_forced, value: '1'}, {name: net.core.somaxconn, value: '77'}]}\n";
  const std::string script =
      "cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/kernel/shm_rmid_forced /proc/sys/net/core/somaxconn";
  const std::string pod = pod_with("tuned", spec, container_with(script));
  CHECK_THAT(error_of(node, pod), Catch::Contains("SysctlForbidden") && Catch::Contains("net.core.somaxconn") &&
                                      Catch::Contains("not allowlisted"));
  const Ran ran = node.nodeagent({"--allowed-unsafe-sysctls", "net.core.*", "run", "-"}, pod);
  CAPTURE(ran.err);
  CHECK(ran.out == "main | 40000\t50000\nmain | 1\nmain | 77\n");
  CHECK(on_host("net/ipv4/ip_local_port_range") + on_host("kernel/shm_rmid_forced") == before);
  CHECK_THAT(
      error_of(node, pod_with("wrong", "  securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '7'}]}\n",
                              container_with("true"))),
      Catch::Contains("kernel/shm_rmid_forced"));
  CHECK(node.leaks() == "");
}

// A folder of the node on which a file system is mounted that shares what is mounted below it.
class SharedFolder {
 public:
  explicit SharedFolder(const Instance& node) : path(node.folder() + "/volume") {
    std::filesystem::create_directories(path);
    REQUIRE(base::sys::mount("tmpfs", path, "tmpfs", 0, ""));
    REQUIRE(base::sys::mount("none", path, nullptr, MS_SHARED, ""));
    std::filesystem::create_directories(path + "/below");
  }
  ~SharedFolder() {
    while (base::sys::umount2(path + "/below", 0)) {
    }
    (void)base::sys::umount2(path, 0);
  }
  std::string volumes() const { return "  volumes: [{name: v, hostPath: {path: " + path + "}}]\n"; }
  bool has_mount_below() const {
    return base::read_file("/proc/self/mountinfo").value().find(path + "/below ") != std::string::npos;
  }
  const std::string path;
};

TEST_CASE("what the node mounts later is seen in the container only with HostToContainer") {
  const Instance node;
  const SharedFolder folder(node);
  const auto mount = [](const char* propagation) {
    return base::concat(", volumeMounts: [{name: v, mountPath: /v, mountPropagation: ", propagation, "}]");
  };
  const std::string wait = "touch /v/ready-$0; until [ -e /v/go ]; do sleep 0.05; done; ls /v/below; echo end";
  std::string pod = pod_with("seeing", folder.volumes(), "");
  for (const char* propagation : {"HostToContainer", "None"})
    pod +=
        base::concat("  - {name: ", propagation[0] == 'N' ? "none" : "slave", ", image: 'test:1', command: [sh, -c, '",
                     wait, "', ", propagation[0] == 'N' ? "none" : "slave", "]", mount(propagation), "}\n");
  REQUIRE(base::write_file_atomic(node.folder() + "/pod.yaml", pod, 0600, base::Durability::kCrash));
  base::Child run = node.start("run", {"run", node.folder() + "/pod.yaml"});
  REQUIRE(eventually([&] {
    return std::filesystem::exists(folder.path + "/ready-slave") &&
           std::filesystem::exists(folder.path + "/ready-none");
  }));
  REQUIRE(base::sys::mount("tmpfs", folder.path + "/below", "tmpfs", 0, ""));
  REQUIRE(base::write_file_atomic(folder.path + "/below/inside", "", 0644, base::Durability::kCrash));
  REQUIRE(base::write_file_atomic(folder.path + "/go", "", 0644, base::Durability::kCrash));
  REQUIRE(run.wait(std::chrono::seconds(30)).value().code == 0);
  CHECK_THAT(node.output_of("run"), Catch::Contains("slave | inside\n") && Catch::Contains("none  | end\n"));
  CHECK_THAT(node.output_of("run"), !Catch::Contains("none  | inside"));
}

TEST_CASE("what a privileged container mounts is seen on the node only with Bidirectional") {
  const Instance node;
  const SharedFolder folder(node);
  const auto pod = [&](const char* propagation) {
    return pod_with(
        "mounting", folder.volumes(),
        container_with("mount -t tmpfs none /v/below && touch /v/below/made",
                       base::concat(", securityContext: {privileged: true}, volumeMounts: [{name: v, mountPath: "
                                    "/v, mountPropagation: ",
                                    propagation, "}]")));
  };
  CHECK(lines_of(node, pod("HostToContainer")).empty());
  CHECK_FALSE(folder.has_mount_below());
  CHECK(lines_of(node, pod("Bidirectional")).empty());
  CHECK(folder.has_mount_below());
  CHECK(std::filesystem::exists(folder.path + "/below/made"));

  REQUIRE(base::sys::umount2(folder.path + "/below", 0));
  REQUIRE(base::sys::mount("none", folder.path, nullptr, MS_PRIVATE, ""));
  CHECK_THAT(error_of(node, pod("Bidirectional")),
             Catch::Contains("mountPropagation Bidirectional of /v") && Catch::Contains(folder.path));
}

TEST_CASE("readOnly is the volume's top alone, recursiveReadOnly all that is mounted in it") {
  const Instance node;
  const SharedFolder folder(node);
  REQUIRE(base::sys::mount("tmpfs", folder.path + "/below", "tmpfs", 0, ""));
  const auto written = [&](const char* recursive) {
    const std::string mount =
        base::concat(", volumeMounts: [{name: v, mountPath: /v, readOnly: true, recursiveReadOnly: ", recursive, "}]");
    return lines_of(node,
                    pod_with("reading", folder.volumes(),
                             container_with("touch /v/a && echo top; touch /v/below/a && echo below; exit 0", mount)));
  };
  CHECK(contains(written("Disabled"), "below"));
  CHECK_FALSE(contains(written("Disabled"), "top"));
  for (const char* recursive : {"Enabled", "IfPossible"}) {
    CHECK_FALSE(contains(written(recursive), "below"));
    CHECK_FALSE(contains(written(recursive), "top"));
  }
}

TEST_CASE("a part of a volume is mounted, made where it is missing, and never what lies outside") {
  const Instance node;
  const std::string folder = node.folder() + "/volume";
  std::filesystem::create_directories(folder + "/there");
  std::filesystem::permissions(folder, std::filesystem::perms(0770));
  std::filesystem::create_symlink("/etc", folder + "/absolute");
  std::filesystem::create_symlink("../../../../../../etc", folder + "/upward");
  std::filesystem::create_symlink("there", folder + "/inside");
  REQUIRE(base::write_file_atomic(folder + "/there/file", "found", 0644, base::Durability::kCrash));
  const std::string volumes = "  volumes: [{name: v, hostPath: {path: " + folder + "}}]\n";
  const auto pod = [&](const std::string& mount, const std::string& script) {
    return pod_with(
        "parts", volumes,
        container_with(script,
                       ", env: [{name: WHO, value: web}], volumeMounts: [{name: v, mountPath: /v, " + mount + "}]"));
  };
  using Lines = std::vector<std::string>;
  CHECK(lines_of(node, pod("subPath: there", "cat /v/file; echo; touch /v/new")) == Lines{"found"});
  CHECK(std::filesystem::exists(folder + "/there/new"));
  CHECK(lines_of(node, pod("subPath: there/file", "cat /v; echo")) == Lines{"found"});
  CHECK(lines_of(node, pod("subPath: inside", "cat /v/file; echo")) == Lines{"found"});
  CHECK(lines_of(node, pod("subPath: there, readOnly: true", "touch /v/x || echo refused")) == Lines{"refused"});
  CHECK(lines_of(node, pod("subPathExpr: made/$(WHO)/deep", "stat -c %a /v; touch /v/x")) == Lines{"770"});
  CHECK(std::filesystem::exists(folder + "/made/web/deep/x"));
  for (const char* link : {"absolute", "upward", "absolute/made", "upward/made"}) {
    CAPTURE(link);
    CHECK_THAT(error_of(node, pod(base::concat("subPath: ", link), "ls /v")),
               Catch::Contains(link) && Catch::Contains("leads out of the volume"));
  }
  CHECK_FALSE(std::filesystem::exists("/etc/made"));
  CHECK_THAT(error_of(node, pod("subPathExpr: $(WHO)/$(NOBODY)", "true")), Catch::Contains("missing value for NOBODY"));
  CHECK_THAT(error_of(node, pod("subPathExpr: $(UP)", "true")), Catch::Contains("missing value for UP"));
  CHECK(node.leaks() == "");
}

TEST_CASE("one key of a ConfigMap is a file") {
  const Instance node;
  const std::string config =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a.conf: one, b.conf: two}\n---\n";
  const std::string pod =
      pod_with("keyed", "  volumes: [{name: v, configMap: {name: settings}}]\n",
               container_with("cat /etc/a.conf; echo; ls /etc/b.conf || echo alone",
                              ", volumeMounts: [{name: v, mountPath: /etc/a.conf, subPath: a.conf}]"));
  CHECK(lines_of(node, config + pod) == std::vector<std::string>{"one", "alone"});
  CHECK(node.leaks() == "");
}

TEST_CASE("what a container says at its end is the message of its state") {
  const Instance node;
  const auto message = [&](const std::string& script, const std::string& more) {
    const Ran ran = node.nodeagent({"run", "-"}, pod_with("saying", "", container_with(script + "; exit 3", more)));
    CHECK(ran.status == 3);
    return ran.err;
  };
  CHECK_THAT(message("echo the disk is full > /dev/termination-log", ""),
             Catch::Contains("exit code 3: the disk is full"));
  CHECK_THAT(
      message("echo of mine > /tmp/last",
              ", terminationMessagePath: /tmp/last, securityContext: {readOnlyRootFilesystem: true, runAsUser: 1000}"),
      Catch::Contains("exit code 3: of mine"));
  CHECK_THAT(message("echo told to all", ", terminationMessagePolicy: FallbackToLogsOnError"),
             Catch::Contains("exit code 3: told to all"));
  CHECK_THAT(message("echo told to all", ""), !Catch::Contains("told to all"));
  CHECK(node.leaks() == "");
}

// The file of a Localhost profile, where a pod's localhostProfile names it from.
void write_profile(const Instance& node, const std::string& name, const std::string& text) {
  const std::filesystem::path file = node.folder() + "/root/seccomp/" + name;
  std::filesystem::create_directories(file.parent_path());
  REQUIRE(base::write_file_atomic(file, text, 0600, base::Durability::kCrash));
}

std::string localhost(const std::string& name) {
  return "securityContext: {seccompProfile: {type: Localhost, localhostProfile: " + name + "}}";
}

constexpr const char* kNoFolders = R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]})";

TEST_CASE("a Localhost seccomp profile holds in the container and in an exec") {
  const Instance node;
  write_profile(node, "team/no-folders.json", kNoFolders);
  const std::string script = "mkdir /tmp/x 2>&1; touch /tmp/y && echo touched; grep Seccomp: /proc/self/status";
  for (const std::string more : {", securityContext: {allowPrivilegeEscalation: false}", ""}) {
    CAPTURE(more);
    const std::string spec = "  " + localhost("team/no-folders.json") + "\n";
    const auto lines = lines_of(node, pod_with("confined", spec, container_with(script + "; exit 0", more)));
    CHECK(contains(lines, "mkdir: can't create directory '/tmp/x': No space left on device"));
    CHECK(contains(lines, "touched"));
    CHECK(field_of_status(lines, "Seccomp") == "2");

    const std::string pod = pod_with("long", spec, container_with("exec sleep 1000", more));
    REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod).status == 0);
    const Ran inside = node.nodeagent({"exec", "long", "--", "sh", "-c", script});
    CAPTURE(inside.err);
    CHECK_THAT(inside.out, Catch::Contains("No space left on device") && Catch::Contains("touched") &&
                               Catch::Contains("Seccomp:\t2"));
    REQUIRE(node.nodeagent({"rm", "-f", "long"}).status == 0);
  }
}

TEST_CASE("a container's seccomp profile comes before its pod's, and none holds for a privileged one") {
  const Instance node;
  write_profile(node, "no-folders.json", kNoFolders);
  const std::string script = "mkdir /tmp/x 2>&1 && echo made; exit 0";
  const auto made = [&](const std::string& more) {
    return contains(
        lines_of(node, pod_with("confined", "  " + localhost("no-folders.json") + "\n", container_with(script, more))),
        "made");
  };
  CHECK_FALSE(made(""));
  CHECK(made(", securityContext: {seccompProfile: {type: Unconfined}}"));
  CHECK(made(", securityContext: {seccompProfile: {type: RuntimeDefault}}"));
  CHECK(made(", securityContext: {privileged: true}"));
  CHECK_FALSE(contains(lines_of(node, pod_with("own", "", container_with(script, ", " + localhost("no-folders.json")))),
                       "made"));
}

TEST_CASE("a Localhost seccomp profile that cannot be used ends the pod, with its path and the reason") {
  const Instance node;
  const auto error = [&](const std::string& name) {
    return error_of(node, pod_with("confined", "  " + localhost(name) + "\n", container_with("exit 0")));
  };
  write_profile(node, "text", "allow all");
  write_profile(node, "action.json", R"({"defaultAction": "SCMP_ACT_DENY"})");
  write_profile(node, "notify.json", R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/listener"})");
  const std::string folder = node.folder() + "/root/seccomp/";
  CHECK_THAT(error("none.json"), Catch::Contains(folder + "none.json: ") && Catch::Contains("No such file"));
  CHECK_THAT(error("text"), Catch::Contains(folder + "text: the text is not JSON"));
  CHECK_THAT(error("action.json"),
             Catch::Contains(folder + "action.json: defaultAction: \"SCMP_ACT_DENY\" is unknown"));
  CHECK_THAT(error("notify.json"), Catch::Contains(folder + "notify.json: listenerPath: "));
  CHECK(node.leaks() == "");
}

}  // namespace
