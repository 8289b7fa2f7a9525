// A connection to systemd's manager, by libsystemd's sd-bus(3). The library is loaded when the first unit is touched:
// commands that touch none do not pay for it, and a node without systemd does not need it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"
#include "runtime/cgroup/unit_properties.h"

struct sd_bus;
struct sd_bus_message;

namespace runtime::cgroup {

struct BusLibrary;  // sd_bus.cc: its functions

// For one thread. Errors of calls: kAlreadyExists (UnitExists), kNotFound (NoSuchUnit), kInvalidArgument and
// kPermissionDenied as systemd says; kUnavailable when the connection broke, as it does when systemd executes itself
// anew; kDeadlineExceeded.
class Bus {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // By systemd's own socket, which only root may use and needs no broker; else by the system bus. kUnimplemented,
  // naming it, where the library is missing.
  static base::Result<Bus> connect();
  Bus(Bus&&) noexcept;
  Bus& operator=(Bus&&) = delete;
  ~Bus();

  // One of the manager's methods whose arguments are a unit's name and a mode, and for StartTransientUnit its
  // properties; waits for the job that it begins.
  base::Status run_job(const char* method, const std::string& unit, const char* mode, const UnitProperties* properties,
                       Deadline deadline);
  // SetUnitProperties, until the next boot.
  base::Status set_properties(const std::string& unit, const UnitProperties& properties, Deadline deadline);
  // "252"
  base::Result<int> version(Deadline deadline);

 private:
  class Message;
  Bus(const BusLibrary& library, sd_bus* bus) : library_(&library), bus_(bus) {}
  base::Status listen();
  base::Result<Message> begin(const char* interface, const char* method);
  base::Result<Message> send(const Message& message, Deadline deadline);
  base::Status append(const Message& message, const UnitProperties& properties);
  base::Status append(const Message& message, const UnitProperty& property);
  base::Status wait_for_job(const std::string& job, Deadline deadline);
  // Whether the message says that the job has ended; an error when not well.
  base::Result<bool> ends_job(const Message& message, const std::string& job);

  const BusLibrary* library_;
  sd_bus* bus_;
};

}  // namespace runtime::cgroup
