#include "anebench/device/chip/program_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"

namespace anebench::device {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

ProgramWork work_of(const std::string& spec) {
  const auto built = programs::build(spec, programs::Content::structure);
  EXPECT_TRUE(built) << built.error().to_string();
  const auto work = ProgramWork::of(*built->program.main());
  EXPECT_TRUE(work) << work.error().to_string();
  return *work;
}

TEST(ProgramWork, CountsAChainsLayers) {
  const ProgramWork work = work_of("conv_chain:channels=32,height=8,width=4,depth=3");
  ASSERT_EQ(work.layers.size(), 3u);
  EXPECT_EQ(work.io_bytes, 2 * 2 * 32 * 8 * 4);
  for (const LayerWork& layer : work.layers) {
    EXPECT_EQ(layer.kind, LayerWork::Kind::conv1x1);
    EXPECT_FALSE(layer.is_flat);
    EXPECT_FALSE(layer.is_int8);
    EXPECT_EQ(layer.operations, 2.0 * 32 * 32 * 8 * 4);
    EXPECT_EQ(layer.activation_bytes, 2 * 2 * 32 * 8 * 4);
    EXPECT_EQ(layer.weight_elements, 32 * 32);
    EXPECT_EQ(layer.weight_bits, 16);
  }
}

TEST(ProgramWork, W8A8BetweenQuantizedNeighboursIsInt8) {
  const ProgramWork work =
      work_of("conv_chain:channels=32,height=8,width=4,depth=3,precision=w8a8");
  ASSERT_EQ(work.layers.size(), 3u);
  const double elements = 32 * 8 * 4;
  // fp16 in, int8 out; int8 both; int8 in, fp16 out.
  EXPECT_FALSE(work.layers[0].is_int8);
  EXPECT_EQ(work.layers[0].activation_bytes, 3 * elements);
  EXPECT_TRUE(work.layers[1].is_int8);
  EXPECT_EQ(work.layers[1].activation_bytes, 2 * elements);
  EXPECT_TRUE(work.layers[2].is_int8);
  EXPECT_EQ(work.layers[2].activation_bytes, 3 * elements);
}

TEST(ProgramWork, WeightsAloneInInt8ComputeInFp16) {
  const ProgramWork work = work_of("conv_chain:channels=32,height=8,width=4,depth=2,precision=w8");
  for (const LayerWork& layer : work.layers) {
    EXPECT_FALSE(layer.is_int8);
    EXPECT_LT(layer.weight_bits, 9.5);
  }
}

TEST(ProgramWork, AReluBehindAConvolutionIsPartOfIt) {
  const ProgramWork plain = work_of("conv_chain:channels=32,height=8,width=4,depth=3");
  const ProgramWork relu = work_of("conv_chain:channels=32,height=8,width=4,depth=3,relu=on");
  ASSERT_EQ(relu.layers.size(), plain.layers.size());
  for (std::size_t i = 0; i < relu.layers.size(); ++i) {
    EXPECT_EQ(relu.layers[i].operations, plain.layers[i].operations);
    EXPECT_EQ(relu.layers[i].activation_bytes, plain.layers[i].activation_bytes);
    EXPECT_GT(relu.layers[i].covered.size(), plain.layers[i].covered.size());
  }
}

TEST(ProgramWork, ReluBeforeQuantizeStillLeavesInt8) {
  const ProgramWork plain =
      work_of("conv_chain:channels=32,height=8,width=4,depth=3,precision=w8a8");
  const ProgramWork relu =
      work_of("conv_chain:channels=32,height=8,width=4,depth=3,precision=w8a8,relu=on");
  for (std::size_t i = 0; i < relu.layers.size(); ++i) {
    EXPECT_EQ(relu.layers[i].activation_bytes, plain.layers[i].activation_bytes);
    EXPECT_EQ(relu.layers[i].is_int8, plain.layers[i].is_int8);
  }
}

TEST(ProgramWork, CastsAtTheEdgeBelongToTheTransfer) {
  const ProgramWork work = work_of("conv_chain:channels=32,height=1,width=16,depth=2,layout=flat");
  ASSERT_EQ(work.layers.size(), 2u);
  EXPECT_TRUE(work.layers[0].is_flat);
  EXPECT_EQ(work.io_bytes, 2 * 4 * 32 * 16);
}

// x → quantize(zero point) → dequantize → conv: not what the engine folds.
TEST(ProgramWork, AZeroPointIsComputedAsWritten) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  const Type x = Type::tensor(DataType::fp16, {1, 8, 2, 2});
  builder.input("x", x);
  builder.op("quantize", "q", Type::tensor(DataType::int8, x.shape()),
             {{"input", "x"},
              {"scale", Value::fp16_scalar(0.5)},
              {"zero_point", Value::scalar<std::int8_t>(3)},
              {"output_dtype", Value::string("int8")}});
  builder.op("dequantize", "dq", x,
             {{"input", "q"},
              {"scale", Value::fp16_scalar(0.5)},
              {"zero_point", Value::scalar<std::int8_t>(3)}});
  const auto work = ProgramWork::of(*builder.finish({"dq"}).main());
  ASSERT_TRUE(work) << work.error().to_string();
  ASSERT_EQ(work->layers.size(), 2u);
  EXPECT_EQ(work->layers[0].kind, LayerWork::Kind::other);
}

TEST(ProgramWork, EveryExecutedOperationIsCoveredOnce) {
  const auto built =
      programs::build("conv_chain:channels=16,height=4,width=4,depth=3,precision=w8a8,relu=on",
                      programs::Content::structure);
  ASSERT_TRUE(built);
  const mil::Function& function = *built->program.main();
  const auto work = ProgramWork::of(function);
  ASSERT_TRUE(work);
  std::vector<int> times(function.body.operations.size(), 0);
  for (const LayerWork& layer : work->layers) {
    EXPECT_TRUE(std::ranges::is_sorted(layer.covered));
    for (const std::size_t index : layer.covered) ++times[index];
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string& type = function.body.operations[i].type;
    const bool is_executed = type != "const" && !type.starts_with("constexpr_");
    EXPECT_EQ(times[i], is_executed ? 1 : 0) << function.body.operations[i].label();
  }
}

TEST(ProgramWork, UnknownDimensionsAreUnsupported) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  const Type x = Type::tensor(DataType::fp16, {1, mil::Dim::unknown()});
  builder.input("x", x);
  builder.op("exp", "y", x, {{"x", "x"}});
  const auto work = ProgramWork::of(*builder.finish({"y"}).main());
  ASSERT_FALSE(work);
  EXPECT_EQ(work.error().code(), ErrorCode::unsupported);
}

}  // namespace
}  // namespace anebench::device
