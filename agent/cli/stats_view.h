// Two looks at what pods have used, a while apart, as `stats` shows them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cri-proto/usage.h"

namespace agent::cli {

struct UsageSample {
  base::WallTime at;
  std::vector<cri::PodUsage> pods;
};

// "0", "512", "1.5Ki", "12.3Mi": powers of 1024, with the units of a pod's resources.
std::string binary_size(uint64_t bytes);

// A row for each container, with the heading. What this node does not give, or is not known yet, is "-".
std::vector<std::vector<std::string>> stats_table(const UsageSample& before, const UsageSample& now);

// One line: the pods in the form of the kubelet's Summary API (k8s.io/kubelet/pkg/apis/stats/v1alpha1), and beside its
// fields what that has no names for. What is not known is left out.
std::string stats_json(const UsageSample& before, const UsageSample& now);

}  // namespace agent::cli
