// What an image shows, compared file by file with what umoci makes of the same image.
#include <catch2/catch.hpp>
#include <string>

#include "test/host/image/support.h"

using namespace image_test;

namespace {

// umoci gives folders that no layer describes the time of unpacking, and lets making those change the time of the
// folder that they are in.
const std::string kUndescribed = [] {
  std::string paths = ". var a a/b a/b/c gone";
  std::string deep = "var";
  for (int i = 0; i < 30; ++i) {
    deep += "/deep-folder-" + std::string(i < 10 ? "0" : "") + std::to_string(i);
    paths += " " + deep;
  }
  return paths;
}();

std::string unpack_with_umoci(const Scratch& scratch, const std::string& layout, const std::string& tag) {
  const std::string bundle = scratch.path("bundle");
  must("umoci unpack --image " + layout + ":" + tag + " " + bundle);
  return bundle + "/rootfs";
}

}  // namespace

TEST_CASE("an image's layers show together what umoci unpacks") {
  const Scratch scratch;
  const std::string layout = make_image(scratch, "semantics-oci");
  const auto store = open_store(scratch.path("root"));
  import(*store, layout, "semantics");
  const auto image = store->resolve("semantics");
  REQUIRE(image.has_value());
  const std::string root = mount_image(scratch, *store, *image);
  const std::string expected = unpack_with_umoci(scratch, layout, "latest");
  CHECK(differences(expected, root, kUndescribed) == "");
  CHECK(must("stat -c %.9Y " + root + " " + root + "/var") == "1500000000.250000000\n1500000001.500000000\n");
  // Hard links are one file, within a layer and across layers.
  CHECK(must("stat -c %i " + root + "/bin/x") == must("stat -c %i " + root + "/bin/x2"));
  CHECK(must("stat -c %i " + root + "/usr/so-link") == must("stat -c %i " + root + "/usr/lib/base.so"));
}

TEST_CASE("a sparse file takes no more room than its data") {
  const Scratch scratch;
  const std::string folder = scratch.path("folder");
  must("mkdir -p " + folder + " && cd " + folder +
       " && truncate -s 100M big && printf begin | dd of=big conv=notrunc status=none && printf end | dd of=big bs=1M "
       "seek=50 conv=notrunc status=none && truncate -s 7M hole && touch -d @1600000000 big hole");
  const auto store = open_store(scratch.path("root"));
  import(*store, folder, "sparse");
  const auto image = store->resolve("sparse");
  REQUIRE(image.has_value());
  const std::string root = mount_image(scratch, *store, *image);
  CHECK(differences(folder, root, ".") == "");
  CHECK(std::stol(must("stat -c %b " + root + "/big")) < 1000);
  CHECK(std::stol(must("stat -c %b " + root + "/hole")) < 1000);
  // GNU tar's sparse format as well.
  must("cd " + folder +
       " && umoci init --layout ../oci && umoci new --image ../oci:x && tar --sparse -cf ../sparse.tar . "
       "&& umoci raw add-layer --image ../oci:x ../sparse.tar");
  import(*store, scratch.path("oci"), "sparse-gnu");
  const auto gnu = store->resolve("sparse-gnu");
  REQUIRE(gnu.has_value());
  const std::string gnu_root = mount_image(scratch, *store, *gnu);
  CHECK(differences(folder, gnu_root, ".") == "");
  CHECK(std::stol(must("stat -c %b " + gnu_root + "/big")) < 1000);
}

TEST_CASE("a root folder comes back as it was") {
  const Scratch scratch;
  const std::string folder = scratch.path("folder");
  must("mkdir -p " + folder + "/bin " + folder + "/sub && cd " + folder +
       " && chmod 750 . && cp -p /bin/busybox bin/ && ln bin/busybox bin/sh && ln -s busybox bin/ls && mkfifo sub/fifo "
       "&& "
       "mknod sub/zero c 1 5 && chmod 4711 bin/busybox && setfattr -n user.x -v y sub && chown 12:34 sub && touch -d "
       "@1234567890.987654321 sub && printf a > $'sub/raw-\\xff-name' && printf b > sub/gr\u00fc\u00dfe");
  const auto store = open_store(scratch.path("root"));
  const auto imported = import(*store, folder, "folder");
  const auto image = store->resolve("folder");
  REQUIRE(image.has_value());
  CHECK(image->config.cmd == std::vector<std::string>{"/bin/sh"});
  CHECK(image->config.entrypoint.empty());
  CHECK(differences(folder, mount_image(scratch, *store, *image)) == "");
  // The same folder is the same image.
  const auto other = open_store(scratch.path("other"));
  CHECK(import(*other, folder, "again")[0].id == imported[0].id);
}
