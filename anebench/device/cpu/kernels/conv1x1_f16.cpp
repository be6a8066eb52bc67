#include <algorithm>
#include <utility>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/device/cpu/kernels/kernel.h"

namespace anebench::kernels {
namespace {

Result<void> check(const Conv1x1F16Spec& spec) {
  if (spec.in_channels == 0 || spec.out_channels == 0) {
    return fail(ErrorCode::invalid_argument,
                "a convolution needs at least one channel, not {} to {}", spec.in_channels,
                spec.out_channels);
  }
  if (spec.weights.size() / spec.in_channels != spec.out_channels ||
      spec.weights.size() % spec.in_channels != 0) {
    return fail(ErrorCode::invalid_argument, "{} weights for {} to {} channels",
                spec.weights.size(), spec.in_channels, spec.out_channels);
  }
  if (!spec.bias.empty() && spec.bias.size() != spec.out_channels) {
    return fail(ErrorCode::invalid_argument, "{} biases for {} output channels", spec.bias.size(),
                spec.out_channels);
  }
  return {};
}

// [width rows of in_channels] to [in_channels][width], in stretches of a row that stay in cache.
void pack_panel(const Conv1x1F16Spec& spec, std::size_t first, std::size_t width, float* panel) {
  constexpr std::size_t kStretch = 256;
  float values[kStretch];
  const std::size_t used = std::min(width, spec.out_channels - first);
  for (std::size_t begin = 0; begin < spec.in_channels; begin += kStretch) {
    const std::size_t count = std::min(kStretch, spec.in_channels - begin);
    for (std::size_t m = 0; m < used; ++m) {
      const auto row = spec.weights.subspan((first + m) * spec.in_channels + begin, count);
      floats_from_halves(row, std::span(values, count));
      float* to = panel + begin * width + m;
      for (std::size_t i = 0; i < count; ++i) to[i * width] = values[i];
    }
  }
}

}  // namespace

Result<std::unique_ptr<F16Layer>> pack_f16(const Conv1x1F16Spec& spec, const F16Kernel& kernel) {
  ANEBENCH_TRY(check(spec));
  auto layer = std::make_unique<F16Layer>();
  layer->kernel = &kernel;
  layer->panel_count = (spec.out_channels + kernel.panel_channels - 1) / kernel.panel_channels;
  const std::size_t panel_floats = spec.in_channels * kernel.panel_channels;
  const std::size_t padded = layer->panel_count * kernel.panel_channels;
  layer->packed_bytes = layer->panel_count * panel_floats * sizeof(float);
  layer->weights = make_aligned<float>(layer->panel_count * panel_floats);
  layer->bias = make_aligned<float>(padded);
  if (!layer->weights || !layer->bias) {
    return fail(ErrorCode::resource_exhausted, "no memory for {} bytes of packed weights",
                layer->packed_bytes);
  }
  for (std::size_t panel = 0; panel < layer->panel_count; ++panel) {
    const std::size_t first = panel * kernel.panel_channels;
    const std::size_t width =
        std::min(kernel.panel_channels, (spec.out_channels - first + kernel.width_step - 1) /
                                            kernel.width_step * kernel.width_step);
    pack_panel(spec, first, width, layer->weights.get() + panel * panel_floats);
  }
  for (std::size_t o = 0; o < spec.bias.size(); ++o) layer->bias[o] = half_to_float(spec.bias[o]);

  F16Params& params = layer->params;
  params.in_channels = spec.in_channels;
  params.out_channels = spec.out_channels;
  params.panel_bytes = panel_floats * sizeof(float);
  params.in_tile_bytes = f16_tile_bytes(spec.in_channels);
  params.out_tile_bytes = f16_tile_bytes(spec.out_channels);
  params.weights = layer->weights.get();
  params.bias = layer->bias.get();
  params.has_bias = !spec.bias.empty();
  params.relu = spec.relu;
  return layer;
}

Conv1x1F16::Conv1x1F16(std::unique_ptr<F16Layer> layer) : layer_(std::move(layer)) {}
Conv1x1F16::Conv1x1F16(Conv1x1F16&&) noexcept = default;
Conv1x1F16& Conv1x1F16::operator=(Conv1x1F16&&) noexcept = default;
Conv1x1F16::~Conv1x1F16() = default;

Result<Conv1x1F16> Conv1x1F16::create(const Conv1x1F16Spec& spec, Isa isa) {
  for (const F16Kernel& kernel : f16_kernels()) {
    if (!runs_on(kernel.isa, isa)) continue;
    ANEBENCH_ASSIGN(layer, pack_f16(spec, kernel));
    return Conv1x1F16(std::move(layer));
  }
  return fail(ErrorCode::unsupported, "no fp16 kernel for {} in this build", to_string(isa));
}

void Conv1x1F16::run(const std::uint16_t* in, std::uint16_t* out, std::size_t positions,
                     PanelRange panels) const {
  const std::size_t first = std::min(panels.first, layer_->panel_count);
  const std::size_t count = std::min(panels.count, layer_->panel_count - first);
  layer_->kernel->run(layer_->params, in, out, positions, first, count);
}

std::size_t Conv1x1F16::in_channels() const { return layer_->params.in_channels; }
std::size_t Conv1x1F16::out_channels() const { return layer_->params.out_channels; }
std::size_t Conv1x1F16::panel_channels() const { return layer_->kernel->panel_channels; }
std::size_t Conv1x1F16::panel_count() const { return layer_->panel_count; }
std::size_t Conv1x1F16::packed_bytes() const { return layer_->packed_bytes; }
std::size_t Conv1x1F16::in_tile_bytes() const { return layer_->params.in_tile_bytes; }
std::size_t Conv1x1F16::out_tile_bytes() const { return layer_->params.out_tile_bytes; }
std::string_view Conv1x1F16::kernel_name() const { return layer_->kernel->name; }

}  // namespace anebench::kernels
