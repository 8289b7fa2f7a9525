// How records are written as JSON and read back. Internal to agent/workloads.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "base/clock.h"
#include "base/error.h"

namespace agent::workloads {

using Json = nlohmann::json;

// In nanoseconds since 1970.
int64_t to_number(base::WallTime time);
base::WallTime to_time(int64_t nanoseconds);

// The members of an object, each of the type of what it is read into; what is missing stays as it was.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}

  template <typename T>
  void read(const char* name, T& value) {
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    if constexpr (std::is_same_v<T, bool>)
      well_formed_ &= found->is_boolean();
    else if constexpr (std::is_integral_v<T>)
      well_formed_ &= found->is_number_integer();
    else
      well_formed_ &= found->is_string();
    if (well_formed_) value = found->template get<T>();
  }
  void read(const char* name, base::WallTime& time) {
    int64_t number = to_number(time);
    read(name, number);
    time = to_time(number);
  }
  // What the members meant to their reader was wrong.
  void reject() { well_formed_ = false; }
  bool well_formed() const { return well_formed_; }

 private:
  const Json& object_;
  bool well_formed_ = true;
};

base::Error not_a_record(const std::string& path, std::string_view what);
// The object that the text is, if it is one that we understand. what: "a job", for messages. kDataLoss when it is not a
// record; kFailedPrecondition when a newer version wrote it; both name the file.
base::Result<Json> parse_record(const std::string& text, const std::string& path, std::string_view what);
std::string format_record(Json record);

// What every record says of itself.
template <typename Record>
void read_head(Members& members, Record& record) {
  members.read("uid", record.uid);
  members.read("foreground", record.foreground);
  members.read("finished", record.finished);
  if (record.uid.empty()) members.reject();
}
template <typename Record>
Json head_of(const Record& record) {
  return {{"uid", record.uid}, {"foreground", record.foreground}, {"finished", record.finished}};
}

}  // namespace agent::workloads
