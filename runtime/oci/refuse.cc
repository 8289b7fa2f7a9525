#include "runtime/oci/generate_parts.h"

namespace runtime::oci {
namespace {

template <typename... Pieces>
std::unexpected<base::Error> unsupported(const Pieces&... pieces) {
  return base::fail(base::Code::kUnimplemented, base::concat(pieces...), " is not supported by this version");
}

base::Status check_namespaces(const v1::NamespaceOption& options) {
  // In POD and NODE mode alike the container shares what its pod's shim lives in.
  if (options.network() != v1::POD && options.network() != v1::NODE) {
    return unsupported("security_context.namespace_options.network ", v1::NamespaceMode_Name(options.network()));
  }
  if (options.ipc() != v1::POD && options.ipc() != v1::NODE) {
    return unsupported("security_context.namespace_options.ipc ", v1::NamespaceMode_Name(options.ipc()));
  }
  if (options.pid() == v1::TARGET) {
    return unsupported("security_context.namespace_options.pid ", v1::NamespaceMode_Name(options.pid()));
  }
  if (options.has_userns_options() && options.userns_options().mode() != v1::NODE) {
    return unsupported("security_context.namespace_options.userns_options");
  }
  return {};
}

base::Status check_profiles(const v1::LinuxContainerSecurityContext& context) {
  if (context.has_apparmor() && context.apparmor().profile_type() != v1::SecurityProfile::Unconfined) {
    return unsupported("security_context.apparmor ",
                       v1::SecurityProfile_ProfileType_Name(context.apparmor().profile_type()));
  }
  const std::string& apparmor = older_apparmor_profile(context);
  if (!context.has_apparmor() && !apparmor.empty() && apparmor != "unconfined") {
    return unsupported("security_context.apparmor_profile ", apparmor);
  }
  return {};
}

base::Status check_security(const v1::LinuxContainerSecurityContext& context) {
  if (context.has_selinux_options()) return unsupported("security_context.selinux_options");
  if (context.capabilities().add_ambient_capabilities_size() > 0) {
    return unsupported("security_context.capabilities.add_ambient_capabilities");
  }
  TRY(check_namespaces(context.namespace_options()));
  return check_profiles(context);
}

base::Status check_mount(const v1::Mount& mount) {
  const std::string field = base::concat("mounts[", mount.container_path(), "].");
  if (mount.has_image() || !mount.image_sub_path().empty()) return unsupported(field, "image");
  if (mount.selinux_relabel()) return unsupported(field, "selinux_relabel");
  if (mount.uidmappings_size() > 0 || mount.gidmappings_size() > 0) return unsupported(field, "uidMappings");
  return {};
}

}  // namespace

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
const std::string& older_seccomp_profile(const v1::LinuxContainerSecurityContext& context) {
  return context.seccomp_profile_path();
}
const std::string& older_apparmor_profile(const v1::LinuxContainerSecurityContext& context) {
  return context.apparmor_profile();
}
#pragma GCC diagnostic pop

base::Status refuse_what_is_not_carried_out(const v1::ContainerConfig& container) {
  if (container.has_windows()) return unsupported("windows");
  if (container.cdi_devices_size() > 0) return unsupported("CDI_devices ", container.cdi_devices(0).name());
  for (const v1::Mount& mount : container.mounts()) TRY(check_mount(mount));
  return check_security(container.linux().security_context());
}

}  // namespace runtime::oci
