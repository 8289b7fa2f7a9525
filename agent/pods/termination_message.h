// What a container had to say at its end: terminationMessagePath and terminationMessagePolicy.
#pragma once

#include <string>

namespace runtime::v1 {
class ContainerStatus;
}  // namespace runtime::v1

namespace agent::pods {

// Of an ended container that was made with the annotations of naming.h: the end of the file that was mounted at the
// path, at most 4096 bytes; where it is empty, the policy is FallbackToLogsOnError and the container failed, the end of
// its log, at most 80 lines and 2048 bytes. Why it cannot be read is told in its place, as a kubelet does.
std::string termination_message(const ::runtime::v1::ContainerStatus& status);

}  // namespace agent::pods
