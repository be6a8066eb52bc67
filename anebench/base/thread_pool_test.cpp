#include "anebench/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace anebench {
namespace {

TEST(ThreadPool, ClampsItsSize) {
  EXPECT_EQ(ThreadPool(-3).size(), 1);
  EXPECT_EQ(ThreadPool(0).size(), 1);
  EXPECT_EQ(ThreadPool(3).size(), 3);
}

TEST(ThreadPool, VisitsEveryIndexOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
      std::vector<std::atomic<int>> visits(count);
      std::atomic<bool> worker_in_range = true;
      pool.parallel_for(count, [&](std::size_t index, int worker) {
        visits[index].fetch_add(1);
        if (worker < 0 || worker >= pool.size()) worker_in_range = false;
      });
      for (const auto& visit : visits) EXPECT_EQ(visit.load(), 1);
      EXPECT_TRUE(worker_in_range);
    }
  }
}

// Plain (not atomic) data: a missing happens-before edge is an error under ThreadSanitizer.
TEST(ThreadPool, ResultsAreVisibleToTheCaller) {
  ThreadPool pool(4);
  std::vector<std::int64_t> data(64);
  for (int round = 0; round < 2000; ++round) {
    pool.parallel_for(data.size(), [&](std::size_t index, int) { data[index] += round; });
  }
  for (const std::int64_t value : data) EXPECT_EQ(value, 1999 * 1000);
}

TEST(ThreadPool, WorkerIndicesAreNeverSharedAtATime) {
  ThreadPool pool(4);
  std::vector<int> in_use(4);  // plain: races would be seen, and overlap would leave a wrong count
  std::atomic<int> overlaps = 0;
  pool.parallel_for(10000, [&](std::size_t, int worker) {
    int& flag = in_use[static_cast<std::size_t>(worker)];
    if (flag != 0) overlaps.fetch_add(1);
    flag = 1;
    flag = 0;
  });
  EXPECT_EQ(overlaps.load(), 0);
}

TEST(ThreadPool, RunGivesEveryWorkerATurnAndABarrier) {
  ThreadPool pool(4);
  const auto size = static_cast<std::size_t>(pool.size());
  for (int round = 0; round < 100; ++round) {
    std::vector<int> first(size);
    std::vector<int> second(size);
    pool.run([&](const Team& team) {
      EXPECT_EQ(team.size, pool.size());
      const auto me = static_cast<std::size_t>(team.worker);
      first[me] = team.worker + 1;
      team.barrier.wait();
      second[me] = std::accumulate(first.begin(), first.end(), 0);
    });
    EXPECT_EQ(second, std::vector<int>(size, 1 + 2 + 3 + 4));
  }
}

TEST(ThreadPool, NestedCallsRunInline) {
  ThreadPool outer(3);
  ThreadPool other(2);
  std::atomic<int> calls = 0;
  outer.parallel_for(6, [&](std::size_t, int) {
    const auto me = std::this_thread::get_id();
    for (ThreadPool* pool : {&outer, &other}) {
      pool->parallel_for(5, [&](std::size_t, int worker) {
        EXPECT_EQ(worker, 0);
        EXPECT_EQ(std::this_thread::get_id(), me);
        calls.fetch_add(1);
      });
      pool->run([&](const Team& team) {
        EXPECT_EQ(team.size, 1);
        team.barrier.wait();
        EXPECT_EQ(std::this_thread::get_id(), me);
        calls.fetch_add(1);
      });
    }
  });
  EXPECT_EQ(calls.load(), 6 * 2 * (5 + 1));
}

TEST(ThreadPool, ANestedCallDoesNotEndTheOuterBody) {
  ThreadPool pool(2);
  const auto caller = std::this_thread::get_id();
  std::atomic<int> strays = 0;
  pool.run([&](const Team& team) {
    if (team.worker != 0) return;
    for (int i = 0; i < 3; ++i) {
      pool.parallel_for(2, [&](std::size_t, int) {
        if (std::this_thread::get_id() != caller) strays.fetch_add(1);
      });
    }
  });
  EXPECT_EQ(strays.load(), 0);
}

TEST(ThreadPool, ConcurrentCallersAreServedOneAfterAnother) {
  ThreadPool pool(3);
  std::int64_t total = 0;  // plain: only safe because the bodies of different calls never overlap
  std::vector<std::thread> callers;
  std::atomic<int> running = 0;
  std::atomic<int> overlaps = 0;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        pool.run([&](const Team& team) {
          if (team.worker == 0) {
            if (running.fetch_add(1) != 0) overlaps.fetch_add(1);
            ++total;
            running.fetch_sub(1);
          }
        });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(total, 800);
  EXPECT_EQ(overlaps.load(), 0);
}

TEST(ThreadPool, SleepingWorkersAreWoken) {
  ThreadPool pool(2);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // longer than workers spin
    std::atomic<int> turns = 0;
    pool.run([&](const Team&) { turns.fetch_add(1); });
    EXPECT_EQ(turns.load(), 2);
  }
}

TEST(ThreadPool, StartsAndEndsWithoutWork) {
  for (int round = 0; round < 50; ++round) const ThreadPool pool(4);
}

TEST(Barrier, KeepsThreadsInStep) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 500;
  Barrier barrier(kThreads);
  std::vector<int> counts(kThreads);
  std::atomic<int> out_of_step = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 1; round <= kRounds; ++round) {
        counts[static_cast<std::size_t>(thread)] = round;
        barrier.wait();
        for (const int count : counts) {
          if (count != round) out_of_step.fetch_add(1);
        }
        barrier.wait();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(out_of_step.load(), 0);
}

TEST(Barrier, OfOneNeverWaits) {
  Barrier barrier(1);
  for (int i = 0; i < 10; ++i) barrier.wait();
  EXPECT_EQ(barrier.participants(), 1);
}

}  // namespace
}  // namespace anebench
