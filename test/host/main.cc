// The main function of every host test executable: these tests change the machine (namespaces, mounts, links), so they
// refuse to start without root instead of failing one by one.
#include <unistd.h>

#include <cstdio>

#include "test/catch_runner.h"

int main(int argc, char* argv[]) {
  if (::geteuid() != 0) {
    // 77 is what Meson counts as a skipped test.
    std::puts("skipped: host tests need root");
    return 77;
  }
  return test::run_tests(argc, argv);
}
