// Both ways in which a reference is written name the same image.
#include "runtime/image/reference.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto reference = runtime::image::Reference::parse(fuzz::text_of(data, size));
  if (!reference) return 0;
  for (const std::string& text : {reference->normalised(), reference->familiar()}) {
    const auto again = runtime::image::Reference::parse(text);
    fuzz::require(again && *again == *reference);
  }
  fuzz::require(!reference->tag.empty() || !reference->digest.empty());
  // It is part of file names and messages.
  fuzz::require(reference->normalised().find_first_of(" \t\r\n\0\\", 0, 6) == std::string::npos);
  return 0;
}
