// Every known way in which the Neural Engine's framework fails, provoked on the stand-in: the error
// says what happened at which stage, and nothing is left behind (docs/ane.md has the table).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "anebench/device/ane/ane_device.h"
#include "anebench/device/ane/standin_for_tests.h"
#include "anebench/device/loaded_program.h"
#include "anebench/programs/catalogue.h"

namespace anebench::device::ane {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class AneFailures : public OnStandin {
 protected:
  // Opens the device, then compiles, loads and evaluates under the personality; gives the error.
  static Error failure_under(const std::string& personality) {
    behave(personality);
    const auto device = open_ane();
    if (!device) return device.error();
    const auto benchmark = programs::build("identity_conv:channels=16,width=8");
    auto loaded = LoadedProgram::open(**device, benchmark->program, benchmark->weights, {});
    if (!loaded) return loaded.error();
    const auto evaluated = loaded->evaluate();
    if (!evaluated) return evaluated.error();
    const auto unloaded = loaded->executable().unload();
    if (!unloaded) return unloaded.error();
    ADD_FAILURE() << "nothing failed under " << personality;
    return {ErrorCode::internal, ""};
  }
};

TEST_F(AneFailures, NilDescriptor) {
  const Error error = failure_under("fail=descriptor");
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.contexts(), Contains("descriptor"));
  EXPECT_THAT(error.message(), AllOf(HasSubstr("is nil"), HasSubstr("anebench check")));
}

TEST_F(AneFailures, CompileErrorWithItsText) {
  const Error error = failure_under("fail=compile");
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.contexts(), Contains("compile"));
  EXPECT_THAT(error.message(), AllOf(HasSubstr("ANECCompile() FAILED"),
                                     HasSubstr("com.apple.appleneuralengine.compiler, code 0x1")));
}

TEST_F(AneFailures, RefusedTypesAreTheCompilersToName) {
  EXPECT_THAT(failure_under("refuse=fp16").message(), HasSubstr("unsupported type fp16"));
}

TEST_F(AneFailures, LoadFailure) {
  const Error error = failure_under("fail=load");
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.contexts(), Contains("load"));
  EXPECT_THAT(error.message(), HasSubstr("Program load failure"));
}

TEST_F(AneFailures, EvaluationStatus) {
  const Error error = failure_under("fail=evaluate");
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("evaluate"), HasSubstr("0x1d")));
}

TEST_F(AneFailures, UnloadFailure) {
  EXPECT_THAT(failure_under("fail=unload").message(), HasSubstr("unload failure"));
}

TEST_F(AneFailures, NoRequest) {
  EXPECT_THAT(failure_under("fail=request").message(), HasSubstr("made no request"));
}

TEST_F(AneFailures, AnExceptionAtAnyStageIsAnError) {
  for (const char* stage : {"descriptor", "compile", "load", "request", "evaluate", "unload"}) {
    const Error error = failure_under(fmt::format("throw={}", stage));
    EXPECT_EQ(error.code(), ErrorCode::internal) << stage;
    EXPECT_THAT(error.message(), HasSubstr(fmt::format("the test wants {} to throw", stage)));
  }
}

TEST_F(AneFailures, MissingClass) {
  const Error error = failure_under("missing=_ANERequest");
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("class _ANERequest"));
}

TEST_F(AneFailures, MissingSelector) {
  const Error error = failure_under("missing=unloadWithQoS:error:");
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("-[_ANEInMemoryModel unloadWithQoS:error:]"));
}

TEST_F(AneFailures, AMissingDetailOfTheDeviceIsNone) {
  behave("missing=aneSubType,missing=numANEs");
  EXPECT_EQ(open_device()->info().isa, "");
}

TEST_F(AneFailures, ASelectorOfOtherTypes) {
  const Error error = failure_under("wrong_width=compileWithQoS:options:error:");
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("compileWithQoS"), HasSubstr("an integer of 8 bytes")));
}

TEST_F(AneFailures, ACompilerThatFailsWithoutAWord) {
  const Error error = failure_under("faithful,compile_limit=0");
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("did not say why"), HasSubstr("--isolate")));
}

TEST_F(AneFailures, TheStrictStandInThrowsAtTheLimit) {
  EXPECT_THAT(failure_under("compile_limit=0").message(), HasSubstr("compilation 1 of a process"));
}

TEST_F(AneFailures, SurfacesThatAreTooSmallForTheHost) {
  EXPECT_THAT(failure_under("faithful,least_surface=65536").message(), HasSubstr("status 0x1d"));
}

TEST_F(AneFailures, FolderNotWritable) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  ASSERT_EQ(::chmod(temporary().c_str(), 0500), 0);
  const Error error = failure_under("");
  ASSERT_EQ(::chmod(temporary().c_str(), 0700), 0);
  EXPECT_EQ(error.code(), ErrorCode::io_error);
  EXPECT_THAT(error.contexts(), Contains("write"));
  EXPECT_THAT(error.message(), HasSubstr(temporary().string()));
}

TEST_F(AneFailures, FolderNotThere) {
  ::setenv("TMPDIR", (temporary() / "missing").c_str(), 1);
  const Error error = failure_under("");
  EXPECT_THAT(error.contexts(), Contains("write"));
  EXPECT_THAT(error.message(), HasSubstr("missing"));
}

TEST_F(AneFailures, TheDeviceWorksAfterEveryFailure) {
  failure_under("fail=compile");
  failure_under("fail=load");
  failure_under("throw=evaluate");
  behave("");
  const auto device = open_device();
  const auto benchmark = programs::build("identity_conv:channels=16,width=8");
  auto loaded = LoadedProgram::open(*device, benchmark->program, benchmark->weights, {});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_TRUE(loaded->evaluate());
}

}  // namespace
}  // namespace anebench::device::ane
