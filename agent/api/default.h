// Defaults that depend on more than the field itself, as the apiserver stores them; the others are the members' initial
// values. Internal to agent/api.
#pragma once

#include "agent/api/objects.h"

namespace api {

void set_defaults(Object& object);
void set_defaults(PodSpec& spec);

}  // namespace api
