// What is accepted of a file of manifests means the same after it was written and read again, as JSON and as YAML; what
// is not has a fault to show.
#include "agent/api/codec.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto decoded = api::decode_manifests(fuzz::text_of(data, size));
  if (!decoded) {
    fuzz::require(!decoded.error().empty() && !api::to_string(decoded.error(), "pod.yaml").empty());
    return 0;
  }
  for (const api::Manifest& manifest : *decoded) {
    for (const std::string& text : {api::to_yaml(manifest.object), api::to_json_pretty({&manifest.object})}) {
      const auto again = api::decode_manifests(text);
      fuzz::require(again && again->size() == 1 && again->front().object == manifest.object);
    }
  }
  return 0;
}
