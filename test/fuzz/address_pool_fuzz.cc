// The file of addresses in use: what is accepted holds addresses of the subnet only, is written the same, and gives no
// address twice.
#include "cni/pool.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const cni::Subnet subnet{.network = 0x0a000000, .prefix = 28};
  auto pool = cni::Pool::parse(fuzz::text_of(data, size), subnet, "boot");
  if (!pool) return 0;
  for (const auto& [address, sandbox] : pool->in_use()) {
    fuzz::require(address >= subnet.first_pod() && address <= subnet.last_pod() && !sandbox.empty());
  }
  const auto again = cni::Pool::parse(pool->text(), subnet, "boot");
  fuzz::require(again && again->in_use() == pool->in_use() && again->text() == pool->text());
  const auto before = pool->in_use();
  const bool had_one = pool->find("fresh").has_value();
  const auto address = pool->allocate("fresh");
  fuzz::require(address.has_value() || before.size() == subnet.pods());
  if (address) fuzz::require(subnet.contains(*address) && (had_one || !before.contains(*address)));
  return 0;
}
