// A config.json that decodes encodes again, and to the same; the same for a process alone.
#include "runtime/oci/spec.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto spec = runtime::oci::decode(text)) {
    const auto encoded = runtime::oci::encode(*spec);
    fuzz::require(encoded.has_value());
    const auto again = runtime::oci::decode(*encoded);
    fuzz::require(again && *again == *spec);
  }
  if (const auto process = runtime::oci::decode_process(text)) {
    const auto encoded = runtime::oci::encode(*process);
    fuzz::require(encoded.has_value());
    const auto again = runtime::oci::decode_process(*encoded);
    fuzz::require(again && *again == *process);
  }
  return 0;
}
