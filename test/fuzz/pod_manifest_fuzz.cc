// A manifest that is accepted means the same after it was written and read again, as JSON and as YAML; one that is not
// has a fault to show.
#include "agent/api/codec.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto decoded = api::decode_pod(fuzz::text_of(data, size));
  if (!decoded) {
    fuzz::require(!decoded.error().empty() && !api::to_string(decoded.error(), "pod.yaml").empty());
    return 0;
  }
  const auto from_json = api::pod_from_json(api::to_json(*decoded));
  fuzz::require(from_json && *from_json == *decoded);
  for (const std::string& text : {api::to_yaml(*decoded), api::to_json_pretty(*decoded)}) {
    const auto again = api::decode_pod(text);
    fuzz::require(again && *again == *decoded);
  }
  return 0;
}
