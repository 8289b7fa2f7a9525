#include "agent/cli/pod_events.h"

#include "base/log.h"

namespace agent::cli {

bool is_news(const pods::Event& event) {
  // What ends the run is its last message anyway, and a pod from a file has no cluster whose DNS it could miss.
  const bool told_elsewhere = event.reason == "Failed" || event.reason == "FailedCreatePodSandBox" ||
                              event.reason == "FailedMount" || event.reason == "MissingClusterDNS";
  return event.warning && !told_elsewhere;
}

void log_event(const api::Pod& pod, const pods::Event& event, bool as_warning) {
  const base::log::Fields fields{
      .pod = pod.metadata.name, .pod_namespace = pod.metadata.namespace_, .container = event.container};
  if (as_warning)
    base::log::warning(fields, event.reason, ": ", event.message);
  else
    base::log::info(fields, event.reason, ": ", event.message);
}

}  // namespace agent::cli
