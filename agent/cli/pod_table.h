// Pods as `ps` shows them. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/pods/pod_owner.h"
#include "base/clock.h"

namespace agent::cli {

// The STATUS column, in kubectl's words: what holds the pod up if anything does ("CrashLoopBackOff", "Init:1/2"), else
// how it ended ("Completed", "Error") or its phase.
std::string pod_status_word(const api::Pod& pod);

// NAMESPACE NAME READY STATUS RESTARTS AGE IP OWNER, with the heading.
std::vector<std::vector<std::string>> pod_table(const std::vector<pods::PodSummary>& pods, base::WallTime now);

// A Kubernetes List of the pods; who owns them is in annotations of ours.
std::string pod_list_json(const std::vector<pods::PodSummary>& pods);

}  // namespace agent::cli
