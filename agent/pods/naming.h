// Names: uids of file pods, folders, log paths, CRI labels and annotations, all from Kubernetes' own conventions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "agent/api/pod.h"
#include "agent/pods/pod_owner.h"

namespace agent::pods {

// Labels and annotations on CRI objects.
inline constexpr const char* kPodNameLabel = "io.kubernetes.pod.name";
inline constexpr const char* kPodNamespaceLabel = "io.kubernetes.pod.namespace";
inline constexpr const char* kPodUidLabel = "io.kubernetes.pod.uid";
inline constexpr const char* kContainerNameLabel = "io.kubernetes.container.name";
inline constexpr const char* kContainerHashAnnotation = "io.kubernetes.container.hash";
inline constexpr const char* kRestartCountAnnotation = "io.kubernetes.container.restartCount";
inline constexpr const char* kGracePeriodAnnotation = "io.kubernetes.pod.terminationGracePeriod";
inline constexpr const char* kMessagePathAnnotation = "io.kubernetes.container.terminationMessagePath";
inline constexpr const char* kMessagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy";

// The uid of a pod whose file gives none: in the form of a UUID, the same for the same instance, namespace and name, so
// that running the file again finds the pod that is already there.
std::string pod_uid(std::string_view instance, std::string_view pod_namespace, std::string_view name);

// What decides whether a running container is still the one that is wanted: its name and image, as a kubelet hashes
// them since 1.31. Eight hexadecimal digits.
std::string container_hash(const api::Container& container);

// The pod as back-off messages name it: "name_namespace(uid)".
std::string pod_description(const api::Pod& pod);

std::string pod_folder(const Paths& paths, std::string_view uid);  // <root>/pods/<uid>
// The file for the termination message of one run of a container: <root>/pods/<uid>/containers/<name>/<attempt>.
std::string message_file(const Paths& paths, std::string_view uid, std::string_view container, unsigned attempt);
std::string pod_log_folder(const Paths& paths, const api::Pod& pod);  // <log-dir>/<ns>_<name>_<uid>
std::string log_file_name(unsigned attempt);                          // "0.log"
std::string container_log_path(const Paths& paths, const api::Pod& pod, std::string_view container, unsigned attempt);
// The flat link <links>/<pod>_<ns>_<container>-<id>.log; at most 255 bytes of name, the id is kept whole.
std::string log_link_name(const api::Pod& pod, std::string_view container, std::string_view container_id);

// As Go prints a time.Duration of whole seconds, which kubelet's messages hold: "20s", "2m40s", "1h0m0s".
std::string go_duration(std::chrono::seconds duration);

}  // namespace agent::pods
