// What a plan needs in memory, summed while it is made and refused above a limit.
//
// Three kinds of bytes: those that stay (surfaces, constants, packed weights), the arena in which
// activations follow each other, and scratch memory of threads. Messages name the operation during
// whose planning the limit was passed. Not thread-safe.
//
//   MemoryBudget budget(options.max_memory);
//   budget.set_current("conv 'y'");
//   ANEBENCH_TRY(budget.keep(weight_bytes));
//   ANEBENCH_ASSIGN(offset, budget.allocate(output_bytes));
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "anebench/base/result.h"
#include "anebench/device/cpu/arena.h"

namespace anebench::device::cpu {

class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t limit) : limit_(limit) {}

  // The operation, input or output that is being planned, for messages.
  void set_current(std::string what) { current_ = std::move(what); }
  const std::string& current() const { return current_; }

  // All of these fail with resource_exhausted where a sum cannot be counted or, but for count(),
  // exceeds the limit.

  // Bytes that stay, for later checks.
  Result<void> count(std::size_t bytes);
  // Bytes that stay.
  Result<void> keep(std::size_t bytes);
  // Bytes that what is planned will ask for at least: the check alone, to be made before work.
  Result<void> require(std::size_t bytes) const { return check(bytes); }
  // An arena's piece; returns its offset.
  Result<std::size_t> allocate(std::size_t bytes);
  void release(std::size_t offset, std::size_t bytes) { arena_.release(offset, bytes); }
  // `each` for every thread, and `shared`: in place of what was set before.
  Result<void> set_scratch(std::size_t each, std::size_t threads, std::size_t shared);

  std::size_t arena_bytes() const { return arena_.size(); }

 private:
  // With so many bytes more than are counted.
  Result<void> check(std::size_t more = 0) const;
  tl::unexpected<Error> uncountable() const;

  std::size_t limit_;
  std::string current_;
  Arena arena_;
  std::size_t kept_ = 0;
  std::size_t scratch_ = 0;
};

}  // namespace anebench::device::cpu
