// PodOwner: one process that owns one pod from its file to its end; what `nodeagent run` is made of.
//
// Who holds the flock on <root>/locks/pods/<uid> owns the pod and alone decides about starting, restarting and removing
// it (docs/architecture.md, "Who owns a pod"). An owner may die at any moment: the pod runs on, and the next owner
// adopts it. Everyone else reads the pod's record (list_pods) and asks the owner through its control socket, or acts
// itself where there is none (stop_pod, remove_pod).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/resources/node_facts.h"
#include "base/clock.h"
#include "base/error.h"

namespace cri {
class RuntimeService;
class ImageService;
}  // namespace cri

namespace api {
struct Pod;
struct PodStatus;
}  // namespace api

namespace agent::resources {
class PodCgroups;
}

namespace agent::pods {

class Configuration;

// Where an instance keeps its things (--root, --state, --log-dir, --instance).
struct Paths {
  std::string root = "/var/lib/nodeagent";
  std::string state = "/run/nodeagent";
  std::string log_dir = "/var/log/pods";
  std::string log_links = "/var/log/containers";  // folder of the flat symbolic links; empty: none are made
  std::string instance = "nodeagent";
};

struct Options {
  Paths paths;
  resources::NodeFacts node;  // read_node_facts()
  // Foreground: a pod that cannot be started (image, volume, sandbox, first start of a container) ends the run with the
  // reason, and everything is removed at the end. Otherwise it is tried again as a kubelet does, and a finished pod
  // stays listed, with its containers and logs, until remove_pod.
  bool foreground = true;
  // Of a pod in the background, too: a pod that cannot be started ends the run with the reason, until every container
  // has run once.
  bool must_start = false;
  // Of a pod in the foreground, too: its record stays listed as finished until remove_pod; all else goes.
  bool keep_record = false;
  bool seccomp_default = false;                     // --seccomp-default
  std::vector<std::string> allowed_unsafe_sysctls;  // --allowed-unsafe-sysctls
  std::string resolv_conf = "/etc/resolv.conf";     // source of dnsPolicy Default; empty: none
  std::vector<std::string> cluster_dns;             // for dnsPolicy ClusterFirst; empty: MissingClusterDNS
  std::string cluster_domain = "cluster.local";
};

const Configuration& no_configuration();

// What the owner works with; all of it outlives the owner.
struct Deps {
  cri::RuntimeService* runtime = nullptr;
  cri::ImageService* images = nullptr;
  const base::Clock* clock = &base::system_clock();
  const Configuration* configuration = &no_configuration();
  resources::PodCgroups* cgroups =
      nullptr;  // none: the runtime makes what it needs, and nothing limits pods as a whole
};

// What a Kubernetes Event says.
struct Event {
  bool warning = false;
  std::string reason;  // "Started", "BackOff", "FailedMount" …
  std::string message;
  std::string container;  // empty: the pod as a whole
};

// One run of a container whose log file can be read from now on.
struct ContainerLog {
  std::string container;
  std::string container_id;
  std::string path;  // <log-dir>/<ns>_<name>_<uid>/<container>/<attempt>.log
  unsigned attempt = 0;
  bool init = false;
  bool adopted = false;  // it was already there when this owner came
};

// What the owner tells as it happens, on the thread of run(). Every function may be empty; none may call the owner
// but for request().
struct Observer {
  std::function<void(const Event&)> event;
  std::function<void(const api::PodStatus&)> status_changed;
  std::function<void(const ContainerLog&)> container_log;
  // Once: every container has been started, so that all init containers are behind the pod.
  std::function<void()> started;
  // All containers have ended; their logs are complete and are removed (foreground) when this returns.
  std::function<void()> before_removal;
};

// How a pod ended.
struct Outcome {
  std::string phase;    // "Succeeded", "Failed"; what it was when the owner was detached otherwise
  int exit_code = 0;    // for the process: 0, the failing container's own, 127/126 where a command could not be run
  std::string message;  // why it failed, one line; empty when it succeeded
  bool not_started = false;  // it was given up before every container had run once
  bool remains = false;      // not all of it could be removed: the pod stays listed as finished
  bool detached = false;     // run() was told to leave: the pod runs on
};

// What is asked of who owns a pod: to stop it, or to kill it now.
struct StopRequest {
  bool kill = false;
  std::optional<std::chrono::seconds> grace;  // none: the pod's own
};

class PodOwner {
 public:
  // Takes the pod's lock and writes its record. metadata.uid is filled in where it is empty (pod_uid() in naming.h).
  // Running containers of the same pod are adopted; what is left of a finished run is removed first.
  // kUnavailable: another living process owns the pod. kFailedPrecondition: the pod runs with another specification.
  static base::Result<std::unique_ptr<PodOwner>> adopt_or_create(const Deps& deps, const Options& options,
                                                                 const api::Pod& pod, Observer observer);
  // Of a pod that was never run, nothing stays.
  ~PodOwner();
  PodOwner(const PodOwner&) = delete;
  PodOwner& operator=(const PodOwner&) = delete;

  // Drives the pod to its end. leave: the owner goes and the pod runs on. An error means that the runtime or the disk
  // failed it, not that the pod failed. What cannot be removed at the end of a foreground pod, within half a minute or
  // until a kill is requested, is a warning in the log; the pod then stays listed as finished.
  base::Result<Outcome> run(const std::stop_token& leave = {});

  // From any thread: stops the pod gracefully, or kills all its containers. A later request can only shorten the time.
  void request(const StopRequest& request);

  const std::string& uid() const;

 private:
  struct Impl;
  explicit PodOwner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A pod as its record <state>/pods/<uid>.json tells, for `ps`.
struct PodSummary {
  std::string uid;
  std::string name;
  std::string pod_namespace;
  bool owned = false;                   // a living process owns it
  int owner_pid = 0;                    // where owned
  bool finished = false;                // it ended and stays listed until it is removed
  std::shared_ptr<const api::Pod> pod;  // with status as last written
};

// All recorded pods, sorted by namespace and name. A record that cannot be read is an error that names it.
base::Result<std::vector<PodSummary>> list_pods(const Paths& paths);
// By "name", "namespace/name" or uid (or a unique prefix of at least 4 characters). kNotFound; kFailedPrecondition when
// a bare name fits several namespaces.
base::Result<PodSummary> find_pod(const Paths& paths, const std::string& reference);

// Removes what owners left that died between two steps and whose pods are not recorded (any more).
base::Status sweep_pods(const Paths& paths);

// Stops the pod and waits for it. Where it has no living owner this process does the owner's work. grace as in
// request_stop(). A foreground pod is removed by that, a detached one stays listed.
base::Status stop_pod(const Deps& deps, const Options& options, const std::string& uid,
                      std::optional<std::chrono::seconds> grace, const std::stop_token& cancel = {});
// The same for several at once: it takes as long as the slowest. The first failure is the one that is told.
base::Status stop_pods(const Deps& deps, const Options& options, const std::vector<PodSummary>& pods,
                       std::optional<std::chrono::seconds> grace, const std::stop_token& cancel = {});
// Removes the pod with its containers, volumes and logs. kFailedPrecondition when it still runs and force is false;
// with force it is killed first.
base::Status remove_pod(const Deps& deps, const Options& options, const std::string& uid, bool force,
                        const std::stop_token& cancel = {});

}  // namespace agent::pods
