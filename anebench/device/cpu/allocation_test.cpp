// What is allocated, counted by replacing operator new in this test program: nothing by evaluating,
// and no list of a tensor's elements where there is no need for one.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "anebench/device/cpu/test_chain.h"
#include "anebench/programs/catalogue.h"

namespace {

std::atomic<bool> is_counting = false;
std::atomic<int> allocations = 0;
std::atomic<std::size_t> largest_allocation = 0;

void* counted(std::size_t size) {
  if (is_counting.load(std::memory_order_relaxed)) {
    allocations.fetch_add(1);
    if (size > largest_allocation) largest_allocation = size;
  }
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

template <typename Body>
std::size_t largest_allocation_of(const Body& body) {
  largest_allocation = 0;
  is_counting = true;
  body();
  is_counting = false;
  return largest_allocation;
}

// Half a million elements, whose numbers take 2 MB, made of a thousand and then transposed.
mil::Program moving_program() {
  const auto ints = [](const std::vector<std::int32_t>& values) {
    return mil::Value::tensor<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
  };
  mil::Builder b("1.3", mil::Opset::ios18);
  b.input("x", mil::Type::tensor(mil::DataType::fp16, {1, 1024}));
  b.op("tile", "t", mil::Type::tensor(mil::DataType::fp16, {512, 1024}),
       {{"x", "x"}, {"reps", ints({512, 1})}});
  b.op("transpose", "y", mil::Type::tensor(mil::DataType::fp16, {1024, 512}),
       {{"x", "t"}, {"perm", ints({1, 0})}});
  return b.finish({"y"});
}
constexpr std::size_t kNumbersOfElements = std::size_t{512} * 1024 * 4;

TEST(Allocation, MovesAreTracedWhenTheyAreCompiledAndNotAgainWhenTheyAreLoaded) {
  const auto device = test_device();
  const mil::Program program = moving_program();
  std::unique_ptr<Executable> executable;
  const std::size_t compiling = largest_allocation_of([&] {
    auto compiled = device->compile(program, nullptr, {});
    ASSERT_TRUE(compiled) << compiled.error().to_string();
    executable = *std::move(compiled);
  });
  EXPECT_GE(compiling, kNumbersOfElements);
  for (int i = 0; i < 2; ++i) {
    EXPECT_LT(largest_allocation_of([&] { ASSERT_TRUE(executable->load()); }),
              kNumbersOfElements / 4);
    ASSERT_TRUE(executable->unload());
  }
}

TEST(Allocation, AProgramAboveTheLimitIsRefusedBeforeItsMovesAreTraced) {
  const auto device = test_device();
  const mil::Program program = moving_program();
  for (const std::size_t limit : {std::size_t{100}, std::size_t{1'000'000}}) {
    CompileOptions options;
    options.max_memory = limit;
    const std::size_t largest = largest_allocation_of([&] {
      const auto refused = device->compile(program, nullptr, options);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
      EXPECT_NE(refused.error().message().find("at tile 't'"), std::string::npos)
          << refused.error().message();
    });
    EXPECT_LT(largest, kNumbersOfElements / 4) << limit;
  }
}

}  // namespace
}  // namespace anebench::device::cpu
