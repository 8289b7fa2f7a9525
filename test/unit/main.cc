// The main function of every unit test executable.
#include "test/catch_runner.h"

int main(int argc, char* argv[]) { return test::run_tests(argc, argv); }
