// Handover: how the shim comes to know the second of two processes that start one program.
//
// What is to run in a pid namespace that others live in already is prepared by a first process outside of it, where
// they cannot look into it, and carried out by a second one inside (second_stage.h). The first one clones the second as
// its sibling, so that the shim is the parent of both:
//
//   shim                         first process                        second process
//   create(), clone   -------->  hide_from_successor()
//                                … everything that needs the host …
//                                clone_sibling(slot())  ----------->  … execve
//   reaps it          <--------  ends
//   successor()
//
// The kernel writes the second one's pid into a page that the shim shares with the first one, before the second one
// runs: once the first one has ended, however it did, the shim knows whether there is a second one to watch and reap.
#pragma once

#include <sys/types.h>

#include "base/error.h"

namespace runtime::shim {

class Handover {
 public:
  static base::Result<Handover> create();
  Handover() = default;
  Handover(Handover&& other) noexcept;
  Handover& operator=(Handover&& other) noexcept;
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;
  ~Handover();

  explicit operator bool() const { return page_ != nullptr; }
  // First process: the page does not reach the second one, which others may get hold of.
  base::Status hide_from_successor() const;
  pid_t* slot() const { return page_; }
  // Shim, after the first one's end: the second one's pid, a child of ours; 0 if there is none.
  pid_t successor() const;

 private:
  explicit Handover(pid_t* page) : page_(page) {}
  pid_t* page_ = nullptr;
};

}  // namespace runtime::shim
