#include "runtime/oci/root_files.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "base/path.h"

namespace runtime::oci {
namespace {

namespace fs = std::filesystem;

class Layers {
 public:
  Layers() {
    std::string pattern = fs::temp_directory_path() / "oci-layers-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~Layers() { fs::remove_all(folder_); }
  Layers(const Layers&) = delete;
  Layers& operator=(const Layers&) = delete;

  void file(const std::string& path, const std::string& text) const {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  void link(const std::string& path, const std::string& target) const {
    fs::create_directories((folder_ / path).parent_path());
    fs::create_symlink(target, folder_ / path);
  }
  void folder(const std::string& path) const { fs::create_directories(folder_ / path); }
  // Top first.
  std::vector<base::UniqueFd> open(const std::vector<std::string>& names) const {
    base::Result<std::vector<base::UniqueFd>> layers = open_layers(folder_, names);
    REQUIRE(layers.has_value());
    return std::move(*layers);
  }

 private:
  fs::path folder_;
};

std::string text_of(const RootFiles& root, const std::string& path) {
  const base::Result<base::UniqueFd> file = root.open(path);
  if (!file) return std::string("! ") + std::string(base::code_name(file.error().code()));
  return base::read_fd(file->get()).value();
}

TEST_CASE("a name is taken from the highest layer that has it") {
  const Layers layers;
  layers.file("top/etc/passwd", "top");
  layers.file("low/etc/passwd", "low");
  layers.file("low/etc/group", "low group");
  layers.file("low/usr/lib/os", "os");
  const LayeredRoot root(layers.open({"top", "low"}));
  CHECK(text_of(root, "/etc/passwd") == "top");
  CHECK(text_of(root, "etc/passwd") == "top");
  CHECK(text_of(root, "/etc/group") == "low group");
  CHECK(text_of(root, "//usr/./lib/../lib/os") == "os");
  CHECK(text_of(root, "/etc/shadow") == "! NotFound");
  CHECK(text_of(root, "/none/at/all") == "! NotFound");
  CHECK(text_of(root, "/etc/passwd/x") == "! NotFound");
  CHECK(text_of(root, "/etc") == "! InvalidArgument");
  CHECK(text_of(root, "/") == "! InvalidArgument");
  CHECK(S_ISDIR(root.stat("/usr/lib").value().st_mode));
  CHECK(S_ISDIR(root.stat("/").value().st_mode));
  CHECK(root.stat("/etc/passwd").value().st_size == 3);
  CHECK(root.stat("/nothing").error().code() == base::Code::kNotFound);
}

TEST_CASE("a file hides a folder below it and the other way round") {
  const Layers layers;
  layers.file("top/a", "file");
  layers.file("low/a/x", "hidden");
  layers.file("top/b/x", "in folder");
  layers.file("low/b", "hidden");
  layers.file("lowest/b/y", "below a file");
  const LayeredRoot root(layers.open({"top", "low", "lowest"}));
  CHECK(text_of(root, "a") == "file");
  CHECK(text_of(root, "a/x") == "! NotFound");
  CHECK(text_of(root, "b/x") == "in folder");
  CHECK(text_of(root, "b/y") == "! NotFound");
}

TEST_CASE("links are followed in the merged view and never out of it") {
  const Layers layers;
  layers.file("secret", "outside");
  layers.link("top/etc/passwd", "/usr/share/passwd");
  layers.file("low/usr/share/passwd", "through a link");
  layers.link("top/lib", "usr/share");
  layers.link("top/up", "../../../../secret");
  layers.link("top/out", "/secret");
  layers.link("top/loop", "loop");
  layers.link("top/a", "b");
  layers.link("low/b", "a");
  layers.link("top/etc/back", "../lib/../share/passwd");
  layers.link("top/self", ".");
  layers.link("top/dangling", "nowhere");
  layers.file("top/secret", "inside");
  const LayeredRoot root(layers.open({"top", "low"}));
  CHECK(text_of(root, "etc/passwd") == "through a link");
  CHECK(text_of(root, "lib/passwd") == "through a link");
  CHECK(text_of(root, "etc/back") == "through a link");
  CHECK(text_of(root, "up") == "inside");
  CHECK(text_of(root, "out") == "inside");
  CHECK(text_of(root, "../../secret") == "inside");
  CHECK(text_of(root, "self/self/self/secret") == "inside");
  CHECK(text_of(root, "loop") == "! InvalidArgument");
  CHECK(text_of(root, "a") == "! InvalidArgument");
  CHECK(text_of(root, "dangling") == "! NotFound");
}

TEST_CASE("links whose targets grow are given up") {
  const Layers layers;
  layers.folder("top");
  std::string target;
  for (int i = 0; i < 800; ++i) target += "bomb/";
  layers.link("top/bomb", target);
  const LayeredRoot root(layers.open({"top"}));
  CHECK(text_of(root, "bomb") == "! InvalidArgument");
}

TEST_CASE("only regular files are opened") {
  const Layers layers;
  layers.folder("top");
  const std::vector<base::UniqueFd> top = layers.open({"top"});
  REQUIRE(::mkfifoat(top.front().get(), "pipe", 0600) == 0);
  const LayeredRoot layered(layers.open({"top"}));
  CHECK(text_of(layered, "pipe") == "! InvalidArgument");
  const FolderRoot folder(std::move(layers.open({"top"}).front()));
  CHECK(text_of(folder, "pipe") == "! InvalidArgument");
}

TEST_CASE("a plain folder is a root too") {
  const Layers layers;
  layers.file("top/etc/passwd", "text");
  layers.link("top/out", "../../etc/passwd");
  const FolderRoot root(std::move(layers.open({"top"}).front()));
  CHECK(text_of(root, "/etc/passwd") == "text");
  CHECK(text_of(root, "out") == "text");
  CHECK(text_of(root, "/etc/group") == "! NotFound");
  CHECK(S_ISDIR(root.stat("/").value().st_mode));
}

TEST_CASE("an image without layers has nothing") {
  const LayeredRoot root(std::vector<base::UniqueFd>{});
  CHECK(text_of(root, "etc/passwd") == "! NotFound");
}

}  // namespace
}  // namespace runtime::oci
