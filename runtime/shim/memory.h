// Giving back memory that a waiting process does not need.
#pragma once

#include <sys/epoll.h>

#include <span>

namespace runtime::shim {

// Lets go of heap pages that hold nothing, and of what is in `scratch`, which then reads as zeros.
void release_data(std::span<char> scratch);

// Lets go of our own code and constants, which come back from the page cache when they are next used, and waits for
// one event of the epoll descriptor as epoll_wait(2) does, for ever. Only the code around the wait itself stays.
int release_code_and_wait(int epoll, struct epoll_event* event);

}  // namespace runtime::shim
