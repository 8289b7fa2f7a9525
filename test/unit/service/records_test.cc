#include "runtime/service/records.h"

#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/path.h"
#include "test/unit/temp_dir.h"

using namespace runtime::service;
using test::TempDir;

namespace {

ContainerRecord sample() {
  ContainerRecord record;
  record.id = "c1";
  record.sandbox_id = "s1";
  auto config = std::make_shared<v1::ContainerConfig>();
  config->mutable_metadata()->set_name("main");
  record.config = config;
  record.image_id = "sha256:abc";
  record.groups = {1, 2};
  record.state = ContainerRecord::State::kExited;
  record.started_at = 1'700'000'000'000'000'001;
  record.exit_code = 137;
  record.message = "not UTF-8: \xff";
  return record;
}

}  // namespace

TEST_CASE("a container's record is read as it was written") {
  const TempDir folder;
  REQUIRE(create_files(folder.path(), sample()));
  const auto read = load_container(folder.path());
  REQUIRE(read);
  CHECK(read->id == "c1");
  CHECK(read->config->metadata().name() == "main");
  CHECK(read->groups == std::vector<uint32_t>{1, 2});
  CHECK(read->state == ContainerRecord::State::kExited);
  CHECK(read->started_at == 1'700'000'000'000'000'001);
  CHECK(read->exit_code == 137);
  CHECK(read->message.starts_with("not UTF-8: "));
}

TEST_CASE("a sandbox's record carries the boot it belongs to") {
  const TempDir folder;
  SandboxRecord record;
  record.id = "s1";
  record.config = std::make_shared<v1::PodSandboxConfig>();
  record.state = SandboxRecord::State::kReady;
  record.addresses = {"10.88.0.2"};
  REQUIRE(create_files(folder.path(), record, "boot-1"));
  std::string boot;
  const auto read = load_sandbox(folder.path(), &boot);
  REQUIRE(read);
  CHECK(boot == "boot-1");
  CHECK(read->state == SandboxRecord::State::kReady);
  CHECK(read->addresses == std::vector<std::string>{"10.88.0.2"});
}

TEST_CASE("state that cannot be read is an error that names the file and the fault") {
  const TempDir folder;
  REQUIRE(create_files(folder.path(), sample()));
  const std::string path = base::join_path(folder.path(), "state.json");
  const auto load_with = [&](const char* text) {
    REQUIRE(base::write_file_atomic(path, text, 0600, base::Durability::kCrash));
    const auto read = load_container(folder.path());
    REQUIRE(!read);
    CHECK(read.error().to_string().find(path) != std::string::npos);
    return read.error();
  };
  CHECK(load_with("").code() == base::Code::kDataLoss);
  CHECK(load_with("[]").code() == base::Code::kDataLoss);
  CHECK(load_with("{}").code() == base::Code::kDataLoss);
  const base::Error newer = load_with(R"({"version": 99})");
  CHECK(newer.code() == base::Code::kFailedPrecondition);
  CHECK(newer.to_string().find("newer") != std::string::npos);
  CHECK(load_with(R"({"version": 1, "exitCode": "x"})").to_string().find("exitCode") != std::string::npos);
  CHECK(load_with(R"({"version": 1, "state": "sleeping"})").to_string().find("state") != std::string::npos);
}
