// Our nftables table, in family inet: masquerade for what leaves the subnet, and accept rules for what the bridge
// forwards. `nft list table inet <name>` shows it.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "cni/subnet.h"

namespace cni {

// Holds names only. Every call opens its own socket in the calling thread's network namespace.
class Masquerade {
 public:
  Masquerade(std::string table, std::string bridge, Subnet subnet)
      : table_(std::move(table)), bridge_(std::move(bridge)), subnet_(subnet) {}

  // The generation of the namespace's nftables rules: it changes with every transaction of anybody. One round trip.
  base::Result<uint32_t> generation() const;
  // Whether the table is there, is for this bridge and subnet, and has as many rules as it should.
  base::Result<bool> present() const;
  // Makes the table, or makes it anew, in one transaction.
  base::Status make() const;
  // Removes the table; a missing one is fine.
  base::Status remove() const;

 private:
  // Kept with the table, so that a table of another subnet or bridge is told apart.
  std::string comment() const;

  std::string table_;
  std::string bridge_;
  Subnet subnet_;
};

}  // namespace cni
