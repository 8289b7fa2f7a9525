#include <catch2/catch.hpp>

#include "agent/api/codec.h"
#include "agent/api/pod_amounts.h"

namespace {

// resources: of the first container, of the second, of an init container and of the pod.
std::string_view class_of(const std::string& first, const std::string& second = "", const std::string& init = "",
                          const std::string& pod = "") {
  const auto container = [](const char* name, const std::string& resources) {
    return std::string("{name: ") + name + ", image: x" +
           (resources.empty() ? "" : ", resources: {" + resources + "}") + "}";
  };
  const std::string text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [" +
                           container("a", first) + ", " + container("b", second) + "]\n" +
                           (init.empty() ? "" : "  initContainers: [" + container("i", init) + "]\n") +
                           (pod.empty() ? "" : "  resources: {" + pod + "}\n");
  const auto read = api::decode_manifests(text);
  if (!read) FAIL(api::to_string(read.error(), "f"));
  return api::to_string(api::qos_class(std::get<api::Pod>(read->front().object).spec));
}

TEST_CASE("the QoS class of a pod") {
  const std::string both = "limits: {cpu: 1, memory: 1Gi}";
  const std::string equal = "limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}";
  CHECK(class_of("") == "BestEffort");
  CHECK(class_of("limits: {ephemeral-storage: 1Gi}") == "BestEffort");
  CHECK(class_of("requests: {cpu: 0}") == "BestEffort");
  CHECK(class_of("requests: {cpu: 100m}") == "Burstable");
  CHECK(class_of("", "limits: {memory: 1Gi}") == "Burstable");
  CHECK(class_of(both) == "Burstable");
  CHECK(class_of(both, both) == "Guaranteed");
  CHECK(class_of(both, equal) == "Guaranteed");
  CHECK(class_of(both, "limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}") == "Burstable");
  CHECK(class_of(both, both, "requests: {cpu: 1}") == "Burstable");
  CHECK(class_of(both, both, equal) == "Guaranteed");
  CHECK(class_of("", "", "requests: {memory: 1Mi}") == "Burstable");
  // What the pod sets for itself counts alone.
  CHECK(class_of("requests: {cpu: 1}", "", "", equal) == "Guaranteed");
  CHECK(class_of("", "", "", "requests: {cpu: 1}") == "Burstable");
}

}  // namespace
