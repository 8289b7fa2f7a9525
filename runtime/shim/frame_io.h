// Sending and receiving frames: the one send and the one receive function of both ends, and the parts of the wire
// format that need code.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/shim/protocol.h"

namespace runtime::shim {

struct Received {
  Frame frame;
  std::vector<base::UniqueFd> descriptors;
};

// One packet. Never blocks for longer than the socket itself would: a non-blocking socket that is full is kUnavailable
// (EAGAIN), a peer that has gone is EPIPE or ECONNRESET.
base::Status send_frame(int socket, const Frame& frame, std::span<const int> descriptors = {});
// nullopt: nothing there (non-blocking socket). kUnavailable: the peer has closed. kInvalidArgument: not a frame.
base::Result<std::optional<Received>> receive_frame(int socket);

// gRPC's numbers (https://grpc.io/docs/guides/status-codes/), which never change; 0 is OK.
uint32_t code_to_wire(base::Code code);
base::Code code_from_wire(uint32_t code);

// Copies text into a fixed field, cut at its size, always closed by a NUL.
void put_text(std::span<char> field, std::string_view text);
// A field's text; a field without a NUL is read to its end.
std::string_view text_of(std::span<const char> field);

// A sealed memfd that holds the bytes.
base::Result<base::UniqueFd> sealed_memfd(const char* name, std::string_view bytes);
template <typename T>
std::string_view bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

// Field 22 of /proc/PID/stat, clock ticks since boot; 0 when there is no such process.
uint64_t process_start_time(int pid);

}  // namespace runtime::shim
