#include "runtime/image/reference.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using base::Code;
using runtime::image::Reference;

const std::string kDigest = "sha256:" + std::string(64, 'a');

struct Good {
  std::string text;
  std::string normalised;
  std::string familiar;
};

}  // namespace

TEST_CASE("references are normalised as every container tool does it") {
  const std::vector<Good> table = {
      {"busybox", "docker.io/library/busybox:latest", "busybox:latest"},
      {"busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"},
      {"library/busybox", "docker.io/library/busybox:latest", "busybox:latest"},
      {"docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"},
      {"index.docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"},
      {"index.docker.io/library/busybox:x", "docker.io/library/busybox:x", "busybox:x"},
      {"user/app", "docker.io/user/app:latest", "user/app:latest"},
      {"library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"},
      {"localhost/app", "localhost/app:latest", "localhost/app:latest"},
      {"localhost:5000/app", "localhost:5000/app:latest", "localhost:5000/app:latest"},
      {"quay.io/org/app:v1", "quay.io/org/app:v1", "quay.io/org/app:v1"},
      {"registry:5000/a/b/c:1", "registry:5000/a/b/c:1", "registry:5000/a/b/c:1"},
      {"Upper/app", "Upper/app:latest", "Upper/app:latest"},
      {"[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app:latest", "[2001:db8::1]:5000/app:latest"},
      {"app:5000", "docker.io/library/app:5000", "app:5000"},
      {"a__b/c--d.e_f", "docker.io/a__b/c--d.e_f:latest", "a__b/c--d.e_f:latest"},
      {"busybox@" + kDigest, "docker.io/library/busybox@" + kDigest, "busybox@" + kDigest},
      {"busybox:1@" + kDigest, "docker.io/library/busybox:1@" + kDigest, "busybox:1@" + kDigest},
      {"host.example/app:Tag_1.2-x", "host.example/app:Tag_1.2-x", "host.example/app:Tag_1.2-x"},
  };
  for (const Good& row : table) {
    INFO(row.text);
    const auto parsed = Reference::parse(row.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->normalised() == row.normalised);
    CHECK(parsed->familiar() == row.familiar);
    const auto again = Reference::parse(parsed->normalised());
    REQUIRE(again.has_value());
    CHECK(*again == *parsed);
    const auto from_familiar = Reference::parse(parsed->familiar());
    REQUIRE(from_familiar.has_value());
    CHECK(*from_familiar == *parsed);
  }
}

TEST_CASE("what is no reference is refused") {
  const std::vector<std::string> table = {
      "",
      "Busybox",
      "a/Busybox",
      ":tag",
      "app:",
      "app:-x",
      "app:.x",
      "app:a b",
      "app:" + std::string(129, 'a'),
      "app@",
      "app@sha256:1234",
      "app@md5:" + std::string(32, 'a'),
      "app@sha256:" + std::string(64, 'A'),
      "-app",
      "app-",
      "a..b",
      "a___b",
      "a._b",
      "a//b",
      "/a",
      "a/",
      "ho st/app",
      "host:port/app",
      "host:/app",
      "-host.example/app",
      "[::1/app",
      "app:1:2",
      std::string(64, 'a'),
      std::string(256, 'a'),
  };
  for (const std::string& text : table) {
    INFO(text);
    const auto parsed = Reference::parse(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code() == Code::kInvalidArgument);
  }
}
