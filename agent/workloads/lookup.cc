#include "agent/workloads/lookup.h"

#include <algorithm>
#include <set>

#include "agent/api/explain.h"
#include "agent/workloads/cron_run.h"
#include "agent/workloads/job_run.h"
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

// Collects what is of one kind and name.
class Finder {
 public:
  Finder(std::string_view kind, std::string name) : kind_(kind), name_(std::move(name)) {}

  base::Status look(const pods::Paths& paths) {
    const std::vector<JobRecord> jobs = TRY(read_jobs(paths));
    for (const JobRecord& job : jobs)
      if (kind_ == "Job" && job.job.metadata.name == name_) note(job.job.metadata, job.uid, found_.job_uid);
    if (kind_ == "CronJob")
      for (const CronRecord& each : TRY(read_cron_jobs(paths)))
        if (each.cron_job.metadata.name == name_) note(each.cron_job.metadata, each.uid, found_.cron_job_uid);
    for (pods::PodSummary& pod : TRY(pods::list_pods(paths))) {
      const api::OwnerReference* const controller = controller_of(pod.pod->metadata);
      if (!is_it(controller) && !is_it(controller_of_job(jobs, controller))) continue;
      namespaces_.insert(pod.pod_namespace);
      found_.pods.push_back(std::move(pod));
    }
    return {};
  }
  const std::set<std::string>& namespaces() const { return namespaces_; }
  Named take() { return std::move(found_); }

 private:
  void note(const api::ObjectMeta& metadata, const std::string& uid, std::string& found) {
    namespaces_.insert(metadata.namespace_);
    found = uid;
  }
  bool is_it(const api::OwnerReference* owner) const {
    return owner != nullptr && owner->kind == kind_ && owner->name == name_;
  }
  static const api::OwnerReference* controller_of_job(const std::vector<JobRecord>& jobs,
                                                      const api::OwnerReference* job) {
    if (job == nullptr) return nullptr;
    const auto record = std::ranges::find(jobs, job->uid, &JobRecord::uid);
    return record == jobs.end() ? nullptr : controller_of(record->job.metadata);
  }

  const std::string_view kind_;
  const std::string name_;
  Named found_;
  std::set<std::string> namespaces_;
};

}  // namespace

base::Result<Named> find(const pods::Paths& paths, const std::string& reference) {
  base::Result<pods::PodSummary> pod = pods::find_pod(paths, reference);
  if (pod)
    return Named{
        .name = base::concat(pod->pod_namespace, "/", pod->name), .pods = {*pod}, .job_uid = "", .cron_job_uid = ""};
  const size_t slash = reference.find('/');
  const std::string_view kind = api::kind_called(std::string_view(reference).substr(0, slash));
  if (pod.error().code() != base::Code::kNotFound || slash == std::string::npos || kind.empty())
    return std::unexpected(std::move(pod.error()));
  const std::string name = reference.substr(slash + 1);
  Finder finder(kind, name);
  TRY(finder.look(paths));
  if (finder.namespaces().empty()) return base::fail(base::Code::kNotFound, "there is no ", kind, " ", name);
  TRY(check_one_namespace(finder.namespaces(), reference));
  Named named = finder.take();
  named.name = reference;
  return named;
}

base::Status stop(const pods::Deps& deps, const pods::Options& options, const Named& named,
                  const pods::StopRequest& request) {
  base::Status stopped;
  if (!named.cron_job_uid.empty())
    stopped = stop_cron_job(deps, options, named.cron_job_uid, request);
  else if (!named.job_uid.empty())
    stopped = stop_job(deps, options, named.job_uid, request);
  else
    return pods::stop_pods(deps, options, named.pods, request.grace);
  TRY(std::move(stopped), "stop ", named.name);
  return {};
}

base::Status remove(const pods::Deps& deps, const pods::Options& options, const Named& named, bool force) {
  base::Status removed;
  if (!named.cron_job_uid.empty())
    removed = remove_cron_job(deps, options, named.cron_job_uid, force);
  else if (!named.job_uid.empty())
    removed = remove_job(deps, options, named.job_uid, force);
  else
    for (const pods::PodSummary& pod : named.pods)
      TRY(pods::remove_pod(deps, options, pod.uid, force), "remove pod ", pod.name);
  TRY(std::move(removed), "remove ", named.name);
  return {};
}

}  // namespace agent::workloads
