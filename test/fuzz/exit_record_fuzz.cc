// An exit record, written by a shim of any version or damaged on disk, is one with closed texts, or an error.
#include <cstring>

#include "base/concat.h"
#include "base/sys.h"
#include "runtime/shim/exit_record.h"
#include "runtime/shim/frame_io.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace runtime::shim;
  const auto file = base::sys::memfd("record", false);
  fuzz::require(file.has_value());
  fuzz::require(base::sys::write_all(file->get(), fuzz::text_of(data, size)).has_value());
  const std::string path = base::concat("/proc/self/fd/", file->get());
  const auto record = read_exit_record(path);
  if (!record) {
    fuzz::require(record.error().code() == base::Code::kDataLoss);
    return 0;
  }
  fuzz::require(record->magic == kRecordMagic);
  fuzz::require(text_of(record->container_id).size() < kIdBytes && text_of(record->detail).size() < kDetailBytes);
  (void)step_name(record->step);

  fuzz::require(write_exit_record(file->get(), *record).has_value());
  const auto again = read_exit_record(path);
  fuzz::require(again && std::memcmp(&*again, &*record, sizeof(*record)) == 0);
  return 0;
}
