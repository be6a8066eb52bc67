// The 1x1-convolution kernels one by one, from their table: a block of positions of a wide layer, a
// small convolution (calls must be cheap), packing, and layout conversion. Processor time on one
// thread; "ops" counts a multiply-accumulate as two.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/base/rng.h"
#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/kernel.h"
#include "anebench/device/cpu/kernels/peaks.h"

namespace {

using namespace anebench;
using namespace anebench::kernels;

std::vector<std::int8_t> int8_weights(std::size_t channels) {
  Rng rng(1);
  std::vector<std::int8_t> weights(channels * channels);
  for (std::int8_t& w : weights) w = static_cast<std::int8_t>(rng.next() >> 56);
  return weights;
}

std::vector<std::uint16_t> f16_weights(std::size_t channels) {
  std::vector<std::uint16_t> halves;
  for (const std::int8_t w : int8_weights(channels)) halves.push_back(half_from_double(w * 0x1p-9));
  return halves;
}

void report(benchmark::State& state, std::size_t channels, std::size_t positions) {
  state.counters["ops"] = benchmark::Counter(
      static_cast<double>(2 * channels * channels * positions),
      benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

void run_int8(benchmark::State& state, const Int8Kernel* kernel, std::size_t channels,
              std::size_t positions, double scale) {
  const std::vector<std::int8_t> weights = int8_weights(channels);
  const std::vector<double> scales(channels, scale);
  const Conv1x1Int8Spec spec{
      .in_channels = channels, .out_channels = channels, .weights = weights, .scales = scales};
  const auto layer = std::move(*pack_int8(spec, *kernel));
  const std::size_t bytes = tile_count(positions) * u8_tile_bytes(channels);
  const auto in = make_aligned<std::uint8_t>(bytes);
  const auto out = make_aligned<std::uint8_t>(bytes);
  Rng rng(2);
  for (std::size_t i = 0; i < bytes; ++i) in[i] = static_cast<std::uint8_t>(rng.next() >> 56);
  for (auto _ : state) {
    kernel->run(layer->params, in.get(), out.get(), positions, 0, layer->panel_count);
  }
  report(state, channels, positions);
}

void run_f16(benchmark::State& state, const F16Kernel* kernel, std::size_t channels,
             std::size_t positions) {
  const std::vector<std::uint16_t> weights = f16_weights(channels);
  const Conv1x1F16Spec spec{.in_channels = channels, .out_channels = channels, .weights = weights};
  const auto layer = std::move(*pack_f16(spec, *kernel));
  const std::size_t halves = tile_count(positions) * f16_tile_bytes(channels) / 2;
  const auto in = make_aligned<std::uint16_t>(halves);
  const auto out = make_aligned<std::uint16_t>(halves);
  Rng rng(2);
  for (std::size_t i = 0; i < halves; ++i) in[i] = half_from_double(rng.uniform());
  for (auto _ : state) {
    kernel->run(layer->params, in.get(), out.get(), positions, 0, layer->panel_count);
  }
  report(state, channels, positions);
}

template <typename Pack>
void run_pack(benchmark::State& state, std::size_t bytes, const Pack& pack) {
  for (auto _ : state) benchmark::DoNotOptimize(pack());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void run_quantize(benchmark::State& state, Isa isa) {
  const NchwShape shape{.images = 1, .channels = 512, .plane = 1024};
  std::vector<std::uint16_t> nchw(shape.channels * shape.plane, half_from_double(1.5));
  const auto tiles = make_aligned<std::uint8_t>(tile_count(1024) * u8_tile_bytes(512));
  for (auto _ : state) {
    quantized_tiles_from_nchw(isa, shape, nchw.data(), {.scale = 0.125F}, tiles.get(),
                              {.first = 0, .count = tile_count(1024)});
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(2 * nchw.size()) * state.iterations());
}

void register_all() {
  constexpr std::size_t kWide = 512;
  for (const Int8Kernel& kernel : int8_kernels()) {
    if (!isa_available(kernel.isa)) continue;
    const std::string name(kernel.name);
    const auto* k = &kernel;
    const auto add = [&](const char* what, auto body) {
      benchmark::RegisterBenchmark((name + what).c_str(), body)->Unit(benchmark::kMicrosecond);
    };
    add("/512x512_positions_256", [=](auto& state) { run_int8(state, k, kWide, 256, 0x1p-12); });
    add("/512x512_positions_256_any_scale",
        [=](auto& state) { run_int8(state, k, kWide, 256, round_to_half(0.00025)); });
    add("/64x64_positions_32", [=](auto& state) { run_int8(state, k, 64, 32, 0x1p-12); });
    add("/pack_512x512", [=](auto& state) {
      const std::vector<std::int8_t> weights = int8_weights(kWide);
      const std::vector<double> scales(kWide, 0x1p-12);
      const Conv1x1Int8Spec spec{
          .in_channels = kWide, .out_channels = kWide, .weights = weights, .scales = scales};
      run_pack(state, weights.size(), [&] { return pack_int8(spec, *k)->get()->packed_bytes; });
    });
  }
  for (const F16Kernel& kernel : f16_kernels()) {
    if (!isa_available(kernel.isa)) continue;
    const std::string name(kernel.name);
    const auto* k = &kernel;
    const auto add = [&](const char* what, auto body) {
      benchmark::RegisterBenchmark((name + what).c_str(), body)->Unit(benchmark::kMicrosecond);
    };
    add("/512x512_positions_256", [=](auto& state) { run_f16(state, k, kWide, 256); });
    add("/64x64_positions_32", [=](auto& state) { run_f16(state, k, 64, 32); });
    add("/pack_512x512", [=](auto& state) {
      const std::vector<std::uint16_t> weights = f16_weights(kWide);
      const Conv1x1F16Spec spec{.in_channels = kWide, .out_channels = kWide, .weights = weights};
      run_pack(state, 2 * weights.size(), [&] { return pack_f16(spec, *k)->get()->packed_bytes; });
    });
  }
  for (const Isa isa : available_isas()) {
    const std::string name(to_string(isa));
    benchmark::RegisterBenchmark(("quantize_nchw/" + name).c_str(),
                                 [=](auto& state) { run_quantize(state, isa); });
    benchmark::RegisterBenchmark(("canary/" + name).c_str(), [=](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(run_canary(isa));
    });
    for (const bool int8 : {false, true}) {
      benchmark::RegisterBenchmark(
          ((int8 ? "peak_int8/" : "peak_fma/") + name).c_str(), [=](benchmark::State& state) {
            const PeakLoops& loops = *peak_loops(isa);
            double ops = 0;
            for (auto _ : state) {
              ops += (int8 ? loops.int8_dot : loops.fma_f32)(10'000);
            }
            state.counters["ops"] = benchmark::Counter(ops, benchmark::Counter::kIsRate);
          });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
