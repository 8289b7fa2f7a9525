// exec: a command in a running container, with pipes to our standard streams or with a terminal.
#include <signal.h>

#include <optional>

#include "agent/cli/commands.h"
#include "agent/cli/exec_pipes.h"
#include "agent/cli/exec_terminal.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/pod_lookup.h"
#include "agent/cli/signals.h"
#include "agent/cli/terminal.h"

namespace agent::cli {

namespace {

// A command that could not be run has the status a shell would give it.
base::Result<int> not_started(const base::Error& error) {
  int status = kOwnFailure;
  if (error.code() == base::Code::kNotFound) status = kCommandNotFound;
  if (error.code() == base::Code::kPermissionDenied) status = kNotExecutable;
  print_error(base::concat("nodeagent: ", error.to_string(), "\n"));
  return status;
}

}  // namespace

base::Result<int> exec(const Globals& globals, const ExecArguments& arguments) {
  if (arguments.tty) TRY(block_size_changes());
  const NamedContainer named = TRY(find_container(globals, arguments.pod, arguments.container));
  std::stop_source given_up;
  // A dropped session kills its command, so a signal that ends us must not do so at once.
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [&given_up](int) { given_up.request_stop(); }));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  const std::string id = TRY(running_container_id(node->runtime(), named));
  std::optional<ExecPipes> pipes;
  if (!arguments.tty) pipes = TRY(ExecPipes::create(arguments.stdin_open));
  std::optional<TerminalSize> terminal;
  if (arguments.tty) terminal = terminal_size();
  base::Result<std::unique_ptr<cri::ExecSession>> session =
      node->local().exec({}, {.container_id = id, .command = arguments.command, .terminal = terminal},
                         pipes ? pipes->take_commands() : cri::ExecStreams());
  if (!session.has_value()) return not_started(session.error());
  const cri::CallContext context{.stop = given_up.get_token()};
  const base::Result<int> status =
      pipes ? pipes->copy(**session, context) : run_on_terminal(**session, arguments.stdin_open, context);
  constexpr int kInterrupted = 130;  // 128 + SIGINT
  if (!status.has_value() && given_up.stop_requested()) return kInterrupted;
  return status;
}

}  // namespace agent::cli
