#include "anebench/device/cpu/onednn.h"

#if ANEBENCH_HAVE_ONEDNN

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/device/cpu/arena.h"
#include "anebench/device/cpu/elementwise.h"

namespace anebench::device::cpu {
namespace {

using dnnl::memory;
using Dims = memory::dims;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// One thread for oneDNN's own runtime while this lives: the pool has the others. OpenMP keeps the
// number for each calling thread. oneDNN brings its OpenMP runtime along; where it runs on another
// one, there is nothing to set.
class OneThread {
 public:
  OneThread() {
    if (set() == nullptr || get() == nullptr) return;
    before_ = get()();
    set()(1);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() {
    if (before_ > 0) set()(before_);
  }

 private:
  using Set = void (*)(int);
  using Get = int (*)();
  static Set set() {
    static const auto function = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
    return function;
  }
  static Get get() {
    static const auto function = reinterpret_cast<Get>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
    return function;
  }
  int before_ = 0;
};

// A slice: one image, and a range of output channels (whole groups where there are groups).
struct Slicing {
  std::int64_t per_image = 1;
  std::int64_t groups = 1;  // of one slice
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 1;
};

Slicing slice(const ConvolutionShape& shape, std::size_t threads) {
  // A few slices a thread even out; fewer output channels than two vectors waste the kernels.
  constexpr std::int64_t kMinChannels = 32;
  const auto wanted = static_cast<std::int64_t>(2 * threads);
  const std::int64_t units = shape.groups > 1 ? shape.groups : shape.out_channels;
  std::int64_t parts = (wanted + shape.images - 1) / shape.images;
  if (shape.groups == 1) parts = std::min(parts, units / kMinChannels);
  parts = std::clamp<std::int64_t>(parts, 1, units);
  while (units % parts != 0) --parts;
  Slicing slicing;
  slicing.per_image = parts;
  slicing.groups = shape.groups > 1 ? shape.groups / parts : 1;
  slicing.in_channels = shape.groups > 1 ? shape.in_channels / parts : shape.in_channels;
  slicing.out_channels = shape.out_channels / parts;
  return slicing;
}

memory::desc plain_desc(std::int64_t channels, const ConvolutionShape::Triple& size) {
  return {
      {1, channels, size[0], size[1], size[2]}, memory::data_type::f32, memory::format_tag::ncdhw};
}

memory::desc any_desc(const Dims& dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}

Dims weight_dims(const ConvolutionShape& shape, const Slicing& slicing) {
  const std::int64_t in = slicing.in_channels / slicing.groups;
  if (slicing.groups == 1) {
    return {slicing.out_channels, in, shape.kernel[0], shape.kernel[1], shape.kernel[2]};
  }
  return {
      slicing.groups, slicing.out_channels / slicing.groups, in, shape.kernel[0], shape.kernel[1],
      shape.kernel[2]};
}

dnnl::convolution_forward::primitive_desc describe(const ConvolutionShape& shape,
                                                   const Slicing& slicing, bool has_bias) {
  const memory::desc source =
      any_desc({1, slicing.in_channels, shape.in[0], shape.in[1], shape.in[2]});
  const memory::desc target =
      any_desc({1, slicing.out_channels, shape.out[0], shape.out[1], shape.out[2]});
  const memory::desc weights = any_desc(weight_dims(shape, slicing));
  const memory::desc bias =
      has_bias ? memory::desc({slicing.out_channels}, memory::data_type::f32, memory::format_tag::x)
               : memory::desc();
  const auto dims = [](const ConvolutionShape::Triple& t) { return Dims{t[0], t[1], t[2]}; };
  Dims dilations = dims(shape.dilations);
  for (auto& dilation : dilations) --dilation;  // oneDNN counts the gaps
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {cpu_engine(),
          dnnl::prop_kind::forward_inference,
          dnnl::algorithm::convolution_direct,
          source,
          weights,
          bias,
          target,
          dims(shape.strides),
          dilations,
          dims(shape.pad_before),
          dims(shape.pad_after),
          attributes};
#else
  return {
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source, weights,
       bias, target, dims(shape.strides), dilations, dims(shape.pad_before), dims(shape.pad_after)},
      attributes,
      cpu_engine()};
#endif
}

// What all slices of a convolution share.
struct Recipe {
  ConvolutionShape shape;
  Slicing slicing;
  bool has_bias;
  memory::desc plain_source;
  memory::desc plain_target;
  dnnl::convolution_forward::primitive_desc description;
  dnnl::convolution_forward convolution;
  dnnl::reorder to_source;
  dnnl::reorder from_target;
  // Offsets of one thread's scratch memory.
  std::size_t target_offset = 0;
  std::size_t pad_offset = 0;
  std::size_t thread_bytes = 0;
};

dnnl::reorder make_reorder(const memory::desc& from, const memory::desc& to) {
  return dnnl::reorder(dnnl::reorder::primitive_desc(cpu_engine(), from, cpu_engine(), to));
}

class OnednnConvolution final : public TensorOperation {
 public:
  OnednnConvolution(std::shared_ptr<const Recipe> recipe, ConvolutionOperands operands)
      : recipe_(std::move(recipe)), operands_(std::move(operands)) {
    const Slicing& slicing = recipe_->slicing;
    const Dims dims = weight_dims(recipe_->shape, slicing);
    const memory::desc plain(
        dims, memory::data_type::f32,
        dims.size() == 5 ? memory::format_tag::oidhw : memory::format_tag::goidhw);
    const memory::desc packed = recipe_->description.weights_desc();
    // A primitive runs on as many threads as it was made for.
    const OneThread one_thread;
    const dnnl::reorder pack = make_reorder(plain, packed);
    dnnl::stream stream(cpu_engine());
    for (std::int64_t part = 0; part < slicing.per_image; ++part) {
      memory from(plain, cpu_engine(),
                  operands_.weights.data() +
                      static_cast<std::size_t>(part) * (plain.get_size() / sizeof(float)));
      weights_.emplace_back(packed, cpu_engine());
      pack.execute(stream, from, weights_.back());
      stream.wait();
    }
    operands_.weights = {};
  }

  Result<void> run(const Memory& place, ThreadPool& pool) const override {
    const ConvolutionShape& shape = recipe_->shape;
    const Slicing& slicing = recipe_->slicing;
    const float* x = widened_input(shape, operands_, place, pool);
    const bool is_half = operands_.data_type == mil::DataType::fp16;
    auto* y = reinterpret_cast<float*>(
        place.write(is_half ? operands_.output_scratch : operands_.output));
    const std::int64_t in_step =
        slicing.per_image > 1 && shape.groups == 1 ? 0 : slicing.in_channels * shape.in_plane();
    const std::int64_t out_step = slicing.out_channels * shape.out_plane();
    std::atomic<bool> failed = false;
    pool.parallel_for(
        static_cast<std::size_t>(shape.images * slicing.per_image), [&](std::size_t i, int worker) {
          const auto part = static_cast<std::int64_t>(i) % slicing.per_image;
          const std::int64_t image = static_cast<std::int64_t>(i) / slicing.per_image;
          const float* in = x + image * shape.in_channels * shape.in_plane() + part * in_step;
          float* out = y + static_cast<std::int64_t>(i) * out_step;
          std::byte* scratch = place.write(operands_.kernel_scratch) +
                               static_cast<std::size_t>(worker) * recipe_->thread_bytes;
          if (!run_slice(in, out, static_cast<std::size_t>(part), scratch)) failed = true;
          const auto count = static_cast<std::size_t>(out_step);
          if (operands_.relu) relu(out, out, count);
          if (is_half) {
            cast(out, reinterpret_cast<std::uint16_t*>(place.write(operands_.output)) + i * count,
                 count);
          }
        });
    if (failed) return fail(ErrorCode::internal, "oneDNN could not run the convolution");
    return {};
  }

  std::size_t resident_bytes() const override {
    std::size_t bytes = operands_.bias.size() * sizeof(float);
    for (const memory& weights : weights_) bytes += weights.get_desc().get_size();
    return bytes;
  }

 private:
  bool run_slice(const float* in, float* out, std::size_t part, std::byte* scratch) const {
    // oneDNN reports by exceptions, and none may leave a body of the pool.
    try {
      const OneThread one_thread;
      dnnl::stream stream(cpu_engine());
      const dnnl::engine& engine = cpu_engine();
      // Inputs are only read.
      memory plain_in(recipe_->plain_source, engine, const_cast<float*>(in));
      memory plain_out(recipe_->plain_target, engine, out);
      memory source(recipe_->description.src_desc(), engine, scratch);
      memory target(recipe_->description.dst_desc(), engine, scratch + recipe_->target_offset);
      memory pad(recipe_->description.scratchpad_desc(), engine, scratch + recipe_->pad_offset);
      recipe_->to_source.execute(stream, plain_in, source);
      std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, source},
                                                   {DNNL_ARG_WEIGHTS, weights_[part]},
                                                   {DNNL_ARG_DST, target},
                                                   {DNNL_ARG_SCRATCHPAD, pad}};
      if (recipe_->has_bias) {
        const std::size_t first = part * static_cast<std::size_t>(recipe_->slicing.out_channels);
        arguments.emplace(DNNL_ARG_BIAS, memory(recipe_->description.bias_desc(), engine,
                                                const_cast<float*>(operands_.bias.data() + first)));
      }
      recipe_->convolution.execute(stream, arguments);
      recipe_->from_target.execute(stream, target, plain_out);
      stream.wait();
      return true;
    } catch (const dnnl::error&) {
      return false;
    }
  }

  std::shared_ptr<const Recipe> recipe_;
  ConvolutionOperands operands_;
  std::vector<memory> weights_;
};

class OnednnKernel final : public ConvolutionKernel {
 public:
  OnednnKernel(std::shared_ptr<const Recipe> recipe, std::size_t threads)
      : recipe_(std::move(recipe)), threads_(threads) {}
  const char* name() const override { return "onednn"; }
  std::size_t scratch_bytes() const override { return recipe_->thread_bytes * threads_; }
  Result<std::unique_ptr<TensorOperation>> make(ConvolutionOperands operands) const override {
    try {
      return std::make_unique<OnednnConvolution>(recipe_, std::move(operands));
    } catch (const dnnl::error& error) {
      return fail(ErrorCode::internal, "oneDNN could not pack the weights: {}", error.what());
    }
  }

 private:
  std::shared_ptr<const Recipe> recipe_;
  std::size_t threads_;
};

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

std::shared_ptr<const ConvolutionKernel> find_onednn_kernel(const ConvolutionShape& shape,
                                                            bool has_bias, std::size_t threads) {
  try {
    auto recipe = std::make_shared<Recipe>();
    recipe->shape = shape;
    recipe->has_bias = has_bias;
    recipe->slicing = slice(shape, threads);
    recipe->plain_source = plain_desc(recipe->slicing.in_channels, shape.in);
    recipe->plain_target = plain_desc(recipe->slicing.out_channels, shape.out);
    const OneThread one_thread;  // kernels are chosen for as many threads as will run them
    recipe->description = describe(shape, recipe->slicing, has_bias);
    recipe->convolution = dnnl::convolution_forward(recipe->description);
    recipe->to_source = make_reorder(recipe->plain_source, recipe->description.src_desc());
    recipe->from_target = make_reorder(recipe->description.dst_desc(), recipe->plain_target);
    recipe->target_offset =
        align_up<std::size_t>(recipe->description.src_desc().get_size(), kArenaAlignment);
    recipe->pad_offset =
        recipe->target_offset +
        align_up<std::size_t>(recipe->description.dst_desc().get_size(), kArenaAlignment);
    recipe->thread_bytes =
        recipe->pad_offset +
        align_up<std::size_t>(recipe->description.scratchpad_desc().get_size(), kArenaAlignment);
    return std::make_shared<OnednnKernel>(std::move(recipe), threads);
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

bool multiply_by_onednn(const Gemm& gemm, const float* a, const float* b, float* c) {
  const OneThread one_thread;
  // Elements of c do not matter where its factor is 0.
  return dnnl_sgemm(gemm.transposed_a ? 'T' : 'N', gemm.transposed_b ? 'T' : 'N', gemm.m, gemm.n,
                    gemm.k, 1, a, gemm.row_a, b, gemm.row_b, 0, c, gemm.row_c) == dnnl_success;
}

}  // namespace anebench::device::cpu

#else

namespace anebench::device::cpu {

std::string onednn_version() { return {}; }

std::shared_ptr<const ConvolutionKernel> find_onednn_kernel(const ConvolutionShape& /*shape*/,
                                                            bool /*has_bias*/,
                                                            std::size_t /*threads*/) {
  return nullptr;
}

bool multiply_by_onednn(const Gemm& /*gemm*/, const float* /*a*/, const float* /*b*/,
                        float* /*c*/) {
  return false;
}

}  // namespace anebench::device::cpu

#endif
