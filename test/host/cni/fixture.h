// What the cni host tests share: a "host" network namespace of the test's own, so that the machine's network is never
// touched, pods that are bare network namespaces, and TCP between them.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "cni/bridge.h"

namespace cni_test {

// Moves the calling thread into a fresh network namespace, with a folder for state; the destructor brings it back and
// removes the folder.
class Host {
 public:
  Host();
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  cni::BridgeOptions options(const std::string& subnet = "10.88.0.0/16") const;
  std::string folder() const { return folder_; }

 private:
  base::UniqueFd before_;
  std::string folder_;
};

// A new network namespace that lives as long as the descriptor (and what is in it).
base::UniqueFd new_netns();
// Runs a program line in a network namespace (-1: the thread's own) with sh, and gives its output; fails the test when
// it exits non-zero.
std::string run(const std::string& line, int netns = -1);

// A TCP server in a namespace, answering nothing: it only tells who came.
class Listener {
 public:
  Listener(int netns, const std::string& address, uint16_t port);
  // The next client's address as the server sees it; "" when none comes in 5 s.
  std::string accept_one();

 private:
  base::UniqueFd fd_;
};
// Connects from a namespace; true when the other side accepted within 5 s.
bool connects(int netns, const std::string& address, uint16_t port);

// The lines of `ip -o link` in the thread's namespace, without lo.
std::vector<std::string> links();

}  // namespace cni_test
