// What `run` is given: pods and workloads, and the ConfigMaps and Secrets that they use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/api/objects.h"
#include "agent/pods/configuration.h"
#include "base/error.h"

namespace agent::cli {

struct RunDocuments {
  std::vector<api::Object> objects;  // what runs, in the order of the file
  pods::Configuration configuration;

  // As messages name all of it: "pod default/web", "Job default/pi and 2 more".
  std::string describe() const;
  // As `nodeagent stop` is told to stop all of it: "web job/pi".
  std::string references() const;
  // What it is given to end in, at most.
  int64_t grace_seconds() const;
  // Of the pods that it runs; of equal ones but one.
  std::vector<api::PodSpec> pod_specs() const;
  // The pod, where that is all there is to run; else nullptr.
  const api::Pod* only_pod() const { return objects.size() == 1 ? std::get_if<api::Pod>(&objects.front()) : nullptr; }
};

struct ReadDocuments {
  RunDocuments documents;
  std::vector<std::string> warnings;  // what will not be used, or run nothing
};

// file: what runs, and documents for it; config_files: documents alone. All faults of a file come as one error of one
// line each. kInvalidArgument too where a pod needs what none of the files has, or two of them have the same.
base::Result<ReadDocuments> read_run_documents(const std::string& file, const std::vector<std::string>& config_files);

// "Deployment default/web", "pod default/web".
std::string describe(const api::Object& object);
// "deployment/web", "web": what stop, rm and logs take.
std::string reference_to(const api::Object& object);

// For handing them to another process: one object a line.
std::string to_lines(const RunDocuments& documents);
base::Result<RunDocuments> from_lines(std::string_view text);

}  // namespace agent::cli
