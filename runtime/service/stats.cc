#include "runtime/service/stats.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/log.h"
#include "base/path.h"
#include "runtime/service/ids.h"
#include "runtime/service/network_usage.h"
#include "runtime/service/sandbox_request.h"
#include "runtime/service/stats_messages.h"

namespace runtime::service {

using base::Result;
using base::Status;
using cri::CallContext;

namespace {

// Messages of a stream: a kubelet takes up to 16 MiB each, and a container's annotations alone may be 256 KiB.
constexpr int kBatch = 50;
constexpr std::chrono::milliseconds kLayersWait(100);

// By the real clock, as the deadline is.
base::Monotonic layers_until(const CallContext& context) {
  return std::min(context.deadline, std::chrono::steady_clock::now() + kLayersWait);
}

bool is_running(const ContainerRecord& record) { return record.state == ContainerRecord::State::kRunning; }

template <typename Record, typename Attributes>
void fill_attributes(const Record& record, Attributes& out) {
  out.set_id(record.id);
  *out.mutable_metadata() = record.config->metadata();
  *out.mutable_labels() = record.config->labels();
  *out.mutable_annotations() = record.config->annotations();
}

base::log::Fields logged_as(const ContainerRecord& record) { return {.container_id = record.id}; }
base::log::Fields logged_as(const SandboxRecord& record) { return {.sandbox_id = record.id}; }

// Hands the list over in messages of kBatch; `field` is theirs.
template <typename Message, typename List, typename Item>
void send_in_batches(List& list, google::protobuf::RepeatedPtrField<Item>* (Message::*field)(),
                     const cri::Sink<Message>& sink) {
  for (int begin = 0; begin < list.size(); begin += kBatch) {
    Message message;
    const int end = std::min(begin + kBatch, list.size());
    for (int i = begin; i < end; ++i) (message.*field)()->Add(std::move(list[i]));
    if (!sink(message)) return;
  }
}

}  // namespace

Result<std::optional<Reading>> StatsReader::read_cgroup(const std::string& id, const std::string& cgroup) {
  if (meters_.is_crowded()) {
    std::set<std::string> living;
    for (const ContainerRecord& record : registry_.containers())
      if (record.state == ContainerRecord::State::kRunning) living.insert(record.id);
    layers_.keep_only(living);
    for (const SandboxRecord& record : registry_.sandboxes())
      if (record.state == SandboxRecord::State::kReady) living.insert(record.id);
    meters_.keep_only(living);
  }
  return meters_.read(id, cgroup);
}

void StatsReader::ask_for_layers(const std::vector<ContainerRecord>& running) {
  std::vector<LayerUsages::Layer> layers;
  layers.reserve(running.size());
  for (const ContainerRecord& record : running)
    layers.push_back({record.id, base::join_path(registry_.paths().writable_layer(record.id), "upper")});
  layers_.ask(layers);
}

Result<v1::ContainerStats> StatsReader::read(const ContainerRecord& record, base::Monotonic until) {
  v1::ContainerStats out;
  fill_attributes(record, *out.mutable_attributes());
  if (!is_running(record)) return out;
  const std::optional<Reading> reading = TRY(read_cgroup(record.id, record.cgroup));
  // It has ended since.
  if (!reading) return out;
  fill(*reading, wall_ns(), out);
  if (const std::optional<LayerUsage> usage = layers_.of(record.id, until))
    fill(*usage, registry_.paths().writable_layers(), *out.mutable_writable_layer());
  return out;
}

std::vector<ContainerRecord> StatsReader::running_in(const std::string& sandbox) {
  std::vector<ContainerRecord> running = registry_.containers_of(sandbox);
  std::erase_if(running, std::not_fn(is_running));
  return running;
}

template <typename Record>
auto StatsReader::read_or_skip(const Record& record, base::Monotonic until) {
  auto stats = read(record, until);
  if (!stats) base::log::warning(logged_as(record), "read the stats: ", stats.error().to_string());
  return stats;
}

Result<v1::PodSandboxStats> StatsReader::read(const SandboxRecord& record, base::Monotonic until) {
  v1::PodSandboxStats out;
  fill_attributes(record, *out.mutable_attributes());
  if (record.state != SandboxRecord::State::kReady) return out;
  const std::optional<Reading> reading = TRY(read_cgroup(record.id, record.cgroup_parent));
  if (reading) fill(*reading, wall_ns(), *out.mutable_linux());
  fill(network_usage(record), wall_ns(), *out.mutable_linux());
  for (const ContainerRecord& container : running_in(record.id))
    if (auto stats = read_or_skip(container, until)) *out.mutable_linux()->add_containers() = *std::move(stats);
  return out;
}

Result<v1::ContainerStatsResponse> StatsReader::container(const CallContext& context, const std::string& id) {
  TRY(registry_.refresh(id));
  v1::ContainerStatsResponse response;
  const ContainerRecord record = TRY(registry_.container(id));
  if (is_running(record)) ask_for_layers({record});
  *response.mutable_stats() = TRY(read(record, layers_until(context)));
  return response;
}

Result<v1::ListContainerStatsResponse> StatsReader::containers(const CallContext& context,
                                                               const v1::ContainerStatsFilter& filter) {
  TRY(registry_.refresh());
  std::vector<ContainerRecord> wanted = registry_.containers();
  std::erase_if(wanted, [&](const ContainerRecord& record) {
    return !is_running(record) || !record.id.starts_with(filter.id()) ||
           !record.sandbox_id.starts_with(filter.pod_sandbox_id()) ||
           !matches_labels(record.config->labels(), filter.label_selector());
  });
  const base::Monotonic until = layers_until(context);
  ask_for_layers(wanted);
  v1::ListContainerStatsResponse response;
  for (const ContainerRecord& record : wanted)
    if (auto stats = read_or_skip(record, until)) *response.add_stats() = *std::move(stats);
  return response;
}

Status StatsReader::stream(const CallContext& context, const v1::ContainerStatsFilter& filter,
                           const cri::Sink<v1::StreamContainerStatsResponse>& sink) {
  v1::ListContainerStatsResponse all = TRY(containers(context, filter));
  send_in_batches(*all.mutable_stats(), &v1::StreamContainerStatsResponse::mutable_container_stats, sink);
  return {};
}

Result<v1::PodSandboxStatsResponse> StatsReader::sandbox(const CallContext& context, const std::string& id) {
  TRY(registry_.refresh(id));
  v1::PodSandboxStatsResponse response;
  const SandboxRecord record = TRY(registry_.sandbox(id));
  if (record.state == SandboxRecord::State::kReady) ask_for_layers(running_in(record.id));
  *response.mutable_stats() = TRY(read(record, layers_until(context)));
  return response;
}

Result<v1::ListPodSandboxStatsResponse> StatsReader::sandboxes(const CallContext& context,
                                                               const v1::PodSandboxStatsFilter& filter) {
  TRY(registry_.refresh());
  std::vector<SandboxRecord> wanted = registry_.sandboxes();
  std::erase_if(wanted, [&](const SandboxRecord& record) {
    return record.state != SandboxRecord::State::kReady || !record.id.starts_with(filter.id()) ||
           !matches_labels(record.config->labels(), filter.label_selector());
  });
  const base::Monotonic until = layers_until(context);
  std::set<std::string> ids;
  for (const SandboxRecord& record : wanted) ids.insert(record.id);
  std::vector<ContainerRecord> inside = registry_.containers();
  std::erase_if(inside, [&](const ContainerRecord& r) { return !is_running(r) || !ids.contains(r.sandbox_id); });
  ask_for_layers(inside);
  v1::ListPodSandboxStatsResponse response;
  for (const SandboxRecord& record : wanted)
    if (auto stats = read_or_skip(record, until)) *response.add_stats() = *std::move(stats);
  return response;
}

Status StatsReader::stream(const CallContext& context, const v1::PodSandboxStatsFilter& filter,
                           const cri::Sink<v1::StreamPodSandboxStatsResponse>& sink) {
  v1::ListPodSandboxStatsResponse all = TRY(sandboxes(context, filter));
  send_in_batches(*all.mutable_stats(), &v1::StreamPodSandboxStatsResponse::mutable_pod_sandbox_stats, sink);
  return {};
}

std::optional<cri::PodUsage> StatsReader::usage_of(const SandboxRecord& record) {
  // What cannot be read is left out, like what has ended; why is logged.
  const auto look = [&](const auto& of, const std::string& cgroup) -> std::optional<Reading> {
    Result<std::optional<Reading>> reading = read_cgroup(of.id, cgroup);
    if (reading) return *std::move(reading);
    base::log::warning(logged_as(of), "read the stats: ", reading.error().to_string());
    return std::nullopt;
  };
  std::optional<Reading> pod = look(record, record.cgroup_parent);
  if (!pod) return std::nullopt;
  cri::PodUsage usage{.sandbox_id = record.id,
                      .pod_namespace = record.config->metadata().namespace_(),
                      .name = record.config->metadata().name(),
                      .uid = record.config->metadata().uid(),
                      .created_at = record.created_at,
                      .at = pod->at,
                      .stats = pod->stats,
                      .interfaces = network_usage(record),
                      .containers = {}};
  for (const ContainerRecord& container : running_in(record.id)) {
    const std::optional<Reading> reading = look(container, container.cgroup);
    if (!reading) continue;
    usage.containers.push_back({.id = container.id,
                                .name = container.config->metadata().name(),
                                .started_at = container.started_at,
                                .at = reading->at,
                                .stats = reading->stats});
  }
  return usage;
}

Result<std::vector<cri::PodUsage>> StatsReader::usage(const std::vector<std::string>& pod_uids) {
  TRY(registry_.refresh());
  std::vector<cri::PodUsage> usages;
  for (const SandboxRecord& record : registry_.sandboxes()) {
    if (record.state != SandboxRecord::State::kReady) continue;
    if (!pod_uids.empty() && !std::ranges::count(pod_uids, record.config->metadata().uid())) continue;
    if (std::optional<cri::PodUsage> usage = usage_of(record)) usages.push_back(*std::move(usage));
  }
  return usages;
}

}  // namespace runtime::service
