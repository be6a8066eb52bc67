// Sending messages: exact types, both kinds of runtime, exceptions that end at the call.
#include "anebench/device/ane/objc_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "anebench/device/ane/framework.h"
#include "anebench/device/ane/standin_for_tests.h"

namespace anebench::device::ane {
namespace {

using testing::HasSubstr;

class ObjcMessage : public OnStandin {
 protected:
  std::unique_ptr<Runtime> open_runtime() {
    const std::array<std::string, 1> libraries = {library()};
    auto runtime = Runtime::open(libraries, survey_);
    EXPECT_TRUE(runtime) << runtime.error().to_string();
    return std::move(*runtime);
  }

  Survey survey_;
};

TEST_F(ObjcMessage, IsSentAndAnswered) {
  const auto runtime = open_runtime();
  Binder binder(*runtime, survey_);
  Message<Id(const char*)> make;
  Message<const char*()> characters;
  const auto string = binder.find_class("NSString");
  binder.bind_class(make, string, "stringWithUTF8String:");
  binder.bind_instance(characters, string, "UTF8String");
  ASSERT_EQ(survey_.first_obstacle(), nullptr);
  const Pool pool(*runtime);
  const auto made = make(string.object, "grüße");
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_STREQ(*characters(*made), "grüße");
}

TEST_F(ObjcMessage, OfAWrongWidthIsNeverSent) {
  const auto runtime = open_runtime();
  Binder binder(*runtime, survey_);
  Message<Bool(std::uint64_t, Id, Id*)> compile;
  binder.bind_instance(compile, binder.find_class("_ANEInMemoryModel"),
                       "compileWithQoS:options:error:");
  EXPECT_FALSE(compile.is_bound());
  ASSERT_NE(survey_.first_obstacle(), nullptr);
  EXPECT_EQ(survey_.first_obstacle()->name, "-[_ANEInMemoryModel compileWithQoS:options:error:]");
  EXPECT_THAT(survey_.first_obstacle()->problem,
              HasSubstr("argument 1 is an integer of 4 bytes, not an integer of 8"));
}

TEST_F(ObjcMessage, OfAWrongCountOrClassIsNeverSent) {
  const auto runtime = open_runtime();
  Binder binder(*runtime, survey_);
  const auto model = binder.find_class("_ANEInMemoryModel");
  Message<Bool(std::uint32_t, Id*)> too_short;
  Message<Bool(Id, Id, Id*)> object_for_integer;
  Message<Bool(std::uint32_t, Id, Id*)> nobodys;
  binder.bind_instance(too_short, model, "compileWithQoS:options:error:");
  binder.bind_instance(object_for_integer, model, "compileWithQoS:options:error:");
  binder.bind_instance(nobodys, model, "compileWithQoS:options:mistake:");
  EXPECT_FALSE(too_short.is_bound());
  EXPECT_FALSE(object_for_integer.is_bound());
  EXPECT_FALSE(nobodys.is_bound());
}

TEST_F(ObjcMessage, AnExceptionEndsAtTheCallWithItsWords) {
  Survey survey;
  const auto framework = Framework::open({{library()}, true}, survey);
  ASSERT_TRUE(framework) << framework.error().to_string();
  const Pool pool((*framework)->runtime());
  const auto& engine = (*framework)->engine();
  // A string where the framework wants the text's bytes.
  const auto text = (*framework)->string("program(1.3)");
  const auto weights = (*framework)->dictionary({});
  ASSERT_TRUE(text && weights);
  const auto made = engine.make_descriptor(engine.descriptor_class, *text, *weights, nullptr);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message(), HasSubstr("modelWithMILText:weights:optionsPlist:"));
  EXPECT_THAT(made.error().message(), HasSubstr("NSInvalidArgumentException"));
  EXPECT_THAT(made.error().message(), HasSubstr("the MIL text is an NSString, not an NSData"));
}

// Apple's runtime has objc_msgSend, which jumps to the method; the stand-in has GCC's lookup. Here
// a function of one message's own type is in its place.
Bool answer(Id, Sel, std::uint32_t first, Id second, Id* third) {
  *third = second;
  return static_cast<Bool>(first + 1);
}

TEST_F(ObjcMessage, GoesThroughTheSendFunctionWhereTheRuntimeHasOne) {
  const auto runtime = open_runtime();
  Binder binder(*runtime, survey_);
  const auto model = binder.find_class("_ANEInMemoryModel");
  Message<Bool(std::uint32_t, Id, Id*)> compile;
  binder.bind_instance(compile, model, "compileWithQoS:options:error:");
  ASSERT_TRUE(compile.is_bound());
  runtime->use_send_for_tests(reinterpret_cast<Implementation>(answer));
  Id out = nullptr;
  const auto sent = compile(model.object, 41, model.object, &out);
  ASSERT_TRUE(sent);
  EXPECT_EQ(*sent, 42);
  EXPECT_EQ(out, model.object);
}

}  // namespace
}  // namespace anebench::device::ane
