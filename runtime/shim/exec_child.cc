// The flat list of steps from clone to execve of a process that joins a container.
//
// All of them happen outside of the container's pid namespace, so that nobody there can lay hands on a process that
// still has the host's root, descriptors or privilege; only the execution itself happens inside (second_stage.h). The
// pod's network, IPC and UTS namespaces are the shim's own, and our cgroup is the container's since the clone.
#include <array>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/shim/child.h"
#include "runtime/shim/process_setup.h"
#include "runtime/shim/second_stage.h"
#include "runtime/shim/steps.h"
#include "runtime/shim/streams.h"

namespace runtime::shim {

using base::UniqueFd;
namespace sys = base::sys;

void run_exec_child(const ExecChild& child) {
  const Steps steps(child.report);
  prepare_child();
  steps.run(Step::kStdio, keep_descriptors(std::array{child.process, child.container_pidfd, child.streams.in,
                                                      child.streams.out, child.streams.err, child.report}));
  const std::string text = steps.take(Step::kDecode, base::read_fd(child.process));
  const oci::Process process = steps.take(Step::kDecode, oci::decode_process(text));
  const std::vector<sock_filter> filter = steps.take(Step::kSeccomp, read_seccomp_filter(child.seccomp_filter));
  steps.run(Step::kSecurityLabel, set_security_labels(process));
  steps.run(Step::kOomScore, set_oom_score(process, child.inherited_oom_score));
  steps.run(Step::kKeyring, leave_keyring());

  // Root and working directory are the container's from here on; its pid namespace is for our sibling.
  steps.run(Step::kJoinNamespaces, sys::setns(child.container_pidfd, CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWPID));
  const UniqueFd root = steps.take(Step::kJoinNamespaces, sys::open("/", O_PATH | O_DIRECTORY));
  if (child.terminal) {
    steps.run(Step::kConsole, set_up_console(root.get(), child.report, false, process));
  } else {
    steps.run(Step::kStdio, place_streams(root.get(), child.streams, process.user.uid));
  }
  steps.run(Step::kWorkingDirectory, enter_working_directory(root.get(), process.cwd));
  steps.run(Step::kRlimits, set_rlimits(process));
  finish_in_second_stage(steps, {.process = process, .filter = filter, .report = child.report}, *child.handover);
}

}  // namespace runtime::shim
