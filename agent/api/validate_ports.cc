#include <set>

#include "agent/api/forms.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"

namespace api {

void validate_ports(const std::vector<ContainerPort>& ports, const FieldPath& path, FaultList& faults) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < ports.size(); ++i) {
    const ContainerPort& port = ports[i];
    const FieldPath item = (path / "ports")[i];
    if (!port.name.empty()) {
      const FormFaults wrong = port_name_faults(port.name);
      report(wrong, item / "name", port.name, faults);
      if (wrong.empty() && !names.insert(port.name).second) faults.duplicate(item / "name", port.name);
    }
    if (port.container_port == 0)
      faults.required(item / "containerPort");
    else
      check_port(port.container_port, item / "containerPort", faults);
    if (port.host_port != 0) check_port(port.host_port, item / "hostPort", faults);
  }
}

void validate_host_port_conflicts(const std::vector<ContainerPort>& ports, const FieldPath& path,
                                  std::set<std::string>& taken, FaultList& faults) {
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].host_port == 0) continue;
    const std::string place =
        base::concat(to_string(ports[i].protocol), "/", ports[i].host_ip, "/", ports[i].host_port);
    if (!taken.insert(place).second) faults.duplicate((path / "ports")[i] / "hostPort", place);
  }
}

void validate_host_network_ports(const std::vector<ContainerPort>& ports, const FieldPath& path, PodForm form,
                                 FaultList& faults) {
  for (size_t i = 0; i < ports.size(); ++i) {
    const ContainerPort& port = ports[i];
    const bool filled_in_later = form == PodForm::kTemplate && port.host_port == 0;
    if (!filled_in_later && port.host_port != port.container_port)
      faults.invalid((path / "ports")[i] / "hostPort", port.host_port,
                     "must match `containerPort` when `hostNetwork` is true");
  }
}

}  // namespace api
