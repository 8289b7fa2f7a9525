// make_status: the status of a pod as Kubernetes words it, from what is wanted and what is seen. Pure.
#pragma once

#include <map>
#include <string>

#include "agent/api/pod.h"
#include "agent/pods/decide.h"
#include "agent/pods/observed.h"
#include "base/clock.h"

namespace agent::pods {

struct StatusInput {
  const api::Pod& pod;
  const ObservedPod& observed;
  const api::PodStatus& previous;  // as last made; default for a new pod
  base::WallTime now;
  const std::map<std::string, StartFailure>& start_failures;
  const std::vector<BackingOff>& backing_off;
  std::string node_ip;  // status.hostIP, and the pod's own with hostNetwork; empty: not known
  // Nothing is started any more: what has ended has ended.
  bool ending = false;
  std::string reason;   // of the pod as a whole: "DeadlineExceeded"
  std::string message;  // likewise
  bool failed = false;  // it fails whatever its containers say (deadline, could not be started)
};

// A phase that was Succeeded or Failed stays; neither is reported while a container runs.
api::PodStatus make_status(const StatusInput& input);

// "back-off 20s restarting failed container=web pod=site_default(uid)"
std::string back_off_message(const api::Pod& pod, const BackingOff& waiting);

}  // namespace agent::pods
