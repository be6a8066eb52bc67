#include "anebench/base/sha256.h"

#include <gtest/gtest.h>

namespace anebench {
namespace {

// The examples of FIPS 180-2, appendix B, and of NIST's example page for FIPS 180-4.
TEST(Sha256, GivesTheKnownAnswers) {
  EXPECT_EQ(sha256_hex(std::string_view("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(std::string_view("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      sha256_hex(std::string_view("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheTextIsCut) {
  const std::string text(300, 'x');
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view(text).substr(0, length);
    for (const std::size_t cut : {std::size_t{0}, length / 3, length / 2, length}) {
      Sha256 hash;
      hash.update(part.substr(0, cut));
      hash.digest();  // looking does not disturb
      hash.update(part.substr(cut));
      ASSERT_EQ(hash.hex(), sha256_hex(part)) << length << ' ' << cut;
    }
  }
}

TEST(Sha256, BytesAndTextAgree) {
  const std::string_view text = "anebench";
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span(text.data(), text.size()))), sha256_hex(text));
}

}  // namespace
}  // namespace anebench
