// StdinFeeder: passes our standard input on to the one container of a pod that takes it (stdin: true).
#pragma once

#include <memory>
#include <thread>

#include "base/error.h"
#include "base/synchronized.h"
#include "base/unique_fd.h"

namespace agent::cli {

// Reads only while a container takes it; what one has not taken when it ends is lost, as with a terminal. A restarted
// container goes on from there. All copying is done by the thread "stdin"; feed() may be called from any thread.
class StdinFeeder {
 public:
  static base::Result<std::unique_ptr<StdinFeeder>> start();
  ~StdinFeeder();
  StdinFeeder(const StdinFeeder&) = delete;
  StdinFeeder& operator=(const StdinFeeder&) = delete;

  // input: the writing end of the container's stdin, which takes the place of the one before.
  void feed(base::UniqueFd input);

 private:
  explicit StdinFeeder(base::UniqueFd wake) : wake_(std::move(wake)) {}
  void copy();
  // False at the end of our standard input, or when the container has closed its own.
  bool pass_on(int input);
  bool stopped();

  struct State {
    base::UniqueFd next;  // given, not yet taken over by the thread
    bool stop = false;
  };
  const base::UniqueFd wake_;  // eventfd: the state has changed
  base::Synchronized<State> state_;
  std::thread thread_;
};

}  // namespace agent::cli
