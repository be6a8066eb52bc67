#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/text_printer.h"
#include "anebench/programs/catalogue.h"
#include "anebench/programs/program_samples_for_tests.h"

namespace anebench::programs {
namespace {

TEST(Structure, HasTheTextAndFiguresOfTheCompleteProgram) {
  for (const CatalogueEntry& entry : catalogue()) {
    for (const ProgramSpec& spec : sample_programs(entry)) {
      SCOPED_TRACE(spec.to_string());
      const auto complete_program = build(spec);
      const auto structure = build(spec, Content::structure);
      ASSERT_TRUE(complete_program) << complete_program.error().to_string();
      ASSERT_TRUE(structure) << structure.error().to_string();
      EXPECT_EQ(mil::print_text(structure->program), mil::print_text(complete_program->program));
      EXPECT_EQ(structure->spec, complete_program->spec);
      EXPECT_EQ(structure->operations, complete_program->operations);
      EXPECT_EQ(structure->weight_bytes, complete_program->weight_bytes);
      EXPECT_EQ(structure->io_bytes, complete_program->io_bytes);
    }
  }
}

TEST(Structure, HoldsNoWeightsAndNoInputs) {
  // 1 GiB of weights if it were complete.
  const auto structure =
      build("conv_chain:channels=2048,depth=128,precision=fp16", Content::structure);
  ASSERT_TRUE(structure) << structure.error().to_string();
  EXPECT_EQ(structure->weight_bytes, std::int64_t{128} * 2048 * 2048 * 2);
  ASSERT_NE(structure->weights, nullptr);
  EXPECT_TRUE(structure->weights->files().empty());
  EXPECT_TRUE(structure->inputs.empty());
}

TEST(Structure, RefusesWhatTheCompleteProgramRefuses) {
  for (const char* text : {"conv_chain:channels=65536,depth=4096", "conv_chain:layout=flat",
                           "quantized_conv:in_channels=40,variant=u4b32", "no_such_program"}) {
    const auto refused = build(text, Content::structure);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code(), build(text).error().code());
  }
}

}  // namespace
}  // namespace anebench::programs
