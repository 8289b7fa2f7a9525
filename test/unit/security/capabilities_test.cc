#include "runtime/security/capabilities.h"

#include <linux/capability.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace runtime::security {
namespace {

using Names = std::vector<std::string>;

constexpr CapabilitySet kEverything = CapabilitySet::up_to(kKnownCapabilities - 1);

CapabilitySet adjusted(const Names& add, const Names& drop) {
  const base::Result<CapabilitySet> set = adjust_capabilities(default_capabilities(), kEverything, add, drop);
  REQUIRE(set.has_value());
  return *set;
}

TEST_CASE("names and numbers are the kernel's") {
  CHECK(capability_number("CAP_CHOWN") == CAP_CHOWN);
  CHECK(capability_number("NET_ADMIN") == CAP_NET_ADMIN);
  CHECK(capability_number("cap_sys_admin") == CAP_SYS_ADMIN);
  CHECK(capability_number("CHECKPOINT_RESTORE") == CAP_CHECKPOINT_RESTORE);
  CHECK(capability_number("SYSLOG") == CAP_SYSLOG);
  CHECK_FALSE(capability_number("CAP_NONE").has_value());
  CHECK_FALSE(capability_number("").has_value());
  CHECK_FALSE(capability_number("CAP_").has_value());
  CHECK(capability_name(CAP_MKNOD) == "CAP_MKNOD");
  CHECK(capability_name(41).empty());
  CHECK(capability_name(-1).empty());
  for (int i = 0; i < kKnownCapabilities; ++i) CHECK(capability_number(capability_name(i)) == i);
}

TEST_CASE("the default is containerd's fourteen") {
  CHECK(default_capabilities().names() == Names{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
                                                "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE",
                                                "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE",
                                                "CAP_SETFCAP"});
  CHECK(default_capabilities().mask() == 0xa80425fb);
}

TEST_CASE("capabilities are added and dropped in CRI's order") {
  CHECK(adjusted({}, {}) == default_capabilities());
  CHECK(adjusted({"NET_ADMIN"}, {}) == default_capabilities().with(CAP_NET_ADMIN));
  CHECK(adjusted({}, {"CAP_MKNOD", "net_raw"}) == default_capabilities().without(CAP_MKNOD).without(CAP_NET_RAW));
  CHECK(adjusted({}, {"ALL"}).empty());
  CHECK(adjusted({"ALL"}, {}) == kEverything);
  CHECK(adjusted({"all"}, {"SYS_ADMIN"}) == kEverything.without(CAP_SYS_ADMIN));
  CHECK(adjusted({"CHOWN"}, {"ALL"}) == CapabilitySet().with(CAP_CHOWN));
  CHECK(adjusted({"ALL"}, {"ALL"}).empty());
  CHECK(adjusted({"SYS_TIME"}, {"SYS_TIME"}) == default_capabilities());
}

TEST_CASE("what cannot be given is refused or left out") {
  const CapabilitySet available = kEverything.without(CAP_SYS_RESOURCE).without(CAP_MKNOD);
  const auto adjust = [&](const Names& add, const Names& drop) {
    return adjust_capabilities(default_capabilities(), available, add, drop);
  };
  CHECK(adjust({}, {}).value() == default_capabilities().without(CAP_MKNOD));
  CHECK(adjust({"ALL"}, {}).value() == available);
  const base::Result<CapabilitySet> refused = adjust({"SYS_RESOURCE"}, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == base::Code::kFailedPrecondition);
  CHECK(refused.error().to_string().find("CAP_SYS_RESOURCE") != std::string::npos);
  for (const base::Result<CapabilitySet>& unknown : {adjust({"FLY"}, {}), adjust({}, {"FLY"})}) {
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code() == base::Code::kInvalidArgument);
    CHECK(unknown.error().to_string().find("FLY") != std::string::npos);
  }
}

TEST_CASE("names become a set again") {
  CHECK(capability_set(default_capabilities().names()).value() == default_capabilities());
  CHECK_FALSE(capability_set(Names{"CAP_CHOWN", "CAP_X"}).has_value());
  CHECK(CapabilitySet::up_to(63).mask() == ~uint64_t{0});
}

TEST_CASE("the kernel's own limits can be read") {
  CHECK(kernel_last_capability().value() >= CAP_BPF);
  CHECK(available_capabilities().has_value());
}

}  // namespace
}  // namespace runtime::security
