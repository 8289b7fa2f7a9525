// The pods that workloads are made of, with the names, labels and other marks that Kubernetes' controllers give them.
//
// A name's random part is a hash here, of the workload and the pod's number: running the same file again finds the pods
// that are there already. A pod's owner is the object of the file itself: no ReplicaSet stands between a Deployment and
// its pods.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/objects.h"
#include "base/clock.h"

namespace agent::workloads {

// As pods::pod_uid(), for an object of any kind.
std::string object_uid(std::string_view instance, const api::Object& object);

// What a Deployment, ReplicaSet, DaemonSet (one: this is a node) or StatefulSet runs, each with its uid; a Pod itself.
// Empty for the other kinds.
std::vector<api::Pod> pods_of(const api::Object& object, std::string_view instance);

// A job's pod number `number`, counted from 0 over its whole life. index: of an Indexed job; failures: of that index so
// far, the ignored ones apart.
struct JobPodRequest {
  uint64_t number = 0;
  std::optional<int32_t> index;
  int32_t failures = 0;
  int32_t ignored_failures = 0;
};
api::Pod pod_of_job(const api::Job& job, const JobPodRequest& request, std::string_view instance);
// The index that pod_of_job() has given the pod; nothing when it has none.
std::optional<int32_t> index_of(const api::Pod& pod);

// The job that a CronJob starts for a time of its schedule. stamp: the time as Schedule::stamp() gives it.
api::Job job_of(const api::CronJob& cron_job, base::WallTime scheduled, const std::string& stamp,
                std::string_view instance);

// The object that one was made for, as of a pod "Job", "pi"; nullptr for one that is its own.
const api::OwnerReference* controller_of(const api::ObjectMeta& metadata);

}  // namespace agent::workloads
