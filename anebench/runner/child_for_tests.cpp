// A child that behaves as its first arguments say; see child_process_test.cpp.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

[[noreturn]] void sleep_for_ever() {
  for (;;) std::this_thread::sleep_for(1s);
}

void flood(std::FILE* file, std::size_t lines, const std::string& line) {
  for (std::size_t i = 0; i < lines; ++i) std::fputs(line.c_str(), file);
  std::fflush(file);
}

// A grandchild that keeps standard output open; its number goes to `path`.
void leave_a_child_behind(const char* path) {
  const pid_t child = fork();
  if (child == 0) sleep_for_ever();
  std::ofstream(path) << child;
}

int act(const std::vector<std::string>& words) {
  const std::string& what = words[0];
  if (what == "echo") {
    for (std::size_t i = 1; i < words.size(); ++i) std::puts(words[i].c_str());
  } else if (what == "cat") {
    std::ifstream file(words[1]);
    std::string text;
    while (std::getline(file, text)) std::puts(text.c_str());
    std::fflush(stdout);
    if (words.size() > 2) return act({words.begin() + 2, words.end()});
  } else if (what == "exit") {
    std::fputs(words[2].c_str(), stderr);
    return std::atoi(words[1].c_str());
  } else if (what == "crash") {
    signal(SIGSEGV, SIG_DFL);
    kill(getpid(), SIGSEGV);
  } else if (what == "hang") {
    sleep_for_ever();
  } else if (what == "close_and_hang") {
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    sleep_for_ever();
  } else if (what == "allocate") {
    const std::size_t bytes = std::size_t{160} << 20;
    std::vector<char> memory(bytes, 'x');
    std::printf("%zu\n", memory.size());
    std::fflush(stdout);
    sleep_for_ever();
  } else if (what == "flood_errors") {
    flood(stderr, 100000, "a line of complaint about nothing in particular\n");
    std::puts("done");
  } else if (what == "flood_output") {
    for (;;) flood(stdout, 100000, "garbage\n");
  } else if (what == "endless_line") {
    for (;;) flood(stdout, 100000, "garbage");
  } else if (what == "torn") {
    std::fputs("whole\nto", stdout);
  } else if (what == "leave_behind") {
    leave_a_child_behind(words[1].c_str());
    std::puts("done");
  } else if (what == "descriptors") {
    // Open besides the standard ones.
    for (int descriptor = 3; descriptor < 256; ++descriptor) {
      if (fcntl(descriptor, F_GETFD) >= 0) std::printf("%d\n", descriptor);
    }
  } else {
    return 99;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return words.empty() ? 99 : act(words);
}
