#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "runtime/image/digest.h"
#include "runtime/image/layout.h"
#include "runtime/image/metadata.h"
#include "runtime/image/staging.h"
#include "runtime/image/unpack.h"

using namespace runtime::image;

TEST_CASE("entry names are cleaned, and refused when they leave the root") {
  CHECK(clean_entry_name("./a/b/").value() == "a/b");
  CHECK(clean_entry_name("/a//b/.").value() == "a/b");
  CHECK(clean_entry_name("a/../b").value() == "b");
  CHECK(clean_entry_name("./").value().empty());
  CHECK(clean_entry_name("/").value().empty());
  CHECK(clean_entry_name("a/..b/...").value() == "a/..b/...");
  CHECK_FALSE(clean_entry_name("").has_value());
  CHECK_FALSE(clean_entry_name("..").has_value());
  CHECK_FALSE(clean_entry_name("../a").has_value());
  CHECK_FALSE(clean_entry_name("a/../../b").has_value());
  CHECK_FALSE(clean_entry_name("/..").has_value());
}

TEST_CASE("SHA-256 is SHA-256") {
  CHECK(sha256_of("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a chain ID names a layer with all below it") {
  const std::string a = "sha256:" + std::string(64, 'a');
  const std::string b = "sha256:" + std::string(64, 'b');
  const auto chains = chain_ids({a, b});
  REQUIRE(chains.size() == 2);
  CHECK(chains[0] == a);
  CHECK(chains[1] == sha256_of(a + " " + b));
}

TEST_CASE("a configuration is decoded, missing and null fields included") {
  const std::string diff_id = "sha256:" + std::string(64, '1');
  const auto document = parse_config(
      R"({"architecture":"amd64","os":"linux","created":"2020-01-01T00:00:00Z","config":{"Env":["A=1"],"Cmd":null,
      "Entrypoint":["/x","y"],"User":"5:6","WorkingDir":"/w","StopSignal":"SIGINT","Labels":{"k":"v"},
      "Volumes":{"/data":{}},"ExposedPorts":{"80/tcp":{}}},"rootfs":{"type":"layers","diff_ids":[")" +
      diff_id + R"("]}})");
  REQUIRE(document.has_value());
  const ImageConfig& config = document->config;
  CHECK(config.env == std::vector<std::string>{"A=1"});
  CHECK(config.cmd.empty());
  CHECK(config.entrypoint == std::vector<std::string>{"/x", "y"});
  CHECK(config.user == "5:6");
  CHECK(config.working_dir == "/w");
  CHECK(config.stop_signal == "SIGINT");
  CHECK(config.labels.at("k") == "v");
  CHECK(config.volumes == std::vector<std::string>{"/data"});
  CHECK(config.exposed_ports == std::vector<std::string>{"80/tcp"});
  CHECK(document->diff_ids == std::vector<std::string>{diff_id});
}

TEST_CASE("documents that are none are refused, not thrown about") {
  for (const std::string text : {"", "x", "[]", "3", "{}", R"({"rootfs":3,"config":[1]})", R"({"manifests":3})",
                                 R"({"manifests":[3]})", R"({"config":{"digest":3},"layers":[]})", "\xff"}) {
    INFO(text);
    CHECK_FALSE(parse_manifest(text).has_value());
    CHECK_FALSE(parse_index(text).has_value());
    CHECK_FALSE(check_layout_document(text).has_value());
  }
  CHECK_FALSE(parse_config("{}").has_value());
  CHECK_FALSE(parse_config(R"({"rootfs":{"diff_ids":["sha256:short"]}})").has_value());
  CHECK_FALSE(parse_docker_manifest("{}").has_value());
  CHECK_FALSE(parse_docker_manifest(R"([{"Layers":[]}])").has_value());
}

TEST_CASE("a reference moves to the image that was imported last; the older one stays without it") {
  const auto image = [](const std::string& digest, std::vector<std::string> references) {
    NewImage made{.id = digest};
    made.entry.manifest.digest = digest;
    made.references = std::move(references);
    return made;
  };
  auto entries = with_images({}, {image("one", {"a", "b"})});
  REQUIRE(entries.size() == 2);
  entries = with_images(entries, {image("two", {"b"})});
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].manifest.digest == "one");
  CHECK(entries[0].reference == "a");
  CHECK(entries[1].manifest.digest == "two");
  entries = with_images(entries, {image("two", {"a"})});
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].manifest.digest == "one");
  CHECK(entries[0].reference.empty());
  entries = with_images(entries, {image("one", {})});
  CHECK(entries.size() == 3);
}
