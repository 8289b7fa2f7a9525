// A quantity's canonical form is the same amount and its own canonical form; its roundings agree with each other.
#include "agent/api/quantity.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto quantity = api::Quantity::parse(fuzz::text_of(data, size));
  if (!quantity) return 0;
  const std::string text = quantity->to_string();
  const auto again = api::Quantity::parse(text);
  fuzz::require(again && *again == *quantity && again->to_string() == text);
  fuzz::require(again->value() == quantity->value() && again->milli_value() == quantity->milli_value());
  if (quantity->is_zero()) fuzz::require(quantity->value() == 0 && quantity->milli_value() == 0);
  // Rounded up, so a negative amount may be a whole 0.
  fuzz::require(quantity->is_negative() ? quantity->value() <= 0 : quantity->value() >= 0);
  return 0;
}
