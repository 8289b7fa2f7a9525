#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/sys.h"
#include "runtime/shim/execute.h"
#include "runtime/shim/exit_record.h"
#include "runtime/shim/frame_io.h"
#include "runtime/shim/mount_options.h"
#include "runtime/shim/oom_kills.h"
#include "runtime/shim/process_setup.h"
#include "runtime/shim/rootfs.h"
#include "test/unit/temp_dir.h"

namespace shim = runtime::shim;
using base::Code;

TEST_CASE("mount options are sorted by who carries them out") {
  const auto options = shim::parse_mount_options({"rbind", "nosuid", "ro", "rslave", "mode=755", "newinstance", "rro"});
  CHECK(options.set == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY));
  CHECK(options.clear == 0);
  CHECK(options.recursive_set == MOUNT_ATTR_RDONLY);
  CHECK(options.propagation == MS_SLAVE);
  CHECK(options.propagation_recursive);
  CHECK(options.data == std::vector<std::string>{"mode=755", "newinstance"});
}

TEST_CASE("a later mount option takes back an earlier one") {
  const auto writable = shim::parse_mount_options({"ro", "rw"});
  CHECK(writable.set == 0);
  CHECK(writable.clear == MOUNT_ATTR_RDONLY);
  const auto read_only = shim::parse_mount_options({"rw", "ro"});
  CHECK(read_only.set == MOUNT_ATTR_RDONLY);
  CHECK(read_only.clear == 0);
  const auto times = shim::parse_mount_options({"noatime", "strictatime"});
  CHECK(times.set == MOUNT_ATTR_STRICTATIME);
  CHECK(times.clear == MOUNT_ATTR__ATIME);
  const auto relatime = shim::parse_mount_options({"relatime"});
  CHECK(relatime.data.empty());
  CHECK(relatime.clear == MOUNT_ATTR__ATIME);
}

TEST_CASE("overlay data names layers relative to their folder and escapes what would split it") {
  CHECK(shim::overlay_data({.layers_dir = "/l", .lower = {"b", "a:1"}, .upper = "/u,p", .work = "/w"}) ==
        "lowerdir=b:a\\:1,upperdir=/u\\,p,workdir=/w,redirect_dir=off,metacopy=off,index=off");
}

TEST_CASE("codes cross the wire unchanged") {
  for (int i = 0; i <= static_cast<int>(Code::kInternal); ++i) {
    CHECK(shim::code_from_wire(shim::code_to_wire(static_cast<Code>(i))) == static_cast<Code>(i));
  }
  CHECK(shim::code_to_wire(Code::kNotFound) == 5);
  CHECK(shim::code_to_wire(Code::kUnavailable) == 14);
  CHECK(shim::code_from_wire(99) == Code::kInternal);
}

TEST_CASE("frames and their descriptors cross a socket; what a peer does not send is zero") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  const base::UniqueFd left(ends[0]);
  base::UniqueFd right(ends[1]);
  shim::Frame sent;
  sent.type = shim::MessageType::kKill;
  sent.request_id = 42;
  shim::put_text(sent.container_id, std::string(200, 'x'));
  const std::vector<int> descriptors(shim::kMaxFrameDescriptors, left.get());
  REQUIRE(shim::send_frame(left.get(), sent, descriptors));
  auto got = shim::receive_frame(right.get());
  REQUIRE(got);
  REQUIRE(got->has_value());
  CHECK((*got)->frame.request_id == 42);
  CHECK(shim::text_of((*got)->frame.container_id).size() == shim::kIdBytes - 1);
  CHECK((*got)->descriptors.size() == shim::kMaxFrameDescriptors);
  REQUIRE(::send(left.get(), &sent, shim::kMinFrameBytes, 0) > 0);
  got = shim::receive_frame(right.get());
  REQUIRE(got);
  CHECK((*got)->frame.request_id == 42);
  CHECK(shim::text_of((*got)->frame.container_id).empty());
  got = shim::receive_frame(right.get());
  REQUIRE(got);
  CHECK_FALSE(got->has_value());
  REQUIRE(::send(left.get(), "x", 1, 0) == 1);
  got = shim::receive_frame(right.get());
  REQUIRE_FALSE(got);
  CHECK(got.error().code() == Code::kInvalidArgument);
  right.reset();
  CHECK_FALSE(shim::send_frame(left.get(), sent));
}

// What a call that was before has left: each word would be a control message that passes thousands of descriptors.
[[gnu::noinline]] static void leave_control_messages_on_the_stack() {
  volatile uint64_t words[2048];
  for (volatile uint64_t& word : words) word = (uint64_t{SCM_RIGHTS} << 32) | SOL_SOCKET;
}

TEST_CASE("a peer that dies before it has read its answer passes no descriptors") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  const base::UniqueFd left(ends[0]);
  base::UniqueFd right(ends[1]);
  REQUIRE(shim::send_frame(left.get(), {}));
  right.reset();
  leave_control_messages_on_the_stack();
  const auto got = shim::receive_frame(left.get());  // the kernel says ECONNRESET
  REQUIRE_FALSE(got);
  CHECK(got.error().code() == Code::kUnavailable);
}

TEST_CASE("exit records: nothing yet, then what was written, and what is none") {
  const test::TempDir dir;
  const auto file = shim::create_exit_record(dir / "exit");
  REQUIRE(file);
  CHECK(shim::create_exit_record(dir / "exit").error().code() == Code::kAlreadyExists);
  CHECK(shim::read_exit_record(dir / "exit")->outcome == shim::Outcome::kNone);
  shim::ExitRecord record;
  record.outcome = shim::Outcome::kExited;
  record.exit_code = 3;
  record.finished_at_ns = 5;
  record.oom_kills = 2;
  REQUIRE(shim::write_exit_record(file->get(), record));
  const auto read = shim::read_exit_record(dir / "exit");
  REQUIRE(read);
  CHECK(read->exit_code == 3);
  CHECK(read->finished_at_ns == 5);
  CHECK(read->oom_kills == 2);
  CHECK(shim::read_exit_record(dir / "none").error().code() == Code::kNotFound);
  std::ofstream(dir / "short") << "x";
  CHECK(shim::read_exit_record(dir / "short").error().code() == Code::kDataLoss);
  std::ofstream(dir / "other") << std::string(4096, 'x');
  CHECK(shim::read_exit_record(dir / "other").error().code() == Code::kDataLoss);
}

TEST_CASE("the kernel's count of kills for lack of memory") {
  CHECK(shim::oom_kills_in("low 0\nhigh 0\nmax 31\noom 4\noom_kill 3\noom_group_kill 1\n") == 3);
  CHECK(shim::oom_kills_in("oom_kill 18446744073709551615\n") == shim::kOomKillsUnknown - 1);
  CHECK(shim::oom_kills_in("low 0\nhigh 0\n") == 0);
  CHECK(shim::oom_kills_in("oom_kill") == 0);
  const test::TempDir dir;
  const auto folder = base::sys::open(dir / "", O_PATH | O_DIRECTORY);
  REQUIRE(folder);
  CHECK(shim::count_oom_kills(folder->get()) == shim::kOomKillsUnknown);
  std::ofstream(dir / "cgroup.procs") << "";
  CHECK(shim::count_oom_kills(folder->get()) == 0);
  std::ofstream(dir / "memory.events") << "oom_kill 1\n";
  CHECK(shim::count_oom_kills(folder->get()) == 1);
}

TEST_CASE("interpreters of scripts and programs") {
  const test::TempDir dir;
  std::ofstream(dir / "script") << "#! /bin/sh -e\ntext";
  CHECK(shim::interpreter_of(dir / "script") == "/bin/sh");
  std::ofstream(dir / "text") << "just text";
  CHECK(shim::interpreter_of(dir / "text").empty());
  CHECK_THAT(shim::interpreter_of("/proc/self/exe"), Catch::Contains("/ld-linux"));
}

TEST_CASE("names of steps") {
  CHECK(shim::step_name(shim::Step::kPivotRoot) == "pivot_root");
  CHECK(shim::step_name(shim::Step::kKeyring) == "keyring");
}
