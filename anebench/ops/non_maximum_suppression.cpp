// Boxes that stand for what an object detector found, without those that overlap a better one.
//
// Source: coremltools' definitions and the reference of its tests: boxes are (x, y, width, height)
// around their centre, a box's score is the highest of its classes, its class the one that has it.
// At least one box is selected; unused places hold zeros and the index -1.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;
using mil::Type;

constexpr std::size_t kCoordinates = 4;

// Since iOS 17 the boxes lie along the last dimension, and there is no score threshold.
bool boxes_are_last(const Arguments& arguments) {
  return arguments.version().since >= Opset::ios17;
}

Result<std::vector<Type>> infer_suppression(const Arguments& arguments) {
  ANEBENCH_ASSIGN(boxes, arguments.tensor_type("boxes"));
  ANEBENCH_ASSIGN(scores, arguments.tensor_type("scores"));
  if (boxes.rank() != 3 || scores.rank() != 3) {
    return arguments.error("boxes", fmt::format("and scores have ranks {} and {}, want 3",
                                                boxes.rank(), scores.rank()));
  }
  const bool is_last = boxes_are_last(arguments);
  const std::size_t along = is_last ? 2 : 1;
  const std::size_t across = is_last ? 1 : 2;
  if (!mil::compatible(boxes.shape()[across], Dim(4)) ||
      !mil::compatible(boxes.shape()[along], scores.shape()[along]) ||
      !mil::compatible(boxes.shape()[0], scores.shape()[0])) {
    return arguments.error(
        "scores", fmt::format("is {}, does not fit boxes {}", to_string(scores), to_string(boxes)));
  }
  ANEBENCH_ASSIGN(max_boxes, arguments.integer("max_boxes"));
  if (max_boxes < 0) return arguments.error("max_boxes", fmt::format("is {}", max_boxes));
  mil::Shape box_shape = boxes.shape();
  mil::Shape score_shape = scores.shape();
  box_shape[across] = 4;
  box_shape[along] = max_boxes;
  score_shape[along] = max_boxes;
  const Dim batch = scores.shape()[0];
  std::vector<Type> types = {Type::tensor(boxes.data_type(), std::move(box_shape)),
                             Type::tensor(scores.data_type(), std::move(score_shape)),
                             Type::tensor(mil::DataType::int32, {batch, max_boxes})};
  if (!is_last) types.push_back(Type::tensor(mil::DataType::int32, {batch}));
  return types;
}

// A matrix of one image whose element (box, item) lies where the version puts it.
struct Matrix {
  std::span<double> values;
  std::size_t boxes = 0;
  std::size_t items = 0;
  bool boxes_are_last = false;

  double& at(std::size_t box, std::size_t item) const {
    return values[boxes_are_last ? item * boxes + box : box * items + item];
  }
};

double intersection_over_union(const Matrix& boxes, std::size_t a, std::size_t b) {
  double intersection = 1;
  double area_a = 1;
  double area_b = 1;
  for (std::size_t d = 0; d < 2; ++d) {
    const double half_a = boxes.at(a, d + 2) / 2;
    const double half_b = boxes.at(b, d + 2) / 2;
    const double end = std::min(boxes.at(a, d) + half_a, boxes.at(b, d) + half_b);
    const double begin = std::max(boxes.at(a, d) - half_a, boxes.at(b, d) - half_b);
    intersection *= std::max(0.0, end - begin);
    area_a *= boxes.at(a, d + 2);
    area_b *= boxes.at(b, d + 2);
  }
  return intersection / (area_a + area_b - intersection);
}

struct Rule {
  double overlap = 0;
  double lowest_score = 0;
  std::size_t max_boxes = 0;
  bool per_class = false;
};

// Indices of the boxes to keep, best first.
std::vector<std::size_t> select(const Matrix& boxes, const Matrix& scores, const Rule& rule) {
  std::vector<double> best(boxes.boxes);
  std::vector<std::size_t> classes(boxes.boxes);
  for (std::size_t box = 0; box < boxes.boxes; ++box) {
    for (std::size_t k = 1; k < scores.items; ++k) {
      if (scores.at(box, k) > scores.at(box, classes[box])) classes[box] = k;
    }
    best[box] = scores.at(box, classes[box]);
  }
  std::vector<std::size_t> order(boxes.boxes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return best[a] > best[b]; });
  std::vector<std::size_t> kept;
  for (const std::size_t box : order) {
    if (kept.size() == rule.max_boxes || best[box] < rule.lowest_score) break;
    const bool is_suppressed = std::ranges::any_of(kept, [&](std::size_t other) {
      return (!rule.per_class || classes[other] == classes[box]) &&
             intersection_over_union(boxes, other, box) > rule.overlap;
    });
    if (!is_suppressed) kept.push_back(box);
  }
  if (kept.empty() && !order.empty() && rule.max_boxes != 0) kept.push_back(order.front());
  return kept;
}

Result<std::vector<Tensor>> evaluate_suppression(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(boxes, context.tensor("boxes"));
  ANEBENCH_ASSIGN(scores, context.tensor("scores"));
  ANEBENCH_ASSIGN(types, infer_suppression(arguments));
  std::vector<Tensor> outputs;
  for (const Type& type : types) {
    ANEBENCH_ASSIGN(output, Tensor::create(type));
    outputs.push_back(std::move(output));
  }
  const bool is_last = boxes_are_last(arguments);
  Rule rule{.lowest_score = -std::numeric_limits<double>::infinity()};
  ANEBENCH_ASSIGN(overlap, arguments.number("iou_threshold"));
  rule.overlap = overlap;
  if (arguments.has("score_threshold")) {
    ANEBENCH_ASSIGN(lowest, arguments.number("score_threshold"));
    rule.lowest_score = lowest;
  }
  ANEBENCH_ASSIGN(per_class, arguments.boolean_or("per_class_suppression", false));
  rule.per_class = per_class;
  ANEBENCH_ASSIGN(max_boxes, arguments.integer("max_boxes"));
  rule.max_boxes = static_cast<std::size_t>(max_boxes);
  const auto batch = static_cast<std::size_t>(boxes.dims()[0]);
  const auto count = static_cast<std::size_t>(boxes.dims()[is_last ? 2 : 1]);
  const auto classes = static_cast<std::size_t>(scores.dims()[is_last ? 1 : 2]);
  if (classes == 0) return arguments.error("scores", "has no classes");

  std::vector<double> box_values = boxes.to_doubles();
  std::vector<double> score_values = scores.to_doubles();
  std::vector<double> out_boxes(outputs[0].element_count(), 0.0);
  std::vector<double> out_scores(outputs[1].element_count(), 0.0);
  std::vector<double> out_indices(outputs[2].element_count(), -1.0);
  std::vector<double> out_counts;
  const auto image = [&](std::vector<double>& values, std::size_t b, std::size_t n,
                         std::size_t items) {
    return Matrix{std::span(values).subspan(b * n * items, n * items), n, items, is_last};
  };
  for (std::size_t b = 0; b < batch; ++b) {
    const Matrix in_box = image(box_values, b, count, kCoordinates);
    const Matrix in_score = image(score_values, b, count, classes);
    const Matrix out_box = image(out_boxes, b, rule.max_boxes, kCoordinates);
    const Matrix out_score = image(out_scores, b, rule.max_boxes, classes);
    const std::vector<std::size_t> kept = select(in_box, in_score, rule);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      for (std::size_t d = 0; d < kCoordinates; ++d) out_box.at(i, d) = in_box.at(kept[i], d);
      for (std::size_t k = 0; k < classes; ++k) out_score.at(i, k) = in_score.at(kept[i], k);
      out_indices[b * rule.max_boxes + i] = static_cast<double>(kept[i]);
    }
    out_counts.push_back(static_cast<double>(kept.size()));
  }
  store_doubles(outputs[0].data_type(), outputs[0].mutable_bytes(), 0, out_boxes);
  store_doubles(outputs[1].data_type(), outputs[1].mutable_bytes(), 0, out_scores);
  store_doubles(outputs[2].data_type(), outputs[2].mutable_bytes(), 0, out_indices);
  if (!is_last) store_doubles(outputs[3].data_type(), outputs[3].mutable_bytes(), 0, out_counts);
  return outputs;
}

constexpr Parameter kBoxes = {.name = "boxes", .types = kFloats, .type_variable = "T"};
constexpr Parameter kScores = {.name = "scores", .types = kFloats, .type_variable = "T"};
constexpr Parameter kOverlap = {
    .name = "iou_threshold", .types = kFloats, .type_variable = "T", .constant = true};
constexpr Parameter kLowestScore = {
    .name = "score_threshold", .types = kFloats, .type_variable = "T", .constant = true};
constexpr Parameter kMaxBoxes = {.name = "max_boxes", .types = kInt32, .constant = true};
constexpr Parameter kPerClass = {.name = "per_class_suppression",
                                 .types = kBool,
                                 .optional = true,
                                 .constant = true,
                                 .default_text = "false"};
constexpr Parameter kSuppression13[] = {kBoxes,       kScores,   kOverlap,
                                        kLowestScore, kMaxBoxes, kPerClass};
constexpr Parameter kSuppression17[] = {kBoxes, kScores, kOverlap, kMaxBoxes, kPerClass};
constexpr Version kSuppressionVersions[] = {{Opset::ios13, kSuppression13},
                                            {Opset::ios17, kSuppression17}};

constexpr Definition kDefinitions[] = {
    {.name = "non_maximum_suppression",
     .family = "tensor_operation",
     .versions = kSuppressionVersions,
     .infer = infer_suppression,
     .evaluate = evaluate_suppression},
};

}  // namespace

std::span<const Definition> non_maximum_suppression_family() { return kDefinitions; }

}  // namespace anebench::ops
