#include "anebench/experiments/serial_queue.h"

#include <utility>

namespace anebench::experiments {

SerialQueue::~SerialQueue() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

void SerialQueue::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  has_work_.notify_one();
}

void SerialQueue::wait() {
  std::unique_lock lock(mutex_);
  is_idle_.wait(lock, [this] { return tasks_.empty() && !is_busy_; });
}

void SerialQueue::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    has_work_.wait(lock, [this] { return !tasks_.empty() || is_stopping_; });
    if (tasks_.empty()) return;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    is_busy_ = true;
    lock.unlock();
    task();
    lock.lock();
    is_busy_ = false;
    if (tasks_.empty()) is_idle_.notify_all();
  }
}

}  // namespace anebench::experiments
