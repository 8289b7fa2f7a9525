#include "test/host/cli/instance.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "cni/bridge.h"
#include "runtime/cgroup/driver.h"
#include "test/fixtures/busybox_root.h"

namespace cli_test {

namespace {

constexpr std::chrono::seconds kLongest(60);

std::string required_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) FAIL(name << " is not set: run this test through meson");
  return value;
}

}  // namespace

Instance::Instance(std::string cgroup_driver) : cgroup_driver_(std::move(cgroup_driver)) {
  std::string pattern = "/tmp/nodeagent-cli-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  name_ = "t" + std::to_string(::getpid());
  if (const base::Status made = fixtures::make_busybox_root(folder_ + "/image"); !made.has_value())
    FAIL(made.error().to_string());
  REQUIRE(base::write_file_atomic(folder_ + "/image/bin/not-executable", "#!/bin/sh\n", 0644, base::Durability::kCrash)
              .has_value());
  const Ran imported = nodeagent({"image", "import", folder_ + "/image", "--name", "test:1"});
  CAPTURE(imported.err);
  REQUIRE(imported.status == 0);
}

Instance::~Instance() {
  for (const std::string& left : leftovers()) {
    if (!left.ends_with(".json")) continue;
    const Ran removed = nodeagent({"rm", "-f", left.substr(0, left.size() - 5)});
    if (removed.status != 0) WARN("not removed: " << removed.err);
  }
  if (const auto hierarchy = runtime::cgroup::Hierarchy::find(); hierarchy.has_value()) {
    runtime::cgroup::Driver cgroups(*hierarchy, runtime::cgroup::MissingControllers::kWarn);
    for (const std::string& cgroup : {"/" + name_, "/" + name_ + ".slice"})
      (void)cgroups.remove(cgroup, std::chrono::seconds(10));
  }
  auto network = cni::BridgeNetwork::open({.bridge = name_ + "-b",
                                           .subnet = cni::default_subnet(name_),
                                           .nft_table = name_,
                                           .state_dir = folder_ + "/root/network",
                                           .locks_dir = folder_ + "/root/locks"});
  if (network.has_value()) {
    if (const base::Status removed = (*network)->remove_all(); !removed.has_value())
      WARN("network left behind: " << removed.error().to_string());
  }
  if (const base::Status removed = base::remove_tree(folder_); !removed.has_value())
    WARN("left behind: " << removed.error().to_string());
}

std::vector<std::string> Instance::command(const std::vector<std::string>& words) const {
  std::vector<std::string> all{required_environment("NODEAGENT"),
                               "--root",
                               folder_ + "/root",
                               "--state",
                               folder_ + "/state",
                               "--log-dir",
                               folder_ + "/logs/pods",
                               "--instance",
                               name_,
                               "--shim",
                               required_environment("NODEAGENT_SHIM")};
  if (cgroup_driver_ != "auto") all.insert(all.end(), {"--cgroup-driver", cgroup_driver_});
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Ran Instance::nodeagent(const std::vector<std::string>& words, const std::string& input) const {
  base::SpawnOptions options;
  options.arguments = command(words);
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  const auto output = base::run(options, input, kLongest);
  if (!output.has_value()) FAIL(output.error().to_string());
  return {output->exit.code, output->out, output->err};
}

Ran Instance::nodeagent_into_file(const std::vector<std::string>& words) const {
  base::SpawnOptions options;
  options.arguments = command(words);
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  const std::string path = folder_ + "/into-file";
  const auto file = base::sys::open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  REQUIRE(file.has_value());
  options.descriptors = {{file->get(), 0}, {file->get(), 1}, {file->get(), 2}};
  auto child = base::spawn(options);
  REQUIRE(child.has_value());
  const auto exit = child->wait(kLongest);
  REQUIRE(exit.has_value());
  return {exit->code, base::read_file(path).value_or(""), ""};
}

base::Child Instance::start(const std::string& name, const std::vector<std::string>& words) const {
  base::SpawnOptions options;
  options.arguments = command(words);
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  const auto open = [&](const char* end) {
    auto fd = base::sys::open(folder_ + "/" + name + end, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    REQUIRE(fd.has_value());
    return *std::move(fd);
  };
  const base::UniqueFd out = open(".out");
  const base::UniqueFd err = open(".err");
  options.descriptors = {{out.get(), 1}, {err.get(), 2}};
  auto child = base::spawn(options);
  REQUIRE(child.has_value());
  return *std::move(child);
}

std::string Instance::output_of(const std::string& name) const {
  return base::read_file(folder_ + "/" + name + ".out").value_or("");
}

std::vector<std::string> Instance::leftovers() const {
  std::vector<std::string> names;
  for (const char* place : {"/state/sandboxes", "/state/pods", "/state/jobs", "/state/cronjobs"}) {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir((folder_ + place).c_str()), ::closedir);
    if (!entries) continue;
    while (const struct dirent* entry = ::readdir(entries.get()))
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

std::string Instance::leaks() const {
  std::string found;
  const auto add = [&](const std::string& what) { found += what + "\n"; };
  std::istringstream mounts(base::read_file("/proc/self/mountinfo").value_or(""));
  for (std::string line; std::getline(mounts, line);)
    if (line.find(folder_ + "/") != std::string::npos) add("mount " + line);
  for (const std::string& pid : base::list_folder("/proc").value_or(std::vector<std::string>())) {
    const std::string cgroup = base::read_file("/proc/" + pid + "/cgroup").value_or("");
    const std::string stat = base::read_file("/proc/" + pid + "/stat").value_or("");
    if (stat.find(") Z ") != std::string::npos) continue;  // dead; whose child it was will reap it
    if (cgroup.find("/" + name_ + "/") != std::string::npos ||
        cgroup.find("/" + name_ + ".slice/") != std::string::npos)
      add("process " + pid);
  }
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  for (const std::string& cgroup : {name_, name_ + ".slice"})
    if (hierarchy.has_value() && ::access(hierarchy->path_of("/" + cgroup).c_str(), F_OK) == 0) add("cgroup " + cgroup);
  if (::access(("/sys/class/net/" + name_ + "-b").c_str(), F_OK) == 0) add("link " + name_ + "-b");
  for (const char* place :
       {"/state/sandboxes", "/state/pods", "/state/jobs", "/state/cronjobs", "/root/pods", "/root/containers",
        "/root/locks/pods", "/root/locks/sandboxes", "/root/images/tmp", "/logs/pods", "/logs/containers"})
    for (const std::string& name : base::list_folder(folder_ + place).value_or(std::vector<std::string>()))
      add(std::string(place) + "/" + name);
  return found;
}

std::string Instance::listed(const std::string& pod) const {
  const Ran ps = nodeagent({"ps", "-o", "json"});
  const auto list = nlohmann::json::parse(ps.out, nullptr, false);
  if (list.is_discarded()) FAIL("ps gave no JSON: " << ps.err);
  for (const auto& item : list["items"])
    if (item["metadata"]["name"] == pod) return item.dump();
  return "null";
}

std::string pod_of(const std::string& name, const std::string& script, const std::string& more) {
  return "{apiVersion: v1, kind: Pod, metadata: {name: " + name +
         "}, spec: {hostNetwork: true, dnsPolicy: Default, restartPolicy: Never, terminationGracePeriodSeconds: 2, " +
         more + "containers: [{name: main, image: 'test:1', command: [sh, -c, '" + script + "']}]}}";
}

bool is_one_line(const std::string& text) { return !text.empty() && text.find('\n') == text.size() - 1; }

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    // What is waited for is another program's output: nothing to poll on but itself.
    (void)::poll(nullptr, 0, 20);
  }
  return true;
}

}  // namespace cli_test
