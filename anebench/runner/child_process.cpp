#include "anebench/runner/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#include <crt_externs.h>
#include <libproc.h>
#include <mach-o/dyld.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include "anebench/base/descriptor.h"
#include "anebench/base/file.h"

namespace anebench::runner {
namespace {

using Clock = std::chrono::steady_clock;

// How often the child's memory, its end and the user's wish are looked at: rare enough that a
// measurement in the child does not notice (a few microseconds each).
constexpr int kTickMs = 20;
// The same once the child has closed its output and is about to end.
constexpr int kShortTickMs = 2;
// More than any pipe holds (64 KiB on Linux and macOS, by request 1 MiB): what an ended child can
// have left in it. A process that escaped from the group could go on writing for ever.
constexpr std::size_t kMaxLeftInPipe = std::size_t{4} << 20;

char** environment() {
#ifdef __APPLE__
  return *_NSGetEnviron();
#else
  return environ;
#endif
}

tl::unexpected<Error> spawn_failure(std::string_view what, int error) {
  return fail(ErrorCode::io_error, "no process can be started: {}: {}", what,
              std::error_code(error, std::generic_category()).message());
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Neither end is inherited by any child; the ends that a child gets are copies.
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
#ifdef __APPLE__
  const int failed = ::pipe(ends.data());
#else
  const int failed = ::pipe2(ends.data(), O_CLOEXEC);
#endif
  if (failed != 0) return spawn_failure("pipe", errno);
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
#ifdef __APPLE__
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#endif
  return pipe;
}

// Attributes and file actions of posix_spawn, freed at the end.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
    // A group of its own; and no signal ignored or blocked because it is so here.
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigdelset(&all, SIGKILL);
    ::sigdelset(&all, SIGSTOP);
    ::sigemptyset(&none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    int flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#ifdef __APPLE__
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void give(const Descriptor& ours, int theirs) {
    ::posix_spawn_file_actions_adddup2(&actions_, ours.number(), theirs);
  }
  int spawn(pid_t& child, const char* program, char* const* arguments) {
    return ::posix_spawn(&child, program, &actions_, &attributes_, arguments, environment());
  }

 private:
  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t actions_;
};

// Resident memory; 0 where the process is gone.
std::uint64_t resident_bytes(pid_t process) {
#ifdef __APPLE__
  proc_taskinfo info{};
  const int got = ::proc_pidinfo(process, PROC_PIDTASKINFO, 0, &info, sizeof(info));
  return got == static_cast<int>(sizeof(info)) ? info.pti_resident_size : 0;
#else
  const auto text = read_text_file(fmt::format("/proc/{}/statm", process), 4096);
  if (!text) return 0;
  // "size resident shared …", in pages (proc_pid_statm(5)).
  unsigned long long pages = 0;
  if (std::sscanf(text->c_str(), "%*s %llu", &pages) != 1) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
#endif
}

// Cuts a stream into lines.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t limit) : limit_(limit) {}

  Result<void> add(std::string_view bytes, FunctionRef<Result<void>(std::string_view)> on_line) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      if (part.size() > limit_ - partial_.size()) {
        return fail(ErrorCode::resource_exhausted, "a line longer than the limit of {} bytes",
                    limit_);
      }
      partial_ += part;
      if (end == std::string_view::npos) return {};
      bytes.remove_prefix(end + 1);
      const std::string line = std::exchange(partial_, {});
      ANEBENCH_TRY(on_line(line));
    }
    return {};
  }

 private:
  std::size_t limit_;
  std::string partial_;
};

// A started child; killed with its group and reaped at the latest when this object ends.
class Child {
 public:
  static Result<Child> start(const ChildCommand& command) {
    ANEBENCH_ASSIGN(life_line, make_pipe());
    ANEBENCH_ASSIGN(out, make_pipe());
    ANEBENCH_ASSIGN(err, make_pipe());
    SpawnSettings settings;
    settings.give(life_line.read, STDIN_FILENO);
    settings.give(out.write, STDOUT_FILENO);
    settings.give(err.write, STDERR_FILENO);
    std::vector<std::string> words = {command.program};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t process = 0;
    const int error = settings.spawn(process, command.program.c_str(), pointers.data());
    if (error != 0) return spawn_failure(command.program, error);
    for (const Descriptor* end : {&out.read, &err.read}) {
      ::fcntl(end->number(), F_SETFL, O_NONBLOCK);
    }
    return Child(process, std::move(life_line.write), std::move(out.read), std::move(err.read));
  }

  Child(Child&& other) noexcept
      : out(std::move(other.out)),
        err(std::move(other.err)),
        process_(std::exchange(other.process_, 0)),
        life_line_(std::move(other.life_line_)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (process_ != 0) reap();
  }

  pid_t process() const { return process_; }
  // Leaves it a zombie, so that its number and its group's cannot go to somebody else.
  bool has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process_;
  }
  void kill_group() const { ::kill(-process_, SIGKILL); }
  // Kills what is left of the group; gives the child's status, as waitpid does.
  int reap() {
    kill_group();
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
    process_ = 0;
    return status;
  }

  Descriptor out;
  Descriptor err;

 private:
  Child(pid_t process, Descriptor life_line, Descriptor out_end, Descriptor err_end)
      : out(std::move(out_end)),
        err(std::move(err_end)),
        process_(process),
        life_line_(std::move(life_line)) {}

  pid_t process_;
  Descriptor life_line_;
};

// Follows a child from its start to its end.
class Watch {
 public:
  Watch(Child child, const ChildLimits& limits, FunctionRef<Result<void>(std::string_view)> on_line,
        const std::atomic<bool>* cancelled)
      : child_(std::move(child)),
        limits_(limits),
        on_line_(on_line),
        cancelled_(cancelled),
        lines_(limits.line_bytes) {}

  ChildEnd run() {
    std::optional<ChildFate> killed_for;
    while (!child_.has_ended()) {
      wait_for_output();
      read_output();
      killed_for = reason_to_kill();
      if (killed_for) break;
    }
    // All writers of the pipes end here; then what is left in them is all there will be.
    const int status = child_.reap();
    if (!killed_for) {
      read_output();
      if (end_.refusal) killed_for = ChildFate::stopped;
    } else {
      read_errors();
    }
    if (killed_for) {
      end_.fate = *killed_for;
    } else if (WIFSIGNALED(status)) {
      end_.fate = ChildFate::signalled;
      end_.code = WTERMSIG(status);
    } else {
      end_.code = WEXITSTATUS(status);
    }
    end_.last_words = printable(tail_, kMaxLastWords);
    return std::move(end_);
  }

 private:
  void wait_for_output() const {
    std::array<pollfd, 2> watched = {pollfd{child_.out.number(), POLLIN, 0},
                                     pollfd{child_.err.number(), POLLIN, 0}};
    const bool both_closed = child_.out.number() < 0 && child_.err.number() < 0;
    ::poll(watched.data(), watched.size(), both_closed ? kShortTickMs : kTickMs);
  }

  std::optional<ChildFate> reason_to_kill() {
    if (end_.refusal) return ChildFate::stopped;
    if (cancelled_ != nullptr && cancelled_->load()) return ChildFate::cancelled;
    const Clock::time_point now = Clock::now();
    if (limits_.seconds && std::chrono::duration<double>(now - start_).count() > *limits_.seconds) {
      return ChildFate::timed_out;
    }
    if (limits_.memory_bytes && now - last_look_ >= std::chrono::milliseconds(kTickMs)) {
      last_look_ = now;
      const std::uint64_t resident = resident_bytes(child_.process());
      end_.peak_bytes = std::max(end_.peak_bytes, resident);
      if (resident > *limits_.memory_bytes) return ChildFate::out_of_memory;
    }
    return std::nullopt;
  }

  void read_output() {
    read_errors();
    read_available(child_.out, [&](std::string_view bytes) {
      if (end_.refusal) return;
      if (auto added = lines_.add(bytes, on_line_); !added) end_.refusal = added.error();
    });
  }

  void read_errors() {
    read_available(child_.err, [&](std::string_view bytes) {
      tail_ += bytes;
      if (tail_.size() > kMaxLastWords) tail_.erase(0, tail_.size() - kMaxLastWords);
    });
  }

  // What is there now, but not without end where the child writes faster than this reads: limits
  // must be looked at. Closes the descriptor at its end.
  static void read_available(Descriptor& from, FunctionRef<void(std::string_view)> use) {
    std::array<char, 65536> buffer;
    std::size_t total = 0;
    while (from.number() >= 0 && total < kMaxLeftInPipe) {
      const ssize_t got = ::read(from.number(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (got <= 0) {
        from = Descriptor();
        return;
      }
      total += static_cast<std::size_t>(got);
      use({buffer.data(), static_cast<std::size_t>(got)});
    }
  }

  Child child_;
  const ChildLimits& limits_;
  FunctionRef<Result<void>(std::string_view)> on_line_;
  const std::atomic<bool>* cancelled_;
  LineSplitter lines_;
  ChildEnd end_;
  std::string tail_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_look_ = start_;
};

}  // namespace

Result<ChildEnd> run_child(const ChildCommand& command, const ChildLimits& limits,
                           FunctionRef<Result<void>(std::string_view)> on_line,
                           const std::atomic<bool>* cancelled) {
  ANEBENCH_ASSIGN(child, Child::start(command));
  return Watch(std::move(child), limits, on_line, cancelled).run();
}

Result<std::string> this_program() {
#ifdef __APPLE__
  std::uint32_t size = 0;
  ::_NSGetExecutablePath(nullptr, &size);
  std::string path(size, '\0');
  if (::_NSGetExecutablePath(path.data(), &size) != 0) {
    return fail(ErrorCode::internal, "this program's own path is not known");
  }
  path.resize(path.find('\0'));
  return path;
#else
  // In the child before it becomes another program this still names ours.
  return "/proc/self/exe";
#endif
}

void end_with_parent() {
  std::thread([] {
    std::array<char, 64> ignored;
    for (;;) {
      const ssize_t got = ::read(STDIN_FILENO, ignored.data(), ignored.size());
      if (got == 0 || (got < 0 && errno != EINTR)) break;
    }
    if (::getpgrp() == ::getpid()) ::kill(0, SIGKILL);
    ::kill(::getpid(), SIGKILL);
  }).detach();
}

std::string signal_name(int signal) {
  static constexpr std::array<std::pair<int, const char*>, 14> kNames = {{{SIGABRT, "SIGABRT"},
                                                                          {SIGALRM, "SIGALRM"},
                                                                          {SIGBUS, "SIGBUS"},
                                                                          {SIGFPE, "SIGFPE"},
                                                                          {SIGHUP, "SIGHUP"},
                                                                          {SIGILL, "SIGILL"},
                                                                          {SIGINT, "SIGINT"},
                                                                          {SIGKILL, "SIGKILL"},
                                                                          {SIGPIPE, "SIGPIPE"},
                                                                          {SIGSEGV, "SIGSEGV"},
                                                                          {SIGSYS, "SIGSYS"},
                                                                          {SIGTERM, "SIGTERM"},
                                                                          {SIGTRAP, "SIGTRAP"},
                                                                          {SIGXCPU, "SIGXCPU"}}};
  for (const auto& [number, name] : kNames) {
    if (number == signal) return name;
  }
  return fmt::format("signal {}", signal);
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string result(text.substr(0, max_bytes));
  for (char& c : result) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7f) c = '?';
  }
  return result;
}

}  // namespace anebench::runner
