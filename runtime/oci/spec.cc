#include "runtime/oci/spec.h"

#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "runtime/oci/utf8.h"

namespace runtime::oci {
namespace {

using Json = nlohmann::ordered_json;

// --- the description of each type: property names and members, once, for both directions ---
// required(): always written, and an error when missing. optional(): written when not empty.

template <typename T, typename Described>
concept Is = std::same_as<std::remove_const_t<T>, Described>;

template <typename V, Is<User> T>
void describe(V& v, T& t) {
  v.required("uid", t.uid);
  v.required("gid", t.gid);
  v.optional("umask", t.umask);
  v.optional("additionalGids", t.additional_gids);
}

template <typename V, Is<Capabilities> T>
void describe(V& v, T& t) {
  v.optional("bounding", t.bounding);
  v.optional("effective", t.effective);
  v.optional("inheritable", t.inheritable);
  v.optional("permitted", t.permitted);
  v.optional("ambient", t.ambient);
}

template <typename V, Is<Rlimit> T>
void describe(V& v, T& t) {
  v.required("type", t.type);
  v.required("hard", t.hard);
  v.required("soft", t.soft);
}

template <typename V, Is<ConsoleSize> T>
void describe(V& v, T& t) {
  v.required("height", t.height);
  v.required("width", t.width);
}

template <typename V, Is<Process> T>
void describe(V& v, T& t) {
  v.optional("terminal", t.terminal);
  v.optional("consoleSize", t.console_size);
  v.required("user", t.user);
  v.required("args", t.args);
  v.optional("env", t.env);
  v.required("cwd", t.cwd);
  v.optional("capabilities", t.capabilities);
  v.optional("rlimits", t.rlimits);
  v.optional("noNewPrivileges", t.no_new_privileges);
  v.optional("oomScoreAdj", t.oom_score_adj);
  v.optional("apparmorProfile", t.apparmor_profile);
  v.optional("selinuxLabel", t.selinux_label);
}

template <typename V, Is<Root> T>
void describe(V& v, T& t) {
  v.required("path", t.path);
  v.optional("readonly", t.readonly);
}

template <typename V, Is<IdMapping> T>
void describe(V& v, T& t) {
  v.required("containerID", t.container_id);
  v.required("hostID", t.host_id);
  v.required("size", t.size);
}

template <typename V, Is<Mount> T>
void describe(V& v, T& t) {
  v.required("destination", t.destination);
  v.optional("type", t.type);
  v.optional("source", t.source);
  v.optional("options", t.options);
  v.optional("uidMappings", t.uid_mappings);
  v.optional("gidMappings", t.gid_mappings);
}

template <typename V, Is<Hook> T>
void describe(V& v, T& t) {
  v.required("path", t.path);
  v.optional("args", t.args);
  v.optional("env", t.env);
  v.optional("timeout", t.timeout);
}

template <typename V, Is<Hooks> T>
void describe(V& v, T& t) {
  v.optional("prestart", t.prestart);
  v.optional("createRuntime", t.create_runtime);
  v.optional("createContainer", t.create_container);
  v.optional("startContainer", t.start_container);
  v.optional("poststart", t.poststart);
  v.optional("poststop", t.poststop);
}

template <typename V, Is<Namespace> T>
void describe(V& v, T& t) {
  v.required("type", t.type);
  v.optional("path", t.path);
}

template <typename V, Is<Device> T>
void describe(V& v, T& t) {
  v.required("type", t.type);
  v.required("path", t.path);
  v.optional("major", t.major);
  v.optional("minor", t.minor);
  v.optional("fileMode", t.file_mode);
  v.optional("uid", t.uid);
  v.optional("gid", t.gid);
}

template <typename V, Is<DeviceRule> T>
void describe(V& v, T& t) {
  v.required("allow", t.allow);
  v.optional("type", t.type);
  v.optional("major", t.major);
  v.optional("minor", t.minor);
  v.optional("access", t.access);
}

template <typename V, Is<Memory> T>
void describe(V& v, T& t) {
  v.optional("limit", t.limit);
  v.optional("reservation", t.reservation);
  v.optional("swap", t.swap);
}

template <typename V, Is<Cpu> T>
void describe(V& v, T& t) {
  v.optional("shares", t.shares);
  v.optional("quota", t.quota);
  v.optional("period", t.period);
  v.optional("burst", t.burst);
  v.optional("idle", t.idle);
  v.optional("cpus", t.cpus);
  v.optional("mems", t.mems);
}

template <typename V, Is<Pids> T>
void describe(V& v, T& t) {
  v.required("limit", t.limit);
}

template <typename V, Is<HugepageLimit> T>
void describe(V& v, T& t) {
  v.required("pageSize", t.page_size);
  v.required("limit", t.limit);
}

template <typename V, Is<Resources> T>
void describe(V& v, T& t) {
  v.optional("devices", t.devices);
  v.optional("memory", t.memory);
  v.optional("cpu", t.cpu);
  v.optional("pids", t.pids);
  v.optional("hugepageLimits", t.hugepage_limits);
  v.optional("unified", t.unified);
}

template <typename V, Is<SeccompArg> T>
void describe(V& v, T& t) {
  v.required("index", t.index);
  v.required("value", t.value);
  v.optional("valueTwo", t.value_two);
  v.required("op", t.op);
}

template <typename V, Is<SeccompCondition> T>
void describe(V& v, T& t) {
  v.optional("caps", t.caps);
  v.optional("arches", t.arches);
  v.optional("minKernel", t.min_kernel);
}

template <typename V, Is<SeccompArchitecture> T>
void describe(V& v, T& t) {
  v.required("architecture", t.architecture);
  v.optional("subArchitectures", t.sub_architectures);
}

template <typename V, Is<SeccompRule> T>
void describe(V& v, T& t) {
  v.required("names", t.names);
  v.required("action", t.action);
  v.optional("errnoRet", t.errno_ret);
  v.optional("args", t.args);
  v.optional("includes", t.includes);
  v.optional("excludes", t.excludes);
}

template <typename V, Is<Seccomp> T>
void describe(V& v, T& t) {
  v.required("defaultAction", t.default_action);
  v.optional("defaultErrnoRet", t.default_errno_ret);
  v.optional("architectures", t.architectures);
  v.optional("archMap", t.arch_map);
  v.optional("flags", t.flags);
  v.optional("listenerPath", t.listener_path);
  v.optional("listenerMetadata", t.listener_metadata);
  v.optional("syscalls", t.syscalls);
}

template <typename V, Is<Linux> T>
void describe(V& v, T& t) {
  v.optional("uidMappings", t.uid_mappings);
  v.optional("gidMappings", t.gid_mappings);
  v.optional("namespaces", t.namespaces);
  v.optional("devices", t.devices);
  v.optional("cgroupsPath", t.cgroups_path);
  v.optional("resources", t.resources);
  v.optional("seccomp", t.seccomp);
  v.optional("maskedPaths", t.masked_paths);
  v.optional("readonlyPaths", t.readonly_paths);
  v.optional("sysctl", t.sysctl);
  v.optional("rootfsPropagation", t.rootfs_propagation);
  v.optional("mountLabel", t.mount_label);
}

template <typename V, Is<Extension::Rootfs> T>
void describe(V& v, T& t) {
  v.required("layersDir", t.layers_dir);
  v.required("lower", t.lower);
  v.required("upper", t.upper);
  v.required("work", t.work);
}

template <typename V, Is<Extension::Log> T>
void describe(V& v, T& t) {
  v.required("path", t.path);
  v.required("maxLineBytes", t.max_line_bytes);
}

template <typename V, Is<Extension> T>
void describe(V& v, T& t) {
  v.optional("rootfs", t.rootfs);
  v.optional("log", t.log);
  v.optional("stdin", t.open_stdin);
  v.optional("stdinOnce", t.stdin_once);
  v.optional("seccompFilter", t.seccomp_filter);
  v.optional("cgroup", t.cgroup);
  v.optional("volumes", t.volumes);
}

template <typename V, Is<Spec> T>
void describe(V& v, T& t) {
  v.required("ociVersion", t.oci_version);
  v.required("process", t.process);
  v.required("root", t.root);
  v.optional("hostname", t.hostname);
  v.optional("mounts", t.mounts);
  v.optional("hooks", t.hooks);
  v.optional("annotations", t.annotations);
  v.required("linux", t.linux);
  v.optional("nodeagent", t.nodeagent);
}

// --- where in the document we are: a list through the call stack, made into text only for an error ---

struct Where {
  const Where* parent = nullptr;
  std::string_view key;  // a property, or empty for an element; of the document itself what it is
  size_t index = 0;

  std::string_view document() const { return parent == nullptr ? key : parent->document(); }

  std::string text() const {
    if (parent == nullptr) return "";
    std::string before = parent->text();
    if (key.empty()) return base::concat(before, "[", index, "]");
    return before.empty() ? std::string(key) : base::concat(before, ".", key);
  }
};

template <typename... Pieces>
base::Error invalid(const Where& where, const Pieces&... pieces) {
  std::string message;
  for (const std::string& place : {std::string(where.document()), where.text()})
    if (!place.empty()) message += place + ": ";
  return {base::Code::kInvalidArgument, message + base::concat(pieces...)};
}

// --- encoding ---

using Failure = std::optional<base::Error>;  // the first failure of a walk through a document

template <typename T>
bool is_empty(const std::vector<T>& value) {
  return value.empty();
}
template <typename T>
bool is_empty(const std::optional<T>& value) {
  return !value.has_value();
}
bool is_empty(const std::string& value) { return value.empty(); }
bool is_empty(const std::map<std::string, std::string>& value) { return value.empty(); }
template <typename T>
bool is_empty(const T& value) {
  return value == T{};
}

class Encoder {
 public:
  Encoder(Json& object, const Where& where, Failure& failure) : object_(object), where_(where), failure_(failure) {}

  template <typename T>
  void required(const char* name, const T& member) {
    put(object_[name], member, Where{&where_, name}, failure_);
  }
  template <typename T>
  void optional(const char* name, const T& member) {
    if (!is_empty(member)) required(name, member);
  }

  static void put(Json& json, bool value, const Where&, Failure&) { json = value; }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  static void put(Json& json, T value, const Where&, Failure&) {
    json = value;
  }
  static void put(Json& json, const std::string& value, const Where& where, Failure& failure) {
    if (!failure && !is_json_text(value)) failure = invalid(where, "the text is not UTF-8, or has a NUL in it");
    json = value;
  }
  static void put(Json& json, const std::map<std::string, std::string>& value, const Where& where, Failure& failure) {
    json = Json::object();
    for (const auto& [key, text] : value) {
      if (!failure && !is_json_text(key)) failure = invalid(where, "a key is not UTF-8, or has a NUL in it");
      put(json[key], text, Where{&where, key}, failure);
    }
  }
  template <typename T>
  static void put(Json& json, const std::vector<T>& value, const Where& where, Failure& failure) {
    json = Json::array();
    for (size_t i = 0; i < value.size(); ++i) {
      json.emplace_back();
      put(json.back(), value[i], Where{&where, {}, i}, failure);
    }
  }
  template <typename T>
  static void put(Json& json, const std::optional<T>& value, const Where& where, Failure& failure) {
    put(json, *value, where, failure);
  }
  template <typename T>
    requires std::is_class_v<T>
  static void put(Json& json, const T& value, const Where& where, Failure& failure) {
    json = Json::object();
    Encoder encoder(json, where, failure);
    describe(encoder, value);
  }

 private:
  Json& object_;
  const Where& where_;
  Failure& failure_;
};

// --- decoding ---

class Decoder {
 public:
  Decoder(const Json& object, const Where& where, Failure& failure)
      : object_(object), where_(where), failure_(failure) {}

  template <typename T>
  void required(const char* name, T& member) {
    if (!read(name, member) && !failure_) failure_ = invalid(Where{&where_, name}, "missing, but required");
  }
  template <typename T>
  void optional(const char* name, T& member) {
    read(name, member);
  }

  static void get(const Json& json, bool& value, const Where& where, Failure& failure) {
    if (!json.is_boolean()) return expected(where, failure, "true or false", json);
    value = json.get<bool>();
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  static void get(const Json& json, T& value, const Where& where, Failure& failure) {
    if (!json.is_number_integer()) return expected(where, failure, "a whole number", json);
    // Unsigned is what the parser makes of every number without a sign.
    const bool fits =
        json.is_number_unsigned() ? std::in_range<T>(json.get<uint64_t>()) : std::in_range<T>(json.get<int64_t>());
    if (!fits) {
      failure = invalid(where, "the number does not lie in ", std::numeric_limits<T>::min(), "..",
                        std::numeric_limits<T>::max());
      return;
    }
    value = json.is_number_unsigned() ? static_cast<T>(json.get<uint64_t>()) : static_cast<T>(json.get<int64_t>());
  }
  static void get(const Json& json, std::string& value, const Where& where, Failure& failure) {
    if (!json.is_string()) return expected(where, failure, "a string", json);
    value = json.get_ref<const std::string&>();
    if (value.find('\0') != std::string::npos) failure = invalid(where, "the text has a NUL in it");
  }
  static void get(const Json& json, std::map<std::string, std::string>& value, const Where& where, Failure& failure) {
    if (!json.is_object()) return expected(where, failure, "an object", json);
    value.clear();
    for (const auto& [key, text] : json.items()) {
      get(text, value[key], Where{&where, key}, failure);
      if (failure) return;
    }
  }
  template <typename T>
  static void get(const Json& json, std::vector<T>& value, const Where& where, Failure& failure) {
    if (!json.is_array()) return expected(where, failure, "an array", json);
    value.clear();
    for (size_t i = 0; i < json.size() && !failure; ++i) {
      get(json[i], value.emplace_back(), Where{&where, {}, i}, failure);
    }
  }
  template <typename T>
  static void get(const Json& json, std::optional<T>& value, const Where& where, Failure& failure) {
    get(json, value.emplace(), where, failure);
  }
  template <typename T>
    requires std::is_class_v<T>
  static void get(const Json& json, T& value, const Where& where, Failure& failure) {
    if (!json.is_object()) return expected(where, failure, "an object", json);
    Decoder decoder(json, where, failure);
    describe(decoder, value);
  }

 private:
  // False when the property is missing or null.
  template <typename T>
  bool read(const char* name, T& member) {
    if (failure_) return true;
    const auto found = object_.find(name);
    if (found == object_.end() || found->is_null()) return false;
    get(*found, member, Where{&where_, name}, failure_);
    return true;
  }
  static void expected(const Where& where, Failure& failure, const char* what, const Json& json) {
    failure = invalid(where, "expected ", what, ", found ", json.type_name());
  }

  const Json& object_;
  const Where& where_;
  Failure& failure_;
};

constexpr std::string_view kConfig = "OCI config";

template <typename T>
base::Result<std::string> encode_document(const T& value) {
  const Where root{.key = kConfig};
  Failure failure;
  Json json;
  Encoder::put(json, value, root, failure);
  if (failure) return std::unexpected(std::move(*failure));
  return json.dump(2);
}

template <typename T>
base::Result<T> decode_document(std::string_view text, std::string_view what = kConfig) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Where root{.key = what};
  if (json.is_discarded()) return std::unexpected(invalid(root, "the text is not JSON"));
  Failure failure;
  T value;
  Decoder::get(json, value, root, failure);
  if (failure) return std::unexpected(std::move(*failure));
  return value;
}

}  // namespace

base::Result<std::string> encode(const Spec& spec) { return encode_document(spec); }
base::Result<std::string> encode(const Process& process) { return encode_document(process); }
base::Result<Spec> decode(std::string_view json) { return decode_document<Spec>(json); }
base::Result<Process> decode_process(std::string_view json) { return decode_document<Process>(json); }
base::Result<Seccomp> decode_seccomp(std::string_view json) { return decode_document<Seccomp>(json, ""); }

}  // namespace runtime::oci
