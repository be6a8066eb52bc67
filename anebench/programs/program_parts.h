// Pieces that the benchmark programs share: 1x1 convolutions with their constant arguments, casts
// at the ends, and the weight file that grows as constants are added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "anebench/base/result.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/weights/blob_file_writer.h"

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

// `output` = cast(x) to output_type's data type.
void append_cast(mil::Builder& builder, const std::string& output, const mil::Type& output_type,
                 const std::string& x);

// A weight file in memory, named as the program refers to it.
class WeightFileBuilder {
 public:
  // `expected_bytes` of content make room in advance.
  explicit WeightFileBuilder(std::string path = std::string(kWeightFile),
                             std::size_t expected_bytes = 0);

  // Appends a blob and gives the constant that refers to it. Precondition: `packed` holds the
  // type's bytes.
  Result<mil::Value> add(const mil::Type& type, std::span<const std::byte> packed);
  // The bytes added so far, headers and gaps not counted.
  std::int64_t payload_bytes() const { return payload_bytes_; }
  // Puts the finished file among `files`; the builder is empty afterwards.
  Result<void> finish_into(weights::WeightFiles& files);

 private:
  std::string path_;
  weights::BlobFileWriter writer_;
  std::int64_t payload_bytes_ = 0;
};

// 2 · positions · in · out.
double conv1x1_operations(std::int64_t positions, std::int64_t in_channels,
                          std::int64_t out_channels);
// The bytes of main's inputs and outputs.
std::int64_t io_bytes(const mil::Program& program);

}  // namespace anebench::programs
