// Elementwise operations as kernels: tables, broadcasting, fused runs. All of them bit for bit.
#include "anebench/device/cpu/operation_for_tests.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

struct UnaryCase {
  const char* type;
  std::vector<mil::Builder::Input> constants;
  DataType out = DataType::fp16;
};

TEST(LookupTables, GiveEveryFunctionOfEveryHalfBitForBit) {
  const Value half = Value::fp16_scalar(0.5);
  const Value minus = Value::fp16_scalar(-0.25);
  const std::vector<UnaryCase> cases = {
      {"abs", {}},
      {"ceil", {}},
      {"clip", {{"alpha", minus}, {"beta", half}}},
      {"cos", {}},
      {"elu", {{"alpha", half}}},
      {"erf", {}},
      {"exp", {}},
      {"floor", {}},
      {"gelu", {{"mode", Value::string("EXACT")}}},
      {"gelu", {{"mode", Value::string("TANH_APPROXIMATION")}}},
      {"inverse", {}},
      {"leaky_relu", {{"alpha", half}}},
      {"log", {}},
      {"relu6", {}},
      {"round", {}},
      {"rsqrt", {}},
      {"sigmoid", {}},
      {"sigmoid_hard", {{"alpha", half}, {"beta", half}}},
      {"sign", {}},
      {"silu", {}},
      {"sin", {}},
      {"softplus", {}},
      {"softsign", {}},
      {"sqrt", {}},
      {"square", {}},
      {"tanh", {}},
      {"pow", {{"y", half}}},
      {"floor_div", {{"y", half}}},
      {"greater", {{"y", half}}, DataType::boolean},
      {"cast", {{"dtype", Value::string("int32")}}, DataType::int32},
      {"cast", {{"dtype", Value::string("bool")}}, DataType::boolean},
  };
  for (const UnaryCase& c : cases) {
    SCOPED_TRACE(c.type);
    OperationProgram program;
    program.input("x", every_half());
    std::vector<mil::Builder::Input> arguments = {{"x", "x"}};
    arguments.insert(arguments.end(), c.constants.begin(), c.constants.end());
    program.op(c.type, "y", Type::tensor(c.out, {256, 256}), arguments);
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, c.type);
    expect_same(both);
  }
}

TEST(LookupTables, ServeTheRightOperandOfAConstant) {
  OperationProgram program;
  program.input("x", every_half());
  program.op("floor_div", "y", Type::tensor(DataType::fp16, {256, 256}),
             {{"x", Value::fp16_scalar(3)}, {"y", "x"}});
  const BothOutputs both = run_on_both(program, {"y"});
  expect_kernel(both, "floor_div");
  expect_same(both);
}

// Constants of one element have ranks of their own, and prelu asks for one.
TEST(LookupTables, KeepTheRankOfTheirInput) {
  const Value one = Value::fp16_tensor({1, 1}, std::vector<double>{2});
  for (const auto& [type, result] :
       {std::pair("pow", DataType::fp16), std::pair("greater", DataType::boolean)}) {
    SCOPED_TRACE(type);
    OperationProgram program;
    program.input("x", every_half());
    program.op(type, "y", Type::tensor(result, {256, 256}), {{"x", "x"}, {"y", one}});
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, type);
    expect_same(both);
  }
  OperationProgram program;
  const Value numbers = random_tensor(DataType::fp16, {64, 1, 8}, 5);
  program.input("x", numbers);
  program.op("prelu", "y", Type::tensor(DataType::fp16, {64, 1, 8}),
             {{"x", "x"}, {"alpha", Value::fp16_tensor({1}, std::vector<double>{0.25})}});
  const BothOutputs both = run_on_both(program, {"y"});
  expect_kernel(both, "prelu");
  expect_same(both);
}

// Numbers with NaN, both infinities and both zeros among them.
Value special_tensor(DataType type, const Shape& shape, std::uint64_t seed) {
  const Value plain = random_tensor(type, shape, seed, 4);
  std::vector<double> values = *plain.as_doubles();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double specials[] = {0.0, -0.0, kInfinity, -kInfinity, std::nan("")};
  for (std::size_t i = 0; i < values.size(); i += 3) values[i] = specials[(i / 3 + seed) % 5];
  if (type == DataType::fp16) return Value::fp16_tensor(shape, values);
  return Value::tensor<float>(shape, std::vector<float>(values.begin(), values.end()));
}

TEST(Broadcasting, OfEveryArithmeticOperationAndTypeIsBitIdentical) {
  struct Shapes {
    Shape x, y, out;
  };
  const std::vector<Shapes> shapes = {
      {{2, 3, 5}, {2, 3, 5}, {2, 3, 5}},
      {{2, 3, 5}, {5}, {2, 3, 5}},
      {{2, 3, 5}, {3, 1}, {2, 3, 5}},
      {{2, 1, 5}, {1, 3, 1}, {2, 3, 5}},
      {{7}, {2, 3, 7}, {2, 3, 7}},
      {{1}, {4, 400}, {4, 400}},
      {{}, {3}, {3}},
      {{1, 1}, {1}, {1, 1}},
      {{0, 4}, {4}, {0, 4}},
      {{1, 64, 20, 30}, {1, 64, 1, 1}, {1, 64, 20, 30}},
  };
  for (const char* type : {"add", "sub", "mul", "real_div", "maximum", "minimum"}) {
    for (const DataType data_type : {DataType::fp16, DataType::fp32}) {
      for (const Shapes& s : shapes) {
        SCOPED_TRACE(fmt::format("{} {} {} {}", type, mil::to_string(data_type),
                                 mil::to_string(s.x), mil::to_string(s.y)));
        OperationProgram program;
        program.input("x", special_tensor(data_type, s.x, 1));
        program.input("y", special_tensor(data_type, s.y, 2));
        program.op(type, "z", Type::tensor(data_type, s.out), {{"x", "x"}, {"y", "y"}});
        const BothOutputs both = run_on_both(program, {"z"});
        expect_kernel(both, type);
        expect_same(both);
      }
    }
  }
}

TEST(Select, BroadcastsAllOperandsInEveryType) {
  const Shape shape = {3, 4, 6};
  mil::Value::Bytes flags;
  for (int i = 0; i < 24; ++i) flags.push_back(static_cast<std::byte>(i % 3 == 0));
  const Value condition =
      Value::packed(Type::tensor(DataType::boolean, {4, 6}), mil::Value::Bytes(flags));
  for (const DataType type : {DataType::fp16, DataType::fp32}) {
    OperationProgram program;
    program.input("c", condition);
    program.input("a", special_tensor(type, {3, 1, 1}, 3));
    program.input("b", special_tensor(type, shape, 4));
    program.op("select", "z", Type::tensor(type, shape), {{"cond", "c"}, {"a", "a"}, {"b", "b"}});
    const BothOutputs both = run_on_both(program, {"z"});
    expect_kernel(both, "select");
    expect_same(both);
  }
}

TEST(FusedElementwise, RoundsBetweenOperationsAndStoresWhatOthersRead) {
  const Shape shape = {5, 300};
  const Type half = Type::tensor(DataType::fp16, shape);
  const Type wide = Type::tensor(DataType::fp32, shape);
  OperationProgram program;
  program.input("x", special_tensor(DataType::fp16, shape, 1));
  program.input("z", random_tensor(DataType::fp16, {300}, 2));
  program.constant("third", Value::fp16_scalar(1.0 / 3));
  program.op("mul", "a", half, {{"x", "x"}, {"y", "third"}});
  program.op("add", "b", half, {{"x", "a"}, {"y", "z"}});
  program.op("sigmoid", "c", half, {{"x", "b"}});
  program.op("mul", "d", half, {{"x", "c"}, {"y", "b"}});
  program.op("relu", "e", half, {{"x", "d"}});
  program.op("cast", "f", wide, {{"x", "e"}, {"dtype", Value::string("fp32")}});
  const BothOutputs both = run_on_both(program, {"f", "c"});
  expect_kernel(both, "fused_elementwise");
  EXPECT_EQ(both.steps.size(), 1U);
  expect_same(both);
}

TEST(Tables, AreCountedOnceHoweverOftenTheyAreUsed) {
  const Type half = Type::tensor(DataType::fp16, {4});
  mil::Builder b("1.3", mil::Opset::ios18);
  b.input("x", half);
  std::string last = "x";
  for (int i = 0; i < 6; ++i) {
    const std::string next = fmt::format("y{}", i);
    b.op(i % 2 == 0 ? "sigmoid" : "tanh", next, half, {{"x", last}});
    last = next;
  }
  const mil::Program program = b.finish({last});
  constexpr std::size_t kTableBytes = 2 * 65536;
  const auto device = test_device();
  CompileOptions options;
  options.max_memory = 2 * kTableBytes + 4096;
  auto executable = device->compile(program, nullptr, options);
  ASSERT_TRUE(executable) << executable.error().to_string();
  ASSERT_TRUE((*executable)->load());
  EXPECT_EQ((*executable)->resident_bytes(), 2 * kTableBytes);
  options.max_memory = 2 * kTableBytes - 1;
  EXPECT_FALSE(device->compile(program, nullptr, options));
}

TEST(FusedElementwise, LongChainsAreCutAndStayRight) {
  const Type half = Type::tensor(DataType::fp16, {1000});
  OperationProgram program;
  program.input("x0", random_tensor(DataType::fp16, {1000}, 1));
  std::string last = "x0";
  for (int i = 1; i < 40; ++i) {
    const std::string next = fmt::format("x{}", i);
    program.op(i % 3 == 0 ? "mul" : "sub", next, half, {{"x", last}, {"y", "x0"}});
    last = next;
  }
  const BothOutputs both = run_on_both(program, {last});
  expect_kernel(both, "fused_elementwise");
  EXPECT_GT(both.steps.size(), 1U);
  expect_same(both);
}

}  // namespace
}  // namespace anebench::device::cpu
