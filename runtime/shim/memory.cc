#include "runtime/shim/memory.h"

#include <elf.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace runtime::shim {

namespace {

constexpr uintptr_t kPageMask = 4095;

struct Segment {
  uintptr_t start;
  uintptr_t length;
};
using Segments = std::array<Segment, 8>;

// The program's segments that are never written, so that their pages are the file's.
size_t constant_segments(Segments& segments) {
  const auto* const headers = reinterpret_cast<const Elf64_Phdr*>(::getauxval(AT_PHDR));
  const unsigned long count = ::getauxval(AT_PHNUM);
  size_t found = 0;
  for (unsigned long i = 0; headers != nullptr && i < count && found < segments.size(); ++i) {
    if (headers[i].p_type != PT_LOAD || (headers[i].p_flags & PF_W) != 0) continue;
    // Not position-independent: addresses in the file are addresses in memory.
    const uintptr_t start = headers[i].p_vaddr & ~kPageMask;
    segments[found++] = {start, headers[i].p_vaddr + headers[i].p_memsz - start};
  }
  return found;
}

}  // namespace

void release_data(std::span<char> scratch) {
  ::malloc_trim(0);
  ::madvise(scratch.data(), scratch.size(), MADV_DONTNEED);
}

// Every function that is called after the first madvise maps the 64 KiB that it lies in again, so there is only one:
// syscall(2), for all three calls. The alignment, more than the function's size, keeps it from lying in two of them.
__attribute__((aligned(512))) int release_code_and_wait(int epoll, struct epoll_event* event) {
  Segments segments{};
  const size_t count = constant_segments(segments);
  for (size_t i = 0; i < count; ++i) ::syscall(SYS_madvise, segments[i].start, segments[i].length, MADV_DONTNEED);
  return static_cast<int>(::syscall(SYS_epoll_pwait, epoll, event, 1, -1, nullptr, 0));
}

}  // namespace runtime::shim
