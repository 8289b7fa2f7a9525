// Volumes of given content, on plain folders: the layout, the swap, what is refused, what a killed writer left.
#include "volumes/content.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "test/unit/temp_dir.h"
#include "volumes/atomic_writer.h"
#include "volumes/volume_manager.h"

using namespace volumes;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

mode_t own_mode(const std::string& path) {
  struct stat info{};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

std::string link_target(const std::string& path) {
  std::error_code none;
  return std::filesystem::read_symlink(path, none);
}

// The names in a folder, in order.
std::vector<std::string> names_at(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

void put_link(const std::string& target, const std::string& path) {
  REQUIRE(::symlink(target.c_str(), path.c_str()) == 0);
}

// A volume's folder, and what it is to hold.
struct ContentVolume {
  test::TempDir dir;
  std::string path = dir / "volume";

  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string data() const { return link_target(path + "/..data"); }
  void write(const std::vector<ContentFile>& files) const {
    const base::Status written = set_up_content({.files = files}, path);
    if (!written) FAIL(written.error().to_string());
  }
};

VolumeSpec content_spec(const std::string& name, const std::vector<ContentFile>& files) {
  return {.name = name, .source = ContentSource{.files = files}};
}

}  // namespace

TEST_CASE("content is laid out as the kubelet does") {
  const ContentVolume volume;
  volume.write({{.path = "a.conf", .content = "A"}, {.path = "tls/deep/key", .content = "K"}, {.path = "tls/b"}});
  CHECK(own_mode(volume.path) == 0777);
  CHECK(std::regex_match(volume.data(), std::regex(R"(\.\.\d{4}(_\d\d){5}\.\d+)")));
  CHECK(names_at(volume.path) == std::vector<std::string>{volume.data(), "..data", "a.conf", "tls"});
  CHECK(link_target(volume / "a.conf") == "..data/a.conf");
  CHECK(link_target(volume / "tls") == "..data/tls");
  CHECK(content_of(volume / "a.conf") == "A");
  CHECK(content_of(volume / "tls/deep/key") == "K");
  CHECK(content_of(volume / "tls/b").empty());
}

TEST_CASE("content may be empty") {
  const ContentVolume volume;
  volume.write({});
  CHECK(names_at(volume.path) == std::vector<std::string>{volume.data(), "..data"});
  CHECK(std::filesystem::is_empty(volume / "..data"));
}

TEST_CASE("content has exactly its modes, whatever the umask") {
  const ContentVolume volume;
  const mode_t mask = ::umask(077);
  const base::Status written = set_up_content(
      {.files = {{.path = "script", .mode = 0777}, {.path = "d/key", .mode = 0400}, {.path = "e"}}}, volume.path);
  ::umask(mask);
  REQUIRE(written);
  CHECK(own_mode(volume / "..data/script") == 0777);
  CHECK(own_mode(volume / "..data/d/key") == 0400);
  CHECK(own_mode(volume / "..data/e") == 0644);
  CHECK(own_mode(volume / "..data/d") == 0755);
  CHECK(own_mode(volume / volume.data()) == 0755);
}

TEST_CASE("new content is swapped in, and names that vanished go") {
  const ContentVolume volume;
  volume.write(
      {{.path = "stays", .content = "1"}, {.path = "goes", .content = "1"}, {.path = "dir/x", .content = "1"}});
  const std::string before = volume.data();
  volume.write(
      {{.path = "stays", .content = "22"}, {.path = "dir/y", .content = "2"}, {.path = "new", .content = "2"}});
  CHECK(volume.data() != before);
  CHECK(names_at(volume.path) == std::vector<std::string>{volume.data(), "..data", "dir", "new", "stays"});
  CHECK(content_of(volume / "stays") == "22");
  CHECK(content_of(volume / "new") == "2");
  CHECK(names_at(volume / "dir") == std::vector<std::string>{"y"});
}

TEST_CASE("a file becomes a folder and a folder a file") {
  const ContentVolume volume;
  volume.write({{.path = "a", .content = "file"}, {.path = "b/c", .content = "inner"}});
  volume.write({{.path = "a/c", .content = "inner"}, {.path = "b", .content = "file"}});
  CHECK(content_of(volume / "a/c") == "inner");
  CHECK(content_of(volume / "b") == "file");
}

TEST_CASE("unchanged content changes nothing") {
  const ContentVolume volume;
  const std::vector<ContentFile> files{{.path = "a", .content = "same"}, {.path = "b/c", .content = "", .mode = 0600}};
  volume.write(files);
  const std::string before = volume.data();
  struct stat first{};
  REQUIRE(::lstat((volume / "..data").c_str(), &first) == 0);
  volume.write(files);
  volume.write({files[1], files[0]});
  struct stat second{};
  REQUIRE(::lstat((volume / "..data").c_str(), &second) == 0);
  CHECK(volume.data() == before);
  CHECK(first.st_ino == second.st_ino);
}

TEST_CASE("every difference in content is seen") {
  const ContentVolume volume;
  const std::vector<ContentFile> files{{.path = "a", .content = "same"}, {.path = "b/c", .content = "x"}};
  volume.write(files);
  const std::string before = volume.data();
  SECTION("bytes of the same length") { volume.write({{.path = "a", .content = "SAME"}, files[1]}); }
  SECTION("longer") { volume.write({{.path = "a", .content = "same+"}, files[1]}); }
  SECTION("shorter") { volume.write({{.path = "a", .content = "sam"}, files[1]}); }
  SECTION("a mode") { volume.write({{.path = "a", .content = "same", .mode = 0600}, files[1]}); }
  SECTION("one more") { volume.write({files[0], files[1], {.path = "b/d"}}); }
  SECTION("one less") { volume.write({files[0]}); }
  SECTION("what was changed on disk") {
    std::ofstream(volume / "a") << "evil";
    volume.write(files);
    CHECK(content_of(volume / "a") == "same");
  }
  SECTION("what was added on disk") {
    std::ofstream(volume / "b/more") << "evil";
    volume.write(files);
    CHECK(names_at(volume / "b") == std::vector<std::string>{"c"});
  }
  CHECK(volume.data() != before);
}

TEST_CASE("content paths that are no paths below the volume are refused") {
  struct Row {
    std::vector<std::string> paths;
    const char* error;
  };
  const std::string long_name(256, 'n');
  std::string long_path = "d";
  while (long_path.size() < 4096) long_path += "/d";
  const std::vector<Row> rows{{{""}, R"(file path "" is empty)"},
                              {{"/etc/passwd"}, R"(file path "/etc/passwd" is not relative)"},
                              {{".."}, R"(file path ".." begins with "..")"},
                              {{"../a"}, R"(file path "../a" begins with "..")"},
                              {{"..data"}, R"(file path "..data" begins with "..")"},
                              {{"..data/a"}, R"(file path "..data/a" begins with "..")"},
                              {{"a/../b"}, R"(file path "a/../b" has a component "." or "..")"},
                              {{"a/.."}, R"(file path "a/.." has a component "." or "..")"},
                              {{"./a"}, R"(file path "./a" has a component "." or "..")"},
                              {{"a//b"}, R"(file path "a//b" has an empty component)"},
                              {{"a/"}, R"(file path "a/" has an empty component)"},
                              {{std::string("a\0b", 3)}, "has a NUL byte"},
                              {{"d/" + long_name}, "has a component that is too long"},
                              {{long_path}, "is too long"},
                              {{"a", "b", "a"}, "file path a is there twice"},
                              {{"a/b", "a"}, "file path a is also the folder of another file"},
                              {{"a/b", "a/b/c/d"}, "file path a/b is also the folder of another file"}};
  const ContentVolume volume;
  for (const Row& row : rows) {
    CAPTURE(row.error);
    std::vector<ContentFile> files;
    for (const std::string& path : row.paths) files.push_back({.path = path});
    const base::Status refused = set_up_content({.files = files}, volume.path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == base::Code::kInvalidArgument);
    CHECK(refused.error().to_string().ends_with(row.error));
  }
  CHECK_FALSE(std::filesystem::exists(volume.path));
  // Only the first name is taken for the layout.
  CHECK(check_files({{.path = "a/..b"}, {.path = "a/...", .mode = 0}, {.path = ".hidden"}}));
}

TEST_CASE("content with more than permission bits is refused") {
  const base::Status refused = check_files({{.path = "d/su", .mode = 04755}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == base::Code::kInvalidArgument);
  CHECK(refused.error().to_string() == "the mode of file d/su is more than permission bits");
}

TEST_CASE("what a killed writer of content left is cleared away") {
  const ContentVolume volume;
  const std::vector<ContentFile> files{{.path = "a", .content = "1"}, {.path = "b", .content = "1"}};
  volume.write(files);
  const std::string before = volume.data();
  // Killed before the swap.
  std::filesystem::create_directories(volume / "..2020_01_01_00_00_00.1/deep/er");
  std::ofstream(volume / "..2020_01_01_00_00_00.1/deep/er/file") << "half";
  put_link("..2020_01_01_00_00_00.1", volume / "..data_tmp");
  SECTION("and the content is as it was") {
    volume.write(files);
    CHECK(volume.data() == before);
  }
  SECTION("and the content is new") {
    volume.write({{.path = "a", .content = "2"}, {.path = "b", .content = "2"}});
    CHECK(content_of(volume / "a") == "2");
  }
  SECTION("and the swap was made, but not the links") {
    REQUIRE(::unlink((volume / "b").c_str()) == 0);
    put_link("..data/gone", volume / "gone");
    volume.write(files);
    CHECK(volume.data() == before);
    CHECK(content_of(volume / "b") == "1");
  }
  CHECK(names_at(volume.path) == std::vector<std::string>{volume.data(), "..data", "a", "b"});
}

TEST_CASE("content that lost its data folder is written anew") {
  const ContentVolume volume;
  const std::vector<ContentFile> files{{.path = "a", .content = "1"}};
  volume.write(files);
  std::filesystem::remove_all(volume / volume.data());
  volume.write(files);
  CHECK(content_of(volume / "a") == "1");
}

TEST_CASE("links that were planted in content are not followed") {
  const ContentVolume volume;
  const std::vector<ContentFile> files{{.path = "a", .content = "1"}, {.path = "d/b", .content = "1"}};
  volume.write(files);
  const std::string outside = volume.dir / "outside";
  std::filesystem::create_directories(outside + "/d");
  // The same content: a link that was followed would pass for the real thing.
  for (const char* name : {"/a", "/d/b"}) std::ofstream(outside + name) << "1";
  const std::string data = volume / volume.data();
  SECTION("for ..data") {
    REQUIRE(::unlink((volume / "..data").c_str()) == 0);
    put_link("../outside", volume / "..data");
  }
  SECTION("for the data folder") {
    std::filesystem::remove_all(data);
    put_link("../outside", data);
  }
  SECTION("for a folder in it") {
    std::filesystem::remove_all(data + "/d");
    put_link(outside + "/d", data + "/d");
  }
  SECTION("for a file in it") {
    REQUIRE(::unlink((data + "/a").c_str()) == 0);
    put_link(outside + "/a", data + "/a");
  }
  SECTION("for a name") {
    REQUIRE(::unlink((volume / "a").c_str()) == 0);
    put_link(outside + "/a", volume / "a");
  }
  SECTION("for what is cleared away") { put_link(outside, volume / "..2020_01_01_00_00_00.1"); }
  SECTION("or ..data was made a folder") {
    REQUIRE(::unlink((volume / "..data").c_str()) == 0);
    std::filesystem::create_directories(volume / "..data/some/where");
  }
  volume.write(files);
  CHECK(names_at(volume.path) == std::vector<std::string>{volume.data(), "..data", "a", "d"});
  CHECK(link_target(volume / "a") == "..data/a");
  CHECK(std::filesystem::is_directory(std::filesystem::symlink_status(volume / volume.data())));
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(volume / "..data/a")));
  CHECK(std::filesystem::is_directory(std::filesystem::symlink_status(volume / "..data/d")));
  CHECK(names_at(outside) == std::vector<std::string>{"a", "d"});
  CHECK(content_of(outside + "/d/b") == "1");
}

TEST_CASE("a folder that another volume is mounted on stays beside the content") {
  const ContentVolume volume;
  volume.write({{.path = "a", .content = "1"}});
  std::filesystem::create_directory(volume / "cache");
  volume.write({{.path = "a", .content = "2"}});
  CHECK(std::filesystem::is_directory(volume / "cache"));
}

TEST_CASE("content lies where the kubelet keeps it") {
  const auto place = [](ContentKind kind) {
    return VolumeManager::host_path("/r", "u", {.name = "v", .source = ContentSource{.kind = kind}});
  };
  CHECK(place(ContentKind::kConfigMap) == "/r/pods/u/volumes/kubernetes.io~configmap/v");
  CHECK(place(ContentKind::kSecret) == "/r/pods/u/volumes/kubernetes.io~secret/v");
  CHECK(place(ContentKind::kDownwardApi) == "/r/pods/u/volumes/kubernetes.io~downward-api/v");
  CHECK(place(ContentKind::kProjected) == "/r/pods/u/volumes/kubernetes.io~projected/v");
}

TEST_CASE("the manager writes content, swaps what changed and takes it down") {
  const test::TempDir dir;
  const std::chrono::seconds limit(10);
  VolumeManager manager(dir.path());
  const VolumeSpec old_spec = content_spec("conf", {{.path = "a", .content = "1"}});
  const VolumeSpec new_spec = content_spec("conf", {{.path = "a", .content = "2"}});
  const std::string path = VolumeManager::host_path(dir.path(), "u", old_spec);
  manager.want("u", {old_spec});
  REQUIRE(manager.wait_for_attach("u", limit));
  CHECK(content_of(path + "/a") == "1");
  manager.want("u", {new_spec});
  REQUIRE(manager.wait_for_attach("u", limit));
  CHECK(content_of(path + "/a") == "2");
  // What cannot be is said at once, and the volume stays as it was.
  manager.want("u", {content_spec("conf", {{.path = "../a"}})});
  const base::Status refused = manager.wait_for_attach("u", limit);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == base::Code::kInvalidArgument);
  CHECK(refused.error().to_string() ==
        R"(MountVolume.SetUp failed for volume "conf": file path "../a" begins with "..")");
  CHECK(content_of(path + "/a") == "2");
  manager.want("u", {new_spec});
  CHECK(manager.wait_for_attach("u", limit));
  REQUIRE(manager.tear_down("u", limit));
  CHECK_FALSE(std::filesystem::exists(dir / "pods/u/volumes"));
}

TEST_CASE("a volume that becomes one of another kind leaves nothing where it was") {
  const test::TempDir dir;
  VolumeManager manager(dir.path());
  const VolumeSpec content = content_spec("v", {{.path = "a", .content = "1"}});
  const VolumeSpec empty_dir{.name = "v", .source = EmptyDirSource{}};
  manager.want("u", {content});
  REQUIRE(manager.wait_for_attach("u", std::chrono::seconds(10)));
  // What the old one failed at last is not said of the new one.
  manager.want("u", {content_spec("v", {{.path = "/"}})});
  REQUIRE_FALSE(manager.wait_for_attach("u", std::chrono::seconds(10)));
  manager.want("u", {empty_dir});
  REQUIRE(manager.wait_for_attach("u", std::chrono::seconds(10)));
  CHECK_FALSE(std::filesystem::exists(VolumeManager::host_path(dir.path(), "u", content)));
  CHECK(std::filesystem::is_empty(VolumeManager::host_path(dir.path(), "u", empty_dir)));
  CHECK(manager.tear_down("u", std::chrono::seconds(10)));
}
