#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "test/host/shim/pod.h"

namespace oci = runtime::oci;
namespace shim = runtime::shim;
using Catch::Contains;
using test::Ended;
using test::Pod;

TEST_CASE("a container runs, its exit status and output are true") {
  Pod pod;
  const Ended ended = pod.run("web", {.args = {"sh", "-c", "echo out; echo err >&2; exit 7"}});
  CHECK(ended.event.exit_code == 7);
  CHECK(ended.event.exit_signal == 0);
  CHECK(ended.out == "out\n");
  CHECK(ended.err == "err\n");
  CHECK(ended.event.finished_at_ns >= ended.event.started_at_ns);
  const auto record = shim::read_exit_record(pod.record_path("web"));
  REQUIRE(record);
  CHECK(record->outcome == shim::Outcome::kExited);
  CHECK(record->exit_code == 7);
  CHECK(std::string(record->container_id) == "web");
  CHECK(pod.client().ack_exit("web"));
  CHECK(pod.client().forget("web"));
  CHECK(pod.client().shutdown());
  CHECK(test::wait_gone(pod.client().info().pid));
}

TEST_CASE("a signal that ends a container is told apart from an exit status") {
  Pod pod;
  const auto started = pod.start("web", {.args = {"sleep", "1000"}});
  REQUIRE(started);
  CHECK(pod.client().kill("web", SIGKILL));
  const auto event = pod.wait_event();
  CHECK(event.exit_code == 137);
  CHECK(event.exit_signal == SIGKILL);
  const auto again = pod.client().kill("web", SIGTERM);
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == base::Code::kNotFound);
}

TEST_CASE("the main process is pid 1 of its own pid namespace in the pod's other namespaces") {
  Pod pod;
  const Ended ended = pod.run("web", {.args = {"sh", "-c",
                                               "echo $$; for n in net uts ipc; do readlink /proc/self/ns/$n; done; "
                                               "hostname; cat /proc/1/comm; readlink /proc/self/ns/pid; "
                                               "cat /sys/class/net/lo/flags; cat /proc/self/cgroup"}});
  const std::string of_shim = "/proc/" + std::to_string(pod.client().info().pid) + "/ns/";
  const auto link = [&](const char* name) { return std::filesystem::read_symlink(of_shim + name).string(); };
  CHECK_THAT(ended.out,
             Catch::StartsWith("1\n" + link("net") + "\n" + link("uts") + "\n" + link("ipc") + "\ntest-pod\nsh\n"));
  CHECK_THAT(ended.out, !Contains(link("pid")));
  CHECK_THAT(ended.out, Contains("\n0x9\n"));  // UP and LOOPBACK
  CHECK_THAT(ended.out, Contains("0::/\n"));   // the cgroup namespace is rooted at its own cgroup
  CHECK(link("net") != std::filesystem::read_symlink("/proc/self/ns/net").string());
}

TEST_CASE("what is mounted, masked and read-only in a container") {
  Pod pod;
  const Ended ended = pod.run("web", {.args = {"sh", "-c",
                                               "cat /proc/self/mountinfo; echo; echo 1 > /proc/sys/kernel/printk; "
                                               "wc -c < /proc/keys; ls /proc/scsi /sys/firmware; touch /sys/x; "
                                               "ls -l /dev; echo 1 > /dev/null; ls /proc/self/fd"}});
  INFO(ended.out << ended.err);
  CHECK_THAT(ended.out, Contains(" / / rw,relatime - overlay overlay rw,lowerdir=base"));
  CHECK_THAT(ended.out, Contains(" /proc rw,nosuid,nodev,noexec,relatime - proc proc rw"));
  CHECK_THAT(ended.out, Contains(" /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755"));
  CHECK_THAT(ended.out, Contains(" /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620,ptmxmode=666"));
  CHECK_THAT(ended.out, Contains(" /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue"));
  CHECK_THAT(ended.out, Contains(" /sys ro,nosuid,nodev,noexec,relatime - sysfs"));
  CHECK_THAT(ended.out, Contains(" /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2"));
  CHECK_THAT(ended.out, Contains(" /proc/sys ro,"));
  CHECK_THAT(ended.out, Contains(" /proc/keys ro,"));
  CHECK_THAT(ended.out, Contains(" /sys/firmware ro,relatime - tmpfs"));
  // Nothing of the host is left in the mount table.
  CHECK_THAT(ended.out, !Contains(pod.dir().path() + " "));
  CHECK_THAT(ended.err, Contains("can't create /proc/sys/kernel/printk: Read-only file system"));
  CHECK_THAT(ended.err, Contains("/sys/x: Read-only file system"));
  CHECK_THAT(ended.out, Contains("\n0\n"));  // the masked /proc/keys is empty
  CHECK_THAT(ended.out, Contains("stdout -> /proc/self/fd/1"));
  CHECK_THAT(ended.out, Contains("ptmx -> pts/ptmx"));
  for (const char* device : {"null", "zero", "full", "random", "urandom", "tty"}) {
    CHECK_THAT(ended.out, Contains(std::string(" ") + device + "\n"));
  }
  // Only the three streams, and what ls itself opens, are open.
  CHECK_THAT(ended.out, Catch::EndsWith("0\n1\n2\n3\n"));
}

TEST_CASE("root in a container cannot change the host's /dev/null") {
  Pod pod;
  const Ended ended =
      pod.run("web", {.args = {"sh", "-c",
                               "chmod 666 /proc/keys; "
                               "[ $(stat -L -c %d /proc/self/fd/0) = $(stat -c %d /dev) ] && echo own"}});
  INFO(ended.out << ended.err);
  CHECK_THAT(ended.err, Contains("/proc/keys: Read-only file system"));  // what masks it is the host's node
  CHECK(ended.out == "own\n");                                           // standard input is not
}

TEST_CASE("bind mounts land in order, on what they are, and with their options") {
  Pod pod;
  REQUIRE(::mkdir((pod.dir() / "volume").c_str(), 0755) == 0);
  std::ofstream(pod.dir() / "volume/here") << "volume\n";
  std::ofstream(pod.dir() / "hosts") << "127.0.0.1 localhost\n";
  test::Wanted wanted{.args = {"sh", "-c", "cat /data/deep/here /etc/hosts; touch /data/deep/new; touch /etc/hosts"}};
  wanted.binds = {pod.dir() / "volume", pod.dir() / "hosts"};
  wanted.change = [](oci::Spec& spec) {
    spec.mounts.push_back({"/data/deep", "bind", "volume", {"rbind", "rprivate", "ro"}, {}, {}});
    spec.mounts.push_back({"/etc/hosts", "bind", "hosts", {"rbind", "rprivate", "rw"}, {}, {}});
  };
  const Ended ended = pod.run("web", wanted);
  CHECK(ended.out == "volume\n127.0.0.1 localhost\n");
  CHECK_THAT(ended.err, Contains("/data/deep/new: Read-only file system"));
  CHECK(ended.event.exit_code == 0);
}

TEST_CASE("a mount target that is a link out of the root stays inside it") {
  Pod pod;
  REQUIRE(::symlink("/../../../../tmp/escaped", (pod.layer() + "/data").c_str()) == 0);
  REQUIRE(::mkdir((pod.dir() / "volume").c_str(), 0755) == 0);
  test::Wanted wanted{.args = {"sh", "-c", "ls -d /tmp/escaped"}};
  wanted.binds = {pod.dir() / "volume"};
  wanted.change = [](oci::Spec& spec) { spec.mounts.push_back({"/data/v", "bind", "volume", {"rbind"}, {}, {}}); };
  const auto started = pod.start("web", wanted);
  // Whether the target can be made or not, nothing appears on the host.
  if (started) pod.wait_event();
  struct stat info{};
  CHECK(::lstat("/tmp/escaped", &info) != 0);
}

TEST_CASE("user, groups, capabilities, no_new_privs, limits and working directory") {
  Pod pod;
  test::Wanted wanted{
      .args = {"sh", "-c", "id; pwd; cat /proc/self/status; ulimit -n; umask; cat /proc/self/oom_score_adj"}};
  wanted.change = [](oci::Spec& spec) {
    spec.process.user = {.uid = 1000, .gid = 1001, .umask = 0027, .additional_gids = {1001, 2000}};
    spec.process.cwd = "/srv/made/here";
    spec.process.no_new_privileges = true;
    spec.process.rlimits = {{"RLIMIT_NOFILE", 512, 256}};
    spec.process.oom_score_adj = 321;
  };
  const Ended ended = pod.run("web", wanted);
  INFO(ended.out << ended.err);
  CHECK_THAT(ended.out, Contains("uid=1000 gid=1001 groups=1001,2000\n/srv/made/here\n"));
  CHECK_THAT(ended.out, Contains("CapEff:\t0000000000000000\n"));
  CHECK_THAT(ended.out, Contains("CapBnd:\t00000000080000e1\n"));
  CHECK_THAT(ended.out, Contains("NoNewPrivs:\t1\n"));
  CHECK_THAT(ended.out, Contains("\n256\n0027\n321\n"));
}

TEST_CASE("root has the capabilities that it is given and no others") {
  Pod pod;
  const Ended ended = pod.run("web", {.args = {"cat", "/proc/self/status"}});
  CHECK_THAT(ended.out, Contains("CapPrm:\t00000000080000e1\n"));
  CHECK_THAT(ended.out, Contains("CapEff:\t00000000080000e1\n"));
  CHECK_THAT(ended.out, Contains("CapInh:\t0000000000000000\n"));
  CHECK_THAT(ended.out, Contains("NoNewPrivs:\t0\n"));
  CHECK_THAT(ended.out, Contains("SigIgn:\t0000000000000000\n"));
  CHECK_THAT(ended.out, Contains("SigBlk:\t0000000000000000\n"));
}

TEST_CASE("a user other than root can open /dev/stdout") {
  Pod pod;
  test::Wanted wanted{.args = {"sh", "-c", "echo through > /dev/stdout; echo err > /dev/stderr"}};
  wanted.change = [](oci::Spec& spec) { spec.process.user.uid = 1000; };
  const Ended ended = pod.run("web", wanted);
  CHECK(ended.out == "through\n");
  CHECK(ended.err == "err\n");
}

TEST_CASE("a read-only root is read-only, with its mounts made all the same") {
  Pod pod;
  test::Wanted wanted{.args = {"sh", "-c", "touch /x; touch /scratch/x && echo ok"}};
  wanted.change = [](oci::Spec& spec) {
    spec.root.readonly = true;
    spec.mounts.push_back({"/scratch", "tmpfs", "tmpfs", {"size=1m"}, {}, {}});
  };
  const Ended ended = pod.run("web", wanted);
  CHECK(ended.out == "ok\n");
  CHECK_THAT(ended.err, Contains("/x: Read-only file system"));
}

TEST_CASE("a root folder without an overlay is used as it is") {
  Pod pod;
  test::Wanted wanted{.args = {"touch", "/made"}};
  wanted.change = [&](oci::Spec& spec) {
    spec.nodeagent->rootfs.reset();
    spec.root.path = pod.layer();
  };
  CHECK(pod.run("web", wanted).event.exit_code == 0);
  CHECK(std::filesystem::exists(pod.layer() + "/made"));
}

TEST_CASE("a start that fails says why, with a shell's exit status") {
  Pod pod;
  shim::StartFailure failure;
  const auto reason = [&](
                          const std::string& id, std::vector<std::string> args,
                          std::function<void(oci::Spec&)> change = [](oci::Spec&) {}) {
    const auto started = pod.start(id, {.args = std::move(args), .change = change}, &failure);
    REQUIRE_FALSE(started);
    return started.error().to_string();
  };
  CHECK(reason("a", {"/app"}) == "exec /app: no such file");
  CHECK(failure.exit_code == 127);
  CHECK(failure.step == shim::Step::kExecute);
  CHECK(reason("b", {"/sbin/busybox"}) == "exec /sbin/busybox: no such file; the image has /bin/busybox");
  CHECK(reason("c", {"nothing"}) == "exec nothing: no such file in $PATH");
  CHECK_THAT(reason("d", {"/etc"}), Contains("exec /etc: not executable: it is a folder"));
  CHECK(failure.exit_code == 126);
  std::ofstream(pod.layer() + "/etc/data") << "text";
  CHECK_THAT(reason("e", {"/etc/data"}), Contains("not executable: it has no execute permission"));
  std::ofstream(pod.layer() + "/bin/script") << "#!/no/such/shell\n";
  std::ofstream(pod.layer() + "/bin/junk") << "text";
  ::chmod((pod.layer() + "/bin/script").c_str(), 0755);
  ::chmod((pod.layer() + "/bin/junk").c_str(), 0755);
  CHECK_THAT(reason("f", {"script"}), Contains("its interpreter /no/such/shell is not in the image"));
  CHECK(failure.exit_code == 127);
  CHECK_THAT(reason("g", {"junk"}), Contains("not executable: neither a program for this machine nor a script"));
  CHECK_THAT(reason("h", {"true"}, [](oci::Spec& spec) { spec.process.rlimits = {{"RLIMIT_MOON", 1, 1}}; }),
             Contains("unknown resource limit RLIMIT_MOON"));
  CHECK(failure.exit_code == 128);
  CHECK(failure.step == shim::Step::kRlimits);
  CHECK_THAT(reason("i", {"true"}, [](oci::Spec& spec) { spec.mounts.push_back({"/x", "nofs", "", {}, {}, {}}); }),
             Contains("mount nofs on /x: fsopen nofs: No such device"));
  CHECK_THAT(reason("j", {"true"}, [](oci::Spec& spec) { spec.hooks.prestart = {{"/hook", {}, {}, {}}}; }),
             Contains("hooks are not supported"));
  CHECK_THAT(reason("k", {"true"}, [](oci::Spec& spec) { spec.nodeagent->rootfs->lower = {"missing"}; }),
             Contains("mount the root file system: mount overlay on "));

  const auto record = shim::read_exit_record(pod.record_path("a"));
  REQUIRE(record);
  CHECK(record->outcome == shim::Outcome::kStartFailed);
  CHECK(record->exit_code == 127);
  CHECK(std::string(record->detail) == "exec /app: no such file");
  // Nothing of them is left in the shim.
  const auto state = pod.client().state();
  REQUIRE(state);
  CHECK(state->empty());
  CHECK(pod.client().shutdown());
}

TEST_CASE("a seccomp filter holds from the start, with and without no_new_privs") {
  Pod pod;
  const std::string path = test::write_filter(pod, test::mkdir_calls());
  for (const bool no_new_privileges : {false, true}) {
    const std::string id = no_new_privileges ? "nnp" : "plain";
    test::Wanted wanted{.args = {"sh", "-c", "busybox mkdir /tmp/x; grep Seccomp: /proc/self/status"}};
    wanted.change = [&](oci::Spec& spec) {
      spec.nodeagent->seccomp_filter = path;
      spec.process.no_new_privileges = no_new_privileges;
      spec.process.user.uid = 1000;
    };
    const Ended ended = pod.run(id, wanted);
    CHECK(ended.out == "Seccomp:\t2\n");
    CHECK_THAT(ended.err, Contains("can't create directory '/tmp/x': Invalid cross-device link"));
  }
}

TEST_CASE("namespaced sysctls are set") {
  Pod pod;
  test::Wanted wanted{.args = {"cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start", "/proc/sys/kernel/shmmni"}};
  wanted.change = [](oci::Spec& spec) {
    spec.linux.sysctl = {{"net.ipv4.ip_unprivileged_port_start", "77"}, {"kernel/shmmni", "1234"}};
  };
  CHECK(pod.run("web", wanted).out == "77\n1234\n");
}

TEST_CASE("a pod on the host's network, IPC and UTS namespaces stays in them") {
  Pod pod([](shim::ShimOptions& options) {
    options.host_network = true;
    options.host_ipc = true;
    options.host_uts = true;
  });
  const Ended ended =
      pod.run("web", {.args = {"sh", "-c", "for n in net uts ipc; do readlink /proc/self/ns/$n; done"}});
  const auto link = [](const char* name) {
    return std::filesystem::read_symlink(std::string("/proc/self/ns/") + name).string();
  };
  CHECK(ended.out == link("net") + "\n" + link("uts") + "\n" + link("ipc") + "\n");
}
