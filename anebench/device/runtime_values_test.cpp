// Blocks, lists, states, random numbers, dictionaries and unknown dimensions on every device that
// this build knows. A device that is not on this machine is skipped with its reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "anebench/base/file.h"
#include "anebench/device/each_device_for_tests.h"
#include "anebench/device/loaded_program.h"
#include "anebench/mil/text_parser.h"
#include "anebench/ops/countdown_for_tests.h"
#include "test_data.h"

namespace anebench::device {
namespace {

using mil::DataType;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RuntimeValues : public OnEachDevice {
 protected:
  Result<LoadedProgram> load(std::string_view text, const CompileOptions& options = {}) {
    ANEBENCH_ASSIGN(program, mil::parse_text(text));
    return LoadedProgram::open(*device_, program, nullptr, options);
  }

  // The outputs of one evaluation as numbers.
  static std::vector<std::vector<double>> run(LoadedProgram& loaded,
                                              const std::vector<Value>& inputs) {
    std::vector<std::vector<double>> result;
    const auto set = loaded.set_inputs(inputs);
    EXPECT_TRUE(set) << set.error().to_string();
    loaded.poison_outputs();
    const auto evaluated = loaded.evaluate();
    EXPECT_TRUE(evaluated) << evaluated.error().to_string();
    if (!evaluated) return std::vector<std::vector<double>>(loaded.output_count());
    for (std::size_t i = 0; i < loaded.output_count(); ++i) {
      const auto value = loaded.output_value(i);
      EXPECT_TRUE(value) << value.error().to_string();
      result.push_back(value ? value->as_doubles().value_or(std::vector<double>())
                             : std::vector<double>());
    }
    return result;
  }
};

INSTANTIATE_TEST_SUITE_P(Devices, RuntimeValues, testing::ValuesIn(general_devices()),
                         device_test_name);

Value int32(std::int32_t value) { return Value::scalar<std::int32_t>(value); }
Value fp16s(const std::vector<double>& values) {
  return Value::fp16_tensor({static_cast<std::int64_t>(values.size())}, values);
}

TEST_P(RuntimeValues, LoopsRun) {
  auto loaded = load(ops::kCountdownText);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_THAT(run(*loaded, {int32(4), int32(100)}), ElementsAre(ElementsAre(0), ElementsAre(110)));
  // What the device could not plan it says.
  for (const Step& step : loaded->executable().steps()) {
    if (GetParam().name == "reference") continue;
    EXPECT_THAT(step.fallback_reason, HasSubstr("blocks"));
  }
}

TEST_P(RuntimeValues, EndlessLoopsEndAtTheLimit) {
  CompileOptions options;
  options.max_iterations = 500;
  auto loaded = load(ops::kCountdownText, options);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  ASSERT_TRUE(loaded->set_inputs({int32(-1), int32(0)}));
  const auto evaluated = loaded->evaluate();
  ASSERT_FALSE(evaluated);
  EXPECT_EQ(evaluated.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(evaluated.error().to_string(), HasSubstr("500 iterations"));
}

TEST_P(RuntimeValues, StatesBeginWithZerosAndKeepTheirContent) {
  auto loaded = load(R"(program(1.3) {
    func main<ios18>(state<tensor<fp16, [2]>> sum, tensor<fp16, [2]> x) {
      tensor<fp16, [2]> old = read_state(input = sum);
      tensor<fp16, [2]> now = add(x = old, y = x);
      write_state(data = now, input = sum);
    } -> (now);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  ASSERT_EQ(loaded->executable().states().size(), 1u);
  EXPECT_EQ(loaded->executable().states()[0].name, "sum");
  ASSERT_EQ(loaded->executable().inputs().size(), 1u);
  const Value x = fp16s({1, 10});
  EXPECT_THAT(run(*loaded, {x}), ElementsAre(ElementsAre(1, 10)));
  EXPECT_THAT(run(*loaded, {x}), ElementsAre(ElementsAre(2, 20)));
  ASSERT_NE(loaded->state(), nullptr);
  EXPECT_EQ(*loaded->state()->read(0), fp16s({2, 20}));
  ASSERT_TRUE(loaded->state()->write(0, fp16s({100, 100})));
  EXPECT_THAT(run(*loaded, {x}), ElementsAre(ElementsAre(101, 110)));
  ASSERT_TRUE(loaded->state()->reset());
  EXPECT_THAT(run(*loaded, {x}), ElementsAre(ElementsAre(1, 10)));
  EXPECT_FALSE(loaded->state()->write(0, fp16s({1})));
  EXPECT_FALSE(loaded->state()->read(1));
}

TEST_P(RuntimeValues, AStateHoldsACopyOfWhatWasWritten) {
  auto loaded = load(R"(program(1.3) {
    func main<ios18>(state<tensor<fp16, [1]>> last, tensor<fp16, [1]> x) {
      tensor<fp16, [1]> before = read_state(input = last);
      write_state(data = x, input = last);
    } -> (before);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_THAT(run(*loaded, {fp16s({3})}), ElementsAre(ElementsAre(0)));
  EXPECT_THAT(run(*loaded, {fp16s({4})}), ElementsAre(ElementsAre(3)));
}

TEST_P(RuntimeValues, ProgramsWithStatesNeedOneBound) {
  auto loaded = load(R"(program(1.3) {
    func main<ios18>(state<tensor<fp16, [1]>> s) {
      tensor<fp16, [1]> y = read_state(input = s);
    } -> (y);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  auto request = loaded->executable().create_request();
  ASSERT_TRUE(request);
  auto y = device_->create_surface(loaded->executable().outputs()[0].type);
  ASSERT_TRUE(y);
  ASSERT_TRUE((*request)->bind_output(0, *y));
  const auto unbound = loaded->executable().evaluate(**request);
  ASSERT_FALSE(unbound);
  EXPECT_THAT(unbound.error().to_string(), HasSubstr("create_state"));
  EXPECT_FALSE((*request)->bind_state(nullptr));
}

TEST_P(RuntimeValues, ProgramsWithoutStatesHaveNone) {
  auto loaded = load("program(1.3) { func main<ios17>(fp16 x) { fp16 y = relu(x = x); } -> (y); }");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_TRUE(loaded->executable().states().empty());
  EXPECT_FALSE(loaded->executable().create_state());
  EXPECT_EQ(loaded->state(), nullptr);
}

TEST_P(RuntimeValues, ListsAndOutputsOfUnknownSizeRun) {
  auto loaded = load(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x, int32 at, tensor<int32, [?]> which) {
      list<tensor<fp32, [?]>, 1> empty = make_list(elem_shape = (string("n")));
      list<tensor<fp32, [?]>, 1> one = list_write(ls = empty, index = int32(0), value = x);
      list<tensor<fp32, [?]>, 1> two = list_write(ls = one, index = at, value = x);
      tensor<fp32, [?, ?]> y = list_gather(ls = two, indices = which);
    } -> (y);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const Value x = Value::tensor<float>({2}, {1, 2});
  EXPECT_THAT(run(*loaded, {x, int32(1), Value::tensor<std::int32_t>({3}, {1, 0, 1})}),
              ElementsAre(ElementsAre(1, 2, 1, 2, 1, 2)));
  EXPECT_EQ(loaded->output_value(0)->type(), mil::Type::tensor(DataType::fp32, {3, 2}));
  const Value longer = Value::tensor<float>({3}, {7, 8, 9});
  EXPECT_THAT(run(*loaded, {longer, int32(1), Value::tensor<std::int32_t>({1}, {0})}),
              ElementsAre(ElementsAre(7, 8, 9)));
}

// --- Open dimensions ----------------------------------------------------------------------------

// Two rows of as many columns as x has; how far each lies from a ramp that is as long; and how many
// columns there are.
constexpr std::string_view kOpenText = R"(program(1.3) {
  func main<ios17>(tensor<fp32, [2, ?]> x, tensor<fp32, [2, 1]> scale) {
    tensor<int32, [2]> s = shape(x = x);
    int32 n = gather(x = s, indices = int32(1), axis = int32(0), batch_dims = int32(0), validate_indices = bool(false));
    tensor<int32, [?]> at = range_1d(start = int32(0), end = n, step = int32(1));
    tensor<fp32, [?]> ramp = cast(x = at, dtype = string("fp32"));
    tensor<fp32, [2, ?]> scaled = mul(x = x, y = scale);
    tensor<fp32, [2, ?]> y = sub(x = scaled, y = ramp);
    tensor<fp32, [2]> sums = reduce_sum(x = y, axes = tensor<int32, [1]>([1]), keep_dims = bool(false));
  } -> (y, sums, n);
})";
const Value kOpenScale = Value::tensor<float>({2, 1}, {1, 10});

TEST_P(RuntimeValues, OpenDimensionsAreThoseOfTheSurfaces) {
  auto loaded = load(kOpenText);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const Value two = Value::tensor<float>({2, 2}, {5, 6, 7, 8});
  const Value three = Value::tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  // Whatever ran before, and with shapes of before.
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(run(*loaded, {two, kOpenScale}),
                ElementsAre(ElementsAre(5, 5, 70, 79), ElementsAre(10, 149), ElementsAre(2)));
    EXPECT_EQ(loaded->output_value(0)->type(), mil::Type::tensor(DataType::fp32, {2, 2}));
    EXPECT_THAT(run(*loaded, {three, kOpenScale}),
                ElementsAre(ElementsAre(1, 1, 1, 40, 49, 58), ElementsAre(3, 147), ElementsAre(3)));
    EXPECT_EQ(loaded->output_value(0)->type(), mil::Type::tensor(DataType::fp32, {2, 3}));
  }
}

TEST_P(RuntimeValues, NoColumnsAtAllAreADimensionLikeOthers) {
  auto loaded = load(kOpenText);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_THAT(run(*loaded, {Value::tensor<float>({2, 0}, {}), kOpenScale}),
              ElementsAre(IsEmpty(), ElementsAre(0, 0), ElementsAre(0)));
}

TEST_P(RuntimeValues, SurfacesMayBeBoundForOutputsOfOpenDimensions) {
  auto loaded = load(kOpenText);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  Executable& executable = loaded->executable();
  auto request = executable.create_request();
  ASSERT_TRUE(request);
  const auto surface = [&](mil::Shape shape) {
    auto made = device_->create_surface(mil::Type::tensor(DataType::fp32, std::move(shape)));
    EXPECT_TRUE(made) << made.error().to_string();
    return *made;
  };
  const SurfacePointer y = surface({2, 4});
  ASSERT_TRUE((*request)->bind_input(0, surface({2, 4})));
  ASSERT_TRUE((*request)->bind_input(1, surface({2, 1})));
  ASSERT_TRUE((*request)->bind_output(0, y));
  const auto unbound = executable.evaluate(**request);
  ASSERT_FALSE(unbound);
  EXPECT_THAT(unbound.error().to_string(), HasSubstr("'sums'"));
  ASSERT_TRUE((*request)->bind_output(1, surface({2})));
  auto n = device_->create_surface(mil::Type::scalar(DataType::int32));
  ASSERT_TRUE(n);
  ASSERT_TRUE((*request)->bind_output(2, *n));
  ASSERT_TRUE(executable.evaluate(**request));
  const auto values = Value::packed(y->type(), {y->bytes().begin(), y->bytes().end()});
  EXPECT_THAT(*values.as_doubles(), ElementsAre(0, -1, -2, -3, 0, -1, -2, -3));
  EXPECT_FALSE((*request)->output_value(0)) << "it is in the surface";
  EXPECT_FALSE((*request)->output_value(3));

  ASSERT_TRUE((*request)->bind_input(0, surface({2, 5})));
  const auto other = executable.evaluate(**request);
  ASSERT_FALSE(other) << "the surface is of the size before";
  EXPECT_EQ(other.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(other.error().to_string(), HasSubstr("'y'"));
  ASSERT_TRUE((*request)->bind_output(0, surface({2, 5})));
  EXPECT_TRUE(executable.evaluate(**request));
}

TEST_P(RuntimeValues, OutputsOfOpenDimensionsHaveNoValueBeforeAnEvaluation) {
  auto loaded = load(kOpenText);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_FALSE(loaded->output_value(0));
  run(*loaded, {Value::tensor<float>({2, 1}, {1, 2}), kOpenScale});
  EXPECT_TRUE(loaded->output_value(0));
  ASSERT_TRUE(loaded->executable().unload());
  EXPECT_FALSE(loaded->evaluate());
  ASSERT_TRUE(loaded->executable().load());
  EXPECT_THAT(run(*loaded, {Value::tensor<float>({2, 1}, {3, 4}), kOpenScale}),
              ElementsAre(ElementsAre(3, 40), ElementsAre(3, 40), ElementsAre(1)));
}

TEST_P(RuntimeValues, ShapesThatAnOperationDoesNotTakeAreRefusedAtEvaluation) {
  auto loaded = load(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x, tensor<fp32, [?]> z) {
      tensor<fp32, [?]> y = add(x = x, y = z);
    } -> (y);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const Value two = Value::tensor<float>({2}, {1, 2});
  ASSERT_TRUE(loaded->set_inputs({two, Value::tensor<float>({3}, {1, 2, 3})}));
  const auto refused = loaded->evaluate();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::verification_error);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("add"));
  EXPECT_FALSE(loaded->output_value(0));
  EXPECT_THAT(run(*loaded, {two, two}), ElementsAre(ElementsAre(2, 4)));
}

TEST_P(RuntimeValues, DimensionsThatDependOnValuesRun) {
  auto loaded = load(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x) {
      tensor<int32, [?, 1]> at = non_zero(x = x);
    } -> (at);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_THAT(run(*loaded, {Value::tensor<float>({4}, {0, 1, 0, 2})}),
              ElementsAre(ElementsAre(1, 3)));
  EXPECT_THAT(run(*loaded, {Value::tensor<float>({4}, {3, 0, 0, 0})}), ElementsAre(ElementsAre(0)));
}

TEST_P(RuntimeValues, RequestsOfDifferentShapesRunConcurrently) {
  auto loaded = load(kOpenText);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  Executable& executable = loaded->executable();
  constexpr std::int64_t kThreads = 3;
  std::vector<std::thread> threads;
  for (std::int64_t columns = 1; columns <= kThreads; ++columns) {
    threads.emplace_back([&executable, this, columns] {
      auto request = executable.create_request();
      const auto floats = [](mil::Shape shape) {
        return mil::Type::tensor(DataType::fp32, std::move(shape));
      };
      auto x = device_->create_surface(floats({2, columns}));
      auto scale = device_->create_surface(floats({2, 1}));
      auto sums = device_->create_surface(floats({2}));
      auto n = device_->create_surface(mil::Type::scalar(DataType::int32));
      ASSERT_TRUE(request && x && scale && sums && n);
      ASSERT_TRUE((*request)->bind_input(0, *x));
      ASSERT_TRUE((*request)->bind_input(1, *scale));
      ASSERT_TRUE((*request)->bind_output(1, *sums));
      ASSERT_TRUE((*request)->bind_output(2, *n));
      for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(executable.evaluate(**request));
        const auto y = (*request)->output_value(0);
        ASSERT_TRUE(y) << y.error().to_string();
        EXPECT_EQ(y->type(), floats({2, columns}));
        EXPECT_EQ(y->as_doubles()->back(), static_cast<double>(1 - columns));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(RuntimeValues, RandomNumbersDifferFromEvaluationToEvaluationAndFollowTheSeed) {
  constexpr std::string_view kDraw = R"(program(1.3) {
    func main<ios17>(fp32 x) {
      tensor<fp32, [8]> r = random_normal(shape = tensor<int32, [1]>([8]));
      tensor<fp32, [8]> y = add(x = r, y = x);
    } -> (y);
  })";
  const Value zero = Value::scalar<float>(0);
  auto loaded = load(kDraw);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const auto first = run(*loaded, {zero});
  EXPECT_NE(first, run(*loaded, {zero}));
  auto again = load(kDraw);
  ASSERT_TRUE(again);
  EXPECT_EQ(first, run(*again, {zero}));
  CompileOptions options;
  options.random_seed = 1;
  auto other = load(kDraw, options);
  ASSERT_TRUE(other);
  EXPECT_NE(first, run(*other, {zero}));
}

TEST_P(RuntimeValues, ClassLabelsAndDictionariesAreOutputs) {
  auto loaded = load(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [2]> p) {
      string label, dict<string, fp64> all = classify(probabilities = p, classes = list<string, 2>(["no", "yes"]));
    } -> (label, all);
  })");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  run(*loaded, {Value::tensor<float>({2}, {0.25, 0.75})});
  const auto label = loaded->output_value(0);
  ASSERT_TRUE(label) << label.error().to_string();
  EXPECT_EQ(label->as_string(), "yes");
  const auto all = loaded->output_value(1);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->dictionary_entries().size(), 2u);
}

TEST_P(RuntimeValues, TheExampleOfNestedBlocksRuns) {
  const auto text = read_text_file(tests::testdata("mil/blocks_ios17.mil"));
  ASSERT_TRUE(text);
  auto loaded = load(*text);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  // p: n + 1, doubled until it is no longer below 100.
  EXPECT_THAT(run(*loaded, {int32(2), Value::boolean(true)}), ElementsAre(ElementsAre(192)));
}

}  // namespace
}  // namespace anebench::device
