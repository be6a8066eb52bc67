#include "anebench/device/ane/objc_encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anebench::device::ane {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(ObjcEncoding, SpellsTheTypesOfACallAsTheRuntimeDoes) {
  EXPECT_EQ(encoding_of<Bool(std::uint32_t, Id, Id*)>(), "C@:I@^v");
  EXPECT_EQ(encoding_of<Id(IoSurfaceRef)>(), "@@:^v");
  EXPECT_EQ(encoding_of<std::int64_t()>(), "q@:");
  EXPECT_EQ(encoding_of<void(const char*, std::uint64_t)>(), "v@:^vQ");
}

TEST(ObjcEncoding, FitsMethodsOfTheSameArgumentsWhateverTheirSpelling) {
  const std::string compile = encoding_of<Bool(std::uint32_t, Id, Id*)>();
  for (const char* theirs : {"B36@0:8I16@20^@28", "c36@0:8I16@20^@28", "C36@0:8i16@20o^@28",
                             "B@:I@\"NSDictionary\"^@"}) {
    EXPECT_EQ(encoding_difference(compile, theirs), std::nullopt) << theirs;
  }
  EXPECT_EQ(encoding_difference(encoding_of<Id(IoSurfaceRef)>(), "@24@0:8^{__IOSurface=}16"),
            std::nullopt);
  EXPECT_EQ(encoding_difference(encoding_of<const char*()>(), "r*16@0:8"), std::nullopt);
}

TEST(ObjcEncoding, FindsAWrongWidthCountOrClass) {
  const std::string compile = encoding_of<Bool(std::uint32_t, Id, Id*)>();
  EXPECT_THAT(encoding_difference(compile, "B40@0:8Q16@24^@32"),
              Optional(HasSubstr("argument 1 is an integer of 8 bytes, not an integer of 4")));
  EXPECT_THAT(encoding_difference(compile, "B28@0:8I16^@20"),
              Optional(HasSubstr("takes 2 arguments, not 3")));
  EXPECT_THAT(encoding_difference(compile, "B36@0:8@16@20^@28"),
              Optional(HasSubstr("argument 1 is an object")));
  EXPECT_THAT(encoding_difference(compile, "v36@0:8I16@20^@28"), Optional(HasSubstr("result")));
  EXPECT_THAT(encoding_difference(compile, "B36@0:8d16@20^@28"),
              Optional(HasSubstr("floating-point number of 8 bytes")));
  EXPECT_THAT(encoding_difference(compile, "B36@0:8{CGSize=dd}16@20^@28"),
              Optional(HasSubstr("a structure")));
}

TEST(ObjcEncoding, RefusesWhatIsNoEncoding) {
  for (const char* theirs : {"", "B", "B@", "B@:w", "B@:{", "B@:^"}) {
    EXPECT_TRUE(encoding_difference("v@:", theirs)) << theirs;
  }
}

}  // namespace
}  // namespace anebench::device::ane
