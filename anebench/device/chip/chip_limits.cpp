#include "anebench/device/chip/chip_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "anebench/ops/arguments.h"
#include "anebench/ops/scope.h"

namespace anebench::device {
namespace {

constexpr std::size_t kMostRank = 5;
constexpr std::int64_t kMostChannels = 65'536;
// The first two dimensions of a tensor of rank 3 and more are batch and channels.
constexpr std::size_t kFirstSpatialDim = 2;

class LimitFinder {
 public:
  explicit LimitFinder(const ChipFamily& family) : family_(family) {}

  void check_surface(std::string_view kind, const mil::NamedType& value) {
    if (!value.type.is_tensor()) return;
    const mil::DataType type = value.type.data_type();
    if (type != mil::DataType::int32 && type != mil::DataType::bf16) return;
    found_.push_back(fmt::format("the {} '{}' is {}: the engine has no surfaces of that type", kind,
                                 value.name, mil::to_string(type)));
  }

  void check_tensor(std::string_view what, const mil::Type& type) {
    if (!type.is_tensor()) return;
    const mil::Shape& shape = type.shape();
    if (shape.size() > kMostRank) {
      found_.push_back(fmt::format("{} is {}: the engine takes at most {} dimensions", what,
                                   mil::to_string(shape), kMostRank));
      return;
    }
    if (shape.size() <= kFirstSpatialDim) return;
    if (shape[1].size() > kMostChannels) {
      found_.push_back(fmt::format("{} has {} channels: the engine takes at most {}", what,
                                   shape[1].size(), kMostChannels));
    }
    for (std::size_t i = kFirstSpatialDim; i < shape.size(); ++i) {
      if (shape[i].size() <= family_.most_spatial) continue;
      found_.push_back(fmt::format("{} is {}: {} takes spatial dimensions up to {}", what,
                                   mil::to_string(shape), family_.subtype, family_.most_spatial));
      return;
    }
  }

  void check_layer(const LayerWork& layer) {
    if (layer.kind == LayerWork::Kind::matrix_product && layer.in_channels > family_.most_spatial) {
      found_.push_back(fmt::format("{} '{}' sums over {}: {} takes at most {}", layer.type,
                                   layer.name, layer.in_channels, family_.subtype,
                                   family_.most_spatial));
    }
    if (layer.type.starts_with("conv") && layer.weight_elements == 0) {
      found_.push_back(fmt::format("{} '{}' computes its weight: the engine needs constant weights",
                                   layer.type, layer.name));
    }
  }

  std::vector<std::string> take() { return std::move(found_); }

 private:
  const ChipFamily& family_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> broken_limits(const mil::Function& function, const ProgramWork& work,
                                       const ChipFamily& family) {
  LimitFinder finder(family);
  for (const mil::NamedType& input : function.inputs) finder.check_surface("input", input);
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      const auto& outputs = function.body.outputs;
      if (std::ranges::find(outputs, output.name) != outputs.end()) {
        finder.check_surface("output", output);
      }
      // Constants are no tensors of the engine's; weights have limits of their own.
      if (operation.type == "const" || operation.type.starts_with("constexpr_")) continue;
      finder.check_tensor(fmt::format("'{}'", output.name), output.type);
    }
  }
  for (const LayerWork& layer : work.layers) finder.check_layer(layer);
  return finder.take();
}

}  // namespace anebench::device
