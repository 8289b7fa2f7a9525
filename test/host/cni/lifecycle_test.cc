// Attach, detach, collect and remove, with everything that goes wrong around them.
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/sys.h"
#include "fixture.h"

using base::Code;
using cni::BridgeNetwork;
using cni_test::Host;
using cni_test::links;
using cni_test::new_netns;
using cni_test::run;

namespace {

std::string error_of(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().to_string();
}

// Nothing of the network is left: no link, no rules, no file but the lock.
void check_nothing_left(const Host& host) {
  CHECK(links().empty());
  CHECK(run("nft list ruleset").empty());
  CHECK(std::filesystem::is_empty(host.folder() + "/network"));
}

// Forks; the child runs the body and exits with its result. The test has no other threads at that time.
template <typename Body>
pid_t fork_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  REQUIRE(child > 0);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// For a child process: a namespace without the help of a thread.
base::UniqueFd netns_in_child() {
  const base::UniqueFd home = base::sys::open("/proc/thread-self/ns/net", O_RDONLY).value();
  if (::unshare(CLONE_NEWNET) != 0) ::_exit(2);
  base::UniqueFd made = base::sys::open("/proc/thread-self/ns/net", O_RDONLY).value();
  if (::setns(home.get(), CLONE_NEWNET) != 0) ::_exit(2);
  return made;
}

}  // namespace

TEST_CASE("detach is repeatable, works without the pod's namespace, and leaves nothing") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  base::UniqueFd one = new_netns();
  base::UniqueFd two = new_netns();
  const auto a = network->attach("one", one.get()).value();
  REQUIRE(network->attach("two", two.get()).has_value());
  const auto found = network->find("one").value();
  REQUIRE(found.has_value());
  CHECK(found->address == a.address);
  CHECK(found->host_interface == a.host_interface);

  REQUIRE_FALSE(network->remove_all().has_value());
  CHECK(network->remove_all().error().code() == Code::kFailedPrecondition);
  CHECK(network->detach("one").has_value());
  CHECK(network->detach("one").has_value());
  CHECK(network->detach("never-seen").has_value());
  CHECK_FALSE(network->find("one").value().has_value());
  CHECK(run("ip -o link", one.get()).find("eth0") == std::string::npos);
  two.reset();
  CHECK(network->detach("two").has_value());
  REQUIRE(network->remove_all().has_value());
  REQUIRE(network->remove_all().has_value());
  check_nothing_left(host);
  // And from nothing it starts again, in the same process.
  CHECK(network->attach("three", one.get()).has_value());
}

TEST_CASE("a full subnet refuses the next pod until one ends") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options("10.88.0.0/29")).value();
  std::vector<base::UniqueFd> pods;
  for (int i = 0; i < 5; ++i) {
    pods.push_back(new_netns());
    REQUIRE(network->attach("pod-" + std::to_string(i), pods.back().get()).has_value());
  }
  const base::UniqueFd sixth = new_netns();
  const auto full = network->attach("sixth", sixth.get());
  CHECK_THAT(error_of(full), Catch::Contains("10.88.0.0/29") && Catch::Contains("all 5"));
  CHECK(full.error().code() == Code::kResourceExhausted);
  CHECK(links().size() == 6);
  REQUIRE(network->detach("pod-3").has_value());
  CHECK(network->attach("sixth", sixth.get()).value().address == "10.88.0.5");
}

TEST_CASE("what stands in the way is named") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  const auto refusal = [&] {
    const auto attached = network->attach("pod", pod.get());
    const std::string text = error_of(attached);
    CHECK(attached.error().code() == Code::kFailedPrecondition);
    CHECK_FALSE(network->find("pod").value().has_value());
    return text;
  };
  run("ip link add nodeagent-t type veth peer name other");
  CHECK_THAT(refusal(), Catch::Contains("nodeagent-t") && Catch::Contains("kind veth"));
  run("ip link del nodeagent-t && ip link add nodeagent-t type bridge");
  CHECK_THAT(refusal(), Catch::Contains("was not made by nodeagent"));
  run("ip link del nodeagent-t && ip link add other type veth peer name other-end && ip addr add 10.88.7.1/24 dev "
      "other && ip link set "
      "other up");
  CHECK_THAT(refusal(), Catch::Contains("\"10.88.7.0/24 dev other\"") && Catch::Contains("--subnet"));
  run("ip link del other");
  CHECK(network->attach("pod", pod.get()).has_value());
}

TEST_CASE("an attach that fails leaves nothing of the pod") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  run("ip link add eth0 type veth peer name eth1", pod.get());
  CHECK_THAT(error_of(network->attach("pod", pod.get())), Catch::Contains("has a link eth0 already"));
  CHECK_FALSE(network->find("pod").value().has_value());
  CHECK(links().size() == 1);  // the bridge

  const base::UniqueFd own = base::sys::open("/proc/thread-self/ns/net", O_RDONLY).value();
  CHECK_THAT(error_of(network->attach("pod", own.get())), Catch::Contains("the host's network namespace"));
  const base::UniqueFd file = base::sys::open("/dev/null", O_RDONLY).value();
  CHECK_THAT(error_of(network->attach("pod", file.get())), Catch::Contains("enter the pod's network namespace"));
  CHECK(error_of(network->attach("no good", pod.get())).find("sandbox id") != std::string::npos);
  REQUIRE(network->remove_all().has_value());
  check_nothing_left(host);
}

TEST_CASE("without the capabilities the error says so") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t child = fork_child([&] {
    if (::setresuid(65534, 65534, 65534) != 0) return false;
    const auto attached = network->attach("pod", pod.get());
    const std::string text = attached ? "attached" : attached.error().to_string();
    return base::sys::write_all(ends[1], text).has_value() && !attached &&
           attached.error().code() == Code::kPermissionDenied;
  });
  CHECK(wait_for(child) == 0);
  ::close(ends[1]);
  CHECK_THAT(base::read_fd(ends[0]).value(), Catch::Contains("network namespace"));
  ::close(ends[0]);
}

TEST_CASE("after a reboot all addresses are free") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  REQUIRE(network->attach("pod", pod.get()).has_value());
  // A reboot is another boot id and no links.
  run("sed -i 's/^\\(address [0-9.]*\\) [^ ]*/\\1 0ther-b00t/' " + host.folder() + "/network/addresses");
  run("ip link del nodeagent-t; nft flush ruleset");
  CHECK_FALSE(network->find("pod").value().has_value());
  CHECK(network->attach("next", new_netns().get()).value().address == "10.88.0.3");
}

TEST_CASE("many threads attach and detach at once") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd home = base::sys::open("/proc/thread-self/ns/net", O_RDONLY).value();
  std::mutex guard;
  std::set<std::string> addresses;
  std::vector<std::string> errors;
  std::vector<base::UniqueFd> pods;
  for (int i = 0; i < 32; ++i) pods.push_back(new_netns());
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t * 4; i < t * 4 + 4; ++i) {
        const std::string id = "pod-" + std::to_string(i);
        auto attached = network->attach(id, pods[i].get());
        if (attached && i % 4 == 0) {
          const auto detached = network->detach(id);
          attached = network->attach(id, pods[i].get());
          if (!detached) attached = std::unexpected(detached.error());
        }
        const std::lock_guard lock(guard);
        if (attached) {
          addresses.insert(attached->address);
        } else {
          errors.push_back(attached.error().to_string());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(errors == std::vector<std::string>{});
  CHECK(addresses.size() == 32);
  CHECK(links().size() == 33);
  CHECK(network->collect({}).has_value());
  REQUIRE(network->remove_all().has_value());
  check_nothing_left(host);
}

TEST_CASE("several processes make the bridge and attach at once") {
  const Host host;
  std::vector<pid_t> children;
  for (int p = 0; p < 6; ++p) {
    children.push_back(fork_child([&] {
      const auto network = BridgeNetwork::open(host.options()).value();
      for (int i = 0; i < 5; ++i) {
        const std::string id = "p" + std::to_string(p) + "-" + std::to_string(i);
        const auto attached = network->attach(id, netns_in_child().get());
        if (!attached) {
          std::fprintf(stderr, "%s\n", attached.error().to_string().c_str());
          return false;
        }
      }
      return true;
    }));
  }
  for (const pid_t child : children) CHECK(wait_for(child) == 0);
  const auto network = BridgeNetwork::open(host.options()).value();
  std::set<std::string> addresses;
  for (int p = 0; p < 6; ++p) {
    for (int i = 0; i < 5; ++i) {
      const auto found = network->find("p" + std::to_string(p) + "-" + std::to_string(i)).value();
      REQUIRE(found.has_value());
      addresses.insert(found->address);
    }
  }
  CHECK(addresses.size() == 30);
  REQUIRE(network->collect({}).has_value());
  REQUIRE(network->remove_all().has_value());
  check_nothing_left(host);
}

TEST_CASE("collect heals what kill -9 leaves at any moment") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  REQUIRE(network->attach("live", pod.get()).has_value());
  for (int round = 0; round < 30; ++round) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const pid_t child = fork_child([&] {
      const auto own = BridgeNetwork::open(host.options()).value();
      const base::UniqueFd netns = netns_in_child();
      (void)::write(ends[1], "x", 1);
      for (int i = 0;; ++i) {
        const std::string id = "r" + std::to_string(round) + "-" + std::to_string(i);
        if (!own->attach(id, netns.get())) return false;
        if (i % 2 == 0 && !own->detach(id)) return false;
        if (i % 2 == 1) run("ip link del eth0", netns.get());
      }
    });
    ::close(ends[1]);
    pollfd started{.fd = ends[0], .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&started, 1, 10000) == 1);
    // The kill hits another step in every round: the further, the later.
    const timespec moment{.tv_sec = 0, .tv_nsec = round * 137'000L};
    ::ppoll(nullptr, 0, &moment, nullptr);
    REQUIRE(::kill(child, SIGKILL) == 0);
    CHECK(WIFSIGNALED(wait_for(child)));
    ::close(ends[0]);
  }
  REQUIRE(network->collect({"live"}).has_value());
  CHECK(links().size() == 2);  // the bridge and the live pod's
  CHECK(network->find("live").value().has_value());
  const std::string pool = base::read_file(host.folder() + "/network/addresses").value();
  CHECK(pool.find("live") != std::string::npos);
  CHECK(pool.find(" r") == std::string::npos);
  REQUIRE(network->detach("live").has_value());
  REQUIRE(network->remove_all().has_value());
}

TEST_CASE("collect removes ports whose address the pool has lost") {
  const Host host;
  const auto network = BridgeNetwork::open(host.options()).value();
  const base::UniqueFd pod = new_netns();
  REQUIRE(network->attach("pod", pod.get()).has_value());
  run("rm " + host.folder() + "/network/addresses");
  REQUIRE(network->collect({}).has_value());
  CHECK(links().size() == 1);
}

TEST_CASE("another subnet takes over when no pod is left, not before") {
  const Host host;
  const base::UniqueFd pod = new_netns();
  const auto network = BridgeNetwork::open(host.options()).value();
  REQUIRE(network->attach("pod", pod.get()).has_value());
  const auto changed = BridgeNetwork::open(host.options("10.99.0.0/24")).value();
  CHECK_THAT(error_of(changed->attach("next", pod.get())), Catch::Contains("10.88.0.0/16"));
  REQUIRE(network->detach("pod").has_value());
  CHECK(changed->attach("next", pod.get()).value().address == "10.99.0.2");
  CHECK_THAT(run("ip -o addr show nodeagent-t"), Catch::Contains("10.99.0.1/24") && !Catch::Contains("10.88."));
  CHECK_THAT(run("nft list ruleset"), Catch::Contains("10.99.0.0/24") && !Catch::Contains("10.88."));
}

TEST_CASE("options that cannot work are refused") {
  const Host host;
  const auto code_of = [&](auto change) {
    cni::BridgeOptions options = host.options();
    change(options);
    return BridgeNetwork::open(options).error().code();
  };
  CHECK(code_of([](auto& o) { o.bridge = "sixteen-letters-"; }) == Code::kInvalidArgument);
  CHECK(code_of([](auto& o) { o.bridge = "a/b"; }) == Code::kInvalidArgument);
  CHECK(code_of([](auto& o) { o.subnet = "10.88.0.1/16"; }) == Code::kInvalidArgument);
  CHECK(code_of([](auto& o) { o.nft_table = ""; }) == Code::kInvalidArgument);
  CHECK(code_of([](auto& o) { o.mtu = 10; }) == Code::kInvalidArgument);
}
