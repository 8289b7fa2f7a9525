// Quantity: an amount as Kubernetes writes it ("64Mi", "1500m", "1e3"), kept exactly.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace api {

class Quantity {
 public:
  Quantity() = default;
  static Quantity of_bytes(int64_t bytes);

  // kInvalidArgument names what is wrong. Amounts are kept to one thousandth of a millionth (1n) rounded away from
  // zero; beyond +-9.2e18 whole units those with a binary suffix are cut, as the apiserver does, and all beyond +-8e28.
  static base::Result<Quantity> parse(std::string_view text);

  // Whole units, rounded up: bytes for sizes.
  int64_t value() const;
  // Thousandths, rounded up: milli-CPU. Saturates at the ends of int64.
  int64_t milli_value() const;
  bool is_negative() const { return nano_ < 0; }
  bool is_zero() const { return nano_ == 0; }

  // Away from zero: as the apiserver stores the amounts of resources.
  void round_up_to_milli();

  // The canonical form: the largest suffix of the family it was written in that leaves a whole number ("1024Mi" is
  // "1Gi", "1500m" stays).
  std::string to_string() const;

  // At most what a quantity can be; written in the family of the first.
  friend Quantity operator+(const Quantity& a, const Quantity& b);
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) { return a.nano_ <=> b.nano_; }

 private:
  enum class Form : uint8_t { kDecimal, kBinary, kExponent };
  __extension__ using Int128 = __int128;

  Int128 nano_ = 0;  // thousandths of a millionth
  Form form_ = Form::kDecimal;
};

}  // namespace api
