// `selfcheck --verdict`: some hundred simulated ladders, which take minutes where nothing is
// optimized.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;

TEST(CliSelfcheck, VerdictPrintsEveryMechanismAndIsReproducible) {
  const std::vector<std::string> arguments = {"selfcheck", "--verdict", "--quick", "--runs",
                                              "2",         "--seed",    "3"};
  const Outcome outcome = run_or_die(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  for (const char* text : {"none", "storage only", "activation traffic only", "native", "PASSED"}) {
    EXPECT_THAT(outcome.out, HasSubstr(text));
  }
  EXPECT_EQ(run_or_die(arguments).out, outcome.out);
}

}  // namespace
}  // namespace anebench::tests
