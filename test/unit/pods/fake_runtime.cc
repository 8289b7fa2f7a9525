#include "test/unit/pods/fake_runtime.h"

#include <algorithm>

namespace test {

namespace v1 = cri::v1;
using Guard = std::lock_guard<std::mutex>;

std::vector<std::string> FakeRuntime::calls() {
  const Guard guard(mutex_);
  return calls_;
}

void FakeRuntime::forget_calls() {
  const Guard guard(mutex_);
  calls_.clear();
}

size_t FakeRuntime::count(const std::string& call) {
  const Guard guard(mutex_);
  return static_cast<size_t>(std::ranges::count(calls_, call));
}

FakeRuntime::Container* FakeRuntime::find(const std::string& id) {
  const auto found = std::ranges::find(containers_, id, &Container::id);
  return found == containers_.end() ? nullptr : &*found;
}

namespace {

bool has_labels(const auto& labels, const auto& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

}  // namespace

FakeRuntime::Container* FakeRuntime::newest(const std::string& name) {
  Container* best = nullptr;
  for (Container& each : containers_)
    if (each.config.metadata().name() == name) best = &each;
  return best;
}

void FakeRuntime::end(Container& container, int code, std::string reason) {
  container.state = v1::CONTAINER_EXITED;
  container.exit_code = code;
  container.reason = std::move(reason);
  container.finished = now();
  ++changes_;
  changed_.notify_all();
}

void FakeRuntime::exit(const std::string& name, int code, const std::string& reason, const std::string& message) {
  const Guard guard(mutex_);
  Container* container = newest(name);
  if (container == nullptr) return;
  container->message = message;
  end(*container, code, reason);
}

void FakeRuntime::leave_created(const std::string& name) {
  const Guard guard(mutex_);
  if (Container* container = newest(name); container != nullptr) container->state = v1::CONTAINER_CREATED;
}

void FakeRuntime::kill_sandbox() {
  const Guard guard(mutex_);
  Sandbox& sandbox = sandboxes_.back();
  sandbox.ready = false;
  for (Container& each : containers_)
    if (each.sandbox == sandbox.id && each.state == v1::CONTAINER_RUNNING) end(each, 137, "ContainerStatusUnknown");
}

void FakeRuntime::drop_everything() {
  const Guard guard(mutex_);
  sandboxes_.clear();
  containers_.clear();
}

bool FakeRuntime::running(const std::string& name) {
  const Guard guard(mutex_);
  const Container* container = newest(name);
  return container != nullptr && container->state == v1::CONTAINER_RUNNING;
}

size_t FakeRuntime::containers() {
  const Guard guard(mutex_);
  return containers_.size();
}

size_t FakeRuntime::sandboxes() {
  const Guard guard(mutex_);
  return sandboxes_.size();
}

v1::ContainerConfig FakeRuntime::config(const std::string& name) {
  const Guard guard(mutex_);
  const Container* container = newest(name);
  return container == nullptr ? v1::ContainerConfig() : container->config;
}

v1::PodSandboxConfig FakeRuntime::sandbox_config() {
  const Guard guard(mutex_);
  return sandboxes_.empty() ? v1::PodSandboxConfig() : sandboxes_.back().config;
}

base::Result<v1::RunPodSandboxResponse> FakeRuntime::run_pod_sandbox(const cri::CallContext&,
                                                                     const v1::RunPodSandboxRequest& request) {
  const Guard guard(mutex_);
  calls_.push_back(base::concat("sandbox ", request.config().metadata().attempt()));
  if (!sandbox_fails.empty()) {
    base::Error error = sandbox_fails.front();
    sandbox_fails.erase(sandbox_fails.begin());
    return std::unexpected(std::move(error));
  }
  sandboxes_.push_back({base::concat("s", next_id_++), request.config(), true, now()});
  v1::RunPodSandboxResponse response;
  response.set_pod_sandbox_id(sandboxes_.back().id);
  return response;
}

base::Result<v1::StopPodSandboxResponse> FakeRuntime::stop_pod_sandbox(const cri::CallContext&,
                                                                       const v1::StopPodSandboxRequest& request) {
  const Guard guard(mutex_);
  calls_.push_back("stop-sandbox");
  for (Sandbox& each : sandboxes_)
    if (each.id == request.pod_sandbox_id()) each.ready = false;
  for (Container& each : containers_)
    if (each.sandbox == request.pod_sandbox_id() && each.state == v1::CONTAINER_RUNNING) end(each, 137);
  return v1::StopPodSandboxResponse();
}

base::Result<v1::RemovePodSandboxResponse> FakeRuntime::remove_pod_sandbox(const cri::CallContext&,
                                                                           const v1::RemovePodSandboxRequest& request) {
  const Guard guard(mutex_);
  calls_.push_back("remove-sandbox");
  std::erase_if(sandboxes_, [&](const Sandbox& each) { return each.id == request.pod_sandbox_id(); });
  std::erase_if(containers_, [&](const Container& each) { return each.sandbox == request.pod_sandbox_id(); });
  return v1::RemovePodSandboxResponse();
}

base::Result<v1::PodSandboxStatusResponse> FakeRuntime::pod_sandbox_status(const cri::CallContext&,
                                                                           const v1::PodSandboxStatusRequest& request) {
  const Guard guard(mutex_);
  for (const Sandbox& each : sandboxes_) {
    if (each.id != request.pod_sandbox_id()) continue;
    v1::PodSandboxStatusResponse response;
    v1::PodSandboxStatus* status = response.mutable_status();
    status->set_id(each.id);
    *status->mutable_metadata() = each.config.metadata();
    status->set_state(each.ready ? v1::SANDBOX_READY : v1::SANDBOX_NOTREADY);
    status->set_created_at(each.created);
    *status->mutable_linux()->mutable_namespaces()->mutable_options() =
        each.config.linux().security_context().namespace_options();
    if (each.config.linux().security_context().namespace_options().network() == v1::POD)
      status->mutable_network()->set_ip("10.88.0.7");
    return response;
  }
  return base::fail(base::Code::kNotFound, "no sandbox ", request.pod_sandbox_id());
}

base::Result<v1::ListPodSandboxResponse> FakeRuntime::list_pod_sandbox(const cri::CallContext&,
                                                                       const v1::ListPodSandboxRequest& request) {
  const Guard guard(mutex_);
  v1::ListPodSandboxResponse response;
  for (const Sandbox& each : sandboxes_) {
    if (!has_labels(each.config.labels(), request.filter().label_selector())) continue;
    v1::PodSandbox* item = response.add_items();
    item->set_id(each.id);
    *item->mutable_metadata() = each.config.metadata();
  }
  return response;
}

base::Result<v1::CreateContainerResponse> FakeRuntime::create_container(const cri::CallContext&,
                                                                        const v1::CreateContainerRequest& request) {
  const Guard guard(mutex_);
  const std::string& name = request.config().metadata().name();
  calls_.push_back(base::concat("create ", name, " ", request.config().metadata().attempt()));
  if (const auto error = create_fails.find(name); error != create_fails.end()) return std::unexpected(error->second);
  Container container;
  container.id = base::concat(name, "-", next_id_++);
  container.sandbox = request.pod_sandbox_id();
  container.config = request.config();
  containers_.push_back(container);
  v1::CreateContainerResponse response;
  response.set_container_id(container.id);
  return response;
}

base::Result<v1::StartContainerResponse> FakeRuntime::start_container(const cri::CallContext&,
                                                                      const v1::StartContainerRequest& request) {
  const Guard guard(mutex_);
  Container* container = find(request.container_id());
  if (container == nullptr) return base::fail(base::Code::kNotFound, "no container ", request.container_id());
  const std::string& name = container->config.metadata().name();
  calls_.push_back("start " + name);
  if (const auto error = start_fails.find(name); error != start_fails.end()) {
    container->message = error->second.to_string();
    end(*container, 128, "StartError");
    return std::unexpected(error->second);
  }
  container->state = v1::CONTAINER_RUNNING;
  container->started = now();
  std::deque<int>& script = exits_at_once[name];
  if (!script.empty()) {
    const int code = script.front();
    script.pop_front();
    end(*container, code);
  }
  return v1::StartContainerResponse();
}

base::Result<v1::StopContainerResponse> FakeRuntime::stop_container(const cri::CallContext&,
                                                                    const v1::StopContainerRequest& request) {
  const Guard guard(mutex_);
  Container* container = find(request.container_id());
  if (container == nullptr) return v1::StopContainerResponse();
  const std::string& name = container->config.metadata().name();
  calls_.push_back(base::concat("stop ", name, " ", request.timeout()));
  if (container->state != v1::CONTAINER_RUNNING) return v1::StopContainerResponse();
  const bool killed = ignores_term.contains(name) || request.timeout() == 0;
  if (killed) clock_.advance(std::chrono::seconds(request.timeout()));
  end(*container, killed ? 137 : 143);
  return v1::StopContainerResponse();
}

base::Result<v1::RemoveContainerResponse> FakeRuntime::remove_container(const cri::CallContext&,
                                                                        const v1::RemoveContainerRequest& request) {
  const Guard guard(mutex_);
  if (remove_fails) return std::unexpected(*remove_fails);
  if (const Container* container = find(request.container_id()); container != nullptr)
    calls_.push_back("remove " + container->config.metadata().name());
  std::erase_if(containers_, [&](const Container& each) { return each.id == request.container_id(); });
  return v1::RemoveContainerResponse();
}

base::Result<v1::ListContainersResponse> FakeRuntime::list_containers(const cri::CallContext&,
                                                                      const v1::ListContainersRequest& request) {
  const Guard guard(mutex_);
  v1::ListContainersResponse response;
  for (const Container& each : containers_) {
    if (!has_labels(each.config.labels(), request.filter().label_selector())) continue;
    v1::Container* item = response.add_containers();
    item->set_id(each.id);
    item->set_pod_sandbox_id(each.sandbox);
    *item->mutable_metadata() = each.config.metadata();
    *item->mutable_annotations() = each.config.annotations();
  }
  return response;
}

base::Result<v1::ContainerStatusResponse> FakeRuntime::container_status(const cri::CallContext&,
                                                                        const v1::ContainerStatusRequest& request) {
  const Guard guard(mutex_);
  const Container* container = find(request.container_id());
  if (container == nullptr) return base::fail(base::Code::kNotFound, "no container ", request.container_id());
  v1::ContainerStatusResponse response;
  v1::ContainerStatus* status = response.mutable_status();
  status->set_id(container->id);
  *status->mutable_metadata() = container->config.metadata();
  status->set_state(container->state);
  status->set_exit_code(container->exit_code);
  status->set_reason(container->reason);
  status->set_message(container->message);
  status->set_started_at(container->started);
  status->set_finished_at(container->finished);
  *status->mutable_image() = container->config.image();
  return response;
}

base::Status FakeRuntime::get_container_events(const cri::CallContext& context, const v1::GetEventsRequest&,
                                               const cri::Sink<v1::ContainerEventResponse>& sink) {
  std::unique_lock lock(mutex_);
  uint64_t seen = 0;
  while (changed_.wait(lock, context.stop, [&] { return changes_ != seen; })) {
    seen = changes_;
    lock.unlock();
    if (!sink({})) return {};
    lock.lock();
  }
  return {};
}

base::Result<v1::ImageStatusResponse> FakeRuntime::image_status(const cri::CallContext&,
                                                                const v1::ImageStatusRequest& request) {
  const Guard guard(mutex_);
  if (request.image().image() == "UPPER")
    return base::fail(base::Code::kInvalidArgument, "\"UPPER\" is no image name: capital letters");
  v1::ImageStatusResponse response;
  if (images.contains(request.image().image())) response.mutable_image()->set_id("sha256:" + request.image().image());
  return response;
}

base::Result<v1::PullImageResponse> FakeRuntime::pull_image(const cri::CallContext&,
                                                            const v1::PullImageRequest& request) {
  const Guard guard(mutex_);
  calls_.push_back("pull " + request.image().image());
  if (!can_pull) return base::fail(base::Code::kUnimplemented, "PullImage");
  images.insert(request.image().image());
  return v1::PullImageResponse();
}

}  // namespace test
