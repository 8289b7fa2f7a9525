#include "runtime/shim/handover.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

namespace runtime::shim {

namespace {
constexpr size_t kPageBytes = 4096;
}

base::Result<Handover> Handover::create() {
  void* page = ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (page == MAP_FAILED) return base::fail_errno(errno, "share a page with a child");
  return Handover(static_cast<pid_t*>(page));
}

Handover::Handover(Handover&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

Handover& Handover::operator=(Handover&& other) noexcept {
  std::swap(page_, other.page_);
  return *this;
}

Handover::~Handover() {
  if (page_ != nullptr) ::munmap(page_, kPageBytes);
}

base::Status Handover::hide_from_successor() const {
  if (::madvise(page_, kPageBytes, MADV_DONTFORK) < 0) return base::fail_errno(errno, "keep a page to ourselves");
  return {};
}

pid_t Handover::successor() const { return __atomic_load_n(page_, __ATOMIC_ACQUIRE); }

}  // namespace runtime::shim
