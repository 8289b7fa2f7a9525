#include "test/host/cli/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "base/sys.h"

namespace cli_test {

Pty::Pty(unsigned short columns, unsigned short rows) : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  REQUIRE(master_);
  REQUIRE(::grantpt(master_.get()) == 0);
  REQUIRE(::unlockpt(master_.get()) == 0);
  std::array<char, 64> name{};
  REQUIRE(::ptsname_r(master_.get(), name.data(), name.size()) == 0);
  slave_.reset(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(slave_);
  resize(columns, rows);
  before_ = mode();
}

base::Child Pty::start(std::vector<std::string> arguments) const {
  base::SpawnOptions options;
  options.arguments = {"/usr/bin/setsid", "--ctty"};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=dumb"};
  options.descriptors = {{slave_.get(), 0}, {slave_.get(), 1}, {slave_.get(), 2}};
  auto child = base::spawn(options);
  REQUIRE(child.has_value());
  return *std::move(child);
}

void Pty::type(const std::string& keys) const {
  REQUIRE(::write(master_.get(), keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
}

void Pty::resize(unsigned short columns, unsigned short rows) const {
  const struct winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  REQUIRE(::ioctl(master_.get(), TIOCSWINSZ, &size) == 0);
}

bool Pty::read_more(int wait_ms) {
  struct pollfd ready{.fd = master_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, wait_ms) <= 0) return true;
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
  if (got <= 0) return false;
  shown_.append(buffer.data(), static_cast<size_t>(got));
  return true;
}

bool Pty::shows(const std::string& text, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (shown_.find(text) == std::string::npos) {
    if (!read_more(100) || std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

const std::string& Pty::shown_to_the_end() {
  slave_.reset();
  while (read_more(-1)) {
  }
  return shown_;
}

struct termios Pty::mode() const {
  struct termios mode{};
  REQUIRE(::tcgetattr(slave_.get(), &mode) == 0);
  return mode;
}

bool Pty::is_raw() const {
  const struct termios now = mode();
  return (now.c_lflag & (ICANON | ECHO | ISIG)) == 0 && (now.c_oflag & OPOST) == 0;
}

bool Pty::is_as_before() const {
  const struct termios now = mode();
  return now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag && now.c_lflag == before_.c_lflag &&
         now.c_cflag == before_.c_cflag;
}

}  // namespace cli_test
