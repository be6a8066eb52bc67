#include "anebench/experiments/serial_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace anebench::experiments {
namespace {

TEST(SerialQueue, RunsTasksInOrderOnOneOtherThread) {
  SerialQueue queue;
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 100; ++i) {
    queue.submit([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  }
  queue.wait();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(threads[static_cast<std::size_t>(i)], threads.front());
  }
  EXPECT_NE(threads.front(), std::this_thread::get_id());
}

TEST(SerialQueue, WaitingForNothingReturns) {
  SerialQueue queue;
  queue.wait();
  queue.submit([] {});
  queue.wait();
  queue.wait();
}

TEST(SerialQueue, WorksOffWhatIsLeftBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    SerialQueue queue;
    for (int i = 0; i < 10; ++i) queue.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 10);
}

}  // namespace
}  // namespace anebench::experiments
