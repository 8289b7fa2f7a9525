// UndoStack: each acquired resource pushes a named undo; on failure they run in reverse order, through every failure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace base {

class UndoStack {
 public:
  UndoStack() = default;
  UndoStack(const UndoStack&) = delete;
  UndoStack& operator=(const UndoStack&) = delete;
  // Undoes whatever was neither committed nor undone; failures there are logged nowhere, so prefer undo().
  ~UndoStack();

  // name: what is undone, as an error would say it ("remove the pod's address").
  void push(std::string name, std::function<Status()> undo);
  // Everything succeeded: keep it all.
  void commit() { steps_.clear(); }
  // Runs all steps in reverse order; the failures are added to `cause` as also-errors.
  Error undo(Error cause);

 private:
  struct Step {
    std::string name;
    std::function<Status()> undo;
  };
  std::vector<Step> steps_;
};

}  // namespace base
