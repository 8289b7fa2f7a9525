// Defaults that depend on more than the field itself, as the apiserver stores them; the others are the members' initial
// values. Internal to agent/api.
#pragma once

#include "agent/api/objects.h"

namespace api {

void set_defaults(Object& object);
void set_defaults(PodSpec& spec);
// Of a template: requests and ports of the host are filled in when the pod is made.
void set_template_defaults(PodSpec& spec);

// default_workload.cc
void set_defaults(Deployment& deployment);
void set_defaults(DaemonSet& daemon_set);
void set_defaults(StatefulSet& stateful_set);
void set_defaults(Job& job);

}  // namespace api
