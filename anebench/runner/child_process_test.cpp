#include "anebench/runner/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "anebench/base/file.h"

namespace anebench::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

struct Seen {
  ChildEnd end;
  std::vector<std::string> lines;
};

Seen run(const std::vector<std::string>& arguments, const ChildLimits& limits = {},
         const std::atomic<bool>* cancelled = nullptr) {
  Seen seen;
  auto end = run_child(
      {ANEBENCH_CHILD_FOR_TESTS, arguments}, limits,
      [&](std::string_view line) -> Result<void> {
        if (line == "garbage") return fail(ErrorCode::parse_error, "garbage is refused");
        seen.lines.emplace_back(line);
        return {};
      },
      cancelled);
  EXPECT_TRUE(end) << end.error().to_string();
  if (end) seen.end = std::move(*end);
  return seen;
}

std::vector<int> open_descriptors(bool inherited_only) {
  std::vector<int> open;
  for (int descriptor = 3; descriptor < 256; ++descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFD);
    if (flags >= 0 && !(inherited_only && (flags & FD_CLOEXEC) != 0)) open.push_back(descriptor);
  }
  return open;
}

TEST(RunChild, PassesOnLinesAndTheStatus) {
  const Seen seen = run({"echo", "one", "", "three words here"});
  EXPECT_EQ(seen.end.fate, ChildFate::exited);
  EXPECT_EQ(seen.end.code, 0);
  EXPECT_THAT(seen.lines, ElementsAre("one", "", "three words here"));
}

TEST(RunChild, KeepsTheStatusAndTheLastWords) {
  const Seen seen = run({"exit", "7", "no \x1b[31mmemory\n"});
  EXPECT_EQ(seen.end.fate, ChildFate::exited);
  EXPECT_EQ(seen.end.code, 7);
  EXPECT_EQ(seen.end.last_words, "no ?[31mmemory\n");
}

TEST(RunChild, NamesTheSignalOfACrash) {
  const Seen seen = run({"crash"});
  EXPECT_EQ(seen.end.fate, ChildFate::signalled);
  EXPECT_EQ(signal_name(seen.end.code), "SIGSEGV");
  EXPECT_EQ(signal_name(77), "signal 77");
}

TEST(RunChild, ALineWithoutItsEndIsNoLine) {
  EXPECT_THAT(run({"torn"}).lines, ElementsAre("whole"));
}

TEST(RunChild, KillsWhatTakesTooLong) {
  EXPECT_EQ(run({"hang"}, {.seconds = 0.1}).end.fate, ChildFate::timed_out);
}

TEST(RunChild, KillsWhatHangsWithItsOutputClosed) {
  EXPECT_EQ(run({"close_and_hang"}, {.seconds = 0.1}).end.fate, ChildFate::timed_out);
}

TEST(RunChild, KillsWhatTakesTooMuchMemory) {
  const Seen seen = run({"allocate"}, {.memory_bytes = std::uint64_t{80} << 20});
  EXPECT_EQ(seen.end.fate, ChildFate::out_of_memory);
  EXPECT_GT(seen.end.peak_bytes, std::uint64_t{80} << 20);
}

TEST(RunChild, IsNotBlockedByAFloodOfErrorsAndKeepsTheirEnd) {
  const Seen seen = run({"flood_errors"});
  EXPECT_EQ(seen.end.fate, ChildFate::exited);
  EXPECT_THAT(seen.lines, ElementsAre("done"));
  EXPECT_EQ(seen.end.last_words.size(), kMaxLastWords);
}

TEST(RunChild, ARefusedLineEndsTheChild) {
  const Seen seen = run({"flood_output"});
  EXPECT_EQ(seen.end.fate, ChildFate::stopped);
  ASSERT_TRUE(seen.end.refusal);
  EXPECT_THAT(seen.end.refusal->message(), HasSubstr("garbage"));
}

TEST(RunChild, AnEndlessLineEndsTheChild) {
  const Seen seen = run({"endless_line"}, {.line_bytes = 1 << 20});
  EXPECT_EQ(seen.end.fate, ChildFate::stopped);
  ASSERT_TRUE(seen.end.refusal);
  EXPECT_EQ(seen.end.refusal->code(), ErrorCode::resource_exhausted);
}

TEST(RunChild, KillsWhatTheChildLeftBehind) {
  const auto directory = TemporaryDirectory::create();
  ASSERT_TRUE(directory);
  const std::string file = (directory->path() / "pid").string();
  const Seen seen = run({"leave_behind", file});
  EXPECT_EQ(seen.end.fate, ChildFate::exited);
  EXPECT_THAT(seen.lines, ElementsAre("done"));
  const pid_t left = std::stoi(*read_text_file(file));
  // Killed, it waits for whoever inherits orphans to be reaped: gone, or a zombie.
  const auto is_running = [&] {
    const auto stat = read_text_file(fmt::format("/proc/{}/stat", left));
    return stat ? stat->find(") Z") == std::string::npos : ::kill(left, 0) == 0;
  };
  for (int i = 0; i < 1000 && is_running(); ++i) std::this_thread::sleep_for(5ms);
  EXPECT_FALSE(is_running());
}

TEST(RunChild, EndsWhenTheUserStopsTheRun) {
  const std::atomic<bool> cancelled = true;
  EXPECT_EQ(run({"hang"}, {}, &cancelled).end.fate, ChildFate::cancelled);
}

TEST(RunChild, LeavesNoDescriptorAndNoZombie) {
  const auto before = open_descriptors(false);
  run({"echo", "one"});
  run({"hang"}, {.seconds = 0.01});
  EXPECT_EQ(open_descriptors(false), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(RunChild, TheChildInheritsNoDescriptorOfOurs) {
  EXPECT_EQ(run({"descriptors"}).lines.size(), open_descriptors(true).size());
}

TEST(RunChild, AProgramThatIsNotThereIsAnError) {
  const auto end = run_child({"/nowhere/at/all", {}}, {}, [](auto) { return Result<void>(); });
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), ErrorCode::io_error);
  EXPECT_THAT(end.error().to_string(), HasSubstr("/nowhere/at/all"));
}

TEST(RunChild, FindsItselfAgain) {
  const auto self = this_program();
  ASSERT_TRUE(self);
  std::vector<std::string> lines;
  const auto end =
      run_child({*self, {"--gtest_list_tests", "--gtest_filter=RunChild.FindsItself*"}}, {},
                [&](std::string_view line) -> Result<void> {
                  lines.emplace_back(line);
                  return {};
                });
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_THAT(lines, testing::Contains("  FindsItselfAgain"));
}

}  // namespace
}  // namespace anebench::runner
