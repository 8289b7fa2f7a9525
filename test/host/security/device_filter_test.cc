// The device rules on a real cgroup: which nodes a process in it can make and open.
#include "runtime/security/device_filter.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "runtime/cgroup/cgroup.h"

namespace runtime::security {
namespace {

using oci::DeviceRule;

// A cgroup, and a tmpfs that device nodes can be made on.
class Place {
 public:
  Place() {
    std::string pattern = std::filesystem::temp_directory_path() / "devices-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    REQUIRE(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, nullptr) == 0);
    cgroup_name_ = "/nodeagent-test-devices-" + std::to_string(::getpid());
  }
  ~Place() {
    (void)cgroup::remove(hierarchy_, cgroup_name_, std::chrono::seconds(5));
    ::umount2(folder_.c_str(), MNT_DETACH);
    ::rmdir(folder_.c_str());
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  const cgroup::Cgroup& group() {
    if (group_.empty()) group_.push_back(cgroup::Cgroup::create(hierarchy_, cgroup_name_).value());
    return group_.front();
  }
  std::string node(const char* name) const { return folder_ + "/" + name; }

  // The errno of what a process in the cgroup does, 0 when it succeeds.
  template <typename Act>
  int inside(Act act) {
    const int directory = group().fd();
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      if (!base::write_control_file_at(directory, "cgroup.procs", "0")) ::_exit(254);
      ::_exit(act() < 0 ? errno : 0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) != 254);
    return WEXITSTATUS(status);
  }
  int open(const std::string& path, int flags) {
    return inside([&] { return ::open(path.c_str(), flags | O_CLOEXEC); });
  }
  int make(const char* name, mode_t type, unsigned major, unsigned minor) {
    const std::string path = node(name);
    return inside([&] { return ::mknod(path.c_str(), type | 0600, makedev(major, minor)); });
  }

 private:
  std::string folder_;
  std::string cgroup_name_;
  cgroup::Hierarchy hierarchy_ = cgroup::Hierarchy::find().value();
  std::vector<cgroup::Cgroup> group_;
};

base::Status attach_device_filter(int cgroup, const std::vector<DeviceRule>& rules) {
  static DeviceFilters filters;
  return filters.attach(cgroup, rules);
}

DeviceRule rule(bool allow, const char* type, std::optional<int64_t> major, std::optional<int64_t> minor,
                const char* access) {
  return {.allow = allow, .type = type, .major = major, .minor = minor, .access = access};
}

TEST_CASE("only what the rules allow can be opened") {
  Place place;
  REQUIRE(::mknod(place.node("null").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0);
  REQUIRE(::mknod(place.node("zero").c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0);
  REQUIRE(place.open(place.node("zero"), O_RDWR) == 0);

  const base::Status attached = attach_device_filter(
      place.group().fd(), {rule(false, "a", {}, {}, "rwm"), rule(true, "c", {}, {}, "m"), rule(true, "c", 1, 3, "rw"),
                           rule(true, "c", 1, 5, "r"), rule(true, "c", 136, {}, "rwm")});
  INFO((attached ? "" : attached.error().to_string()));
  REQUIRE(attached.has_value());
  CHECK(place.open(place.node("null"), O_RDWR) == 0);
  CHECK(place.open(place.node("zero"), O_RDONLY) == 0);
  CHECK(place.open(place.node("zero"), O_RDWR) == EPERM);
  CHECK(place.open(place.node("zero"), O_WRONLY) == EPERM);
  CHECK(place.open("/dev/urandom", O_RDONLY) == EPERM);
  CHECK(place.make("disk", S_IFBLK, 7, 0) == EPERM);
  CHECK(place.make("any", S_IFCHR, 10, 229) == 0);
  CHECK(place.open(place.node("any"), O_RDONLY) == EPERM);
  // Files that are not devices are nobody's business here.
  CHECK(place.open("/etc/passwd", O_RDONLY) == 0);
}

TEST_CASE("a later call replaces the rules, the last fitting rule decides") {
  Place place;
  const int group = place.group().fd();
  REQUIRE(attach_device_filter(group, {rule(false, "", {}, {}, "rwm")}).has_value());
  CHECK(place.open("/dev/null", O_RDONLY) == EPERM);
  REQUIRE(attach_device_filter(group, {rule(true, "", {}, {}, "rwm"), rule(false, "c", 1, 5, "w")}).has_value());
  CHECK(place.open("/dev/null", O_RDONLY) == 0);
  CHECK(place.open("/dev/zero", O_RDONLY) == 0);
  CHECK(place.open("/dev/zero", O_RDWR) == EPERM);
}

TEST_CASE("the same rules again change nothing, for one cgroup and for many") {
  Place place;
  DeviceFilters first;
  DeviceFilters after_a_restart;
  const std::vector<DeviceRule> rules = {rule(true, "c", 1, 3, "rw")};
  for (DeviceFilters* filters : {&first, &first, &after_a_restart, &after_a_restart}) {
    REQUIRE(filters->attach(place.group().fd(), rules).has_value());
    CHECK(place.open("/dev/null", O_RDONLY) == 0);
    CHECK(place.open("/dev/zero", O_RDONLY) == EPERM);
  }
  // More attachments than a cgroup takes programs: earlier ones are gone.
  for (int i = 0; i < 70; ++i) {
    REQUIRE(first.attach(place.group().fd(), {rule(true, "c", 1, i, "r")}).has_value());
  }
  CHECK(place.open("/dev/null", O_RDONLY) == EPERM);
}

TEST_CASE("no rules allow nothing, wrong ones are refused") {
  Place place;
  const int group = place.group().fd();
  REQUIRE(attach_device_filter(group, {}).has_value());
  CHECK(place.open("/dev/null", O_RDONLY) == EPERM);
  CHECK(attach_device_filter(group, {rule(true, "x", 1, 3, "r")}).error().code() == base::Code::kInvalidArgument);
  CHECK(attach_device_filter(group, {rule(true, "c", 1, 3, "x")}).error().code() == base::Code::kInvalidArgument);
  CHECK(attach_device_filter(group, {rule(true, "c", 1, 3, "")}).error().code() == base::Code::kInvalidArgument);
  CHECK(attach_device_filter(group, {rule(true, "c", -5, 3, "r")}).error().code() == base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace runtime::security
