#include "anebench/experiments/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/experiments/verdict_input_for_tests.h"

namespace anebench::experiments {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST(Verdict, FasterOnAllComputeBoundShapesIsNative) {
  const Finding finding = judge(ladder_with(1.9));
  EXPECT_EQ(finding.kind, VerdictKind::native_compute);
  EXPECT_EQ(finding.reason, reason::kFasterOnAll);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("times the best fp16 rate")));
}

TEST(Verdict, OneComputeBoundShapeThatIsNotFasterForbidsNative) {
  VerdictInput input = ladder_with(1.9);
  shape_at(input, {1024, 1024}).ratio = about(1.0);
  const Finding finding = judge(input);
  EXPECT_EQ(finding.kind, VerdictKind::inconclusive);
  EXPECT_EQ(finding.reason, reason::kShapesDisagree);
  EXPECT_THAT(finding.evidence.front(), HasSubstr("1024 channels × 1024 positions"));
}

TEST(Verdict, AnIntervalThatHoldsTheThresholdIsInconclusive) {
  VerdictInput input = ladder_with(1.9);
  shape_at(input, {1024, 1024}).ratio = {1.4, 1.2, 1.6};
  const Finding finding = judge(input);
  EXPECT_EQ(finding.kind, VerdictKind::inconclusive);
  EXPECT_EQ(finding.reason, reason::kWideIntervals);
  EXPECT_THAT(finding.evidence.front(), HasSubstr("--max-time"));
}

TEST(Verdict, NoGainAnywhereIsDequantized) {
  const Finding finding = judge(ladder_with(1.0));
  EXPECT_EQ(finding.kind, VerdictKind::not_native);
  EXPECT_EQ(finding.reason, reason::kDequantized);
  EXPECT_EQ(describe(finding), "not native: dequantized");
  EXPECT_THAT(finding.evidence, Not(Contains(HasSubstr("times the best fp16 rate"))));
}

TEST(Verdict, WithoutAWeightBoundShapeTheStorageEffectIsNotTested) {
  VerdictInput input = ladder_with(1.0);
  std::erase_if(input.shapes,
                [](const LadderShape& shape) { return shape.fp16.rung.positions < 256; });
  const Finding finding = judge(input);
  EXPECT_EQ(finding.reason, reason::kDequantizedUntested);
  EXPECT_EQ(describe(finding), "not native: dequantized (storage effect not tested)");
}

TEST(Verdict, AGainOnWeightBoundShapesAloneIsCompressedWeights) {
  const Finding finding =
      judge(ladder_with([](const LadderRung& rung) { return rung.positions <= 16 ? 1.8 : 1.0; }));
  EXPECT_EQ(finding.reason, reason::kCompressedWeights);
  EXPECT_FALSE(finding.dequantized);
}

TEST(Verdict, AGainOnActivationBoundShapesAloneIsCompressedActivations) {
  const Finding finding = judge(ladder_with([](const LadderRung& rung) {
    return rung.channels == 256 && rung.positions >= 64 ? 1.5 : 1.0;
  }));
  EXPECT_EQ(finding.reason, reason::kCompressedActivations);
}

TEST(Verdict, AGainOnBothIsBoth) {
  const Finding finding = judge(ladder_with([](const LadderRung& rung) {
    return rung.channels == 256 || rung.positions <= 16 ? 1.5 : 1.0;
  }));
  EXPECT_EQ(finding.reason, reason::kCompressedBoth);
  EXPECT_EQ(describe(finding), "not native: compressed weights and compressed activations");
}

TEST(Verdict, AGainAtTheUpperEndOfWeightBoundShapesDoesNotProveCompressedWeights) {
  // 2048 × 64 is weight-bound by its growth, but gains where 2048 × 1 and × 16 do not.
  VerdictInput input = ladder_with(1.0);
  shape_at(input, {2048, 64}).ratio = about(1.4);
  EXPECT_FALSE(judge(input).compressed_weights);
}

TEST(Verdict, ASmallGainOnComputeBoundShapesIsPartial) {
  VerdictInput input = ladder_with(1.0);
  shape_at(input, {1024, 1024}).ratio = about(1.2);
  EXPECT_EQ(judge(input).reason, reason::kPartialGain);
}

TEST(Verdict, AGainThatIsNotProvenIsUndetermined) {
  VerdictInput input = ladder_with(1.0);
  shape_at(input, {1024, 1024}).ratio = {1.08, 1.02, 1.14};
  EXPECT_EQ(judge(input).reason, reason::kGainUndetermined);
}

TEST(Verdict, SlowerOnAllIsSlower) { EXPECT_EQ(judge(ladder_with(0.6)).kind, VerdictKind::slower); }

TEST(Verdict, OneComputeBoundShapeIsNotEnoughAndTheNextIsNamed) {
  VerdictInput input = ladder_with(1.9);
  for (LadderShape& shape : input.shapes) {
    if (shape.fp16.rung != LadderRung{1024, 1024}) shape.ratio.reset();
  }
  const Finding finding = judge(input);
  EXPECT_EQ(finding.kind, VerdictKind::inconclusive);
  EXPECT_EQ(finding.reason, reason::kTooFewComputeBound);
  EXPECT_THAT(finding.evidence.front(), HasSubstr("Add 2048 channels × 4096 positions"));
}

TEST(Verdict, MistrustedComputeBoundShapesDecideNothing) {
  for (const bool by_ratio : {false, true}) {
    VerdictInput input = ladder_with(1.9);
    LadderShape& shape = shape_at(input, {1024, 1024});
    (by_ratio ? shape.ratio_is_trusted : shape.fp16_is_trusted) = false;
    const Finding finding = judge(input);
    EXPECT_EQ(finding.kind, VerdictKind::inconclusive);
    EXPECT_EQ(finding.reason, reason::kMistrusted);
  }
}

TEST(Verdict, OtherMistrustedShapesAreLeftOut) {
  VerdictInput input = ladder_with(1.0);
  LadderShape& shape = shape_at(input, {512, 1});
  shape.ratio = about(5);
  shape.ratio_is_trusted = false;
  const Finding finding = judge(input);
  EXPECT_EQ(finding.reason, reason::kDequantized);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("Left out because they were disturbed")));
}

TEST(Verdict, WhatTheDeviceRefusesIsUnsupported) {
  VerdictInput input = ladder_with(1.0);
  for (LadderShape& shape : input.shapes) shape.ratio.reset();
  input.refused = {{{256, 1}, "compile", "no such type"}};
  const Finding finding = judge(input);
  EXPECT_EQ(finding.kind, VerdictKind::unsupported);
  EXPECT_THAT(finding.evidence.front(), HasSubstr("compile: no such type"));
}

TEST(Verdict, ARefusalOfSomeShapesLeavesTheOthersToJudge) {
  VerdictInput input = ladder_with(1.9);
  shape_at(input, {2048, 4096}).ratio.reset();
  input.refused = {{{2048, 4096}, "compile", "too large"}};
  const Finding finding = judge(input);
  EXPECT_EQ(finding.kind, VerdictKind::native_compute);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("too large")));
}

TEST(Verdict, AWrongResultCountsBeforeAnyTime) {
  VerdictInput input = ladder_with(1.9);
  input.wrong = {{{256, 1}, "check", "12 dB"}};
  EXPECT_EQ(judge(input).kind, VerdictKind::wrong_result);
}

TEST(Verdict, NothingMeasuredIsInconclusive) {
  EXPECT_EQ(judge({}).reason, reason::kTooFewComputeBound);
}

TEST(Verdict, UnboundedIntervalsProveNothing) {
  VerdictInput input = ladder_with(1.0);
  for (LadderShape& shape : input.shapes) shape.ratio = stats::Estimate{.value = 1.9};
  EXPECT_EQ(judge(input).reason, reason::kWideIntervals);
}

TEST(Verdict, BecomesARecordWithItsSentences) {
  const record::Verdict verdict = to_record(judge(ladder_with(1.9)));
  EXPECT_EQ(verdict.kind, "native_compute");
  EXPECT_EQ(verdict.reason, reason::kFasterOnAll);
  EXPECT_FALSE(verdict.evidence.empty());
}

}  // namespace
}  // namespace anebench::experiments
