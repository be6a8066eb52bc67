// How fast MIL text is parsed and printed, in bytes of text a second.
//
// `model` is the largest Apple-printed text of the test data (2,971 operations, 614 KB) where that
// is present, else a generated program of the same kind; the label says which. Parsing includes
// destroying the program. The others are one large literal each.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/mil/builder.h"
#include "anebench/mil/text_parser.h"
#include "anebench/mil/text_printer.h"
#include "test_data.h"

namespace anebench::mil {
namespace {

constexpr const char* kModel = "models/parakeet_eou/160ms/streaming_encoder.mlmodelc/model.mil";

// Empty where the archive, the file or tar is absent.
std::string published_text() {
  const std::filesystem::path& models = tests::unpacked("real_models.tar.xz");
  return models.empty() ? std::string() : read_text_file(models / kModel).value_or("");
}

// Constants, convolutions with weights in a file, casts and transpositions, with names as long as
// converters make them.
std::string generated_text() {
  const Type type = Type::tensor(DataType::fp16, {1, 512, 1, 64});
  Builder builder("1.0", Opset::ios17);
  builder.input("x", type);
  std::string last = "x";
  for (int layer = 0; layer < 430; ++layer) {
    const std::string prefix = fmt::format("encoder_layers_{}_conv", layer);
    const auto name = [&](const char* suffix) { return fmt::format("{}_{}", prefix, suffix); };
    builder.constant(name("pad_type_0"), Value::string("valid"));
    builder.constant(name("strides_0"), Value::tensor<std::int32_t>({2}, {1, 1}));
    builder.constant(name("pad_0"), Value::tensor<std::int32_t>({4}, {0, 0, 0, 0}));
    builder.constant(name("groups_0"), Value::scalar<std::int32_t>(1));
    builder.constant(name("weight_to_fp16"),
                     Value::blob(Type::tensor(DataType::fp16, {512, 512, 1, 1}),
                                 {"@model_path/weights/weight.bin", 64}));
    builder.op("conv", name("cast_fp16"), type,
               {{"pad", name("pad_0")},
                {"pad_type", name("pad_type_0")},
                {"groups", name("groups_0")},
                {"strides", name("strides_0")},
                {"weight", name("weight_to_fp16")},
                {"x", last}});
    builder.op("relu", name("relu_cast_fp16"), type, {{"x", name("cast_fp16")}});
    last = name("relu_cast_fp16");
  }
  return print_text(builder.finish({last}));
}

struct Text {
  std::string text;
  const char* label;
};

const Text& model() {
  static const Text kText = [] {
    std::string text = published_text();
    if (!text.empty()) return Text{std::move(text), "published model"};
    return Text{generated_text(), "generated model"};
  }();
  return kText;
}

// A program with one constant of a million numbers.
std::string literal_text(const Value& value) {
  Builder builder("1.3", Opset::ios18);
  builder.constant("w", value);
  return print_text(builder.finish({"w"}));
}

constexpr std::int64_t kElements = 1'000'000;

std::string hex_float_text() {
  std::vector<float> numbers(kElements);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<float>(i * 2654435761U % 16777216) * 0x1p-23f - 1.0f;
  }
  return literal_text(Value::tensor<float>({1000, 1000}, numbers));
}

std::string integer_text() {
  std::vector<std::int8_t> numbers(kElements);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int8_t>(i * 89);
  return literal_text(Value::tensor<std::int8_t>({1000, 1000}, numbers));
}

// As "%g" writes them.
std::string decimal_text() {
  std::string text = fmt::format(
      "program(1.3){{func main<ios18>(){{tensor<fp16,[{}]> w = "
      "const()[val=tensor<fp16,[{}]>([",
      kElements, kElements);
  for (std::int64_t i = 0; i < kElements; ++i) {
    if (i != 0) text += ", ";
    text += fmt::format("{:g}", static_cast<double>(i * 7919 % 2000003 - 1000000) * 1.1e-6);
  }
  return text + "])];}->(w);}";
}

void parse(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    auto program = parse_text(text);
    if (!program) {
      state.SkipWithError(program.error().to_string().c_str());
      break;
    }
    benchmark::DoNotOptimize(program);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void print(benchmark::State& state, const std::string& text) {
  const auto program = parse_text(text);
  if (!program) {
    state.SkipWithError(program.error().to_string().c_str());
    return;
  }
  std::size_t size = 0;
  for (auto _ : state) {
    const std::string printed = print_text(*program);
    size = printed.size();
    benchmark::DoNotOptimize(printed.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * size));
}

void parse_model(benchmark::State& state) {
  parse(state, model().text);
  state.SetLabel(model().label);
}
void print_model(benchmark::State& state) {
  print(state, model().text);
  state.SetLabel(model().label);
}
void parse_hex_floats(benchmark::State& state) { parse(state, hex_float_text()); }
void print_hex_floats(benchmark::State& state) { print(state, hex_float_text()); }
void parse_integers(benchmark::State& state) { parse(state, integer_text()); }
void print_integers(benchmark::State& state) { print(state, integer_text()); }
void parse_decimals(benchmark::State& state) { parse(state, decimal_text()); }

BENCHMARK(parse_model)->Unit(benchmark::kMillisecond);
BENCHMARK(print_model)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_hex_floats)->Unit(benchmark::kMillisecond);
BENCHMARK(print_hex_floats)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_integers)->Unit(benchmark::kMillisecond);
BENCHMARK(print_integers)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_decimals)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace anebench::mil
