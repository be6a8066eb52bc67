#include "anebench/programs/program_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/programs/catalogue.h"

namespace anebench::programs {
namespace {

using testing::HasSubstr;

std::string error_of(const Result<ProgramSpec>& result) {
  return result ? std::string("no error") : result.error().to_string();
}

TEST(ProgramSpec, ReadsNameAndParameters) {
  const auto spec = ProgramSpec::parse("conv_chain:channels=512,precision=w8a8");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->name(), "conv_chain");
  EXPECT_EQ(spec->get("channels"), "512");
  EXPECT_EQ(spec->get("precision"), "w8a8");
  EXPECT_EQ(spec->get("depth"), std::nullopt);
  EXPECT_EQ(spec->to_string(), "conv_chain:channels=512,precision=w8a8");
}

TEST(ProgramSpec, RefusesMalformedText) {
  EXPECT_THAT(error_of(ProgramSpec::parse("")), HasSubstr("does not begin"));
  EXPECT_THAT(error_of(ProgramSpec::parse(":a=1")), HasSubstr("does not begin"));
  EXPECT_THAT(error_of(ProgramSpec::parse("x:a")), HasSubstr("key=value"));
  EXPECT_THAT(error_of(ProgramSpec::parse("x:a=")), HasSubstr("key=value"));
  EXPECT_THAT(error_of(ProgramSpec::parse("x:=1")), HasSubstr("key=value"));
  EXPECT_THAT(error_of(ProgramSpec::parse("x:a=1,,b=2")), HasSubstr("key=value"));
  EXPECT_THAT(error_of(ProgramSpec::parse("x:a=1,a=2")), HasSubstr("given twice"));
}

TEST(ProgramSpec, CompletionFillsDefaultsInTheOrderOfTheKeys) {
  const auto spec = complete(*ProgramSpec::parse("conv_chain:depth=3,channels=16"));
  ASSERT_TRUE(spec) << spec.error().to_string();
  EXPECT_EQ(spec->to_string(),
            "conv_chain:channels=16,height=64,width=64,depth=3,batch=1,precision=fp16,"
            "quantize_input=off,relu=off,layout=square,init=scaled,seed=1");
}

TEST(ProgramSpec, CompletionNamesWhatIsWrong) {
  const auto completed = [](std::string_view text) {
    return error_of(complete(*ProgramSpec::parse(text)));
  };
  EXPECT_THAT(completed("convchain"), HasSubstr("there are conv_chain"));
  EXPECT_THAT(completed("conv_chain:chanels=8"), HasSubstr("no key \"chanels\""));
  EXPECT_THAT(completed("conv_chain:channels=0"), HasSubstr("from 1 to"));
  EXPECT_THAT(completed("conv_chain:channels=4611686018427387904"), HasSubstr("from 1 to"));
  EXPECT_THAT(completed("conv_chain:channels=99999999999999999999999"), HasSubstr("from 1 to"));
  EXPECT_THAT(completed("conv_chain:channels=8x"), HasSubstr("\"8x\""));
  EXPECT_THAT(completed("conv_chain:precision=int7"), HasSubstr("one of fp16, w8a8"));
}

}  // namespace
}  // namespace anebench::programs
