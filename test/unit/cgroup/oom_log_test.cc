#include "runtime/cgroup/oom_log.h"

#include <catch2/catch.hpp>

using namespace runtime::cgroup;

namespace {

constexpr const char* kPod = "/kubepods/burstable/pod1";
constexpr const char* kContainer = "/kubepods/burstable/pod1/0123abc";

std::string announced(const std::string& limit, const std::string& name, int pid,
                      const std::string& cgroup = kContainer) {
  return "6,7,100,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=0123abc,mems_allowed=0" + limit +
         ",task_memcg=" + cgroup + ",task=" + name + ",pid=" + std::to_string(pid) + ",uid=0\n";
}

std::string killed(const std::string& name, int pid, const char* what = "Memory cgroup out of memory") {
  return std::string("3,8,101,-;") + what + ": Killed process " + std::to_string(pid) + " (" + name +
         ") total-vm:70000kB, anon-rss:65000kB, file-rss:500kB, shmem-rss:36kB, UID:0 pgtables:168kB "
         "oom_score_adj:1000\n";
}

std::string group(const std::string& cgroup) {
  return "6,9,102,-;Tasks in " + cgroup + " are going to be killed due to memory.oom.group set\n";
}

std::vector<OomKill> kills_of(const std::vector<std::string>& records) {
  OomLogParser parser;
  for (const std::string& record : records) parser.add(record);
  return parser.kills();
}

}  // namespace

TEST_CASE("a kill tells the process, its size, its cgroup and whose limit it was") {
  const auto kills =
      kills_of({"6,1,1,-;eth0: link up\n SUBSYSTEM=net\n", announced(",oom_memcg=/kubepods/burstable/pod1", "java", 77),
                "6,2,1,-;eth0: link down\n", killed("java", 77)});
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].pid == 77);
  CHECK(kills[0].name == "java");
  CHECK(kills[0].resident == 65536UL << 10);
  CHECK(kills[0].cgroup == kContainer);
  CHECK(kills[0].limit_owner == kPod);
  CHECK_FALSE(kills[0].whole_node);
}

TEST_CASE("when the node's memory is full nobody's limit was reached") {
  for (const char* what : {"Out of memory", "Out of memory (oom_kill_allocating_task)"}) {
    const auto kills = kills_of({announced(",global_oom", "java", 77), killed("java", 77, what)});
    REQUIRE(kills.size() == 1);
    CHECK(kills[0].whole_node);
    CHECK(kills[0].limit_owner.empty());
    CHECK(kills[0].cgroup == kContainer);
  }
}

TEST_CASE("a process cannot lie about itself by its name") {
  const auto kills = kills_of({announced(",oom_memcg=/a", "x,pid=1,uid=0", 77), killed(") total-vm:9kB", 77),
                               announced(",oom_memcg=/a", ",task_memcg=/b", 78), killed("y (9) (z", 78),
                               killed("out\\x0aof: Killed", 79)});
  REQUIRE(kills.size() == 3);
  CHECK(kills[0].name == ") total-vm:9kB");
  CHECK(kills[0].cgroup == kContainer);
  CHECK(kills[0].resident == 65536UL << 10);
  CHECK(kills[1].name == "y (9) (z");
  CHECK(kills[1].cgroup == kContainer);
  CHECK(kills[2].name == "out\\x0aof: Killed");
  CHECK(kills[2].pid == 79);
}

TEST_CASE("what a program writes to the kernel's log is not the kernel's word") {
  std::string forged = killed("java", 77);
  forged.replace(0, 1, "11");
  CHECK(kills_of({forged}).empty());
}

TEST_CASE("with memory.oom.group the others are killed for the one that was chosen") {
  const auto kills = kills_of({announced(",oom_memcg=/kubepods/burstable/pod1", "java", 77), killed("java", 77),
                               group(kContainer), killed("sh", 76), killed("java", 77),
                               announced(",oom_memcg=/a", "else", 78, "/a"), killed("else", 78)});
  REQUIRE(kills.size() == 4);
  CHECK_FALSE(kills[0].follower);
  for (const size_t i : {1U, 2U}) {
    CHECK(kills[i].follower);
    CHECK(kills[i].cgroup == kContainer);
    CHECK(kills[i].limit_owner == kPod);
  }
  CHECK_FALSE(kills[3].follower);
  CHECK(kills[3].cgroup == "/a");
}

TEST_CASE("where the kernel says less because it kills often, a kill is nobody else's") {
  const auto kills = kills_of({announced(",oom_memcg=/a", "one", 1), killed("other", 2), killed("one", 1),
                               killed("chosen", 3), group("/kubepods/pod2/g"), killed("member", 4), killed("next", 5),
                               group("/kubepods/pod3/h"), killed("member", 6)});
  REQUIRE(kills.size() == 6);
  CHECK(kills[0].cgroup.empty());
  CHECK(kills[1].cgroup == kContainer);
  for (const size_t i : {2U, 3U}) CHECK(kills[i].cgroup == "/kubepods/pod2/g");
  for (const size_t i : {4U, 5U}) CHECK(kills[i].cgroup == "/kubepods/pod3/h");
  for (const OomKill& kill : kills) CHECK(kill.follower == (kill.name == "member"));
}

TEST_CASE("the kills in a container's cgroup are found, in one below it as well") {
  const auto kills =
      kills_of({announced(",oom_memcg=/a", "first", 1), killed("first", 1),
                announced(",oom_memcg=/a", "second", 2, std::string("/outer") + kContainer + "/init"),
                killed("second", 2), announced(",oom_memcg=/a", "other", 3, "/pod1/0123abcd"), killed("other", 3)});
  const auto found = kills_in(kills, "0123abc");
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "first");
  CHECK(found[1].name == "second");
  CHECK(kills_in(kills, "0123").empty());
}
