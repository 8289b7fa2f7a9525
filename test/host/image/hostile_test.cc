// Bad archives: each is refused with one clear message and leaves nothing behind.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "test/host/image/support.h"

using namespace image_test;
using base::Code;

namespace {

struct Bad {
  std::string kind;
  Code code;
  std::string says;  // a part of the message
};

void check_refused(const Bad& bad) {
  INFO(bad.kind);
  const Scratch scratch;
  const std::string archive = make_image(scratch, bad.kind);
  const std::string root = scratch.path("root");
  const auto store = open_store(root);
  const base::Error error = import_error(*store, archive);
  INFO(error.to_string());
  CHECK(error.code() == bad.code);
  CHECK(error.to_string().find(bad.says) != std::string::npos);
  require_empty(root);
  CHECK(::access("/tmp/image-test-escaped", F_OK) != 0);
  CHECK(store->list().value().empty());
}

}  // namespace

TEST_CASE("layers that reach out of the image or into overlayfs are refused") {
  const std::vector<Bad> table = {
      {"escape", Code::kInvalidArgument, "leads out of the image"},
      {"escape-inside", Code::kInvalidArgument, "leads out of the image"},
      {"through-symlink", Code::kInvalidArgument, "is a symbolic link in the same layer"},
      {"through-relative-symlink", Code::kInvalidArgument, "is a symbolic link in the same layer"},
      {"folder-through-symlink", Code::kInvalidArgument, "is a symbolic link in the same layer"},
      {"whiteout-through-symlink", Code::kInvalidArgument, "is a symbolic link in the same layer"},
      {"link-through-symlink", Code::kInvalidArgument, "through a symbolic link"},
      {"absolute-link", Code::kInvalidArgument, "absolute name \"/etc/passwd\""},
      {"escaping-link", Code::kInvalidArgument, "leads out of the image"},
      {"dangling-link", Code::kInvalidArgument, "no/such/file"},
      {"folder-link", Code::kInvalidArgument, "a folder"},
      {"overlay-trusted", Code::kInvalidArgument, "trusted.overlay.opaque"},
      {"overlay-redirect", Code::kInvalidArgument, "trusted.overlay.redirect"},
      {"overlay-user", Code::kInvalidArgument, "user.overlay.opaque"},
      {"char-0-0", Code::kInvalidArgument, "character device 0:0"},
      {"whiteout-dots", Code::kInvalidArgument, "whiteout"},
      {"whiteout-empty", Code::kInvalidArgument, "whiteout"},
      {"root-is-file", Code::kInvalidArgument, "root must be a folder"},
  };
  for (const Bad& bad : table) check_refused(bad);
}

TEST_CASE("damaged archives and what is no image are refused") {
  const std::vector<Bad> table = {
      {"wrong-diff-id", Code::kInvalidArgument, "the archive is damaged"},
      {"wrong-blob-oci", Code::kInvalidArgument, "is damaged"},
      {"truncated-layer-oci", Code::kInvalidArgument, "runcated"},
      {"not-an-image", Code::kInvalidArgument, "neither index.json"},
  };
  for (const Bad& bad : table) check_refused(bad);
}

TEST_CASE("an image for another platform is refused by both names") {
  check_refused({"other-platform", Code::kFailedPrecondition, "linux/s390x, this machine is linux/"});
  check_refused({"other-platform-oci", Code::kFailedPrecondition, "linux/s390x, this machine is linux/"});
}

TEST_CASE("a bomb is refused") { check_refused({"bomb-oci", Code::kInvalidArgument, "decompression bomb"}); }

TEST_CASE("truncated archives are refused, compressed or not") {
  const Scratch scratch;
  const std::string archive = make_image(scratch, "large");
  must(
      "cd " + scratch.path("") +
      " && gzip -k large && zstd -q large -o large.zst && xz -1 -k large && for f in large "
      "large.gz large.zst large.xz; do head -c $(($(stat -c %s $f) * 2 / 3)) $f > cut-$f; done && head -c 5 large.gz > "
      "cut-head && : > cut-empty && head -c 100000 /dev/urandom > cut-noise");
  const std::string root = scratch.path("root");
  const auto store = open_store(root);
  for (const std::string name : {"large", "large.gz", "large.zst", "large.xz", "head", "empty", "noise"}) {
    INFO(name);
    CHECK(import_error(*store, scratch.path("cut-" + name)).code() == Code::kInvalidArgument);
    require_empty(root);
  }
}

TEST_CASE("sources that are none are refused") {
  const Scratch scratch;
  const auto store = open_store(scratch.path("root"));
  must("mkdir " + scratch.path("empty") + " && mkdir " + scratch.path("socket") + " && mkfifo " + scratch.path("fifo") +
       " && python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('" + scratch.path("socket/s") + "')\"");
  CHECK(import_error(*store, scratch.path("missing")).code() == Code::kNotFound);
  CHECK(import_error(*store, scratch.path("empty")).code() == Code::kInvalidArgument);
  CHECK(import_error(*store, scratch.path("socket")).code() == Code::kInvalidArgument);
  CHECK(import_error(*store, scratch.path("fifo")).code() == Code::kInvalidArgument);
  // A layout whose files are FIFOs: refused, not waited on.
  must("mkdir " + scratch.path("pipes") + " && mkfifo " + scratch.path("pipes/oci-layout") + " " +
       scratch.path("pipes/index.json"));
  CHECK(import_error(*store, scratch.path("pipes")).code() == Code::kInvalidArgument);
  const auto named = store->import(make_image(scratch, "simple"), {.name = "Not A Name"});
  REQUIRE_FALSE(named.has_value());
  CHECK(named.error().code() == Code::kInvalidArgument);
  const auto several = store->import(make_image(scratch, "two-images"), {.name = "x"});
  REQUIRE_FALSE(several.has_value());
  CHECK(several.error().to_string().find("2 images") != std::string::npos);
  require_empty(scratch.path("root"));
}

TEST_CASE("a full disk ends an import with its reason and nothing left") {
  const Scratch scratch;
  const std::string archive = make_image(scratch, "large");
  const std::string root = scratch.path("small");
  // Enough for the copy of the archive, then for neither that nor the unpacked layer.
  for (const std::string size : {"40m", "10m", "1m"}) {
    INFO(size);
    must("mkdir -p " + root + " && mount -t tmpfs -o size=" + size + " tmpfs " + root);
    {
      const auto store = open_store(root);
      const base::Error error = import_error(*store, archive);
      CHECK(error.code() == Code::kResourceExhausted);
      CHECK(error.to_string().find("No space left on device") != std::string::npos);
      require_empty(root);
    }
    must("umount " + root);
  }
}
