// A queue that one thread of its own works off in order: how programs submit work to a device from
// another thread (a serial dispatch queue on macOS; this is the portable form of it).
//
//   SerialQueue queue;
//   for (auto& call : calls) queue.submit([&] { call(); });
//   queue.wait();
//
// submit() and wait() may be called from any thread but the queue's own. Tasks must not throw.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace anebench::experiments {

class SerialQueue {
 public:
  SerialQueue() : thread_([this] { work(); }) {}
  SerialQueue(const SerialQueue&) = delete;
  SerialQueue& operator=(const SerialQueue&) = delete;
  // Works off what is there first.
  ~SerialQueue();

  void submit(std::function<void()> task);
  // Until everything submitted so far is done. What the tasks wrote is visible afterwards.
  void wait();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::condition_variable is_idle_;
  std::deque<std::function<void()>> tasks_;
  bool is_busy_ = false;
  bool is_stopping_ = false;
  // Last: it uses the others.
  std::thread thread_;
};

}  // namespace anebench::experiments
