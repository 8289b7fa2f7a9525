#include "agent/cli/terminal_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "base/sys.h"
#include "base/unique_fd.h"

namespace {

using agent::cli::TerminalInput;
using Keys = TerminalInput::DetachKeys;

// The user's keys, and the container's terminal, as pipes.
struct TerminalPipes {
  TerminalPipes() {
    for (auto* ends : {&keys, &terminal}) REQUIRE(::pipe2(ends->data(), O_CLOEXEC | O_NONBLOCK) == 0);
  }
  ~TerminalPipes() {
    for (const auto& ends : {keys, terminal})
      for (const int fd : ends) ::close(fd);
  }
  TerminalPipes(const TerminalPipes&) = delete;
  TerminalPipes& operator=(const TerminalPipes&) = delete;

  // False when that detached.
  bool type(TerminalInput& input, std::string_view text) const {
    REQUIRE(::write(keys[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    const auto stays = input.read(keys[0]);
    REQUIRE(stays);
    input.write_to(terminal[1]);
    return *stays;
  }
  std::string received() const {
    std::array<char, 100> buffer{};
    const ssize_t got = ::read(terminal[0], buffer.data(), buffer.size());
    return {buffer.data(), got > 0 ? static_cast<size_t>(got) : 0};
  }

  std::array<int, 2> keys{};
  std::array<int, 2> terminal{};
};

TEST_CASE("Ctrl-P Ctrl-Q detaches, in one piece or two; a Ctrl-P alone waits for the next key") {
  const TerminalPipes ends;
  TerminalInput input(Keys::kCtrlPCtrlQ);
  CHECK(ends.type(input, "a\x10"));
  CHECK(ends.received() == "a");
  CHECK(ends.type(input, "b"));
  CHECK(ends.received() ==
        "\x10"
        "b");
  CHECK(ends.type(input, "\x10\x10"));
  CHECK(ends.received() == "\x10");
  CHECK_FALSE(ends.type(input, "\x11"));
  CHECK_FALSE(ends.type(input, "c\x10\x11"));
}

TEST_CASE("without detach keys every key goes through") {
  const TerminalPipes ends;
  TerminalInput input(Keys::kNone);
  CHECK(ends.type(input, "\x10\x11\x03"));
  CHECK(ends.received() == "\x10\x11\x03");
}

TEST_CASE("the end of the input is Ctrl-D, once") {
  const TerminalPipes ends;
  const base::UniqueFd none = base::sys::open("/dev/null", O_RDONLY).value();
  TerminalInput input(Keys::kCtrlPCtrlQ);
  CHECK(input.wants_more());
  CHECK(input.read(none.get()).value());
  CHECK_FALSE(input.wants_more());
  input.write_to(ends.terminal[1]);
  CHECK(ends.received() == "\x04");
  CHECK_FALSE(input.wants_more());
}

TEST_CASE("what the container does not take yet is kept, and no more is read meanwhile") {
  const TerminalPipes ends;
  TerminalInput input(Keys::kNone);
  const std::string much(65536, 'x');
  REQUIRE(::write(ends.terminal[1], much.data(), much.size()) == static_cast<ssize_t>(much.size()));
  CHECK(ends.type(input, "kept"));
  CHECK(input.has_pending());
  CHECK_FALSE(input.wants_more());
  std::string taken(much.size(), '\0');
  REQUIRE(::read(ends.terminal[0], taken.data(), taken.size()) == static_cast<ssize_t>(taken.size()));
  input.write_to(ends.terminal[1]);
  CHECK(ends.received() == "kept");
  CHECK(input.wants_more());
}

}  // namespace
