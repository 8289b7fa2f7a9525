// A --root without space: what is told, and that nothing is left behind.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <sstream>

#include "base/path.h"
#include "base/sys.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

// A small disk as the instance's --root, empty at first. Goes before the instance does.
class SmallRoot {
 public:
  explicit SmallRoot(const Instance& node) : node_(node), folder_(node.folder() + "/root") {
    REQUIRE(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=24m") == 0);
    filler_.reset(::open((folder_ + "/filler").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(filler_);
  }
  ~SmallRoot() {
    filler_.reset();
    if (::umount2(folder_.c_str(), 0) != 0) WARN("still in use: " << folder_);
  }
  SmallRoot(const SmallRoot&) = delete;
  SmallRoot& operator=(const SmallRoot&) = delete;

  // As Instance::leaks(), but for the disk itself.
  std::string leaks() const {
    std::istringstream all(node_.leaks());
    std::string others;
    for (std::string line; std::getline(all, line);)
      if (line.find(" " + folder_ + " ") == std::string::npos) others += line + "\n";
    return others;
  }

  // Bytes that are left; the file system gives them in pages.
  void leave(off_t bytes) const {
    const std::string page(4096, 'x');
    REQUIRE(::lseek(filler_.get(), 0, SEEK_END) >= 0);
    while (::write(filler_.get(), page.data(), page.size()) > 0) {
    }
    REQUIRE(errno == ENOSPC);
    const off_t size = ::lseek(filler_.get(), 0, SEEK_END);
    REQUIRE(::ftruncate(filler_.get(), std::max<off_t>(size - bytes, 0)) == 0);
  }

 private:
  const Instance& node_;
  std::string folder_;
  base::UniqueFd filler_;
};

bool names(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("a pod on a full disk either runs or is told in one line, and leaves nothing") {
  const Instance node;
  const SmallRoot root(node);
  REQUIRE(node.nodeagent({"image", "import", node.folder() + "/image", "--name", "test:1"}).status == 0);
  int failed = 0;
  int ran_well = 0;
  for (const bool own_network : {false, true}) {
    std::string pod = pod_of("full", "echo hello", "volumes: [{name: v, emptyDir: {}}], ");
    if (own_network) pod.replace(pod.find("hostNetwork: true"), 17, "hostNetwork: false");
    for (off_t left = 0; left <= 8 * 4096; left += 4096) {
      root.leave(left);
      const Ran ran = node.nodeagent({"run", "-"}, pod);
      INFO((own_network ? "own network, " : "host's network, ") << left << " bytes left: " << ran.err);
      if (ran.status == 0) {
        ++ran_well;
        CHECK(ran.out == "main | hello\n");
        CHECK(ran.err == "");
      } else {
        ++failed;
        CHECK(ran.status == 125);
        CHECK(is_one_line(ran.err));
        CHECK(names(ran.err, node.folder() + "/root"));
        CHECK(names(ran.err, "No space left on device"));
      }
      CHECK(root.leaks() == "");
    }
  }
  CHECK(failed > 2);
  CHECK(ran_well > 2);
}

TEST_CASE("a container that fills the disk is told so, and its pod can still be removed") {
  const Instance node;
  const SmallRoot root(node);
  REQUIRE(node.nodeagent({"image", "import", node.folder() + "/image", "--name", "test:1"}).status == 0);
  std::string pod = pod_of("full", "cat /dev/zero > /fill; echo status $?; exit 9");
  pod.replace(pod.find("hostNetwork: true"), 17, "hostNetwork: false");
  const Ran ran = node.nodeagent({"run", "-"}, pod);
  CAPTURE(ran.err);
  CHECK(ran.status == 9);
  CHECK(ran.out == "main | status 1\n");
  CHECK(names(ran.err, "No space left on device"));
  CHECK(root.leaks() == "");
}

TEST_CASE("an image for which there is no space is not there, and the store is named") {
  const Instance node;
  const SmallRoot root(node);
  for (const off_t left : {0, 4096, 65536, 1 << 20}) {
    root.leave(left);
    const Ran imported = node.nodeagent({"image", "import", node.folder() + "/image", "--name", "test:2"});
    INFO(left << " bytes left: " << imported.err);
    CHECK(imported.status == 1);
    CHECK(imported.out == "");
    CHECK(is_one_line(imported.err));
    CHECK(names(imported.err, node.folder() + "/root"));
    CHECK(names(imported.err, "No space left on device"));
    CHECK(root.leaks() == "");
    if (left > 0) CHECK_FALSE(names(node.nodeagent({"image", "list"}).out, "test"));
  }
  root.leave(20 << 20);
  const Ran imported = node.nodeagent({"image", "import", node.folder() + "/image", "--name", "test:2"});
  CHECK(imported.status == 0);
}

}  // namespace
