// The RuntimeDefault seccomp profile, compiled to the BPF program that nodeagent-shim loads, and the folder where
// compiled programs are kept. Compiling takes milliseconds, loading microseconds: so the agent compiles once, the shim
// only reads a file.
//
// The profile allows what ordinary programs need and what a container's capabilities entitle it to; everything else
// fails with EPERM, clone3 without CAP_SYS_ADMIN with ENOSYS (its flags lie behind a pointer that a filter cannot
// follow; libraries then fall back to clone), and so does every call younger than the table (so that programs fall back
// too). It does not depend on the running kernel's version.
#pragma once

#include <string>

#include "base/error.h"
#include "runtime/security/capabilities.h"

namespace runtime::security {

// The program for seccomp(SECCOMP_SET_MODE_FILTER): an array of struct sock_filter, for this architecture and those its
// kernel also runs (i386 and x32 beside x86-64, 32-bit ARM beside arm64).
base::Result<std::string> compile_runtime_default(CapabilitySet capabilities);

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

 private:
  std::string folder_;
};

}  // namespace runtime::security
