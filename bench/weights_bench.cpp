// Weight files: how fast they are written, opened and resolved, and how fast tensors are quantized.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/base/rng.h"
#include "anebench/weights/blob_file_reader.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/quantize.h"
#include "anebench/weights/weight_files.h"

namespace anebench::weights {
namespace {

using mil::DataType;
using mil::Type;

// The chain of 128 layers with 512 channels: 256 KiB of int8 a layer.
constexpr std::int64_t kChannels = 512;
constexpr int kLayers = 128;
constexpr std::size_t kLayerBytes = kChannels * kChannels;

std::vector<std::byte> random_layer() {
  Rng rng(1);
  std::vector<std::byte> bytes(kLayerBytes);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.next() & 0xff);
  return bytes;
}

// A folder with the chain's weight file; `offsets` of its layers.
struct ChainFolder {
  TemporaryDirectory directory;
  std::vector<std::uint64_t> offsets;
};

Result<std::vector<std::uint64_t>> append_chain(BlobFileWriter& writer,
                                                const std::vector<std::byte>& layer) {
  std::vector<std::uint64_t> offsets;
  for (int i = 0; i < kLayers; ++i) {
    ANEBENCH_ASSIGN(offset, writer.append(DataType::int8, layer, layer.size()));
    offsets.push_back(offset);
  }
  ANEBENCH_TRY(writer.finish());
  return offsets;
}

Result<ChainFolder> make_chain_folder() {
  ANEBENCH_ASSIGN(directory, TemporaryDirectory::create());
  ANEBENCH_TRY(make_directories(directory.path() / "weights"));
  ANEBENCH_ASSIGN(writer,
                  BlobFileWriter::create((directory.path() / "weights" / "weight.bin").string()));
  ANEBENCH_ASSIGN(offsets, append_chain(writer, random_layer()));
  return ChainFolder{.directory = std::move(directory), .offsets = std::move(offsets)};
}

template <typename T>
bool succeeded(benchmark::State& state, const Result<T>& result) {
  if (!result) state.SkipWithError(result.error().to_string().c_str());
  return result.has_value();
}

void write_to_disk(benchmark::State& state) {
  const auto directory = TemporaryDirectory::create();
  if (!succeeded(state, directory)) return;
  const auto layer = random_layer();
  const std::string path = (directory->path() / "weight.bin").string();
  for (auto _ : state) {
    auto writer = BlobFileWriter::create(path);
    if (!succeeded(state, writer) || !succeeded(state, append_chain(*writer, layer))) return;
  }
  state.SetBytesProcessed(state.iterations() * kLayers * static_cast<std::int64_t>(kLayerBytes));
}
BENCHMARK(write_to_disk)->Unit(benchmark::kMillisecond);

void write_to_memory(benchmark::State& state) {
  const auto layer = random_layer();
  for (auto _ : state) {
    auto writer = BlobFileWriter::in_memory(kLayers * (kLayerBytes + 64) + 64);
    if (!succeeded(state, append_chain(writer, layer))) return;
    benchmark::DoNotOptimize(writer.take_image());
  }
  state.SetBytesProcessed(state.iterations() * kLayers * static_cast<std::int64_t>(kLayerBytes));
}
BENCHMARK(write_to_memory)->Unit(benchmark::kMillisecond);

void open_folder_and_resolve_all(benchmark::State& state) {
  const auto folder = make_chain_folder();
  if (!succeeded(state, folder)) return;
  const Type type = Type::tensor(DataType::int8, {kChannels, kChannels, 1, 1});
  for (auto _ : state) {
    const auto files =
        WeightFiles::from_folder(folder->directory.path().string(), ReadMode::strict);
    if (!succeeded(state, files)) return;
    for (const std::uint64_t offset : folder->offsets) {
      const auto bytes = (*files)->resolve({"@model_path/weights/weight.bin", offset}, type);
      if (!succeeded(state, bytes)) return;
      benchmark::DoNotOptimize(bytes->bytes.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * kLayers);
}
BENCHMARK(open_folder_and_resolve_all)->Unit(benchmark::kMicrosecond);

void list_entries(benchmark::State& state) {
  const auto folder = make_chain_folder();
  if (!succeeded(state, folder)) return;
  const auto reader = BlobFileReader::open(
      (folder->directory.path() / "weights" / "weight.bin").string(), ReadMode::strict);
  if (!succeeded(state, reader)) return;
  for (auto _ : state) {
    const auto listing = reader->entries();
    if (!succeeded(state, listing)) return;
    benchmark::DoNotOptimize(listing->entries.data());
  }
  state.SetItemsProcessed(state.iterations() * kLayers);
}
BENCHMARK(list_entries)->Unit(benchmark::kMicrosecond);

const std::vector<float>& real_weights() {
  static const std::vector<float> values = [] {
    Rng rng(2);
    std::vector<float> made(kLayerBytes);
    for (float& value : made) value = static_cast<float>(rng.normal() * 0.05);
    return made;
  }();
  return values;
}

void quantize_int8_per_channel(benchmark::State& state) {
  for (auto _ : state) {
    const auto tensor = quantize_affine(real_weights(), {kChannels, kChannels}, {.axis = 0});
    if (!succeeded(state, tensor)) return;
  }
  state.SetItemsProcessed(state.iterations() * kChannels * kChannels);
}
BENCHMARK(quantize_int8_per_channel)->Unit(benchmark::kMillisecond);

void quantize_lut_k_means(benchmark::State& state) {
  for (auto _ : state) {
    const auto tensor = quantize_lut(real_weights(), {kChannels, kChannels},
                                     {.bits = static_cast<int>(state.range(0))});
    if (!succeeded(state, tensor)) return;
  }
  state.SetItemsProcessed(state.iterations() * kChannels * kChannels);
}
BENCHMARK(quantize_lut_k_means)->Arg(4)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace anebench::weights
