#include "base/undo.h"

#include <catch2/catch.hpp>
#include <cerrno>

using base::Code;
using base::Error;

TEST_CASE("undo runs every step in reverse order and keeps each failure") {
  std::string order;
  base::UndoStack undo;
  undo.push("close the first", [&]() -> base::Status {
    order += '1';
    return {};
  });
  undo.push("unmount the second", [&]() -> base::Status {
    order += '2';
    return base::fail_errno(EBUSY, "unmount /x");
  });
  undo.push("remove the third", [&]() -> base::Status {
    order += '3';
    return base::fail(Code::kInternal, "lost");
  });
  const Error error = undo.undo(Error(Code::kNotFound, "no image"));
  CHECK(order == "321");
  CHECK(error.code() == Code::kNotFound);
  CHECK(error.to_string() ==
        "no image (also: remove the third: lost) (also: unmount the second: unmount /x: Device or resource busy)");
  // Done once.
  CHECK(undo.undo(Error(Code::kNotFound, "again")).to_string() == "again");
  CHECK(order == "321");
}

TEST_CASE("what is neither committed nor undone is undone at the end of the scope") {
  int undone = 0;
  const auto count = [&]() -> base::Status {
    ++undone;
    return {};
  };
  {
    base::UndoStack undo;
    undo.push("one", count);
    undo.push("two", count);
  }
  CHECK(undone == 2);
  {
    base::UndoStack undo;
    undo.push("three", count);
    undo.commit();
  }
  CHECK(undone == 2);
}
