#include "cni/netlink.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <span>

#include "base/log.h"
#include "base/sys.h"

namespace cni::netlink {

using base::Code;
using base::concat;
using base::Error;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

// The kernel's own words for a refusal (NLMSGERR_ATTR_MSG), or nothing.
std::string_view kernel_explanation(const nlmsghdr& answer) {
  if ((answer.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&answer));
  size_t skip = sizeof(nlmsgerr);
  if ((answer.nlmsg_flags & NLM_F_CAPPED) == 0) skip += error->msg.nlmsg_len - sizeof(nlmsghdr);
  std::string_view text;
  netlink::for_each_attribute(answer, skip, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == NLMSGERR_ATTR_MSG && mnl_attr_validate(&attribute, MNL_TYPE_NUL_STRING) == 0) {
      text = mnl_attr_get_str(&attribute);
    }
  });
  return text;
}

Error refusal(int os_errno, const nlmsghdr& answer, std::string_view attempted) {
  const std::string_view explanation = kernel_explanation(answer);
  std::string text(attempted);
  if (!explanation.empty()) text += concat(" (the kernel says: ", explanation, ")");
  if (os_errno == EPERM) text += " (needs root with CAP_NET_ADMIN)";
  return base::errno_error(os_errno, std::move(text));
}

}  // namespace

size_t Batch::end() const {
  if (last_ == nullptr) return 0;
  return static_cast<size_t>(reinterpret_cast<const char*>(last_) - buffer_.data()) + MNL_ALIGN(last_->nlmsg_len);
}

nlmsghdr* Batch::start(uint16_t type, uint16_t flags) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer_.data() + end());
  message->nlmsg_type = type;
  message->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  last_ = message;
  return message;
}

nlmsghdr* Batch::add(uint16_t type, uint16_t flags, std::string attempted) {
  attempted_.push_back(std::move(attempted));
  last_answered_ = start(type, flags);
  return last_answered_;
}

nlmsghdr* Batch::add_trailer(uint16_t type) { return start(type, 0); }

Result<Socket> Socket::open(int protocol) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return fail_errno(errno, "open a netlink socket");
  const int on = 1;
  // Shorter answers that explain themselves. Both options are older than the oldest kernel supported.
  for (const int option : {NETLINK_CAP_ACK, NETLINK_EXT_ACK}) {
    if (::setsockopt(fd.get(), SOL_NETLINK, option, &on, sizeof(on)) != 0) {
      return fail_errno(errno, "set up a netlink socket");
    }
  }
  return Socket(std::move(fd));
}

Result<Socket> Socket::open_in(int netns_fd, int home_netns_fd, int protocol) {
  TRY(base::sys::setns(netns_fd, CLONE_NEWNET), "enter the pod's network namespace");
  Result<Socket> socket = open(protocol);
  if (const Status back = base::sys::setns(home_netns_fd, CLONE_NEWNET); !back) {
    base::log::error({},
                     "cannot leave a pod's network namespace, and must not go on in it: ", back.error().to_string());
    std::abort();
  }
  return socket;
}

Status Socket::send(Batch& batch) {
  // Only the last message asks for an acknowledgement: it comes after the errors of those before it.
  batch.last_answered_->nlmsg_flags |= NLM_F_ACK;
  size_t offset = 0;
  while (offset < batch.end()) {
    auto* message = reinterpret_cast<nlmsghdr*>(batch.buffer_.data() + offset);
    message->nlmsg_seq = sequence_++;
    offset += MNL_ALIGN(message->nlmsg_len);
  }
  while (::send(fd_.get(), batch.buffer_.data(), batch.end(), 0) < 0) {
    if (errno != EINTR) return fail_errno(errno, batch.attempted_.front(), ": send to the kernel");
  }
  return {};
}

Status Socket::exchange(Batch& batch, const OnAnswer& on_answer) {
  const uint32_t first = sequence_;
  TRY(send(batch));
  return receive(batch, first, false, on_answer);
}

Status Socket::dump(Batch& request, const OnAnswer& on_answer) {
  const uint32_t first = sequence_;
  TRY(send(request));
  return receive(request, first, true, on_answer);
}

Result<int> Socket::link_index(const std::string& name) {
  struct ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(fd_.get(), SIOCGIFINDEX, &request) != 0) return fail_errno(errno, "find the link ", name);
  return request.ifr_ifindex;
}

Status Socket::receive(const Batch& batch, uint32_t first_sequence, bool dump, const OnAnswer& on_answer) {
  const size_t count = batch.attempted_.size();
  std::optional<Error> failure;
  bool interrupted = false;
  alignas(NLMSG_ALIGNTO) std::array<char, 32768> buffer;
  while (true) {
    const ssize_t received = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0 && errno == EAGAIN && failure) break;  // a failed transaction is not acknowledged at its end
    if (received < 0) return fail_errno(errno, batch.attempted_.back(), ": read the kernel's answer");
    if (static_cast<size_t>(received) > buffer.size()) {
      return fail(Code::kInternal, batch.attempted_.back(), ": the kernel's answer is too long: ", received, " bytes");
    }
    int left = static_cast<int>(received);
    for (auto* answer = reinterpret_cast<nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(answer, left);
         answer = mnl_nlmsg_next(answer, &left)) {
      const size_t index = answer->nlmsg_seq - first_sequence;
      if (index >= count) continue;  // of an earlier exchange that ended with an error
      if ((answer->nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
      if (answer->nlmsg_type == NLMSG_ERROR || answer->nlmsg_type == NLMSG_DONE) {
        const int error = -*static_cast<const int*>(mnl_nlmsg_get_payload(answer));
        if (error != 0 && !failure) failure = refusal(error, *answer, batch.attempted_[index]);
        const bool ended = index == count - 1 && (!dump || error != 0 || answer->nlmsg_type == NLMSG_DONE);
        if (!ended) continue;
        if (failure) return std::unexpected(std::move(*failure));
        if (interrupted) return fail(Code::kAborted, batch.attempted_[index], ": changed while it was being read");
        return {};
      }
      if (on_answer) on_answer(*answer);
    }
  }
  return std::unexpected(std::move(*failure));
}

}  // namespace cni::netlink
