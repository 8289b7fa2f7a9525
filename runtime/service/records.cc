#include "runtime/service/records.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/path.h"

namespace runtime::service {

using base::Code;
using base::Durability;
using base::Result;
using base::Status;
using nlohmann::json;

namespace {

// One description of each record's changing part, for reading and for writing: visit(name, member).
template <typename Record, typename Visit>
  requires std::same_as<std::remove_const_t<Record>, SandboxRecord>
void describe(Record& record, Visit visit) {
  visit("id", record.id);
  visit("runtimeHandler", record.runtime_handler);
  visit("state", record.state);
  visit("createdAt", record.created_at);
  visit("shimPid", record.shim_pid);
  visit("shimStartTime", record.shim_start_time);
  visit("cgroupParent", record.cgroup_parent);
  visit("shimCgroup", record.shim_cgroup);
  visit("hostNetwork", record.host_network);
  visit("addresses", record.addresses);
}

template <typename Record, typename Visit>
  requires std::same_as<std::remove_const_t<Record>, ContainerRecord>
void describe(Record& record, Visit visit) {
  visit("id", record.id);
  visit("sandboxId", record.sandbox_id);
  visit("imageId", record.image_id);
  visit("imageRef", record.image_ref);
  visit("cgroup", record.cgroup);
  visit("logPath", record.log_path);
  visit("stopSignal", record.stop_signal);
  visit("uid", record.uid);
  visit("gid", record.gid);
  visit("groups", record.groups);
  visit("state", record.state);
  visit("createdAt", record.created_at);
  visit("startedAt", record.started_at);
  visit("finishedAt", record.finished_at);
  visit("pid", record.pid);
  visit("exitCode", record.exit_code);
  visit("reason", record.reason);
  visit("message", record.message);
}

// States are written by name, so that a person can read them.
constexpr const char* kSandboxStates[] = {"creating", "ready", "notready"};
constexpr const char* kContainerStates[] = {"created", "running", "exited"};

template <typename Value>
json to_json(const Value& value) {
  if constexpr (std::same_as<Value, SandboxRecord::State>)
    return kSandboxStates[static_cast<size_t>(value)];
  else if constexpr (std::same_as<Value, ContainerRecord::State>)
    return kContainerStates[static_cast<size_t>(value)];
  else
    return value;
}

template <typename State, size_t N>
bool state_from(const json& from, const char* const (&names)[N], State& to) {
  for (size_t i = 0; i < N; ++i) {
    if (from == names[i]) {
      to = static_cast<State>(i);
      return true;
    }
  }
  return false;
}

// False when it is no integer, or one that the type cannot hold: the library itself would cut it.
template <std::integral Integer>
bool integer_from(const json& from, Integer& to) {
  if (!from.is_number_integer()) return false;
  const auto take = [&](auto value) {
    if (std::in_range<Integer>(value)) to = static_cast<Integer>(value);
    return std::in_range<Integer>(value);
  };
  return from.is_number_unsigned() ? take(from.get<uint64_t>()) : take(from.get<int64_t>());
}

// False when the JSON value is of another type.
template <typename Value>
bool from_json(const json& from, Value& to) {
  if constexpr (std::same_as<Value, SandboxRecord::State>) {
    return state_from(from, kSandboxStates, to);
  } else if constexpr (std::same_as<Value, ContainerRecord::State>) {
    return state_from(from, kContainerStates, to);
  } else if constexpr (std::same_as<Value, bool>) {
    if (!from.is_boolean()) return false;
    to = from.get<bool>();
    return true;
  } else if constexpr (std::integral<Value>) {
    return integer_from(from, to);
  } else if constexpr (std::same_as<Value, std::string>) {
    if (!from.is_string()) return false;
    to = from.get<std::string>();
    return true;
  } else {
    if (!from.is_array()) return false;
    to.clear();
    for (const json& element : from) {
      typename Value::value_type item{};
      if (!from_json(element, item)) return false;
      to.push_back(std::move(item));
    }
    return true;
  }
}

template <typename Record>
json fields_of(const Record& record) {
  json out = {{"version", kStateVersion}};
  describe(record, [&](const char* name, const auto& value) { out[name] = to_json(value); });
  return out;
}

std::string dump(const json& value) {
  // Messages may hold bytes that are not UTF-8; they are replaced, never a reason to fail.
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

template <typename Record>
Result<json> load(const std::string& folder, Record& record) {
  const std::string path = base::join_path(folder, "state.json");
  const std::string text = TRY(base::read_file(path));
  json read = json::parse(text, nullptr, false);
  if (!read.is_object()) return base::fail(Code::kDataLoss, path, " is not a JSON object");
  int64_t version = 0;
  if (const auto found = read.find("version"); found == read.end() || !integer_from(*found, version)) {
    return base::fail(Code::kDataLoss, path, " has no version");
  }
  if (version > kStateVersion) {
    return base::fail(Code::kFailedPrecondition, path, " was written by a newer nodeagent (format ", version,
                      ", this one reads up to ", kStateVersion, "); run that version, or stop its pods with it first");
  }
  std::string wrong;
  describe(record, [&](const char* name, auto& value) {
    const auto field = read.find(name);
    // A field that an older version did not write keeps its default.
    if (field != read.end() && !from_json(*field, value)) wrong = name;
  });
  if (!wrong.empty()) return base::fail(Code::kDataLoss, path, ": field ", wrong, " has a wrong value");
  const std::string config_path = base::join_path(folder, "config.pb");
  const std::string config = TRY(base::read_file(config_path));
  auto parsed = std::make_shared<typename std::remove_const_t<typename decltype(record.config)::element_type>>();
  if (!parsed->ParseFromString(config)) return base::fail(Code::kDataLoss, config_path, " is damaged");
  record.config = std::move(parsed);
  return read;
}

Status write_config(const std::string& folder, const google::protobuf::MessageLite& config) {
  std::string bytes;
  if (!config.SerializeToString(&bytes)) return base::fail(Code::kInternal, "serialise the config for ", folder);
  return base::write_file_atomic(base::join_path(folder, "config.pb"), bytes, 0600, Durability::kCrash);
}

Status write_state(const std::string& folder, const std::string& text) {
  return base::write_file_atomic(base::join_path(folder, "state.json"), text, 0600, Durability::kCrash);
}

}  // namespace

std::string encode(const SandboxRecord& record, const std::string& boot_id) {
  json out = fields_of(record);
  out["bootId"] = boot_id;
  return dump(out);
}

std::string encode(const ContainerRecord& record) { return dump(fields_of(record)); }

Result<SandboxRecord> load_sandbox(const std::string& folder, std::string* boot_id) {
  SandboxRecord record;
  const json read = TRY(load(folder, record));
  const auto boot = read.find("bootId");
  if (boot_id != nullptr && boot != read.end() && boot->is_string()) *boot_id = boot->get<std::string>();
  return record;
}

Result<ContainerRecord> load_container(const std::string& folder) {
  ContainerRecord record;
  TRY(load(folder, record));
  return record;
}

Status create_files(const std::string& folder, const SandboxRecord& record, const std::string& boot_id) {
  TRY(write_config(folder, *record.config));
  return write_state(folder, encode(record, boot_id));
}

Status create_files(const std::string& folder, const ContainerRecord& record) {
  TRY(write_config(folder, *record.config));
  return write_state(folder, encode(record));
}

Status save(const std::string& folder, const SandboxRecord& record, const std::string& boot_id) {
  return write_state(folder, encode(record, boot_id));
}

Status save_config(const std::string& folder, const SandboxRecord& record) {
  return write_config(folder, *record.config);
}
Status save_config(const std::string& folder, const ContainerRecord& record) {
  return write_config(folder, *record.config);
}

Status save(const std::string& folder, const ContainerRecord& record) { return write_state(folder, encode(record)); }

}  // namespace runtime::service
