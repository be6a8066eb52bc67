#include "anebench/report/layer_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "anebench/mil/text_parser.h"
#include "anebench/programs/catalogue.h"
#include "anebench/report/terminal.h"

namespace anebench::report {
namespace {

using testing::ContainsRegex;
using testing::IsEmpty;

std::string layers_of(const mil::Function& function) {
  return to_terminal(layer_report(function), {.color = false, .width = 100});
}
std::string layers_of_program(std::string_view name) {
  const auto benchmark = programs::build(name, programs::Content::structure);
  EXPECT_TRUE(benchmark) << benchmark.error().to_string();
  return benchmark ? layers_of(*benchmark->program.main()) : "";
}

TEST(LayerReport, TellsInt8ActivationsFromTheFirstLayersFp16) {
  const std::string text =
      layers_of_program("conv_chain:channels=32,height=2,width=2,depth=3,precision=w8a8");
  EXPECT_THAT(text, ContainsRegex("conv +fp16 +int8 affine +1 +1024"));
  EXPECT_THAT(text, ContainsRegex("conv +int8 +int8 affine +2 +2048"));
}

TEST(LayerReport, NamesEachWayToStoreWeights) {
  const std::pair<const char*, const char*> kCases[] = {
      {"fp16", "fp16 +1 +1024 +2 KiB"},
      {"lut4", "uint4 table +1 +1024"},
      {"i4b32", "int4 blockwise +1 +1024"},
      {"sparse", "fp16 sparse +1 +1024"},
  };
  for (const auto& [precision, expected] : kCases) {
    const std::string program =
        std::string("conv_chain:channels=32,height=2,width=2,depth=1,") + "precision=" + precision;
    EXPECT_THAT(layers_of_program(program), ContainsRegex(expected)) << precision;
  }
  EXPECT_THAT(layers_of_program("quantized_conv:in_channels=64,out_channels=8,width=2,"
                                "variant=lut4_ios16"),
              ContainsRegex("uint4 table +1 +512"));
}

TEST(LayerReport, IsEmptyWithoutWeights) {
  const auto program = mil::parse_text(R"(program(1.3)
{
    func main<ios18>(tensor<fp16, [4]> x) {
            tensor<fp16, [4]> y = relu(x = x)[name = string("y")];
        } -> (y);
})");
  ASSERT_TRUE(program) << program.error().to_string();
  EXPECT_THAT(layer_report(*program->main()).blocks, IsEmpty());
}

// Nothing has verified a program before it is shown.
TEST(LayerReport, EndsWhereValuesReferToThemselves) {
  const auto program = mil::parse_text(R"(program(1.3)
{
    func main<ios18>(tensor<fp16, [4]> x) {
            tensor<fp16, [4]> a = constexpr_cast(source_val = b)[name = string("a")];
            tensor<fp16, [4]> b = constexpr_cast(source_val = a)[name = string("b")];
            tensor<fp16, [4]> y = add(x = x, y = a)[name = string("y")];
        } -> (y);
})");
  ASSERT_TRUE(program) << program.error().to_string();
  EXPECT_THAT(layers_of(*program->main()), ContainsRegex("add +fp16 +cast +1"));
}

}  // namespace
}  // namespace anebench::report
