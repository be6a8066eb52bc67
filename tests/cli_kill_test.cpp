// A run that is killed again and again, and resumed each time, leaves what an undisturbed one does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "anebench/base/rng.h"
#include "anebench/record/journal.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kKills = 20;

// Processes of this machine with `word` among their arguments. Nothing where there is no /proc.
std::vector<std::string> processes_with(const std::string& word) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto text = read_text_file(entry.path() / "cmdline", 1 << 20);
    if (text && text->find('\0' + word + '\0') != std::string::npos) {
      found.push_back(entry.path().filename().string());
    }
  }
  return found;
}

class CliKill : public testing::TestWithParam<bool> {};

TEST_P(CliKill, LosesNothingRepeatsNothingAndLeavesNoProcessBehind) {
  const auto directory = TemporaryDirectory::create();
  ASSERT_TRUE(directory);
  const auto path = [&](const char* name) { return (directory->path() / name).string(); };
  // A seed that no other process has, to find ours by.
  const std::string seed = std::to_string(1000000000 + ::getpid() * 2 + (GetParam() ? 1 : 0));
  // Published values: their check is vacuous, so that no seed's rounding decides the status.
  const auto arguments = [&](const std::string& file) {
    std::vector<std::string> words = {
        "peak",    "1",          "1",     "--precision", "both",     "--device",  "cpu", "--init",
        "classic", "--seed",     seed,    "--threads",   "1",        "--samples", "12",  "--warmup",
        "1",       "--max-time", "300ms", "--quiet",     "--resume", "--json",    file};
    if (GetParam()) words.emplace_back("--isolate");
    return words;
  };

  const auto start = Clock::now();
  const auto undisturbed = run_cli(arguments(path("whole.jsonl")));
  ASSERT_TRUE(undisturbed) << undisturbed.error().to_string();
  ASSERT_EQ(undisturbed->status, 0) << undisturbed->err;
  const auto whole_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();

  Rng rng(GetParam() ? 2 : 1);
  int killed = 0;
  for (int i = 0; i < kKills; ++i) {
    // Half of them early, so that there is something left to be killed in most of the runs.
    const auto longest = i % 2 == 0 ? whole_ms / 8 : whole_ms / 2;
    const auto outcome = run_cli_and_kill(arguments(path("killed.jsonl")),
                                          std::chrono::milliseconds(rng.uniform_int(0, longest)));
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    killed += outcome->status == 128 + 9 ? 1 : 0;
    // A child notices the end of its parent at once; what is waited for is its turn to run.
    for (int wait = 0; wait < 2000 && !processes_with(seed).empty(); ++wait) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_THAT(processes_with(seed), testing::IsEmpty());
  }
  EXPECT_GE(killed, 1);
  const auto last = run_cli(arguments(path("killed.jsonl")));
  ASSERT_TRUE(last) << last.error().to_string();
  EXPECT_EQ(last->status, 0) << last->err;

  const auto ids = [&](const char* name) {
    bool torn = false;
    const auto records = record::read_records(path(name), &torn);
    EXPECT_TRUE(records) << records.error().to_string();
    EXPECT_FALSE(torn);
    std::vector<std::string> result;
    for (const auto& record : records.value_or(std::vector<record::Record>{})) {
      result.push_back(record.id);
      EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    }
    std::sort(result.begin(), result.end());
    return result;
  };
  EXPECT_EQ(ids("killed.jsonl").size(), 20u);
  EXPECT_EQ(ids("killed.jsonl"), ids("whole.jsonl"));
}

INSTANTIATE_TEST_SUITE_P(Peak, CliKill, testing::Bool(), [](const auto& param) {
  return param.param ? "Isolated" : "InOneProcess";
});

}  // namespace
}  // namespace anebench::tests
