#include "agent/api/document.h"

#include <catch2/catch.hpp>

namespace {

using api::Document;
using api::Node;
using Kind = api::Node::Kind;

std::string first_fault(const Document& document) {
  return document.faults.empty() ? "" : api::to_string({document.faults.front()}, "f");
}

TEST_CASE("unquoted YAML scalars mean what they mean to kubectl") {
  struct Row {
    const char* text;
    Kind kind;
  };
  const Row row = GENERATE(values<Row>({
      {"~", Kind::kNull},
      {"null", Kind::kNull},
      {"", Kind::kNull},
      {"true", Kind::kBool},
      {"yes", Kind::kBool},
      {"Off", Kind::kBool},
      {"nO", Kind::kString},
      {"12", Kind::kInteger},
      {"-3", Kind::kInteger},
      {"0x1F", Kind::kInteger},
      {"017", Kind::kInteger},
      {"1_000", Kind::kInteger},
      {"1.5", Kind::kFloat},
      {"1e3", Kind::kInteger},
      {".inf", Kind::kFloat},
      {"1.2.3", Kind::kString},
      {"64Mi", Kind::kString},
      {"08", Kind::kInteger},
      {"0o17", Kind::kInteger},
      {"-", Kind::kString},
      {"hello", Kind::kString},
      {"1:30", Kind::kString},
      {"+", Kind::kString},
      {"0b101", Kind::kInteger},
      {"0_", Kind::kInteger},
      {"+_1", Kind::kInteger},
      {"_1", Kind::kString},
      {"1_0.5", Kind::kFloat},
      {"2.0", Kind::kInteger},
      {"1e30", Kind::kFloat},
      {"1e999", Kind::kString},
      {"99999999999999999999", Kind::kInteger},
      {"0xfffffffffffffffffffff", Kind::kString},
      {"2026-11-22", Kind::kString},
  }));
  CAPTURE(row.text);
  CHECK(api::resolve_plain(row.text) == row.kind);
}

TEST_CASE("integers keep their value in every notation") {
  struct Row {
    const char* text;
    int64_t value;
  };
  const Row row = GENERATE(values<Row>({{"10", 10},
                                        {"-10", -10},
                                        {"0x1F", 31},
                                        {"017", 15},
                                        {"0o17", 15},
                                        {"0b101", 5},
                                        {"1_000", 1000},
                                        {"30.0", 30},
                                        {"1e3", 1000},
                                        {"08", 8},
                                        {"0_7", 7},
                                        {"1_0e1", 100},
                                        {"9223372036854775807", INT64_MAX}}));
  CAPTURE(row.text);
  const Document document = api::parse_yaml(std::string("a: ") + row.text);
  REQUIRE(document.root);
  CHECK(api::integer_value(*document.root->find("a")) == row.value);
}

TEST_CASE("what is no whole number of 64 bits has no integer value") {
  const char* text = GENERATE("9223372036854775808", "1.5", ".inf", "1e300");
  const Document document = api::parse_yaml(std::string("a: ") + text);
  REQUIRE(document.root);
  CHECK_FALSE(api::integer_value(*document.root->find("a")));
}

TEST_CASE("every value knows its place, in YAML and in JSON") {
  const Document yaml = api::parse_document("a:\n  b:\n    - x: 1\n    - z: [2, 3]\n");
  REQUIRE(yaml.root);
  CHECK(api::locate(*yaml.root, "a.b[1].z[1]").line == 4);
  CHECK(api::locate(*yaml.root, "a.b[1].z[1]").column == 14);
  CHECK(api::locate(*yaml.root, "a.b[1].missing").line == 4);  // the nearest that exists

  const Document json = api::parse_document("{\n  \"a\": {\n    \"b\": [1, 22,\n  {\"c\\\"\": true}]\n  }\n}\n");
  REQUIRE(json.root);
  CHECK(api::locate(*json.root, "a").line == 2);
  CHECK(api::locate(*json.root, "a").column == 3);
  CHECK(api::locate(*json.root, "a.b[1]").line == 3);
  CHECK(api::locate(*json.root, "a.b[1]").column == 14);
  CHECK(api::locate(*json.root, "a.b[2].c\"").line == 4);
}

TEST_CASE("anchors, aliases and merge keys stand for what they name") {
  const Document document = api::parse_yaml(
      "base: &base {x: 1, v: 2}\nsame: *base\nmore:\n  <<: *base\n  v: 3\nboth:\n  <<: [*base, {z: 4}]\n");
  REQUIRE(document.root);
  CHECK(document.faults.empty());
  CHECK(document.root->find("same")->find("x")->text == "1");
  CHECK(document.root->find("more")->find("x")->text == "1");
  CHECK(document.root->find("more")->find("v")->text == "3");
  CHECK(document.root->find("more")->find("<<") == nullptr);
  CHECK(document.root->find("both")->find("z")->text == "4");
}

TEST_CASE("of merged maps and keys, the later one wins") {
  const Document document = api::parse_yaml(
      "a: &a {p: 1, q: 1}\nb: &b {p: 2, r: 2}\n"
      "above: {p: 0, <<: *a}\nbelow: {<<: *a, p: 0}\ntwice: {<<: *a, <<: *b}\nlist: {<<: [*a, *b]}\n");
  REQUIRE(document.root);
  CHECK(document.faults.empty());
  CHECK(document.root->find("above")->find("p")->text == "1");
  CHECK(document.root->find("below")->find("p")->text == "0");
  CHECK(document.root->find("twice")->find("p")->text == "2");
  CHECK(document.root->find("twice")->find("q")->text == "1");
  CHECK(document.root->find("list")->find("p")->text == "1");
  CHECK(document.root->find("list")->find("r")->text == "2");
  CHECK(api::parse_yaml("a: {<<: 1}").root->find("a")->find("<<") != nullptr);
}

TEST_CASE("quoted scalars and !!str are strings") {
  const Document document = api::parse_yaml("a: \"1\"\nb: 'yes'\nc: !!str 12\nd: |\n  5\ne: !!int 7\n");
  REQUIRE(document.root);
  for (const char* key : {"a", "b", "c", "d"}) {
    CAPTURE(key);
    CHECK(document.root->find(key)->kind == Kind::kString);
  }
  CHECK(document.root->find("e")->kind == Kind::kInteger);
}

TEST_CASE("tags of others are forgotten, and keys become text") {
  const Document document = api::parse_yaml("a: !foo 1\nb: !bar {c: 1}\nyes: 1\n0x10: 2\n1.5: 3\n");
  REQUIRE(document.root);
  CHECK(document.root->find("a")->kind == Kind::kString);
  CHECK(document.root->find("b")->kind == Kind::kMap);
  for (const char* key : {"true", "16", "1.5"}) {
    CAPTURE(key);
    CHECK(document.root->find(key) != nullptr);
  }
}

TEST_CASE("JSON's numbers are whole only where they are written so") {
  const Document document = api::parse_json(R"({"a": 1.0, "b": 1e3, "c": 7})");
  REQUIRE(document.root);
  CHECK_FALSE(api::integer_value(*document.root->find("a")));
  CHECK_FALSE(api::integer_value(*document.root->find("b")));
  CHECK(api::integer_value(*document.root->find("c")) == 7);
}

TEST_CASE("duplicate keys are faults that name both places") {
  for (const char* text : {"a:\n  b: 1\n  c: 2\n  b: 3\n", "{\"a\": {\n\"b\": 1,\n\"c\": 2,\n\"b\": 3}}"}) {
    const Document document = api::parse_document(text);
    REQUIRE(document.root);
    REQUIRE(document.faults.size() == 1);
    CHECK(document.faults[0].path == "a.b");
    CHECK(document.faults[0].line == 4);
    CHECK(document.faults[0].message == "duplicate key, first set in line 2");
  }
}

TEST_CASE("unreadable text is one fault with its place") {
  struct Row {
    const char* text;
    const char* begins;
  };
  const Row row = GENERATE(values<Row>({
      {"", "f: empty"},
      {" \n \n", "f: empty"},
      {"---\n---\n", "f: empty"},
      {"# only a comment\n", "f: empty"},
      {"a: b: c", "f:1:5: not YAML: "},
      {"a:\n\t- b", "f:2:1: not YAML: found character that cannot start any token"},
      {"a: [1, 2",
       "f:2:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence that began in line 1"},
      {"{\"a\": 1, \"b\" 2}", "f:1:14: not JSON: "},
      {"a: 1\n---\nb: 2\n", "f:3:1: a second document begins here"},
      {"{\"a\": 1}\n{\"b\": 2}\n", "f:2:1: not JSON: "},
      {"a: 1\n]", "f:2:1: not YAML: "},
      {"[a]\nb", "f:2:1: not YAML: "},
      {"a: \x01", "f:1:1: contains a control character"},
      {"a: b\nc: \xc3(", "f:2:1: is not UTF-8 text"},
      {"a: \xed\xa0\x80", "f:1:1: is not UTF-8 text"},
      {"a: !!int x", "f:1:4: the value is not of its tag tag:yaml.org,2002:int"},
      {"a: !!binary YQ==", "f:1:4: the value is not of its tag"},
      {"~: a", "f:1:1: a key must be a string"},
      {"a: {{ .Values.x }}", "f:1:5: a key must be a string"},
      {"? [a, b]\n: c", "f:1:3: a key must be a string"},
      {"a: *b", "f:1:"},
  }));
  CAPTURE(row.text);
  const Document document = api::parse_document(row.text);
  CHECK_FALSE(document.root);
  REQUIRE(document.faults.size() == 1);
  const std::string message = first_fault(document);
  CAPTURE(message);
  CHECK(message.starts_with(row.begins));
}

TEST_CASE("one document among empty ones is read") {
  const Document document = api::parse_document("---\n# nothing\n---\na: 1\n---\n");
  REQUIRE(document.root);
  CHECK(document.root->find("a")->text == "1");
}

TEST_CASE("what follows the end of a document is not looked at") {
  for (const char* rest : {"", "b: 2\n", "b: c: d\n", "]\n", "...\n# nothing\n"}) {
    CAPTURE(rest);
    const Document document = api::parse_document("a: 1\n...\n" + std::string(rest));
    REQUIRE(document.root);
    CHECK(document.root->entries.size() == 1);
    CHECK(document.faults.empty());
  }
}

TEST_CASE("hostile text meets a limit, not the end of memory") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + previous;
    for (int j = 0; j < 9; ++j) bomb += ", " + previous;
    bomb += "]\n";
  }
  CHECK(first_fault(api::parse_document(bomb)).find("too many values") != std::string::npos);

  std::string long_text = "a: &a " + std::string(1UL << 20, 'x') + "\nb: [*a";
  for (int i = 0; i < 100'000; ++i) long_text += ",*a";
  CHECK(first_fault(api::parse_document(long_text + "]\n")).find("too much text") != std::string::npos);
  std::string long_key = "a: &a " + std::string(1UL << 20, 'x') + "\nb:\n";
  for (int i = 0; i < 100; ++i) long_key += "- {*a : 1}\n";
  CHECK(first_fault(api::parse_document(long_key)).find("too much text") != std::string::npos);

  const std::string deep(200, '[');
  CHECK(first_fault(api::parse_document(deep + std::string(200, ']'))).find("100 levels deep") != std::string::npos);
  std::string deep_json;
  for (int i = 0; i < 200; ++i) deep_json += "{\"a\":";
  deep_json += "1" + std::string(200, '}');
  CHECK(first_fault(api::parse_json(deep_json)).find("100 levels deep") != std::string::npos);

  CHECK(first_fault(api::parse_document(std::string(4UL << 20, 'a'))).find("3 MiB") != std::string::npos);
}

}  // namespace
