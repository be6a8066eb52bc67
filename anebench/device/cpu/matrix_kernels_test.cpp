// Matrix products against plain sums and against the reference, fed the same inputs.
#include "anebench/device/cpu/gemm.h"
#include "anebench/device/cpu/operation_for_tests.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

constexpr DataType kMatrixTypes[] = {DataType::fp16, DataType::fp32};

TEST(Gemm, AgreesWithPlainSumsInEveryOrientation) {
  Rng rng(1);
  for (const auto& [m, n, k] : {std::array{1, 1, 1}, std::array{5, 33, 300}, std::array{1, 70, 600},
                                std::array{40, 3, 17}, std::array{2, 3, 0}}) {
    std::vector<float> a(static_cast<std::size_t>(m * k));
    std::vector<float> b(static_cast<std::size_t>(k * n));
    for (float& value : a) value = static_cast<float>(rng.uniform() * 2 - 1);
    for (float& value : b) value = static_cast<float>(rng.uniform() * 2 - 1);
    for (const bool transposed_a : {false, true}) {
      for (const bool transposed_b : {false, true}) {
        const Gemm gemm{.m = m,
                        .n = n,
                        .k = k,
                        .row_a = std::max(1, transposed_a ? m : k),
                        .row_b = std::max(1, transposed_b ? k : n),
                        .row_c = n + 2,
                        .transposed_a = transposed_a,
                        .transposed_b = transposed_b};
        std::vector<float> c(static_cast<std::size_t>(m * (n + 2)), NAN);
        std::vector<float> portable = c;
        multiply(gemm, a.data(), b.data(), c.data());
        multiply_portable(gemm, a.data(), b.data(), portable.data());
        for (int i = 0; i < m; ++i) {
          for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int p = 0; p < k; ++p) {
              const int at_a = transposed_a ? p * m + i : i * k + p;
              const int at_b = transposed_b ? j * k + p : p * n + j;
              sum += static_cast<double>(a[static_cast<std::size_t>(at_a)]) *
                     static_cast<double>(b[static_cast<std::size_t>(at_b)]);
            }
            const auto at = static_cast<std::size_t>(i * (n + 2) + j);
            EXPECT_NEAR(c[at], sum, (k + 1) * k * 0x1p-24);
            EXPECT_NEAR(portable[at], sum, (k + 1) * k * 0x1p-24);
          }
          // What lies between rows is left alone.
          EXPECT_TRUE(std::isnan(c[static_cast<std::size_t>(i * (n + 2) + n)]));
        }
      }
    }
  }
}

TEST(Linear, IsWithinTheBoundOfTheReference) {
  struct Sizes {
    Shape rows;
    std::int64_t depth, columns;
  };
  for (const DataType type : kMatrixTypes) {
    for (const Sizes& s : {Sizes{{1}, 64, 32}, Sizes{{2, 17}, 100, 7}, Sizes{{}, 5, 3},
                           Sizes{{300}, 40, 200}, Sizes{{1, 1}, 700, 900}, Sizes{{0}, 4, 4}}) {
      for (const bool with_bias : {false, true}) {
        Shape in = s.rows;
        Shape out = s.rows;
        in.push_back(s.depth);
        out.push_back(s.columns);
        SCOPED_TRACE(mil::to_string(in));
        OperationProgram program;
        program.input("x", random_tensor(type, in, 1));
        program.constant("w", random_tensor(type, {s.columns, s.depth}, 2));
        std::vector<mil::Builder::Input> arguments = {{"x", "x"}, {"weight", "w"}};
        if (with_bias) {
          program.constant("b", random_tensor(type, {s.columns}, 3));
          arguments.emplace_back("bias", "b");
        }
        program.op("linear", "y", Type::tensor(type, out), arguments);
        const BothOutputs both = run_on_both(program, {"y"});
        expect_kernel(both, "linear");
        // K roundings of sums that are no larger than the largest output by much, in any order.
        expect_near(both, {.last_places = 1, .roundings = static_cast<double>(s.depth)});
      }
    }
  }
}

TEST(Matmul, BroadcastsBatchesAndTransposes) {
  struct Shapes {
    Shape x, y, out;
    bool transpose_x = false, transpose_y = false;
  };
  const std::vector<Shapes> shapes = {
      {{3, 4}, {4, 5}, {3, 5}},
      {{4, 3}, {4, 5}, {3, 5}, true, false},
      {{3, 4}, {5, 4}, {3, 5}, false, true},
      {{4, 3}, {5, 4}, {3, 5}, true, true},
      {{2, 8, 20, 16}, {2, 8, 30, 16}, {2, 8, 20, 30}, false, true},
      {{2, 1, 3, 4}, {5, 4, 6}, {2, 5, 3, 6}},
      {{4}, {2, 4, 3}, {2, 3}},
      {{2, 3, 4}, {4}, {2, 3}},
      {{4}, {4}, {}},
      {{100, 90}, {90, 110}, {100, 110}},
      {{2, 0}, {0, 3}, {2, 3}},
  };
  for (const DataType type : kMatrixTypes) {
    for (const Shapes& s : shapes) {
      for (const bool is_constant : {false, true}) {
        SCOPED_TRACE(fmt::format("{} times {}", mil::to_string(s.x), mil::to_string(s.y)));
        OperationProgram program;
        program.input("x", random_tensor(type, s.x, 1));
        const Value y = random_tensor(type, s.y, 2);
        if (is_constant) {
          program.constant("y", y);
        } else {
          program.input("y", y);
        }
        program.op("matmul", "z", Type::tensor(type, s.out),
                   {{"x", "x"},
                    {"y", "y"},
                    {"transpose_x", Value::boolean(s.transpose_x)},
                    {"transpose_y", Value::boolean(s.transpose_y)}});
        const BothOutputs both = run_on_both(program, {"z"});
        expect_kernel(both, "matmul");
        expect_near(both, {.last_places = 1, .roundings = 100});
      }
    }
  }
}

TEST(Matmul, OfIntegersSaysWhyItFallsBack) {
  OperationProgram program;
  program.input("x", Value::tensor<std::int32_t>({2, 2}, {1, 2, 3, 4}));
  program.op("matmul", "z", Type::tensor(DataType::int32, {2, 2}), {{"x", "x"}, {"y", "x"}});
  const BothOutputs both = run_on_both(program, {"z"});
  expect_same(both);
  ASSERT_EQ(both.steps.size(), 1U);
  EXPECT_THAT(both.steps[0].fallback_reason, testing::HasSubstr("fp16 and fp32"));
}

}  // namespace
}  // namespace anebench::device::cpu
