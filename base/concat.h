// concat: builds one string from pieces. Used for error contexts and paths; needs neither fmt nor iostream, so that
// nodeagent-shim can use it too.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace base {

// One argument of concat(): text as it is, integers in decimal, booleans as true/false.
class Piece {
 public:
  Piece(std::string_view text) : text_(text) {}              // NOLINT(google-explicit-constructor)
  Piece(const char* text) : text_(text) {}                   // NOLINT(google-explicit-constructor)
  Piece(const std::string& text) : text_(text) {}            // NOLINT(google-explicit-constructor)
  Piece(bool value) : text_(value ? "true" : "false") {}     // NOLINT(google-explicit-constructor)
  Piece(char character) : digits_{character}, length_(1) {}  // NOLINT(google-explicit-constructor)
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  Piece(Integer value)  // NOLINT(google-explicit-constructor)
      : length_(static_cast<size_t>(std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr -
                                    digits_.data())) {}

  std::string_view view() const { return length_ > 0 ? std::string_view(digits_.data(), length_) : text_; }

 private:
  std::string_view text_;
  std::array<char, 24> digits_{};
  size_t length_ = 0;
};

template <typename... Pieces>
std::string concat(const Pieces&... pieces) {
  const std::array<Piece, sizeof...(pieces)> all{Piece(pieces)...};
  size_t size = 0;
  for (const Piece& piece : all) size += piece.view().size();
  std::string out;
  out.reserve(size);
  for (const Piece& piece : all) out += piece.view();
  return out;
}

}  // namespace base
