// The flat list of steps from clone to execve of a container's main process.
//
// The order matters: the cgroup namespace is made once we are in our cgroup, so that it is rooted there; everything
// that needs the host's files (filter, labels, device fallbacks) comes before pivot_root; whatever needs privilege
// before the change of user; and seccomp as late as no_new_privs lets it be (process_setup.h).
//
// As pid 1 of a new pid namespace nobody but us is there to look at us on the way. In the pod's shared one there is:
// then all of this happens outside of it, and only the program's execution inside (second_stage.h).
#include <algorithm>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/shim/child.h"
#include "runtime/shim/process_setup.h"
#include "runtime/shim/rootfs.h"
#include "runtime/shim/second_stage.h"
#include "runtime/shim/shared_init.h"
#include "runtime/shim/steps.h"
#include "runtime/shim/streams.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

Status refuse_unsupported(const oci::Spec& spec) {
  const oci::Hooks& hooks = spec.hooks;
  if (!hooks.prestart.empty() || !hooks.create_runtime.empty() || !hooks.create_container.empty() ||
      !hooks.start_container.empty() || !hooks.poststart.empty() || !hooks.poststop.empty()) {
    return fail(Code::kUnimplemented, "hooks are not supported");
  }
  if (!spec.linux.mount_label.empty()) return fail(Code::kUnimplemented, "linux.mountLabel is not supported");
  if (!spec.linux.uid_mappings.empty() || !spec.linux.gid_mappings.empty()) {
    return fail(Code::kUnimplemented, "user namespaces are not supported");
  }
  for (const oci::Namespace& ns : spec.linux.namespaces) {
    if (ns.type == "user" || ns.type == "time") {
      return fail(Code::kUnimplemented, "a namespace of type ", ns.type, " is not supported");
    }
  }
  if (spec.linux.seccomp && (!spec.nodeagent || spec.nodeagent->seccomp_filter.empty())) {
    return fail(Code::kUnimplemented, "linux.seccomp came without its compiled filter (nodeagent.seccompFilter)");
  }
  return {};
}

bool has_own(const oci::Spec& spec, const char* type) {
  return std::ranges::find(spec.linux.namespaces, type, &oci::Namespace::type) != spec.linux.namespaces.end();
}

Result<oci::Spec> decode_config(int memfd) {
  const std::string text = TRY(base::read_fd(memfd), "read config.json");
  oci::Spec spec = TRY(oci::decode(text), "config.json");
  TRY(refuse_unsupported(spec));
  return spec;
}

}  // namespace

void run_container_child(const ContainerChild& child) {
  const Steps steps(child.report);
  prepare_child();
  const oci::Spec spec = steps.take(Step::kDecode, decode_config(child.config));
  const oci::Process& process = spec.process;
  const std::vector<sock_filter> filter =
      steps.take(Step::kSeccomp, read_seccomp_filter(spec.nodeagent ? spec.nodeagent->seccomp_filter : std::string()));
  steps.run(Step::kSecurityLabel, set_security_labels(process));
  steps.run(Step::kOomScore, set_oom_score(process, child.inherited_oom_score));
  if (has_own(spec, "cgroup")) steps.run(Step::kCgroupNamespace, sys::unshare(CLONE_NEWCGROUP));
  steps.run(Step::kKeyring, leave_keyring());

  steps.run(Step::kPropagation, detach_propagation());
  const UniqueFd root = steps.take(Step::kRootfs, mount_root(spec));
  if (spec.nodeagent) steps.run(Step::kRootfs, make_volumes(root.get(), spec.nodeagent->volumes, process.user));
  const int proc_mounts = child.shared_pid != nullptr ? child.shared_pid->proc_mounts.get() : -1;
  steps.run(Step::kMounts, mount_all(root.get(), spec.mounts, {.binds = *child.mounts, .proc_mounts = proc_mounts}));
  steps.run(Step::kDevices, make_devices(root.get(), spec));
  if (process.terminal) {
    steps.run(Step::kConsole, set_up_console(root.get(), child.report, true, process));
  } else {
    steps.run(Step::kStdio, place_streams(root.get(), child.streams, process.user.uid));
  }
  steps.run(Step::kSysctl, write_sysctls(root.get(), spec));
  steps.run(Step::kMaskedPaths, mask_paths(root.get(), spec.linux.masked_paths));
  steps.run(Step::kReadonlyPaths, make_paths_readonly(root.get(), spec.linux.readonly_paths));
  steps.run(Step::kPivotRoot, enter_root(root.get()));
  steps.run(Step::kWorkingDirectory, enter_working_directory(root.get(), process.cwd));
  if (spec.root.readonly) steps.run(Step::kReadonlyRoot, make_root_readonly(root.get()));
  steps.run(Step::kRlimits, set_rlimits(process));

  const LastSteps last{.process = process, .filter = filter, .report = child.report};
  if (child.shared_pid == nullptr) finish_here(steps, last);
  steps.run(Step::kJoinNamespaces, sys::setns(child.shared_pid->pid_namespace.get(), CLONE_NEWPID));
  finish_in_second_stage(steps, last, *child.handover);
}

}  // namespace runtime::shim
