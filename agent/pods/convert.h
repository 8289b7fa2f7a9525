// From a pod and its containers to what CRI is asked for. Pure, but for the kernel's list of processors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/dns.h"
#include "agent/pods/env.h"
#include "agent/pods/failure.h"
#include "agent/pods/images.h"
#include "agent/pods/pod_owner.h"

namespace runtime::v1 {
class ContainerConfig;
class PodSandboxConfig;
}  // namespace runtime::v1

namespace agent::pods {

void fill_sandbox_config(const api::Pod& pod, const Options& options, const ResolvConf& dns, unsigned attempt,
                         runtime::v1::PodSandboxConfig* config);

struct ContainerInput {
  const api::Pod& pod;
  const api::Container& container;
  const Options& options;
  const LocalImage& image;
  unsigned attempt = 0;
  std::string hosts_file;    // the pod's /etc/hosts on the host
  std::string message_file;  // what becomes the termination message, on the host
  Variables environment;
  std::vector<std::string> sub_paths = {};  // on the host, for each of volumeMounts; empty: the whole volume
};

// kInvalidArgument (CreateContainerConfigError): runAsNonRoot cannot be kept; a volume mount names no volume; an
// annotation about resources names no device.
base::Status fill_container_config(const ContainerInput& input, runtime::v1::ContainerConfig* config);

}  // namespace agent::pods
