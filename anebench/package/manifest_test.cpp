#include "anebench/package/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anebench::package {
namespace {

using testing::HasSubstr;

constexpr std::string_view kMinimal = R"({
  "fileFormatVersion": "1.0.0",
  "itemInfoEntries": {"AB-1": {"path": "com.apple.CoreML/model.mlmodel"}},
  "rootModelIdentifier": "AB-1"
})";

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kMinimal);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(Manifest, FindsTheRoot) {
  const auto manifest = read_manifest(kMinimal);
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  ASSERT_NE(manifest->root(), nullptr);
  EXPECT_EQ(manifest->root()->path, "com.apple.CoreML/model.mlmodel");
}

TEST(Manifest, RefusesNewerFormats) {
  const auto manifest = read_manifest(replaced("1.0.0", "2.0.0"));
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(manifest.error().to_string(), HasSubstr("2.0.0"));
}

TEST(Manifest, RefusesARootThatIsNoItem) {
  const auto manifest = read_manifest(replaced(R"("AB-1"
)",
                                               R"("AB-2"
)"));
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code(), ErrorCode::not_found);
}

TEST(Manifest, RefusesAnItemWithoutAPath) {
  EXPECT_FALSE(read_manifest(replaced("\"path\"", "\"name\"")));
  EXPECT_FALSE(read_manifest(replaced("itemInfoEntries", "items")));
}

TEST(Manifest, ComesBackAsItWasWritten) {
  const Manifest manifest = make_manifest("content", true);
  EXPECT_EQ(manifest.items.size(), 2U);
  const auto back = read_manifest(write_manifest(manifest));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(*back, manifest);
}

TEST(Manifest, IdentifiersFollowTheContent) {
  EXPECT_EQ(make_manifest("a", true), make_manifest("a", true));
  EXPECT_NE(make_manifest("a", true).root_identifier, make_manifest("b", true).root_identifier);
  EXPECT_EQ(make_manifest("a", false).items.size(), 1U);
  EXPECT_EQ(make_manifest("a", false).root_identifier.size(), 36U);
}

}  // namespace
}  // namespace anebench::package
