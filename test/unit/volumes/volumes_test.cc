// Volumes that need no mounts: the mount table, hostPath's checks, emptyDir on disk, and the manager over them.
#include <sys/stat.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "test/unit/temp_dir.h"
#include "volumes/empty_dir.h"
#include "volumes/folder.h"
#include "volumes/host_path.h"
#include "volumes/mount_table.h"
#include "volumes/volume_manager.h"

using namespace volumes;
using std::chrono::seconds;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

VolumeSpec host(const std::string& name, const std::string& path, HostPathCheck check) {
  return {.name = name, .source = HostPathSource{.path = path, .check = check}};
}

VolumeSpec empty(const std::string& name) { return {.name = name, .source = EmptyDirSource{}}; }

}  // namespace

TEST_CASE("mount points are read from mountinfo") {
  CHECK(mount_points("22 1 0:21 / /proc rw,nosuid - proc proc rw\n"
                     "36 35 98:0 /mnt1 /mnt/a\\040b\\134c rw shared:1 - ext3 /dev/root rw\n"
                     "nonsense\n") == std::vector<std::string>{"/proc", "/mnt/a b\\c"});
  CHECK(mount_points("").empty());
}

TEST_CASE("hostPath types are checked") {
  const test::TempDir dir;
  std::ofstream(dir / "file") << "x";
  std::filesystem::create_directory(dir / "folder");
  REQUIRE(::symlink((dir / "folder").c_str(), (dir / "link").c_str()) == 0);
  struct Row {
    std::string path;
    HostPathCheck check;
    const char* wrong;  // nullptr: fits
  };
  const std::vector<Row> rows{{dir / "file", HostPathCheck::kNone, nullptr},
                              {dir / "folder", HostPathCheck::kDirectory, nullptr},
                              {dir / "link", HostPathCheck::kDirectory, nullptr},
                              {dir / "file", HostPathCheck::kDirectory, "directory"},
                              {dir / "nothing", HostPathCheck::kDirectory, "directory"},
                              {dir / "file", HostPathCheck::kDirectoryOrCreate, "directory"},
                              {dir / "file", HostPathCheck::kFile, nullptr},
                              {dir / "folder", HostPathCheck::kFile, "file"},
                              {dir / "file", HostPathCheck::kSocket, "socket file"},
                              {"/dev/null", HostPathCheck::kCharDevice, nullptr},
                              {dir / "file", HostPathCheck::kCharDevice, "character device"},
                              {"/dev/null", HostPathCheck::kBlockDevice, "block device"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const base::Status status = set_up_host_path({.path = row.path, .check = row.check});
    CHECK(status.has_value() == (row.wrong == nullptr));
    if (!status)
      CHECK(status.error().to_string() == "hostPath type check failed: " + row.path + " is not a " + row.wrong);
  }
}

TEST_CASE("a hostPath without a type becomes a folder where nothing is") {
  const test::TempDir dir;
  const std::string path = dir / "some/where";
  REQUIRE(set_up_host_path({.path = path, .check = HostPathCheck::kNone}));
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK(S_ISDIR(info.st_mode));
  CHECK((info.st_mode & 07777) == 0755);
}

TEST_CASE("hostPath makes what may be made") {
  const test::TempDir dir;
  REQUIRE(set_up_host_path({.path = dir / "a/b", .check = HostPathCheck::kDirectoryOrCreate}));
  CHECK(mode_of(dir / "a/b") == 0755);
  REQUIRE(set_up_host_path({.path = dir / "a/file", .check = HostPathCheck::kFileOrCreate}));
  CHECK(mode_of(dir / "a/file") == 0644);
  std::ofstream(dir / "a/file") << "kept";
  REQUIRE(set_up_host_path({.path = dir / "a/file", .check = HostPathCheck::kFileOrCreate}));
  CHECK(std::filesystem::file_size(dir / "a/file") == 4);
  CHECK_FALSE(set_up_host_path({.path = dir / "missing/file", .check = HostPathCheck::kFileOrCreate}));
}

TEST_CASE("an emptyDir is writable for all, survives being set up again and goes with its content") {
  const test::TempDir dir;
  const std::string path = dir / "pods/u/volumes/kubernetes.io~empty-dir/data";
  // A process that died between making it and setting its mode.
  std::filesystem::create_directories(dir / "pods/u/volumes/kubernetes.io~empty-dir/.new-data");
  const mode_t mask = ::umask(077);
  const base::Status made = set_up_empty_dir({}, path);
  ::umask(mask);
  REQUIRE(made);
  CHECK(mode_of(path) == 0777);
  std::ofstream(path + "/file") << "kept";
  REQUIRE(set_up_empty_dir({}, path));
  CHECK(std::filesystem::exists(path + "/file"));
  REQUIRE(tear_down_folder(path));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(tear_down_folder(path));
}

TEST_CASE("the manager brings a pod's volumes up and takes them down") {
  const test::TempDir dir;
  VolumeManager manager(dir.path());
  manager.want("u", {empty("a"), empty("b"), host("h", "/dev/null", HostPathCheck::kCharDevice)});
  REQUIRE(manager.wait_for_attach("u", seconds(10)));
  const std::string a = VolumeManager::host_path(dir.path(), "u", empty("a"));
  CHECK(a == dir / "pods/u/volumes/kubernetes.io~empty-dir/a");
  CHECK(std::filesystem::is_directory(a));
  CHECK(VolumeManager::host_path(dir.path(), "u", host("h", "/x", HostPathCheck::kNone)) == "/x");
  REQUIRE(manager.tear_down("u", seconds(10)));
  CHECK_FALSE(std::filesystem::exists(dir / "pods/u/volumes"));
  CHECK(std::filesystem::exists("/dev/null"));
}

TEST_CASE("a volume that fails does not hold up another pod's, and is named") {
  const test::TempDir dir;
  VolumeManager manager(dir.path());
  manager.want("bad", {empty("fine"), host("wrong", "/dev/null", HostPathCheck::kDirectory)});
  manager.want("good", {empty("data")});
  REQUIRE(manager.wait_for_attach("good", seconds(10)));
  const base::Status failed = manager.wait_for_attach("bad", seconds(10));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code() == base::Code::kFailedPrecondition);
  CHECK(failed.error().to_string() ==
        "MountVolume.SetUp failed for volume \"wrong\": hostPath type check failed: /dev/null is not a directory");
  // The other one may still be on its way.
  CHECK(manager.tear_down("bad", seconds(10)));
  CHECK_FALSE(std::filesystem::exists(dir / "pods/bad/volumes"));
}

TEST_CASE("a failed volume is tried again and comes up when it can") {
  const test::TempDir dir;
  VolumeManager manager(dir.path());
  // A folder that is missing is no lasting fault: FileOrCreate works once it is there.
  manager.want("u", {host("late", dir / "sub/file", HostPathCheck::kFileOrCreate)});
  const base::Status early = manager.wait_for_attach("u", std::chrono::milliseconds(100));
  REQUIRE_FALSE(early);
  CHECK(early.error().code() == base::Code::kDeadlineExceeded);
  CHECK(early.error().to_string().find("unmounted volumes=[late]") != std::string::npos);
  std::filesystem::create_directory(dir / "sub");
  CHECK(manager.wait_for_attach("u", seconds(10)));
}

TEST_CASE("waiting for volumes can be stopped") {
  const test::TempDir dir;
  VolumeManager manager(dir.path());
  manager.want("u", {host("late", dir / "sub/file", HostPathCheck::kFileOrCreate)});
  std::stop_source stop;
  stop.request_stop();
  const base::Status status = manager.wait_for_attach("u", seconds(60), stop.get_token());
  REQUIRE_FALSE(status);
  CHECK(status.error().code() == base::Code::kCancelled);
}

TEST_CASE("what an earlier process left is taken down") {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "pods/u/volumes/kubernetes.io~empty-dir/old");
  VolumeManager manager(dir.path());
  REQUIRE(manager.tear_down("u", seconds(10)));
  CHECK_FALSE(std::filesystem::exists(dir / "pods/u/volumes"));
}
