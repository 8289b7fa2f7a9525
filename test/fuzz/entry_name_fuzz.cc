// A cleaned name of an archive's entry stays below the root: no "..", no empty part, no leading slash.
#include "runtime/image/unpack.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Names come as C strings.
  const std::string_view name = fuzz::text_of(data, size);
  const auto clean = runtime::image::clean_entry_name(name.substr(0, name.find('\0')));
  if (!clean || clean->empty()) return 0;
  const auto again = runtime::image::clean_entry_name(*clean);
  fuzz::require(again && *again == *clean);
  fuzz::require(!clean->ends_with('/'));
  std::string_view rest = *clean;
  while (!rest.empty()) {
    const std::string_view part = fuzz::take_until(rest, "/");
    fuzz::require(!part.empty() && part != "." && part != "..");
  }
  return 0;
}
