// ConfigMaps, Secrets and the downward API reach containers, and what is missing is named before anything is started.
#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/path.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

constexpr const char* kSettings =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {MODE: fast, text: hello}\n";
constexpr const char* kLogin =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: secret-word}\n";

// A pod whose container "main" runs the script with these fields; volumes: of the pod, each on a line of its own.
std::string configured_pod(const std::string& script, const std::string& container_fields,
                           const std::string& volumes = "") {
  return "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: configured\n  labels: {app: shop}\nspec:\n"
         "  hostNetwork: true\n  restartPolicy: Never\n  terminationGracePeriodSeconds: 0\n" +
         (volumes.empty() ? "" : "  volumes:\n" + volumes) +
         "  containers:\n  - name: main\n    image: test:1\n    command: [sh, -c, \"" + script + "\"]\n" +
         container_fields;
}

TEST_CASE("variables come from everywhere") {
  const Instance node;
  const Ran ran = node.nodeagent(
      {"run", "-"},
      std::string(kSettings) + "---\n" + kLogin +
          configured_pod("echo $P_MODE-$PASSWORD-$APP-$ALL",
                         "    envFrom: [{prefix: P_, configMapRef: {name: settings}}]\n"
                         "    env:\n    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}\n"
                         "    - name: APP\n      valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}\n"
                         "    - {name: ALL, value: $(P_text)$(APP)}\n"));
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out == "main | fast-secret-word-shop-helloshop\n");
  CHECK(node.leaks().empty());
}

TEST_CASE("other volumes are mounted below those that containers cannot write to") {
  const Instance node;
  const std::string volumes =
      "  - {name: c, configMap: {name: settings}}\n  - {name: s, secret: {secretName: login}}\n  - {name: e, emptyDir: "
      "{}}\n";
  const std::string mounts =
      "    volumeMounts: [{name: c, mountPath: /c}, {name: s, mountPath: /c/deep/s}, {name: e, mountPath: "
      "/c/deep/s/e/}]\n";
  const std::string script = "cat /c/MODE /c/deep/s/password; echo; touch /c/deep/s/e/file && ls /c/deep/s/e";
  const std::string text = std::string(kSettings) + "---\n" + kLogin + configured_pod(script, mounts, volumes);
  const Ran ran = node.nodeagent({"run", "-"}, text);
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out == "main | fastsecret-word\nmain | file\n");
  std::string in_content = text;
  const std::string point = "mountPath: /c/deep/s}";
  in_content.replace(in_content.find(point), point.size(), "mountPath: /c/MODE/s}");
  const Ran refused = node.nodeagent({"run", "-"}, in_content);
  CHECK(refused.status == 125);
  CHECK(refused.err.find("make MODE/s in ") != std::string::npos);
  CHECK(refused.err.find("it must not lie in what the volume itself shows") != std::string::npos);
  CHECK(node.leaks().empty());
}

TEST_CASE("volumes show keys as files, which containers cannot change, and Secrets are never on a disk") {
  const Instance node;
  const std::string volumes =
      "  - {name: c, configMap: {name: settings, items: [{key: text, path: d/t, mode: 0640}]}}\n"
      "  - {name: s, secret: {secretName: login, defaultMode: 0400}}\n"
      "  - {name: p, projected: {sources: [{downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}},"
      " {secret: {name: login}}]}}\n";
  const Ran ran = node.nodeagent(
      {"run", "-"},
      std::string(kSettings) + "---\n" + kLogin +
          configured_pod("cat /c/d/t /s/password /p/l /p/password; echo; stat -L -c %a /c/d/t /s/password /p/l; "
                         "readlink /s/password; stat -f -c %T /s /p; rm /c/d/t /s/password 2>/dev/null || echo kept",
                         "    volumeMounts: [{name: c, mountPath: /c}, {name: s, mountPath: /s}, {name: p, mountPath: "
                         "/p}]\n",
                         volumes));
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "main | hellosecret-wordapp=\"shop\"secret-word\nmain | 640\nmain | 400\nmain | 644\n"
        "main | ..data/password\nmain | tmpfs\nmain | tmpfs\nmain | kept\n");
  CHECK(node.leaks().empty());
}

TEST_CASE("--config-file gives what the pod's file has not, also to an owner in the background") {
  const Instance node;
  const std::string settings = node.folder() + "/settings.yaml";
  const std::string login = node.folder() + "/login.yaml";
  REQUIRE(base::write_file_atomic(settings, kSettings, 0600, base::Durability::kCrash));
  REQUIRE(base::write_file_atomic(login, kLogin, 0600, base::Durability::kCrash));
  const std::string pod =
      configured_pod("echo $PASSWORD; cat /c/text; echo; exec sleep 1000",
                     "    env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}]\n"
                     "    volumeMounts: [{name: c, mountPath: /c}]\n",
                     "  - {name: c, configMap: {name: settings}}\n");
  const Ran detached = node.nodeagent({"run", "--detach", "--config-file", settings, "--config-file", login, "-"}, pod);
  CAPTURE(detached.err);
  REQUIRE(detached.status == 0);
  CHECK(eventually([&] { return node.nodeagent({"logs", "configured"}).out == "secret-word\nhello\n"; }));
  const auto records = base::list_folder(node.folder() + "/state/pods");
  REQUIRE(records);
  int read = 0;
  for (const std::string& name : *records) {
    if (!name.ends_with(".json")) continue;
    ++read;
    CHECK(base::read_file(node.folder() + "/state/pods/" + name).value().find("secret-word") == std::string::npos);
  }
  CHECK(read == 1);
  CHECK(node.nodeagent({"rm", "--force", "configured"}).status == 0);
  CHECK(node.leaks().empty());
}

TEST_CASE("what a pod needs and nobody has is named before anything is started, and what it does not use, too") {
  const Instance node;
  const std::string fields =
      "    envFrom: [{configMapRef: {name: settings}}]\n"
      "    env: [{name: A, valueFrom: {secretKeyRef: {name: login, key: user}}}]\n";
  const Ran missing = node.nodeagent({"run", "-"}, std::string(kLogin) + configured_pod("true", fields));
  CHECK(missing.status == 125);
  CHECK(missing.out.empty());
  CHECK(missing.err ==
        "nodeagent: <stdin>: spec.containers[0].envFrom[0].configMapRef: ConfigMap default/settings is in none of the "
        "files; add it to this one, or give its file with --config-file\n"
        "<stdin>: spec.containers[0].env[0].valueFrom.secretKeyRef: Secret default/login of <stdin> has no key user\n");

  const Ran unused = node.nodeagent({"run", "-"}, std::string(kSettings) + configured_pod("true", ""));
  CHECK(unused.status == 0);
  CHECK(unused.err.find("ConfigMap default/settings of <stdin> is not used by pod default/configured") !=
        std::string::npos);

  const std::string settings = node.folder() + "/settings.yaml";
  REQUIRE(base::write_file_atomic(settings, kSettings, 0600, base::Durability::kCrash));
  const Ran twice =
      node.nodeagent({"run", "--config-file", settings, "-"}, std::string(kSettings) + configured_pod("true", ""));
  CHECK(twice.status == 125);
  CHECK(twice.err == "nodeagent: " + settings + ": ConfigMap default/settings is in <stdin> already\n");
  const Ran pod = node.nodeagent({"run", "--config-file", "-", settings}, configured_pod("true", ""));
  CHECK(pod.status == 125);
  CHECK(pod.err.find("there is no Pod in it") != std::string::npos);
  CHECK(node.leaks().empty());
}

}  // namespace
