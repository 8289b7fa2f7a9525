#include "base/log_format.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "test/unit/temp_dir.h"

namespace logging = base::log;
using base::UniqueFd;
using logging::Fields;
using logging::Level;

namespace {

base::WallTime some_time() {
  return base::WallTime(std::chrono::seconds(1'795'341'016) + std::chrono::milliseconds(7));
}

// A journal of our own: a datagram socket in a folder of ours.
struct FakeJournal {
  test::TempDir dir;
  UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};

  FakeJournal() {
    struct sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
    REQUIRE(::bind(socket.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) == 0);
  }
  std::string path() const { return dir / "socket"; }
  // The next entry, from the datagram or from the memfd that it carries.
  std::string receive() const {
    std::string data(1 << 20, '\0');
    struct iovec part{.iov_base = data.data(), .iov_len = data.size()};
    alignas(struct cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    struct msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
    REQUIRE(got >= 0);
    const struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr) return data.substr(0, static_cast<size_t>(got));
    CHECK(got == 0);
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
    const UniqueFd memory(descriptor);
    CHECK((::fcntl(memory.get(), F_GET_SEALS) & F_SEAL_WRITE) != 0);
    REQUIRE(::lseek(memory.get(), 0, SEEK_SET) == 0);
    return base::read_fd(memory.get()).value();
  }
};

}  // namespace

TEST_CASE("a text line has time, level, message and the fields that are set") {
  const std::string line =
      logging::text_line(Level::kWarning, {.pod = "web", .pod_namespace = "default"}, "restarted", some_time());
  // The hour and minute depend on the machine's time zone.
  CHECK_THAT(line, Catch::Matches(R"(\d\d:\d\d:16\.007 warning: restarted pod=web namespace=default)"));
  CHECK_THAT(logging::text_line(Level::kError, {}, "x", some_time()), Catch::EndsWith("error: x"));
}

TEST_CASE("nothing that a pod can influence reaches the terminal as a control character") {
  const std::string line = logging::text_line(Level::kInfo, {.pod = "a\nb"},
                                              "bell\a esc\x1b[31m c1\xc2\x9b bad\xff caf\xc3\xa9", some_time());
  CHECK_THAT(line, Catch::EndsWith(R"(info: bell\x07 esc\x1b[31m c1\x9b bad\xff)"
                                   " caf\xc3\xa9"
                                   R"( pod=a\x0ab)"));
}

TEST_CASE("a JSON line can be parsed whatever was logged") {
  const std::string message = "quote\" back\\ newline\n tab\t nul\x01 del\x7f caf\xc3\xa9 \xf0\x9f\x9a\x80";
  const std::string line = logging::json_line(
      Level::kError, {.pod = "web", .container = "c", .sandbox_id = "s", .container_id = "i"}, message, some_time());
  CHECK(line.find('\n') == std::string::npos);
  const auto parsed = nlohmann::json::parse(line);
  CHECK(parsed.size() == 7);
  CHECK(parsed["time"] == "2026-11-22T09:50:16.007000000Z");
  CHECK(parsed["level"] == "error");
  CHECK(parsed["message"] == message);
  CHECK(parsed["pod"] == "web");
  CHECK(parsed["container"] == "c");
  CHECK(parsed["sandbox_id"] == "s");
  CHECK(parsed["container_id"] == "i");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character, one each") {
  // A lone continuation, a cut sequence, an overlong form, a surrogate, and beyond U+10FFFF.
  for (const std::string bad : {"\x80", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    const auto parsed = nlohmann::json::parse(logging::json_line(Level::kInfo, {}, "<" + bad + ">", some_time()));
    std::string expected = "<";
    for (size_t i = 0; i < bad.size(); ++i) expected += "\xef\xbf\xbd";
    CHECK(parsed["message"] == expected + ">");
  }
}

TEST_CASE("a journal entry names its fields as the journal wants them") {
  CHECK(logging::journal_datagram(Level::kInfo, {.pod = "web", .pod_namespace = "default"}, "hello") ==
        "MESSAGE=hello\nPRIORITY=6\nSYSLOG_IDENTIFIER=nodeagent\nPOD_NAME=web\nPOD_NAMESPACE=default\n");
  // A value with a newline is sent with its length, so that it cannot add fields of its own.
  CHECK(logging::journal_datagram(Level::kError, {}, "a\nPRIORITY=0") ==
        std::string("MESSAGE\n\x0c\0\0\0\0\0\0\0", 16) + "a\nPRIORITY=0\nPRIORITY=3\nSYSLOG_IDENTIFIER=nodeagent\n");
}

TEST_CASE("entries reach the journal, long ones by descriptor") {
  const FakeJournal journal;
  const auto socket = logging::JournalSocket::connect(journal.path()).value();
  REQUIRE(socket.send("MESSAGE=short\n"));
  CHECK(journal.receive() == "MESSAGE=short\n");
  const std::string large = "MESSAGE=" + std::string(4 << 20, 'x') + "\n";
  REQUIRE(socket.send(large));
  CHECK(journal.receive() == large);
}

TEST_CASE("a journal that does not listen or does not read is an error, not a wait") {
  const FakeJournal journal;
  CHECK(logging::JournalSocket::connect(journal.dir / "none").error().code() == base::Code::kNotFound);
  CHECK(logging::JournalSocket::connect(std::string(200, 'x')).error().code() == base::Code::kInvalidArgument);
  const auto socket = logging::JournalSocket::connect(journal.path()).value();
  base::Status sent;
  for (int i = 0; i < 10'000 && sent; ++i) sent = socket.send("MESSAGE=x\n");
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code() == base::Code::kUnavailable);
}

TEST_CASE("stderr is the journal only when its device and inode are named") {
  struct stat info{};
  REQUIRE(::fstat(2, &info) == 0);
  CHECK(logging::stderr_is_journal(base::concat(info.st_dev, ":", info.st_ino).c_str()));
  CHECK_FALSE(logging::stderr_is_journal(base::concat(info.st_dev, ":", info.st_ino + 1).c_str()));
  CHECK_FALSE(logging::stderr_is_journal(nullptr));
  CHECK_FALSE(logging::stderr_is_journal(""));
}
