#include "agent/api/quantity.h"

#include <algorithm>
#include <array>
#include <limits>

namespace api {

namespace {

__extension__ using Int128 = __int128;

constexpr Int128 kNanoPerUnit = 1'000'000'000;
// The most that an amount written with a binary suffix is, and the most that any is kept as (8 * 10^28 whole units).
constexpr Int128 kMaxBinary = static_cast<Int128>(std::numeric_limits<int64_t>::max()) * kNanoPerUnit;
constexpr Int128 kMaxNano = static_cast<Int128>(8'000'000'000'000'000'000) * 10'000'000'000'000'000'000U;

// What a suffix multiplies by: 2^binary * 10^decimal.
struct Suffix {
  std::string_view text;
  int binary;
  int decimal;
};
constexpr std::array<Suffix, 16> kSuffixes{{{"", 0, 0},
                                            {"n", 0, -9},
                                            {"u", 0, -6},
                                            {"m", 0, -3},
                                            {"k", 0, 3},
                                            {"M", 0, 6},
                                            {"G", 0, 9},
                                            {"T", 0, 12},
                                            {"P", 0, 15},
                                            {"E", 0, 18},
                                            {"Ki", 10, 0},
                                            {"Mi", 20, 0},
                                            {"Gi", 30, 0},
                                            {"Ti", 40, 0},
                                            {"Pi", 50, 0},
                                            {"Ei", 60, 0}}};

std::unexpected<base::Error> malformed(std::string_view text) {
  return base::fail(base::Code::kInvalidArgument, "\"", text,
                    "\" is not a quantity: expected a number with an optional suffix, as in 64Mi, 1500m or 1e3");
}

Int128 divide_up(Int128 value, Int128 divisor) {
  const Int128 quotient = value / divisor;
  return value % divisor > 0 ? quotient + 1 : quotient;
}

int64_t saturate(Int128 value) {
  constexpr auto kLowest = std::numeric_limits<int64_t>::min();
  constexpr auto kHighest = std::numeric_limits<int64_t>::max();
  if (value > kHighest) return kHighest;
  if (value < kLowest) return kLowest;
  return static_cast<int64_t>(value);
}

// Written out whole: a fine fraction of a large amount ("9.1Pi") has more digits than 64 bits hold.
std::string decimal(Int128 value) {
  const bool negative = value < 0;
  std::string digits;
  for (; value != 0; value /= 10) digits += static_cast<char>('0' + (negative ? -(value % 10) : value % 10));
  if (negative) digits += '-';
  std::ranges::reverse(digits);
  return digits.empty() ? "0" : digits;
}

// "+12", "-3": the exponent after e or E; false when it is not one. One that is beyond all amounts is cut.
bool read_exponent(std::string_view text, int& exponent) {
  constexpr size_t kMaxDigits = 18;
  constexpr int kFarBeyond = 1000;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxDigits) return false;
  int value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    value = std::min(value * 10 + (digit - '0'), kFarBeyond);
  }
  exponent = negative ? -value : value;
  return true;
}

// digits * 2^binary * 10^power in thousandths of a millionth, rounded away from zero and at most kMaxNano.
Int128 scale(Int128 digits, int binary, int power) {
  Int128 value = digits;
  bool inexact = false;
  power += 9;
  const auto shorten = [&] {
    inexact = inexact || value % 10 != 0;
    value /= 10;
    ++power;
  };
  for (; power > 0 && value != 0; --power) {
    if (value > kMaxNano / 10) return kMaxNano;
    value *= 10;
  }
  for (; binary > 0 && value != 0; --binary) {
    if (value > kMaxNano / 2 && power == 0) return kMaxNano;
    if (value > kMaxNano / 2) shorten();
    value *= 2;
  }
  while (power < 0 && value != 0) shorten();
  return inexact ? value + 1 : value;
}

// What stands before a suffix: digits * 10^power.
struct Number {
  Int128 digits = 0;
  int power = 0;
  bool has_digits = false;
};

// Takes it off the text; a sign is already gone. Of more digits than can matter the first ones count, and the rest
// round the last of them up.
Number read_number(std::string_view& text) {
  constexpr Int128 kMaxDigits = kMaxNano / 100;
  Number number;
  bool in_fraction = false;
  bool cut = false;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char character = text[at];
    if (character == '.' && !in_fraction) {
      in_fraction = true;
      continue;
    }
    if (character < '0' || character > '9') break;
    number.has_digits = true;
    const bool counts = number.digits < kMaxDigits;
    if (counts) number.digits = number.digits * 10 + (character - '0');
    cut = cut || (!counts && character != '0');
    if (counts && in_fraction) --number.power;
    if (!counts && !in_fraction) ++number.power;
  }
  if (cut) ++number.digits;
  text.remove_prefix(at);
  return number;
}

// Of a text without a digit, what the apiserver takes for nothing: a sign, a point, a suffix ("Mi"), but not the finest
// and not the largest of them.
bool may_lack_digits(int binary, int power) { return binary <= 40 && power >= -9; }

}  // namespace

Quantity Quantity::of_bytes(int64_t bytes) {
  Quantity quantity;
  quantity.nano_ = static_cast<Int128>(bytes) * kNanoPerUnit;
  quantity.form_ = Form::kBinary;
  return quantity;
}

base::Result<Quantity> Quantity::parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const Number number = read_number(rest);

  Quantity quantity;
  int binary = 0;
  int power = 0;
  if (rest.size() > 1 && (rest[0] == 'e' || rest[0] == 'E') && read_exponent(rest.substr(1), power)) {
    quantity.form_ = Form::kExponent;
  } else {
    const Suffix* found = nullptr;
    for (const Suffix& suffix : kSuffixes)
      if (suffix.text == rest) found = &suffix;
    if (found == nullptr) return malformed(text);
    binary = found->binary;
    power = found->decimal;
    quantity.form_ = binary > 0 ? Form::kBinary : Form::kDecimal;
  }
  if (text.empty() || (!number.has_digits && !may_lack_digits(binary, power))) return malformed(text);
  quantity.nano_ = scale(number.digits, binary, number.power + power);
  if (binary > 0) quantity.nano_ = std::min(quantity.nano_, kMaxBinary);
  if (negative) quantity.nano_ = -quantity.nano_;
  return quantity;
}

Quantity operator+(const Quantity& a, const Quantity& b) {
  Quantity sum = a;
  sum.nano_ = std::clamp(a.nano_ + b.nano_, -kMaxNano, kMaxNano);
  return sum;
}

void Quantity::round_up_to_milli() {
  constexpr Int128 kNanoPerMilli = kNanoPerUnit / 1000;
  const Int128 rest = nano_ % kNanoPerMilli;
  if (rest > 0) nano_ += kNanoPerMilli - rest;
  if (rest < 0) nano_ -= kNanoPerMilli + rest;
}

int64_t Quantity::value() const { return saturate(divide_up(nano_, kNanoPerUnit)); }

int64_t Quantity::milli_value() const { return saturate(divide_up(nano_, kNanoPerUnit / 1000)); }

std::string Quantity::to_string() const {
  if (nano_ == 0) return "0";
  const Int128 whole = nano_ / kNanoPerUnit;
  if (form_ == Form::kBinary && nano_ % kNanoPerUnit == 0 && (whole >= 1024 || whole <= -1024)) {
    constexpr std::array<std::string_view, 7> kNames{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    Int128 mantissa = whole;
    size_t step = 0;
    for (; step + 1 < kNames.size() && mantissa % 1024 == 0; ++step) mantissa /= 1024;
    return decimal(mantissa) + std::string(kNames[step]);
  }
  Int128 mantissa = nano_;
  int power = -9;
  for (; power < 18 && mantissa % 1000 == 0; power += 3) mantissa /= 1000;
  if (form_ == Form::kExponent) return power == 0 ? decimal(mantissa) : decimal(mantissa) + "e" + base::concat(power);
  for (const Suffix& suffix : kSuffixes)
    if (suffix.binary == 0 && suffix.decimal == power) return decimal(mantissa) + std::string(suffix.text);
  return decimal(mantissa);
}

}  // namespace api
