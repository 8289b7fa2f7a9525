#include "cni/pool.h"

#include <catch2/catch.hpp>

using base::Code;
using cni::Pool;
using cni::Subnet;

namespace {

constexpr Subnet kSmall{.network = 0x0a580000, .prefix = 29};  // 10.88.0.0/29: pods .2 to .6
const std::string kBoot = "b00t-1";

Pool reread(const Pool& pool) {
  auto again = Pool::parse(pool.text(), kSmall, kBoot);
  REQUIRE(again.has_value());
  return *again;
}

}  // namespace

TEST_CASE("addresses start after the gateway and are given next-fit") {
  Pool pool(kSmall, kBoot);
  CHECK(cni::ipv4_text(pool.allocate("a").value()) == "10.88.0.2");
  CHECK(cni::ipv4_text(pool.allocate("b").value()) == "10.88.0.3");
  CHECK(pool.release("a"));
  CHECK_FALSE(pool.release("a"));
  pool = reread(pool);
  CHECK(cni::ipv4_text(pool.allocate("c").value()) == "10.88.0.4");
  CHECK(cni::ipv4_text(pool.allocate("d").value()) == "10.88.0.5");
  CHECK(cni::ipv4_text(pool.allocate("e").value()) == "10.88.0.6");
  // Only now, after the last of the subnet, the freed one comes again; neither gateway nor broadcast ever does.
  CHECK(cni::ipv4_text(pool.allocate("f").value()) == "10.88.0.2");
}

TEST_CASE("a sandbox keeps its address when it asks again") {
  Pool pool(kSmall, kBoot);
  const auto first = pool.allocate("a").value();
  pool = reread(pool);
  CHECK(pool.allocate("a").value() == first);
  CHECK(pool.in_use().size() == 1);
  CHECK(pool.find("a") == first);
  CHECK_FALSE(pool.find("b").has_value());
}

TEST_CASE("an address that was struck out is free") {
  Pool pool(kSmall, kBoot);
  const auto kept = pool.allocate("a").value();
  REQUIRE(pool.allocate("b").has_value());
  std::string text = pool.text();
  text[text.find("address 10.88.0.3")] = '#';
  const auto read = Pool::parse(text, kSmall, kBoot);
  REQUIRE(read.has_value());
  CHECK(read->find("a") == kept);
  CHECK_FALSE(read->find("b").has_value());
  CHECK(read->text().find('#') == std::string::npos);
}

TEST_CASE("a full subnet says so, and how many use it") {
  Pool pool(kSmall, kBoot);
  for (const char* id : {"a", "b", "c", "d", "e"}) REQUIRE(pool.allocate(id).has_value());
  const auto full = pool.allocate("f");
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().code() == Code::kResourceExhausted);
  CHECK_THAT(full.error().to_string(), Catch::Contains("10.88.0.0/29") && Catch::Contains("all 5"));
  REQUIRE(pool.release("c"));
  CHECK(cni::ipv4_text(pool.allocate("f").value()) == "10.88.0.4");
}

TEST_CASE("a reboot frees every address but goes on after the last") {
  Pool pool(kSmall, kBoot);
  REQUIRE(pool.allocate("a").has_value());
  auto later = Pool::parse(pool.text(), kSmall, "b00t-2");
  REQUIRE(later.has_value());
  CHECK(later->in_use().empty());
  CHECK(cni::ipv4_text(later->allocate("b").value()) == "10.88.0.3");
}

TEST_CASE("another subnet takes the pool over only when it is empty") {
  const Subnet other = cni::parse_subnet("10.99.0.0/24").value();
  Pool pool(kSmall, kBoot);
  REQUIRE(pool.allocate("a").has_value());
  const auto refused = Pool::parse(pool.text(), other, kBoot);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == Code::kFailedPrecondition);
  CHECK_THAT(refused.error().to_string(), Catch::Contains("10.88.0.0/29") && Catch::Contains("10.99.0.0/24"));
  pool.release("a");
  auto taken = Pool::parse(pool.text(), other, kBoot);
  REQUIRE(taken.has_value());
  CHECK(cni::ipv4_text(taken->allocate("b").value()) == "10.99.0.2");
}

TEST_CASE("what cannot be read is told apart") {
  CHECK(Pool::parse("", kSmall, kBoot).has_value());
  CHECK(Pool::parse(std::string(64, '\0'), kSmall, kBoot).has_value());
  CHECK(Pool::parse("something else\n", kSmall, kBoot).error().code() == Code::kDataLoss);
  CHECK(Pool::parse("nodeagent-addresses 2\n", kSmall, kBoot).error().code() == Code::kFailedPrecondition);
  CHECK(Pool::parse("nodeagent-addresses 1\naddress 10.88.0.2\n", kSmall, kBoot).error().code() == Code::kDataLoss);
  CHECK(Pool::parse("nodeagent-addresses 1\naddress x b00t-1 a\n", kSmall, kBoot).error().code() == Code::kDataLoss);
  CHECK(Pool::parse("nodeagent-addresses 1\nrubbish\n", kSmall, kBoot).error().code() == Code::kDataLoss);
}
