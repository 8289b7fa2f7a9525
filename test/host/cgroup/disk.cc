#include "test/host/cgroup/disk.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/spawn.h"
#include "test/host/cgroup/group.h"

namespace cgroup_test {

namespace {

base::Output run_tool(std::vector<std::string> arguments) {
  base::SpawnOptions options;
  options.arguments = std::move(arguments);
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  auto ended = base::run(options, "", kLongest);
  if (!ended.has_value()) FAIL(ended.error().to_string());
  return *std::move(ended);
}

}  // namespace

Disk::Disk(int64_t bytes) {
  run_tool({"/sbin/modprobe", "loop"});
  std::string pattern = "/tmp/nodeagent-disk-XXXXXX";
  const base::UniqueFd file(::mkstemp(pattern.data()));
  REQUIRE(file.get() >= 0);
  file_ = pattern;
  REQUIRE(::ftruncate(file.get(), bytes) == 0);
  const base::Output made = run_tool({"/sbin/losetup", "--find", "--show", file_});
  CAPTURE(made.err);
  REQUIRE(made.exit.code == 0);
  device_ = made.out.substr(0, made.out.find('\n'));
}

Disk::~Disk() {
  run_tool({"/sbin/losetup", "--detach", device_});
  ::unlink(file_.c_str());
}

std::string Disk::number() const {
  struct stat found{};
  REQUIRE(::stat(device_.c_str(), &found) == 0);
  return std::to_string(major(found.st_rdev)) + ":" + std::to_string(minor(found.st_rdev));
}

}  // namespace cgroup_test
