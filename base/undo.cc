#include "base/undo.h"

namespace base {

UndoStack::~UndoStack() {
  for (; !steps_.empty(); steps_.pop_back()) (void)steps_.back().undo();
}

void UndoStack::push(std::string name, std::function<Status()> undo) {
  steps_.push_back({std::move(name), std::move(undo)});
}

Error UndoStack::undo(Error cause) {
  for (; !steps_.empty(); steps_.pop_back()) {
    Status done = steps_.back().undo();
    if (!done) cause.add_also(done.error().add_context(steps_.back().name));
  }
  return cause;
}

}  // namespace base
