// For tests of quantization: programs of convolutions with normally distributed weights in a weight
// file.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/mil/builder.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/weight_files.h"

namespace anebench::transform {

struct TestModel {
  mil::Program program;
  std::shared_ptr<weights::WeightFiles> weights;
};

// Normally distributed numbers around 0.
inline mil::Value normal_tensor(mil::DataType type, mil::Shape shape, std::uint64_t seed,
                                double deviation = 0.1) {
  Rng rng(seed);
  const mil::Type tensor = mil::Type::tensor(type, std::move(shape));
  mil::Value::Bytes bytes(static_cast<std::size_t>(tensor.byte_size().value_or(0)));
  const auto count = static_cast<std::size_t>(tensor.element_count().value_or(0));
  for (std::size_t i = 0; i < count; ++i) {
    mil::store_packed_element(type, bytes, i, rng.normal() * deviation);
  }
  return mil::Value::packed(tensor, std::move(bytes));
}

// Builds a program whose constants of ten elements and more go into a weight file.
class TestModelBuilder {
 public:
  explicit TestModelBuilder(mil::Opset opset = mil::Opset::ios18)
      : builder_(opset < mil::Opset::ios18 ? "1.0" : "1.3", opset),
        writer_(weights::BlobFileWriter::in_memory()) {}

  mil::Builder& builder() { return builder_; }

  void constant(const std::string& name, const mil::Value& value) {
    builder_.constant(name, stored(value));
  }
  mil::Value stored(const mil::Value& value) {
    if (value.type().element_count().value_or(0) < 10) return value;
    const auto offset = writer_.append(value);
    EXPECT_TRUE(offset);
    return mil::Value::blob(value.type(),
                            {std::string(weights::kDefaultWeightFile), offset.value_or(0)});
  }

  // A 1x1 convolution of positions, with its arguments as literals.
  void conv(const std::string& name, const mil::Type& type, const std::string& x,
            const std::string& weight) {
    builder_.op("conv", name, type,
                {{"x", x},
                 {"weight", weight},
                 {"strides", mil::Value::tensor<std::int32_t>({2}, {1, 1})},
                 {"pad_type", mil::Value::string("valid")},
                 {"pad", mil::Value::tensor<std::int32_t>({4}, {0, 0, 0, 0})},
                 {"dilations", mil::Value::tensor<std::int32_t>({2}, {1, 1})},
                 {"groups", mil::Value::scalar<std::int32_t>(1)}});
  }

  TestModel finish(std::vector<std::string> outputs) {
    TestModel model;
    model.program = builder_.finish(std::move(outputs));
    model.weights = std::make_shared<weights::WeightFiles>();
    if (writer_.count() > 0) {
      EXPECT_TRUE(model.weights->add(weights::kDefaultWeightFile, writer_.take_image()));
    }
    return model;
  }

 private:
  mil::Builder builder_;
  weights::BlobFileWriter writer_;
};

// x → conv "first" → relu "middle" → conv "second" → add "y": 64 channels, 16 positions, weights
// "w1" and "w2", a small constant "bias".
inline TestModel two_convolutions(mil::Opset opset = mil::Opset::ios18,
                                  mil::DataType data_type = mil::DataType::fp16) {
  const mil::Type type = mil::Type::tensor(data_type, {1, 64, 1, 16});
  TestModelBuilder model(opset);
  model.builder().input("x", type);
  model.constant("w1", normal_tensor(data_type, {64, 64, 1, 1}, 1));
  model.constant("w2", normal_tensor(data_type, {64, 64, 1, 1}, 2));
  model.constant("bias", normal_tensor(data_type, {1, 64, 1, 1}, 3));
  model.conv("first", type, "x", "w1");
  model.builder().op("relu", "middle", type, {{"x", "first"}});
  model.conv("second", type, "middle", "w2");
  model.builder().op("add", "y", type, {{"x", "second"}, {"y", "bias"}});
  return model.finish({"y"});
}

}  // namespace anebench::transform
