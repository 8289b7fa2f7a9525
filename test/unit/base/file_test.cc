#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>

#include "base/path.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "test/unit/temp_dir.h"

using base::Code;
using base::Durability;
using base::FileLock;
using namespace std::chrono_literals;

namespace {

size_t entries(const std::string& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("an atomic write replaces the whole file and leaves no temporary one") {
  const test::TempDir dir;
  const Durability durability = GENERATE(Durability::kCrash, Durability::kPowerCut);
  REQUIRE(base::write_file_atomic(dir / "state", "old and long", 0600, durability));
  REQUIRE(base::write_file_atomic(dir / "state", "new", 0640, durability));
  CHECK(base::read_file(dir / "state").value() == "new");
  CHECK(entries(dir.path()) == 1);
  struct stat info{};
  REQUIRE(::stat((dir / "state").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
}

TEST_CASE("an atomic write that fails says where and leaves nothing") {
  const test::TempDir dir;
  const base::Status missing = base::write_file_atomic(dir / "no/state", "x", 0600, Durability::kCrash);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == Code::kNotFound);
  CHECK_THAT(missing.error().to_string(), Catch::StartsWith("write " + (dir / "no/state")));
  // Renaming a file over a folder fails, after the temporary file was written.
  std::filesystem::create_directory(dir / "folder");
  for (const Durability durability : {Durability::kCrash, Durability::kPowerCut}) {
    CHECK_FALSE(base::write_file_atomic(dir / "folder", "x", 0600, durability));
    CHECK(entries(dir.path()) == 1);
    CHECK(std::filesystem::is_directory(dir / "folder"));
  }
}

TEST_CASE("what a dead writer left is swept, a living one's is not") {
  const test::TempDir dir;
  // No process has a pid beyond 2^22 (proc_sys_kernel(5), pid_max).
  const std::string own = dir / "a.json.tmp-" + std::to_string(::getpid()) + "-0";
  for (const std::string& path : {dir / "a.json.tmp-4194305-3", own, dir / "kept.tmp-x", dir / "kept"})
    REQUIRE(base::write_file_atomic(path, "", 0600, Durability::kCrash));
  REQUIRE(base::sweep_temporaries(dir.path()));
  std::vector<std::string> left = base::list_folder(dir.path()).value();
  std::ranges::sort(left);
  CHECK(left == std::vector<std::string>{own.substr(own.rfind('/') + 1), "kept", "kept.tmp-x"});
  CHECK(base::list_folder(dir / "none").value().empty());
}

TEST_CASE("a file is read whole, up to a limit") {
  const test::TempDir dir;
  const std::string data(10'000, 'x');
  REQUIRE(base::write_file_atomic(dir / "f", data, 0600, Durability::kCrash));
  CHECK(base::read_file(dir / "f").value() == data);
  CHECK(base::read_file(dir / "f", data.size()).value() == data);
  const base::Result<std::string> longer = base::read_file(dir / "f", data.size() - 1);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code() == Code::kResourceExhausted);
  CHECK(longer.error().to_string() == (dir / "f") + ": longer than 9999 bytes");
  CHECK(base::read_file(dir / "none").error().code() == Code::kNotFound);
  REQUIRE(base::write_file_atomic(dir / "empty", "", 0600, Durability::kCrash));
  CHECK(base::read_file(dir / "empty").value().empty());
}

TEST_CASE("a control file is written, never made") {
  const test::TempDir dir;
  CHECK(base::write_control_file(dir / "cgroup.kill", "1").error().code() == Code::kNotFound);
  CHECK(entries(dir.path()) == 0);
  REQUIRE(base::write_file_atomic(dir / "control", "", 0600, Durability::kCrash));
  REQUIRE(base::write_control_file(dir / "control", "max"));
  CHECK(base::read_file(dir / "control").value() == "max");
  const base::UniqueFd folder = base::sys::open(dir.path(), O_PATH | O_DIRECTORY).value();
  REQUIRE(base::write_control_file_at(folder.get(), "control", "100"));
  CHECK(base::read_file(dir / "control").value() == "100");
}

TEST_CASE("an exclusive lock keeps everyone else out until it goes") {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  {
    const FileLock held = FileLock::try_acquire(path, FileLock::Mode::kExclusive).value();
    const auto second = FileLock::try_acquire(path, FileLock::Mode::kExclusive);
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == Code::kUnavailable);
    CHECK_FALSE(FileLock::try_acquire(path, FileLock::Mode::kShared));
    const auto late = FileLock::acquire(path, FileLock::Mode::kShared, 5ms);
    REQUIRE_FALSE(late);
    CHECK(late.error().code() == Code::kDeadlineExceeded);
    CHECK_THAT(late.error().to_string(), Catch::Contains(path));
  }
  CHECK(FileLock::try_acquire(path, FileLock::Mode::kExclusive));
}

TEST_CASE("shared locks live together") {
  const test::TempDir dir;
  const FileLock first = FileLock::try_acquire(dir / "lock", FileLock::Mode::kShared).value();
  CHECK(FileLock::acquire(dir / "lock", FileLock::Mode::kShared, 0ms));
  CHECK_FALSE(FileLock::try_acquire(dir / "lock", FileLock::Mode::kExclusive));
}

TEST_CASE("a lock holds against another process and ends with it") {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  // flock(1) takes the lock, says so on its stdout, and holds it until its stdin ends.
  std::array<int, 2> ready{};
  std::array<int, 2> hold{};
  REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(hold.data(), O_CLOEXEC) == 0);
  const base::UniqueFd ready_read(ready[0]);
  base::UniqueFd ready_write(ready[1]);
  base::UniqueFd hold_read(hold[0]);
  base::UniqueFd hold_write(hold[1]);
  base::Child holder = base::spawn({.arguments = {"/usr/bin/flock", path, "sh", "-c", "echo locked; read end"},
                                    .environment = {"PATH=/usr/bin:/bin"},
                                    .descriptors = {{hold_read.get(), 0}, {ready_write.get(), 1}}})
                           .value();
  hold_read.reset();
  ready_write.reset();
  std::array<char, 16> line{};
  REQUIRE(base::sys::read(ready_read.get(), line).value() > 0);
  CHECK(FileLock::try_acquire(path, FileLock::Mode::kExclusive).error().code() == Code::kUnavailable);
  hold_write.reset();
  REQUIRE(holder.wait(10s));
  CHECK(FileLock::acquire(path, FileLock::Mode::kExclusive, 10s));
}
