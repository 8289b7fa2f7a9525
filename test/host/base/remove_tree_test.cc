// remove_tree beside mounts: what is mounted in a folder that goes must not go with it.
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/path.h"
#include "test/unit/temp_dir.h"

namespace fs = std::filesystem;

namespace {

struct BindMount {
  std::string target;
  BindMount(const std::string& source, const std::string& at) : target(at) {
    REQUIRE(::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0);
  }
  BindMount(const BindMount&) = delete;
  BindMount& operator=(const BindMount&) = delete;
  ~BindMount() { ::umount2(target.c_str(), MNT_DETACH); }
};

}  // namespace

TEST_CASE("a bind mount of the same file system is not emptied with the folder it is in") {
  const test::TempDir dir;
  fs::create_directories(dir / "host");
  std::ofstream(dir / "host/precious") << "x";
  // Directly in the folder, and deeper.
  const std::string place = GENERATE("pod/volume", "pod/volumes/a/b");
  fs::create_directories(dir / place);
  std::string mounted = dir / place;
  {
    const BindMount mount(dir / "host", mounted);
    CHECK_FALSE(base::remove_tree(dir / "pod"));
    CHECK(fs::exists(dir / "host/precious"));
    // The folder was renamed, and the mount with it: unmount it where it is now.
    for (const auto& entry : fs::recursive_directory_iterator(dir.path())) {
      if (entry.path().filename() == "precious" && entry.path().parent_path() != fs::path(dir / "host")) {
        ::umount2(entry.path().parent_path().c_str(), MNT_DETACH);
      }
    }
  }
  // With the mount gone the start-up sweep finishes the job.
  REQUIRE(base::sweep_removed(dir.path()));
  CHECK_FALSE(fs::exists(dir / "pod"));
  CHECK(fs::exists(dir / "host/precious"));
  CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("a folder that is itself a mount point stays") {
  const test::TempDir dir;
  fs::create_directories(dir / "host");
  std::ofstream(dir / "host/precious") << "x";
  fs::create_directories(dir / "pod");
  const BindMount mount(dir / "host", dir / "pod");
  CHECK_FALSE(base::remove_tree(dir / "pod"));
  CHECK(fs::exists(dir / "pod/precious"));
}
