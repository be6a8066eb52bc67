// The one thread pool. The calling thread takes part; a dispatch allocates nothing and takes one or
// two microseconds while the workers are hot (they spin for about 50 µs after their last job, then
// sleep).
//
// Thread-safe: concurrent callers are served one after another. Calls from within a body, of this
// pool or another, run inline on the calling thread alone. Bodies must not throw.
//
//   ThreadPool pool(hardware_threads());
//   pool.parallel_for(rows, [&](std::size_t row, int worker) { work(row, scratch[worker]); });
//   pool.run([&](const Team& team) {
//     for (Layer& layer : layers) {
//       layer.slice(team.worker, team.size);
//       team.barrier.wait();
//     }
//   });
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "anebench/base/barrier.h"
#include "anebench/base/function_ref.h"

namespace anebench {

// One worker's view of a run(): the workers 0..size-1, each on its own thread, and their barrier.
struct Team {
  int worker;
  int size;
  Barrier& barrier;
};

class ThreadPool {
 public:
  // `threads` counts the calling thread; it is clamped to 1..kMaxThreads. If the system gives fewer
  // threads, size() is smaller.
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  // No call may be under way.
  ~ThreadPool();

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(index, worker) once for each index below `count`, in any order and in parallel;
  // returns when all are done. `worker` < size() is unique among the bodies running at a time
  // within this call. A worker that is still asleep when the others have done everything is not
  // waited for. Indices are handed out one by one: let an index be worth a microsecond or more.
  void parallel_for(std::size_t count, FunctionRef<void(std::size_t, int)> body);

  // Calls body(team) once on every worker at the same time, so that they can meet at team.barrier;
  // returns when all are done. Inline calls get a team of one.
  void run(FunctionRef<void(const Team&)> body);

  static constexpr int kMaxThreads = 1024;

 private:
  void dispatch(FunctionRef<void(int)> task, bool needs_all);
  void work(int worker);
  bool await_job(std::uint64_t last_job);

  std::vector<std::thread> workers_;
  std::unique_ptr<Barrier> barrier_;

  std::mutex callers_;
  const FunctionRef<void(int)>* task_ = nullptr;  // valid for workers that have joined a job
  // Job number, whether it can still be joined, and how many workers have joined it.
  alignas(64) std::atomic<std::uint64_t> state_ = 0;
  std::atomic<std::uint32_t> wake_ = 0;  // changes with each job; sleeping workers wait on it
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> spin_ns_ = 0;
  alignas(64) std::atomic<int> finished_ = 0;
};

}  // namespace anebench
