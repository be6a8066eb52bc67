#include "cli_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

namespace anebench::tests {
namespace {

// Longer than anything that the tests start takes, even with sanitizers.
constexpr auto kLongest = std::chrono::minutes(5);
constexpr auto kPoll = std::chrono::milliseconds(5);

// In the child, between fork and exec: nothing but system calls.
void redirect(const char* path, int descriptor, int flags) {
  const int file = open(path, flags, 0600);
  if (file >= 0) dup2(file, descriptor);
}

Result<Outcome> run(const std::vector<std::string>& arguments,
                    const std::vector<std::pair<std::string, std::string>>& environment, int signal,
                    const std::function<bool()>& wants_signal) {
  ANEBENCH_ASSIGN(directory, TemporaryDirectory::create());
  const std::string out = (directory.path() / "out").string();
  const std::string err = (directory.path() / "err").string();
  std::vector<std::string> texts = {ANEBENCH_CLI};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  const pid_t child = fork();
  if (child == 0) {
    redirect("/dev/null", STDIN_FILENO, O_RDONLY);
    redirect(out.c_str(), STDOUT_FILENO, O_WRONLY | O_CREAT);
    redirect(err.c_str(), STDERR_FILENO, O_WRONLY | O_CREAT);
    execv(argv[0], argv.data());
    _exit(127);
  }
  for (const auto& [name, value] : environment) unsetenv(name.c_str());
  if (child < 0) return fail(ErrorCode::io_error, "no process could be started");

  const auto end = std::chrono::steady_clock::now() + kLongest;
  int state = 0;
  bool is_sent = false;
  rusage usage{};
  while (wait4(child, &state, WNOHANG, &usage) == 0) {
    if (!is_sent && wants_signal()) {
      kill(child, signal);
      is_sent = true;
    }
    if (std::chrono::steady_clock::now() > end) {
      kill(child, SIGKILL);
      waitpid(child, &state, 0);
      return fail(ErrorCode::timeout, "the program did not end");
    }
    std::this_thread::sleep_for(kPoll);
  }
  Outcome outcome;
#ifdef __APPLE__
  constexpr std::uint64_t kMemoryUnit = 1;
#else
  constexpr std::uint64_t kMemoryUnit = 1024;
#endif
  outcome.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * kMemoryUnit;
  outcome.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  ANEBENCH_ASSIGN(out_text, read_text_file(out));
  ANEBENCH_ASSIGN(err_text, read_text_file(err));
  outcome.out = std::move(out_text);
  outcome.err = std::move(err_text);
  return outcome;
}

}  // namespace

Result<Outcome> run_cli(const std::vector<std::string>& arguments,
                        const std::vector<std::pair<std::string, std::string>>& environment) {
  return run(arguments, environment, 0, [] { return false; });
}

Outcome run_or_die(const std::vector<std::string>& arguments) {
  auto outcome = run_cli(arguments);
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  return outcome.value_or(Outcome{});
}

Result<Outcome> run_cli_and_interrupt(const std::vector<std::string>& arguments,
                                      const std::string& journal) {
  return run(arguments, {}, SIGINT, [&] {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(journal, ignored);
    return !ignored && size > 0;
  });
}

Result<Outcome> run_cli_and_kill(const std::vector<std::string>& arguments,
                                 std::chrono::milliseconds delay) {
  const auto moment = std::chrono::steady_clock::now() + delay;
  return run(arguments, {}, SIGKILL, [&] { return std::chrono::steady_clock::now() >= moment; });
}

Result<Outcome> run_cli_and_kill_when(
    const std::vector<std::string>& arguments,
    const std::vector<std::pair<std::string, std::string>>& environment,
    const std::function<bool()>& is_moment) {
  return run(arguments, environment, SIGKILL, is_moment);
}

std::string standin_library() { return ANEBENCH_ANE_STANDIN_LIBRARY; }

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace anebench::tests
