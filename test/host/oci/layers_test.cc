// LayeredRoot beside the kernel's own overlayfs: the same layers must show the same files.
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/oci/root_files.h"

namespace runtime::oci {
namespace {

namespace fs = std::filesystem;

// Three layers on a tmpfs of their own, and overlayfs over them; both unmounted at the end.
class Tree {
 public:
  Tree() {
    std::string pattern = fs::temp_directory_path() / "oci-host-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    REQUIRE(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, nullptr) == 0);
    for (const char* name : {"top", "middle", "low", "merged"}) fs::create_directory(folder_ / name);
  }
  ~Tree() {
    ::umount2((folder_ / "merged").c_str(), MNT_DETACH);
    ::umount2(folder_.c_str(), MNT_DETACH);
    fs::remove(folder_);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void file(const std::string& path, const std::string& text) const {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  void whiteout(const std::string& path) const {
    fs::create_directories((folder_ / path).parent_path());
    REQUIRE(::mknod((folder_ / path).c_str(), S_IFCHR, makedev(0, 0)) == 0);
  }
  void opaque(const std::string& path) const {
    fs::create_directories(folder_ / path);
    REQUIRE(::setxattr((folder_ / path).c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
  }
  void link(const std::string& path, const std::string& target) const { fs::create_symlink(target, folder_ / path); }
  void mount() const {
    const std::string options = base::concat("lowerdir=", (folder_ / "top").string(), ":",
                                             (folder_ / "middle").string(), ":", (folder_ / "low").string());
    REQUIRE(::mount("overlay", (folder_ / "merged").c_str(), "overlay", MS_RDONLY, options.c_str()) == 0);
  }
  std::vector<base::UniqueFd> layers() const { return open_layers(folder_, {"top", "middle", "low"}).value(); }
  base::UniqueFd merged() const { return base::sys::open(folder_ / "merged", O_PATH | O_DIRECTORY).value(); }

 private:
  fs::path folder_;
};

std::string text_of(const RootFiles& root, const std::string& path) {
  const base::Result<base::UniqueFd> file = root.open(path);
  if (!file) return std::string("! ") + std::string(base::code_name(file.error().code()));
  return base::read_fd(file->get()).value();
}

TEST_CASE("the merged view is overlayfs' own") {
  const Tree tree;
  tree.file("low/etc/passwd", "low");
  tree.file("low/etc/group", "low group");
  tree.file("low/gone", "hidden by a whiteout");
  tree.file("low/gone-folder/x", "hidden by a whiteout");
  tree.file("low/opaque/old", "hidden by an opaque folder");
  tree.file("middle/back", "hidden, then made again");
  tree.file("low/deep/a/b/c", "hidden deep down");
  tree.file("low/usr/bin/sh", "through a link");
  tree.whiteout("middle/gone");
  tree.whiteout("middle/gone-folder");
  tree.whiteout("middle/etc/group");
  tree.opaque("middle/opaque");
  tree.file("middle/opaque/new", "new");
  tree.opaque("middle/deep/a");
  tree.file("middle/deep/a/d", "beside it");
  tree.whiteout("top/back");
  tree.file("top/etc/passwd", "top");
  tree.file("top/gone-folder/y", "a new folder of the name");
  tree.whiteout("top/opaque/never");
  tree.link("top/bin", "usr/bin");
  tree.mount();

  const LayeredRoot ours(tree.layers());
  const FolderRoot kernels(tree.merged());
  for (const char* path :
       {"etc/passwd", "etc/group", "gone", "gone-folder", "gone-folder/x", "gone-folder/y", "opaque/old", "opaque/new",
        "opaque/never", "back", "deep/a/b/c", "deep/a/d", "bin/sh", "deep/a/b", "gone-folder/../etc/passwd"}) {
    CAPTURE(path);
    CHECK(text_of(ours, path) == text_of(kernels, path));
  }
  CHECK(text_of(ours, "etc/passwd") == "top");
  CHECK(text_of(ours, "etc/group") == "! NotFound");
  CHECK(text_of(ours, "gone") == "! NotFound");
  CHECK(text_of(ours, "gone-folder/x") == "! NotFound");
  CHECK(text_of(ours, "gone-folder/y") == "a new folder of the name");
  CHECK(text_of(ours, "opaque/old") == "! NotFound");
  CHECK(text_of(ours, "opaque/new") == "new");
  CHECK(text_of(ours, "deep/a/b/c") == "! NotFound");
  CHECK(text_of(ours, "bin/sh") == "through a link");
}

TEST_CASE("a device of the image is never opened") {
  const Tree tree;
  tree.file("low/dev/x", "");
  REQUIRE(::mknodat(tree.layers()[2].get(), "dev/null", S_IFCHR | 0666, makedev(1, 3)) == 0);
  const LayeredRoot root(tree.layers());
  CHECK(text_of(root, "dev/null") == "! InvalidArgument");
}

}  // namespace
}  // namespace runtime::oci
