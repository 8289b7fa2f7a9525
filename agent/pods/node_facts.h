// What pods can ask of the node that they run on.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace agent::pods {

struct NodeFacts {
  std::string name;               // its host name in lower case, as a kubelet registers it
  std::string ip;                 // that other machines reach it by; empty: it has none
  int64_t milli_cpu = 0;          // thousandths of a processor
  int64_t memory = 0;             // bytes
  int64_t ephemeral_storage = 0;  // bytes of the file system that holds --root
};

// root: --root; the nearest folder above it that exists is asked where it does not.
base::Result<NodeFacts> read_node_facts(const std::string& root);

}  // namespace agent::pods
