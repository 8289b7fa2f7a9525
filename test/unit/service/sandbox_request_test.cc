#include "runtime/service/sandbox_request.h"

#include <catch2/catch.hpp>

using namespace runtime::service;

namespace {

const Paths kPaths{.root = "/r", .state = "/s", .instance = "nodeagent"};

v1::RunPodSandboxRequest request() {
  v1::RunPodSandboxRequest out;
  v1::PodSandboxMetadata& pod = *out.mutable_config()->mutable_metadata();
  pod.set_name("web");
  pod.set_namespace_("default");
  pod.set_uid("u1");
  out.mutable_config()->mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(
      v1::CONTAINER);
  return out;
}

base::Error refused(const v1::RunPodSandboxRequest& wanted) {
  const auto record = new_sandbox_record(wanted, kPaths);
  REQUIRE(!record);
  return record.error();
}

}  // namespace

TEST_CASE("a request becomes the record of a sandbox to be made") {
  const auto record = new_sandbox_record(request(), kPaths);
  REQUIRE(record);
  CHECK(record->state == SandboxRecord::State::kCreating);
  CHECK(record->cgroup_parent == "/kubepods/besteffort/podu1");
  CHECK(record->shim_cgroup == "/nodeagent/shims/" + record->id);
  CHECK(!record->host_network);
  CHECK(owns_pod_cgroup(*record));
  const auto other = new_sandbox_record(request(), {.root = "/r", .state = "/s", .instance = "two"});
  REQUIRE(other);
  CHECK(other->cgroup_parent == "/two/kubepods/besteffort/podu1");
  CHECK(other->shim_cgroup == "/two/shims/" + other->id);
}

TEST_CASE("a slice is taken for one whatever our own driver is, and by its last name alone") {
  const std::string slice = "kubepods-burstable-pod0f_3c.slice";
  const std::string path = "/kubepods.slice/kubepods-burstable.slice/" + slice;
  for (const std::string& parent : {slice, path}) {
    v1::RunPodSandboxRequest kubelets = request();
    kubelets.mutable_config()->mutable_linux()->set_cgroup_parent(parent);
    const auto record = new_sandbox_record(kubelets, kPaths);
    REQUIRE(record);
    CHECK(record->cgroup_parent == path);
    CHECK_FALSE(owns_pod_cgroup(*record));
    CHECK(record->shim_cgroup == "/nodeagent/shims/" + record->id);
  }
  v1::RunPodSandboxRequest elsewhere = request();
  elsewhere.mutable_config()->mutable_linux()->set_cgroup_parent("/elsewhere/" + slice);
  CHECK(refused(elsewhere).to_string().find("systemd has this slice as " + path) != std::string::npos);
}

TEST_CASE("with systemd's driver a sandbox lies in slices") {
  Paths paths = kPaths;
  paths.cgroup_driver = runtime::cgroup::DriverKind::kSystemd;
  const auto record = new_sandbox_record(request(), paths);
  REQUIRE(record);
  CHECK(record->cgroup_parent == "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podu1.slice");
  CHECK(record->shim_cgroup == "/nodeagent.slice/nodeagent-shims.slice/" + record->id);
}

TEST_CASE("sysctls of the pod's own namespaces, by their files; no others") {
  const auto with = [](const std::string& name, bool host_network = false) {
    v1::RunPodSandboxRequest wanted = request();
    v1::LinuxPodSandboxConfig& config = *wanted.mutable_config()->mutable_linux();
    (*config.mutable_sysctls())[name] = "1";
    config.mutable_security_context()->mutable_namespace_options()->set_network(host_network ? v1::NODE : v1::POD);
    return wanted;
  };
  const auto file = [&](const std::string& name) {
    const auto files = runtime::service::sandbox_sysctls(with(name).config());
    return files && files->size() == 1 ? files->begin()->first : std::string("none");
  };
  CHECK(file("net.core.somaxconn") == "net/core/somaxconn");
  CHECK(file("net/ipv4/conf/eth0.1/forwarding") == "net/ipv4/conf/eth0.1/forwarding");
  CHECK(file("net.ipv4.conf.eth0/1.forwarding") == "net/ipv4/conf/eth0.1/forwarding");
  CHECK(file("kernel.shmmax") == "kernel/shmmax");
  CHECK(file("fs.mqueue.msg_max") == "fs/mqueue/msg_max");
  for (const char* wrong :
       {"kernel.panic", "vm.swappiness", "net.//.//.kernel.panic", "net..a", "net.", "kernel.shm/../panic"}) {
    CAPTURE(wrong);
    CHECK(refused(with(wrong)).code() == base::Code::kInvalidArgument);
    CHECK(refused(with(wrong)).to_string().find(wrong) != std::string::npos);
  }
  CHECK(refused(with("net.core.somaxconn", true)).code() == base::Code::kInvalidArgument);
}

TEST_CASE("what a sandbox request lacks or must not have is named") {
  v1::RunPodSandboxRequest nameless = request();
  nameless.mutable_config()->mutable_metadata()->clear_name();
  CHECK(refused(nameless).to_string().find("metadata.name") != std::string::npos);
  v1::RunPodSandboxRequest escaping = request();
  escaping.mutable_config()->mutable_linux()->set_cgroup_parent("/a/../../b");
  CHECK(refused(escaping).code() == base::Code::kInvalidArgument);
  v1::RunPodSandboxRequest long_name = request();
  long_name.mutable_config()->set_hostname(std::string(65, 'a'));
  CHECK(refused(long_name).code() == base::Code::kInvalidArgument);
  v1::RunPodSandboxRequest handler = request();
  handler.set_runtime_handler("kata");
  CHECK(refused(handler).to_string().find("kata") != std::string::npos);
  v1::RunPodSandboxRequest target_pid = request();
  target_pid.mutable_config()->mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(
      v1::TARGET);
  CHECK(refused(target_pid).to_string().find("pid TARGET") != std::string::npos);
  v1::RunPodSandboxRequest host_port = request();
  host_port.mutable_config()->add_port_mappings()->set_host_port(80);
  CHECK(refused(host_port).to_string().find("host_port") != std::string::npos);
}
