#include "runtime/shim/execute.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/sys.h"

namespace runtime::shim {

using base::Code;
using base::concat;
using base::errno_error;
using base::Error;

namespace {

constexpr int kNotFoundStatus = 127;
constexpr int kNotExecutableStatus = 126;
constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
// Where a program may be when it is not where the pod says.
constexpr std::string_view kUsualFolders =
    "/bin:/usr/bin:/usr/local/bin:/sbin:/usr/sbin:/usr/local/sbin:/app:/opt/bin:/";

std::vector<std::string> candidates(std::string_view folders, std::string_view name) {
  std::vector<std::string> paths;
  while (true) {
    const size_t colon = folders.find(':');
    const std::string_view folder = folders.substr(0, colon);
    paths.push_back(folder.empty() ? concat("./", name) : concat(folder, folder.ends_with('/') ? "" : "/", name));
    if (colon == std::string_view::npos) return paths;
    folders.remove_prefix(colon + 1);
  }
}

std::string_view path_variable(const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) return std::string_view(entry).substr(5);
  }
  return kDefaultPath;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

bool is_program(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
}

// "; the image has /bin/app", or nothing.
std::string elsewhere(const std::string& program) {
  const std::string name = program.substr(program.rfind('/') + 1);
  if (name.empty()) return "";
  for (const std::string& path : candidates(kUsualFolders, name)) {
    if (path != program && is_program(path)) return concat("; the image has ", path);
  }
  return "";
}

StepFailure failure(int status, int os_errno, std::string text) {
  const Code code = status == kNotFoundStatus ? Code::kNotFound : Code::kPermissionDenied;
  return {Step::kExecute, status, Error(code, std::move(text), os_errno)};
}

StepFailure explain(const std::string& program, const std::string& tried, int os_errno) {
  const std::string what = concat("exec ", program, ": ");
  struct stat info{};
  const bool present = tried.find('/') != std::string::npos && ::stat(tried.c_str(), &info) == 0;
  if (os_errno == ENOENT && present) {
    const std::string interpreter = interpreter_of(tried);
    return failure(kNotFoundStatus, ENOENT,
                   concat(what, "the file is there, but its interpreter ",
                          interpreter.empty() ? "" : concat(interpreter, " "), "is not in the image"));
  }
  if (os_errno == ENOENT || os_errno == ENOTDIR) {
    const bool searched = program.find('/') == std::string::npos;
    return failure(kNotFoundStatus, os_errno,
                   concat(what, searched ? "no such file in $PATH" : "no such file", elsewhere(program)));
  }
  if (os_errno == EACCES && present && S_ISDIR(info.st_mode)) {
    return failure(kNotExecutableStatus, EACCES, concat(what, "not executable: it is a folder"));
  }
  if (os_errno == EACCES && present && (info.st_mode & 0111) == 0) {
    return failure(kNotExecutableStatus, EACCES, concat(what, "not executable: it has no execute permission"));
  }
  if (os_errno == EACCES) {
    return failure(kNotExecutableStatus, EACCES,
                   concat(what, "not executable: permission denied for user ", ::geteuid()));
  }
  if (os_errno == ENOEXEC) {
    return failure(kNotExecutableStatus, ENOEXEC,
                   concat(what, "not executable: neither a program for this machine nor a script with #!"));
  }
  return {Step::kExecute, kNotExecutableStatus, errno_error(os_errno, concat("exec ", program))};
}

std::string elf_interpreter(int fd, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum && i < 64; ++i) {
    Elf64_Phdr segment{};
    const auto offset = static_cast<off_t>(header.e_phoff + i * sizeof(segment));
    if (::pread(fd, &segment, sizeof(segment), offset) != static_cast<ssize_t>(sizeof(segment))) return "";
    if (segment.p_type != PT_INTERP) continue;
    std::array<char, PATH_MAX> path{};
    if (segment.p_filesz >= path.size()) return "";
    if (::pread(fd, path.data(), segment.p_filesz, static_cast<off_t>(segment.p_offset)) < 0) return "";
    return path.data();
  }
  return "";
}

}  // namespace

std::string interpreter_of(const std::string& path) {
  const auto fd = base::sys::open(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return "";
  std::array<char, 256> start{};
  const ssize_t got = ::pread(fd->get(), start.data(), start.size() - 1, 0);
  if (got < 4) return "";
  std::string_view line(start.data(), static_cast<size_t>(got));
  if (line.starts_with("#!")) {
    line.remove_prefix(2);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return std::string(line.substr(0, line.find_first_of(" \t\n")));
  }
  Elf64_Ehdr header{};
  if (static_cast<size_t>(got) < sizeof(header)) return "";
  std::memcpy(&header, start.data(), sizeof(header));
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return "";
  return elf_interpreter(fd->get(), header);
}

StepFailure execute(const oci::Process& process) {
  if (process.args.empty()) {
    return {Step::kExecute, 128, Error(Code::kInvalidArgument, "there is no command to execute")};
  }
  const std::string& program = process.args[0];
  const std::vector<char*> arguments = pointers(process.args);
  const std::vector<char*> environment = pointers(process.env);
  if (program.empty() || program.find('/') != std::string::npos) {
    ::execve(program.c_str(), arguments.data(), environment.data());
    return explain(program, program, errno);
  }
  // As a shell searches: a file that is there but not executable is remembered, and the search goes on.
  int remembered = ENOENT;
  std::string tried = program;
  for (const std::string& path : candidates(path_variable(process.env), program)) {
    ::execve(path.c_str(), arguments.data(), environment.data());
    const int error = errno;
    struct stat info{};
    const bool there = ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
    if (!there && (error == ENOENT || error == ENOTDIR || error == EACCES)) continue;
    remembered = error;
    tried = path;
    if (error != EACCES) break;
  }
  return explain(program, tried, remembered);
}

}  // namespace runtime::shim
