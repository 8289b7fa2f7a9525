// A packet from a peer of any version, or a hostile one, is a frame whose texts are closed, or an error.
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "runtime/shim/frame_io.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace runtime::shim;
  std::array<int, 2> pair{};
  fuzz::require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) == 0);
  base::UniqueFd ours(pair[0]);
  const base::UniqueFd theirs(pair[1]);
  // An empty packet reads as the end of the connection; one that is longer than the socket's buffer cannot be sent.
  if (::send(theirs.get(), data, size, 0) != static_cast<ssize_t>(size)) return 0;
  auto received = receive_frame(ours.get());
  const bool is_frame = size >= kMinFrameBytes && std::memcmp(data, &kFrameMagic, sizeof(kFrameMagic)) == 0;
  fuzz::require(received.has_value() == is_frame);
  if (!is_frame) return 0;
  fuzz::require(received->has_value() && (*received)->descriptors.empty());

  const Frame& frame = (*received)->frame;
  fuzz::require(text_of(frame.container_id).size() < kIdBytes && text_of(frame.exec_id).size() < kIdBytes &&
                text_of(frame.detail).size() < kDetailBytes);
  fuzz::require(!step_name(frame.step).empty() || frame.step == Step::kNone);
  const base::Code code = code_from_wire(frame.code);
  fuzz::require(code_from_wire(code_to_wire(code)) == code);

  // Sent on, it arrives as it was received.
  fuzz::require(send_frame(theirs.get(), frame).has_value());
  const auto again = receive_frame(ours.get());
  fuzz::require(again && again->has_value() && std::memcmp(&(*again)->frame, &frame, sizeof(frame)) == 0);
  return 0;
}
