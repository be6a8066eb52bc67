#include "anebench/mil/text_printer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/mil/builder.h"
#include "anebench/mil/text_parser.h"
#include "test_data.h"

namespace anebench::mil {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> mil_files_under(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".mil") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void expect_unchanged_by_a_round_trip(const fs::path& file) {
  SCOPED_TRACE(file.string());
  const std::string text = read_file(file);
  const auto program = parse_text(text);
  ASSERT_TRUE(program) << program.error().to_string();
  const std::string printed = print_text(*program);
  // Not EXPECT_EQ: the texts are long.
  const auto difference =
      std::mismatch(text.begin(), text.end(), printed.begin(), printed.end()).first;
  EXPECT_TRUE(printed == text) << "first difference at byte " << difference - text.begin();
  std::string streamed;
  print_text(*program, [&](std::string_view piece) { streamed += piece; });
  EXPECT_TRUE(streamed == printed);
  const auto again = parse_text(printed);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_TRUE(*again == *program);
}

TEST(TextPrinter, ReproducesEveryTextThatApplePrinted) {
  const fs::path& models = tests::unpacked("real_models.tar.xz");
  if (models.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  const auto files = mil_files_under(models);
  EXPECT_GE(files.size(), 13u);
  for (const fs::path& file : files) expect_unchanged_by_a_round_trip(file);
}

TEST(TextPrinter, ReproducesTheGoldenTexts) {
  const auto files = mil_files_under(tests::testdata("mil"));
  EXPECT_GE(files.size(), 5u);
  for (const fs::path& file : files) {
    if (file.filename().string().starts_with("loose_")) continue;  // not in printed form
    expect_unchanged_by_a_round_trip(file);
  }
}

Program small_program(std::string version) {
  Builder builder(std::move(version), Opset::ios17);
  builder.program_attribute("buildInfo", build_info({{"z", "last"}, {"a", "first"}}));
  builder.input("x", Type::tensor(DataType::fp32, {1, Dim::unknown()}));
  builder.input("a", Type::scalar(DataType::int32));
  builder.op("add", "y", Type::tensor(DataType::fp32, {1, Dim::unknown()}),
             {{"y", "x"}, {"x", "x"}});
  return builder.finish({"y", "x"});
}

TEST(TextPrinter, PrintsScalarsOfVersion10AsTensorsOfRankZero) {
  EXPECT_EQ(print_text(small_program("1.0")), R"(program(1.0)
[buildInfo = dict<tensor<string, []>, tensor<string, []>>({{"a", "first"}, {"z", "last"}})]
{
    func main<ios17>(tensor<int32, []> a, tensor<fp32, [1, ?]> x) {
            tensor<fp32, [1, ?]> y = add(x = x, y = x)[name = tensor<string, []>("y")];
        } -> (y, x);
})");
}

TEST(TextPrinter, PrintsScalarsOfVersion13Bare) {
  EXPECT_EQ(print_text(small_program("1.3")), R"(program(1.3)
[buildInfo = dict<string, string>({{"a", "first"}, {"z", "last"}})]
{
    func main<ios17>(int32 a, tensor<fp32, [1, ?]> x) {
            tensor<fp32, [1, ?]> y = add(x = x, y = x)[name = string("y")];
        } -> (y, x);
})");
}

TEST(TextPrinter, KeepsEveryOrderWhenAsked) {
  const Program program = small_program("1.3");
  const std::string text = print_text(program, {.order = PrintOrder::as_given});
  EXPECT_NE(text.find(R"({{"z", "last"}, {"a", "first"}})"), std::string::npos);
  EXPECT_NE(text.find("tensor<fp32, [1, ?]> x, int32 a"), std::string::npos);
  EXPECT_NE(text.find("add(y = x, x = x)"), std::string::npos);
  EXPECT_EQ(*parse_text(text), program);
  EXPECT_NE(*parse_text(print_text(program)), program);
}

TEST(TextPrinter, PrintsAProgramWithoutAttributesAndFunctions) {
  EXPECT_EQ(print_text(Program()), "program(1.3)\n{\n}");
}

TEST(TextPrinter, PrintsValuesAsShortestHexFloats) {
  const std::vector<std::pair<double, std::string>> cases = {
      {0.0, "0x0p+0"},   {-0.0, "-0x0p+0"},      {1.0, "0x1p+0"},      {-1.0, "-0x1p+0"},
      {0.125, "0x1p-3"}, {65504, "0x1.ffcp+15"}, {0x1p-24, "0x1p-24"}, {0x3p-24, "0x1.8p-23"},
      {1.5, "0x1.8p+0"}, {HUGE_VAL, "inf"},      {-HUGE_VAL, "-inf"},  {std::nan(""), "nan"},
  };
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(print_literal_text(Value::fp16_scalar(number)), fmt::format("fp16({})", text));
    EXPECT_EQ(print_literal_text(Value::scalar(static_cast<float>(number))),
              fmt::format("fp32({})", text));
    EXPECT_EQ(print_literal_text(Value::scalar(number)), fmt::format("fp64({})", text));
  }
  EXPECT_EQ(print_literal_text(Value::scalar(0x1p-149f)), "fp32(0x1p-149)");
  EXPECT_EQ(print_literal_text(Value::scalar(0x1p-1074)), "fp64(0x1p-1074)");
  EXPECT_EQ(print_literal_text(Value::scalar(0x1.8p-1073)), "fp64(0x1.8p-1073)");
  EXPECT_EQ(print_literal_text(Value::scalar(0x0.fffffffffffffp-1022)),
            "fp64(0x1.ffffffffffffep-1023)");
  EXPECT_EQ(print_literal_text(Value::scalar(std::numeric_limits<double>::max())),
            "fp64(0x1.fffffffffffffp+1023)");
}

TEST(TextPrinter, PrintsTensorsNestedToTheirRank) {
  EXPECT_EQ(print_literal_text(Value::tensor<std::int32_t>({2, 1, 2}, {1, -2, 3, 4})),
            "tensor<int32, [2, 1, 2]>([[[1, -2]], [[3, 4]]])");
  EXPECT_EQ(print_literal_text(Value::tensor<bool>({2}, {true, false})),
            "tensor<bool, [2]>([true, false])");
  EXPECT_EQ(print_literal_text(Value::strings(Type::tensor(DataType::string, {2, 1}), {"a", "b"})),
            R"(tensor<string, [2, 1]>([["a"], ["b"]]))");
  EXPECT_EQ(print_literal_text(
                Value::packed(Type::tensor(DataType::int4, {3}), {std::byte{0x78}, std::byte{15}})),
            "tensor<int4, [3]>([-8, 7, -1])");
  EXPECT_EQ(print_literal_text(Value::scalar(std::numeric_limits<std::uint64_t>::max())),
            "uint64(18446744073709551615)");
}

TEST(TextPrinter, PrintsEmptyTensorsShortlyWhateverTheirShape) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  EXPECT_EQ(print_literal_text(Value::packed(Type::tensor(DataType::fp16, {kHuge, 0, 3}), {})),
            "tensor<fp16, [4611686018427387904, 0, 3]>([])");
}

TEST(TextPrinter, PrintsNoMoreElementsThanThereAre) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const Value value =
      Value::packed(Type::tensor(DataType::int8, {kHuge, 1}), {std::byte{1}, std::byte{2}});
  EXPECT_EQ(print_literal_text(value), "tensor<int8, [4611686018427387904, 1]>([[1], [2]])");
}

TEST(TextPrinter, PrintsFileReferencesInBothStyles) {
  const Value value = Value::blob(Type::tensor(DataType::fp16, {4}), {"@model_path/w.bin", 64});
  EXPECT_EQ(print_literal_text(value, "1.3"),
            "tensor<fp16, [4]>(BLOBFILE(path = string(\"@model_path/w.bin\"), "
            "offset = uint64(64)))");
  EXPECT_EQ(print_literal_text(value, "1.0"),
            "tensor<fp16, [4]>(BLOBFILE(path = tensor<string, []>(\"@model_path/w.bin\"), "
            "offset = tensor<uint64, []>(64)))");
}

TEST(TextPrinter, EscapesStrings) {
  EXPECT_EQ(print_literal_text(Value::string("a\"b\\c\nd\te\rf")), R"(string("a\"b\\c\nd\te\rf"))");
}

TEST(TextPrinter, SendsLongTextsToTheSinkInPieces) {
  Builder builder("1.3", Opset::ios18);
  for (int i = 0; i < 5000; ++i) {
    builder.constant(fmt::format("c{}", i), Value::scalar<std::int32_t>(i));
  }
  const Program program = builder.finish({"c0"});
  std::string text;
  int pieces = 0;
  print_text(program, [&](std::string_view piece) {
    text += piece;
    ++pieces;
  });
  EXPECT_EQ(text, print_text(program));
  EXPECT_GT(pieces, 2);
}

TEST(TextPrinter, PrintsOneOperationForMessages) {
  const Program program = small_program("1.3");
  EXPECT_EQ(print_operation_text(program.main()->body.operations[0]),
            R"(tensor<fp32, [1, ?]> y = add(x = x, y = x)[name = string("y")])");
}

}  // namespace
}  // namespace anebench::mil
