#include "base/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/sys.h"
#include "test/unit/temp_dir.h"

using base::Child;
using base::Code;
using base::Output;
using base::SpawnOptions;
using namespace std::chrono_literals;

namespace {

SpawnOptions shell(const std::string& script) {
  return {.arguments = {"/bin/sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}};
}

Output run_shell(const std::string& script, std::string_view input = "") {
  return base::run(shell(script), input, 30s).value();
}

bool exists(pid_t pid) { return ::kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("a program's streams and exit status come back") {
  const Output output = run_shell("cat; echo problem >&2; exit 3", "given\n");
  CHECK(output.out == "given\n");
  CHECK(output.err == "problem\n");
  CHECK(output.exit.code == 3);
  CHECK(output.exit.signal == 0);
  CHECK_FALSE(output.truncated);
}

TEST_CASE("a program that a signal ended is told apart") {
  const Output output = run_shell("kill -TERM $$");
  CHECK(output.exit.signal == SIGTERM);
  CHECK(output.exit.code == 128 + SIGTERM);
}

TEST_CASE("a program that cannot be executed is an error with its errno") {
  const auto missing = base::spawn({.arguments = {"/no/such/program"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().os_errno() == ENOENT);
  CHECK(missing.error().to_string() == "execute /no/such/program: No such file or directory");

  const test::TempDir dir;
  std::ofstream(dir / "plain") << "text";
  CHECK(base::spawn({.arguments = {dir / "plain"}}).error().os_errno() == EACCES);
  std::filesystem::permissions(dir / "plain", std::filesystem::perms::owner_all);
  CHECK(base::spawn({.arguments = {dir / "plain"}}).error().os_errno() == ENOEXEC);
  CHECK(base::spawn({}).error().code() == Code::kInvalidArgument);

  SpawnOptions lost = shell("true");
  lost.working_directory = dir / "none";
  const auto no_folder = base::spawn(lost);
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().os_errno() == ENOENT);
  CHECK_THAT(no_folder.error().to_string(), Catch::Contains("in folder " + (dir / "none")));
}

TEST_CASE("failed starts leave no zombie") {
  for (int i = 0; i < 20; ++i) REQUIRE_FALSE(base::spawn({.arguments = {"/no/such/program"}}));
  siginfo_t info{};
  CHECK((::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 && errno == ECHILD));
}

TEST_CASE("nothing is inherited but what is passed") {
  ::setenv("LEAKED", "yes", 1);
  const base::UniqueFd open_file = base::sys::open("/dev/null", O_RDONLY).value();
  const int inheritable = ::fcntl(open_file.get(), F_DUPFD, 20);  // without close-on-exec
  REQUIRE(inheritable >= 20);
  const base::UniqueFd owner(inheritable);
  SpawnOptions options = shell("env | grep -v ^PWD=; ls /proc/self/fd | wc -l; pwd");
  options.environment.emplace_back("GIVEN=1");
  options.working_directory = "/usr";
  const Output output = base::run(options, "", 30s).value();
  // ls has its own descriptor of the folder besides 0, 1 and 2.
  CHECK_THAT(output.out, Catch::EndsWith("4\n/usr\n"));
  CHECK_THAT(output.out, Catch::Contains("GIVEN=1\n"));
  CHECK_THAT(output.out, !Catch::Contains("LEAKED"));
  ::unsetenv("LEAKED");
}

TEST_CASE("streams that are not named are /dev/null") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const base::UniqueFd read(ends[0]);
  base::UniqueFd write(ends[1]);
  SpawnOptions options = shell("readlink /proc/self/fd/0 /proc/self/fd/2 >&3");
  options.descriptors = {{write.get(), 3}};
  Child child = base::spawn(options).value();
  write.reset();
  CHECK(base::read_fd(read.get()).value() == "/dev/null\n/dev/null\n");
  CHECK(child.wait(30s).value().code == 0);
}

TEST_CASE("descriptors reach the numbers asked for, even where they swap places") {
  const test::TempDir dir;
  for (const char* name : {"a", "b"}) std::ofstream(dir / name) << name;
  const base::UniqueFd a = base::sys::open(dir / "a", O_RDONLY).value();
  const base::UniqueFd b = base::sys::open(dir / "b", O_RDONLY).value();
  REQUIRE((a.get() > 2 && a.get() < 10 && b.get() > 2 && b.get() < 10));
  SpawnOptions options = shell(base::concat("cat <&", b.get(), "; cat <&", a.get(), "; cat <&9"));
  const base::UniqueFd c = base::sys::open(dir / "a", O_RDONLY).value();
  options.descriptors = {{a.get(), b.get()}, {b.get(), a.get()}, {c.get(), 9}};
  CHECK(base::run(options, "", 30s).value().out == "aba");

  options.descriptors = {{a.get(), 1}};
  CHECK(base::run(options, "", 30s).error().code() == Code::kInvalidArgument);
  options.descriptors = {{999, 3}};
  CHECK(base::spawn(options).error().os_errno() == EBADF);
}

TEST_CASE("the child starts with no signal blocked or ignored, whatever the parent does") {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
  const auto old_handler = ::signal(SIGPIPE, SIG_IGN);
  const Output output = run_shell("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  ::signal(SIGPIPE, old_handler);
  sigset_t after;
  REQUIRE(::pthread_sigmask(SIG_SETMASK, &before, &after) == 0);
  CHECK(output.out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  // And the parent's own mask is as it was.
  CHECK(::sigismember(&after, SIGTERM) == 1);
  CHECK(::sigismember(&after, SIGUSR1) == 0);
}

TEST_CASE("a session of its own, where asked for") {
  SpawnOptions options = shell("cut -d' ' -f1,6 /proc/$$/stat");
  options.new_session = true;
  const std::string own = base::run(options, "", 30s).value().out;
  const size_t space = own.find(' ');
  CHECK(own.substr(0, space) + "\n" == own.substr(space + 1));
  options.new_session = false;
  CHECK(base::run(options, "", 30s).value().out != own);
}

TEST_CASE("a program that does not end is killed at the deadline") {
  const auto begin = std::chrono::steady_clock::now();
  const auto result = base::run(shell("exec sleep 1000"), "", 50ms);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == Code::kDeadlineExceeded);
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
  siginfo_t info{};
  CHECK((::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 && errno == ECHILD));
}

TEST_CASE("a program that never stops writing is held to its deadline and to the limit") {
  const auto result = base::run(shell("exec yes"), "", 50ms, 1000);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == Code::kDeadlineExceeded);
}

TEST_CASE("output beyond the limit is dropped, and said to be") {
  const Output output = base::run(shell("head -c 300000 /dev/zero | tr '\\0' x; echo end >&2"), "", 30s, 1000).value();
  CHECK(output.out == std::string(1000, 'x'));
  CHECK(output.err == "end\n");
  CHECK(output.truncated);
  CHECK(output.exit.code == 0);
}

TEST_CASE("large input is read or left as the program likes") {
  const std::string input(1 << 20, 'i');
  CHECK(run_shell("wc -c", input).out == "1048576\n");
  CHECK(run_shell("exit 0", input).exit.code == 0);
}

TEST_CASE("a grandchild that keeps the streams open does not hold run()") {
  // The inner shell ends when its stdin, the read end of a pipe that we hold, is closed.
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  base::UniqueFd read(ends[0]);
  const base::UniqueFd write(ends[1]);
  SpawnOptions options = shell("sh -c 'read line <&3' & echo started");
  options.descriptors = {{read.get(), 3}};
  const auto output = base::run(options, "", 30s);
  REQUIRE(output);
  CHECK(output->out == "started\n");
}

TEST_CASE("a child that goes out of scope is killed and reaped") {
  pid_t pid = -1;
  {
    const Child child = base::spawn(shell("exec sleep 1000")).value();
    pid = child.pid();
    CHECK(exists(pid));
  }
  CHECK_FALSE(exists(pid));
  Child kept = base::spawn(shell("exec sleep 1000")).value();
  const pid_t first = kept.pid();
  kept = base::spawn(shell("exec sleep 1000")).value();
  CHECK_FALSE(exists(first));
  CHECK(exists(kept.pid()));
}

TEST_CASE("waiting has an end, and a child can be waited for once") {
  Child child = base::spawn(shell("exec sleep 1000")).value();
  const auto early = child.wait(1ms);
  REQUIRE_FALSE(early);
  CHECK(early.error().code() == Code::kDeadlineExceeded);
  REQUIRE(child.signal(SIGTERM));
  CHECK(child.wait(30s).value().signal == SIGTERM);
  CHECK(child.wait(0ms).error().code() == Code::kFailedPrecondition);
  CHECK(child.signal(SIGTERM).error().code() == Code::kFailedPrecondition);
}

TEST_CASE("a released child lives on") {
  base::UniqueFd pidfd;
  {
    Child child = base::spawn(shell("exec sleep 1000")).value();
    pidfd = child.release();
  }
  CHECK_FALSE(base::sys::waitid_pidfd(pidfd.get(), WNOHANG).value().has_value());
  REQUIRE(base::sys::pidfd_send_signal(pidfd.get(), SIGKILL));
  CHECK(base::sys::waitid_pidfd(pidfd.get(), 0).value()->signal == SIGKILL);
}

TEST_CASE("threads start programs at the same time") {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j) {
        const auto output = base::run(shell("echo hello"), "", 30s);
        if (output && output->out == "hello\n") ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 40);
}
