// What needs no node: explain and validate.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "test/host/cli/instance.h"

namespace {

using cli_test::Instance;
using cli_test::Ran;

TEST_CASE("explain tells what a field means, and which name was probably meant") {
  const Instance node;
  const Ran known = node.nodeagent({"explain", "pod.spec.containers.imagePullPolicy"});
  CHECK(known.status == 0);
  CHECK(known.out.starts_with("KIND:       Pod\n"));
  const Ran unknown = node.nodeagent({"explain", "pod.spec.container"});
  CHECK(unknown.status == 1);
  CHECK(unknown.out.empty());
  CHECK(unknown.err.find("did you mean \"containers\"?") != std::string::npos);
}

constexpr const char* kGood =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: a\n    image: nginx:1\n"
    "    livenessProbe: {tcpSocket: {port: 80}}\n---\n"
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  template:\n    spec:\n"
    "      restartPolicy: Never\n      containers: [{name: a, image: x, livenessProbe: {tcpSocket: {port: 80}}}]\n";

constexpr const char* kBad =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
    "  containers:\n  - name: a\n    imagee: x\n  - name: a\n    image: z\n";

TEST_CASE("validate says what an apiserver would say, and what nodeagent would not do yet") {
  const Instance node;
  const Ran good = node.nodeagent({"validate", "-"}, kGood);
  CHECK(good.status == 0);
  CHECK(good.err.empty());
  CHECK(good.out ==
        "<stdin>:8:5: spec.containers[0].livenessProbe: valid; known to Kubernetes but not carried out by this "
        "version of nodeagent\n<stdin>:17:40: spec.template.spec.containers[0].livenessProbe: valid; known to "
        "Kubernetes but not carried out by this "
        "version of nodeagent\n<stdin>: valid: 2 objects\n");

  const Ran bad = node.nodeagent({"validate", "-"}, kBad);
  CHECK(bad.status == 1);
  CHECK(bad.out ==
        "<stdin>:10:5: spec.containers[0].image: Required value\n"
        "<stdin>:11:5: spec.containers[0].imagee: unknown field; did you mean \"image\"?\n"
        "<stdin>:12:5: spec.containers[1].name: Duplicate value: \"a\"\n");

  const auto json = nlohmann::json::parse(node.nodeagent({"validate", "-o", "json", "-"}, kBad).out);
  CHECK(json[0]["valid"] == false);
  CHECK(json[0]["faults"].size() == 3);
  CHECK(json[0]["faults"][2]["line"] == 12);
  CHECK(json[0]["faults"][2]["path"] == "spec.containers[1].name");
}

TEST_CASE("validate --defaulted prints what an apiserver would store") {
  const Instance node;
  const Ran yaml = node.nodeagent({"validate", "--defaulted", "-o", "yaml", "-"}, kGood);
  CHECK(yaml.status == 0);
  CHECK(
      yaml.out.starts_with("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: default\nspec:\n"
                           "  containers:\n  - image: nginx:1\n    imagePullPolicy: IfNotPresent\n"));
  CHECK(yaml.out.find("\n---\napiVersion: batch/v1\nkind: Job\n") != std::string::npos);
  CHECK(yaml.out.find("\nstatus:\n  phase: Pending\n  qosClass: BestEffort\n") != std::string::npos);
  CHECK(yaml.out.find("\n  backoffLimit: 6\n") != std::string::npos);
  const auto list = nlohmann::json::parse(node.nodeagent({"validate", "--defaulted", "-o", "json", "-"}, kGood).out);
  CHECK(list["kind"] == "List");
  CHECK(list["items"][1]["spec"]["template"]["spec"]["dnsPolicy"] == "ClusterFirst");
  // It is valid itself, and nothing is left to be defaulted.
  const Ran again = node.nodeagent({"validate", "--defaulted", "-o", "yaml", "-"}, yaml.out);
  CHECK(again.out == yaml.out);

  const Ran bad = node.nodeagent({"validate", "--defaulted", "-o", "yaml", "-"}, kBad);
  CHECK(bad.status == 1);
  CHECK(bad.out.empty());
  CHECK(bad.err.find("unknown field") != std::string::npos);
  CHECK(node.nodeagent({"validate", "-o", "yaml", "-"}, kGood).status == 1);
  CHECK(node.nodeagent({"validate", "/nowhere.yaml"}).err.find("/nowhere.yaml") != std::string::npos);
}

}  // namespace
