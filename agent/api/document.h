// Document: the text of a manifest as a tree of typed values, each with its place. What YAML and JSON have in common
// ends up here, so that decoding knows neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/api/codec.h"

namespace api {

struct Place {
  int line = 0;  // from 1; 0: unknown
  int column = 0;
};

struct Entry;

struct Node {
  enum class Kind : uint8_t { kNull, kBool, kInteger, kFloat, kString, kList, kMap };
  Kind kind = Kind::kNull;  // kInteger: whatever reaches an apiserver as a whole number, YAML's 1.0 and 1e3 among it
  Place place;
  std::string text;  // of a scalar, as written
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the order of the file, keys unique

  const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;
  Node value;
};

// Limits on what is read: no pod comes near them, and hostile input cannot make a small text a large tree.
constexpr size_t kMaxTextBytes = 10UL << 20;             // of a file
constexpr size_t kMaxDocumentBytes = 3UL << 20;          // of an object: what an apiserver takes in one request
constexpr size_t kMaxNodes = 100'000;                    // after aliases are expanded
constexpr size_t kMaxTreeBytes = 4 * kMaxDocumentBytes;  // of keys and scalars, likewise
constexpr size_t kMaxDepth = 100;

struct Document {
  std::optional<Node> root;  // none: unreadable or empty, and faults say which
  std::vector<Fault> faults;
};

// One document's part of a file.
struct TextPart {
  std::string_view text;
  int line = 1;  // of the file, where the part begins
};

// Splits a file at the lines that are "---", with nothing but blanks and a comment after it, and between JSON objects
// that follow one another, as kubectl does. Parts that hold nothing but blanks and comments are left out.
class DocumentParts {
 public:
  explicit DocumentParts(std::string_view text) : rest_(text) {}
  std::optional<TextPart> next();

 private:
  std::string_view rest_;
  int line_ = 1;
};
bool is_separator(std::string_view line);

// JSON where the text starts with "{" and is JSON, else YAML as kubectl reads it. Exactly one document.
Document parse_document(std::string_view text);
Document parse_json(std::string_view text);
Document parse_yaml(std::string_view text);

// What an unquoted YAML scalar means to kubectl (YAML 1.1 as sigs.k8s.io/yaml resolves it: yes, no, on, off are
// booleans, 0x1f and 017 integers). Numbers beyond 64 bits that are not decimal are text.
Node::Kind resolve_plain(std::string_view text);

// The value of a kInteger as YAML or JSON may write it; nothing for other kinds and where it does not fit.
std::optional<int64_t> integer_value(const Node& node);
// For kBool nodes.
bool bool_value(const Node& node);

// What a tree takes: its nodes, itself included, and the bytes of their texts and keys.
struct TreeSize {
  size_t nodes = 0;
  size_t bytes = 0;
};
TreeSize tree_size(const Node& node);

// "a string", "the number 5", "the list" …: for messages.
std::string describe_kind(const Node& node);

// "spec.containers" + "name" and so on.
std::string child_path(const std::string& path, std::string_view field);
std::string item_path(const std::string& path, size_t index);

// The first step of a path such as ".containers[0]" or "[0].name" or "labels[app]", taken off it.
struct PathStep {
  std::string name;  // of a field or a map's key
  size_t index = 0;  // where name is a number
};
PathStep next_step(std::string_view& path);
bool is_last_step(std::string_view path);

// Where the field of a path such as "spec.containers[0].name" stands, or the nearest parent that exists.
Place locate(const Node& root, std::string_view path);

// Written with what it was read from forgotten: numbers in decimal, text that is not UTF-8 with its broken bytes
// replaced. Sorted: keys in alphabetical order, as kubectl prints them.
enum class Order : uint8_t { kAsIs, kSorted };
std::string to_json(const Node& node);  // one line
std::string to_json_pretty(const Node& node, Order order = Order::kSorted);
std::string to_yaml(const Node& node, Order order = Order::kSorted);

// Builds a Node from a stream of parser events; shared by the two parsers. Duplicate keys become faults, limits an
// error.
class TreeBuilder {
 public:
  // Each returns false once a limit is passed; stop parsing then: fault() says why.
  bool open(Node::Kind kind, Place place);
  bool close();
  bool scalar(Node::Kind kind, Place place, std::string text);
  // A copy of something seen earlier (a YAML alias).
  bool copy(const Node& node, Place place);
  // may_repeat: a key that is no duplicate of another with the same text.
  bool key(std::string text, Place place, bool may_repeat = false);
  // Counts what the caller keeps a copy of towards the limits.
  bool count(TreeSize size, Place place);

  bool in_map_awaiting_key() const { return !stack_.empty() && stack_.back().awaits_key(); }
  bool limit_passed() const { return limit_.has_value(); }
  // Lets the caller change the map or list that is open (YAML merge keys).
  void amend_open(void (*amend)(Node&)) { amend(stack_.back().node); }
  // The node that was finished last: what a YAML anchor names.
  const Node* last_finished() const { return last_; }
  size_t depth() const { return stack_.size(); }

  Document finish() &&;

 private:
  struct Frame {
    Node node;
    std::string path;
    std::optional<Entry> pending;  // key read, value not yet
    bool skip = false;             // the pending key is a duplicate
    std::unordered_map<std::string, int> key_lines;
    bool awaits_key() const { return node.kind == Node::Kind::kMap && !pending; }
  };
  bool attach(Node node);
  std::string path_here() const;

  std::vector<Frame> stack_;
  std::optional<Node> root_;
  std::vector<Fault> faults_;
  std::optional<Fault> limit_;
  const Node* last_ = nullptr;
  TreeSize size_;
};

}  // namespace api
