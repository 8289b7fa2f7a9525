// Reading and writing API objects. Reading is strict: all faults of a file come back together, each with its place and
// its field.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/event.h"
#include "agent/api/objects.h"
#include "base/error.h"

namespace api {

struct Fault {
  int line = 0;  // from 1; 0: no place in the text
  int column = 0;
  std::string path;  // "spec.containers[0].image"; empty: the whole document
  std::string message;
};
using Faults = std::vector<Fault>;

// "pod.yaml:7:5: spec.containers[0].imagee: unknown field; did you mean image?", one line each.
std::string to_string(const Faults& faults, std::string_view filename);

// Every object of a file in YAML (documents between "---" lines) or JSON, also those of kind List; defaulted as an
// apiserver stores them and checked as it checks them.
std::expected<std::vector<Manifest>, Faults> decode_manifests(std::string_view text);

// The same for tools: all that is known of a file.
struct CheckedFile {
  std::vector<Manifest> manifests;  // those without a fault
  Faults faults;
  Faults not_carried_out;  // what an apiserver takes and nodeagent does not yet
};
CheckedFile check_manifests(std::string_view text);

// A file to run: pods and workloads, with the documents that they use beside them. What nodeagent does not carry out is
// a fault, too, and so is a file with nothing to run.
std::expected<std::vector<Manifest>, Faults> decode_run_file(std::string_view text);

// A pod made from a template: with the defaults that only pods are given. It has no name yet.
Pod pod_of(const PodTemplateSpec& pods);
// Likewise a CronJob's job, with the template's labels and annotations.
Job job_of(const JobTemplateSpec& jobs);

// What to_json() wrote. Everything that decode_run_file() reads is accepted, but nothing is checked beyond the types.
base::Result<Pod> pod_from_json(std::string_view text);
base::Result<Job> job_from_json(std::string_view text);
base::Result<CronJob> cron_job_from_json(std::string_view text);

// Faults of a pod that was not read from a file; lines are 0.
Faults validate(const Pod& pod);

// The fields that the pod sets and nodeagent does not carry out yet; lines are 0.
Faults not_carried_out(const Pod& pod);

std::string to_json(const Pod& pod);         // one line
std::string to_json_pretty(const Pod& pod);  // indented by two
std::string to_yaml(const Pod& pod);
std::string to_json(const PodStatus& status);
std::string to_json(const Event& event);
std::string to_json_pretty(const std::vector<const Object*>& objects);  // one, or a List
std::string to_json(const Object& object);                              // one line
std::string to_yaml(const Object& object);
base::Result<Event> event_from_json(std::string_view text);

}  // namespace api
