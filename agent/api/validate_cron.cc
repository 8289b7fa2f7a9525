// When a CronJob starts: its schedule and its time zone.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "agent/api/cron_schedule.h"
#include "agent/api/validate.h"
#include "base/ascii.h"

namespace api {

namespace {

bool is_zone_part(std::string_view part) {
  constexpr size_t kMax = 14;
  if (part.empty() || part.size() > kMax || part == "." || part == ".." || part.starts_with('-')) return false;
  return std::ranges::all_of(
      part, [](char c) { return base::is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == '+'; });
}

// "Europe/Berlin", "Etc/GMT+5".
bool is_zone_name(std::string_view zone) {
  for (size_t slash = zone.find('/'); slash != std::string_view::npos; slash = zone.find('/')) {
    if (!is_zone_part(zone.substr(0, slash))) return false;
    zone.remove_prefix(slash + 1);
  }
  return is_zone_part(zone);
}

// Where the node has no database of zones, every name of the right form is taken. Beside the zones it has other files,
// and all of them again under two more names.
bool is_known_zone(const std::string& zone) {
  constexpr const char* kDatabase = "/usr/share/zoneinfo";
  if (zone == "UTC" || ::access(kDatabase, F_OK) != 0) return true;
  if (zone.starts_with("posix/") || zone.starts_with("right/")) return false;
  std::array<char, 4> magic{};
  std::ifstream file(base::concat(kDatabase, "/", zone), std::ios::binary);
  return file.read(magic.data(), magic.size()) && std::string_view(magic.data(), magic.size()) == "TZif";
}

}  // namespace

void validate_schedule(const std::string& schedule, const FieldPath& path, FaultList& faults) {
  if (schedule.empty()) return faults.required(path);
  if (schedule.find("TZ") != std::string::npos)
    faults.invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  std::string_view fields = schedule;
  const bool names_zone = fields.starts_with("TZ=") || fields.starts_with("CRON_TZ=");
  if (names_zone) fields.remove_prefix(std::min(fields.find(' '), fields.size()));
  while (names_zone && fields.starts_with(' ')) fields.remove_prefix(1);
  const std::expected<CronSchedule, std::string> parsed = parse_cron_schedule(fields);
  if (!parsed) faults.invalid(path, schedule, parsed.error());
}

void validate_time_zone(const std::string& zone, const FieldPath& path, FaultList& faults) {
  if (zone.empty()) return faults.invalid(path, zone, "timeZone must be nil or non-empty string");
  if (base::lower(zone) == "local")
    faults.invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  else if (!is_zone_name(zone) || !is_known_zone(zone))
    faults.invalid(path, zone, base::concat("unknown time zone ", zone));
}

}  // namespace api
