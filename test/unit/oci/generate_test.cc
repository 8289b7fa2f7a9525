#include "runtime/oci/generate.h"

#include <linux/capability.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cri-proto/messages.h"

namespace runtime::oci {
namespace {

using Texts = std::vector<std::string>;

// A container that asks for nothing but what has to be said.
struct Request {
  v1::ContainerConfig container;
  v1::PodSandboxConfig sandbox;
  GenerateInput input;

  Request() {
    container.mutable_metadata()->set_name("web");
    context().mutable_namespace_options()->set_pid(v1::CONTAINER);
    sandbox.mutable_metadata()->set_name("shop-0");
    sandbox.mutable_metadata()->set_namespace_("default");
    sandbox.mutable_metadata()->set_uid("4f1c");
    input.container = &container;
    input.sandbox = &sandbox;
    input.container_id = "c1";
    input.sandbox_id = "s1";
    input.image_name = "busybox:1.36";
    input.image.cmd = {"/bin/sh"};
    input.user = {.uid = 1000, .gid = 1001, .additional_gids = {1001, 44}, .home = "/home/web"};
    input.hostname = "shop-0";
    input.shm_path = "/run/nodeagent/s1/shm";
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  v1::LinuxContainerSecurityContext& context() { return *container.mutable_linux()->mutable_security_context(); }
  v1::LinuxContainerResources& resources() { return *container.mutable_linux()->mutable_resources(); }
  v1::Mount& mount(const std::string& container_path, const std::string& host_path) {
    v1::Mount& mount = *container.add_mounts();
    mount.set_container_path(container_path);
    mount.set_host_path(host_path);
    return mount;
  }
  Spec spec() const {
    base::Result<Spec> made = generate(input);
    INFO((made ? "" : made.error().to_string()));
    REQUIRE(made.has_value());
    REQUIRE(decode(encode(*made).value()).value() == *made);
    return std::move(*made);
  }
  base::Error error() const {
    const base::Result<Spec> made = generate(input);
    REQUIRE_FALSE(made.has_value());
    return made.error();
  }
};

Texts destinations(const Spec& spec) {
  Texts out;
  for (const Mount& mount : spec.mounts) out.push_back(mount.destination);
  return out;
}

const Mount& mount_at(const Spec& spec, const std::string& destination) {
  const auto found = std::ranges::find(spec.mounts, destination, &Mount::destination);
  REQUIRE(found != spec.mounts.end());
  return *found;
}

TEST_CASE("command and args over the image's Entrypoint and Cmd") {
  struct Row {
    Texts entrypoint, cmd, command, args, expected;
  };
  const Row row = GENERATE(Row{{}, {"c"}, {}, {}, {"c"}},                          //
                           Row{{"e", "1"}, {"c"}, {}, {}, {"e", "1", "c"}},        //
                           Row{{"e"}, {}, {}, {}, {"e"}},                          //
                           Row{{"e"}, {"c"}, {"x"}, {}, {"x"}},                    //
                           Row{{"e"}, {"c"}, {}, {"a", "b"}, {"e", "a", "b"}},     //
                           Row{{"e"}, {"c"}, {"x", "y"}, {"a"}, {"x", "y", "a"}},  //
                           Row{{}, {"c"}, {}, {"a"}, {"a"}},                       //
                           Row{{"e"}, {"c"}, {}, {""}, {"e", ""}});
  Request request;
  request.input.image.entrypoint = row.entrypoint;
  request.input.image.cmd = row.cmd;
  for (const std::string& word : row.command) request.container.add_command(word);
  for (const std::string& word : row.args) request.container.add_args(word);
  CHECK(request.spec().process.args == row.expected);
}

TEST_CASE("nothing to run is an error") {
  Request request;
  request.input.image.cmd.clear();
  CHECK(request.error().code() == base::Code::kInvalidArgument);
  CHECK(request.error().to_string().find("busybox:1.36") != std::string::npos);
  request.container.add_command("");
  CHECK(request.error().code() == base::Code::kInvalidArgument);
}

TEST_CASE("the environment: defaults, then the image, then the pod") {
  const char* const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  Request request;
  CHECK(request.spec().process.env == Texts{path, "HOSTNAME=shop-0", "HOME=/home/web"});

  request.container.set_tty(true);
  request.input.image.env = {"PATH=/opt", "A=1", "B=2", "NOVALUE", "=x", "EMPTY="};
  const auto add = [&](const char* name, const char* value) {
    v1::KeyValue& entry = *request.container.add_envs();
    entry.set_key(name);
    entry.set_value(value);
  };
  add("B", "3");
  add("HOME", "/srv");
  add("X", "a=b");
  add("X", "last");
  const Spec spec = request.spec();
  CHECK(spec.process.terminal);
  CHECK(spec.process.env ==
        Texts{"PATH=/opt", "HOSTNAME=shop-0", "TERM=xterm", "A=1", "B=3", "EMPTY=", "HOME=/srv", "X=last"});
}

TEST_CASE("environment variables that cannot be are refused by name") {
  const auto refused = [](const std::string& name, const std::string& value) {
    Request request;
    v1::KeyValue& entry = *request.container.add_envs();
    entry.set_key(name);
    entry.set_value(value);
    CHECK(request.error().code() == base::Code::kInvalidArgument);
    return request.error().to_string();
  };
  refused("", "x");
  refused("A=B", "x");
  refused(std::string("A\0B", 3), "x");
  CHECK(refused("SECRET", "\xff\xfe").find("SECRET") != std::string::npos);
  CHECK(refused("SECRET", std::string("a\0", 2)).find("SECRET") != std::string::npos);
}

TEST_CASE("the working directory is the pod's, else the image's, else the root") {
  Request request;
  CHECK(request.spec().process.cwd == "/");
  request.input.image.working_dir = "/app//x/.";
  CHECK(request.spec().process.cwd == "/app/x");
  request.container.set_working_dir("/srv");
  CHECK(request.spec().process.cwd == "/srv");
  request.container.set_working_dir("srv");
  CHECK(request.error().to_string() == "working_dir is \"srv\", which is not an absolute path");
}

TEST_CASE("standard mounts") {
  Request request;
  request.input.hosts_path = "/pod/hosts";
  request.input.resolv_conf_path = "/pod/resolv.conf";
  request.input.hostname_path = "/pod/hostname";
  const Spec spec = request.spec();
  CHECK(destinations(spec) == Texts{"/proc", "/dev", "/dev/pts", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/dev/shm",
                                    "/etc/hosts", "/etc/resolv.conf", "/etc/hostname"});
  CHECK(mount_at(spec, "/proc").options == Texts{"nosuid", "noexec", "nodev"});
  CHECK(mount_at(spec, "/dev").options == Texts{"nosuid", "strictatime", "mode=755", "size=65536k"});
  CHECK(mount_at(spec, "/dev/pts").options ==
        Texts{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"});
  CHECK(mount_at(spec, "/sys").options == Texts{"nosuid", "noexec", "nodev", "ro"});
  CHECK(mount_at(spec, "/sys/fs/cgroup").type == "cgroup");
  CHECK(mount_at(spec, "/sys/fs/cgroup").options.back() == "ro");
  CHECK(mount_at(spec, "/dev/shm").type == kBind);
  CHECK(mount_at(spec, "/dev/shm").source == "/run/nodeagent/s1/shm");
  CHECK(mount_at(spec, "/etc/hosts").options == Texts{"rbind", "rprivate"});

  request.context().set_readonly_rootfs(true);
  const Spec readonly = request.spec();
  CHECK(readonly.root.readonly);
  CHECK(mount_at(readonly, "/etc/hostname").options.back() == "ro");
}

TEST_CASE("the pod's mounts come by depth and replace standard ones") {
  Request request;
  request.input.hosts_path = "/pod/hosts";
  request.mount("/data/a/b", "/srv/3");
  request.mount("/data", "/srv/1").set_readonly(true);
  request.mount("/data/a/", "/srv/2");
  request.mount("/dev/shm", "/srv/shm");
  request.mount("/etc/hosts", "/srv/hosts");
  request.mount("/sys", "/sys");
  const Spec spec = request.spec();
  CHECK(destinations(spec) == Texts{"/proc", "/dev", "/dev/pts", "/dev/mqueue", "/data", "/sys", "/data/a", "/dev/shm",
                                    "/etc/hosts", "/data/a/b"});
  CHECK(mount_at(spec, "/data").options == Texts{"rbind", "rprivate", "ro"});
  CHECK(mount_at(spec, "/data/a").options == Texts{"rbind", "rprivate"});
  CHECK(mount_at(spec, "/dev/shm").source == "/srv/shm");
  CHECK(mount_at(spec, "/etc/hosts").source == "/srv/hosts");
  CHECK(mount_at(spec, "/sys").type == kBind);
}

TEST_CASE("the image's volumes are made where no mount covers them") {
  Request request;
  request.input.image.volumes = {"/var/lib/db", "data/",   "/a/../../b", "/",
                                 "/cache/web",  "/cache2", "/proc/x",    "/dev/shm"};
  request.mount("/cache", "/host/cache");
  CHECK(request.spec().nodeagent->volumes == Texts{"/var/lib/db", "/data", "/b", "/cache2"});
  request.input.image.volumes = {std::string("/a\0b", 4)};
  CHECK(request.error().code() == base::Code::kInvalidArgument);
  CHECK(request.error().to_string().find("the image's volume") != std::string::npos);
}

TEST_CASE("mounts that cannot be are refused") {
  for (const char* path : {"/", "/proc", "/proc/self", "/dev", "/x/../dev/", "data", ""}) {
    Request request;
    request.mount(path, "/srv");
    CAPTURE(path);
    CHECK(request.error().code() == base::Code::kInvalidArgument);
  }
  Request request;
  request.mount("/data", "relative");
  CHECK(request.error().to_string().find("mounts[/data].host_path") != std::string::npos);
}

TEST_CASE("devices and their rules") {
  Request request;
  const Spec plain = request.spec();
  CHECK(plain.linux.devices.size() == 6);
  CHECK(plain.linux.devices.front().path == "/dev/null");
  const std::vector<DeviceRule>& rules = plain.linux.resources->devices;
  CHECK(rules.front() == DeviceRule{.allow = false, .type = "a", .major = {}, .minor = {}, .access = "rwm"});
  CHECK(std::ranges::count(rules, true, &DeviceRule::allow) == 11);

  v1::Device& device = *request.container.add_devices();
  device.set_host_path("/dev/fuse");
  device.set_container_path("/dev/fuse0");
  device.set_permissions("rw");
  request.input.find_device = [](const std::string& path) -> base::Result<Device> {
    if (path != "/dev/fuse") return base::fail(base::Code::kNotFound, "no ", path);
    return Device{.type = "c", .path = path, .major = 10, .minor = 229, .file_mode = 0666, .uid = 0, .gid = 0};
  };
  const Spec spec = request.spec();
  CHECK(spec.linux.devices.back().path == "/dev/fuse0");
  CHECK(spec.linux.devices.back().minor == 229);
  CHECK(spec.linux.resources->devices.back() ==
        DeviceRule{.allow = true, .type = "c", .major = 10, .minor = 229, .access = "rw"});

  device.set_permissions("rx");
  CHECK(request.error().code() == base::Code::kInvalidArgument);
  device.set_permissions("r");
  device.set_host_path("/dev/none");
  CHECK(request.error().code() == base::Code::kNotFound);
  device.set_container_path("/etc/x");
  CHECK(request.error().code() == base::Code::kInvalidArgument);
}

TEST_CASE("masked and read-only paths") {
  Request request;
  request.input.thermal_throttle_paths = {"/sys/devices/system/cpu/cpu0/thermal_throttle"};
  const Spec spec = request.spec();
  CHECK(spec.linux.masked_paths ==
        Texts{"/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
              "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
              "/sys/devices/virtual/powercap", "/sys/devices/system/cpu/cpu0/thermal_throttle"});
  CHECK(spec.linux.readonly_paths == Texts{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"});
  request.context().add_masked_paths("/proc/kcore");
  request.context().add_readonly_paths("/proc/fs");
  const Spec given = request.spec();
  CHECK(given.linux.masked_paths == Texts{"/proc/kcore"});
  CHECK(given.linux.readonly_paths == Texts{"/proc/fs"});
}

TEST_CASE("identity, capabilities and privileges") {
  Request request;
  request.context().set_no_new_privs(true);
  request.context().mutable_capabilities()->add_add_capabilities("NET_ADMIN");
  request.context().mutable_capabilities()->add_drop_capabilities("CAP_MKNOD");
  request.resources().set_oom_score_adj(-997);
  const Process process = request.spec().process;
  CHECK(process.user == User{.uid = 1000, .gid = 1001, .umask = {}, .additional_gids = {1001, 44}});
  CHECK(process.no_new_privileges);
  CHECK(process.oom_score_adj == -997);
  CHECK(process.rlimits.empty());
  const Texts expected = security::default_capabilities().with(CAP_NET_ADMIN).without(CAP_MKNOD).names();
  REQUIRE(process.capabilities.has_value());
  CHECK(process.capabilities->bounding == expected);
  CHECK(process.capabilities->effective == expected);
  CHECK(process.capabilities->permitted == expected);
  CHECK(process.capabilities->inheritable.empty());
  CHECK(process.capabilities->ambient.empty());

  CHECK(Request().spec().process.oom_score_adj == 0);
  request.resources().set_oom_score_adj(1001);
  CHECK(request.error().code() == base::Code::kInvalidArgument);
}

TEST_CASE("a filter is compiled only for who asks, with the final capabilities") {
  const auto filter_of = [](const std::function<void(Request&)>& ask) {
    Request request;
    request.context().mutable_capabilities()->add_drop_capabilities("ALL");
    request.input.seccomp_filter = [](security::CapabilitySet set) -> base::Result<std::string> {
      CHECK(set.empty());
      return "/filter";
    };
    ask(request);
    return request.spec().nodeagent->seccomp_filter;
  };
  const auto profile = [](v1::SecurityProfile::ProfileType type) {
    return [type](Request& request) { request.context().mutable_seccomp()->set_profile_type(type); };
  };
  CHECK(filter_of([](Request&) {}).empty());
  CHECK(filter_of(profile(v1::SecurityProfile::RuntimeDefault)) == "/filter");
  CHECK(filter_of(profile(v1::SecurityProfile::Unconfined)).empty());
  CHECK(filter_of([](Request& request) { request.input.seccomp_default = true; }) == "/filter");
  CHECK(filter_of([&](Request& request) {
          request.input.seccomp_default = true;
          profile(v1::SecurityProfile::Unconfined)(request);
        }).empty());
  Request failing;
  failing.input.seccomp_default = true;
  failing.input.seccomp_filter = [](security::CapabilitySet) -> base::Result<std::string> {
    return base::fail(base::Code::kResourceExhausted, "disk full");
  };
  CHECK(failing.error().code() == base::Code::kResourceExhausted);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void set_older_seccomp(Request& request, const std::string& text) { request.context().set_seccomp_profile_path(text); }
#pragma GCC diagnostic pop

TEST_CASE("a profile of the node is compiled from its path, in both of CRI's forms") {
  const auto filter_of = [](const std::function<void(Request&)>& ask) -> base::Result<std::string> {
    Request request;
    request.context().mutable_capabilities()->add_drop_capabilities("ALL");
    request.input.seccomp_default = true;
    request.input.seccomp_filter = [](security::CapabilitySet) { return "/default.bpf"; };
    request.input.localhost_seccomp_filter = [](const std::string& path, security::CapabilitySet set) {
      CHECK(set.empty());
      return path + ".bpf";
    };
    ask(request);
    return TRY(generate(request.input)).nodeagent->seccomp_filter;
  };
  const auto field = [](const char* path) {
    return [path](Request& request) {
      request.context().mutable_seccomp()->set_profile_type(v1::SecurityProfile::Localhost);
      request.context().mutable_seccomp()->set_localhost_ref(path);
    };
  };
  const auto older = [](const char* text) { return [text](Request& request) { set_older_seccomp(request, text); }; };
  CHECK(filter_of(field("/n/a.json")).value() == "/n/a.json.bpf");
  CHECK(filter_of(older("localhost//n/a.json")).value() == "/n/a.json.bpf");
  CHECK(filter_of(older("docker/default")).value() == "/default.bpf");
  CHECK(filter_of(older("unconfined")).value().empty());
  CHECK(filter_of([&](Request& request) {
          field("/n/a.json")(request);
          set_older_seccomp(request, "unconfined");
        }).value() == "/n/a.json.bpf");
  CHECK(filter_of([&](Request& request) {
          field("/n/a.json")(request);
          request.context().set_privileged(true);
          request.input.find_all_devices = []() -> base::Result<std::vector<Device>> { return std::vector<Device>(); };
        })
            .value()
            .empty());

  for (const auto& ask : {field("a.json"), field("")}) {
    const base::Result<std::string> refused = filter_of(ask);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == base::Code::kInvalidArgument);
    CHECK(refused.error().to_string().find("is not named by an absolute path") != std::string::npos);
  }
  CHECK(filter_of(older("localhost/a.json")).error().code() == base::Code::kInvalidArgument);
  CHECK(filter_of(older("remote/a.json")).error().to_string().find("remote/a.json") != std::string::npos);
  CHECK(filter_of([](Request& request) {
          request.context().mutable_seccomp()->set_profile_type(static_cast<v1::SecurityProfile::ProfileType>(9));
        })
            .error()
            .to_string()
            .find("profile_type 9 is unknown") != std::string::npos);
}

TEST_CASE("namespaces, annotations and what the shim needs") {
  Request request;
  request.container.set_stdin(true);
  request.container.set_stdin_once(true);
  request.input.overlay = {.layers_dir = "/l", .lower = {"b", "a"}, .upper = "/u", .work = "/w"};
  request.input.log_path = "/var/log/pods/x/0.log";
  request.input.cgroups_path = "/kubepods/podx/c1";
  request.input.cgroup_dir = "/sys/fs/cgroup/kubepods/podx/c1";
  const Spec spec = request.spec();
  Texts types;
  for (const Namespace& entry : spec.linux.namespaces) types.push_back(entry.type);
  CHECK(types == Texts{"pid", "mount", "cgroup"});
  CHECK(spec.hostname.empty());
  CHECK(spec.linux.cgroups_path == "/kubepods/podx/c1");
  CHECK(spec.root.path == "rootfs");
  CHECK(spec.annotations == std::map<std::string, std::string>{{"io.kubernetes.cri.container-type", "container"},
                                                               {"io.kubernetes.cri.container-name", "web"},
                                                               {"io.kubernetes.cri.image-name", "busybox:1.36"},
                                                               {"io.kubernetes.cri.sandbox-id", "s1"},
                                                               {"io.kubernetes.cri.sandbox-name", "shop-0"},
                                                               {"io.kubernetes.cri.sandbox-namespace", "default"},
                                                               {"io.kubernetes.cri.sandbox-uid", "4f1c"}});
  REQUIRE(spec.nodeagent.has_value());
  CHECK(spec.nodeagent->rootfs == request.input.overlay);
  CHECK(spec.nodeagent->log == Extension::Log{.path = "/var/log/pods/x/0.log", .max_line_bytes = 16384});
  CHECK(spec.nodeagent->open_stdin);
  CHECK(spec.nodeagent->stdin_once);
  CHECK(spec.nodeagent->cgroup == "/sys/fs/cgroup/kubepods/podx/c1");
}

TEST_CASE("the pid namespace is the container's own, its pod's or the host's") {
  Request request;
  v1::NamespaceOption& options = *request.context().mutable_namespace_options();
  const auto pids = [&] {
    const std::vector<Namespace> all = request.spec().linux.namespaces;
    const auto found = std::ranges::find(all, "pid", &Namespace::type);
    return found == all.end() ? std::string("the host's") : "own" + found->path;
  };
  CHECK(pids() == "own");
  options.set_pid(v1::NODE);
  CHECK(pids() == "the host's");
  options.set_pid(v1::POD);
  CHECK(request.error().to_string().find("the pod's sandbox was not made with it") != std::string::npos);
  request.input.shared_pid_path = "/proc/7/ns/pid";
  CHECK(pids() == "own/proc/7/ns/pid");
}

TEST_CASE("a privileged container has all that the host has") {
  Request request;
  request.context().set_privileged(true);
  request.context().mutable_seccomp()->set_profile_type(v1::SecurityProfile::RuntimeDefault);
  request.context().add_masked_paths("/proc/kcore");
  request.input.available_capabilities = security::CapabilitySet::up_to(10);
  request.input.find_all_devices = []() -> base::Result<std::vector<Device>> {
    const Device sda{.type = "b", .path = "/dev/sda", .major = 8, .minor = 0, .file_mode = 0660};
    const Device null{.type = "c", .path = "/dev/null", .major = 9, .minor = 9};
    return std::vector{sda, null};
  };
  const Spec spec = request.spec();
  CHECK(spec.process.capabilities->bounding.size() == 11);
  CHECK(spec.nodeagent->seccomp_filter.empty());
  CHECK(spec.linux.masked_paths.empty());
  CHECK(spec.linux.readonly_paths.empty());
  CHECK(std::ranges::find(spec.linux.namespaces, "cgroup", &Namespace::type) == spec.linux.namespaces.end());
  for (const char* path : {"/sys", "/sys/fs/cgroup"}) {
    const Texts& options = mount_at(spec, path).options;
    CHECK(std::ranges::find(options, "ro") == options.end());
  }
  CHECK(spec.linux.resources->devices == std::vector<DeviceRule>{{.allow = true, .type = "a", .access = "rwm"}});
  CHECK(std::ranges::count(spec.linux.devices, "/dev/null", &Device::path) == 1);
  const auto disk = std::ranges::find(spec.linux.devices, "/dev/sda", &Device::path);
  REQUIRE(disk != spec.linux.devices.end());
  CHECK(disk->major == 8);
}

TEST_CASE("what is mounted below a volume later, and how far read-only goes") {
  Request request;
  request.mount("/none", "/s");
  request.mount("/slave", "/s").set_propagation(v1::PROPAGATION_HOST_TO_CONTAINER);
  request.mount("/shared", "/s").set_propagation(v1::PROPAGATION_BIDIRECTIONAL);
  v1::Mount& recursive = request.mount("/recursive", "/s");
  recursive.set_readonly(true);
  recursive.set_recursive_read_only(true);
  const Spec spec = request.spec();
  CHECK(mount_at(spec, "/none").options == Texts{"rbind", "rprivate"});
  CHECK(mount_at(spec, "/slave").options == Texts{"rbind", "rslave"});
  CHECK(mount_at(spec, "/shared").options == Texts{"rbind", "rshared"});
  CHECK(mount_at(spec, "/recursive").options == Texts{"rbind", "rprivate", "rro"});
  request.container.mutable_mounts(3)->set_readonly(false);
  CHECK(request.error().to_string().find("mounts[/recursive].recursive_read_only needs readonly") != std::string::npos);
}

TEST_CASE("what is not carried out is refused by the field's name") {
  using Ask = std::function<void(Request&)>;
  const auto namespaces = [](Request& request) -> v1::NamespaceOption& {
    return *request.context().mutable_namespace_options();
  };
  const std::vector<std::pair<std::string, Ask>> rows = {
      {"selinux_options", [](Request& r) { r.context().mutable_selinux_options()->set_level("s0"); }},
      {"apparmor Localhost",
       [](Request& r) { r.context().mutable_apparmor()->set_profile_type(v1::SecurityProfile::Localhost); }},
      {"apparmor RuntimeDefault",
       [](Request& r) { r.context().mutable_apparmor()->set_profile_type(v1::SecurityProfile::RuntimeDefault); }},
      {"add_ambient_capabilities",
       [](Request& r) { r.context().mutable_capabilities()->add_add_ambient_capabilities("NET_RAW"); }},
      {"namespace_options.pid TARGET", [&](Request& r) { namespaces(r).set_pid(v1::TARGET); }},
      {"namespace_options.network CONTAINER", [&](Request& r) { namespaces(r).set_network(v1::CONTAINER); }},
      {"namespace_options.ipc CONTAINER", [&](Request& r) { namespaces(r).set_ipc(v1::CONTAINER); }},
      {"userns_options", [&](Request& r) { namespaces(r).mutable_userns_options()->set_mode(v1::POD); }},
      {"CDI_devices vendor.com/gpu=0", [](Request& r) { r.container.add_cdi_devices()->set_name("vendor.com/gpu=0"); }},
      {"windows", [](Request& r) { r.container.mutable_windows(); }},
      {"mounts[/d].image", [](Request& r) { r.mount("/d", "").mutable_image()->set_image("x"); }},
      {"mounts[/d].selinux_relabel", [](Request& r) { r.mount("/d", "/s").set_selinux_relabel(true); }},
      {"mounts[/d].uidMappings", [](Request& r) { r.mount("/d", "/s").add_uidmappings(); }},
  };
  for (const auto& [name, ask] : rows) {
    CAPTURE(name);
    Request request;
    ask(request);
    const base::Error error = request.error();
    CHECK(error.code() == base::Code::kUnimplemented);
    CHECK(error.to_string().find(name) != std::string::npos);
  }
}

TEST_CASE("what the container may use is in the config") {
  Request request;
  CHECK_FALSE(request.spec().linux.resources->cpu.has_value());
  CHECK_FALSE(request.spec().linux.resources->memory.has_value());
  v1::LinuxContainerResources& asked = request.resources();
  asked.set_cpu_shares(512);
  asked.set_cpu_quota(50'000);
  asked.set_cpu_period(100'000);
  asked.set_cpuset_cpus("0-1");
  asked.set_cpuset_mems("0");
  asked.set_memory_limit_in_bytes(64 << 20);
  asked.set_memory_swap_limit_in_bytes(64 << 20);
  asked.add_hugepage_limits()->set_page_size("2MB");
  (*asked.mutable_unified())["memory.high"] = "1";
  const Resources resources = *request.spec().linux.resources;
  CHECK(resources.cpu == Cpu{.shares = 512, .quota = 50'000, .period = 100'000, .cpus = "0-1", .mems = "0"});
  CHECK(resources.memory == Memory{.limit = 64 << 20, .swap = 64 << 20});
  CHECK(resources.hugepage_limits == std::vector<HugepageLimit>{{.page_size = "2MB", .limit = 0}});
  CHECK(resources.unified == std::map<std::string, std::string>{{"memory.high", "1"}});
}

TEST_CASE("ulimits come from the pod's annotations, a container's own first") {
  Request request;
  CHECK(request.spec().process.rlimits.empty());
  auto& annotations = *request.sandbox.mutable_annotations();
  annotations["nodeagent.io/ulimits"] = "nofile=1024:4096";
  CHECK(request.spec().process.rlimits == std::vector<Rlimit>{{.type = "RLIMIT_NOFILE", .hard = 4096, .soft = 1024}});
  request.container.mutable_metadata()->set_name("web");
  annotations["ulimits.nodeagent.io/web"] = "core=0";
  CHECK(request.spec().process.rlimits == std::vector<Rlimit>{{.type = "RLIMIT_CORE", .hard = 0, .soft = 0}});
  annotations["ulimits.nodeagent.io/web"] = "core";
  CHECK_THAT(request.error().to_string(), Catch::Contains("ulimits.nodeagent.io/web"));
}

TEST_CASE("what says nothing more than the default is taken") {
  Request request;
  request.context().mutable_namespace_options()->set_network(v1::NODE);
  request.context().mutable_namespace_options()->set_ipc(v1::NODE);
  request.context().mutable_namespace_options()->mutable_userns_options()->set_mode(v1::NODE);
  request.context().mutable_apparmor()->set_profile_type(v1::SecurityProfile::Unconfined);
  request.resources().set_cpu_period(100000);
  request.resources().set_cpu_quota(-1);
  request.resources().add_hugepage_limits()->set_page_size("2MB");
  request.spec();
}

TEST_CASE("the user that is asked for") {
  Request request;
  CHECK_FALSE(user_request(request.container, request.input.image).run_as_user.has_value());
  request.input.image.user = "web";
  request.context().mutable_run_as_user()->set_value(0);
  request.context().mutable_run_as_group()->set_value(7);
  request.context().set_run_as_username("name");
  request.context().add_supplemental_groups(9);
  request.context().set_supplemental_groups_policy(v1::Strict);
  const UserRequest user = user_request(request.container, request.input.image);
  CHECK(user.run_as_user == 0);
  CHECK(user.run_as_group == 7);
  CHECK(user.run_as_username == "name");
  CHECK(user.supplemental_groups == std::vector<int64_t>{9});
  CHECK(user.policy == GroupsPolicy::kStrict);
  CHECK(user.image_user == "web");
}

TEST_CASE("an exec is the container's process with another command") {
  Request request;
  const Spec spec = request.spec();
  const Process process = exec_process(spec, {"ls", "-l"}, ConsoleSize{.height = 17, .width = 71}).value();
  CHECK(process.args == Texts{"ls", "-l"});
  CHECK(process.terminal);
  CHECK(process.console_size == ConsoleSize{.height = 17, .width = 71});
  CHECK(process.env.back() == "TERM=xterm");
  CHECK(process.user == spec.process.user);
  CHECK(process.capabilities == spec.process.capabilities);
  CHECK(exec_process(spec, {"ls"}, std::nullopt).value().env == spec.process.env);
  CHECK_FALSE(exec_process(spec, {}, std::nullopt).has_value());
  CHECK_FALSE(exec_process(spec, {""}, std::nullopt).has_value());
}

TEST_CASE("devices of this host") {
  const base::Result<Device> null = find_host_device("/dev/null");
  REQUIRE(null.has_value());
  CHECK(null->type == "c");
  CHECK(null->major == 1);
  CHECK(null->minor == 3);
  CHECK(find_host_device("/").error().code() == base::Code::kInvalidArgument);
  CHECK(find_host_device("/dev/none-such").error().code() == base::Code::kNotFound);
}

}  // namespace
}  // namespace runtime::oci
