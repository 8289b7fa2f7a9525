// The main function of every host test executable: these tests change the machine (namespaces, mounts, links), so they
// refuse to start without root instead of failing one by one.
#define CATCH_CONFIG_RUNNER
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

int main(int argc, char* argv[]) {
  if (::geteuid() != 0) {
    // 77 is what Meson counts as a skipped test.
    std::puts("skipped: host tests need root");
    return 77;
  }
  return Catch::Session().run(argc, argv);
}
