// $(NAME) references in env values, command and args.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/api/pod_spec.h"

namespace agent::pods {

// "$(NAME)" becomes the value, "$$" becomes "$"; unknown names, an unterminated "$(", "$x" and a lone "$" stay as they
// are written. What comes out is not looked at again.
std::string expand(std::string_view text, const std::map<std::string, std::string>& values);

// The environment in its order, expanded: a value may use only names that are defined before it. Of a name that comes
// twice the last one stays, in the place of the first.
std::vector<std::pair<std::string, std::string>> expand_env(const std::vector<api::EnvVar>& env);

}  // namespace agent::pods
