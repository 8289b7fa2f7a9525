// The store as its users have it: import, list, resolve, remove, export, beside skopeo and umoci.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "base/file.h"
#include "base/sys.h"
#include "test/host/image/support.h"

using namespace image_test;
using base::Code;
using runtime::image::Store;

namespace {

const auto kUnused = [](const std::string&) { return false; };
const auto kUsed = [](const std::string&) { return true; };

// The busybox image as umoci makes it, tagged "busybox:1" in an OCI layout.
std::string busybox_layout(const Scratch& scratch) {
  const std::string layout = scratch.path("busybox");
  must(
      "mkdir -p " + scratch.path("rootfs/bin") + " && cp /bin/busybox " + scratch.path("rootfs/bin/") +
      " && ln -s busybox " + scratch.path("rootfs/bin/sh") + " && umoci init --layout " + layout +
      " && umoci new --image " + layout + ":one && umoci insert --image " + layout + ":one " +
      scratch.path("rootfs/bin") + " /bin && umoci config --image " + layout +
      ":one --config.cmd /bin/sh --config.env A=b --config.user 7:8 --config.workingdir /w --config.stopsignal SIGINT");
  return layout;
}

}  // namespace

TEST_CASE("all four forms come in, and a name given by the caller replaces the archive's") {
  const Scratch scratch;
  const auto store = open_store(scratch.path("root"));
  const std::string layout = busybox_layout(scratch);
  must("skopeo copy -q oci:" + layout + ":one oci-archive:" + scratch.path("b.oci.tar") +
       ":localhost/bb:oci && skopeo copy -q oci:" + layout + ":one docker-archive:" + scratch.path("b.docker.tar") +
       ":localhost/bb:docker");

  const auto folder = import(*store, layout, "bb:layout");
  REQUIRE(folder.size() == 1);
  CHECK(folder[0].references == std::vector<std::string>{"docker.io/library/bb:layout"});
  const auto oci = import(*store, scratch.path("b.oci.tar"));
  CHECK(oci[0].references == std::vector<std::string>{"localhost/bb:oci"});
  CHECK(oci[0].id == folder[0].id);
  const auto docker = import(*store, scratch.path("b.docker.tar"));
  CHECK(docker[0].references == std::vector<std::string>{"localhost/bb:docker"});
  import(*store, scratch.path("rootfs"), "bb:root");

  const auto image = store->resolve("bb:layout");
  REQUIRE(image.has_value());
  CHECK(image->id == must("skopeo inspect --raw oci:" + layout +
                          ":one | python3 -c \"import json, sys; "
                          "print(json.load(sys.stdin)['config']['digest'], end='')\""));
  CHECK(image->config.env == std::vector<std::string>{"A=b"});
  CHECK(image->config.cmd == std::vector<std::string>{"/bin/sh"});
  CHECK(image->config.user == "7:8");
  CHECK(image->config.working_dir == "/w");
  CHECK(image->config.stop_signal == "SIGINT");
  CHECK(image->repo_tags ==
        std::vector<std::string>{"docker.io/library/bb:layout", "localhost/bb:docker", "localhost/bb:oci"});
  CHECK(image->repo_digests == std::vector<std::string>{"docker.io/library/bb@" + image->manifest_digest,
                                                        "localhost/bb@" + image->manifest_digest});
  CHECK(image->size > 1000000);
  CHECK(store->resolve("localhost/bb@" + image->manifest_digest).value().id == image->id);
  CHECK(store->resolve("localhost/bb:whatever@" + image->manifest_digest).value().id == image->id);
  // skopeo keeps the configuration as it is, so that its docker-archive is the same image by ID.
  CHECK(docker[0].id == folder[0].id);
  CHECK(store->resolve("bb:root").value().repo_digests.empty());
  CHECK(store->list().value().size() == 2);
  const auto usage = store->usage();
  REQUIRE(usage.has_value());
  CHECK(usage->bytes > 2000000);
  CHECK(usage->inodes > 10);
}

TEST_CASE("archives compressed outside come in too") {
  const Scratch scratch;
  const std::string archive = make_image(scratch, "simple");
  must("cd " + scratch.path("") +
       " && gzip -k simple && zstd -q simple && xz -k simple && bzip2 -k simple && (gzip -c <(head -c "
       "5000 simple); gzip -c <(tail -c +5001 simple)) > simple.members");
  for (const std::string suffix : {".gz", ".zst", ".xz", ".bz2", ".members"}) {
    INFO(suffix);
    const auto store = open_store(scratch.path("root" + suffix));
    const auto imported = import(*store, archive + suffix);
    REQUIRE(imported.size() == 1);
    CHECK(imported[0].references == std::vector<std::string>{"docker.io/library/simple:1"});
  }
}

TEST_CASE("skopeo and umoci read the store in place, and skopeo what is exported") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const auto store = open_store(root);
  import(*store, make_image(scratch, "simple"));
  const std::string reference = "docker.io/library/simple:1";
  const std::string inspected = must("skopeo inspect oci:" + root + "/images:" + reference);
  CHECK(inspected.find("\"a\": \"b\"") != std::string::npos);
  CHECK(must("umoci list --layout " + root + "/images").find(reference) != std::string::npos);

  const std::string archive = scratch.path("exported.tar");
  {
    const auto out = base::sys::open(archive, O_WRONLY | O_CREAT, 0600);
    REQUIRE(out.has_value());
    REQUIRE(store->export_archive("simple:1", out->get()).has_value());
  }
  CHECK(must("skopeo inspect oci-archive:" + archive + ":" + reference) ==
        must("skopeo inspect oci:" + root + "/images:" + reference));
  const auto other = open_store(scratch.path("other"));
  const auto again = import(*other, archive);
  CHECK(again[0].id == store->resolve("simple:1").value().id);
  CHECK(again[0].references == std::vector<std::string>{reference});
}

TEST_CASE("images are found by name, ID and unique prefix") {
  const Scratch scratch;
  const auto store = open_store(scratch.path("root"));
  const auto imported = import(*store, make_image(scratch, "two-images"));
  REQUIRE(imported.size() == 2);
  const std::string id = store->resolve("one:1").value().id;
  CHECK(store->resolve("docker.io/library/uno:1").value().id == id);
  CHECK(store->resolve(id).value().id == id);
  CHECK(store->resolve(id.substr(7)).value().id == id);
  CHECK(store->resolve(id.substr(7, 12)).value().id == id);
  CHECK(store->resolve(id.substr(0, 15)).value().id == id);
  for (const std::string missing : {"one", "one:2", "deadbeef0000", "sha256:deadbeef0000"}) {
    INFO(missing);
    const auto found = store->resolve(missing);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code() == Code::kNotFound);
  }
  CHECK(store->resolve("No Name").error().code() == Code::kInvalidArgument);
  const auto unnamed = import(*store, make_image(scratch, "unnamed"));
  CHECK(unnamed[0].references.empty());
  CHECK(store->resolve(unnamed[0].id).value().repo_tags.empty());
  CHECK(store->list().value().back().id == unnamed[0].id);
}

TEST_CASE("an image goes with its last name, and with it all that no other image needs") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const auto store = open_store(root);
  import(*store, make_image(scratch, "two-images"));
  import(*store, make_image(scratch, "semantics-oci"), "semantics");
  const auto first = store->remove("one:1", kUnused);
  REQUIRE(first.has_value());
  CHECK_FALSE(first->deleted);
  const auto second = store->remove("uno:1", kUnused);
  REQUIRE(second.has_value());
  CHECK(second->deleted);
  CHECK(store->remove("uno:1", kUnused).error().code() == Code::kNotFound);
  // What the others need is still there.
  const auto semantics = store->resolve("semantics");
  REQUIRE(semantics.has_value());
  CHECK(must("cat " + mount_image(scratch, *store, *semantics) + "/lib/added.so") == "added through the link");
  CHECK(must("cat " + mount_image(scratch, *store, store->resolve("two:2").value()) + "/bin/sh") == "two");
  must("umount " + scratch.path("mounted-*/root") + " || true");
  CHECK(store->remove(semantics->id, kUnused).value().deleted);
  CHECK(store->remove("two:2", kUnused).value().deleted);
  require_empty(root);
}

TEST_CASE("an image in use or held stays until it is free") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const auto store = open_store(root);
  import(*store, make_image(scratch, "simple"));
  const std::string id = store->resolve("simple:1").value().id;
  const auto removed = store->remove("simple:1", kUsed);
  REQUIRE(removed.has_value());
  CHECK_FALSE(removed->deleted);
  CHECK(store->resolve("simple:1").error().code() == Code::kNotFound);
  CHECK(store->resolve(id).value().repo_tags.empty());
  CHECK(store->collect(kUsed).value().empty());
  {
    const auto held = store->hold(id);
    REQUIRE(held.has_value());
    // Another opening of the store, as another process has it.
    CHECK(open_store(root)->collect(kUnused).value().empty());
  }
  CHECK(store->collect(kUnused).value() == std::vector<std::string>{id});
  require_empty(root);
  CHECK(store->hold(id).error().code() == Code::kNotFound);
  // Importing it again while it waits to be collected keeps it.
  const std::string archive = scratch.path("simple");
  import(*store, archive);
  REQUIRE(store->remove("simple:1", kUsed).has_value());
  import(*store, archive);
  CHECK(store->collect(kUnused).value().empty());
  CHECK(store->resolve("simple:1").has_value());
}

TEST_CASE("a pin stays with the image") {
  const Scratch scratch;
  const auto store = open_store(scratch.path("root"));
  import(*store, make_image(scratch, "simple"));
  CHECK_FALSE(store->resolve("simple:1").value().pinned);
  REQUIRE(store->set_pinned("simple:1", true).has_value());
  CHECK(store->resolve("simple:1").value().pinned);
  import(*store, scratch.path("simple"), "other:1");
  CHECK(open_store(scratch.path("root"))->resolve("other:1").value().pinned);
  REQUIRE(store->set_pinned("other:1", false).has_value());
  CHECK_FALSE(store->resolve("simple:1").value().pinned);
}

TEST_CASE("a store of a newer version is refused, a damaged image named") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  import(*open_store(root), make_image(scratch, "two-images"));
  must("cd " + root + "/images/blobs/sha256 && for f in *; do if grep -q '\"Cmd\"' $f && grep -q " +
       open_store(root)->resolve("one:1").value().diff_ids[0] + " $f; then echo ' ' >> $f; fi; done");
  const auto store = open_store(root);
  CHECK(store->resolve("one:1").error().code() == Code::kDataLoss);
  CHECK(store->resolve("two:2").has_value());
  CHECK(store->list().value().size() == 1);
  // It can be removed and imported again.
  CHECK(store->remove("one:1", kUnused).has_value());
  CHECK(store->remove("uno:1", kUnused).value().deleted);
  import(*store, scratch.path("two-images"));
  CHECK(store->resolve("one:1").has_value());

  must("echo '{\"version\":2}' > " + root + "/images/version");
  const auto newer = Store::open(root);
  REQUIRE_FALSE(newer.has_value());
  CHECK(newer.error().code() == Code::kFailedPrecondition);
  CHECK(newer.error().to_string().find("newer nodeagent") != std::string::npos);
}

TEST_CASE("an import reports its progress and ends when it is cancelled") {
  const Scratch scratch;
  const std::string root = scratch.path("root");
  const auto store = open_store(root);
  const std::string archive = make_image(scratch, "large");
  int reports = 0;
  const auto cancelled =
      store->import(archive, {.progress = [&](const auto&) { ++reports; }, .cancelled = [&] { return reports > 5; }});
  REQUIRE_FALSE(cancelled.has_value());
  CHECK(cancelled.error().code() == Code::kCancelled);
  CHECK(reports > 5);
  require_empty(root);
}
