// What pods can ask of the node that they run on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace agent::resources {

// Pages of one size that are set aside (hugetlbpage, https://docs.kernel.org/admin-guide/mm/hugetlbpage.html).
struct HugePagePool {
  std::string resource;   // "hugepages-2Mi"
  std::string page_size;  // "2MB", as hugetlb's control files are named
  int64_t total = 0;      // bytes
};

struct NodeFacts {
  std::string name;               // its host name in lower case, as a kubelet registers it
  std::string ip;                 // that other machines reach it by; empty: it has none
  int64_t milli_cpu = 0;          // thousandths of a processor
  int64_t memory = 0;             // bytes
  int64_t ephemeral_storage = 0;  // bytes of the file system that holds --root
  int64_t max_pids = 0;           // as many processes and threads as the kernel makes; 0: unknown
  std::vector<HugePagePool> huge_pages;
};

// root: --root; the nearest folder above it that exists is asked where it does not.
base::Result<NodeFacts> read_node_facts(const std::string& root);

}  // namespace agent::resources
