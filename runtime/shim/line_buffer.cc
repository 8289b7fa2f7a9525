#include "runtime/shim/line_buffer.h"

#include <sys/mman.h>

#include <cstring>

namespace runtime::shim {

bool LineBuffer::append(std::string_view text) {
  if (text.empty()) return true;
  if (data_ == nullptr) {
    // Pages that are not written to cost nothing.
    void* memory = ::mmap(nullptr, limit_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    ::madvise(memory, limit_, MADV_WIPEONFORK);
    data_ = static_cast<char*>(memory);
  }
  std::memcpy(data_ + size_, text.data(), text.size());
  size_ += text.size();
  return true;
}

void LineBuffer::release() {
  if (data_ != nullptr) ::munmap(data_, limit_);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace runtime::shim
