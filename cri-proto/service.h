// The CRI v1 contract as C++: the one seam of the house (docs/architecture.md, "The seam: CRI"). The agent half knows
// only these interfaces; the runtime half implements them; a gRPC server and a gRPC client adapt them to a socket.
//
// A call that an implementation does not override answers kUnimplemented with the call's name.
//
// Every call is thread-safe and may block until its context's deadline. A failed or cancelled call leaves nothing
// behind, unless its comment says so. Errors carry the code that the gRPC status would have.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "cri-proto/messages.h"

namespace cri {

namespace v1 = ::runtime::v1;

// What a call may take: its deadline, and the caller's wish to stop it.
struct CallContext {
  base::Monotonic deadline = base::Monotonic::max();
  std::stop_token stop;
};

// ContainerStatus.message of a container that the kernel killed (reason OOMKilled), or of which it killed a process,
// ends with this where no limit was reached: what a kubelet tells by an event SystemOOM.
inline constexpr std::string_view kNodeOutOfMemory = "the node ran out of memory";

// Receives the messages of a server-streaming call; false ends the stream.
template <typename Message>
using Sink = std::function<bool(const Message&)>;

class RuntimeService {
 public:
  virtual ~RuntimeService() = default;

  virtual base::Result<v1::VersionResponse> version(const CallContext& context, const v1::VersionRequest& request);
  // Makes the pod's namespaces, cgroup and network and keeps them; returns when the network is up. On failure all of it
  // is undone.
  virtual base::Result<v1::RunPodSandboxResponse> run_pod_sandbox(const CallContext& context,
                                                                  const v1::RunPodSandboxRequest& request);
  // Ends every container of the sandbox, takes the network down and frees its addresses. Repeatable; unknown ids
  // succeed.
  virtual base::Result<v1::StopPodSandboxResponse> stop_pod_sandbox(const CallContext& context,
                                                                    const v1::StopPodSandboxRequest& request);
  // Removes what is left of a sandbox, stopping it first where needed. Repeatable; unknown ids succeed.
  virtual base::Result<v1::RemovePodSandboxResponse> remove_pod_sandbox(const CallContext& context,
                                                                        const v1::RemovePodSandboxRequest& request);
  virtual base::Result<v1::PodSandboxStatusResponse> pod_sandbox_status(const CallContext& context,
                                                                        const v1::PodSandboxStatusRequest& request);
  virtual base::Result<v1::ListPodSandboxResponse> list_pod_sandbox(const CallContext& context,
                                                                    const v1::ListPodSandboxRequest& request);
  virtual base::Status stream_pod_sandboxes(const CallContext& context, const v1::StreamPodSandboxesRequest& request,
                                            const Sink<v1::StreamPodSandboxesResponse>& sink);
  // Prepares the container's root file system and bundle. Nothing runs yet.
  virtual base::Result<v1::CreateContainerResponse> create_container(const CallContext& context,
                                                                     const v1::CreateContainerRequest& request);
  // Runs the main process. A failure before its execve leaves the container EXITED with reason StartError, exit code
  // 128 and the real cause as its message; the error's code is kNotFound where the image has no such command (a shell's
  // 127) and kPermissionDenied where it is not executable (126).
  virtual base::Result<v1::StartContainerResponse> start_container(const CallContext& context,
                                                                   const v1::StartContainerRequest& request);
  // Sends the stop signal, and SIGKILL when `timeout` seconds have passed. Repeatable; unknown ids succeed.
  virtual base::Result<v1::StopContainerResponse> stop_container(const CallContext& context,
                                                                 const v1::StopContainerRequest& request);
  // Removes the container with its root file system, killing it first where needed. Its logs are the caller's. Unknown
  // ids succeed.
  virtual base::Result<v1::RemoveContainerResponse> remove_container(const CallContext& context,
                                                                     const v1::RemoveContainerRequest& request);
  // filter.id may be a unique prefix.
  virtual base::Result<v1::ListContainersResponse> list_containers(const CallContext& context,
                                                                   const v1::ListContainersRequest& request);
  virtual base::Status stream_containers(const CallContext& context, const v1::StreamContainersRequest& request,
                                         const Sink<v1::StreamContainersResponse>& sink);
  virtual base::Result<v1::ContainerStatusResponse> container_status(const CallContext& context,
                                                                     const v1::ContainerStatusRequest& request);
  // Changes limits of a created or running container.
  virtual base::Result<v1::UpdateContainerResourcesResponse> update_container_resources(
      const CallContext& context, const v1::UpdateContainerResourcesRequest& request);
  virtual base::Result<v1::ReopenContainerLogResponse> reopen_container_log(
      const CallContext& context, const v1::ReopenContainerLogRequest& request);
  // Runs a command in the container and waits for it; kDeadlineExceeded when `timeout` seconds pass (all it started is
  // killed).
  virtual base::Result<v1::ExecSyncResponse> exec_sync(const CallContext& context, const v1::ExecSyncRequest& request);
  // Answers with the URL of the streaming server.
  virtual base::Result<v1::ExecResponse> exec(const CallContext& context, const v1::ExecRequest& request);
  virtual base::Result<v1::AttachResponse> attach(const CallContext& context, const v1::AttachRequest& request);
  virtual base::Result<v1::PortForwardResponse> port_forward(const CallContext& context,
                                                             const v1::PortForwardRequest& request);
  // kNotFound for an unknown id.
  virtual base::Result<v1::ContainerStatsResponse> container_stats(const CallContext& context,
                                                                   const v1::ContainerStatsRequest& request);
  virtual base::Result<v1::ListContainerStatsResponse> list_container_stats(
      const CallContext& context, const v1::ListContainerStatsRequest& request);
  virtual base::Status stream_container_stats(const CallContext& context,
                                              const v1::StreamContainerStatsRequest& request,
                                              const Sink<v1::StreamContainerStatsResponse>& sink);
  virtual base::Result<v1::PodSandboxStatsResponse> pod_sandbox_stats(const CallContext& context,
                                                                      const v1::PodSandboxStatsRequest& request);
  virtual base::Result<v1::ListPodSandboxStatsResponse> list_pod_sandbox_stats(
      const CallContext& context, const v1::ListPodSandboxStatsRequest& request);
  virtual base::Status stream_pod_sandbox_stats(const CallContext& context,
                                                const v1::StreamPodSandboxStatsRequest& request,
                                                const Sink<v1::StreamPodSandboxStatsResponse>& sink);
  virtual base::Result<v1::UpdateRuntimeConfigResponse> update_runtime_config(
      const CallContext& context, const v1::UpdateRuntimeConfigRequest& request);
  virtual base::Result<v1::StatusResponse> status(const CallContext& context, const v1::StatusRequest& request);
  virtual base::Result<v1::CheckpointContainerResponse> checkpoint_container(
      const CallContext& context, const v1::CheckpointContainerRequest& request);
  // Blocks, handing over events as they happen, until the sink says false or the context ends.
  virtual base::Status get_container_events(const CallContext& context, const v1::GetEventsRequest& request,
                                            const Sink<v1::ContainerEventResponse>& sink);
  virtual base::Result<v1::ListMetricDescriptorsResponse> list_metric_descriptors(
      const CallContext& context, const v1::ListMetricDescriptorsRequest& request);
  virtual base::Result<v1::ListPodSandboxMetricsResponse> list_pod_sandbox_metrics(
      const CallContext& context, const v1::ListPodSandboxMetricsRequest& request);
  virtual base::Status stream_pod_sandbox_metrics(const CallContext& context,
                                                  const v1::StreamPodSandboxMetricsRequest& request,
                                                  const Sink<v1::StreamPodSandboxMetricsResponse>& sink);
  virtual base::Result<v1::RuntimeConfigResponse> runtime_config(const CallContext& context,
                                                                 const v1::RuntimeConfigRequest& request);
  virtual base::Result<v1::UpdatePodSandboxResourcesResponse> update_pod_sandbox_resources(
      const CallContext& context, const v1::UpdatePodSandboxResourcesRequest& request);
};

class ImageService {
 public:
  virtual ~ImageService() = default;

  virtual base::Result<v1::ListImagesResponse> list_images(const CallContext& context,
                                                           const v1::ListImagesRequest& request);
  virtual base::Status stream_images(const CallContext& context, const v1::StreamImagesRequest& request,
                                     const Sink<v1::StreamImagesResponse>& sink);
  virtual base::Result<v1::ImageStatusResponse> image_status(const CallContext& context,
                                                             const v1::ImageStatusRequest& request);
  virtual base::Result<v1::PullImageResponse> pull_image(const CallContext& context,
                                                         const v1::PullImageRequest& request);
  virtual base::Result<v1::RemoveImageResponse> remove_image(const CallContext& context,
                                                             const v1::RemoveImageRequest& request);
  virtual base::Result<v1::ImageFsInfoResponse> image_fs_info(const CallContext& context,
                                                              const v1::ImageFsInfoRequest& request);
};

}  // namespace cri
