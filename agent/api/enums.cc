#include "agent/api/enums.h"

namespace api {

std::string_view to_string(RestartPolicy value) { return enum_text(value); }
std::string_view to_string(PullPolicy value) { return enum_text(value); }
std::string_view to_string(DnsPolicy value) { return enum_text(value); }
std::string_view to_string(SeccompProfileType value) { return enum_text(value); }
std::string_view to_string(SupplementalGroupsPolicy value) { return enum_text(value); }
std::string_view to_string(Protocol value) { return enum_text(value); }
std::string_view to_string(StorageMedium value) { return enum_text(value); }
std::string_view to_string(HostPathType value) { return enum_text(value); }
std::string_view to_string(PodPhase value) { return enum_text(value); }
std::string_view to_string(ConditionStatus value) { return enum_text(value); }
std::string_view to_string(EventType value) { return enum_text(value); }

}  // namespace api
