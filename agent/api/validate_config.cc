#include "agent/api/document.h"
#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

constexpr size_t kMaxSize = 1UL << 20;

// Docker's configuration is JSON, an object.
void validate_json(const Secret& secret, const std::string& key, FaultList& faults) {
  const FieldPath path = FieldPath("data").key(key);
  const auto found = secret.data.find(key);
  if (found == secret.data.end()) return faults.required(path);
  const Document document = parse_json(found->second.raw);
  // The value is not shown: it is a secret.
  const bool is_object =
      document.root && (document.root->kind == Node::Kind::kMap || document.root->kind == Node::Kind::kNull);
  if (!is_object) faults.add(path, "Invalid value: \"<secret contents redacted>\": must be a JSON object");
}

// The keys that a type of secret has to have.
void validate_type(const Secret& secret, FaultList& faults) {
  const FieldPath data("data");
  const auto require = [&](const std::string& key) {
    if (!secret.data.contains(key)) faults.required(data.key(key));
  };
  if (secret.type == "kubernetes.io/service-account-token") {
    const std::string key = "kubernetes.io/service-account.name";
    const auto name = secret.metadata.annotations.find(key);
    if (name == secret.metadata.annotations.end() || name->second.empty())
      faults.required(FieldPath("metadata.annotations").key(key));
  } else if (secret.type == "kubernetes.io/dockercfg") {
    validate_json(secret, ".dockercfg", faults);
  } else if (secret.type == "kubernetes.io/dockerconfigjson") {
    validate_json(secret, ".dockerconfigjson", faults);
  } else if (secret.type == "kubernetes.io/basic-auth") {
    if (secret.data.contains("username") || secret.data.contains("password")) return;
    require("username");
    require("password");
  } else if (secret.type == "kubernetes.io/ssh-auth") {
    const auto key = secret.data.find("ssh-privatekey");
    if (key == secret.data.end() || key->second.raw.empty()) faults.required(data.key("ssh-privatekey"));
  } else if (secret.type == "kubernetes.io/tls") {
    require("tls.crt");
    require("tls.key");
  }
}

}  // namespace

void validate_object(const ConfigMap& config, FaultList& faults) {
  validate_metadata(config.metadata, Scope::kNamespaced, faults);
  validate_generation(config.metadata, faults);
  size_t size = 0;
  for (const auto& [key, text] : config.data) {
    const FieldPath path = FieldPath("data").key(key);
    check_config_key(key, path, faults);
    if (config.binary_data.contains(key)) faults.invalid(path, key, "duplicate of key present in binaryData");
    size += text.size();
  }
  for (const auto& [key, bytes] : config.binary_data) {
    check_config_key(key, FieldPath("binaryData").key(key), faults);
    size += bytes.raw.size();
  }
  if (size > kMaxSize) faults.too_long(FieldPath(), kMaxSize);
}

void validate_object(const Secret& secret, FaultList& faults) {
  validate_metadata(secret.metadata, Scope::kNamespaced, faults);
  validate_generation(secret.metadata, faults);
  size_t size = 0;
  for (const auto& [key, bytes] : secret.data) {
    check_config_key(key, FieldPath("data").key(key), faults);
    size += bytes.raw.size();
  }
  if (size > kMaxSize) faults.too_long(FieldPath("data"), kMaxSize);
  validate_type(secret, faults);
}

}  // namespace api
