#include "anebench/base/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "anebench/base/cpu_features.h"

namespace anebench {
namespace {

// state_: bits 0..15 count the workers that have joined the job, bit 16 says that it can be joined,
// the others are the job's number.
constexpr std::uint64_t kJoinedMask = 0xffff;
constexpr std::uint64_t kOpen = 0x10000;
constexpr int kJobShift = 17;
static_assert(ThreadPool::kMaxThreads <= static_cast<int>(kJoinedMask));

// How long an idle worker looks for the next job before it sleeps. Waking a sleeper takes about
// this long, so spinning longer could at most halve the worst case again.
constexpr std::int64_t kSpinNs = 50'000;

// Whether this thread is inside a body of any pool.
thread_local bool inside_body = false;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void run_task(FunctionRef<void(int)> task, int worker) {
  inside_body = true;
  task(worker);
  inside_body = false;
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  const int wanted = std::clamp(threads, 1, kMaxThreads);
  workers_.reserve(static_cast<std::size_t>(wanted) - 1);
  try {
    for (int worker = 1; worker < wanted; ++worker) {
      workers_.emplace_back([this, worker] { work(worker); });
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: what there is will do.
  }
  const bool fits = size() <= hardware_threads();
  spin_ns_.store(fits ? kSpinNs : 0, std::memory_order_relaxed);
  barrier_ = std::make_unique<Barrier>(size(), fits ? Barrier::kDefaultSpins : 0);
}

ThreadPool::~ThreadPool() {
  stopping_.store(true, std::memory_order_release);
  wake_.fetch_add(1, std::memory_order_release);
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// Waits for a job other than `last_job`; false when the pool ends.
bool ThreadPool::await_job(std::uint64_t last_job) {
  const auto is_new = [&] {
    return state_.load(std::memory_order_acquire) >> kJobShift != last_job;
  };
  const std::int64_t spin_ns = spin_ns_.load(std::memory_order_relaxed);
  if (spin_ns > 0) {
    const std::int64_t deadline = now_ns() + spin_ns;
    do {
      for (int i = 0; i < 32; ++i) {  // a clock reading costs as much as a pause or two
        if (is_new()) return true;
        cpu_relax();
      }
      std::this_thread::yield();  // a free core returns at once; a shared one may hold the caller
    } while (now_ns() < deadline);
  }
  for (;;) {
    // The job is published before wake_ changes: whoever sees the new value sees the job, too, and
    // whoever still sees the old one will be woken.
    const std::uint32_t wake = wake_.load(std::memory_order_acquire);
    if (stopping_.load(std::memory_order_acquire)) return false;
    if (is_new()) return true;
    wake_.wait(wake, std::memory_order_acquire);
  }
}

void ThreadPool::work(int worker) {
  std::uint64_t last_job = 0;
  while (await_job(last_job)) {
    std::uint64_t state = state_.load(std::memory_order_acquire);
    bool joined = false;
    while (!joined && (state & kOpen) != 0) {
      joined = state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel,
                                            std::memory_order_acquire);
    }
    last_job = state >> kJobShift;
    if (!joined) continue;
    run_task(*task_, worker);
    finished_.fetch_add(1, std::memory_order_release);
  }
}

void ThreadPool::dispatch(FunctionRef<void(int)> task, bool needs_all) {
  const std::scoped_lock lock(callers_);
  task_ = &task;
  finished_.store(0, std::memory_order_relaxed);
  const std::uint64_t job = (state_.load(std::memory_order_relaxed) >> kJobShift) + 1;
  state_.store(job << kJobShift | kOpen, std::memory_order_release);
  wake_.fetch_add(1, std::memory_order_release);
  wake_.notify_all();

  run_task(task, 0);

  const int workers = size() - 1;
  const auto await_finished = [&](int count) {
    for (int i = 0; finished_.load(std::memory_order_acquire) != count; ++i) {
      if (i < barrier_->spins()) {
        cpu_relax();
      } else {
        std::this_thread::yield();
        i = barrier_->spins();
      }
    }
  };
  if (needs_all) await_finished(workers);
  // Nobody joins from here on; whoever has joined is waited for, since `task` ends with this call.
  const std::uint64_t closed = state_.fetch_and(~kOpen, std::memory_order_acq_rel);
  await_finished(static_cast<int>(closed & kJoinedMask));
}

void ThreadPool::parallel_for(std::size_t count, FunctionRef<void(std::size_t, int)> body) {
  if (count == 0) return;
  if (inside_body || count == 1 || workers_.empty()) {
    // Not through run_task: a nested call leaves its thread inside the outer body.
    for (std::size_t index = 0; index < count; ++index) body(index, 0);
    return;
  }
  std::atomic<std::size_t> next = 0;
  dispatch(
      [&](int worker) {
        for (;;) {
          // A plain increment would overflow only after 2^64 indices.
          const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
          if (index >= count) return;
          body(index, worker);
        }
      },
      /*needs_all=*/false);
}

void ThreadPool::run(FunctionRef<void(const Team&)> body) {
  if (inside_body || workers_.empty()) {
    Barrier alone(1);
    body(Team{0, 1, alone});
    return;
  }
  dispatch([&](int worker) { body(Team{worker, size(), *barrier_}); }, /*needs_all=*/true);
}

}  // namespace anebench
