// The texts of the programs, pinned: records of different versions of anebench are compared by a
// program's name, so a name must not change its meaning unnoticed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "anebench/base/sha256.h"
#include "anebench/mil/text_printer.h"
#include "anebench/programs/catalogue.h"
#include "anebench/programs/program_samples_for_tests.h"

namespace anebench::programs {
namespace {

struct Frozen {
  int text_version;
  std::string_view sha256;
};

// By the sample's name.
const std::map<std::string, Frozen>& frozen_texts() {
  static const std::map<std::string, Frozen> kFrozen = {
      {"conv_chain:channels=32,height=1,width=3,depth=3",
       {1, "8ab78685504d959273e4e73da4a1abd8a8a4b3584e614b71fc267e6f855aba4f"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=w8a8",
       {1, "92a666aac2a0072ef323e24930576256a147658c28bd7107a1d41a59eea0b30f"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=w8",
       {1, "b6c4ccc4dfd2041bc5c15d66aec67a5324df82683ec464e19b33f26379d0b377"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=w8_per_tensor",
       {1, "5cbd6f542f5e70c5d69dd4844ddc9bc42b113a4420c04b4647e87ca710ad8723"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=u4b32",
       {1, "afb36f0b7817158810435856f53c30b41311acfdc554ca7602dd833a6632dc43"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=i4",
       {1, "161f30a88900f6747a390db5f25ed0b50f491b3c04e99b52d180a792ca346665"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=i4b32",
       {1, "161f30a88900f6747a390db5f25ed0b50f491b3c04e99b52d180a792ca346665"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=lut1",
       {1, "605528d6b435d349a26587711f5d95f35d09d69b36f370aaa76b8244d1f251bf"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=lut2",
       {1, "41b8171a444fc0dcf99a6ef1a07587ce2d128272e4af314bc05893c3644623f3"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=lut3",
       {1, "8ec15aa9717e7fc6c61c0b142d8acc4a7bbbdd200fe44e1a991735719b723b9b"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=lut4",
       {1, "ce67248ac3aeabd18d9512bdf6d4637fe86954eb1d9951ae1d7f19b615254914"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=lut6",
       {1, "88e8ff60d613869b9cc01676734f317b98857c501ecd90cc40ebe882e502bdfa"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=lut8",
       {1, "3056becbd5a5bdb28b20adb74aaabcd8cd526879215dbdc6b85f57e99b498961"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,precision=sparse",
       {1, "e045f328c58914137a3b08a7a9a49e2cf53b7b3ab8ecc899669d15324ae90966"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,quantize_input=on,precision=w8a8",
       {1, "01edadae58d21d2812568234a088faaf291dfba8c422b6ced9861227cd77c0d6"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,relu=on",
       {1, "5ef90776e1f1cb6900119c08f00cdda934f367e711960aa396732c36f20d2c5f"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,layout=flat",
       {1, "c0d1518e377087f97340bd48462f42a2971dda4d2df8248d6f981cb9bfe7e112"}},
      {"conv_chain:channels=32,height=1,width=3,depth=3,init=classic",
       {1, "8ab78685504d959273e4e73da4a1abd8a8a4b3584e614b71fc267e6f855aba4f"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3",
       {1, "39e926dd324cfa000e072ba6a40f74aefba75c3c4e6e327b9c1d688fb68d3bab"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=w8",
       {1, "86dfe015a73d7ff4a9e0cdc6148d6ac432e5989e77e3157bbbcbed9fbf7563c7"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=w8_per_tensor",
       {1, "00f29f5c28c8cfbae8ecc884c67299000bf066dbacd838496d0983c82a9b4583"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=w8_raw",
       {1, "cc84764adb8c814e35dd57ab2918edc4994f388110609e15e3a305983c26f467"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=u4",
       {1, "b03e8d366daad23469580fdada3c1cd3cabcdbcd7fa1519e31cff026fea9c615"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=u4b32",
       {1, "008f5c81faf08e489f0676dcfc48bf1cb458a5c7be822a69e184100c668af38f"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=i4",
       {1, "88777f7c5ba7a0ec196bbb0ddfcbd2a2af4185426cb3f3e2a08cb6caea06a79e"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=i4b32",
       {1, "0cb883358aa6db0788ef5a328f117645ff68b1e1b1c4d47b6a55cbfbd7e8ca83"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut1",
       {1, "bbbf17ab1b8166622cb2cb811c4aeb60a0b00346f68799c99b3a56072d24e8e4"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut2",
       {1, "fabdab03aa1bbb14c974a4d57ef6205a90a0bd23ac073816026ce8c7d4249452"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut3",
       {1, "2f905be88653e82fc0f1c6ff5b4ede0e0c730fc488727312aebb2601efe6ab4d"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut4",
       {1, "a07e4f1884d9e41960504b8b7fe57be45dfc8ddca2c19538b07acf89fd6bc6a3"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut4_ios16",
       {1, "c78d5157bb0baf714c73cdbbec87454fdcce6d1c39f3682603b2d695f4131985"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut6",
       {1, "2a4ae4b83ddb216b4c4541f77bbfa19d42da1ada5b10df9b2f9f10b90c31f453"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=lut8",
       {1, "e8ba9e7fe1d175f0ca2cc662b3c94879231093ce105635a46b1efa0a272f6e18"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=sparse",
       {1, "af37d79c0613c3a7de23886d84742453f03d076e1ebad4827b950971b46bb94f"}},
      {"quantized_conv:in_channels=64,out_channels=24,width=3,variant=w8a8",
       {1, "fe455eff7135781d760e3bf1ed4ff8421ce1e7ad9adce726bdbf4d4ddcbfc6bc"}},
      {"identity_conv:channels=32,width=3,depth=3",
       {1, "c0d1518e377087f97340bd48462f42a2971dda4d2df8248d6f981cb9bfe7e112"}},
      {"identity_conv:channels=32,width=3,depth=3,io=fp16",
       {1, "8ab78685504d959273e4e73da4a1abd8a8a4b3584e614b71fc267e6f855aba4f"}},
      {"identity_conv:channels=32,width=3,depth=3,format=1.0",
       {1, "e45ffa432363d02ea119c2653c8b7951136e2b89ba6d688244d2369ba342b949"}},
      {"int8_compute:channels=32,size=2,depth=3",
       {2, "23733deac6484b6909764a3c61db6e4e7105069f15c0cb4029431e4fe8e6cc61"}},
      {"int8_compute:channels=32,size=2,depth=3,precision=w8a8",
       {2, "d9941fb32f7139633c9de6b46efe5d9f3dd49b562ac106a8b060046d76fbe769"}},
  };
  return kFrozen;
}

TEST(FrozenTexts, ChangeOnlyTogetherWithTheTextVersion) {
  for (const CatalogueEntry& entry : catalogue()) {
    for (const ProgramSpec& spec : sample_programs(entry)) {
      const auto benchmark = build(spec, Content::structure);
      ASSERT_TRUE(benchmark) << benchmark.error().to_string();
      const std::string name = spec.to_string();
      const std::string seen = sha256_hex(mil::print_text(benchmark->program));
      const auto found = frozen_texts().find(name);
      EXPECT_NE(found, frozen_texts().end())
          << "freeze the text of the new program: {\"" << name << "\", {" << entry.text_version
          << ", \"" << seen << "\"}},";
      if (found == frozen_texts().end()) continue;
      EXPECT_EQ(found->second.sha256, seen)
          << "the text of " << name << " changed, so that its records no longer compare with older "
          << "ones. If that is meant, raise text_version of " << entry.name
          << " in catalogue.cpp and freeze {\"" << name << "\", {" << entry.text_version + 1
          << ", \"" << seen << "\"}},";
      EXPECT_EQ(found->second.text_version, entry.text_version) << name;
    }
  }
}

TEST(FrozenTexts, CoverOnlyProgramsThatExist) {
  std::size_t samples = 0;
  for (const CatalogueEntry& entry : catalogue()) samples += sample_programs(entry).size();
  EXPECT_EQ(frozen_texts().size(), samples);
}

}  // namespace
}  // namespace anebench::programs
