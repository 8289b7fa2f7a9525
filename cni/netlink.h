// Netlink as this folder uses it: several messages in one sendmsg(2), their answers read back at once, and a failure
// told with what the message was for and the kernel's own explanation (NETLINK_EXT_ACK, netlink(7)).
#pragma once

#include <libmnl/libmnl.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace cni::netlink {

// Calls visit(const nlattr&) for each attribute after the message's own header of header_size bytes. (libmnl's macros
// for this are C.)
template <typename Visit>
void for_each_attribute(const nlmsghdr& message, size_t header_size, const Visit& visit) {
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(&message));
  const auto* attribute = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(&message, header_size));
  while (mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    visit(*attribute);
    attribute = mnl_attr_next(attribute);
  }
}
// The same for the attributes within one.
template <typename Visit>
void for_each_nested(const nlattr& nest, const Visit& visit) {
  const auto* attribute = static_cast<const nlattr*>(mnl_attr_get_payload(&nest));
  const char* end = reinterpret_cast<const char*>(attribute) + mnl_attr_get_payload_len(&nest);
  while (mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    visit(*attribute);
    attribute = mnl_attr_next(attribute);
  }
}

// Messages that go out together. The kernel carries each out in order and goes on after one that fails.
class Batch {
 public:
  Batch() = default;
  Batch(const Batch&) = delete;  // messages are pointed to
  Batch& operator=(const Batch&) = delete;

  // Starts a message; the caller adds header and attributes with mnl_*_put* before the next add(). attempted: what an
  // error would say ("create the bridge nodeagent0").
  nlmsghdr* add(uint16_t type, uint16_t flags, std::string attempted);
  // Ends a transaction: a message that gets no answer of its own.
  nlmsghdr* add_trailer(uint16_t type);

 private:
  friend class Socket;
  nlmsghdr* start(uint16_t type, uint16_t flags);
  static constexpr size_t kSize = 16384;  // many times what any batch here takes
  size_t end() const;

  alignas(NLMSG_ALIGNTO) std::array<char, kSize> buffer_;
  std::vector<std::string> attempted_;  // of each message that is answered
  nlmsghdr* last_ = nullptr;
  nlmsghdr* last_answered_ = nullptr;
};

// A netlink socket, bound to the network namespace the thread was in when it was opened. Used by one thread.
class Socket {
 public:
  // protocol: NETLINK_ROUTE, NETLINK_NETFILTER.
  static base::Result<Socket> open(int protocol);
  // Opens it in another network namespace: the calling thread goes there and comes back to `home`. If it cannot come
  // back the process is ended.
  static base::Result<Socket> open_in(int netns_fd, int home_netns_fd, int protocol);

  // Called for every answer that is neither an acknowledgement nor an error.
  using OnAnswer = std::function<void(const nlmsghdr&)>;
  // Sends the batch and reads the answers, which the kernel has ready when the send returns: nothing here waits. The
  // error is the first message's that failed; later ones were carried out or failed all the same.
  base::Status exchange(Batch& batch, const OnAnswer& on_answer = nullptr);
  // The same for one request with NLM_F_DUMP. kAborted if the table changed meanwhile: ask again.
  base::Status dump(Batch& request, const OnAnswer& on_answer);
  // The index of a link in the socket's network namespace (SIOCGIFINDEX, netdevice(7)): unlike RTM_GETLINK it does not
  // queue behind whatever is changing some link anywhere.
  base::Result<int> link_index(const std::string& name);

 private:
  explicit Socket(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::Status send(Batch& batch);
  base::Status receive(const Batch& batch, uint32_t first_sequence, bool dump, const OnAnswer& on_answer);

  base::UniqueFd fd_;
  uint32_t sequence_ = 1;  // of the next message
};

}  // namespace cni::netlink
