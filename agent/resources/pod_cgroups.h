// PodCgroups: the cgroups that pods lie in, which are the agent's (the kubelet's) to make: kubepods, those of the QoS
// classes, and each pod's own with the limits of the pod as a whole. Containers' cgroups below are the runtime's.
#pragma once

#include <string>

#include "agent/api/pod.h"
#include "agent/resources/node_facts.h"
#include "base/error.h"
#include "runtime/cgroup/driver.h"

namespace agent::resources {

class PodCgroups {
 public:
  virtual ~PodCgroups() = default;
  // Where the pod's containers belong, below the cgroup mount.
  virtual std::string path_of(const api::Pod& pod) const = 0;
  // Makes the pod's cgroup, holds it to its limits, and sees to the classes above it. Repeatable: puts right what is
  // there. kUnimplemented, naming the controller, where the node cannot enforce a limit of the pod.
  virtual base::Status prepare(const api::Pod& pod) = 0;
  // After a pod has gone: what the classes above have for it is taken back.
  virtual void released(const api::Pod& pod) = 0;
};

// Level-triggered over what the kernel shows, so that any number of processes may share the classes. Thread-safe.
class NodeCgroups final : public PodCgroups {
 public:
  // The driver outlives it. lock: the file that is locked while the classes are made, added up or removed, in a folder
  // that is there: none goes before its pod is in it, and who added up before others came does not write after them.
  NodeCgroups(runtime::cgroup::Driver& driver, runtime::cgroup::Naming names, NodeFacts node, std::string lock)
      : driver_(driver), names_(std::move(names)), node_(std::move(node)), lock_(std::move(lock)) {}

  std::string path_of(const api::Pod& pod) const override;
  base::Status prepare(const api::Pod& pod) override;
  void released(const api::Pod& pod) override;

 private:
  base::Status make_classes(const std::string& parent);
  base::Status take_back(const api::Pod& pod);
  base::Status refresh(const std::string& parent);

  runtime::cgroup::Driver& driver_;
  const runtime::cgroup::Naming names_;
  const NodeFacts node_;
  const std::string lock_;
};

// What a pod's own cgroup is held to (kubelet's ResourceConfigForPod): weight by its requests, the limits where every
// container has one or the pod itself does, and no huge pages but those that it asks for. Pure.
runtime::cgroup::Resources pod_resources(const api::Pod& pod, const NodeFacts& node);

}  // namespace agent::resources
