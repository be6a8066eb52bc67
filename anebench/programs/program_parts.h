// Pieces that the benchmark programs share: 1x1 convolutions with their constant arguments, casts
// at the ends, and the weight file that grows as constants are added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/function_ref.h"
#include "anebench/base/result.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/blob_format.h"

namespace anebench::programs {

// The two generations of MIL text that the published programs use.
enum class Format : std::uint8_t {
  v1_0,  // opset ios16
  v1_3,  // opset ios18
};
// A builder of `main` with the buildInfo that the system's converter writes for that format.
mil::Builder start_program(Format format);

// Declares the constant arguments of a 1x1 convolution once, then appends convolutions.
class Conv1x1 {
 public:
  explicit Conv1x1(mil::Builder& builder);
  // `x` and `weight` name values; `output_type` is [n, out_channels, h, w].
  void append(std::string output, const mil::Type& output_type, const std::string& x,
              const std::string& weight);

 private:
  mil::Builder& builder_;
};

// Declares the scale and type of the scaled activations once, then appends pairs of quantize and
// dequantize.
class Requantization {
 public:
  explicit Requantization(mil::Builder& builder);
  // `quantized` = quantize(x) in int8, `output` = dequantize(quantized) in fp16.
  void append(const std::string& quantized, const std::string& output, const mil::Shape& shape,
              const std::string& x);

 private:
  mil::Builder& builder_;
};

// `output` = cast(x) to output_type's data type.
void append_cast(mil::Builder& builder, const std::string& output, const mil::Type& output_type,
                 const std::string& x);

// Writes the packed bytes of a constant or an input, which are zeros before. Called for complete
// programs only.
using FillBytes = FunctionRef<void(std::span<std::byte>)>;
// The same as fp16 patterns.
std::span<std::uint16_t> as_halves(std::span<std::byte> bytes);

// A weight file in memory, named as the program refers to it; of a structure, the places of its
// blobs only.
class WeightFileBuilder {
 public:
  // `expected_bytes` of content make room in advance.
  explicit WeightFileBuilder(Content content, std::string path = std::string(kWeightFile),
                             std::size_t expected_bytes = 0);

  // Appends a blob and gives the constant that refers to it.
  Result<mil::Value> add(const mil::Type& type, FillBytes fill);
  // The bytes added so far, headers and gaps not counted.
  std::int64_t payload_bytes() const { return payload_bytes_; }
  // Puts the finished file among `files`, where there is content; the builder is empty afterwards.
  Result<void> finish_into(weights::WeightFiles& files);

 private:
  std::string path_;
  // Nothing for a structure.
  std::optional<weights::BlobFileWriter> writer_;
  std::uint64_t size_ = weights::kBlobHeaderSize;
  std::int64_t payload_bytes_ = 0;
  std::vector<std::byte> packed_;
};

// Adds main's input to a complete program. Precondition: a type of known size.
void add_input(BenchmarkProgram& benchmark, Content content, const mil::Type& type, FillBytes fill);
// The input of the scaled programs: integers around 0 times kActivationScale (initialisation.h).
void fill_scaled_input(std::uint64_t seed, mil::DataType type, std::span<std::byte> bytes);

// Larger programs are refused before anything is allocated: resource_exhausted where the bytes
// exceed 2^40.
Result<void> check_program_size(const ProgramSpec& spec, double weight_bytes, double surface_bytes);

// 2 · positions · in · out.
double conv1x1_operations(std::int64_t positions, std::int64_t in_channels,
                          std::int64_t out_channels);
// The bytes of main's inputs and outputs.
std::int64_t io_bytes(const mil::Program& program);

}  // namespace anebench::programs
