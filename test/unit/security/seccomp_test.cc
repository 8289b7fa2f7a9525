#include "runtime/security/seccomp.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "runtime/security/seccomp_profile.h"

namespace runtime::security {
namespace {

namespace fs = std::filesystem;

bool allows(CapabilitySet capabilities, std::string_view name) {
  const Profile profile = runtime_default_profile(capabilities);
  return std::ranges::any_of(profile.allow,
                             [&](const AllowRule& rule) { return rule.syscall == name && !rule.condition; });
}

TEST_CASE("calls follow the capabilities that they need") {
  const CapabilitySet plain = default_capabilities();
  CHECK(allows(plain, "read"));
  CHECK(allows(plain, "ptrace"));
  CHECK(allows(plain, "chroot"));
  CHECK_FALSE(allows(plain, "mount"));
  CHECK_FALSE(allows(plain, "clone"));
  CHECK_FALSE(allows(plain, "socket"));
  CHECK_FALSE(allows(plain, "keyctl"));
  CHECK_FALSE(allows(plain, "io_uring_setup"));
  CHECK_FALSE(allows(plain, "userfaultfd"));
  CHECK_FALSE(allows(plain, "kexec_load"));
  CHECK_FALSE(allows(plain.without(CAP_SYS_CHROOT), "chroot"));

  const CapabilitySet admin = plain.with(CAP_SYS_ADMIN);
  CHECK(allows(admin, "mount"));
  CHECK(allows(admin, "clone"));
  CHECK(allows(admin, "clone3"));
  CHECK(runtime_default_profile(plain).clone3_is_missing);
  CHECK_FALSE(runtime_default_profile(admin).clone3_is_missing);
  CHECK(allows(plain.with(CAP_SYS_TIME), "clock_settime"));
  CHECK(allows(plain.with(CAP_BPF), "bpf"));
}

TEST_CASE("no young call lies above the last judged one") {
  const Profile profile = runtime_default_profile(CapabilitySet::up_to(kKnownCapabilities - 1));
  for (const NumberedCall& call : profile.allow_numbers) {
    CAPTURE(call.name);
    CHECK(call.number >= 424);
    CHECK(call.number <= kLastJudgedCall);
  }
}

TEST_CASE("compiled programs are whole and kept by content") {
  std::string pattern = fs::temp_directory_path() / "seccomp-cache-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  const fs::path folder = fs::path(pattern) / "filters";
  {
    const FilterCache cache(folder);
    const base::Result<std::string> path = cache.runtime_default(default_capabilities());
    INFO((path ? "" : path.error().to_string()));
    REQUIRE(path.has_value());
    const std::string program = base::read_file(*path).value();
    CHECK(program.size() % sizeof(sock_filter) == 0);
    CHECK(program.size() / sizeof(sock_filter) > 100);
    CHECK(program.size() / sizeof(sock_filter) <= BPF_MAXINSNS);
    CHECK(program == compile_runtime_default(default_capabilities()).value());

    struct stat first{};
    REQUIRE(::stat(path->c_str(), &first) == 0);
    CHECK(cache.runtime_default(default_capabilities()).value() == *path);
    struct stat second{};
    REQUIRE(::stat(path->c_str(), &second) == 0);
    CHECK(first.st_ino == second.st_ino);  // not written again

    // Capabilities that decide nothing in the profile share a program; others do not.
    CHECK(cache.runtime_default(default_capabilities().without(CAP_KILL)).value() == *path);
    CHECK(cache.runtime_default(default_capabilities().with(CAP_SYS_ADMIN)).value() != *path);

    struct stat info{};
    REQUIRE(::stat(folder.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
  }
  fs::remove_all(pattern);
}

TEST_CASE("every set of capabilities compiles") {
  CHECK(compile_runtime_default(CapabilitySet()).has_value());
  CHECK(compile_runtime_default(CapabilitySet::up_to(kKnownCapabilities - 1)).has_value());
}

}  // namespace
}  // namespace runtime::security
