// Bad input: each is one clear message, a status that is not zero, and nothing left behind.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <regex>

#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

// A pod whose container "main" has this command and these further fields.
std::string pod_with(const std::string& command, const std::string& container_fields = "",
                     const std::string& pod_fields = "", const std::string& image = "test:1") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec:\n  hostNetwork: true\n  dnsPolicy: Default\n"
         "  restartPolicy: Never\n" +
         pod_fields + "  containers:\n  - name: main\n    image: '" + image + "'\n    command: [" + command + "]\n" +
         container_fields;
}

TEST_CASE("files that are no pod are refused before anything is done") {
  const Instance node;
  struct Row {
    std::string file;
    std::string message;  // what follows "nodeagent: <stdin>"
  };
  const std::vector<Row> table{
      {"a: [b", ":1:6: not YAML: end of sequence flow not found"},
      {"kind: Pod\n\tx: 1", ":2:1: not YAML: illegal tab when looking for indentation"},
      {"", ": empty: there is no object in it"},
      {"\xff\xfe\x80", ":1:1: is not UTF-8 text"},
      {"[1, 2]", ":1:1: not an object: expected apiVersion, kind, metadata and spec, found a list"},
      {"hello", ":1:1: not an object: expected apiVersion, kind, metadata and spec, found the string \"hello\""},
      {"{apiVersion: batch/v1, kind: Job, metadata: {name: x}, spec: {template: {spec: {restartPolicy: Never, "
       "containers: [{name: a, image: b, resources: {limits: {ephemeral-storage: 1}}}]}}}}",
       ":1:157: spec.template.spec.containers[0].resources.limits[ephemeral-storage]: known to Kubernetes but not "
       "carried out by "
       "this "
       "version of nodeagent"},
      {pod_with("sh", "    commnd: [a]\n"),
       ":12:5: spec.containers[0].commnd: unknown field; did you mean \"command\"?"},
      {pod_with("sh", "    livenessProbe: {tcpSocket: {port: 1}}\n"),
       ":12:5: spec.containers[0].livenessProbe: known to Kubernetes but not carried out by this version of nodeagent"},
      {pod_with("sh", "    resources: {limits: {ephemeral-storage: 1}}\n"),
       ":12:26: spec.containers[0].resources.limits[ephemeral-storage]: known to Kubernetes but not carried out by "
       "this version of "
       "nodeagent"},
      {pod_with("sh", "    lifecycle: {preStop: {sleep: {seconds: 1}}}\n"),
       ":12:5: spec.containers[0].lifecycle: known to Kubernetes but not carried out by this version of nodeagent"},
      {pod_with("sh", "", "  securityContext: {fsGroup: 5}\n"),
       ":8:21: spec.securityContext.fsGroup: known to Kubernetes but not carried out by this version of nodeagent"},
      {pod_with("sh", "    volumeMounts: [{name: none, mountPath: /x}]\n"),
       ":12:21: spec.containers[0].volumeMounts[0].name: Not found: \"none\""},
  };
  for (const Row& row : table) {
    const Ran ran = node.nodeagent({"run", "-"}, row.file);
    INFO(ran.err);
    CHECK(ran.status == 125);
    CHECK(is_one_line(ran.err));
    // Where a parser found that YAML ends is its own affair.
    const std::regex place(R"(^nodeagent: <stdin>:\d+:\d+: not YAML)");
    const bool is_yaml = row.message.find("not YAML") != std::string::npos;
    CHECK((is_yaml ? std::regex_search(ran.err, place) : ran.err == "nodeagent: <stdin>" + row.message + "\n"));
  }
  CHECK(node.leaks() == "");
}

TEST_CASE("pods that cannot come to run end with the reason, told once") {
  const Instance node;
  struct Row {
    std::string pod;
    int status;
    std::string message;  // what follows "nodeagent: pod default/bad Failed: "
  };
  const std::vector<Row> table{
      {pod_with("sh", "", "", "none:1"), 125,
       "container main: image \"none:1\" is not in the local store and cannot be pulled here; bring it with `nodeagent "
       "image import PATH --name none:1`"},
      {pod_with("/busybox"), 127, "start container main: exec /busybox: no such file; the image has /bin/busybox"},
      {pod_with("no-such-thing"), 127, "start container main: exec no-such-thing: no such file in $PATH"},
      {pod_with("/bin/not-executable"), 126,
       "start container main: exec /bin/not-executable: not executable: it has no execute permission"},
      {pod_with("/bin"), 126, "start container main: exec /bin: not executable: it is a folder"},
      {pod_with("id", "    securityContext: {runAsNonRoot: true}\n"), 125,
       "container main: runAsNonRoot is set, but the image runs as root; set runAsUser"},
      {pod_with("id", "    workingDir: /bin/busybox\n"), 125,
       "start container main: enter working directory /bin/busybox: open bin/busybox: Not a directory"},
      {pod_with("id", "    volumeMounts: [{name: v, mountPath: /x}]\n",
                "  volumes: [{name: v, hostPath: {path: /no/such, type: Directory}}]\n"),
       125, "MountVolume.SetUp failed for volume \"v\": hostPath type check failed: /no/such is not a directory"},
  };
  for (const Row& row : table) {
    const Ran ran = node.nodeagent({"run", "-"}, row.pod);
    CHECK(ran.err == "nodeagent: pod default/bad Failed: " + row.message + "\n");
    CHECK(ran.status == row.status);
    CHECK(ran.out.empty());
    CHECK(node.leaks() == "");
  }
}

// An image archive made by test/host/image/make_images.py.
std::string image_archive(const Instance& node, const std::string& kind) {
  const char* scripts = std::getenv("IMAGE_TEST_SCRIPTS");
  REQUIRE(scripts != nullptr);
  std::string path = node.folder() + "/" + kind;
  base::SpawnOptions python;
  python.arguments = {"/usr/bin/python3", std::string(scripts) + "/make_images.py", kind, path};
  python.environment = {"PATH=/usr/bin:/bin"};
  const auto made = base::run(python, "", std::chrono::seconds(60));
  REQUIRE(made.has_value());
  INFO(made->err);
  REQUIRE(made->exit.code == 0);
  return path;
}

TEST_CASE("an image user that the image does not know is told by name") {
  const Instance node;
  const Ran imported = node.nodeagent({"image", "import", image_archive(node, "unknown-user")});
  CAPTURE(imported.err);
  REQUIRE(imported.status == 0);
  const Ran ran = node.nodeagent({"run", "-"}, pod_with("/bin/sh", "", "", "ghost:1"));
  CHECK(ran.status == 125);
  CHECK(ran.err ==
        "nodeagent: pod default/bad Failed: create container main: user ghost is not in the image's /etc/passwd\n");
  CHECK(node.leaks() == "");
}

TEST_CASE("an image's volumes are the user's folders in the container, wherever its links lead") {
  const Instance node;
  const Ran imported = node.nodeagent({"image", "import", image_archive(node, "volumes")});
  CAPTURE(imported.err);
  REQUIRE(imported.status == 0);
  const Ran ran = node.nodeagent(
      {"run", "-"},
      pod_with(
          "/bin/sh",
          "    args: [-c, 'busybox stat -c \"%n %F %u:%g %a\" /full /data /data/new /relative /tmp/nodeagent-volume "
          "/up; echo x > /data/new/file && echo writable; busybox cat /full/content; busybox ls /mounted']\n"
          "    volumeMounts: [{name: v, mountPath: /mounted}]\n",
          "  volumes: [{name: v, emptyDir: {}}]\n", "volumes:1"));
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "main | /full directory 7:0 755\nmain | /data directory 0:0 755\nmain | /data/new directory 1000:0 755\n"
        "main | /relative directory 1000:0 755\nmain | /tmp/nodeagent-volume directory 1000:0 755\n"
        "main | /up directory 1000:0 755\nmain | writable\nmain | of the image\n");
  CHECK(::access("/tmp/nodeagent-volume", F_OK) != 0);
  CHECK(::access("/up", F_OK) != 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("an image's volume that cannot be made is told, and nothing is made on the host") {
  const Instance node;
  REQUIRE(node.nodeagent({"image", "import", image_archive(node, "dangling-volume")}).status == 0);
  const Ran ran = node.nodeagent({"run", "-"}, pod_with("/bin/sh", "", "", "dangling:1"));
  CHECK(ran.status == 125);
  CHECK(is_one_line(ran.err));
  CHECK(ran.err.find("the image's volume /data") != std::string::npos);
  CHECK(::access("/no", F_OK) != 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("archives that are damaged, hostile or for another machine are refused") {
  const Instance node;
  const auto refused = [&](const std::string& path, const std::string& reason) {
    const Ran ran = node.nodeagent({"image", "import", path, "--name", "bad:1"});
    INFO(path << ": " << ran.err);
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    CHECK(is_one_line(ran.err));
    CHECK(ran.err.starts_with("nodeagent: import " + path + ": "));
    CHECK(ran.err.find(reason) != std::string::npos);
    // Told once, not by every layer that passes it on.
    CHECK(ran.err.rfind("import ") == std::string("nodeagent: ").size());
    CHECK(node.nodeagent({"image", "list"}).out.find("bad") == std::string::npos);
    CHECK(node.leaks() == "");
  };
  refused(image_archive(node, "escape"), "leads out of the image");
  refused(image_archive(node, "through-symlink"), "is a symbolic link in the same layer");
  refused(image_archive(node, "absolute-link"), "absolute name \"/etc/passwd\"");
  refused(image_archive(node, "overlay-trusted"), "trusted.overlay.opaque");
  refused(image_archive(node, "bomb-oci"), "decompression bomb");
  refused(image_archive(node, "other-platform"), "the image is for linux/s390x, this machine is linux/");
  const std::string whole = image_archive(node, "large");
  REQUIRE(::truncate(whole.c_str(), 100'000) == 0);
  refused(whole, "runcated");
  refused("/no/such/archive", "No such file or directory");
}

TEST_CASE("who is not root is told so") {
  const Instance node;
  base::SpawnOptions options;
  options.arguments = {"/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};
  // From where anybody may run it: the build's folder may be root's own.
  const std::vector<std::string> command = node.command({"run", "-"});
  const std::string program = node.folder() + "/nodeagent";
  const std::string bytes = base::read_file(command.front(), 1UL << 30).value();
  REQUIRE(base::write_file_atomic(program, bytes, 0755, base::Durability::kCrash).has_value());
  REQUIRE(::chmod(node.folder().c_str(), 0755) == 0);
  options.arguments.push_back(program);
  options.arguments.insert(options.arguments.end(), command.begin() + 1, command.end());
  const auto ran = base::run(options, pod_with("true"), std::chrono::seconds(30));
  REQUIRE(ran.has_value());
  CHECK(ran->exit.code == 125);
  CHECK(ran->err ==
        "nodeagent: nodeagent run needs root: pods are made of namespaces, mounts and cgroups; run it as root, for "
        "example with sudo\n");
  CHECK(node.leaks() == "");
}

// A tmpfs of a few KiB on a folder of the instance.
class SmallDisk {
 public:
  SmallDisk(std::string folder, const std::string& size) : folder_(std::move(folder)) {
    REQUIRE(base::make_dirs(folder_, 0700).has_value());
    REQUIRE(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0);
  }
  ~SmallDisk() { ::umount2(folder_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  const std::string folder_;
};

TEST_CASE("a full disk is the reason that is told, wherever it strikes") {
  const Instance node;
  SECTION("below --state") {
    for (const char* size : {"4k", "8k", "12k", "16k", "20k", "24k", "32k"}) {
      const SmallDisk disk(node.folder() + "/state", size);
      const Ran ran = node.nodeagent({"run", "-"}, pod_with("'true'"));
      INFO(size << ": " << ran.err);
      CHECK(ran.status == 125);
      CHECK(ran.err.find("No space left on device") != std::string::npos);
      CHECK(node.leftovers().empty());
    }
  }
  SECTION("below --root, by an import") {
    const SmallDisk disk(node.folder() + "/root", "1m");
    const Ran ran = node.nodeagent({"image", "import", node.folder() + "/image", "--name", "big:1"});
    CAPTURE(ran.err);
    CHECK(ran.status == 1);
    CHECK(is_one_line(ran.err));
    CHECK(ran.err.find("No space left on device") != std::string::npos);
    CHECK(base::list_folder(node.folder() + "/root/images/tmp")->empty());
    CHECK(base::list_folder(node.folder() + "/root/images/layers")->empty());
  }
  CHECK(node.leftovers().empty());
}

// The text with the version in it made a newer one.
void make_newer(const std::string& path) {
  std::string text = base::read_file(path).value();
  text = std::regex_replace(text, std::regex("\"version\": ?[0-9]+"), "\"version\":99");
  REQUIRE(base::write_file_atomic(path, text, 0600, base::Durability::kCrash).has_value());
}

TEST_CASE("state of a newer version is left alone") {
  const Instance node;
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_of("kept", "while true; do sleep 0.1; done")).status == 0);
  REQUIRE(eventually([&] { return node.listed("kept").find("\"running\":") != std::string::npos; }));
  const std::string sandboxes = node.folder() + "/state/sandboxes";
  const std::string sandbox = sandboxes + "/" + base::list_folder(sandboxes)->front() + "/state.json";
  const std::string before = base::read_file(sandbox).value();
  make_newer(sandbox);
  const Ran ran = node.nodeagent({"run", "-"}, pod_of("other", "true"));
  CHECK(ran.status == 125);
  CHECK(is_one_line(ran.err));
  CHECK(ran.err.find(sandbox + " was written by a newer nodeagent (format 99, this one reads up to 1)") !=
        std::string::npos);
  REQUIRE(base::write_file_atomic(sandbox, before, 0600, base::Durability::kCrash).has_value());
  const Ran removed = node.nodeagent({"rm", "-f", "kept"});
  CAPTURE(removed.err);
  CHECK(removed.status == 0);
  CHECK(node.leaks() == "");
}

}  // namespace
