#include "runtime/cgroup/sd_bus.h"

#include <dlfcn.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;

// The functions that are used, with the types of the header.
struct BusLibrary {
  decltype(&::sd_bus_new) create = nullptr;
  decltype(&::sd_bus_set_address) set_address = nullptr;
  decltype(&::sd_bus_start) start = nullptr;
  decltype(&::sd_bus_open_system) open_system = nullptr;
  decltype(&::sd_bus_flush_close_unref) close = nullptr;
  decltype(&::sd_bus_add_match) add_match = nullptr;
  decltype(&::sd_bus_call) call = nullptr;
  decltype(&::sd_bus_process) process = nullptr;
  decltype(&::sd_bus_wait) wait = nullptr;
  decltype(&::sd_bus_error_free) free_error = nullptr;
  decltype(&::sd_bus_message_new_method_call) new_call = nullptr;
  decltype(&::sd_bus_message_unref) unref = nullptr;
  decltype(&::sd_bus_message_append) append = nullptr;
  decltype(&::sd_bus_message_append_array) append_array = nullptr;
  decltype(&::sd_bus_message_open_container) open_container = nullptr;
  decltype(&::sd_bus_message_close_container) close_container = nullptr;
  decltype(&::sd_bus_message_read) read = nullptr;
  decltype(&::sd_bus_message_is_signal) is_signal = nullptr;
};

namespace {

constexpr const char* kLibrary = "libsystemd.so.0";
constexpr const char* kOwnSocket = "unix:path=/run/systemd/private";
constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kObject = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";

Result<BusLibrary> load() {
  void* const handle = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return base::fail(Code::kUnimplemented, "cgroups that are systemd's units need ", kLibrary, ": ", ::dlerror(),
                      " (on Debian it is in the package libsystemd0)");
  }
  BusLibrary library;
  const char* missing = nullptr;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
    if (function == nullptr) missing = name;
  };
  find(library.create, "sd_bus_new");
  find(library.set_address, "sd_bus_set_address");
  find(library.start, "sd_bus_start");
  find(library.open_system, "sd_bus_open_system");
  find(library.close, "sd_bus_flush_close_unref");
  find(library.add_match, "sd_bus_add_match");
  find(library.call, "sd_bus_call");
  find(library.process, "sd_bus_process");
  find(library.wait, "sd_bus_wait");
  find(library.free_error, "sd_bus_error_free");
  find(library.new_call, "sd_bus_message_new_method_call");
  find(library.unref, "sd_bus_message_unref");
  find(library.append, "sd_bus_message_append");
  find(library.append_array, "sd_bus_message_append_array");
  find(library.open_container, "sd_bus_message_open_container");
  find(library.close_container, "sd_bus_message_close_container");
  find(library.read, "sd_bus_message_read");
  find(library.is_signal, "sd_bus_message_is_signal");
  if (missing == nullptr) return library;
  return base::fail(Code::kUnimplemented, kLibrary, " is too old: it has no ", missing);
}

uint64_t microseconds_until(Bus::Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<uint64_t>(std::max<int64_t>(left.count(), 1));
}

// sd-bus gives errors as negative errnos.
Status check(int result, const char* attempted) {
  if (result >= 0) return {};
  base::Error error = base::errno_error(-result, attempted);
  for (const int broken : {ECONNRESET, ENOTCONN, EPIPE, ECONNREFUSED}) {
    if (broken == -result) error.set_code(Code::kUnavailable);
  }
  if (-result == ETIMEDOUT || -result == ETIME) error.set_code(Code::kDeadlineExceeded);
  return std::unexpected(std::move(error));
}

Code code_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Code>, 7> kKnown{
      {{"org.freedesktop.systemd1.UnitExists", Code::kAlreadyExists},
       {"org.freedesktop.systemd1.NoSuchUnit", Code::kNotFound},
       {"org.freedesktop.DBus.Error.InvalidArgs", Code::kInvalidArgument},
       {"org.freedesktop.DBus.Error.AccessDenied", Code::kPermissionDenied},
       {"org.freedesktop.DBus.Error.ServiceUnknown", Code::kUnavailable},
       {"org.freedesktop.DBus.Error.NoReply", Code::kUnavailable},
       {"org.freedesktop.DBus.Error.Disconnected", Code::kUnavailable}}};
  const auto* const known = std::ranges::find(kKnown, name, &std::pair<std::string_view, Code>::first);
  return known == kKnown.end() ? Code::kInternal : known->second;
}

}  // namespace

class Bus::Message {
 public:
  Message(const BusLibrary& library, sd_bus_message* message) : library_(&library), message_(message) {}
  Message(Message&& other) noexcept : library_(other.library_), message_(std::exchange(other.message_, nullptr)) {}
  ~Message() {
    if (message_ != nullptr) library_->unref(message_);
  }
  sd_bus_message* get() const { return message_; }

 private:
  const BusLibrary* library_;
  sd_bus_message* message_;
};

Result<Bus> Bus::connect() {
  static const Result<BusLibrary> library = load();
  if (!library) return std::unexpected(library.error());
  sd_bus* raw = nullptr;
  TRY(check(library->create(&raw), "make a D-Bus connection"));
  Bus own(*library, raw);
  TRY(check(library->set_address(raw, kOwnSocket), "connect to systemd"));
  const int connected = library->start(raw);
  if (connected >= 0) return own;
  sd_bus* system = nullptr;
  TRY(check(library->open_system(&system), "connect to systemd by /run/systemd/private or by the system bus"));
  Bus brokered(*library, system);
  TRY(brokered.listen());
  return brokered;
}

Bus::Bus(Bus&& other) noexcept : library_(other.library_), bus_(std::exchange(other.bus_, nullptr)) {}

Bus::~Bus() {
  if (bus_ != nullptr) library_->close(bus_);
}

// On its own socket systemd tells everyone everything; on the system bus it has to be asked to.
Status Bus::listen() {
  TRY(check(library_->add_match(bus_, nullptr,
                                "type='signal',sender='org.freedesktop.systemd1',"
                                "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'",
                                nullptr, nullptr),
            "listen to systemd"));
  const Message subscribe = TRY(begin(kManager, "Subscribe"));
  TRY(send(subscribe, std::chrono::steady_clock::now() + std::chrono::seconds(10)));
  return {};
}

Result<Bus::Message> Bus::begin(const char* interface, const char* method) {
  sd_bus_message* raw = nullptr;
  TRY(check(library_->new_call(bus_, &raw, kService, kObject, interface, method), method));
  return Message(*library_, raw);
}

Result<Bus::Message> Bus::send(const Message& message, Deadline deadline) {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message* reply = nullptr;
  const int result = library_->call(bus_, message.get(), microseconds_until(deadline), &error, &reply);
  if (result >= 0) return Message(*library_, reply);
  Status failed = check(result, "ask systemd");
  // What was answered says more than the errno that sd-bus makes of it.
  const bool answered = error.name != nullptr && std::string_view(error.name).starts_with("org.freedesktop.");
  if (answered) failed = base::fail(code_of(error.name), error.message == nullptr ? error.name : error.message);
  library_->free_error(&error);
  return std::unexpected(std::move(failed).error());
}

Status Bus::append(const Message& message, const UnitProperty& property) {
  struct Append {
    const BusLibrary& library;
    sd_bus_message* message;
    int array(const char* type, const void* data, size_t size) const {
      const std::array<char, 3> variant{'a', type[0], '\0'};
      const int opened = library.open_container(message, SD_BUS_TYPE_VARIANT, variant.data());
      if (opened < 0) return opened;
      const int filled = library.append_array(message, type[0], data, size);
      return filled < 0 ? filled : library.close_container(message);
    }
    int operator()(bool value) const { return library.append(message, "v", "b", static_cast<int>(value)); }
    int operator()(uint64_t value) const { return library.append(message, "v", "t", value); }
    int operator()(const std::string& value) const { return library.append(message, "v", "s", value.c_str()); }
    int operator()(const std::vector<uint8_t>& value) const { return array("y", value.data(), value.size()); }
    int operator()(const std::vector<uint32_t>& value) const {
      return array("u", value.data(), value.size() * sizeof(uint32_t));
    }
  };
  TRY(check(library_->open_container(message.get(), SD_BUS_TYPE_STRUCT, "sv"), property.name.c_str()));
  TRY(check(library_->append(message.get(), "s", property.name.c_str()), property.name.c_str()));
  TRY(check(std::visit(Append{*library_, message.get()}, property.value), property.name.c_str()));
  return check(library_->close_container(message.get()), property.name.c_str());
}

Status Bus::append(const Message& message, const UnitProperties& properties) {
  TRY(check(library_->open_container(message.get(), SD_BUS_TYPE_ARRAY, "(sv)"), "tell properties"));
  for (const UnitProperty& property : properties) TRY(append(message, property));
  return check(library_->close_container(message.get()), "tell properties");
}

Status Bus::run_job(const char* method, const std::string& unit, const char* mode, const UnitProperties* properties,
                    Deadline deadline) {
  const Message message = TRY(begin(kManager, method));
  TRY(check(library_->append(message.get(), "ss", unit.c_str(), mode), method));
  if (properties != nullptr) {
    TRY(append(message, *properties));
    // No further units.
    TRY(check(library_->append(message.get(), "a(sa(sv))", 0), method));
  }
  const Message reply = TRY(send(message, deadline));
  const char* job = nullptr;
  TRY(check(library_->read(reply.get(), "o", &job), method));
  return wait_for_job(job, deadline);
}

Status Bus::set_properties(const std::string& unit, const UnitProperties& properties, Deadline deadline) {
  const Message message = TRY(begin(kManager, "SetUnitProperties"));
  TRY(check(library_->append(message.get(), "sb", unit.c_str(), 1), "SetUnitProperties"));
  TRY(append(message, properties));
  TRY(send(message, deadline));
  return {};
}

Result<int> Bus::version(Deadline deadline) {
  const Message message = TRY(begin("org.freedesktop.DBus.Properties", "Get"));
  TRY(check(library_->append(message.get(), "ss", kManager, "Version"), "ask for systemd's version"));
  const Message reply = TRY(send(message, deadline));
  const char* text = nullptr;
  TRY(check(library_->read(reply.get(), "v", "s", &text), "read systemd's version"));
  const std::string_view version = text;  // "252.39-1~deb12u2"
  int number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

Status Bus::wait_for_job(const std::string& job, Deadline deadline) {
  while (true) {
    sd_bus_message* raw = nullptr;
    const int progress = library_->process(bus_, &raw);
    const Message message(*library_, raw);
    TRY(check(progress, "wait for systemd"));
    if (raw != nullptr && TRY(ends_job(message, job))) return {};
    if (progress > 0) continue;
    if (std::chrono::steady_clock::now() >= deadline) {
      return base::fail(Code::kDeadlineExceeded, "systemd has not come to it in time");
    }
    TRY(check(library_->wait(bus_, microseconds_until(deadline)), "wait for systemd"));
  }
}

Result<bool> Bus::ends_job(const Message& message, const std::string& job) {
  if (library_->is_signal(message.get(), kManager, "JobRemoved") <= 0) return false;
  uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* outcome = nullptr;
  TRY(check(library_->read(message.get(), "uoss", &id, &path, &unit, &outcome), "read what systemd says of a job"));
  if (path != job) return false;
  if (std::string_view(outcome) == "done") return true;
  return base::fail(Code::kInternal, "systemd's job ended as \"", outcome, "\" (`journalctl --unit ", unit,
                    "` may say why)");
}

}  // namespace runtime::cgroup
