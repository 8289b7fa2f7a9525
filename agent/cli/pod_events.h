// What happens to a pod, as log lines.
#pragma once

#include "agent/api/pod.h"
#include "agent/pods/pod_owner.h"

namespace agent::cli {

// A warning that whoever waits for the pod should see at once.
bool is_news(const pods::Event& event);

void log_event(const api::Pod& pod, const pods::Event& event, bool as_warning);

}  // namespace agent::cli
