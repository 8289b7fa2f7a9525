// nodeagent-shim: one per pod. Holds the pod's namespaces, is the parent of its containers, pumps their output to their
// logs and remembers how they ended, while agents come and go (docs/architecture.md, "Processes").
//
//   nodeagent-shim --id SANDBOX --listen FD [--close FD] [--hostname NAME]
//                  [--host-network] [--host-ipc] [--host-uts] [--shared-pid]
//
// Started by ShimClient::spawn (client.h). It goes on in a child of its own, so that its parent is never an agent.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "base/sys.h"
#include "runtime/shim/sandbox.h"
#include "runtime/shim/server.h"

namespace {

using base::Code;
using base::fail;
using base::Result;
using base::UniqueFd;

constexpr std::string_view kName = "nodeagent-shim";

struct Arguments {
  runtime::shim::SandboxOptions sandbox;
  UniqueFd listener;
  UniqueFd binary;  // our own program's descriptor, of no more use once we run
};

Result<int> number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return fail(Code::kInvalidArgument, "not a descriptor: ", text);
  }
  return value;
}

Result<Arguments> parse(std::span<char*> words) {
  Arguments arguments;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::string_view value = i + 1 < words.size() ? words[i + 1] : "";
    if (word == "--host-network") {
      arguments.sandbox.host_network = true;
    } else if (word == "--host-ipc") {
      arguments.sandbox.host_ipc = true;
    } else if (word == "--host-uts") {
      arguments.sandbox.host_uts = true;
    } else if (word == "--shared-pid") {
      arguments.sandbox.shared_pid = true;
    } else if (word == "--id") {
      ++i;  // for who looks at the process list
    } else if (word == "--hostname") {
      arguments.sandbox.hostname = value;
      ++i;
    } else if (word == "--sysctl") {
      const size_t equals = std::min(value.find('='), value.size());
      arguments.sandbox.sysctls.emplace_back(value.substr(0, equals), value.substr(std::min(equals + 1, value.size())));
      ++i;
    } else if (word == "--listen") {
      arguments.listener = UniqueFd(TRY(number(value)));
      ++i;
    } else if (word == "--close") {
      arguments.binary = UniqueFd(TRY(number(value)));
      ++i;
    } else {
      return fail(Code::kInvalidArgument, "unknown argument ", word);
    }
  }
  if (!arguments.listener) return fail(Code::kInvalidArgument, "--listen is missing");
  arguments.binary.reset();
  return arguments;
}

void ignore_signals() {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  for (const int signal : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2}) {
    ::sigaction(signal, &action, nullptr);
  }
}

// Shows our name whatever path we were executed by.
void set_title(char* program) {
  (void)base::sys::prctl(PR_SET_NAME, reinterpret_cast<unsigned long>(kName.data()));
  const size_t room = std::strlen(program);
  if (room < kName.size()) return;
  std::memset(program, 0, room);
  std::memcpy(program, kName.data(), kName.size());
}

int report(const base::Error& error) {
  const std::string text = base::concat(kName, ": ", error.to_string(), "\n");
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  return EXIT_FAILURE;
}

int run(std::span<char*> words) {
  Result<Arguments> arguments = parse(words);
  if (!arguments) return report(arguments.error());
  // From here on the parent is whoever reaps orphans: the agent may come and go.
  const Result<pid_t> child = base::sys::clone3({});
  if (!child) return report(child.error());
  if (*child != 0) ::_exit(EXIT_SUCCESS);
  ::setsid();
  set_title(words[0]);
  ignore_signals();
  Result<runtime::shim::Loop> loop = runtime::shim::Loop::create();
  if (!loop) return report(loop.error());
  runtime::shim::Server server(*std::move(loop), std::move(arguments->listener),
                               runtime::shim::set_up_sandbox(arguments->sandbox));
  const base::Status listening = server.listen();
  if (!listening) return report(listening.error());
  while (server.step()) {
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  // What the agent may have open must not leak into us; a listener below 3 is a mistake of the caller.
  const int status = run({argv, static_cast<size_t>(argc)});
  ::_exit(status);
}
