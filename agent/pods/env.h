// A container's environment, and $(NAME) references in it, in command and in args.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/configuration.h"
#include "agent/pods/downward.h"
#include "agent/pods/pod_owner.h"

namespace agent::pods {

// "$(NAME)" becomes the value, "$$" becomes "$"; unknown names, an unterminated "$(", "$x" and a lone "$" stay as they
// are written. What comes out is not looked at again.
std::string expand(std::string_view text, const std::map<std::string, std::string>& values);
// The same of a subPathExpr, where every name must have a value: kInvalidArgument with those that have none.
base::Result<std::string> expand_all(std::string_view text, const std::map<std::string, std::string>& values);

struct EnvInput {
  const DownwardInput& downward;  // of the pod
  const api::Container& container;
  const Configuration& configuration;
  std::string root;  // --root: where the volumes of fileKeyRef lie
};

using Variables = std::vector<std::pair<std::string, std::string>>;  // name and value; each name once

struct Environment {
  Variables variables;
  std::vector<Event> events;  // names that were left out
};

// envFrom in its order, then env in its order, which wins; a value may use only names that are defined before it. Of a
// name that comes twice the last one stays, in the place of the first. Errors (CreateContainerConfigError) are in
// kubelet's words: kNotFound where a ConfigMap, Secret, key or file is missing that is not optional.
base::Result<Environment> make_environment(const EnvInput& input);

// The value of a variable in the text of a file as fileKeyRef reads it: lines NAME='value', where the value may span
// lines; empty lines and those that begin with # mean nothing. Nothing where it is not set or empty.
// Source: KEP-3721, as of its beta.
base::Result<std::optional<std::string>> env_file_value(std::string_view text, std::string_view name);

}  // namespace agent::pods
