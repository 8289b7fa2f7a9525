#include "agent/api/schema.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <random>
#include <set>

#include "agent/api/decode.h"
#include "agent/api/event.h"
#include "agent/api/objects.h"

namespace {

using namespace api;

// The kinds that stand alone; all other types are reached from them.
constexpr TypeGetter kKinds[] = {type_of<Pod>,
                                 type_of<ConfigMap>,
                                 type_of<Secret>,
                                 type_of<PersistentVolumeClaim>,
                                 type_of<PersistentVolume>,
                                 type_of<Deployment>,
                                 type_of<ReplicaSet>,
                                 type_of<DaemonSet>,
                                 type_of<StatefulSet>,
                                 type_of<Job>,
                                 type_of<CronJob>,
                                 type_of<Event>};

void visit_types(const Type& type, std::set<const Type*>& seen, const std::function<void(const Type&)>& visit) {
  if (!seen.insert(&type).second) return;
  visit(type);
  if (type.element != nullptr) visit_types(type.element(), seen, visit);
  for (const Field& field : type.fields) visit_types(field.type(), seen, visit);
}

void for_each_type(const std::function<void(const Type&)>& visit) {
  std::set<const Type*> seen;
  for (const TypeGetter kind : kKinds) visit_types(kind(), seen, visit);
}

void check_meaning(std::string_view meaning) {
  constexpr size_t kLongest = 180;
  CAPTURE(meaning);
  CHECK(meaning.ends_with('.'));
  CHECK(meaning.size() > 1);
  CHECK(meaning.size() <= kLongest);
  CHECK(meaning.front() != '@');
  CHECK(meaning.find("  ") == std::string_view::npos);
  CHECK(std::ranges::all_of(meaning, [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST_CASE("every field of every type says what it means, under a name of its own") {
  size_t objects = 0;
  std::set<std::string_view> type_names;
  for_each_type([&](const Type& type) {
    if (type.shape != Shape::kObject) return;
    ++objects;
    CAPTURE(type.name);
    CHECK(type_names.insert(type.name).second);
    check_meaning(type.meaning);
    CHECK_FALSE(type.fields.empty());
    std::set<std::string_view> names;
    for (const Field& field : type.fields) {
      CAPTURE(field.name);
      CHECK(names.insert(field.name).second);
      check_meaning(field.meaning);
    }
  });
  CHECK(objects > 150);  // the walk reached them
}

TEST_CASE("every enumeration has a text for each value") {
  size_t enumerations = 0;
  for_each_type([&](const Type& type) {
    if (type.shape != Shape::kEnum) return;
    ++enumerations;
    CAPTURE(type.name);
    std::set<std::string_view> texts;
    for (size_t i = 0; i < type.enum_names.size(); ++i) {
      CHECK(texts.insert(type.enum_names[i].text).second);
      CHECK(type.enum_names[i].value == static_cast<int>(i));
    }
    CHECK(texts.size() > 1);
  });
  CHECK(enumerations > 20);
}

// Gives every value of an object something to say.
class Filler {
 public:
  explicit Filler(unsigned seed) : random_(seed) {}

  // plain: a member of its own, in which 0, "" and false mean that nothing was said.
  void fill(const Type& type, void* value, bool plain = false) {
    switch (type.shape) {
      case Shape::kString:
        *static_cast<std::string*>(value) = text(plain);
        return;
      case Shape::kBool:
        *static_cast<bool*>(value) = plain || chance();
        return;
      case Shape::kInt32:
        *static_cast<int32_t*>(value) = number<int32_t>(plain);
        return;
      case Shape::kInt64:
        *static_cast<int64_t*>(value) = number<int64_t>(plain);
        return;
      case Shape::kQuantity:
        *static_cast<Quantity*>(value) = *Quantity::parse(one_of(kQuantities));
        return;
      case Shape::kTime:
        *static_cast<Time*>(value) = Time(std::chrono::seconds(random_()));
        return;
      case Shape::kIntOrString:
        *static_cast<IntOrString*>(value) =
            chance() ? IntOrString::of(number<int32_t>(false)) : IntOrString::of(text(false));
        return;
      case Shape::kBytes:
        for (size_t i = below(5); i > 0; --i) static_cast<Bytes*>(value)->raw += static_cast<char>(below(256));
        return;
      case Shape::kRaw:
        static_cast<RawJson*>(value)->text = one_of(kJson);
        return;
      case Shape::kEnum:
        fill_enum(type, value, plain);
        return;
      case Shape::kOptional:
        return fill(type.element(), type.operations.emplace(value));
      case Shape::kList:
        for (size_t i = 1 + below(2); i > 0; --i) fill(type.element(), type.operations.append(value));
        return;
      case Shape::kMap:
        for (size_t i = 1 + below(2); i > 0; --i) fill(type.element(), type.operations.insert(value, text(true)));
        return;
      case Shape::kObject:
        for (const Field& field : type.fields) fill(field.type(), field.member(value), true);
        return;
    }
  }

 private:
  // Texts that a careless writer or reader of YAML makes something else of.
  static constexpr std::array<std::string_view, 24> kTexts{"web",
                                                           "",
                                                           "yes",
                                                           "null",
                                                           "~",
                                                           "0x1f",
                                                           "017",
                                                           "1e3",
                                                           "-",
                                                           "- a",
                                                           ": b",
                                                           "a: b",
                                                           "a #b",
                                                           "#",
                                                           "'",
                                                           "\"quoted\"",
                                                           "{a: b}",
                                                           "[a]",
                                                           "two\nlines\n",
                                                           "\n\n lead",
                                                           "trailing ",
                                                           "tab\tand\\n",
                                                           "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                                           "2026-11-22"};
  static constexpr std::array<std::string_view, 9> kQuantities{"0",    "1",   "64Mi", "1500m", "1e3",
                                                               "-2Gi", "1.5", "100n", "7Ei"};
  static constexpr std::array<std::string_view, 6> kJson{
      R"({"f:a":{"f:b":{}}})", R"([1,-2,"x",null,true])", "{}", R"("text")", "[]", R"({"z":1,"a":{"k":[{}]}})"};

  void fill_enum(const Type& type, void* value, bool not_empty) {
    const size_t first = not_empty && type.enum_names.front().text.empty() ? 1 : 0;
    type.operations.enum_set(value, type.enum_names[first + below(type.enum_names.size() - first)].value);
  }
  size_t below(size_t end) { return random_() % end; }
  bool chance() { return below(2) == 0; }
  template <size_t N>
  std::string one_of(const std::array<std::string_view, N>& choices) {
    return std::string(choices[below(N)]);
  }
  std::string text(bool not_empty) {
    std::string chosen = one_of(kTexts);
    return chosen.empty() && not_empty ? "x" : chosen;
  }
  template <typename Integer>
  Integer number(bool not_zero) {
    const std::array<Integer, 6> choices{
        0, 1, -1, 420, std::numeric_limits<Integer>::max(), std::numeric_limits<Integer>::min()};
    return choices[not_zero ? 1 + below(choices.size() - 1) : below(choices.size())];
  }

  std::mt19937 random_;
};

// The object that a tree holds, as a tree again.
Node decoded_and_encoded(const Document& document, const Type& type) {
  REQUIRE(document.faults.empty());
  REQUIRE(document.root.has_value());
  FaultList faults;
  const std::shared_ptr<void> object = type.make();
  decode(*document.root, "", type, object.get(), faults);
  INFO(to_string(faults.list(), "generated"));
  REQUIRE(faults.list().empty());
  return encode(type, object.get());
}

// Every field of a filled object is written.
void check_complete(const Type& type, const Node& node) {
  if (type.element != nullptr) {
    if (type.shape == Shape::kOptional) return check_complete(type.element(), node);
    for (const Node& item : node.items) check_complete(type.element(), item);
    for (const Entry& entry : node.entries) check_complete(type.element(), entry.value);
    CHECK(node.items.size() + node.entries.size() > 0);
  }
  for (const Field& field : type.fields) {
    const Node* const value = node.find(field.name);
    CAPTURE(type.name, field.name);
    REQUIRE(value != nullptr);
    check_complete(field.type(), *value);
  }
}

TEST_CASE("whatever an object holds is the same after it was written and read") {
  constexpr unsigned kRounds = 2;
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    Filler filler(seed);
    for (const TypeGetter kind : kKinds) {
      const Type& type = kind();
      CAPTURE(seed, type.name);
      const std::shared_ptr<void> object = type.make();
      filler.fill(type, object.get());
      const Node written = encode(type, object.get());
      check_complete(type, written);
      const std::string json = to_json(written);
      CHECK(to_json(decoded_and_encoded(parse_json(json), type)) == json);
      CHECK(to_json(decoded_and_encoded(parse_json(to_json_pretty(written, Order::kAsIs)), type)) == json);
      const std::string yaml = to_yaml(written, Order::kAsIs);
      const Node read = decoded_and_encoded(parse_yaml(yaml), type);
      CHECK(to_json(read) == json);
      CHECK(to_yaml(read, Order::kAsIs) == yaml);
    }
  }
}

TEST_CASE("fields of a newer apiserver are kept where they stood, when there is a place to keep them") {
  const std::string text =
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"x","new":{"a":[1]}}],)"
      R"("newer":true}})";
  const Document document = parse_json(text);
  REQUIRE(document.root);
  Pod pod;
  FaultList faults;
  std::vector<UnknownField> unknown;
  decode(*document.root, "", type_of<Pod>(), &pod, faults, &unknown);
  CHECK(faults.list().empty());
  REQUIRE(unknown.size() == 2);
  Node written = encode(pod);
  CHECK(to_json(written).find("newer") == std::string::npos);
  restore(written, unknown);
  const std::string again = to_json(written);
  CHECK(again.find(R"("new":{"a":[1]})") < again.find(R"("newer":true)"));
  CHECK(again.find(R"("newer":true)") != std::string::npos);
  CHECK(written.find("spec")->find("containers")->items[0].find("new") != nullptr);

  decode(*document.root, "", pod, faults);
  CHECK(faults.list().size() == 2);
}

}  // namespace
