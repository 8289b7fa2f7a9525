// emptyDir in memory on this kernel: real tmpfs mounts.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "test/host/volumes/mounted_root.h"
#include "volumes/empty_dir.h"
#include "volumes/folder.h"
#include "volumes/mount_table.h"
#include "volumes/volume_manager.h"

using namespace volumes;
using std::chrono::seconds;
using test::is_tmpfs;
using test::MountedRoot;

namespace {

constexpr int64_t kMegabyte = 1 << 20;

VolumeSpec memory(const std::string& name, std::optional<int64_t> limit) {
  return {.name = name, .source = EmptyDirSource{.memory = true, .size_limit = limit}};
}

}  // namespace

TEST_CASE("an emptyDir in memory is a tmpfs of its limit") {
  const MountedRoot root;
  VolumeManager manager(root.path());
  manager.want("u", {memory("cache", 4 * kMegabyte)});
  const base::Status up = manager.wait_for_attach("u", seconds(10));
  if (!up) FAIL(up.error().to_string());
  const std::string path = VolumeManager::host_path(root.path(), "u", memory("cache", 4 * kMegabyte));
  REQUIRE(is_mount_point(path).value());
  CHECK(is_tmpfs(path));
  struct statvfs size{};
  REQUIRE(::statvfs(path.c_str(), &size) == 0);
  CHECK(size.f_blocks * size.f_frsize == 4 * kMegabyte);
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0777);

  std::ofstream(path + "/file") << "kept";
  {
    // A restarted process finds it as it was, and mounts nothing twice.
    VolumeManager second(root.path());
    second.want("u", {memory("cache", 4 * kMegabyte)});
    REQUIRE(second.wait_for_attach("u", seconds(10)));
    CHECK(std::filesystem::exists(path + "/file"));
    CHECK(mounts_below(root.path())->size() == 1);
  }
  REQUIRE(manager.tear_down("u", seconds(10)));
  CHECK(mounts_below(root.path())->empty());
  CHECK_FALSE(std::filesystem::exists(root / "pods/u/volumes"));
}

TEST_CASE("a limit beyond the node's memory is cut to it") {
  const MountedRoot root;
  REQUIRE(set_up_empty_dir({.memory = true, .size_limit = std::nullopt}, root / "all"));
  REQUIRE(set_up_empty_dir({.memory = true, .size_limit = int64_t{1} << 60}, root / "huge"));
  struct statvfs all{};
  struct statvfs huge{};
  REQUIRE(::statvfs((root / "all").c_str(), &all) == 0);
  REQUIRE(::statvfs((root / "huge").c_str(), &huge) == 0);
  CHECK(all.f_blocks == huge.f_blocks);
  CHECK(tear_down_folder(root / "all"));
  CHECK(tear_down_folder(root / "huge"));
}

TEST_CASE("mounts that an earlier process left are found in the mount table and taken down") {
  const MountedRoot root;
  const std::string path = root / "pods/u/volumes/kubernetes.io~empty-dir/left over";
  REQUIRE(set_up_empty_dir({.memory = true, .size_limit = kMegabyte}, path));
  VolumeManager manager(root.path());
  REQUIRE(manager.tear_down("u", seconds(10)));
  CHECK(mounts_below(root.path())->empty());
  CHECK_FALSE(std::filesystem::exists(root / "pods/u/volumes"));
}

TEST_CASE("a busy volume is not removed under its user; it goes when it is let go") {
  const MountedRoot root;
  VolumeManager manager(root.path());
  manager.want("u", {memory("busy", kMegabyte)});
  REQUIRE(manager.wait_for_attach("u", seconds(10)));
  const std::string path = VolumeManager::host_path(root.path(), "u", memory("busy", kMegabyte));
  auto user = std::make_unique<std::ofstream>(path + "/open");
  const base::Status busy = manager.tear_down("u", std::chrono::milliseconds(200));
  REQUIRE_FALSE(busy);
  CHECK(busy.error().to_string().find("Device or resource busy") != std::string::npos);
  CHECK(std::filesystem::exists(path + "/open"));
  user.reset();
  CHECK(manager.tear_down("u", seconds(10)));
  CHECK(mounts_below(root.path())->empty());
}
