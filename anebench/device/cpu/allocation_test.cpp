// Evaluating allocates nothing: counted by replacing operator new in this test program.
#include <atomic>
#include <cstdlib>
#include <new>

#include "anebench/device/cpu/test_chain.h"
#include "anebench/programs/catalogue.h"

namespace {

std::atomic<bool> is_counting = false;
std::atomic<int> allocations = 0;

void* counted(std::size_t size) {
  if (is_counting.load(std::memory_order_relaxed)) allocations.fetch_add(1);
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

// These pairs are malloc and free throughout; g++ inlines one side in instrumented builds and then
// takes them for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
  void* memory = counted(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace anebench::device::cpu {
namespace {

TEST(Allocation, TheCounterCounts) {
  is_counting = true;
  allocations = 0;
  std::vector<int>* made = new std::vector<int>(100);
  is_counting = false;
  delete made;
  EXPECT_EQ(allocations.load(), 2);
}

TEST(Allocation, EvaluatingAllocatesNothing) {
  const auto device = test_device();
  for (const char* text : {"conv_chain:channels=64,height=1,width=32,depth=1",
                           "conv_chain:channels=48,height=9,width=9,depth=4,precision=w8a8,relu=on",
                           // Enough work for both threads, with many positions and with few.
                           "conv_chain:channels=64,height=64,width=64,depth=4,precision=w8a8",
                           "conv_chain:channels=768,height=1,width=16,depth=4",
                           "quantized_conv:in_channels=64,out_channels=64,width=64,variant=w8"}) {
    const auto benchmark = programs::build(text);
    ASSERT_TRUE(benchmark) << benchmark.error().to_string();
    auto loaded = LoadedProgram::open(*device, benchmark->program, benchmark->weights, {});
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    ASSERT_TRUE(loaded->set_inputs(benchmark->inputs));
    ASSERT_TRUE(loaded->evaluate());
    allocations = 0;
    is_counting = true;
    bool ok = true;
    for (int i = 0; i < 5; ++i) ok = loaded->evaluate().has_value() && ok;
    is_counting = false;
    EXPECT_TRUE(ok);
    EXPECT_EQ(allocations.load(), 0) << text;
  }
}

}  // namespace
}  // namespace anebench::device::cpu
