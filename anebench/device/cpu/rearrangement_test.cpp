// Moves of elements: how they are found out, and that every operation that only moves agrees with
// the reference bit for bit, and moves nothing where it need not.
#include "anebench/device/cpu/rearrangement.h"

#include "anebench/device/cpu/operation_for_tests.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

Value numbers(const std::vector<std::int32_t>& values) {
  return Value::tensor<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
}
Value flags(const std::vector<bool>& values) {
  mil::Value::Bytes bytes;
  for (const bool value : values) bytes.push_back(static_cast<std::byte>(value ? 1 : 0));
  return Value::packed(Type::tensor(DataType::boolean, {static_cast<std::int64_t>(values.size())}),
                       std::move(bytes));
}

// --- Forms --------------------------------------------------------------------------------------

TEST(Rearrangement, ConsecutiveElementsAreAView) {
  const std::vector<std::int32_t> sources = {4, 5, 6, 7};
  const std::vector<std::int64_t> dims = {2, 1, 2};
  const Rearrangement found = rearrangement_of(sources, dims);
  EXPECT_EQ(found.first, 4U);
  EXPECT_EQ(found.count, 4U);
}

TEST(Rearrangement, TranspositionsAreStridedViewsWithJoinedDimensions) {
  // [2, 3, 2] as [3, 2·2] read with its first dimension last.
  const std::vector<std::int32_t> sources = {0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11};
  const std::vector<std::int64_t> dims = {3, 2, 2};
  const Rearrangement found = rearrangement_of(sources, dims);
  ASSERT_TRUE(found.view);
  EXPECT_EQ(found.view->dims, (std::vector<std::int64_t>{6, 2}));
  EXPECT_EQ(found.view->strides, (std::vector<std::int64_t>{1, 6}));
}

TEST(Rearrangement, PaddingIsRunsAndNeverAViewBeforeTheFirstElement) {
  // One element and padding after it would else look like a step of −1.
  const std::vector<std::int32_t> sources = {0, -1};
  const std::vector<std::int64_t> dims = {2};
  const Rearrangement found = rearrangement_of(sources, dims);
  EXPECT_FALSE(found.first);
  EXPECT_FALSE(found.view);
  ASSERT_EQ(found.runs.size(), 2U);
  EXPECT_EQ(found.runs[1].source, Rearrangement::Run::kFill);
}

// --- Operations ---------------------------------------------------------------------------------

struct MoveCase {
  const char* type;
  Shape in, out;
  std::vector<mil::Builder::Input> constants;
};

std::vector<MoveCase> move_cases() {
  return {
      {"transpose", {3, 40}, {40, 3}, {{"perm", numbers({1, 0})}}},
      {"transpose", {2, 33, 5, 40}, {2, 40, 33, 5}, {{"perm", numbers({0, 3, 1, 2})}}},
      {"transpose", {2, 3, 4, 5}, {2, 4, 3, 5}, {{"perm", numbers({0, 2, 1, 3})}}},
      {"transpose", {100, 90}, {90, 100}, {{"perm", numbers({1, 0})}}},
      {"slice_by_index",
       {4, 9},
       {2, 3},
       {{"begin", numbers({1, 8})}, {"end", numbers({3, 1})}, {"stride", numbers({1, -3})}}},
      {"slice_by_index",
       {4, 9},
       {7},
       {{"begin", numbers({2, 1})},
        {"end", numbers({0, 8})},
        {"squeeze_mask", flags({true, false})}}},
      {"slice_by_size", {4, 9}, {4, 2}, {{"begin", numbers({0, 3})}, {"size", numbers({4, 2})}}},
      {"reverse", {3, 5}, {3, 5}, {{"axes", numbers({0, 1})}}},
      {"tile", {2, 3}, {4, 9}, {{"reps", numbers({2, 3})}}},
      {"pad",
       {2, 3},
       {3, 6},
       {{"pad", numbers({1, 0, 1, 2})},
        {"mode", Value::string("constant")},
        {"constant_val", Value::fp16_scalar(-1.5)}}},
      {"pad", {1, 1}, {1, 2}, {{"pad", numbers({0, 1})}, {"mode", Value::string("constant")}}},
      {"pad", {2, 5}, {2, 9}, {{"pad", numbers({2, 2})}, {"mode", Value::string("reflect")}}},
      {"pad", {2, 5}, {2, 9}, {{"pad", numbers({1, 3})}, {"mode", Value::string("replicate")}}},
      {"sliding_windows",
       {2, 9},
       {2, 3, 5},
       {{"axis", Value::scalar<std::int32_t>(1)},
        {"size", Value::scalar<std::int32_t>(5)},
        {"stride", Value::scalar<std::int32_t>(2)}}},
      {"pixel_shuffle",
       {1, 8, 3, 2},
       {1, 2, 6, 4},
       {{"upscale_factor", Value::scalar<std::int32_t>(2)}}},
      {"depth_to_space",
       {1, 8, 3, 2},
       {1, 2, 6, 4},
       {{"block_size", Value::scalar<std::int32_t>(2)}}},
      {"space_to_depth",
       {1, 2, 6, 4},
       {1, 8, 3, 2},
       {{"block_size", Value::scalar<std::int32_t>(2)}}},
      {"pixel_unshuffle",
       {1, 2, 6, 4},
       {1, 8, 3, 2},
       {{"downscale_factor", Value::scalar<std::uint32_t>(2)}}},
      {"space_to_batch",
       {1, 3, 4, 5},
       {4, 3, 3, 3},
       {{"block_shape", numbers({2, 2})},
        {"paddings", Value::tensor<std::int32_t>({2, 2}, {1, 1, 0, 1})}}},
      {"batch_to_space",
       {4, 3, 3, 3},
       {1, 3, 4, 5},
       {{"block_shape", numbers({2, 2})},
        {"crops", Value::tensor<std::int32_t>({2, 2}, {1, 1, 0, 1})}}},
      {"upsample_nearest_neighbor",
       {1, 2, 3, 4},
       {1, 2, 6, 12},
       {{"scale_factor_height", Value::scalar<std::int32_t>(2)},
        {"scale_factor_width", Value::scalar<std::int32_t>(3)}}},
      {"expand_dims", {3, 4}, {3, 1, 4, 1}, {{"axes", numbers({1, -1})}}},
      {"flatten2d", {2, 3, 4}, {6, 4}, {{"axis", Value::scalar<std::int32_t>(2)}}},
      {"gather",
       {5, 3},
       {4, 3},
       {{"indices", numbers({4, 0, 0, 2})}, {"axis", Value::scalar<std::int32_t>(0)}}},
  };
}

TEST(Moves, OfEveryOperationAreBitIdentical) {
  for (const MoveCase& c : move_cases()) {
    SCOPED_TRACE(fmt::format("{} of {}", c.type, mil::to_string(c.in)));
    OperationProgram program;
    program.input("x", random_tensor(DataType::fp16, c.in, 1, 100));
    std::vector<mil::Builder::Input> arguments = {{"x", "x"}};
    arguments.insert(arguments.end(), c.constants.begin(), c.constants.end());
    program.op(c.type, "y", Type::tensor(DataType::fp16, c.out), arguments);
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, c.type);
    expect_same(both);
  }
}

TEST(Moves, TakeElementsOfEveryWidth) {
  for (const Value& x : {random_tensor(DataType::fp32, {4, 5}, 1),
                         Value::tensor<std::int32_t>({4, 5}, std::vector<std::int32_t>(20, -7))}) {
    OperationProgram program;
    program.input("x", x);
    program.op("transpose", "y", Type::tensor(x.type().data_type(), {5, 4}),
               {{"x", "x"}, {"perm", numbers({1, 0})}});
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, "transpose");
    expect_same(both);
  }
}

TEST(Moves, SplitsAndJoinsAreBitIdentical) {
  const Type half = Type::tensor(DataType::fp16, {3, 2, 4});
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp16, {3, 6, 4}, 1));
  mil::Operation split;
  split.type = "split";
  split.inputs = {{"x", {"x"}},
                  {"num_splits", {Value::scalar<std::int32_t>(3)}},
                  {"axis", {Value::scalar<std::int32_t>(1)}}};
  split.outputs = {{"a", half}, {"b", half}, {"c", half}};
  program.append(split);
  const std::vector<mil::Binding> parts = {"c", "a", "b"};
  program.op("concat", "joined", Type::tensor(DataType::fp16, {3, 2, 12}),
             {{"values", parts}, {"axis", Value::scalar<std::int32_t>(-1)}});
  program.op("stack", "stacked", Type::tensor(DataType::fp16, {3, 3, 2, 4}),
             {{"values", parts}, {"axis", Value::scalar<std::int32_t>(1)}});
  const BothOutputs both = run_on_both(program, {"joined", "stacked"});
  expect_kernel(both, "split");
  expect_kernel(both, "concat");
  expect_kernel(both, "stack");
  expect_same(both);
}

TEST(Moves, JoinsAlongEveryAxisAreBitIdentical) {
  // Long and short parts, an empty one among them, and enough bytes for several threads.
  for (const std::int32_t axis : {0, 1, 2}) {
    SCOPED_TRACE(axis);
    OperationProgram program;
    std::vector<mil::Binding> parts;
    std::int64_t sum = 0;
    for (const std::int64_t size : {5, 0, 1, 13}) {
      Shape shape = {48, 40, 60};
      shape[static_cast<std::size_t>(axis)] = mil::Dim(size * 10);
      sum += size * 10;
      const std::string name = fmt::format("x{}", parts.size());
      program.input(name, random_tensor(DataType::fp16, shape, parts.size() + 1));
      parts.emplace_back(name);
    }
    Shape out = {48, 40, 60};
    out[static_cast<std::size_t>(axis)] = mil::Dim(sum);
    program.op("concat", "y", Type::tensor(DataType::fp16, out),
               {{"values", parts}, {"axis", Value::scalar<std::int32_t>(axis)}});
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, "concat");
    expect_same(both);
  }
}

// What the executable of some paddings of one tensor holds.
std::size_t bytes_of_paddings(const std::vector<double>& constants) {
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp16, {20, 30}, 1));
  std::vector<std::string> names;
  for (const double constant : constants) {
    names.push_back(fmt::format("y{}", names.size()));
    program.op("pad", names.back(), Type::tensor(DataType::fp16, {20, 33}),
               {{"x", "x"},
                {"pad", numbers({0, 0, 1, 2})},
                {"mode", Value::string("constant")},
                {"constant_val", Value::fp16_scalar(constant)}});
  }
  const auto device = test_device();
  const mil::Program finished = program.finish(names);
  const auto loaded = run_program(*device, finished, program.inputs());
  return loaded ? loaded->executable().resident_bytes() : 0;
}

TEST(Moves, OfTheSamePatternShareItsRuns) {
  const std::size_t one = bytes_of_paddings({1});
  EXPECT_GE(one, 20 * sizeof(Rearrangement::Run));
  EXPECT_EQ(bytes_of_paddings({1, 2, 3}), one);
}

// --- Views --------------------------------------------------------------------------------------

TEST(Views, OfAnyDepthRunNoStepAndCountToTheirProducer) {
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp16, {1, 6, 1, 4}, 1));
  program.op("relu", "r", Type::tensor(DataType::fp16, {1, 6, 1, 4}), {{"x", "x"}});
  program.op("squeeze", "s", Type::tensor(DataType::fp16, {6, 4}),
             {{"x", "r"}, {"axes", numbers({0, 2})}});
  program.op("slice_by_index", "p", Type::tensor(DataType::fp16, {2, 4}),
             {{"x", "s"}, {"begin", numbers({3, 0})}, {"end", numbers({5, 4})}});
  program.op("reshape", "v", Type::tensor(DataType::fp16, {8}),
             {{"x", "p"}, {"shape", numbers({8})}});
  program.op("transpose", "t", Type::tensor(DataType::fp16, {6, 1, 4, 1}),
             {{"x", "r"}, {"perm", numbers({1, 0, 3, 2})}});
  program.op("square", "y", Type::tensor(DataType::fp16, {8}), {{"x", "v"}});
  program.op("exp", "z", Type::tensor(DataType::fp16, {6, 1, 4, 1}), {{"x", "t"}});
  const BothOutputs both = run_on_both(program, {"y", "z"});
  expect_kernel(both, "relu");
  EXPECT_EQ(both.steps.size(), 3U);
  EXPECT_THAT(both.steps[0].operations, testing::SizeIs(5));
  expect_same(both);
}

TEST(Views, OfInputsConstantsAndAsOutputsAreRight) {
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp16, {2, 6}, 1));
  program.constant("k", random_tensor(DataType::fp16, {2, 6}, 2));
  const auto row = [&](const char* of, const char* name) {
    program.op("slice_by_index", name, Type::tensor(DataType::fp16, {6}),
               {{"x", of},
                {"begin", numbers({1, 0})},
                {"end", numbers({2, 6})},
                {"squeeze_mask", flags({true, false})}});
  };
  row("x", "a");
  row("k", "b");
  program.op("add", "sum", Type::tensor(DataType::fp16, {6}), {{"x", "a"}, {"y", "b"}});
  program.op("reshape", "shaped", Type::tensor(DataType::fp16, {3, 4}),
             {{"x", "x"}, {"shape", numbers({3, 4})}});
  const BothOutputs both = run_on_both(program, {"sum", "shaped", "b"});
  expect_kernel(both, "add");
  expect_same(both);
}

TEST(Views, KeepTheirTensorAliveUntilTheyAreRead) {
  // What comes between would take the memory of `r` if its last use were the reshape.
  const Type whole = Type::tensor(DataType::fp16, {4, 16});
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp16, {4, 16}, 1));
  program.op("softmax", "r", whole, {{"x", "x"}, {"axis", Value::scalar<std::int32_t>(1)}});
  program.op("reshape", "v", Type::tensor(DataType::fp16, {64}),
             {{"x", "r"}, {"shape", numbers({64})}});
  std::string last = "x";
  for (int i = 0; i < 4; ++i) {
    const std::string next = fmt::format("s{}", i);
    program.op("softmax", next, whole, {{"x", last}, {"axis", Value::scalar<std::int32_t>(0)}});
    last = next;
  }
  program.op("exp", "y", Type::tensor(DataType::fp16, {64}), {{"x", "v"}});
  const BothOutputs both = run_on_both(program, {"y", last});
  expect_kernel(both, "exp");
  expect_near(both, {.last_places = 2});
}

}  // namespace
}  // namespace anebench::device::cpu
