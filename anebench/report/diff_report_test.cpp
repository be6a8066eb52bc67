#include "anebench/report/diff_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/report/terminal.h"

namespace anebench::report {
namespace {

using experiments::ValueDifference;
using testing::HasSubstr;
using testing::Not;

device::Comparison with_snr(double snr) {
  device::Comparison comparison;
  comparison.bit_identical = false;
  comparison.mismatches = 3;
  comparison.compared_values = 100;
  comparison.snr_db = snr;
  comparison.max_absolute_error = 0.125;
  comparison.cosine = 0.999;
  return comparison;
}

ModelDiff sample_diff() {
  ModelDiff diff;
  diff.before = "a.mil";
  diff.after = "b.mil";
  transform::FunctionDiff function;
  function.name = "main";
  function.opset_before = "ios15";
  function.opset_after = "ios16";
  function.equal_operations = 7;
  function.operations.push_back(
      {transform::ChangeKind::changed, "y", "conv", {"weight: 8 B → 4 B", "bias: 1 → 2"}});
  diff.structure.functions.push_back(function);
  diff.structure.weights.push_back({mil::DataType::fp16, 2, 1, 2048, 1024});
  return diff;
}

void add_sample_values(ModelDiff& diff) {
  diff.function = "main";
  diff.device = "a device";
  diff.inputs = "random, seed 1";
  diff.values.emplace();
  ValueDifference layer;
  layer.name_before = layer.name_after = "y";
  layer.op_type = "conv";
  layer.is_changed = true;
  layer.comparison = with_snr(40.25);
  layer.alone = with_snr(55.5);
  diff.values->layers.push_back(layer);
  layer.name_before = layer.name_after = "untouched";
  layer.is_changed = false;
  layer.comparison = device::Comparison{};
  layer.alone.reset();
  diff.values->layers.push_back(layer);
  ValueDifference output;
  output.name_before = "out";
  output.name_after = "out_q";
  output.comparison = with_snr(-std::numeric_limits<double>::infinity());
  diff.values->outputs.push_back(output);
}

TEST(SnrCell, SaysWhatIsNoRatio) {
  EXPECT_EQ(snr_cell(device::Comparison{}).text, "equal");
  EXPECT_EQ(snr_cell(with_snr(40.25)).text, "40.2");
  EXPECT_EQ(snr_cell(with_snr(-std::numeric_limits<double>::infinity())).text, "no signal");
  auto special = with_snr(40);
  special.special_mismatches = 3;
  EXPECT_EQ(snr_cell(special).text, "3 not finite");
}

TEST(DiffReport, SaysWhatChanged) {
  const std::string text = to_terminal(diff_report(sample_diff()), {.width = 200});
  EXPECT_THAT(text, HasSubstr("ios15 → ios16"));
  EXPECT_THAT(text, HasSubstr("7 equal, 1 different"));
  EXPECT_THAT(text, HasSubstr("changed conv 'y': weight: 8 B → 4 B; bias: 1 → 2"));
  EXPECT_THAT(text, HasSubstr("2 KiB"));
  EXPECT_THAT(text, Not(HasSubstr("computed values")));
}

TEST(DiffReport, ListsLayersThatChangedOrAll) {
  ModelDiff diff = sample_diff();
  add_sample_values(diff);
  const std::string text = to_terminal(diff_report(diff), {.width = 200});
  EXPECT_THAT(text, HasSubstr("out → out_q"));
  EXPECT_THAT(text, HasSubstr("Equal in every value: 1 of the 2 layers"));
  EXPECT_THAT(text, HasSubstr("55.5"));
  EXPECT_THAT(text, Not(HasSubstr("untouched")));
  EXPECT_THAT(to_terminal(diff_report(diff, {.all_layers = true}), {.width = 200}),
              HasSubstr("untouched"));
}

TEST(DiffReport, CutsLongListsAndSaysSo) {
  ModelDiff diff = sample_diff();
  auto& operations = diff.structure.functions[0].operations;
  operations.resize(50, operations[0]);
  EXPECT_THAT(to_terminal(diff_report(diff)), HasSubstr("and 10 more (--verbose shows all)"));
  EXPECT_THAT(to_terminal(diff_report(diff, {.all_layers = true})), Not(HasSubstr("more (")));
}

TEST(DiffJson, HasStructureAndValues) {
  ModelDiff diff = sample_diff();
  add_sample_values(diff);
  const auto json = parse_json(dump_json(diff_json(diff)));
  ASSERT_TRUE(json) << json.error().to_string();
  EXPECT_EQ((*json)["schema"], "anebench-diff/1");
  EXPECT_EQ((*json)["equal"], false);
  EXPECT_EQ((*json)["functions"][0]["opset"]["after"], "ios16");
  EXPECT_EQ((*json)["functions"][0]["operations"][0]["parts"].size(), 2u);
  EXPECT_EQ((*json)["weights"][0]["bytes"]["before"], 2048);
  const Json& values = (*json)["values"];
  EXPECT_EQ(values["layers"].size(), 2u);
  EXPECT_EQ(values["layers"][0]["alone"]["snr_db"], 55.5);
  EXPECT_EQ(values["layers"][0]["changed"], true);
  EXPECT_TRUE(values["outputs"][0]["comparison"]["snr_db"].is_null());
  EXPECT_FALSE(values["outputs"][0].contains("operation"));
}

}  // namespace
}  // namespace anebench::report
