// The last step: execve with the search a shell would make, and a failure that says what a user needs to know.
#pragma once

#include <string>
#include <vector>

#include "runtime/oci/spec.h"
#include "runtime/shim/child_report.h"

namespace runtime::shim {

// Replaces this process; returns only the failure. exit_code 127: no such program, 126: there, but not executable.
// Run inside the container's root, as its user, in its working directory.
StepFailure execute(const oci::Process& process);

// The program interpreter that a file asks for: the path after "#!", or an ELF file's PT_INTERP; empty if none.
std::string interpreter_of(const std::string& path);

}  // namespace runtime::shim
