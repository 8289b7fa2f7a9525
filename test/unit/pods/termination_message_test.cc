#include "agent/pods/termination_message.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "agent/pods/naming.h"
#include "cri-proto/messages.h"
#include "test/unit/temp_dir.h"

namespace {

namespace v1 = ::runtime::v1;
using namespace agent::pods;

struct Ended {
  Ended() {
    auto& annotations = *status.mutable_annotations();
    annotations[kMessagePathAnnotation] = "/dev/termination-log";
    annotations[kMessagePolicyAnnotation] = "File";
    v1::Mount& mount = *status.add_mounts();
    mount.set_container_path("/dev/termination-log");
    mount.set_host_path(folder.path() + "/message");
    status.set_log_path(folder.path() + "/0.log");
    status.set_exit_code(1);
  }
  void say(const std::string& text) const { std::ofstream(folder.path() + "/message") << text; }
  void log(const std::string& text) const { std::ofstream(folder.path() + "/0.log") << text; }
  void fall_back() { (*status.mutable_annotations())[kMessagePolicyAnnotation] = "FallbackToLogsOnError"; }

  test::TempDir folder;
  v1::ContainerStatus status;
};

TEST_CASE("the termination message is the end of its file") {
  Ended ended;
  CHECK(termination_message(ended.status).empty());
  ended.say("the disk is full\n");
  CHECK(termination_message(ended.status) == "the disk is full\n");
  ended.say(std::string(10'000, 'a') + std::string(4095, 'b') + "c");
  CHECK(termination_message(ended.status) == std::string(4095, 'b') + "c");
  ended.status.mutable_mounts(0)->set_container_path("/elsewhere");
  CHECK(termination_message(ended.status).empty());
}

TEST_CASE("where it is empty and the container failed it may be the end of the log") {
  Ended ended;
  const std::string time = "2026-11-22T09:50:16.123456789Z";
  std::string log;
  for (int i = 1; i <= 100; ++i) log += time + " stdout F " + std::to_string(i) + "\n";
  log += time + " stderr P one \n" + time + " stderr F line\n";
  ended.log(log);
  CHECK(termination_message(ended.status).empty());
  ended.fall_back();
  std::string expected;
  for (int i = 22; i <= 100; ++i) expected += std::to_string(i) + "\n";
  CHECK(termination_message(ended.status) == expected + "one line\n");
  ended.say("said");
  CHECK(termination_message(ended.status) == "said");
  ended.say("");
  ended.status.set_exit_code(0);
  CHECK(termination_message(ended.status).empty());
  ended.status.set_exit_code(128);
  ended.status.set_reason("StartError");
  CHECK(termination_message(ended.status).empty());

  ended.status.set_reason("Error");
  ended.log(time + " stdout F " + std::string(3000, 'x') + "\n");
  CHECK(termination_message(ended.status) == std::string(2047, 'x') + "\n");
  ended.status.set_log_path("/nowhere/0.log");
  CHECK_THAT(termination_message(ended.status), Catch::StartsWith("Error on reading termination message from logs: ") &&
                                                    Catch::Contains("/nowhere/0.log"));
}

TEST_CASE("a termination message that cannot be read says so") {
  Ended ended;
  ended.status.mutable_mounts(0)->set_host_path(ended.folder.path());
  CHECK_THAT(termination_message(ended.status),
             Catch::StartsWith("Error on reading termination log ") && Catch::Contains("not a regular file"));
}

}  // namespace
