#include "anebench/device/cpu/memory_budget.h"

#include <optional>

#include "anebench/base/bytes.h"
#include "anebench/base/units.h"

namespace anebench::device::cpu {

tl::unexpected<Error> MemoryBudget::uncountable() const {
  return fail(ErrorCode::resource_exhausted, "{}: the program's sizes exceed any memory", current_);
}

Result<void> MemoryBudget::count(std::size_t bytes) {
  const std::optional<std::size_t> sum = checked_add<std::size_t>(kept_, bytes);
  if (!sum) return uncountable();
  kept_ = *sum;
  return {};
}

Result<void> MemoryBudget::keep(std::size_t bytes) {
  ANEBENCH_TRY(count(bytes));
  return check();
}

Result<std::size_t> MemoryBudget::allocate(std::size_t bytes) {
  const std::optional<std::size_t> offset = arena_.allocate(bytes);
  if (!offset) return uncountable();
  ANEBENCH_TRY(check());
  return *offset;
}

Result<void> MemoryBudget::set_scratch(std::size_t each, std::size_t threads, std::size_t shared) {
  const std::optional<std::size_t> all = checked_mul<std::size_t>(each, threads);
  const std::optional<std::size_t> sum =
      all ? checked_add<std::size_t>(*all, shared) : std::nullopt;
  if (!sum) return uncountable();
  scratch_ = *sum;
  return check();
}

Result<void> MemoryBudget::check(std::size_t more) const {
  std::optional<std::size_t> sum = checked_add<std::size_t>(kept_, arena_.size());
  if (sum) sum = checked_add<std::size_t>(*sum, scratch_);
  if (sum) sum = checked_add<std::size_t>(*sum, more);
  if (sum && *sum <= limit_) return {};
  return fail(ErrorCode::resource_exhausted,
              "at {} the program needs {}, more than the limit of {}; raise it with --max-memory",
              current_, sum ? format_bytes(*sum) : "more bytes than can be counted",
              format_bytes(limit_));
}

}  // namespace anebench::device::cpu
