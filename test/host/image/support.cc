#include "test/host/image/support.h"

#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>

#include "base/path.h"
#include "base/spawn.h"

namespace image_test {

using runtime::image::Store;

namespace {

std::string script(const std::string& name) {
  const char* folder = std::getenv("IMAGE_TEST_SCRIPTS");
  REQUIRE(folder != nullptr);
  return std::string(folder) + "/" + name;
}

}  // namespace

Finished shell(const std::string& line) {
  base::SpawnOptions options;
  options.arguments = {"/bin/bash", "-c", line};
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"};
  const auto output = base::run(std::move(options), "", std::chrono::minutes(2), 64UL << 20);
  if (!output) FAIL(line << ": " << output.error().to_string());
  return {.status = output->exit.code, .out = output->out, .err = output->err};
}

std::string must(const std::string& line) {
  Finished finished = shell(line);
  INFO(line << "\n" << finished.out << finished.err);
  REQUIRE(finished.status == 0);
  return finished.out;
}

Scratch::Scratch() {
  // Not below /tmp, which may be a tmpfs: that has neither user.* attributes nor what overlayfs wants of an upper.
  std::array<char, 64> pattern{"/var/tmp/image-test-XXXXXX"};
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern.data();
}

Scratch::~Scratch() {
  // NOLINTNEXTLINE(bugprone-unused-return-value): what is left shows in the leak check.
  shell("findmnt -rno TARGET | grep '^" + folder_ + "/' | tac | xargs -r -n1 umount -l; rm -rf " + folder_);
}

std::string make_image(const Scratch& scratch, const std::string& kind) {
  std::string path = scratch.path(kind);
  must("python3 " + script("make_images.py") + " " + kind + " " + path);
  return path;
}

std::unique_ptr<Store> open_store(const std::string& root) {
  auto store = Store::open(root);
  if (!store) FAIL(store.error().to_string());
  return *std::move(store);
}

std::vector<runtime::image::Imported> import(Store& store, const std::string& path, const std::string& name) {
  auto imported = store.import(path, {.name = name});
  if (!imported) FAIL(imported.error().to_string());
  return *std::move(imported);
}

base::Error import_error(Store& store, const std::string& path, const std::string& name) {
  const auto imported = store.import(path, {.name = name});
  REQUIRE_FALSE(imported.has_value());
  const std::string text = imported.error().to_string();
  INFO(text);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.starts_with("import " + path + ": "));
  return imported.error();
}

std::string mount_image(const Scratch& scratch, const Store& store, const runtime::image::Image& image) {
  static int counter = 0;
  const auto lower = store.lower_layers(image);
  if (!lower) FAIL(lower.error().to_string());
  const std::string place = scratch.path("mounted-" + std::to_string(counter++));
  std::string names;
  for (const std::string& name : lower->names) {
    CHECK(name.size() <= 64);
    names += (names.empty() ? "" : ":") + name;
  }
  must(
      "mkdir -p " + place + "/upper " + place + "/work " + place + "/root && chmod " +
      [&] {
        std::array<char, 16> mode{};
        std::snprintf(mode.data(), mode.size(), "%o", lower->root_mode);
        return std::string(mode.data());
      }() +
      " " + place + "/upper && chown " + std::to_string(lower->root_uid) + ":" + std::to_string(lower->root_gid) + " " +
      place + "/upper && touch -d @" + std::to_string(lower->root_mtime.tv_sec) + "." +
      [&] {
        std::array<char, 16> nanoseconds{};
        std::snprintf(nanoseconds.data(), nanoseconds.size(), "%09ld", lower->root_mtime.tv_nsec);
        return std::string(nanoseconds.data());
      }() +
      " " + place + "/upper && cd " + lower->folder + " && mount -t overlay overlay -o redirect_dir=off,metacopy=off," +
      "lowerdir=" + names + ",upperdir=" + place + "/upper,workdir=" + place + "/work " + place + "/root");
  return place + "/root";
}

std::string differences(const std::string& expected, const std::string& actual, const std::string& timeless) {
  const Finished finished =
      shell("python3 " + script("compare_trees.py") + " " + expected + " " + actual + " " + timeless);
  return finished.status == 0 ? "" : finished.out + finished.err;
}

void require_empty(const std::string& root) {
  CHECK(must("cd " + root + "/images && find blobs/sha256 layers chains l tmp -mindepth 1 -maxdepth 1").empty());
  CHECK(must("cd " + root + "/images && find . -name '*.tmp-*'").empty());
  CHECK(must("grep -c '\"digest\"' " + root + "/images/index.json || true") == "0\n");
}

}  // namespace image_test
