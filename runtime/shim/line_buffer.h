// LineBuffer: the beginning of a line whose end has not come yet. What a container wrote is nobody else's business, and
// every child of the shim starts with a copy of its memory, so this memory is one that children find empty.
#pragma once

#include <cstddef>
#include <string_view>

namespace runtime::shim {

class LineBuffer {
 public:
  explicit LineBuffer(size_t limit) : limit_(limit) {}
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;
  ~LineBuffer() { release(); }

  // False, and nothing is kept, when the kernel has no memory. Never more than the limit in all.
  bool append(std::string_view text);
  std::string_view text() const { return {data_, size_}; }
  size_t size() const { return size_; }
  void clear() { size_ = 0; }
  // Empty, and without memory.
  void release();

 private:
  size_t limit_;
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace runtime::shim
