// A pod's record that is accepted is written and read again as the same.
#include "agent/pods/pod_record.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agent::pods;
  const auto record = parse_record(std::string(fuzz::text_of(data, size)), "record.json");
  if (!record) return 0;
  const auto again = parse_record(format_record(*record), "again.json");
  fuzz::require(again && again->pod == record->pod && again->foreground == record->foreground &&
                again->finished == record->finished && again->owner_pid == record->owner_pid &&
                again->owner_start == record->owner_start);
  return 0;
}
