#include "anebench/transform/program_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "anebench/mil/builder.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;
using testing::IsEmpty;

const Type kRow = Type::tensor(DataType::fp16, {1, 4});

// Weight files in memory: contents by offset.
class Blobs final : public mil::BlobResolver {
 public:
  explicit Blobs(std::map<std::uint64_t, std::vector<double>> blobs) : blobs_(std::move(blobs)) {}
  Result<mil::SharedBytes> resolve(const mil::BlobReference& reference,
                                   const Type& type) const override {
    const auto found = blobs_.find(reference.offset);
    if (found == blobs_.end()) return fail(ErrorCode::not_found, "no blob");
    const auto bytes = Value::fp16_tensor(type.shape(), found->second).shared_bytes();
    return mil::SharedBytes{*bytes, bytes};
  }

 private:
  std::map<std::uint64_t, std::vector<double>> blobs_;
};

struct Names {
  std::string weight = "w";
  std::string sum = "s";
  std::string out = "y";
};

// y = relu(x + w), by any names and with any weight.
mil::Program sum_program(const Value& weight, const Names& names = {}) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kRow);
  builder.constant(names.weight, weight);
  builder.op("add", names.sum, kRow, {{"x", "x"}, {"y", names.weight}});
  builder.op("relu", names.out, kRow, {{"x", names.sum}});
  return builder.finish({names.out});
}

Value row(std::vector<double> values) { return Value::fp16_tensor({1, 4}, values); }
Value blob(std::uint64_t offset) { return Value::blob(kRow, {"@model_path/w.bin", offset}); }

// The same with an int8 weight and a scale.
mil::Program quantized_program() {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kRow);
  builder.op_with_attributes("constexpr_affine_dequantize", "w_quantized", kRow,
                             {{"quantized_data", Value::tensor<std::int8_t>({1, 4}, {1, 2, 3, 4})},
                              {"scale", Value::fp16_scalar(0.5)},
                              {"zero_point", Value::scalar<std::int8_t>(0)},
                              {"axis", Value::scalar<std::int32_t>(0)}});
  builder.op("add", "s", kRow, {{"x", "x"}, {"y", "w_quantized"}});
  builder.op("relu", "y", kRow, {{"x", "s"}});
  return builder.finish({"y"});
}

// "changed add 's': parts" of the only function.
std::vector<std::string> changes(const ProgramDiff& diff) {
  std::vector<std::string> result;
  for (const OperationChange& change : diff.functions.at(0).operations) {
    std::string text(to_string(change.kind));
    text += " " + change.type + " " + change.name;
    for (const std::string& part : change.parts) text += " | " + part;
    result.push_back(std::move(text));
  }
  return result;
}

TEST(ProgramDiff, AProgramEqualsItself) {
  const auto program = sum_program(row({1, 2, 3, 4}));
  const ProgramDiff diff = diff_programs(program, program);
  EXPECT_TRUE(diff.is_equal());
  EXPECT_EQ(diff.functions.at(0).equal_operations, 2u);
}

TEST(ProgramDiff, NamesOfInnerValuesMakeNoDifference) {
  const ProgramDiff diff = diff_programs(sum_program(row({1, 2, 3, 4})),
                                         sum_program(row({1, 2, 3, 4}), {"v", "t", "y"}));
  EXPECT_TRUE(diff.is_equal()) << changes(diff).size();
}

TEST(ProgramDiff, AnOutputsNameDoes) {
  const ProgramDiff diff = diff_programs(sum_program(row({1, 2, 3, 4})),
                                         sum_program(row({1, 2, 3, 4}), {"w", "s", "z"}));
  ASSERT_EQ(diff.functions.at(0).values.size(), 1u);
  EXPECT_EQ(diff.functions.at(0).values[0].name, "y → z");
  EXPECT_THAT(changes(diff), IsEmpty());
}

TEST(ProgramDiff, SaysHowAWeightIsStoredNow) {
  const ProgramDiff diff = diff_programs(sum_program(row({1, 2, 3, 4})), quantized_program());
  EXPECT_THAT(changes(diff), ElementsAre("changed add s | y: tensor<fp16, [1, 4]>, 8 B → "
                                         "constexpr_affine_dequantize, 11 B"));
  EXPECT_EQ(diff.functions.at(0).equal_operations, 1u);
  // int8 data and zero point, fp16 scale, int32 axis.
  ASSERT_EQ(diff.weights.size(), 3u);
  EXPECT_EQ(diff.weights[0].type, DataType::fp16);
  EXPECT_EQ(diff.weights[0].bytes_before, 8);
  EXPECT_EQ(diff.weights[0].bytes_after, 2);
}

TEST(ProgramDiff, OtherValuesOfOneTypeAreADifference) {
  const ProgramDiff diff =
      diff_programs(sum_program(row({1, 2, 3, 4})), sum_program(row({1, 2, 3, 5})));
  EXPECT_THAT(changes(diff),
              ElementsAre("changed add s | y: other values, tensor<fp16, [1, 4]>, 8 B"));
}

TEST(ProgramDiff, WeightFilesAreComparedByContentNotByPlace) {
  const Blobs before({{64, {1, 2, 3, 4}}});
  const Blobs moved({{128, {1, 2, 3, 4}}});
  const Blobs other({{128, {1, 2, 3, 5}}});
  const auto a = sum_program(blob(64));
  const auto b = sum_program(blob(128));
  EXPECT_TRUE(diff_programs(a, b, {&before, &moved}).is_equal());
  EXPECT_FALSE(diff_programs(a, b, {&before, &other}).is_equal());
  // A file's weight equals the same numbers in the text.
  EXPECT_TRUE(diff_programs(a, sum_program(row({1, 2, 3, 4})), {&before, &moved}).is_equal());
  // What cannot be read is equal to nothing else; without resolvers only types count.
  EXPECT_FALSE(diff_programs(a, b, {&before, &before}).is_equal());
  const Blobs nothing({});
  EXPECT_FALSE(diff_programs(a, sum_program(blob(64)), {&nothing, &nothing}).is_equal());
  EXPECT_TRUE(diff_programs(a, b).is_equal());
}

TEST(ProgramDiff, ReportsAddedRemovedAndRewiredOperations) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kRow);
  builder.op("sqrt", "r", kRow, {{"x", "x"}});
  builder.op("relu", "y", kRow, {{"x", "r"}});
  const ProgramDiff diff = diff_programs(sum_program(row({1, 2, 3, 4})), builder.finish({"y"}));
  EXPECT_THAT(changes(diff),
              ElementsAre("changed relu y | x: 's' → 'r'", "removed add s", "added sqrt r"));
}

TEST(ProgramDiff, ReportsParametersAndTypes) {
  const auto clip = [](double beta, const Type& type) {
    mil::Builder builder("1.3", mil::Opset::ios18);
    builder.input("x", type);
    builder.op("clip", "y", type,
               {{"x", "x"}, {"alpha", Value::fp16_scalar(0)}, {"beta", Value::fp16_scalar(beta)}});
    return builder.finish({"y"});
  };
  const Type wide = Type::tensor(DataType::fp16, {1, 8});
  const ProgramDiff diff = diff_programs(clip(1, kRow), clip(6, wide));
  EXPECT_THAT(changes(diff),
              ElementsAre("changed clip y | beta: 1 → 6 | output: tensor<fp16, [1, 4]> → "
                          "tensor<fp16, [1, 8]>"));
  ASSERT_EQ(diff.functions.at(0).values.size(), 2u);
  EXPECT_EQ(diff.functions.at(0).values[0].what, "input");
  EXPECT_EQ(diff.functions.at(0).values[1].what, "output");
  EXPECT_EQ(diff.functions.at(0).values[1].after, wide);
}

TEST(ProgramDiff, ComparesNestedBlocks) {
  const auto branches = [](const char* second, const char* returned = "a") {
    mil::Builder builder("1.3", mil::Opset::ios18);
    builder.input("x", kRow);
    builder.constant("p", Value::boolean(true));
    mil::Operation cond;
    cond.type = "cond";
    cond.outputs = {{"y", kRow}};
    cond.inputs = {{"pred", {std::string("p")}, false}};
    for (const char* type : {"relu", second}) {
      mil::Operation inner;
      inner.type = type;
      inner.inputs = {{"x", {std::string("x")}, false}};
      inner.outputs = {{"a", kRow}};
      mil::Block block;
      block.operations = {inner};
      block.outputs = {returned};
      cond.blocks.push_back(std::move(block));
    }
    builder.append(cond);
    return builder.finish({"y"});
  };
  EXPECT_TRUE(diff_programs(branches("exp"), branches("exp")).is_equal());
  EXPECT_THAT(changes(diff_programs(branches("exp"), branches("sqrt"))),
              ElementsAre("changed exp y/1/a | exp → sqrt"));
  EXPECT_THAT(changes(diff_programs(branches("exp"), branches("exp", "x"))),
              ElementsAre("changed cond y | block 0 returns: 'a' → 'x'",
                          "changed cond y | block 1 returns: 'a' → 'x'"));
}

TEST(ProgramDiff, ReportsFunctionsThatOnlyOneHas) {
  mil::ProgramData data = sum_program(row({1, 2, 3, 4})).data();
  data.functions.push_back(data.functions.front());
  data.functions.back().name = "other";
  const ProgramDiff diff = diff_programs(sum_program(row({1, 2, 3, 4})), mil::Program(data));
  EXPECT_THAT(diff.added_functions, ElementsAre("other"));
  EXPECT_THAT(diff.removed_functions, IsEmpty());
  EXPECT_FALSE(diff.is_equal());
}

}  // namespace
}  // namespace anebench::transform
