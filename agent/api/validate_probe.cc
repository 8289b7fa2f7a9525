#include "agent/api/forms.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"

namespace api {

namespace {

void validate_port(const IntOrString& port, const FieldPath& path, FaultList& faults) {
  if (!port.is_string)
    check_port(port.number, path, faults);
  else
    report(port_name_faults(port.text), path, port.text, faults);
}

void validate_http_get(const HttpGetAction& action, const FieldPath& path, FaultList& faults) {
  validate_port(action.port, path / "port", faults);
  for (const HttpHeader& header : action.http_headers)
    check_http_header_name(header.name, path / "httpHeaders", faults);
}

void validate_sleep(const SleepAction& action, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  const std::optional<int64_t>& grace = spec.termination_grace_period_seconds;
  if (grace && (action.seconds < 0 || action.seconds > *grace))
    faults.invalid(path, action.seconds,
                   base::concat("must be non-negative and less than terminationGracePeriodSeconds (", *grace, ")"));
}

// Exactly one of what a probe or hook can do: the first is checked, others are refused.
class OneHandler {
 public:
  OneHandler(const FieldPath& path, FaultList& faults) : path_(path), faults_(faults) {}

  template <typename Action, typename Check>
  void take(const Action& action, std::string_view field, Check check) {
    if (!action) return;
    if (found_)
      faults_.forbidden(path_ / field, "may not specify more than 1 handler type");
    else
      check(*action, path_ / field);
    found_ = true;
  }
  void end() const {
    if (!found_) faults_.required(path_, "must specify a handler type");
  }

 private:
  const FieldPath& path_;
  FaultList& faults_;
  bool found_ = false;
};

// What hooks and probes have in common.
template <typename Handler>
void take_common(const Handler& handler, OneHandler& one, FaultList& faults) {
  one.take(handler.exec, "exec", [&](const ExecAction& action, const FieldPath& path) {
    if (action.command.empty()) faults.required(path / "command");
  });
  one.take(handler.http_get, "httpGet",
           [&](const HttpGetAction& action, const FieldPath& path) { validate_http_get(action, path, faults); });
  one.take(handler.tcp_socket, "tcpSocket", [&](const TcpSocketAction& action, const FieldPath& path) {
    validate_port(action.port, path / "port", faults);
  });
}

void validate_hook(const Boxed<LifecycleHandler>& hook, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  if (!hook) return;
  OneHandler one(path, faults);
  take_common(*hook, one, faults);
  one.take(hook->sleep, "sleep",
           [&](const SleepAction& action, const FieldPath& field) { validate_sleep(action, spec, field, faults); });
  one.end();
}

enum class ProbeKind : uint8_t { kLiveness, kReadiness, kStartup };

void validate_probe(const Boxed<Probe>& probe, ProbeKind kind, const FieldPath& path, FaultList& faults) {
  if (!probe) return;
  OneHandler one(path, faults);
  take_common(*probe, one, faults);
  one.take(probe->grpc, "grpc", [&](const GrpcAction& action, const FieldPath& field) {
    validate_port(IntOrString::of(action.port), field / "port", faults);
  });
  one.end();
  check_non_negative(probe->initial_delay_seconds, path / "initialDelaySeconds", faults);
  check_non_negative(probe->timeout_seconds, path / "timeoutSeconds", faults);
  check_non_negative(probe->period_seconds, path / "periodSeconds", faults);
  check_non_negative(probe->success_threshold, path / "successThreshold", faults);
  check_non_negative(probe->failure_threshold, path / "failureThreshold", faults);
  const std::optional<int64_t>& grace = probe->termination_grace_period_seconds;
  const FieldPath grace_path = path / "terminationGracePeriodSeconds";
  if (grace && *grace <= 0) faults.invalid(grace_path, *grace, "must be greater than 0");
  if (kind == ProbeKind::kReadiness) {
    if (grace) faults.invalid(grace_path, *grace, "must not be set for readinessProbes");
  } else if (probe->success_threshold != 1) {
    faults.invalid(path / "successThreshold", probe->success_threshold, "must be 1");
  }
}

}  // namespace

void validate_lifecycle_and_probes(const Container& container, const PodSpec& spec, const FieldPath& path,
                                   FaultList& faults) {
  if (container.lifecycle) {
    const Lifecycle& lifecycle = *container.lifecycle;
    const FieldPath field = path / "lifecycle";
    validate_hook(lifecycle.post_start, spec, field / "postStart", faults);
    validate_hook(lifecycle.pre_stop, spec, field / "preStop", faults);
    // The apiserver drops stopSignal unchecked: the gate ContainerStopSignals is off.
  }
  validate_probe(container.liveness_probe, ProbeKind::kLiveness, path / "livenessProbe", faults);
  validate_probe(container.readiness_probe, ProbeKind::kReadiness, path / "readinessProbe", faults);
  validate_probe(container.startup_probe, ProbeKind::kStartup, path / "startupProbe", faults);
}

}  // namespace api
