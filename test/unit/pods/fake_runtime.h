// FakeRuntime: a CRI runtime in memory, with a clock that tests move. Containers do what their script says.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cri-proto/service.h"

namespace test {

class FakeClock : public base::Clock {
 public:
  base::Monotonic now() const override { return base::Monotonic(elapsed_.load()); }
  base::WallTime wall() const override {
    return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(kStart + elapsed_.load()));
  }
  void advance(std::chrono::nanoseconds by) { elapsed_ = elapsed_.load() + by; }

 private:
  // Ahead of every real clock: no time that a test does not bring about wakes anybody.
  static constexpr std::chrono::nanoseconds kStart = std::chrono::hours(24 * 365 * 130);
  std::atomic<std::chrono::nanoseconds> elapsed_{std::chrono::nanoseconds(std::chrono::hours(1))};
};

class FakeRuntime : public cri::RuntimeService, public cri::ImageService {
 public:
  explicit FakeRuntime(FakeClock& clock) : clock_(clock) {}

  // --- scripts; by container name ---
  std::map<std::string, std::deque<int>> exits_at_once;  // exit codes of the coming runs; then it keeps running
  std::set<std::string> ignores_term;
  std::map<std::string, base::Error> create_fails;
  std::map<std::string, base::Error> start_fails;
  std::optional<base::Error> remove_fails;  // every RemoveContainer
  std::vector<base::Error> sandbox_fails;   // of the coming RunPodSandbox calls
  std::set<std::string> images{"app:1"};
  bool can_pull = false;

  // --- what was done, in order: "sandbox 0", "create web 0", "start web", "stop web 30", "remove web", … ---
  std::vector<std::string> calls();
  void forget_calls();
  // How often the call was made.
  size_t count(const std::string& call);

  // --- what happens to it ---
  void exit(const std::string& name, int code, const std::string& reason = "",
            const std::string& message = "");   // the newest running one
  void leave_created(const std::string& name);  // the newest: as if its owner had died before it started it
  void kill_sandbox();                          // the newest: as when its shim is killed
  void drop_everything();                       // as after a reboot
  bool running(const std::string& name);
  size_t containers();
  size_t sandboxes();
  cri::v1::ContainerConfig config(const std::string& name);  // of the newest one
  cri::v1::PodSandboxConfig sandbox_config();

  // --- the contract ---
  template <typename T>
  using Result = base::Result<T>;
  Result<cri::v1::RunPodSandboxResponse> run_pod_sandbox(const cri::CallContext&,
                                                         const cri::v1::RunPodSandboxRequest&) override;
  Result<cri::v1::StopPodSandboxResponse> stop_pod_sandbox(const cri::CallContext&,
                                                           const cri::v1::StopPodSandboxRequest&) override;
  Result<cri::v1::RemovePodSandboxResponse> remove_pod_sandbox(const cri::CallContext&,
                                                               const cri::v1::RemovePodSandboxRequest&) override;
  Result<cri::v1::PodSandboxStatusResponse> pod_sandbox_status(const cri::CallContext&,
                                                               const cri::v1::PodSandboxStatusRequest&) override;
  Result<cri::v1::ListPodSandboxResponse> list_pod_sandbox(const cri::CallContext&,
                                                           const cri::v1::ListPodSandboxRequest&) override;
  Result<cri::v1::CreateContainerResponse> create_container(const cri::CallContext&,
                                                            const cri::v1::CreateContainerRequest&) override;
  Result<cri::v1::StartContainerResponse> start_container(const cri::CallContext&,
                                                          const cri::v1::StartContainerRequest&) override;
  Result<cri::v1::StopContainerResponse> stop_container(const cri::CallContext&,
                                                        const cri::v1::StopContainerRequest&) override;
  Result<cri::v1::RemoveContainerResponse> remove_container(const cri::CallContext&,
                                                            const cri::v1::RemoveContainerRequest&) override;
  Result<cri::v1::ListContainersResponse> list_containers(const cri::CallContext&,
                                                          const cri::v1::ListContainersRequest&) override;
  Result<cri::v1::ContainerStatusResponse> container_status(const cri::CallContext&,
                                                            const cri::v1::ContainerStatusRequest&) override;
  base::Status get_container_events(const cri::CallContext&, const cri::v1::GetEventsRequest&,
                                    const cri::Sink<cri::v1::ContainerEventResponse>&) override;
  Result<cri::v1::ImageStatusResponse> image_status(const cri::CallContext&,
                                                    const cri::v1::ImageStatusRequest&) override;
  Result<cri::v1::PullImageResponse> pull_image(const cri::CallContext&, const cri::v1::PullImageRequest&) override;

 private:
  struct Sandbox {
    std::string id;
    cri::v1::PodSandboxConfig config;
    bool ready = true;
    int64_t created = 0;
  };
  struct Container {
    std::string id;
    std::string sandbox;
    cri::v1::ContainerConfig config;
    cri::v1::ContainerState state = cri::v1::CONTAINER_CREATED;
    int exit_code = 0;
    std::string reason;
    std::string message;
    int64_t started = 0;
    int64_t finished = 0;
  };
  int64_t now() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.wall().time_since_epoch()).count();
  }
  Container* find(const std::string& id);
  Container* newest(const std::string& name);
  void end(Container& container, int code, std::string reason = "");

  FakeClock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t changes_ = 0;
  int next_id_ = 0;
  std::vector<std::string> calls_;
  std::vector<Sandbox> sandboxes_;
  std::vector<Container> containers_;
};

}  // namespace test
