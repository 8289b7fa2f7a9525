// Several processes on one store, and processes that are killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "test/host/image/support.h"

using namespace image_test;
using runtime::image::Store;

namespace {

// Imports in a process of its own; it ends with 0 when that worked. Only used while the test has no other thread.
pid_t start_import(const std::string& root, const std::string& archive, int stop_after_reports = -1) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  auto store = Store::open(root);
  if (!store) ::_exit(1);
  int reports = 0;
  const auto progress = [&](const auto&) {
    if (++reports == stop_after_reports) ::kill(::getpid(), SIGKILL);
  };
  const auto imported = (*store)->import(archive, {.progress = progress});
  ::_exit(imported ? 0 : 2);
}

int wait_for(pid_t pid) {
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return status;
}

}  // namespace

TEST_CASE("two processes import into one store at the same time") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const std::string large = make_image(scratch, "large");
  const std::string two = make_image(scratch, "two-images");
  for (int round = 0; round < 2; ++round) {
    const std::vector<pid_t> importers = {start_import(root, large), start_import(root, large),
                                          start_import(root, two)};
    for (const pid_t pid : importers) CHECK(wait_for(pid) == 0);
    const auto store = open_store(root);
    CHECK(store->list().value().size() == 3);
    CHECK(must("ls -A " + root + "/images/tmp").empty());
    const std::string mounted = mount_image(scratch, *store, store->resolve("large:1").value());
    CHECK(must("ls " + mounted + " | wc -l") == "400\n");
    must("umount " + mounted);
    const auto images = store->list();
    REQUIRE(images.has_value());
    for (const auto& image : *images) {
      CHECK(store->remove(image.id, [](const std::string&) { return false; }).has_value());
    }
    require_empty(root);
  }
}

TEST_CASE("an import that is killed leaves nothing that the next opening does not clean up") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const std::string archive = make_image(scratch, "large");
  // Reading the archive gives about 26 reports, unpacking as many again.
  int killed = 0;
  for (int reports = 1; reports < 60; reports += 6) {
    INFO("killed at report " << reports);
    const int status = wait_for(start_import(root, archive, reports));
    if (!WIFSIGNALED(status)) break;
    ++killed;
    CHECK_FALSE(must("ls -A " + root + "/images/tmp").empty());
    const auto store = open_store(root);
    CHECK(store->list().value().empty());
    require_empty(root);
  }
  CHECK(killed >= 5);
  const auto store = open_store(root);
  import(*store, archive);
  CHECK(store->list().value().size() == 1);
}

TEST_CASE("an import that is killed at any moment is whole or absent") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const std::string archive = make_image(scratch, "semantics-oci");
  for (int delay = 0; delay < 24; ++delay) {
    const pid_t pid = start_import(root, archive);
    // The moment of the kill is what is tested, so that a pause is the point here.
    ::usleep(static_cast<useconds_t>(delay * 2500));
    ::kill(pid, SIGKILL);
    wait_for(pid);
    const auto store = open_store(root);
    const auto images = store->list();
    REQUIRE(images.has_value());
    if (images->empty()) {
      require_empty(root);
      continue;
    }
    const std::string mounted = mount_image(scratch, *store, images->front());
    CHECK(must("cat " + mounted + "/usr/lib/added.so") == "added through the link");
    must("umount " + mounted);
    REQUIRE(store->remove(images->front().id, [](const std::string&) { return false; }).value().deleted);
    require_empty(root);
  }
}
