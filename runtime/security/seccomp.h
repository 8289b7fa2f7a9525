// Seccomp profiles, RuntimeDefault and those of the node, compiled to the BPF program that nodeagent-shim loads, and
// the folder where compiled programs are kept. Compiling takes milliseconds, loading microseconds: so the agent
// compiles once, the shim only reads a file.
//
// RuntimeDefault allows what ordinary programs need and what a container's capabilities entitle it to; everything else
// fails with EPERM, clone3 without CAP_SYS_ADMIN with ENOSYS (its flags lie behind a pointer that a filter cannot
// follow; libraries then fall back to clone), and so does every call younger than the table (so that programs fall back
// too). It does not depend on the running kernel's version.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/security/capabilities.h"

namespace runtime::security {

// The program for seccomp(SECCOMP_SET_MODE_FILTER): an array of struct sock_filter, for this architecture and those its
// kernel also runs (i386 and x32 beside x86-64, 32-bit ARM beside arm64).
base::Result<std::string> compile_runtime_default(CapabilitySet capabilities);

// The program for a profile of the node: linux.seccomp of the OCI runtime-spec (config-linux.md) as JSON, with what
// Docker's form adds to it: rules that hang on capabilities, architecture and kernel (includes, excludes), archMap.
// Other properties are ignored, as are calls that neither libseccomp nor this program knows by name. Two rules are
// runc's, for which profiles are written: several conditions on one argument are alternatives; and a call that is
// younger than Linux 5.1 and than all calls of the profile fails with ENOSYS where the profile's default refuses it, so
// that programs fall back.
//
// kInvalidArgument or (what needs a listener, or more than loading a program) kUnimplemented, naming the property:
// "syscalls[3].args[0].op: …".
base::Result<std::string> compile_profile(std::string_view json, CapabilitySet capabilities);

// The folder of compiled programs. Any number of processes may use one folder at the same time: files appear by rename
// and are never changed. An object holds nothing but the path; methods may be called from any thread.
class FilterCache {
 public:
  // The folder is made (0700) when first needed.
  explicit FilterCache(std::string folder) : folder_(std::move(folder)) {}

  // The absolute path of the RuntimeDefault program for a container with these capabilities, compiled now if it is not
  // there. The file is named by the SHA-256 of the profile's text, architecture and libseccomp version, so a change of
  // any of them makes a new file.
  base::Result<std::string> runtime_default(CapabilitySet capabilities) const;

  // The same for a profile of the node, by its file's absolute path; named by the file's content, the capabilities and
  // the kernel. Errors name the file: kFailedPrecondition when it is missing, otherwise as compile_profile().
  base::Result<std::string> localhost(const std::string& profile, CapabilitySet capabilities) const;

 private:
  // The program that the description names, made now if it is not there.
  base::Result<std::string> kept(const std::string& description,
                                 const std::function<base::Result<std::string>()>& compile) const;

  std::string folder_;
};

}  // namespace runtime::security
