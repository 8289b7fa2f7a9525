#include "cni/masquerade.h"

#include <arpa/inet.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "cni/netlink.h"

namespace cni {

using base::concat;
using base::Result;
using base::Status;
using netlink::Batch;
using netlink::Socket;

namespace {

// libnftnl's objects with an owner.
template <auto free_function>
struct Freer {
  template <typename Object>
  void operator()(Object* object) const {
    free_function(object);
  }
};
using Table = std::unique_ptr<nftnl_table, Freer<nftnl_table_free>>;
using Chain = std::unique_ptr<nftnl_chain, Freer<nftnl_chain_free>>;
using Rule = std::unique_ptr<nftnl_rule, Freer<nftnl_rule_free>>;

constexpr const char* kPostrouting = "postrouting";
constexpr const char* kForward = "forward";
constexpr uint32_t kPostroutingRules = 1;
constexpr uint32_t kForwardRules = 2;
constexpr uint32_t kSourceOffset = 12;  // in the IPv4 header, RFC 791
constexpr uint32_t kDestinationOffset = 16;
constexpr Subnet kMulticast{.network = 0xe0000000, .prefix = 4};

nlmsghdr* add_message(Batch& batch, int type, uint16_t flags, std::string attempted) {
  nlmsghdr* message = batch.add(static_cast<uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type), flags, std::move(attempted));
  auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  header->nfgen_family = NFPROTO_INET;
  header->version = NFNETLINK_V0;
  return message;
}

void put_transaction_header(nlmsghdr* message) {
  auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  header->nfgen_family = AF_UNSPEC;
  header->version = NFNETLINK_V0;
  header->res_id = htons(NFNL_SUBSYS_NFTABLES);
}

void begin(Batch& batch, const std::string& table) {
  put_transaction_header(batch.add(NFNL_MSG_BATCH_BEGIN, 0, concat("change the nftables table inet ", table)));
}

void end(Batch& batch) { put_transaction_header(batch.add_trailer(NFNL_MSG_BATCH_END)); }

Table table_object(const std::string& name) {
  Table table(nftnl_table_alloc());
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, name.c_str());
  nftnl_table_set_u32(table.get(), NFTNL_TABLE_FAMILY, NFPROTO_INET);
  return table;
}

Chain chain_object(const std::string& table, const char* name) {
  Chain chain(nftnl_chain_alloc());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, table.c_str());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name);
  nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_FAMILY, NFPROTO_INET);
  return chain;
}

void add_base_chain(Batch& batch, const std::string& table, const char* name, const char* type, uint32_t hook,
                    int32_t priority) {
  const Chain chain = chain_object(table, name);
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, type);
  nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, hook);
  nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, priority);
  nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  nftnl_chain_nlmsg_build_payload(
      add_message(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE, concat("make the nftables chain ", table, " ", name)),
      chain.get());
}

// Builds one rule expression by expression, as `nft --debug=netlink` shows them.
class RuleBuilder {
 public:
  RuleBuilder(const std::string& table, const char* chain) : rule_(nftnl_rule_alloc()) {
    nftnl_rule_set_str(rule_.get(), NFTNL_RULE_TABLE, table.c_str());
    nftnl_rule_set_str(rule_.get(), NFTNL_RULE_CHAIN, chain);
    nftnl_rule_set_u32(rule_.get(), NFTNL_RULE_FAMILY, NFPROTO_INET);
  }

  RuleBuilder& is_ipv4() {
    const uint8_t ipv4 = NFPROTO_IPV4;
    load_meta(NFT_META_NFPROTO);
    compare(NFT_CMP_EQ, &ipv4, sizeof(ipv4));
    return *this;
  }

  // The address at `offset` of the IPv4 header lies in the subnet (NFT_CMP_EQ), or outside of it (NFT_CMP_NEQ).
  RuleBuilder& address(uint32_t offset, uint32_t comparison, const Subnet& subnet) {
    nftnl_expr* load = nftnl_expr_alloc("payload");
    nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
    nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
    nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_LEN, sizeof(Ipv4));
    nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
    nftnl_rule_add_expr(rule_.get(), load);
    const uint32_t mask = htonl(subnet.mask());
    const uint32_t nothing = 0;
    nftnl_expr* masked = nftnl_expr_alloc("bitwise");
    nftnl_expr_set_u32(masked, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
    nftnl_expr_set_u32(masked, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
    nftnl_expr_set_u32(masked, NFTNL_EXPR_BITWISE_LEN, sizeof(mask));
    nftnl_expr_set_data(masked, NFTNL_EXPR_BITWISE_MASK, &mask, sizeof(mask));
    nftnl_expr_set_data(masked, NFTNL_EXPR_BITWISE_XOR, &nothing, sizeof(nothing));
    nftnl_rule_add_expr(rule_.get(), masked);
    const uint32_t network = htonl(subnet.network);
    compare(comparison, &network, sizeof(network));
    return *this;
  }

  RuleBuilder& link(uint32_t meta_key, const std::string& name) {
    std::array<char, IFNAMSIZ> padded{};
    name.copy(padded.data(), padded.size() - 1);
    load_meta(meta_key);
    compare(NFT_CMP_EQ, padded.data(), padded.size());
    return *this;
  }

  RuleBuilder& masquerade() {
    nftnl_rule_add_expr(rule_.get(), nftnl_expr_alloc("masq"));
    return *this;
  }

  RuleBuilder& accept() {
    nftnl_expr* verdict = nftnl_expr_alloc("immediate");
    nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
    nftnl_rule_add_expr(rule_.get(), verdict);
    return *this;
  }

  void add_to(Batch& batch, std::string attempted) {
    nftnl_rule_nlmsg_build_payload(
        add_message(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, std::move(attempted)), rule_.get());
  }

 private:
  void load_meta(uint32_t key) {
    nftnl_expr* load = nftnl_expr_alloc("meta");
    nftnl_expr_set_u32(load, NFTNL_EXPR_META_KEY, key);
    nftnl_expr_set_u32(load, NFTNL_EXPR_META_DREG, NFT_REG_1);
    nftnl_rule_add_expr(rule_.get(), load);
  }

  void compare(uint32_t comparison, const void* data, uint32_t size) {
    nftnl_expr* expression = nftnl_expr_alloc("cmp");
    nftnl_expr_set_u32(expression, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
    nftnl_expr_set_u32(expression, NFTNL_EXPR_CMP_OP, comparison);
    nftnl_expr_set_data(expression, NFTNL_EXPR_CMP_DATA, data, size);
    nftnl_rule_add_expr(rule_.get(), expression);
  }

  Rule rule_;
};

// User data of a table is a list of (type, length, value); type 0 is the comment that nft shows.
std::string comment_attribute(const std::string& comment) {
  const std::unique_ptr<nftnl_udata_buf, Freer<nftnl_udata_buf_free>> buffer(nftnl_udata_buf_alloc(256));
  nftnl_udata_put_strz(buffer.get(), NFTNL_UDATA_TABLE_COMMENT, comment.c_str());
  return {static_cast<const char*>(nftnl_udata_buf_data(buffer.get())), nftnl_udata_buf_len(buffer.get())};
}

bool is_message(const nlmsghdr& answer, int type) { return answer.nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) | type); }

uint32_t rules_in(const nlmsghdr& answer) {
  const Chain chain(nftnl_chain_alloc());
  if (nftnl_chain_nlmsg_parse(&answer, chain.get()) != 0) return 0;
  return nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_USE);
}

std::string user_data_of(const nlmsghdr& answer) {
  const Table table(nftnl_table_alloc());
  if (nftnl_table_nlmsg_parse(&answer, table.get()) != 0) return {};
  uint32_t size = 0;
  const void* data = nftnl_table_get_data(table.get(), NFTNL_TABLE_USERDATA, &size);
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

}  // namespace

std::string Masquerade::comment() const { return concat("nodeagent pods ", subnet_.text(), " on ", bridge_); }

Result<uint32_t> Masquerade::generation() const {
  Socket socket = TRY(Socket::open(NETLINK_NETFILTER), "nftables (CONFIG_NF_TABLES)");
  Batch batch;
  add_message(batch, NFT_MSG_GETGEN, 0, "ask for the generation of the nftables rules");
  uint32_t generation = 0;
  const auto on_answer = [&](const nlmsghdr& answer) {
    if (!is_message(answer, NFT_MSG_NEWGEN)) return;
    netlink::for_each_attribute(answer, sizeof(nfgenmsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == NFTA_GEN_ID) generation = ntohl(mnl_attr_get_u32(&attribute));
    });
  };
  TRY(socket.exchange(batch, on_answer));
  return generation;
}

Result<bool> Masquerade::present() const {
  Socket socket = TRY(Socket::open(NETLINK_NETFILTER));
  Batch batch;
  const std::string attempted = concat("look at the nftables table inet ", table_);
  nftnl_table_nlmsg_build_payload(add_message(batch, NFT_MSG_GETTABLE, 0, attempted), table_object(table_).get());
  for (const char* chain : {kPostrouting, kForward}) {
    nftnl_chain_nlmsg_build_payload(add_message(batch, NFT_MSG_GETCHAIN, 0, attempted),
                                    chain_object(table_, chain).get());
  }
  std::string user_data;
  std::vector<uint32_t> rules;
  const Status asked = socket.exchange(batch, [&](const nlmsghdr& answer) {
    if (is_message(answer, NFT_MSG_NEWTABLE)) user_data = user_data_of(answer);
    if (is_message(answer, NFT_MSG_NEWCHAIN)) rules.push_back(rules_in(answer));
  });
  if (!asked && asked.error().os_errno() == ENOENT) return false;
  if (!asked) return std::unexpected(asked.error());
  return user_data == comment_attribute(comment()) && rules == std::vector{kPostroutingRules, kForwardRules};
}

Status Masquerade::make() const {
  Socket socket = TRY(Socket::open(NETLINK_NETFILTER));
  Batch batch;
  begin(batch, table_);
  // Add, delete, add: whatever was in a table of this name is gone, and its absence is no error.
  const std::string attempted = concat("make the nftables table inet ", table_);
  const Table table = table_object(table_);
  nftnl_table_nlmsg_build_payload(add_message(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE, attempted), table.get());
  nftnl_table_nlmsg_build_payload(add_message(batch, NFT_MSG_DELTABLE, 0, attempted), table.get());
  const std::string user_data = comment_attribute(comment());
  nftnl_table_set_data(table.get(), NFTNL_TABLE_USERDATA, user_data.data(), static_cast<uint32_t>(user_data.size()));
  nftnl_table_nlmsg_build_payload(add_message(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE, attempted), table.get());

  add_base_chain(batch, table_, kPostrouting, "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC);
  RuleBuilder(table_, kPostrouting)
      .is_ipv4()
      .address(kSourceOffset, NFT_CMP_EQ, subnet_)
      .address(kDestinationOffset, NFT_CMP_NEQ, subnet_)
      .address(kDestinationOffset, NFT_CMP_NEQ, kMulticast)
      .masquerade()
      .add_to(batch, concat("add the masquerade rule for ", subnet_.text()));

  add_base_chain(batch, table_, kForward, "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER);
  for (const uint32_t key : {NFT_META_IIFNAME, NFT_META_OIFNAME}) {
    RuleBuilder(table_, kForward)
        .link(key, bridge_)
        .accept()
        .add_to(batch, concat("accept what ", bridge_, " forwards"));
  }
  end(batch);
  Status made = socket.exchange(batch);
  if (!made && (made.error().os_errno() == ENOENT || made.error().os_errno() == EOPNOTSUPP)) {
    made.error().add_context("this kernel seems to lack nftables' NAT (CONFIG_NFT_NAT, CONFIG_NFT_MASQ)");
  }
  return made;
}

Status Masquerade::remove() const {
  Socket socket = TRY(Socket::open(NETLINK_NETFILTER));
  Batch batch;
  begin(batch, table_);
  nftnl_table_nlmsg_build_payload(
      add_message(batch, NFT_MSG_DELTABLE, 0, concat("remove the nftables table inet ", table_)),
      table_object(table_).get());
  end(batch);
  const Status removed = socket.exchange(batch);
  if (!removed && removed.error().os_errno() == ENOENT) return {};
  return removed;
}

}  // namespace cni
