// The pure parts as tables: names, env, DNS, hosts, decisions and status that the worker's tests do not reach.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "agent/pods/control.h"
#include "agent/pods/convert.h"
#include "agent/pods/decide.h"
#include "agent/pods/dns.h"
#include "agent/pods/env.h"
#include "agent/pods/hosts.h"
#include "agent/pods/images.h"
#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/pods/status.h"
#include "cri-proto/messages.h"
#include "test/unit/pods/pods.h"

using namespace agent::pods;
using Words = std::vector<std::string>;

TEST_CASE("expansion of references") {
  const std::map<std::string, std::string> values{{"A", "1"}, {"B", "$(A)"}, {"EMPTY", ""}};
  const std::vector<std::pair<const char*, const char*>> rows{
      {"", ""},          {"plain", "plain"},         {"$(A)", "1"},      {"x$(A)y$(A)", "x1y1"},
      {"$$(A)", "$(A)"}, {"$$$(A)", "$1"},           {"$(B)", "$(A)"},   {"$(NONE)", "$(NONE)"},
      {"$(A", "$(A"},    {"$A $", "$A $"},           {"$(EMPTY)!", "!"}, {"$$", "$"},
      {"$()", "$()"},    {"$(NONE)$(A)", "$(NONE)1"}};
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(expand(text, values) == expected);
  }
}

TEST_CASE("resolv.conf is read as the resolver reads it") {
  const ResolvConf conf = parse_resolv_conf(
      "# comment\nnameserver 1.1.1.1\nsearch old\n;x\nsearch\ta.example  b.example. .\nnameserver ::1\noptions rotate "
      "ndots:2\nnonsense\n");
  CHECK(conf == ResolvConf{{"1.1.1.1", "::1"}, {"a.example", "b.example"}, {"rotate", "ndots:2"}});
  CHECK(parse_resolv_conf("") == ResolvConf{});
}

TEST_CASE("DNS policies") {
  const ResolvConf host{{"9.9.9.9"}, {"lan"}, {"timeout:1"}};
  const auto dns = [&](const std::string& extra, Words cluster) {
    const api::Pod pod = test::pod_from(extra + test::kWeb);
    return pod_dns({.pod = pod, .host = host, .cluster_dns = std::move(cluster), .cluster_domain = "cluster.local"});
  };
  SECTION("ClusterFirst") {
    const DnsResult result = dns("", {"10.0.0.10"});
    CHECK(result.conf == ResolvConf{{"10.0.0.10"},
                                    {"default.svc.cluster.local", "svc.cluster.local", "cluster.local", "lan"},
                                    {"ndots:5"}});
    CHECK(result.events.empty());
  }
  SECTION("ClusterFirst without a cluster's DNS") {
    const DnsResult result = dns("", {});
    CHECK(result.conf == host);
    REQUIRE(result.events.size() == 1);
    CHECK(result.events[0].reason == "MissingClusterDNS");
  }
  SECTION("ClusterFirst on the host's network is Default") {
    CHECK(dns("  hostNetwork: true\n", {"10.0.0.10"}).conf == host);
    CHECK(dns("  hostNetwork: true\n", {}).events.empty());
    CHECK(dns("  hostNetwork: true\n  dnsPolicy: ClusterFirstWithHostNet\n", {"10.0.0.10"}).conf.nameservers ==
          Words{"10.0.0.10"});
  }
  SECTION("Default") { CHECK(dns("  dnsPolicy: Default\n", {"10.0.0.10"}).conf == host); }
  SECTION("None with a configuration of its own") {
    const DnsResult result = dns(
        "  dnsPolicy: None\n  dnsConfig: {nameservers: [1.2.3.4], searches: [x], options: [{name: ndots, value: '3'}, "
        "{name: rotate}]}\n",
        {});
    CHECK(result.conf == ResolvConf{{"1.2.3.4"}, {"x"}, {"ndots:3", "rotate"}});
  }
  SECTION("a configuration is merged: no duplicates, options by name") {
    const DnsResult result =
        dns("  dnsConfig: {nameservers: [10.0.0.10, 1.2.3.4], searches: [lan, more], options: [{name: ndots, value: "
            "'2'}]}\n",
            {"10.0.0.10"});
    CHECK(result.conf.nameservers == Words{"10.0.0.10", "1.2.3.4"});
    CHECK(result.conf.searches.back() == "more");
    CHECK(result.conf.searches.size() == 5);
    CHECK(result.conf.options == Words{"ndots:2"});
  }
}

TEST_CASE("resolv.conf limits") {
  const api::Pod pod = test::pod_from("  dnsPolicy: Default\n" + std::string(test::kWeb));
  ResolvConf host{{"1", "2", "3", "4"}, {}, {}};
  for (int i = 0; i < 40; ++i) host.searches.push_back("d" + std::to_string(i));
  DnsResult result = pod_dns({.pod = pod, .host = host, .cluster_dns = {}, .cluster_domain = ""});
  CHECK(result.conf.nameservers == Words{"1", "2", "3"});
  CHECK(result.conf.searches.size() == 32);
  REQUIRE(result.events.size() == 2);
  CHECK(result.events[0].reason == "DNSConfigForming");
  CHECK(result.events[0].message ==
        "Nameserver limits were exceeded, some have been omitted, the applied nameserver line is: 1 2 3");

  host = {{"1"}, {}, {}};
  for (int i = 0; i < 10; ++i) host.searches.push_back(std::string(250, static_cast<char>('a' + i)));
  result = pod_dns({.pod = pod, .host = host, .cluster_dns = {}, .cluster_domain = ""});
  CHECK(result.conf.searches.size() == 8);  // 8 * 250 + 7 = 2007
  host.searches = {std::string(254, 'a'), std::string(253, 'b')};
  result = pod_dns({.pod = pod, .host = host, .cluster_dns = {}, .cluster_domain = ""});
  CHECK(result.conf.searches == Words{std::string(253, 'b')});
}

TEST_CASE("/etc/hosts") {
  api::Pod pod =
      test::pod_from("  hostAliases:\n  - {ip: 1.2.3.4, hostnames: [foo, bar]}\n  - {ip: 5.6.7.8, hostnames: [baz]}\n" +
                     std::string(test::kWeb));
  CHECK(pod_hosts(pod, {"10.88.0.7", "fd00::7"}, "cluster.local") ==
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
        "10.88.0.7\tsite\nfd00::7\tsite\n"
        "\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n5.6.7.8\tbaz\n");
  pod.spec.subdomain = "shop";
  CHECK_THAT(pod_hosts(pod, {"10.88.0.7"}, "cluster.local"),
             Catch::Contains("\n10.88.0.7\tsite.shop.default.svc.cluster.local\tsite\n"));
  CHECK(host_network_hosts(pod, "127.0.0.1 me\n") ==
        "# Kubernetes-managed hosts file (host network).\n127.0.0.1 me\n"
        "\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n5.6.7.8\tbaz\n");
}

TEST_CASE("the pod's host name") {
  api::Pod pod = test::pod_from(test::kWeb);
  CHECK(pod_hostname(pod) == "site");
  pod.spec.hostname = "other";
  CHECK(pod_hostname(pod) == "other");
  pod.spec.hostname.clear();
  pod.metadata.name = std::string(60, 'a') + "-.-bcd";
  CHECK(pod_hostname(pod) == std::string(60, 'a'));
  pod.spec.host_network = true;
  CHECK(pod_hostname(pod).empty());
}

TEST_CASE("the name that the kernel is told may be the full one") {
  api::Pod pod = test::pod_from(test::kWeb);
  const auto name = [&] {
    const auto made = kernel_hostname(pod, "cluster.local");
    return made ? *made : made.error().to_string();
  };
  pod.spec.set_hostname_as_fqdn = true;
  CHECK(name() == "site");  // it has no domain
  pod.spec.subdomain = "shop";
  CHECK(name() == "site.shop.default.svc.cluster.local");
  pod.spec.set_hostname_as_fqdn = false;
  CHECK(name() == "site");
  pod.spec.set_hostname_as_fqdn = true;
  pod.spec.hostname = std::string(40, 'a');
  CHECK_THAT(name(), Catch::Contains("is too long (64 characters is the max, 71 characters requested)"));
  pod.spec.hostname_override = "as.it.is";
  CHECK(name() == "as.it.is");
  CHECK(pod_domain(pod, "cluster.local").empty());
}

TEST_CASE("names") {
  CHECK(pod_uid("nodeagent", "default", "site") == pod_uid("nodeagent", "default", "site"));
  CHECK(pod_uid("nodeagent", "default", "site") != pod_uid("other", "default", "site"));
  CHECK(pod_uid("nodeagent", "a", "b") != pod_uid("nodeagent", "b", "a"));
  const std::string uid = pod_uid("nodeagent", "default", "site");
  REQUIRE(uid.size() == 36);
  CHECK(uid[8] == '-');
  CHECK(uid[14] == '8');
  CHECK(std::string("89ab").find(uid[19]) != std::string::npos);
  CHECK(go_duration(std::chrono::seconds(20)) == "20s");
  CHECK(go_duration(std::chrono::seconds(160)) == "2m40s");
  CHECK(go_duration(std::chrono::seconds(300)) == "5m0s");
  CHECK(go_duration(std::chrono::seconds(3600)) == "1h0m0s");
  api::Pod pod = test::pod_from(test::kWeb);
  pod.metadata.name = std::string(253, 'n');
  const std::string link = log_link_name(pod, "web", std::string(64, 'c'));
  CHECK(link.size() == 255);
  CHECK(link.ends_with("-" + std::string(64, 'c') + ".log"));
}

TEST_CASE("default pull policies") {
  using api::PullPolicy;
  CHECK(default_pull_policy("busybox") == PullPolicy::kAlways);
  CHECK(default_pull_policy("busybox:latest") == PullPolicy::kAlways);
  CHECK(default_pull_policy("busybox:1.36") == PullPolicy::kIfNotPresent);
  CHECK(default_pull_policy("host:5000/busybox") == PullPolicy::kAlways);
  CHECK(default_pull_policy("host:5000/busybox:1") == PullPolicy::kIfNotPresent);
  CHECK(default_pull_policy("busybox@sha256:0123") == PullPolicy::kIfNotPresent);
}

TEST_CASE("what is asked of the runtime for a container") {
  const api::Pod pod = test::pod_from(
      "  securityContext: {runAsUser: 1000, runAsGroup: 1001, supplementalGroups: [5, 6]}\n"
      "  volumes:\n  - {name: data, emptyDir: {}}\n  - {name: host, hostPath: {path: /srv}}\n"
      "  containers:\n  - name: web\n    image: 'app:1'\n    command: [/app, '$(MODE)']\n    args: ['$(NONE)']\n"
      "    env: [{name: MODE, value: fast}]\n    workingDir: /w\n    tty: true\n    stdin: true\n"
      "    securityContext: {runAsUser: 7, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, "
      "capabilities: {drop: [ALL]}}\n"
      "    volumeMounts: [{name: data, mountPath: /data}, {name: host, mountPath: srv, readOnly: true}]\n");
  Options options;
  options.paths.root = "/r";
  const ContainerInput input{.pod = pod,
                             .container = pod.spec.containers[0],
                             .options = options,
                             .image = {.id = "sha256:1", .uid = std::nullopt, .username = "x"},
                             .attempt = 3,
                             .hosts_file = "/r/pods/u-1/etc-hosts",
                             .message_file = message_file(options.paths, "u-1", "web", 3),
                             .environment = {{"MODE", "fast"}}};
  runtime::v1::ContainerConfig config;
  REQUIRE(fill_container_config(input, &config));
  CHECK(config.command(1) == "fast");
  CHECK(config.args(0) == "$(NONE)");
  CHECK(config.log_path() == "web/3.log");
  CHECK(config.tty());
  CHECK(config.labels().at("io.kubernetes.container.name") == "web");
  CHECK(config.annotations().at("io.kubernetes.container.hash") == container_hash(pod.spec.containers[0]));
  REQUIRE(config.mounts_size() == 4);
  CHECK(config.mounts(0).host_path() == "/r/pods/u-1/volumes/kubernetes.io~empty-dir/data");
  CHECK(config.mounts(1).readonly());
  CHECK(config.mounts(1).container_path() == "/srv");  // relative ones are meant from the root
  CHECK(config.mounts(2).container_path() == "/etc/hosts");
  CHECK(config.mounts(3).container_path() == "/dev/termination-log");
  CHECK(config.mounts(3).host_path() == "/r/pods/u-1/containers/web/3");
  const auto& security = config.linux().security_context();
  CHECK(security.run_as_user().value() == 7);
  CHECK(security.run_as_group().value() == 1001);
  CHECK(security.supplemental_groups_size() == 2);
  CHECK(security.no_new_privs());
  CHECK(security.readonly_rootfs());
  CHECK(security.capabilities().drop_capabilities(0) == "ALL");
  CHECK(security.seccomp().profile_type() == runtime::v1::SecurityProfile::Unconfined);
  CHECK(std::ranges::count(security.masked_paths(), "/proc/kcore") == 1);
}

TEST_CASE("a container's seccomp profile is its own, else the pod's, else the node's; files are the node's") {
  struct Row {
    const char* own;
    const char* pods;
    bool seccomp_default;
    runtime::v1::SecurityProfile::ProfileType type;
    const char* file;
  };
  using runtime::v1::SecurityProfile;
  constexpr const char* kFile = "seccompProfile: {type: Localhost, localhostProfile: team/a.json}";
  const Row rows[] = {
      {"", "", false, SecurityProfile::Unconfined, ""},
      {"", "", true, SecurityProfile::RuntimeDefault, ""},
      {"seccompProfile: {type: Unconfined}", kFile, true, SecurityProfile::Unconfined, ""},
      {"seccompProfile: {type: RuntimeDefault}", kFile, false, SecurityProfile::RuntimeDefault, ""},
      {kFile, "seccompProfile: {type: RuntimeDefault}", true, SecurityProfile::Localhost, "/r/seccomp/team/a.json"},
      {"", kFile, true, SecurityProfile::Localhost, "/r/seccomp/team/a.json"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.own, row.pods, row.seccomp_default);
    const api::Pod pod = test::pod_from("  securityContext: {" + std::string(row.pods) +
                                        "}\n  containers: [{name: a, image: b, securityContext: {" + row.own + "}}]\n");
    Options options;
    options.paths.root = "/r";
    options.seccomp_default = row.seccomp_default;
    const ContainerInput input{.pod = pod,
                               .container = pod.spec.containers[0],
                               .options = options,
                               .image = {.id = "sha256:1", .uid = std::nullopt, .username = ""},
                               .attempt = 0,
                               .hosts_file = "/h",
                               .environment = {}};
    runtime::v1::ContainerConfig config;
    REQUIRE(fill_container_config(input, &config));
    const SecurityProfile& profile = config.linux().security_context().seccomp();
    CHECK(profile.profile_type() == row.type);
    CHECK(profile.localhost_ref() == row.file);
  }
}

TEST_CASE("runAsNonRoot is kept") {
  struct Row {
    const char* context;
    LocalImage image;
    bool allowed;
  };
  const std::vector<Row> rows{{"{runAsNonRoot: true}", {"i", 0, ""}, false},
                              {"{runAsNonRoot: true}", {"i", std::nullopt, ""}, false},
                              {"{runAsNonRoot: true}", {"i", std::nullopt, "www"}, false},
                              {"{runAsNonRoot: true}", {"i", 33, ""}, true},
                              {"{runAsNonRoot: true, runAsUser: 33}", {"i", std::nullopt, "www"}, true},
                              {"{runAsNonRoot: false}", {"i", 0, ""}, true}};
  for (const Row& row : rows) {
    CAPTURE(row.context, row.image.username);
    const api::Pod pod = test::pod_from(
        std::string("  containers:\n  - {name: web, image: 'app:1', securityContext: ") + row.context + "}\n");
    runtime::v1::ContainerConfig config;
    const Options options;
    const ContainerInput input{.pod = pod,
                               .container = pod.spec.containers[0],
                               .options = options,
                               .image = row.image,
                               .hosts_file = "",
                               .environment = {}};
    CHECK(fill_container_config(input, &config).has_value() == row.allowed);
  }
}

TEST_CASE("a container's own /etc/hosts is not covered") {
  const api::Pod pod = test::pod_from(
      "  volumes:\n  - {name: h, hostPath: {path: /srv/hosts}}\n"
      "  containers:\n  - {name: web, image: 'app:1', volumeMounts: [{name: h, mountPath: /etc/hosts}]}\n");
  runtime::v1::ContainerConfig config;
  const Options options;
  const LocalImage image;
  const ContainerInput input{.pod = pod,
                             .container = pod.spec.containers[0],
                             .options = options,
                             .image = image,
                             .hosts_file = "",
                             .environment = {}};
  REQUIRE(fill_container_config(input, &config));
  CHECK(config.mounts(0).host_path() == "/srv/hosts");
  CHECK(std::ranges::count(config.mounts(), "/etc/hosts", &runtime::v1::Mount::container_path) == 1);
}

TEST_CASE("which sandbox is usable") {
  api::Pod pod = test::pod_from(test::kWeb);
  const ObservedSandbox good{.id = "s1", .attempt = 1, .ready = true, .host_network = false, .ips = {"10.0.0.1"}};
  ObservedSandbox old = good;
  old.id = "s0";
  old.attempt = 0;
  old.ready = false;
  CHECK(usable_sandbox(pod, {}) == nullptr);
  CHECK(usable_sandbox(pod, {.sandboxes = {good, old}}) != nullptr);
  ObservedSandbox bad = good;
  SECTION("not ready") { bad.ready = false; }
  SECTION("no address") { bad.ips.clear(); }
  SECTION("another network mode") { bad.host_network = true; }
  SECTION("two are ready") { old.ready = true; }
  const ObservedPod observed{.sandboxes = {bad, old}};
  const bool spoiled = !(bad.ready && !bad.ips.empty() && !bad.host_network) || old.ready;
  if (spoiled) CHECK(usable_sandbox(pod, observed) == nullptr);
}

TEST_CASE("conditions of a pod that initialises") {
  const api::Pod pod = test::pod_from("  initContainers:\n  - {name: a, image: 'app:1'}\n" + std::string(test::kWeb));
  const ObservedPod observed{
      .sandboxes = {{.id = "s0", .attempt = 0, .ready = true, .host_network = false, .ips = {"10.0.0.1"}}},
      .containers = {{.id = "c", .sandbox_id = "s0", .name = "a", .state = RunState::kRunning}}};
  const base::WallTime now = base::system_clock().wall();
  const api::PodStatus status = make_status(
      {.pod = pod, .observed = observed, .previous = {}, .now = now, .start_failures = {}, .backing_off = {}});
  const auto condition = [&](const std::string& type) {
    return *std::ranges::find(status.conditions, type, &api::PodCondition::type);
  };
  CHECK(status.conditions.size() == 5);
  CHECK(condition("PodReadyToStartContainers").status == api::ConditionStatus::kTrue);
  CHECK(condition("Initialized").status == api::ConditionStatus::kFalse);
  CHECK(condition("Initialized").reason == "ContainersNotInitialized");
  CHECK(condition("Initialized").message == "containers with incomplete status: [a]");
  CHECK(condition("Ready").reason == "ContainersNotReady");
  CHECK(condition("ContainersReady").message == "containers with unready status: [web]");
  CHECK(condition("PodScheduled").status == api::ConditionStatus::kTrue);
  const api::PodStatus later = make_status({.pod = pod,
                                            .observed = observed,
                                            .previous = status,
                                            .now = now + std::chrono::hours(1),
                                            .start_failures = {},
                                            .backing_off = {}});
  CHECK(later == status);  // times move only with what they are about
}

TEST_CASE("a final phase stays") {
  const api::Pod pod = test::pod_from(test::kWeb);
  api::PodStatus before;
  before.phase = api::PodPhase::kFailed;
  before.reason = "DeadlineExceeded";
  const ObservedPod observed{.containers = {{.id = "c", .name = "web", .state = RunState::kRunning}}};
  const api::PodStatus status = make_status(
      {.pod = pod, .observed = observed, .previous = before, .now = {}, .start_failures = {}, .backing_off = {}});
  CHECK(status.phase == api::PodPhase::kFailed);
  CHECK(status.reason == "DeadlineExceeded");
}

TEST_CASE("a container that vanished was lost") {
  const api::Pod pod = test::pod_from(test::kWeb);
  api::PodStatus before;
  before.phase = api::PodPhase::kRunning;
  api::ContainerStatus web;
  web.name = "web";
  web.restart_count = 2;
  web.state.running = api::ContainerStateRunning{};
  before.container_statuses = {web};
  const api::PodStatus status =
      make_status({.pod = pod, .observed = {}, .previous = before, .now = {}, .start_failures = {}, .backing_off = {}});
  const api::ContainerStatus& now = status.container_statuses[0];
  CHECK(now.state.waiting->reason == "ContainerCreating");
  CHECK(now.last_state.terminated->reason == "ContainerStatusUnknown");
  CHECK(now.last_state.terminated->exit_code == 137);
  CHECK(now.restart_count == 3);
}

TEST_CASE("records are read back; damaged and newer ones are refused by name") {
  PodRecord record;
  record.pod = test::pod_from(test::kWeb);
  record.pod.status.phase = api::PodPhase::kRunning;
  record.foreground = false;
  record.finished = true;
  record.boot_id = "this-boot";
  record.owner_pid = 7;
  record.owner_start = 123456789012;
  const auto back = parse_record(format_record(record), "r.json");
  REQUIRE(back);
  CHECK(back->pod == record.pod);
  CHECK(back->finished);
  CHECK_FALSE(back->foreground);
  CHECK(back->boot_id == "this-boot");
  CHECK(back->owner_pid == 7);
  CHECK(back->owner_start == record.owner_start);
  CHECK(parse_record("{", "r.json").error().code() == base::Code::kDataLoss);
  CHECK(parse_record("[]", "r.json").error().message().find("r.json") != std::string::npos);
  CHECK(parse_record(R"({"version":2,"pod":{}})", "r.json").error().code() == base::Code::kFailedPrecondition);
  CHECK(parse_record(R"({"version":"x","pod":7})", "r.json").has_value() == false);
}

TEST_CASE("an owner's pid that no process can have is damage, not another process") {
  PodRecord record;
  record.pod = test::pod_from(test::kWeb);
  record.owner_pid = 123456;
  const std::string text = format_record(record);
  for (const char* pid : {"4294967303", "-1", "18446744073709551615"}) {
    std::string damaged = text;
    damaged.replace(damaged.find("123456"), 6, pid);
    CHECK(parse_record(damaged, "r.json").error().code() == base::Code::kDataLoss);
  }
}

TEST_CASE("an owner lives while its process does, in the same boot") {
  PodRecord record;
  record.owner_pid = ::getpid();
  record.owner_start = agent::pods::process_start(::getpid());
  CHECK(record.owner_lives("this-boot"));  // an older version did not write the boot
  record.boot_id = "this-boot";
  CHECK(record.owner_lives("this-boot"));
  CHECK_FALSE(record.owner_lives("next-boot"));
  record.owner_start += 1;
  CHECK_FALSE(record.owner_lives("this-boot"));
}

TEST_CASE("requests to an owner") {
  for (const StopRequest& each : {StopRequest{}, StopRequest{.kill = true, .grace = std::nullopt},
                                  StopRequest{.kill = false, .grace = std::chrono::seconds(9)}}) {
    const auto back = parse_request(format_request(each));
    REQUIRE(back);
    CHECK(back->kill == each.kill);
    CHECK(back->grace == each.grace);
  }
  for (const char* bad : {"", "stop ", "stop x", "stop -1", "stop 1x", "kill ", "halt"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_request(bad));
  }
}
