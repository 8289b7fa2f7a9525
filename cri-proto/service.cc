#include "cri-proto/service.h"

namespace cri {

namespace {

std::unexpected<base::Error> unimplemented(const char* call) {
  return base::fail(base::Code::kUnimplemented, "this runtime does not implement ", call);
}

}  // namespace

base::Result<v1::VersionResponse> RuntimeService::version(const CallContext&, const v1::VersionRequest&) {
  return unimplemented("Version");
}
base::Result<v1::RunPodSandboxResponse> RuntimeService::run_pod_sandbox(const CallContext&,
                                                                        const v1::RunPodSandboxRequest&) {
  return unimplemented("RunPodSandbox");
}
base::Result<v1::StopPodSandboxResponse> RuntimeService::stop_pod_sandbox(const CallContext&,
                                                                          const v1::StopPodSandboxRequest&) {
  return unimplemented("StopPodSandbox");
}
base::Result<v1::RemovePodSandboxResponse> RuntimeService::remove_pod_sandbox(const CallContext&,
                                                                              const v1::RemovePodSandboxRequest&) {
  return unimplemented("RemovePodSandbox");
}
base::Result<v1::PodSandboxStatusResponse> RuntimeService::pod_sandbox_status(const CallContext&,
                                                                              const v1::PodSandboxStatusRequest&) {
  return unimplemented("PodSandboxStatus");
}
base::Result<v1::ListPodSandboxResponse> RuntimeService::list_pod_sandbox(const CallContext&,
                                                                          const v1::ListPodSandboxRequest&) {
  return unimplemented("ListPodSandbox");
}
base::Status RuntimeService::stream_pod_sandboxes(const CallContext&, const v1::StreamPodSandboxesRequest&,
                                                  const Sink<v1::StreamPodSandboxesResponse>&) {
  return unimplemented("StreamPodSandboxes");
}
base::Result<v1::CreateContainerResponse> RuntimeService::create_container(const CallContext&,
                                                                           const v1::CreateContainerRequest&) {
  return unimplemented("CreateContainer");
}
base::Result<v1::StartContainerResponse> RuntimeService::start_container(const CallContext&,
                                                                         const v1::StartContainerRequest&) {
  return unimplemented("StartContainer");
}
base::Result<v1::StopContainerResponse> RuntimeService::stop_container(const CallContext&,
                                                                       const v1::StopContainerRequest&) {
  return unimplemented("StopContainer");
}
base::Result<v1::RemoveContainerResponse> RuntimeService::remove_container(const CallContext&,
                                                                           const v1::RemoveContainerRequest&) {
  return unimplemented("RemoveContainer");
}
base::Result<v1::ListContainersResponse> RuntimeService::list_containers(const CallContext&,
                                                                         const v1::ListContainersRequest&) {
  return unimplemented("ListContainers");
}
base::Status RuntimeService::stream_containers(const CallContext&, const v1::StreamContainersRequest&,
                                               const Sink<v1::StreamContainersResponse>&) {
  return unimplemented("StreamContainers");
}
base::Result<v1::ContainerStatusResponse> RuntimeService::container_status(const CallContext&,
                                                                           const v1::ContainerStatusRequest&) {
  return unimplemented("ContainerStatus");
}
base::Result<v1::UpdateContainerResourcesResponse> RuntimeService::update_container_resources(
    const CallContext&, const v1::UpdateContainerResourcesRequest&) {
  return unimplemented("UpdateContainerResources");
}
base::Result<v1::ReopenContainerLogResponse> RuntimeService::reopen_container_log(
    const CallContext&, const v1::ReopenContainerLogRequest&) {
  return unimplemented("ReopenContainerLog");
}
base::Result<v1::ExecSyncResponse> RuntimeService::exec_sync(const CallContext&, const v1::ExecSyncRequest&) {
  return unimplemented("ExecSync");
}
base::Result<v1::ExecResponse> RuntimeService::exec(const CallContext&, const v1::ExecRequest&) {
  return unimplemented("Exec");
}
base::Result<v1::AttachResponse> RuntimeService::attach(const CallContext&, const v1::AttachRequest&) {
  return unimplemented("Attach");
}
base::Result<v1::PortForwardResponse> RuntimeService::port_forward(const CallContext&, const v1::PortForwardRequest&) {
  return unimplemented("PortForward");
}
base::Result<v1::ContainerStatsResponse> RuntimeService::container_stats(const CallContext&,
                                                                         const v1::ContainerStatsRequest&) {
  return unimplemented("ContainerStats");
}
base::Result<v1::ListContainerStatsResponse> RuntimeService::list_container_stats(
    const CallContext&, const v1::ListContainerStatsRequest&) {
  return unimplemented("ListContainerStats");
}
base::Status RuntimeService::stream_container_stats(const CallContext&, const v1::StreamContainerStatsRequest&,
                                                    const Sink<v1::StreamContainerStatsResponse>&) {
  return unimplemented("StreamContainerStats");
}
base::Result<v1::PodSandboxStatsResponse> RuntimeService::pod_sandbox_stats(const CallContext&,
                                                                            const v1::PodSandboxStatsRequest&) {
  return unimplemented("PodSandboxStats");
}
base::Result<v1::ListPodSandboxStatsResponse> RuntimeService::list_pod_sandbox_stats(
    const CallContext&, const v1::ListPodSandboxStatsRequest&) {
  return unimplemented("ListPodSandboxStats");
}
base::Status RuntimeService::stream_pod_sandbox_stats(const CallContext&, const v1::StreamPodSandboxStatsRequest&,
                                                      const Sink<v1::StreamPodSandboxStatsResponse>&) {
  return unimplemented("StreamPodSandboxStats");
}
base::Result<v1::UpdateRuntimeConfigResponse> RuntimeService::update_runtime_config(
    const CallContext&, const v1::UpdateRuntimeConfigRequest&) {
  return unimplemented("UpdateRuntimeConfig");
}
base::Result<v1::StatusResponse> RuntimeService::status(const CallContext&, const v1::StatusRequest&) {
  return unimplemented("Status");
}
base::Result<v1::CheckpointContainerResponse> RuntimeService::checkpoint_container(
    const CallContext&, const v1::CheckpointContainerRequest&) {
  return unimplemented("CheckpointContainer");
}
base::Status RuntimeService::get_container_events(const CallContext&, const v1::GetEventsRequest&,
                                                  const Sink<v1::ContainerEventResponse>&) {
  return unimplemented("GetContainerEvents");
}
base::Result<v1::ListMetricDescriptorsResponse> RuntimeService::list_metric_descriptors(
    const CallContext&, const v1::ListMetricDescriptorsRequest&) {
  return unimplemented("ListMetricDescriptors");
}
base::Result<v1::ListPodSandboxMetricsResponse> RuntimeService::list_pod_sandbox_metrics(
    const CallContext&, const v1::ListPodSandboxMetricsRequest&) {
  return unimplemented("ListPodSandboxMetrics");
}
base::Status RuntimeService::stream_pod_sandbox_metrics(const CallContext&, const v1::StreamPodSandboxMetricsRequest&,
                                                        const Sink<v1::StreamPodSandboxMetricsResponse>&) {
  return unimplemented("StreamPodSandboxMetrics");
}
base::Result<v1::RuntimeConfigResponse> RuntimeService::runtime_config(const CallContext&,
                                                                       const v1::RuntimeConfigRequest&) {
  return unimplemented("RuntimeConfig");
}
base::Result<v1::UpdatePodSandboxResourcesResponse> RuntimeService::update_pod_sandbox_resources(
    const CallContext&, const v1::UpdatePodSandboxResourcesRequest&) {
  return unimplemented("UpdatePodSandboxResources");
}
base::Result<v1::ListImagesResponse> ImageService::list_images(const CallContext&, const v1::ListImagesRequest&) {
  return unimplemented("ListImages");
}
base::Status ImageService::stream_images(const CallContext&, const v1::StreamImagesRequest&,
                                         const Sink<v1::StreamImagesResponse>&) {
  return unimplemented("StreamImages");
}
base::Result<v1::ImageStatusResponse> ImageService::image_status(const CallContext&, const v1::ImageStatusRequest&) {
  return unimplemented("ImageStatus");
}
base::Result<v1::PullImageResponse> ImageService::pull_image(const CallContext&, const v1::PullImageRequest&) {
  return unimplemented("PullImage");
}
base::Result<v1::RemoveImageResponse> ImageService::remove_image(const CallContext&, const v1::RemoveImageRequest&) {
  return unimplemented("RemoveImage");
}
base::Result<v1::ImageFsInfoResponse> ImageService::image_fs_info(const CallContext&, const v1::ImageFsInfoRequest&) {
  return unimplemented("ImageFsInfo");
}

}  // namespace cri
