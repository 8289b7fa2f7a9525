// Deployments, StatefulSets, Jobs and CronJobs are run by their pods; several objects run from one file.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "base/file.h"
#include "base/path.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

// What pods are made from: a container "main" that runs the script, with the host's folder `shared` at /shared.
std::string template_of(const Instance& node, const std::string& script, const std::string& restart_policy) {
  return "template: {metadata: {labels: {app: web}}, spec: {hostNetwork: true, dnsPolicy: Default, restartPolicy: " +
         restart_policy + ", terminationGracePeriodSeconds: 5, volumes: [{name: s, hostPath: {path: " + node.folder() +
         "/shared, type: DirectoryOrCreate}}], containers: [{name: main, image: 'test:1', command: [sh, -c, '" +
         script + "'], volumeMounts: [{name: s, mountPath: /shared}]}]}}";
}

std::string workload(const Instance& node, const std::string& kind, const std::string& script,
                     const std::string& spec) {
  return "{apiVersion: apps/v1, kind: " + kind + ", metadata: {name: web}, spec: {" + spec +
         "selector: {matchLabels: {app: web}}, " + template_of(node, script, "Always") + "}}";
}

std::string job(const Instance& node, const std::string& script, const std::string& spec,
                const std::string& restart_policy = "Never") {
  return "{apiVersion: batch/v1, kind: Job, metadata: {name: work}, spec: {" + spec +
         template_of(node, script, restart_policy) + "}}";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What is behind the prefixes, sorted.
std::multiset<std::string> words_of(const std::string& output) {
  std::multiset<std::string> words;
  for (const std::string& line : lines_of(output)) words.insert(line.substr(line.find("| ") + 2));
  return words;
}

std::string shared(const Instance& node, const std::string& name) {
  return base::read_file(node.folder() + "/shared/" + name).value_or("");
}

base::Child start_file(const Instance& node, const std::string& name, const std::string& text) {
  const std::string path = node.folder() + "/" + name + ".yaml";
  REQUIRE(base::write_file_atomic(path, text, 0600, base::Durability::kCrash).has_value());
  return node.start(name, {"run", path});
}

constexpr const char* kServe = "trap \"exit 0\" TERM; echo up; while true; do sleep 0.1; done";

TEST_CASE("a Deployment runs as its replicas until it is stopped") {
  const Instance node;
  base::Child run = start_file(node, "run", workload(node, "Deployment", kServe, "replicas: 3, "));
  REQUIRE(eventually([&] { return lines_of(node.output_of("run")).size() == 3; }));
  std::set<std::string> pods;
  for (const std::string& line : lines_of(node.output_of("run"))) {
    CHECK(line.starts_with("web-"));
    CHECK(line.ends_with("/main | up"));
    pods.insert(line.substr(0, line.find('/')));
  }
  CHECK(pods.size() == 3);
  for (const std::string& pod : pods) CHECK(node.listed(pod).find("\"kind\":\"Deployment\"") != std::string::npos);
  const Ran logs = node.nodeagent({"logs", "deploy/web"});
  CHECK(logs.out == "up\n");
  CHECK(logs.err == "nodeagent: deploy/web has 3 pods, this is " + *pods.begin() + "\n");
  REQUIRE(run.signal(SIGINT).has_value());
  const auto ended = run.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 0);
  CHECK(node.leaks() == "");
}

std::string cron_job(const Instance& node, const std::string& script, const std::string& spec = "") {
  return "{apiVersion: batch/v1, kind: CronJob, metadata: {name: tick}, spec: {schedule: \"@every 1s\", " + spec +
         "jobTemplate: {spec: {" + template_of(node, script, "Never") + "}}}}";
}

TEST_CASE("a CronJob runs its jobs one after the other until it is stopped") {
  const Instance node;
  base::Child run = start_file(node, "run", cron_job(node, "echo tick"));
  REQUIRE(eventually([&] { return lines_of(node.output_of("run")).size() >= 2; }));
  for (const std::string& line : lines_of(node.output_of("run"))) {
    CHECK(line.starts_with("tick-"));
    CHECK(line.ends_with("/main | tick"));
  }
  REQUIRE(run.signal(SIGINT).has_value());
  const auto ended = run.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 0);
  CHECK(node.leaks() == "");
}

bool jobs_say(const Instance& node, const std::string& pattern) {
  return std::regex_search(node.nodeagent({"jobs"}).out, std::regex(pattern));
}

TEST_CASE("a CronJob in the background keeps what its limits say, and is stopped and removed by name") {
  const Instance node;
  const std::string text = cron_job(node, "echo tick >> /shared/ran; echo from $(hostname)",
                                    "successfulJobsHistoryLimit: 1, concurrencyPolicy: Forbid, ");
  const Ran detached = node.nodeagent({"run", "--detach", "-"}, text);
  CHECK(detached.status == 0);
  CHECK(detached.err == "");
  CHECK(detached.out == "cronjob/tick\n");
  REQUIRE(eventually([&] { return lines_of(shared(node, "ran")).size() >= 3; }));
  const Ran again = node.nodeagent({"run", "-"}, text);
  CHECK(again.status != 0);
  CHECK(again.err.find("stop it first with `nodeagent stop cronjob/tick`") != std::string::npos);
  const Ran early = node.nodeagent({"rm", "cj/tick"});
  CHECK(early.status != 0);
  CHECK(early.err.find("remove it with --force") != std::string::npos);
  const nlohmann::json jobs = nlohmann::json::parse(node.nodeagent({"jobs", "-o", "json"}).out)["items"];
  REQUIRE(jobs.size() >= 2);
  CHECK(jobs[0]["kind"] == "CronJob");
  CHECK(jobs[0]["status"]["lastScheduleTime"].is_string());
  CHECK(jobs[1]["kind"] == "Job");
  CHECK(jobs[1]["metadata"]["ownerReferences"][0]["name"] == "tick");
  CHECK(jobs[1]["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"].is_string());
  CHECK(jobs_say(node, "cronjob/tick +Scheduled +- +@every 1s "));
  CHECK(node.nodeagent({"stop", "cronjob/tick"}).out == "cronjob/tick\n");
  CHECK(jobs_say(node, "cronjob/tick +Stopped "));
  const size_t ran = lines_of(shared(node, "ran")).size();
  const Ran logs = node.nodeagent({"logs", "cronjob/tick"});
  CAPTURE(logs.out, logs.err);
  CHECK(logs.out.starts_with("from "));
  const Ran listed = node.nodeagent({"ps"});
  CHECK(lines_of(listed.out).size() <= 3);  // with the title one that ended well, and one that was perhaps stopped
  CHECK(node.nodeagent({"rm", "cronjobs/tick"}).status == 0);
  CHECK(lines_of(shared(node, "ran")).size() == ran);
  CHECK(node.leaks() == "");
}

TEST_CASE("what a killed run leaves of a CronJob is adopted, or stopped by name") {
  const Instance node;
  const std::string text =
      cron_job(node, "echo $(hostname) >> /shared/ran; until [ -e /shared/go ]; do sleep 0.1; done",
               "concurrencyPolicy: Forbid, ");
  base::Child first = start_file(node, "first", text);
  REQUIRE(eventually([&] { return lines_of(shared(node, "ran")).size() == 1; }));
  REQUIRE(first.signal(SIGKILL).has_value());
  REQUIRE(first.wait(std::chrono::seconds(30)).has_value());
  CHECK(jobs_say(node, "cronjob/tick +Unattended"));
  CHECK(jobs_say(node, "job/tick-[0-9]+ +Unattended +0/1 "));
  base::Child second = start_file(node, "second", text);
  REQUIRE(base::write_file_atomic(node.folder() + "/shared/go", "", 0644, base::Durability::kCrash).has_value());
  REQUIRE(eventually([&] { return lines_of(shared(node, "ran")).size() >= 2; }));
  REQUIRE(second.signal(SIGKILL).has_value());
  REQUIRE(second.wait(std::chrono::seconds(30)).has_value());
  CHECK(node.nodeagent({"stop", "cronjob/tick"}).status == 0);
  CHECK(node.nodeagent({"ps"}).out.find("tick-") == std::string::npos);
  CHECK(node.leaks() == "");
}

TEST_CASE("a Job runs to its completions") {
  const Instance node;
  const Ran ran = node.nodeagent({"run", "-"}, job(node, "echo $JOB_COMPLETION_INDEX on $(hostname)",
                                                   "completions: 4, parallelism: 2, completionMode: Indexed, "));
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  std::set<char> indexes;
  for (const std::string& word : words_of(ran.out)) indexes.insert(word[0]);
  CHECK(lines_of(ran.out).size() == 4);
  CHECK(indexes == std::set<char>{'0', '1', '2', '3'});
  CHECK(node.leaks() == "");
}

TEST_CASE("a Job that fails says why, with its last pod's exit status") {
  const Instance node;
  const Ran ran = node.nodeagent({"run", "-"}, job(node, "echo no; exit 3", "backoffLimit: 0, "));
  CHECK(ran.status == 3);
  CHECK(words_of(ran.out) == std::multiset<std::string>{"no"});
  CHECK(ran.err ==
        "nodeagent: Job default/work Failed: BackoffLimitExceeded: Job has reached the specified backoff limit\n");
  const Ran ruled = node.nodeagent(
      {"run", "-"}, job(node, "exit 42",
                        "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]}, "));
  CHECK(ruled.status == 42);
  CHECK(ruled.err.find("failed with exit code 42 matching FailJob rule at index 0\n") != std::string::npos);
  const Ran restarted = node.nodeagent({"run", "-"}, job(node, "echo no; exit 4", "backoffLimit: 1, ", "OnFailure"));
  CHECK(restarted.status == 4);
  CHECK(words_of(restarted.out).count("no") == 2);
  const Ran stopped =
      node.nodeagent({"run", "-"}, job(node, "if [ $JOB_COMPLETION_INDEX = 1 ]; then sleep 0.5; exit 3; fi; sleep 1000",
                                       "completions: 2, parallelism: 2, completionMode: Indexed, backoffLimit: 0, "));
  CHECK(stopped.status == 3);
  const Ran late = node.nodeagent(
      {"run", "-"}, job(node, "trap \"exit 9\" TERM; while true; do sleep 0.1; done", "activeDeadlineSeconds: 1, "));
  CHECK(late.status == 9);
  CHECK(late.err.find("DeadlineExceeded: Job was active longer than specified deadline") != std::string::npos);
  CHECK(node.leaks() == "");
}

TEST_CASE("a Job whose pods cannot be started ends with the reason, at once") {
  const Instance node;
  std::string text = job(node, "true", "");
  text.replace(text.find("test:1"), 6, "none:1");
  const Ran ran = node.nodeagent({"run", "-"}, text);
  CHECK(ran.status != 0);
  CHECK(ran.err.find("Job default/work Failed: CannotStart: pod work-") != std::string::npos);
  CHECK(ran.err.find("none:1") != std::string::npos);
  CHECK(node.leaks() == "");
}

TEST_CASE("a Job goes on where a killed run of it was, and each index runs once") {
  const Instance node;
  const std::string text =
      job(node,
          "echo $JOB_COMPLETION_INDEX >> /shared/ran; until [ -e /shared/go$JOB_COMPLETION_INDEX ]; do sleep 0.1; done",
          "completions: 6, parallelism: 2, completionMode: Indexed, ");
  REQUIRE(base::make_dirs(node.folder() + "/shared", 0755).has_value());
  const auto let_go = [&](int index) {
    REQUIRE(base::write_file_atomic(node.folder() + "/shared/go" + std::to_string(index), "", 0644,
                                    base::Durability::kCrash)
                .has_value());
  };
  base::Child first = start_file(node, "first", text);
  REQUIRE(eventually([&] { return shared(node, "ran").size() == 4; }));
  let_go(0);
  REQUIRE(eventually([&] { return shared(node, "ran").size() == 6; }));
  REQUIRE(first.signal(SIGKILL).has_value());
  REQUIRE(first.wait(std::chrono::seconds(30)).has_value());
  let_go(1);  // it ends while nobody owns the job

  const Ran other = node.nodeagent({"run", "-"}, job(node, "true", ""));
  CHECK(other.status == 125);
  CHECK(other.err.find("Job default/work is already there with another specification") != std::string::npos);

  base::Child second = start_file(node, "second", text);
  for (int index = 2; index < 6; ++index) let_go(index);
  const auto ended = second.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 0);
  const std::vector<std::string> ran = lines_of(shared(node, "ran"));
  CHECK(std::multiset<std::string>(ran.begin(), ran.end()) == std::multiset<std::string>{"0", "1", "2", "3", "4", "5"});
  CHECK(node.leaks() == "");
}

TEST_CASE("a Job in the background is stopped and removed as a whole") {
  const Instance node;
  const std::string text = job(node, kServe, "completions: 5, parallelism: 2, ");
  const Ran left = node.nodeagent({"run", "--detach", "-"}, text);
  CAPTURE(left.err);
  CHECK(left.status == 0);
  const std::vector<std::string> pods = lines_of(left.out);
  REQUIRE(pods.size() == 2);
  CHECK(pods[0].starts_with("default/work-"));
  const Ran again = node.nodeagent({"run", "-"}, text);
  CHECK(again.status == 125);
  CHECK(again.err.find("stop it first with `nodeagent stop job/work`") != std::string::npos);
  CHECK(node.nodeagent({"rm", "jobs/work"}).status == 1);
  const Ran stopped = node.nodeagent({"stop", "job/work"});
  CAPTURE(stopped.err);
  CHECK(stopped.status == 0);
  CHECK(stopped.out == "job/work\n");
  for (const std::string& pod : pods)
    CHECK(node.listed(pod.substr(pod.find('/') + 1)).find("\"phase\":\"Succeeded\"") != std::string::npos);
  CHECK(node.nodeagent({"rm", "job/work"}).status == 0);
  CHECK(node.leaks() == "");
  CHECK(node.nodeagent({"rm", "job/work"}).err == "nodeagent: there is no Job work\n");
}

// When the pod's container was started, as its status says.
std::string started_at(const Instance& node, const std::string& pod) {
  const auto listed = nlohmann::json::parse(node.listed(pod), nullptr, false);
  return listed["status"]["containerStatuses"][0]["state"]["running"]["startedAt"];
}

TEST_CASE("a StatefulSet's pods start one after the other") {
  const Instance node;
  const std::string text = workload(node, "StatefulSet", kServe, "serviceName: s, replicas: 3, minReadySeconds: 1, ");
  const Ran left = node.nodeagent({"run", "--detach", "-"}, text);
  CAPTURE(left.err);
  CHECK(left.status == 0);
  CHECK(left.out == "default/web-0\ndefault/web-1\ndefault/web-2\n");
  // Each had been ready for a second before the next one came: the times, of whole seconds, differ.
  CHECK(started_at(node, "web-0") < started_at(node, "web-1"));
  CHECK(started_at(node, "web-1") < started_at(node, "web-2"));
  const Ran removed = node.nodeagent({"rm", "-f", "sts/web"});
  CAPTURE(removed.err);
  CHECK(removed.status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a StatefulSet whose first pod never comes is stopped as a whole") {
  const Instance node;
  const std::string text =
      workload(node, "StatefulSet", kServe, "serviceName: s, replicas: 3, minReadySeconds: 1000, ");
  base::Child run = start_file(node, "run", text);
  REQUIRE(eventually([&] { return lines_of(node.output_of("run")).size() == 1; }));
  CHECK(node.listed("web-1") == "null");
  CHECK(node.nodeagent({"stop", "statefulset/web"}).status == 0);
  const auto ended = run.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a finished Job beside other objects is its own again") {
  const Instance node;
  const std::string text = job(node, "true", "") + "\n---\n" + pod_of("long", kServe);
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, text).status == 0);
  REQUIRE(eventually([&] { return node.nodeagent({"rm", "job/work"}).status == 0; }));
  CHECK(node.nodeagent({"run", "-"}, job(node, "echo again", "")).status == 0);
  CHECK(node.listed("long").find("\"phase\":\"Running\"") != std::string::npos);
  CHECK(node.nodeagent({"rm", "-f", "long"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a Job in the background is removed some time after its end, if it says so") {
  const Instance node;
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, job(node, "true", "ttlSecondsAfterFinished: 1, ")).status == 0);
  CHECK(eventually([&] { return node.leaks().empty(); }));
}

TEST_CASE("several pods of a file run beside each other, each to its own end") {
  const Instance node;
  std::string broken = pod_of("broken", "true");
  broken.replace(broken.find("test:1"), 6, "none:1");
  const std::string text =
      pod_of("good", "sleep 0.5; echo done") + "\n---\n" + pod_of("bad", "exit 7") + "\n---\n" + broken;
  const Ran ran = node.nodeagent({"run", "-"}, text);
  CAPTURE(ran.err);
  CHECK(ran.out == "good/main | done\n");
  CHECK((ran.status == 7 || ran.status == 125));
  CHECK(ran.err.find("nodeagent: pod default/bad Failed: container main: Error, exit code 7\n") != std::string::npos);
  CHECK(ran.err.find("nodeagent: pod default/broken Failed: ") != std::string::npos);
  CHECK(node.leaks() == "");

  const Ran left = node.nodeagent({"run", "--detach", "-"}, text);
  CHECK(left.status == 125);
  CHECK(left.out == "default/bad\ndefault/good\n");
  CHECK(left.err.find("pod default/broken Failed: ") != std::string::npos);
  REQUIRE(eventually([&] { return node.listed("good").find("\"phase\":\"Succeeded\"") != std::string::npos; }));
  CHECK(node.nodeagent({"rm", "good", "bad", "broken"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("where one of several pods cannot be taken, nothing of the others is") {
  const Instance node;
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_of("taken", "sleep 1000")).status == 0);
  const Ran ran = node.nodeagent({"run", "-"}, job(node, "true", "") + "\n---\n" + pod_of("free", "true") + "\n---\n" +
                                                   pod_of("taken", "sleep 1000"));
  CHECK(ran.status == 125);
  CHECK(ran.err.find("pod default/taken is already run by process") != std::string::npos);
  CHECK(ran.out == "");
  CHECK(node.listed("free") == "null");
  CHECK(node.nodeagent({"rm", "-f", "taken"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a workload that wants nothing is a warning, not an error") {
  const Instance node;
  const Ran ran = node.nodeagent({"run", "-"}, workload(node, "ReplicaSet", "true", "replicas: 0, "));
  CHECK(ran.status == 0);
  CHECK(ran.err.find("ReplicaSet default/web has no replicas: nothing of it runs") != std::string::npos);
  CHECK(node.leaks() == "");
}

}  // namespace
