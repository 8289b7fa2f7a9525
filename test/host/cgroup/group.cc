#include "test/host/cgroup/group.h"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "base/file.h"

namespace cgroup_test {

namespace {

using runtime::cgroup::Cgroup;
using runtime::cgroup::Hierarchy;

std::string own_cgroup() { return "/nodeagent-test-" + std::to_string(::getpid()); }

template <typename T>
T or_fail(base::Result<T> result) {
  if (!result.has_value()) FAIL(result.error().to_string());
  return *std::move(result);
}

base::SpawnOptions busybox(const Cgroup& cgroup, const std::vector<std::string>& applet) {
  base::SpawnOptions options;
  options.arguments = {"/bin/busybox"};
  options.arguments.insert(options.arguments.end(), applet.begin(), applet.end());
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  options.cgroup = cgroup.fd();
  return options;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    (void)::poll(nullptr, 0, 5);
  }
  return true;
}

bool available(std::initializer_list<const char*> controllers) {
  const Hierarchy hierarchy = or_fail(Hierarchy::find());
  for (const char* controller : controllers) {
    if (hierarchy.controllers().contains(controller)) continue;
    const std::string why = std::string("cgroup v2 has no controller '") + controller + "' here";
    if (std::getenv("NODEAGENT_TEST_VM") != nullptr) FAIL(why << ", in the test VM");
    WARN("skipped: " << why);
    return false;
  }
  return true;
}

bool in_test_vm(const char* why_not_here) {
  if (std::getenv("NODEAGENT_TEST_VM") != nullptr) return true;
  WARN("skipped: " << why_not_here);
  return false;
}

Group::Group(const std::string& below)
    : hierarchy_(or_fail(Hierarchy::find())), cgroup_(or_fail(Cgroup::create(hierarchy_, own_cgroup() + below))) {}

Group::~Group() {
  const base::Status removed = runtime::cgroup::remove(hierarchy_, own_cgroup(), std::chrono::seconds(10));
  if (!removed.has_value()) WARN("left behind: " << removed.error().to_string());
}

void Group::set(const std::string& file, const std::string& value) const {
  const base::Status written = base::write_control_file_at(cgroup_.fd(), file, value);
  if (!written.has_value()) FAIL(file << ": " << written.error().to_string());
}

std::string Group::get(const std::string& file) const { return or_fail(base::read_file(cgroup_.path() + "/" + file)); }

uint64_t Group::get(const std::string& file, const std::string& key) const {
  std::istringstream lines(get(file));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(key + " ")) return std::stoull(line.substr(key.size() + 1));
  FAIL(file << " has no " << key);
  return 0;
}

base::Child Group::start(const std::vector<std::string>& applet) const {
  return or_fail(base::spawn(busybox(cgroup_, applet)));
}

base::Output Group::run(const std::vector<std::string>& applet) const {
  return or_fail(base::run(busybox(cgroup_, applet), "", std::chrono::minutes(1)));
}

std::string name_of(const Group& group) { return group.cgroup().path().substr(group.hierarchy().mount_point().size()); }

}  // namespace cgroup_test
