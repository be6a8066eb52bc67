// Our 1x1-convolution chains against oneDNN's own primitives run layer by layer, interleaved in one
// process in ABBA blocks.
//
//   chain_vs_onednn [--threads 1,2] [--blocks 24] [--depth 16] [--channels 512] [--side 64]
//                   [--clock wall|cpu] [--path kernels|device]
//
// `--clock cpu` takes the calling thread's processor time instead of the wall clock's, for machines
// whose cores are shared with other work; it is meant for one thread, the only one that it counts.
//
// `--path device` times the program conv_chain on the CPU device instead of the bare kernels. It
// has NCHW tensors at both ends, so oneDNN then reorders from and to NCHW (in f32) as well; and the
// first layer of its W8A8 form sees fp16 activations, so there oneDNN runs that layer in f32 and
// reorders to 8 bits. Otherwise neither side's time includes conversion from or to NCHW.
//
// W8A8: oneDNN runs s8 x s8 -> s8 (and u8 x s8 -> u8) with its output scale, which rounds the int32
// sum once, straight to 8 bits; ours rounds to fp16 first, as the language demands, so ours does
// more. fp16: oneDNN runs f32 x f32 -> f32; ours stores fp16 and sums in float. oneDNN chooses its
// layouts (format_tag::any). The share of peak is against this process's own register-only loops,
// taken between the blocks.
#include <dlfcn.h>
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "anebench/base/cpu_features.h"
#include "anebench/base/half.h"
#include "anebench/base/rng.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/kernel.h"
#include "anebench/device/cpu/kernels/peaks.h"
#include "anebench/device/loaded_program.h"
#include "anebench/programs/catalogue.h"
#include "anebench/stats/paired.h"
#include "anebench/stats/quantile.h"

namespace {

using namespace anebench;

struct Options {
  std::vector<int> threads = {1, 2};
  std::size_t blocks = 24;
  std::size_t depth = 16;
  std::size_t channels = 512;
  std::size_t side = 64;
  bool cpu_clock = false;
  bool device_path = false;

  std::size_t positions() const { return side * side; }
  double ops() const {
    return 2.0 * static_cast<double>(depth * channels * channels * positions());
  }
};

double seconds_now(bool cpu_clock) {
  timespec now{};
  clock_gettime(cpu_clock ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(bool cpu_clock, const std::function<void()>& work) {
  const double start = seconds_now(cpu_clock);
  work();
  return seconds_now(cpu_clock) - start;
}

void set_openmp_threads(int threads) {
  // Debian's oneDNN brings its OpenMP runtime along; we link none of our own.
  using SetThreads = void (*)(int);
  if (void* symbol = dlsym(RTLD_DEFAULT, "omp_set_num_threads")) {
    SetThreads set = nullptr;
    std::memcpy(&set, &symbol, sizeof set);
    set(threads);
  }
}

// Weights of one layer, [out][in], uniform in -127..127.
std::vector<std::int8_t> layer_weights(const Options& options, std::size_t layer) {
  Rng rng(layer + 1);
  std::vector<std::int8_t> weights(options.channels * options.channels);
  for (std::int8_t& w : weights) {
    w = static_cast<std::int8_t>(static_cast<int>(rng.next() % 255) - 127);
  }
  return weights;
}

// Brings sums of 8-bit products back to 8 bits at the same spread: 1 / (73 * sqrt(K)), rounded to a
// power of two.
double requantization_scale(const Options& options) {
  const double gain = 73.0 * std::sqrt(static_cast<double>(options.channels));
  return std::exp2(-std::round(std::log2(gain)));
}

// ---- ours ----

// A chain whose blocks of positions go through all layers on one thread.
class OurChain {
 public:
  OurChain(const Options& options, Isa isa, bool int8) : options_(options), int8_(int8) {
    const std::size_t c = options.channels;
    const std::vector<double> scales(c, requantization_scale(options));
    for (std::size_t layer = 0; layer < options.depth; ++layer) {
      const std::vector<std::int8_t> weights = layer_weights(options, layer);
      if (int8) {
        const kernels::Conv1x1Int8Spec spec{
            .in_channels = c, .out_channels = c, .weights = weights, .scales = scales};
        int8_layers_.push_back(std::move(*kernels::Conv1x1Int8::create(spec, isa)));
      } else {
        std::vector<std::uint16_t> halves(weights.size());
        std::ranges::transform(weights, halves.begin(), [&](std::int8_t w) {
          return half_from_double(w / (73.0 * std::sqrt(static_cast<double>(c))));
        });
        const kernels::Conv1x1F16Spec spec{.in_channels = c, .out_channels = c, .weights = halves};
        f16_layers_.push_back(std::move(*kernels::Conv1x1F16::create(spec, isa)));
      }
    }
    const std::size_t tiles = kernels::tile_count(options.positions());
    tile_bytes_ = int8 ? kernels::u8_tile_bytes(c) : kernels::f16_tile_bytes(c);
    input_ = kernels::make_aligned<std::uint8_t>(tiles * tile_bytes_);
    output_ = kernels::make_aligned<std::uint8_t>(tiles * tile_bytes_);
    block_ = kernels::preferred_positions_block(c, int8 ? 1 : 2);
    const std::size_t scratch = block_ / kernels::kTilePositions * tile_bytes_;
    for (int i = 0; i < 2 * ThreadsMax; ++i) {
      scratch_.push_back(kernels::make_aligned<std::uint8_t>(scratch));
    }
    Rng rng(99);
    if (int8) {
      for (std::size_t i = 0; i < tiles * tile_bytes_; ++i) {
        input_[i] = static_cast<std::uint8_t>(rng.next());
      }
    } else {
      auto* halves = reinterpret_cast<std::uint16_t*>(input_.get());
      for (std::size_t i = 0; i < tiles * tile_bytes_ / 2; ++i) {
        halves[i] = half_from_double(static_cast<double>(rng.next() % 255) - 127.0);
      }
    }
  }

  void run(ThreadPool& pool) {
    const std::size_t positions = options_.positions();
    // Even shares: no more positions in a block than a thread's part of them all.
    const auto threads = static_cast<std::size_t>(pool.size());
    const std::size_t share =
        kernels::tile_count((positions + threads - 1) / threads) * kernels::kTilePositions;
    const std::size_t block = std::min(block_, share);
    pool.parallel_for((positions + block - 1) / block, [&](std::size_t index, int worker) {
      const std::size_t first = index * block;
      const std::size_t count = std::min(block, positions - first);
      const std::size_t offset = first / kernels::kTilePositions * tile_bytes_;
      const std::uint8_t* from = input_.get() + offset;
      for (std::size_t layer = 0; layer < options_.depth; ++layer) {
        std::uint8_t* to = layer + 1 == options_.depth
                               ? output_.get() + offset
                               : scratch_[2 * static_cast<std::size_t>(worker) + layer % 2].get();
        if (int8_) {
          int8_layers_[layer].run(from, to, count);
        } else {
          f16_layers_[layer].run(reinterpret_cast<const std::uint16_t*>(from),
                                 reinterpret_cast<std::uint16_t*>(to), count);
        }
        from = to;
      }
    });
  }

  std::string_view kernel() const {
    return int8_ ? int8_layers_[0].kernel_name() : f16_layers_[0].kernel_name();
  }

 private:
  static constexpr int ThreadsMax = 64;

  Options options_;
  bool int8_;
  std::vector<kernels::Conv1x1Int8> int8_layers_;
  std::vector<kernels::Conv1x1F16> f16_layers_;
  std::size_t tile_bytes_ = 0;
  std::size_t block_ = 0;
  kernels::AlignedArray<std::uint8_t> input_;
  kernels::AlignedArray<std::uint8_t> output_;
  std::vector<kernels::AlignedArray<std::uint8_t>> scratch_;
};

// The same through the device: a compiled program, with NCHW fp16 tensors at both ends.
class DeviceChain {
 public:
  static Result<DeviceChain> open(const Options& options, int threads, bool int8) {
    DeviceChain chain;
    ANEBENCH_ASSIGN(device, device::open("cpu", {.threads = threads}));
    ANEBENCH_ASSIGN(
        benchmark,
        programs::build(fmt::format(
            "conv_chain:channels={},height={},width={},depth={},precision={}", options.channels,
            options.side, options.side, options.depth, int8 ? "w8a8" : "fp16")));
    chain.device_ = std::move(device);
    ANEBENCH_ASSIGN(loaded, device::LoadedProgram::open(*chain.device_, benchmark.program,
                                                        benchmark.weights, {}));
    ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
    chain.loaded_ = std::make_unique<device::LoadedProgram>(std::move(loaded));
    return chain;
  }

  // Compile and load have been checked, so evaluating cannot fail but for a fault of ours.
  void run() {
    if (const auto result = loaded_->evaluate(); !result) {
      fmt::print(stderr, "{}\n", result.error().to_string());
      std::exit(1);
    }
  }

  std::string kernel() const {
    std::string kernels;
    for (const device::Step& step : loaded_->executable().steps()) {
      if (kernels.find(step.kernel) == std::string::npos) kernels += step.kernel + " ";
    }
    return fmt::format("device ({})", kernels.substr(0, kernels.size() - 1));
  }

 private:
  DeviceChain() = default;
  std::unique_ptr<device::Device> device_;
  std::unique_ptr<device::LoadedProgram> loaded_;
};

// ---- oneDNN ----

class OneDnnChain {
 public:
  // A program has NCHW tensors in f32 at both ends and, if it is of 8 bits, layer 0 in f32.
  OneDnnChain(const Options& options, dnnl::memory::data_type type, bool is_program)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    using dnnl::memory;
    const auto c = static_cast<memory::dim>(options.channels);
    const auto side = static_cast<memory::dim>(options.side);
    const bool int8 = type != memory::data_type::f32;
    const auto weight_type = int8 ? memory::data_type::s8 : memory::data_type::f32;
    const memory::desc activation({1, c, side, side}, type, memory::format_tag::any);
    const memory::desc any_weights({c, c, 1, 1}, weight_type, memory::format_tag::any);
    const memory::desc plain_weights({c, c, 1, 1}, weight_type, memory::format_tag::oihw);
    dnnl::primitive_attr attributes;
    if (int8) {
      attributes.set_output_scales(0, {static_cast<float>(requantization_scale(options))});
    }
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, activation,
        any_weights, activation, {1, 1}, {0, 0}, {0, 0});
    const dnnl::convolution_forward::primitive_desc primitive(description, attributes, engine_);
    implementation_ = primitive.impl_info_str();
    same_layout_ = primitive.src_desc() == primitive.dst_desc();
    convolution_ = dnnl::convolution_forward(primitive);
    for (dnnl::memory& buffer : buffers_) buffer = memory(primitive.src_desc(), engine_);
    std::memset(buffers_[0].get_data_handle(), 1, buffers_[0].get_desc().get_size());
    if (!int8) fill_floats(buffers_[0]);
    for (std::size_t layer = 0; layer < options.depth; ++layer) {
      const std::vector<std::int8_t> weights = layer_weights(options, layer);
      memory plain(plain_weights, engine_);
      if (int8) {
        std::memcpy(plain.get_data_handle(), weights.data(), weights.size());
      } else {
        auto* values = static_cast<float*>(plain.get_data_handle());
        for (std::size_t i = 0; i < weights.size(); ++i) {
          values[i] = static_cast<float>(weights[i] /
                                         (73.0 * std::sqrt(static_cast<double>(options.channels))));
        }
      }
      weights_.emplace_back(primitive.weights_desc(), engine_);
      dnnl::reorder(plain, weights_.back()).execute(stream_, plain, weights_.back());
      stream_.wait();
    }
    if (!is_program) return;
    const memory::desc plain({1, c, side, side}, memory::data_type::f32, memory::format_tag::nchw);
    input_ = memory(plain, engine_);
    output_ = memory(plain, engine_);
    fill_floats(input_);
    if (int8) {
      Options one = options;
      one.depth = 1;
      start_ = std::make_unique<OneDnnChain>(one, memory::data_type::f32, false);
      dnnl::primitive_attr scaled;
      scaled.set_output_scales(0, {static_cast<float>(1.0 / 8.0)});
      to_int8_ = dnnl::reorder(dnnl::reorder::primitive_desc(
          engine_, start_->buffers_[2].get_desc(), engine_, buffers_[2].get_desc(), scaled));
    }
    from_nchw_ = dnnl::reorder(input_, first().buffers_[0]);
    to_nchw_ = dnnl::reorder(last_buffer(), output_);
  }

  void run() {
    const bool is_program = input_.get(true) != nullptr;
    if (is_program) from_nchw_.execute(stream_, input_, first().buffers_[0]);
    if (start_) {
      start_->run();
      to_int8_.execute(stream_, start_->buffers_[2], buffers_[2]);
    }
    for (std::size_t layer = start_ ? 1 : 0; layer < weights_.size(); ++layer) {
      convolution_.execute(stream_, {{DNNL_ARG_SRC, buffers_[layer == 0 ? 0 : 1 + layer % 2]},
                                     {DNNL_ARG_WEIGHTS, weights_[layer]},
                                     {DNNL_ARG_DST, buffers_[1 + (layer + 1) % 2]}});
    }
    if (is_program) to_nchw_.execute(stream_, last_buffer(), output_);
    stream_.wait();
  }

  const std::string& implementation() const { return implementation_; }
  bool same_layout() const { return same_layout_; }

 private:
  OneDnnChain& first() { return start_ ? *start_ : *this; }
  dnnl::memory& last_buffer() { return buffers_[1 + weights_.size() % 2]; }

  static void fill_floats(dnnl::memory& buffer) {
    auto* values = static_cast<float*>(buffer.get_data_handle());
    Rng rng(99);
    for (std::size_t i = 0; i < buffer.get_desc().get_size() / sizeof(float); ++i) {
      values[i] = static_cast<float>(rng.next() % 255) - 127.0F;
    }
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::convolution_forward convolution_;
  std::string implementation_;
  bool same_layout_ = false;
  std::array<dnnl::memory, 3> buffers_;
  std::unique_ptr<OneDnnChain> start_;
  dnnl::memory input_;
  dnnl::memory output_;
  dnnl::reorder from_nchw_;
  dnnl::reorder to_int8_;
  dnnl::reorder to_nchw_;
  std::vector<dnnl::memory> weights_;
};

// ---- measuring ----

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

// Operations a second of `loop` on every thread at once.
double peak_rate(bool cpu_clock, ThreadPool& pool, double (*loop)(std::uint64_t)) {
  std::vector<double> ops(static_cast<std::size_t>(pool.size()));
  const double seconds = seconds_of(cpu_clock, [&] {
    pool.run([&](const Team& team) { ops[static_cast<std::size_t>(team.worker)] = loop(200'000); });
  });
  double sum = 0;
  for (const double o : ops) sum += o;
  return sum / seconds;
}

// OpenMP's workers spin for a while after their last job and would take time from ours.
void let_openmp_sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

void compare(const Options& options, Isa isa, int threads, bool int8, dnnl::memory::data_type type,
             std::string_view label) {
  ThreadPool pool(threads);
  set_openmp_threads(threads);
  std::unique_ptr<OurChain> bare;
  std::unique_ptr<DeviceChain> device_chain;
  if (options.device_path) {
    auto opened = DeviceChain::open(options, threads, int8);
    if (!opened) {
      fmt::print(stderr, "{}\n", opened.error().to_string());
      std::exit(1);
    }
    device_chain = std::make_unique<DeviceChain>(std::move(*opened));
  } else {
    bare = std::make_unique<OurChain>(options, isa, int8);
  }
  const auto run_ours = [&] { bare ? bare->run(pool) : device_chain->run(); };
  OneDnnChain theirs(options, type, options.device_path);
  const kernels::PeakLoops& loops = *kernels::peak_loops(isa);
  Rng rng(7);
  std::vector<double> ratios;
  std::vector<double> our_times;
  std::vector<double> their_times;
  double peak = 0;
  for (std::size_t block = 0; block < options.blocks + 2; ++block) {
    const stats::BlockOrder order = stats::draw_block_order(rng);
    std::array<double, 4> times{};
    for (std::size_t i = 0; i < 4; ++i) {
      if (stats::is_a(order, i)) {
        let_openmp_sleep();
        run_ours();
        times[i] = seconds_of(options.cpu_clock, run_ours);
      } else {
        theirs.run();
        times[i] = seconds_of(options.cpu_clock, [&] { theirs.run(); });
      }
    }
    let_openmp_sleep();
    peak =
        std::max(peak, peak_rate(options.cpu_clock, pool, int8 ? loops.int8_dot : loops.fma_f32));
    if (block < 2) continue;  // warm-up
    ratios.push_back(stats::log_ratio(order, times));
    for (std::size_t i = 0; i < 4; ++i) {
      (stats::is_a(order, i) ? our_times : their_times).push_back(times[i]);
    }
  }
  const stats::Estimate ratio = stats::ratio_estimate(ratios);
  const auto share = [&](double seconds) { return 100.0 * options.ops() / seconds / peak; };
  fmt::print("{:<22} {} thr  ours {:7.2f} ms  oneDNN {:7.2f} ms  ratio {:.3f} [{:.3f}, {:.3f}]\n",
             label, threads, 1e3 * median_of(our_times), 1e3 * median_of(their_times), ratio.value,
             ratio.low, ratio.high);
  fmt::print(
      "{:<22} peak {:.0f} Gop/s; share of it: ours {:.1f} % (best {:.1f}), oneDNN {:.1f} % "
      "(best {:.1f})\n",
      "", peak / 1e9, share(median_of(our_times)), share(std::ranges::min(our_times)),
      share(median_of(their_times)), share(std::ranges::min(their_times)));
  fmt::print("{:<22} {} against {}{}\n", "",
             bare ? std::string(bare->kernel()) : device_chain->kernel(), theirs.implementation(),
             theirs.same_layout() ? "" : " (layouts of input and output differ: not comparable)");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view key = argv[i];
    const auto value = static_cast<std::size_t>(std::strtoull(argv[i + 1], nullptr, 10));
    if (key == "--threads") {
      options.threads.clear();
      for (const char* at = argv[i + 1]; at != nullptr; at = std::strchr(at, ',')) {
        if (*at == ',') ++at;
        options.threads.push_back(std::max(1, std::atoi(at)));
      }
    } else if (key == "--blocks") {
      options.blocks = std::max<std::size_t>(value, 6);
    } else if (key == "--depth") {
      options.depth = std::max<std::size_t>(value, 1);
    } else if (key == "--channels") {
      options.channels = std::max<std::size_t>(value, 1);
    } else if (key == "--path") {
      options.device_path = std::string_view(argv[i + 1]) == "device";
    } else if (key == "--clock") {
      options.cpu_clock = std::string_view(argv[i + 1]) == "cpu";
    } else if (key == "--side") {
      options.side = std::max<std::size_t>(value, 1);
    } else {
      fmt::print(stderr, "unknown option {}\n", key);
      return 2;
    }
  }
  const auto isa = selected_isa();
  if (!isa) {
    fmt::print(stderr, "{}\n", isa.error().to_string());
    return 2;
  }
  fmt::print("{} channels, {}x{}, depth {}, {} blocks, {} time; {} on {}\n", options.channels,
             options.side, options.side, options.depth, options.blocks,
             options.cpu_clock ? "processor" : "wall", to_string(*isa), cpu_model_name());
  for (const int threads : options.threads) {
    using Type = dnnl::memory::data_type;
    compare(options, *isa, threads, true, Type::s8, "W8A8 against s8 x s8");
    compare(options, *isa, threads, true, Type::u8, "W8A8 against u8 x s8");
    compare(options, *isa, threads, false, Type::f32, "fp16 against f32");
  }
  return 0;
}
