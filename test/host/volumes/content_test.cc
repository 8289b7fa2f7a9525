// Volumes of given content on this kernel: what is secret lies on a tmpfs, and swaps show wherever it is mounted.
#include "volumes/content.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/file.h"
#include "test/host/volumes/mounted_root.h"
#include "volumes/mount_table.h"
#include "volumes/volume_manager.h"

using namespace volumes;
using test::is_tmpfs;
using test::MountedRoot;

namespace {

constexpr std::chrono::seconds kEnough(10);

VolumeSpec of_kind(ContentKind kind, const std::string& content = "s3cret") {
  return {.name = "v", .source = ContentSource{.kind = kind, .files = {{.path = "key", .content = content}}}};
}

std::string text_at(const std::string& path) { return base::read_file(path).value_or("cannot be read"); }

}  // namespace

TEST_CASE("all content but a configMap's lies on a tmpfs") {
  const MountedRoot root;
  VolumeManager manager(root.path());
  for (const ContentKind kind :
       {ContentKind::kConfigMap, ContentKind::kSecret, ContentKind::kDownwardApi, ContentKind::kProjected}) {
    const VolumeSpec spec = of_kind(kind);
    manager.want("u", {spec});
    const base::Status up = manager.wait_for_attach("u", kEnough);
    if (!up) FAIL(up.error().to_string());
    const std::string path = VolumeManager::host_path(root.path(), "u", spec);
    CAPTURE(path);
    // The one of the kind before is gone: its mount, too.
    const bool mounted = kind != ContentKind::kConfigMap;
    CHECK(mounts_below(root.path()) == (mounted ? std::vector{path} : std::vector<std::string>()));
    CHECK((!mounted || is_tmpfs(path)));
    CHECK(text_at(path + "/key") == "s3cret");
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0777);
  }
  REQUIRE(manager.tear_down("u", kEnough));
  CHECK(mounts_below(root.path())->empty());
  CHECK_FALSE(std::filesystem::exists(root / "pods/u/volumes"));
}

TEST_CASE("a secret outlives the manager, and the next one takes it on") {
  const MountedRoot root;
  const VolumeSpec spec = of_kind(ContentKind::kSecret);
  const std::string path = VolumeManager::host_path(root.path(), "u", spec);
  {
    VolumeManager first(root.path());
    first.want("u", {spec});
    REQUIRE(first.wait_for_attach("u", kEnough));
  }
  const std::filesystem::path data = std::filesystem::read_symlink(path + "/..data");
  VolumeManager second(root.path());
  second.want("u", {spec});
  REQUIRE(second.wait_for_attach("u", kEnough));
  CHECK(mounts_below(root.path())->size() == 1);
  CHECK(std::filesystem::read_symlink(path + "/..data") == data);
  REQUIRE(second.tear_down("u", kEnough));
  CHECK(mounts_below(root.path())->empty());
}

TEST_CASE("new content shows where the volume is mounted already") {
  const MountedRoot root;
  VolumeManager manager(root.path());
  const std::string in_container = root / "container";
  std::filesystem::create_directory(in_container);
  for (const ContentKind kind : {ContentKind::kConfigMap, ContentKind::kSecret}) {
    manager.want("u", {of_kind(kind, "old")});
    REQUIRE(manager.wait_for_attach("u", kEnough));
    const std::string path = VolumeManager::host_path(root.path(), "u", of_kind(kind));
    REQUIRE(::mount(path.c_str(), in_container.c_str(), nullptr, MS_BIND, nullptr) == 0);
    CHECK(text_at(in_container + "/key") == "old");
    manager.want("u", {of_kind(kind, "new")});
    REQUIRE(manager.wait_for_attach("u", kEnough));
    CHECK(text_at(in_container + "/key") == "new");
    REQUIRE(::umount2(in_container.c_str(), 0) == 0);
  }
  REQUIRE(manager.tear_down("u", kEnough));
  CHECK(mounts_below(root.path())->empty());
}

TEST_CASE("content of all kinds that an earlier process left is taken down") {
  const MountedRoot root;
  std::vector<std::string> paths;
  for (const ContentKind kind :
       {ContentKind::kConfigMap, ContentKind::kSecret, ContentKind::kDownwardApi, ContentKind::kProjected}) {
    const VolumeSpec spec = of_kind(kind);
    paths.push_back(VolumeManager::host_path(root.path(), "u", spec));
    REQUIRE(set_up_content(std::get<ContentSource>(spec.source), paths.back()));
  }
  // Two on one place, and one in another, as a container with mountPropagation Bidirectional leaves it.
  REQUIRE(::mount("tmpfs", paths.back().c_str(), "tmpfs", 0, nullptr) == 0);
  const std::string inner = paths.front() + "/in ner";
  std::filesystem::create_directory(inner);
  REQUIRE(::mount("tmpfs", inner.c_str(), "tmpfs", 0, nullptr) == 0);
  SECTION("by the name of the root") {
    VolumeManager manager(root.path());
    REQUIRE(manager.tear_down("u", kEnough));
  }
  SECTION("where the root is a link, which the mount table does not know") {
    std::filesystem::create_directory_symlink(root.path(), root / "link");
    REQUIRE(::umount2(inner.c_str(), 0) == 0);
    VolumeManager manager(root / "link");
    REQUIRE(manager.tear_down("u", kEnough));
  }
  CHECK(mounts_below(root.path())->empty());
  CHECK_FALSE(std::filesystem::exists(root / "pods/u/volumes"));
}
