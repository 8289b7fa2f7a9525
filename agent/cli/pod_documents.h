// What `run` is given: a pod, and the ConfigMaps and Secrets that it uses.
#pragma once

#include <string>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/configuration.h"
#include "base/error.h"

namespace agent::cli {

struct PodDocuments {
  api::Pod pod;
  pods::Configuration configuration;
};

struct ReadDocuments {
  PodDocuments documents;
  std::vector<std::string> warnings;  // documents that the pod does not use
};

// file: the pod's, which may hold documents, too; config_files: documents alone. All faults of a file come as one error
// of one line each. kInvalidArgument too where the pod needs what none of the files has, or two of them have the same.
base::Result<ReadDocuments> read_pod_documents(const std::string& file, const std::vector<std::string>& config_files);

// For handing them to another process: one object a line.
std::string to_lines(const PodDocuments& documents);
base::Result<PodDocuments> from_lines(std::string_view text);

}  // namespace agent::cli
