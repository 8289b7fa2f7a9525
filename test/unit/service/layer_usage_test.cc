// What writable layers take of the disk: how it is counted, and by whom while others wait.
#include "runtime/service/layer_usage.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <semaphore>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/service/layer_walk.h"
#include "test/unit/temp_dir.h"

using namespace runtime::service;
using namespace std::chrono_literals;

namespace {

// Each look at the wall clock is a nanosecond later: what was counted after what.
class HandClock final : public base::Clock {
 public:
  base::Monotonic now() const override { return base::Monotonic(time.load()); }
  base::WallTime wall() const override { return base::WallTime(std::chrono::nanoseconds(++looks_)); }
  std::atomic<base::Monotonic::duration> time{1000s};

 private:
  mutable std::atomic<int64_t> looks_ = 0;
};

// Holds up whoever counts, at the end of each walk, until it is let go.
class HeldClock final : public base::Clock {
 public:
  base::Monotonic now() const override { return base::Monotonic(1000s); }
  base::WallTime wall() const override {
    held_.acquire();
    return base::WallTime(1s);
  }
  void let_go() { held_.release(); }

 private:
  mutable std::counting_semaphore<> held_{0};
};

// du(1) counts blocks of 512 bytes; -x and -P as we do.
uint64_t blocks_of(const std::string& path) {
  struct stat info{};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return static_cast<uint64_t>(info.st_blocks) * 512;
}

void write(const std::string& path, size_t size) {
  std::ofstream(path) << std::string(size, 'x');
  REQUIRE(std::filesystem::file_size(path) == size);
}

base::Result<LayerUsage> count_all(const std::string& folder) {
  LayerWalk walk = TRY(LayerWalk::begin(folder));
  if (!TRY(walk.go_on(base::Monotonic::max()))) return base::fail(base::Code::kInternal, "not over");
  return walk.usage();
}

// A walk needs a step for each.
void make_folders(const std::string& in, int count) {
  for (int i = 0; i < count; ++i) REQUIRE(std::filesystem::create_directories(base::concat(in, "/", i)));
}

base::Monotonic soon() { return std::chrono::steady_clock::now() + 60s; }

}  // namespace

TEST_CASE("a writable layer is counted with all that is in it, and nothing else") {
  const test::TempDir dir;
  const std::string upper = dir / "upper";
  const std::string outside = dir / "outside";
  REQUIRE(std::filesystem::create_directories(upper + "/a/b"));
  write(outside, 1 << 20);
  write(upper + "/small", 10);
  write(upper + "/a/b/large", 300'000);
  for (const char* name : {"/again", "/a/and again"})
    REQUIRE(::link((upper + "/a/b/large").c_str(), (upper + name).c_str()) == 0);
  REQUIRE(::symlink(outside.c_str(), (upper + "/link").c_str()) == 0);
  REQUIRE(::symlink("/", (upper + "/a/root").c_str()) == 0);
  uint64_t bytes = 0;
  for (const char* each : {"", "/a", "/a/b", "/small", "/a/b/large", "/link", "/a/root"})
    bytes += blocks_of(upper + each);

  const auto usage = count_all(upper);
  REQUIRE(usage.has_value());
  CHECK(usage->inodes == 7);
  CHECK(usage->bytes == bytes);
  CHECK(count_all(dir / "none").error().code() == base::Code::kNotFound);
}

TEST_CASE("files with many names are counted once, however many they are") {
  const test::TempDir dir;
  uint64_t bytes = 0;
  constexpr int kNames = 7;
  constexpr int kFiles = 300;
  for (int i = 0; i < kFiles; ++i) {
    const std::string file = dir / std::to_string(i);
    write(file, 1000);
    bytes += blocks_of(file);
    for (int name = 1; name < kNames; ++name) REQUIRE(::link(file.c_str(), base::concat(file, "-", name).c_str()) == 0);
  }
  const auto usage = count_all(dir / ".");
  REQUIRE(usage.has_value());
  CHECK(usage->inodes == kFiles + 1);
  CHECK(usage->bytes == bytes + blocks_of(dir / "."));
}

TEST_CASE("a layer deeper than any path can say is counted whole") {
  const test::TempDir dir;
  constexpr int kDepth = 3000;
  const std::string name = "folder";
  base::UniqueFd at = base::sys::open(dir / ".", O_RDONLY | O_DIRECTORY).value();
  for (int i = 0; i < kDepth; ++i) {
    REQUIRE(base::sys::mkdirat(at.get(), name, 0755));
    at = base::sys::openat(at.get(), name, O_RDONLY | O_DIRECTORY).value();
  }
  const auto usage = count_all(dir / "folder");
  REQUIRE(usage.has_value());
  CHECK(usage->inodes == kDepth);
  at.reset();
  REQUIRE(base::remove_tree(dir / "folder"));
}

TEST_CASE("a walk is interrupted anywhere and gone on with") {
  const test::TempDir dir;
  make_folders(dir / "a", 20);
  for (int i = 0; i < 1000; ++i) write(dir / base::concat("file", i), 1);
  auto walk = LayerWalk::begin(dir / ".");
  REQUIRE(walk.has_value());
  int slices = 1;
  for (; !walk->go_on(base::Monotonic::min()).value(); ++slices) REQUIRE(slices < 10'000);
  CHECK(slices > 20);
  CHECK(walk->usage().inodes == 1022);
  CHECK(walk->usage().bytes == count_all(dir / ".")->bytes);
}

TEST_CASE("a layer is counted again after ten seconds, and one that takes long less often") {
  const base::Monotonic end{50s};
  CHECK(next_walk(end, 5ms) == end + 10s);
  CHECK(next_walk(end, 2s) == end + 200s);
  CHECK(next_walk(end, 100s) == end + 1h);

  const test::TempDir dir;
  HandClock clock;
  LayerUsages usages(clock);
  const auto counted = [&] {
    usages.ask({{"c1", dir / "."}});
    return usages.of("c1", soon());
  };
  const std::optional<LayerUsage> first = counted();
  REQUIRE(first.has_value());
  CHECK(first->inodes == 1);
  write(dir / "new", 1);
  clock.time = 1009s;
  // Another layer's turn comes after it, if it has any.
  usages.ask({{"c1", dir / "."}, {"none", dir / "none"}});
  CHECK_FALSE(usages.of("none", soon()).has_value());
  CHECK(counted()->at == first->at);
  clock.time = 1011s;
  while (counted()->at == first->at) std::this_thread::yield();
  CHECK(counted()->inodes == 2);
}

TEST_CASE("a container that has gone is forgotten, what is asked for anew is counted anew") {
  const test::TempDir dir;
  const HandClock clock;
  LayerUsages usages(clock);
  usages.ask({{"c1", dir / "."}, {"c2", dir / "."}});
  REQUIRE(usages.of("c1", soon()).has_value());
  REQUIRE(usages.of("c2", soon()).has_value());
  usages.keep_only({"c2"});
  CHECK_FALSE(usages.of("c1", soon()).has_value());
  CHECK(usages.of("c2", soon())->inodes == 1);
  write(dir / "new", 1);
  usages.ask({{"c1", dir / "."}, {"c2", dir / "."}});
  CHECK(usages.of("c1", soon())->inodes == 2);
  CHECK(usages.of("c2", soon())->inodes == 1);
}

TEST_CASE("a layer that takes long does not keep the others from being counted") {
  const test::TempDir dir;
  make_folders(dir / "long", 300);
  make_folders(dir / "longer", 600);
  REQUIRE(std::filesystem::create_directories(dir / "short"));
  const HandClock clock;
  LayerUsages usages(clock, 0ms);  // a step at a time
  usages.ask({{"long", dir / "long"}, {"longer", dir / "longer"}, {"short", dir / "short"}});
  const auto short_one = usages.of("short", soon());
  const auto long_one = usages.of("long", soon());
  const auto longer_one = usages.of("longer", soon());
  REQUIRE((short_one && long_one && longer_one));
  CHECK(long_one->inodes == 301);
  CHECK(longer_one->inodes == 601);
  CHECK(short_one->at < long_one->at);
  CHECK(long_one->at < longer_one->at);
}

TEST_CASE("who asks for the first time waits for a moment, once; then it is told as it was counted last") {
  const test::TempDir dir;
  HeldClock clock;
  LayerUsages usages(clock);
  usages.ask({{"c1", dir / "."}});
  const base::Monotonic until = std::chrono::steady_clock::now() + 50ms;
  CHECK_FALSE(usages.of("c1", until).has_value());
  CHECK(std::chrono::steady_clock::now() >= until);
  // For a year, if it waited.
  usages.ask({{"c1", dir / "."}});
  CHECK_FALSE(usages.of("c1", std::chrono::steady_clock::now() + 24h * 365).has_value());
  clock.let_go();
  std::optional<LayerUsage> usage;
  while (!(usage = usages.of("c1", soon()))) std::this_thread::yield();
  CHECK(usage->inodes == 1);
}

TEST_CASE("who waits for a layer hears when its container is forgotten") {
  const test::TempDir dir;
  HeldClock clock;
  LayerUsages usages(clock);
  usages.ask({{"c1", dir / "."}});
  std::thread forgetting([&] { usages.keep_only({}); });
  const base::Monotonic until = soon();
  CHECK_FALSE(usages.of("c1", until).has_value());
  CHECK(std::chrono::steady_clock::now() < until);
  forgetting.join();
  clock.let_go();
}
