#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"
#include "anebench/ops/program_runner_for_tests.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

std::string verification_error(std::string_view body) {
  const auto program = mil::parse_text(fmt::format("program(1.3) {{ {} }}", body));
  if (!program) return program.error().to_string();
  const auto report = require_valid(*program);
  return report ? "" : report.error().to_string();
}

TEST(Cond, BlocksMustReturnTheSameNumberAndTypes) {
  EXPECT_THAT(verification_error(R"(func main<ios17>(bool p, int32 a, fp32 b) {
    int32 y = cond(pred = p) block() {} -> (a) block() {} -> (b);
  } -> (y);)"),
              HasSubstr("result 0 is int32 in one block, fp32 in the other"));
  EXPECT_THAT(verification_error(R"(func main<ios17>(bool p, int32 a) {
    int32 y = cond(pred = p) block() {} -> (a) block() {} -> (a, a);
  } -> (y);)"),
              HasSubstr("1 and 2 values"));
}

TEST(Cond, DimensionsThatDifferAreUnknown) {
  EXPECT_EQ(
      verification_error(R"(func main<ios17>(bool p, tensor<fp32, [2]> a, tensor<fp32, [3]> b) {
    tensor<fp32, [?]> y = cond(pred = p) block() {} -> (a) block() {} -> (b);
  } -> (y);)"),
      "");
}

TEST(WhileLoop, ChecksItsBlocks) {
  EXPECT_THAT(verification_error(R"(func main<ios17>(int32 n) {
    int32 y = while_loop(loop_vars = (n)) block(int32 i) {} -> (i) block(int32 i) {} -> (i);
  } -> (y);)"),
              HasSubstr("must return one bool"));
  EXPECT_THAT(verification_error(R"(func main<ios17>(int32 n, bool p) {
    int32 y = while_loop(loop_vars = (n)) block(fp32 i) {} -> (p) block(int32 i) {} -> (i);
  } -> (y);)"),
              HasSubstr("value 0 is fp32, the loop variable int32"));
  EXPECT_THAT(verification_error(R"(func main<ios17>(int32 n, bool p) {
    int32 y = while_loop(loop_vars = (n)) block(int32 i) {} -> (p) block(int32 i) {} -> (i, i);
  } -> (y);)"),
              HasSubstr("2 values for 1 loop variables"));
}

TEST(WhileLoop, HasNoCostBeforeItHasRun) {
  const auto program = mil::parse_text(R"(program(1.3) { func main<ios17>(int32 n, bool p) {
    int32 y = while_loop(loop_vars = (n)) block(int32 i) {} -> (p) block(int32 i) {} -> (i);
  } -> (y); })");
  ASSERT_TRUE(program);
  const Scope scope(*program->main());
  const auto arguments = Arguments::bind(program->main()->body.operations.front(), scope);
  ASSERT_TRUE(arguments);
  EXPECT_FALSE(cost(*arguments));
}

TEST(Cond, CostsWhatItsDearerBlockDoes) {
  const auto program =
      mil::parse_text(R"(program(1.3) { func main<ios17>(bool p, tensor<fp32, [5]> x) {
    tensor<fp32, [5]> y = cond(pred = p)
      block() {
        tensor<fp32, [5]> a = add(x = x, y = x);
        tensor<fp32, [5]> b = add(x = a, y = x);
      } -> (b)
      block() {} -> (x);
  } -> (y); })");
  ASSERT_TRUE(program);
  const Scope scope(*program->main());
  const auto arguments = Arguments::bind(program->main()->body.operations.front(), scope);
  ASSERT_TRUE(arguments);
  const auto found = cost(*arguments);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->operations, 10);
}

TEST(Select, ChoosesElementByElementWithBroadcasting) {
  OpTester op("select");
  op.input("cond", tensor(DataType::boolean, {2, 1}, {1, 0}));
  op.input("a", tensor(DataType::int32, {3}, {1, 2, 3}));
  op.input("b", tensor(DataType::int32, {}, {-1}));
  const Tensor out = op.output();
  EXPECT_THAT(out.dims(), ElementsAre(2, 3));
  EXPECT_THAT(out.to_doubles(), ElementsAre(1, 2, 3, -1, -1, -1));
}

TEST(Select, RefusesShapesThatDoNotBroadcast) {
  OpTester op("select");
  op.declare("cond", Type::scalar(DataType::boolean));
  op.declare("a", Type::tensor(DataType::fp16, {3}));
  op.declare("b", Type::tensor(DataType::fp16, {2}));
  EXPECT_THAT(op.rules(), ElementsAre("op-rule"));
}

// The shape of coremltools' own test of lists: written, scattered, read and gathered.
TEST(Lists, AreWrittenScatteredReadAndGathered) {
  constexpr std::string_view kLists = R"(program(1.3) {
    func main<ios17>(tensor<fp32, [2]> a, tensor<fp32, [2]> b) {
      list<tensor<fp32, [2]>, 2> l0 = make_list(init_length = int32(2), elem_shape = (int32(2)), dynamic_length = bool(true));
      tensor<fp32, [2]> zero = list_read(ls = l0, index = int32(0));
      list<tensor<fp32, [2]>, 2> l1 = list_write(ls = l0, index = int32(0), value = a);
      list<tensor<fp32, [2]>, 2> l2 = list_write(ls = l1, index = int32(4), value = b);
      list<tensor<fp32, [2]>, 2> l3 = list_scatter(ls = l2, indices = tensor<int32, [2]>([2, 1]), value = tensor<fp32, [2, 2]>([[-1, -2], [-4, -5]]));
      int32 length = list_length(ls = l3);
      tensor<fp32, [2]> first = list_read(ls = l3, index = int32(0));
      tensor<fp32, [3, 2]> some = list_gather(ls = l3, indices = tensor<int32, [3]>([4, 2, 3]));
    } -> (zero, length, first, some);
  })";
  const auto outputs =
      run_text(kLists, {tensor(DataType::fp32, {2}, {1, 2}), tensor(DataType::fp32, {2}, {3, 4})});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT((*outputs)[0].tensor()->to_doubles(), ElementsAre(0, 0));
  EXPECT_THAT((*outputs)[1].tensor()->to_doubles(), ElementsAre(5));
  EXPECT_THAT((*outputs)[2].tensor()->to_doubles(), ElementsAre(1, 2));
  EXPECT_THAT((*outputs)[3].tensor()->to_doubles(), ElementsAre(3, 4, -1, -2, 0, 0));
}

TEST(Lists, OfFixedLengthRefuseToGrow) {
  constexpr std::string_view kFixed = R"(program(1.3) {
    func main<ios17>(fp32 a) {
      list<fp32, 1> l0 = make_list(init_length = int32(1), elem_shape = (string("n")), dynamic_length = bool(false));
      list<fp32, 1> l1 = list_write(ls = l0, index = int32(1), value = a);
    } -> (a);
  })";
  // Of rank 1, so that the scalar does not fit either; the verifier says so.
  EXPECT_FALSE(run_text(kFixed, {tensor(DataType::fp32, {}, {1})}));
  constexpr std::string_view kIndex = R"(program(1.3) {
    func main<ios17>(tensor<fp32, [1]> a) {
      list<tensor<fp32, [1]>, 1> l0 = make_list(elem_shape = (int32(1)), dynamic_length = bool(false));
      list<tensor<fp32, [1]>, 1> l1 = list_write(ls = l0, index = int32(1), value = a);
    } -> (a);
  })";
  const auto refused = run_text(kIndex, {tensor(DataType::fp32, {1}, {1})});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("index 1 is outside a list of 1 elements"));
}

TEST(States, AreReadAndWrittenWithTheirType) {
  EXPECT_THAT(
      verification_error(R"(func main<ios18>(state<tensor<fp16, [2]>> s, tensor<fp16, [3]> x) {
    write_state(input = s, data = x);
  } -> (x);)"),
      HasSubstr("the state holds tensor<fp16, [2]>"));
  EXPECT_THAT(verification_error(R"(func main<ios18>(tensor<fp16, [3]> x) {
    tensor<fp16, [3]> y = read_state(input = x);
  } -> (y);)"),
              HasSubstr("parameter-kind"));
}

}  // namespace
}  // namespace anebench::ops
