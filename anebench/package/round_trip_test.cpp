// Programs to packages and back.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <protozero/pbf_builder.hpp>

#include "anebench/base/file.h"
#include "anebench/mil/text_parser.h"
#include "anebench/mil/text_printer.h"
#include "anebench/package/description.h"
#include "anebench/package/fields.h"
#include "anebench/package/model.h"
#include "anebench/package/package.h"
#include "anebench/weights/blob_file_writer.h"
#include "test_data.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Texts that have every kind of type, value and construct.
const char* const kTexts[] = {"affine_ios16.mil",   "blocks_ios17.mil", "chain_ios18.mil",
                              "flexible_ios17.mil", "state_ios18.mil",  "values.mil"};

mil::Program parse_file(const std::string& name) {
  const auto text = read_text_file(tests::testdata("mil") / name);
  EXPECT_TRUE(text);
  auto program = mil::parse_text(*text);
  EXPECT_TRUE(program) << program.error().to_string();
  return std::move(*program);
}

Package package_of(const mil::Program& program, std::int32_t specification) {
  Package package;
  package.specification = specification;
  package.program = program;
  return package;
}

Result<Package> read_text_as_bytes(const std::string& model) {
  return read_model(std::as_bytes(std::span(model.data(), model.size())));
}

// The content of a model with the program `text`.
std::string model_of(std::string_view text) {
  const auto program = mil::parse_text(text);
  EXPECT_TRUE(program) << program.error().to_string();
  return write_model(package_of(*program, program->version() == "1.0" ? 8 : 9));
}

constexpr std::string_view kRelu = R"(program(1.0)
{
    func main<ios17>(tensor<fp32, [2]> x) {
            tensor<fp32, [2]> y = relu(x = x)[name = tensor<string, []>("y")];
        } -> (y);
})";

TEST(RoundTrip, ProgramsComeBackAsTheyWere) {
  for (const char* name : kTexts) {
    SCOPED_TRACE(name);
    const mil::Program program = parse_file(name);
    Package package = package_of(program, program.version() == "1.0" ? 8 : 9);
    if (auto description = make_description(program)) package.description = *description;
    const auto back = read_text_as_bytes(write_model(package));
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(mil::print_text(back->program), mil::print_text(program));
    EXPECT_TRUE(back->unknown.empty());
    EXPECT_EQ(back->specification, package.specification);
    EXPECT_EQ(back->description, package.description);
    EXPECT_EQ(write_model(*back), write_model(package)) << "the second writing differs";
  }
}

TEST(RoundTrip, PackagesOfCoremltoolsComeOutByteForByte) {
  for (const char* name : {"scale_ios17", "branches_ios15", "palette_ios18"}) {
    SCOPED_TRACE(name);
    const fs::path path = tests::testdata("package") / fmt::format("{}.mlpackage", name);
    const auto package = read_package(path, weights::ReadMode::strict);
    ASSERT_TRUE(package) << package.error().to_string();
    const auto bytes = read_text_file(path / "Data/com.apple.CoreML/model.mlmodel");
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(write_model(*package) == *bytes);
    EXPECT_TRUE(package->unknown.empty());
    for (const mil::Operation& operation : package->program.main()->body.operations) {
      for (const mil::Argument& argument : operation.inputs) {
        const auto* value = std::get_if<mil::Value>(&argument.bindings.front());
        if (value == nullptr || !value->is_blob()) continue;
        const auto content = mil::packed_bytes(*value, *package->weights);
        EXPECT_TRUE(content) << content.error().to_string();
      }
    }
  }
}

TEST(RoundTrip, FieldsOfNewerVersionsAreKept) {
  Package package = package_of(*mil::parse_text(kRelu), 8);
  // A field 77 in the model, in the program, in an operation and in the type of its result.
  std::string raw;
  protozero::pbf_writer(raw).add_string(77, "from the future");
  const std::string paths[] = {"", "program/", "program/function main/body/op y/",
                               "program/function main/body/op y/output 0/type/of/"};
  for (const std::string& path : paths) package.unknown.add(path, raw);
  const std::string model = write_model(package);
  const auto back = read_text_as_bytes(model);
  ASSERT_TRUE(back) << back.error().to_string();
  for (const std::string& path : paths) EXPECT_EQ(back->unknown.find(path), raw) << path;
  EXPECT_EQ(back->unknown.size(), 4U);
  EXPECT_EQ(write_model(*back), model);
  EXPECT_EQ(back->program, package.program);
}

TEST(RoundTrip, FlexibleShapesStandInTheDescriptionOnly) {
  const mil::Program program = parse_file("flexible_ios17.mil");
  ASSERT_NE(mil::print_text(program).find(kFlexibleShapes), std::string::npos);
  Package package = package_of(program, 8);
  const auto without = read_text_as_bytes(write_model(package));
  ASSERT_TRUE(without);
  EXPECT_EQ(mil::print_text(without->program).find(kFlexibleShapes), std::string::npos);
}

TEST(RoundTrip, FoldersAreReplacedWhole) {
  const auto scratch = TemporaryDirectory::create();
  ASSERT_TRUE(scratch);
  auto writer = weights::BlobFileWriter::in_memory();
  const std::vector<std::byte> data(8);
  ASSERT_TRUE(writer.append(mil::DataType::fp32, data, 2));
  auto weights = weights::WeightFiles::from_memory({{"weights/weight.bin", writer.take_image()}});
  ASSERT_TRUE(weights);
  const auto program = mil::parse_text(R"(program(1.0)
{
    func main<ios17>(tensor<fp32, [2]> x) {
            tensor<fp32, [2]> w = const()[name = tensor<string, []>("w"), val = tensor<fp32, [2]>(BLOBFILE(path = tensor<string, []>("@model_path/weights/weight.bin"), offset = tensor<uint64, []>(64)))];
            tensor<fp32, [2]> y = add(x = x, y = w)[name = tensor<string, []>("y")];
        } -> (y);
})");
  ASSERT_TRUE(program) << program.error().to_string();
  const auto package = make_package(*program, *weights);
  ASSERT_TRUE(package) << package.error().to_string();

  const fs::path path = scratch->path() / "m.mlpackage";
  fs::create_directory(path);
  std::ofstream(path / "old") << "old";
  const auto written = write_package(*package, path);
  ASSERT_TRUE(written) << written.error().to_string();
  EXPECT_FALSE(fs::exists(path / "old"));
  const auto text_written = write_text_folder(*program, weights->get(), scratch->path() / "folder");
  ASSERT_TRUE(text_written) << text_written.error().to_string();

  for (const char* name : {"m.mlpackage", "folder"}) {
    const auto model = open_model(scratch->path() / name, weights::ReadMode::strict);
    ASSERT_TRUE(model) << model.error().to_string();
    EXPECT_EQ(mil::print_text(model->program), mil::print_text(*program));
    const auto content = model->weights->content("weights/weight.bin");
    ASSERT_TRUE(content) << content.error().to_string();
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch->path()), fs::directory_iterator()), 2)
      << "nothing else stays beside them";
}

TEST(RoundTrip, AFailedWritingLeavesTheOldFolder) {
  const auto scratch = TemporaryDirectory::create();
  ASSERT_TRUE(scratch);
  const fs::path path = scratch->path() / "m.mlpackage";
  fs::create_directory(path);
  std::ofstream(path / "old") << "old";
  const auto program = mil::parse_text(R"(program(1.0)
{
    func main<ios17>(tensor<fp32, [2]> x) {
            tensor<fp32, [2]> w = const()[val = tensor<fp32, [2]>(BLOBFILE(path = tensor<string, []>("@model_path/gone.bin"), offset = tensor<uint64, []>(64)))];
        } -> (w);
})");
  ASSERT_TRUE(program) << program.error().to_string();
  const auto package = make_package(*program, nullptr);
  ASSERT_TRUE(package);
  EXPECT_FALSE(write_package(*package, path));
  EXPECT_TRUE(fs::exists(path / "old"));
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch->path()), fs::directory_iterator()), 1);
}

TEST(Reader, NamesOtherKindsOfModel) {
  std::string model;
  protozero::pbf_writer writer(model);
  writer.add_int32(1, 4);
  writer.add_message(500, std::string());
  const auto package = read_text_as_bytes(model);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(package.error().to_string(), HasSubstr("neural network"));
}

TEST(Reader, RefusesSpecificationsItDoesNotKnow) {
  for (const std::int32_t specification : {0, 5, 11}) {
    const auto package =
        read_text_as_bytes(write_model(package_of(*mil::parse_text(kRelu), specification)));
    ASSERT_FALSE(package);
    EXPECT_EQ(package.error().code(), ErrorCode::unsupported);
  }
}

TEST(Reader, ErrorsNameFunctionAndOperation) {
  std::string model = model_of(kRelu);
  // The element type of the result.
  const std::size_t at = model.rfind("\x08\x0b\x10\x01");
  ASSERT_NE(at, std::string::npos);
  model[at + 1] = 99;
  const auto package = read_text_as_bytes(model);
  ASSERT_FALSE(package);
  EXPECT_THAT(package.error().to_string(), HasSubstr("function 'main': operation 'y'"));
  EXPECT_THAT(package.error().to_string(), HasSubstr("99"));
}

TEST(Reader, EveryTruncationIsAnError) {
  const std::string model = model_of(kRelu);
  for (std::size_t size = 0; size < model.size(); ++size) {
    EXPECT_FALSE(read_text_as_bytes(model.substr(0, size))) << size;
  }
}

TEST(Reader, RefusesDeepNesting) {
  // A value in a value in a value: lists of lists.
  std::string type;
  protozero::pbf_builder<TensorTypeField>(type).add_enum(TensorTypeField::data_type, 23);
  std::string nested;
  protozero::pbf_builder<TypeField>(nested).add_message(TypeField::tensor, type);
  for (int i = 0; i < 1000; ++i) {
    std::string wrapped;
    protozero::pbf_builder<StateTypeField>(wrapped).add_message(StateTypeField::wrapped, nested);
    nested.clear();
    protozero::pbf_builder<TypeField>(nested).add_message(TypeField::state, wrapped);
  }
  std::string input;
  protozero::pbf_builder<NamedTypeField>(input).add_message(NamedTypeField::type, nested);
  std::string function;
  protozero::pbf_builder<FunctionField>(function).add_message(FunctionField::inputs, input);
  std::string entry;
  protozero::pbf_builder<EntryField>(entry).add_message(EntryField::value, function);
  std::string program;
  protozero::pbf_builder<ProgramField>(program).add_message(ProgramField::functions, entry);
  std::string model;
  protozero::pbf_builder<ModelField> builder(model);
  builder.add_int32(ModelField::specification_version, 8);
  builder.add_message(ModelField::ml_program, program);
  const auto package = read_text_as_bytes(model);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().code(), ErrorCode::resource_exhausted);
}

TEST(Reader, RefusesTensorsLargerThanTheirBytes) {
  std::string model = model_of(R"(program(1.0)
{
    func main<ios17>(tensor<fp32, [2]> x) {
            tensor<fp32, [3]> y = const()[val = tensor<fp32, [3]>([1, 2, 3])];
        } -> (y);
})");
  // The dimension of the constant's type: a message {constant {size 3}}.
  const std::string_view dimension("\x1a\x04\x0a\x02\x08\x03", 6);
  std::size_t at = model.find(dimension);
  ASSERT_NE(at, std::string::npos);
  int changed = 0;
  int refused = 0;
  for (; at != std::string::npos; at = model.find(dimension, at + 1), ++changed) {
    std::string other = model;
    other[at + 5] = 0x7f;
    const auto package = read_text_as_bytes(other);
    // One of the two is the type of the result, which is the verifier's matter.
    if (package) continue;
    ++refused;
    EXPECT_THAT(package.error().to_string(), HasSubstr("has 3 elements"));
  }
  EXPECT_EQ(changed, 2);
  EXPECT_EQ(refused, 1);
}

}  // namespace
}  // namespace anebench::package
