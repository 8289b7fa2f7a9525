// What the owner in the background tells `run --detach` until everything has started: one packet a
// report.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/unique_fd.h"

namespace agent::cli {

// Everything is the owner's from here on, whatever becomes of who started it.
struct Taken {
  bool operator==(const Taken&) const = default;
};
// Something to tell the user; the start goes on.
struct StartWarning {
  std::string pod;
  std::string container;  // empty: the pod as a whole
  std::string text;
  bool operator==(const StartWarning&) const = default;
};
// Every container of the pod ("default/web") has been started.
struct PodStarted {
  std::string pod;
  bool operator==(const PodStarted&) const = default;
};
// A pod or a job ended before that, or was stopped.
struct EndedEarly {
  int exit_code = 0;  // as of a foreground run
  std::string what;   // "pod default/web"
  std::string phase;
  std::string message;
  bool operator==(const EndedEarly&) const = default;
};
// Nothing more is told: all that was to be started is, or has ended.
struct StartOver {
  bool operator==(const StartOver&) const = default;
};
// The owner cannot go on. Nothing more is told.
struct OwnerFailed {
  std::string error;
  bool operator==(const OwnerFailed&) const = default;
};
using OwnerReport = std::variant<Taken, StartWarning, PodStarted, EndedEarly, StartOver, OwnerFailed>;

std::string format_report(const OwnerReport& report);
// kInvalidArgument for anything else.
base::Result<OwnerReport> parse_report(std::string_view packet);

struct ReportChannel {
  base::UniqueFd reader;
  base::UniqueFd writer;
};
base::Result<ReportChannel> open_report_channel();
// A reader that has gone is no fault: who started the pod did not wait.
void send_report(int writer, const OwnerReport& report);
// kUnavailable when the writer has gone.
base::Result<OwnerReport> receive_report(int reader);

}  // namespace agent::cli
