#pragma once

namespace test {

// Runs the tests of this program as the command line says; the exit status.
int run_tests(int argc, char* argv[]);

}  // namespace test
