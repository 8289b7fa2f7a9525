#include "runtime/security/seccomp_program.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/sys.h"
#include "base/unique_fd.h"

namespace runtime::security {

base::Result<SeccompContext> new_seccomp_context(uint32_t default_action) {
  SeccompContext context(seccomp_init(default_action));
  if (!context) return base::fail(base::Code::kResourceExhausted, "libseccomp could not make a filter");
  return context;
}

base::Status seccomp_answer(int answer, std::string_view attempted) {
  if (answer < 0) return std::unexpected(base::errno_error(-answer, std::string(attempted)));
  return {};
}

base::Status make_tree(const SeccompContext& context) {
  return seccomp_answer(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "choose the filter's form");
}

base::Result<std::string> finish_program(const std::vector<sock_filter>& prefix, const SeccompContext& context) {
  // libseccomp 2.5 exports to a descriptor only.
  const base::UniqueFd file = TRY(base::sys::memfd("seccomp-filter", false));
  TRY(seccomp_answer(seccomp_export_bpf(context.get(), file.get()), "export the filter"));
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return base::fail_errno(errno, "read the exported filter");
  std::string program(reinterpret_cast<const char*>(prefix.data()), prefix.size() * sizeof(sock_filter));
  program += TRY(base::read_fd(file.get()), "read the exported filter");
  const size_t instructions = program.size() / sizeof(sock_filter);
  if (instructions > BPF_MAXINSNS) {
    return base::fail(base::Code::kInvalidArgument, "the filter has ", instructions,
                      " instructions, the kernel takes at most ", BPF_MAXINSNS);
  }
  return program;
}

std::string kernel_release() {
  struct utsname names{};
  return ::uname(&names) == 0 ? names.release : "";  // fails for a bad pointer only
}

std::string describe_compiler() {
  const struct scmp_version* version = seccomp_version();
  return base::concat("libseccomp ", version->major, ".", version->minor, ".", version->micro, "\narch ",
                      seccomp_arch_native(), "\n");
}

}  // namespace runtime::security
