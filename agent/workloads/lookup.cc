#include "agent/workloads/lookup.h"

#include <algorithm>
#include <set>

#include "agent/api/explain.h"
#include "agent/workloads/job_record.h"
#include "agent/workloads/pods_of.h"

namespace agent::workloads {

namespace {

base::Status check_one_namespace(const std::set<std::string>& namespaces, const std::string& reference) {
  if (namespaces.size() < 2) return {};
  std::string all;
  for (const std::string& each : namespaces) all += base::concat(all.empty() ? "" : ", ", each);
  return base::fail(base::Code::kFailedPrecondition, reference, " is in more than one namespace: ", all,
                    "; name its pods one by one");
}

}  // namespace

base::Result<Named> find(const pods::Paths& paths, const std::string& reference) {
  base::Result<pods::PodSummary> pod = pods::find_pod(paths, reference);
  if (pod) return Named{.name = base::concat(pod->pod_namespace, "/", pod->name), .job_uid = "", .pods = {*pod}};
  const size_t slash = reference.find('/');
  const std::string_view kind = api::kind_called(std::string_view(reference).substr(0, slash));
  if (pod.error().code() != base::Code::kNotFound || slash == std::string::npos || kind.empty())
    return std::unexpected(std::move(pod.error()));
  const std::string name = reference.substr(slash + 1);
  Named named{.name = reference, .job_uid = "", .pods = {}};
  std::set<std::string> namespaces;
  for (pods::PodSummary& each : TRY(pods::list_pods(paths))) {
    const api::OwnerReference* const controller = controller_of(*each.pod);
    if (controller == nullptr || controller->kind != kind || controller->name != name) continue;
    namespaces.insert(each.pod_namespace);
    named.pods.push_back(std::move(each));
  }
  if (kind == "Job")
    for (const JobRecord& job : TRY(read_jobs(paths))) {
      if (job.job.metadata.name != name) continue;
      namespaces.insert(job.job.metadata.namespace_);
      named.job_uid = job.uid;
    }
  if (namespaces.empty()) return base::fail(base::Code::kNotFound, "there is no ", kind, " ", name);
  TRY(check_one_namespace(namespaces, reference));
  return named;
}

}  // namespace agent::workloads
