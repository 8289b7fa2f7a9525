#include "base/path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/sys.h"
#include "test/unit/temp_dir.h"

namespace fs = std::filesystem;
using base::Code;
using base::UniqueFd;

namespace {

void put(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

// A root with a way out in every form that a hostile image has: and outside it, what must not be reached.
struct HostileRoot {
  test::TempDir dir;
  UniqueFd root;

  HostileRoot() {
    put(dir / "secret", "outside");
    fs::create_directories(dir / "root/etc");
    put(dir / "root/etc/passwd", "inside");
    put(dir / "root/secret", "inside");
    fs::create_symlink("/etc", dir / "root/absolute");
    fs::create_symlink("../../../../..", dir / "root/up");
    fs::create_symlink(dir / "secret", dir / "root/out");
    fs::create_symlink("/proc/self/root", dir / "root/magic");
    fs::create_symlink("loop", dir / "root/loop");
    root = base::sys::open(dir / "root", O_PATH | O_DIRECTORY).value();
  }
  std::string read(const std::string& path) const {
    const auto fd = base::open_in_root(root.get(), path, O_RDONLY);
    return fd ? base::read_fd(fd->get()).value() : "error: " + std::string(base::code_name(fd.error().code()));
  }
};

}  // namespace

TEST_CASE("paths are cleaned by their text alone") {
  CHECK(base::clean_path("/a/b//../c/.") == "/a/c");
  CHECK(base::clean_path("/") == "/");
  CHECK(base::clean_path("//") == "/");
  CHECK(base::clean_path("/../..") == "/");
  CHECK(base::clean_path("/../a") == "/a");
  CHECK(base::clean_path("a/./b/") == "a/b");
  CHECK(base::clean_path("../a/..") == "..");
  CHECK(base::clean_path("../../a") == "../../a");
  CHECK(base::clean_path("a/..") == ".");
  CHECK(base::clean_path("") == ".");
  CHECK(base::clean_path("/...") == "/...");
}

TEST_CASE("a name is joined to a folder with one slash") {
  CHECK(base::join_path("/a/b", "c") == "/a/b/c");
  CHECK(base::join_path("/a/b//", "/c") == "/a/b/c");
  CHECK(base::join_path("/", "c") == "/c");
}

TEST_CASE("no link in a root leads out of it") {
  const HostileRoot hostile;
  CHECK(hostile.read("etc/passwd") == "inside");
  CHECK(hostile.read("/etc/passwd") == "inside");
  CHECK(hostile.read("absolute/passwd") == "inside");
  CHECK(hostile.read("../secret") == "inside");
  CHECK(hostile.read("up/secret") == "inside");
  CHECK(hostile.read("out") == "error: NotFound");
  CHECK(hostile.read("magic/etc/passwd") == "error: NotFound");
  CHECK(base::open_in_root(hostile.root.get(), "loop", O_RDONLY).error().os_errno() == ELOOP);
}

TEST_CASE("the kernel's own magic links are refused in a root") {
  const UniqueFd proc = base::sys::open("/proc/self", O_PATH | O_DIRECTORY).value();
  CHECK(base::open_in_root(proc.get(), "root/etc", O_PATH).error().os_errno() == ELOOP);
  CHECK(base::open_in_root(proc.get(), "status", O_RDONLY));
}

TEST_CASE("where no link may be, none is followed") {
  const HostileRoot hostile;
  CHECK(base::open_beneath_no_links(hostile.root.get(), "etc/passwd", O_RDONLY));
  CHECK(base::open_beneath_no_links(hostile.root.get(), "absolute/passwd", O_RDONLY).error().os_errno() == ELOOP);
}

TEST_CASE("folders and mount targets are made inside the root, through its links") {
  const HostileRoot hostile;
  REQUIRE(base::mkdir_in_root(hostile.root.get(), "/absolute/conf/d", 0755));
  CHECK(fs::is_directory(hostile.dir / "root/etc/conf/d"));
  REQUIRE(base::mkdir_in_root(hostile.root.get(), "up/var/lib", 0755));
  CHECK(fs::is_directory(hostile.dir / "root/var/lib"));
  REQUIRE(base::touch_in_root(hostile.root.get(), "run/new/file", 0644));
  CHECK(fs::is_regular_file(hostile.dir / "root/run/new/file"));
  // What is there stays as it is.
  REQUIRE(base::touch_in_root(hostile.root.get(), "etc/passwd", 0644));
  CHECK(hostile.read("etc/passwd") == "inside");
  CHECK(base::touch_in_root(hostile.root.get(), "/", 0644).error().os_errno() == EISDIR);
  CHECK_FALSE(base::mkdir_in_root(hostile.root.get(), "etc/passwd/x", 0755));
}

TEST_CASE("a dangling link's target is made in the root, never outside") {
  const HostileRoot hostile;
  fs::create_symlink("/secret2", hostile.dir / "root/dangling");
  REQUIRE(base::touch_in_root(hostile.root.get(), "dangling", 0644));
  CHECK(fs::exists(hostile.dir / "root/secret2"));
  fs::create_symlink(hostile.dir / "escaped", hostile.dir / "root/escape");
  CHECK_FALSE(base::touch_in_root(hostile.root.get(), "escape", 0644));
  CHECK_FALSE(fs::exists(hostile.dir / "escaped"));
}

TEST_CASE("make_dirs makes all parents and takes those that are there") {
  const test::TempDir dir;
  REQUIRE(base::make_dirs(dir / "a/b/c", 0700));
  REQUIRE(base::make_dirs(dir / "a/b/c", 0700));
  CHECK(fs::is_directory(dir / "a/b/c"));
  put(dir / "file", "");
  CHECK_FALSE(base::make_dirs(dir / "file/x", 0700));
}

TEST_CASE("remove_tree removes all of it and follows no link") {
  const test::TempDir dir;
  fs::create_directories(dir / "gone/a/b");
  put(dir / "gone/a/b/f", "x");
  put(dir / "kept", "x");
  fs::create_directories(dir / "other");
  put(dir / "other/kept", "x");
  fs::create_symlink(dir / "other", dir / "gone/a/link");
  REQUIRE(base::remove_tree(dir / "gone"));
  CHECK_FALSE(fs::exists(dir / "gone"));
  CHECK(fs::exists(dir / "kept"));
  CHECK(fs::exists(dir / "other/kept"));
  CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 2);
}

TEST_CASE("a tree deeper than there are descriptors can be removed") {
  const test::TempDir dir;
  fs::create_directory(dir / "deep");
  UniqueFd here = base::sys::open(dir / "deep", O_PATH | O_DIRECTORY).value();
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(base::sys::mkdirat(here.get(), "0", 0700));
    REQUIRE(base::sys::symlinkat("x", here.get(), "1"));
    here = base::sys::openat(here.get(), "0", O_PATH | O_DIRECTORY).value();
  }
  REQUIRE(base::remove_tree(dir / "deep"));
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("only a folder is removed as one") {
  const test::TempDir dir;
  put(dir / "file", "x");
  fs::create_directory(dir / "folder");
  fs::create_symlink("folder", dir / "link");
  CHECK(base::remove_tree(dir / "file").error().os_errno() == ENOTDIR);
  CHECK_FALSE(base::remove_tree(dir / "link"));
  CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 3);
}

TEST_CASE("removing what is not there succeeds") {
  const test::TempDir dir;
  CHECK(base::remove_tree(dir / "none"));
  CHECK(base::remove_tree(dir / "none/deeper"));
}

TEST_CASE("a sweep finishes what an interrupted removal left, and nothing else") {
  const test::TempDir dir;
  fs::create_directories(dir / ".removing-pod-1.2/volumes");
  put(dir / ".removing-pod-1.2/volumes/f", "x");
  fs::create_directories(dir / "pod");
  REQUIRE(base::sweep_removed(dir.path()));
  CHECK_FALSE(fs::exists(dir / ".removing-pod-1.2"));
  CHECK(fs::exists(dir / "pod"));
  CHECK(base::sweep_removed(dir / "none").error().code() == Code::kNotFound);
}
