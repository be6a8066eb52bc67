#include "anebench/experiments/published_program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "anebench/device/chip/program_work.h"
#include "anebench/ops/verifier.h"

namespace anebench::experiments {
namespace {

TEST(PublishedProgram, EveryProgramIsValidAndCountsWhatTheSourceCounts) {
  std::size_t made = 0;
  for (const PublishedRow& row : published_rows()) {
    const auto program = published_program(row);
    if (!program) continue;
    ++made;
    const std::string name = row.chip + " " + row.program + " " + row.precision;
    const auto valid = ops::require_valid(*program, {});
    ASSERT_TRUE(valid) << name << ": " << valid.error().to_string();
    const auto work = device::ProgramWork::of(*program->main());
    ASSERT_TRUE(work) << name << ": " << work.error().to_string();
    if (!row.milliseconds || !row.tera_ops || *row.tera_ops < 0.1) continue;
    double operations = 0;
    for (const device::LayerWork& layer : work->layers) operations += layer.operations;
    EXPECT_NEAR(operations / (*row.milliseconds * 1e9) / *row.tera_ops, 1, 0.06) << name;
  }
  EXPECT_GE(made, 300u);
}

TEST(PublishedProgram, ReadsHowWeightsAreStored) {
  PublishedRow row;
  row.program = "conv1x1_chain_test";
  row.batch = row.height = row.width = row.depth = 1;
  row.channels_in = row.channels_out = 64;
  const auto bits = [&](const std::string& precision) {
    row.precision = precision;
    const auto program = published_program(row);
    EXPECT_TRUE(program) << precision;
    const auto work = device::ProgramWork::of(*program->main());
    EXPECT_TRUE(work) << precision;
    return std::round(work->layers.front().weight_bits * 2) / 2;
  };
  EXPECT_EQ(bits("fp16"), 16);
  EXPECT_EQ(bits("w8a16"), 8);
  EXPECT_EQ(bits("w4_lut_a16"), 4);
  EXPECT_EQ(bits("w_lut_s3_int8values_a16"), 3);
  EXPECT_EQ(bits("w_lut_v2n4_int8values_a16"), 2);
  EXPECT_EQ(bits("w_sparse50_a16"), 9);
}

TEST(PublishedProgram, WhatTheRowDoesNotSayIsUnsupported) {
  PublishedRow row;
  row.program = "conv1x1_chain_fp16";
  row.precision = "fp16";
  EXPECT_EQ(published_program(row).error().code(), ErrorCode::unsupported);
  row.batch = row.height = row.width = row.depth = row.channels_in = row.channels_out = 8;
  EXPECT_TRUE(published_program(row));
  row.precision = "w2k";
  EXPECT_FALSE(published_program(row));
  row.precision = "fp16";
  row.program = "stories110m_train_step_ane_part";
  EXPECT_FALSE(published_program(row));
}

}  // namespace
}  // namespace anebench::experiments
