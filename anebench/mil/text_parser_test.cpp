#include "anebench/mil/text_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/mil/testdata_for_tests.h"
#include "anebench/mil/text_printer.h"

namespace anebench::mil {
namespace {

// A program whose only function has this body.
std::string with_body(std::string_view body) {
  return fmt::format("program(1.3)\n{{\nfunc main<ios18>(fp16 x) {{\n{}\n}} -> (x);\n}}", body);
}

Program parse(std::string_view text) {
  const auto program = parse_text(text);
  if (program) return *program;
  ADD_FAILURE() << program.error().to_string() << "\nin\n" << text;
  return Program();
}

// The first operation of such a body.
Operation parse_op(std::string_view body) {
  const Program program = parse(with_body(body));
  if (program.main() == nullptr || program.main()->body.operations.empty()) return {};
  return program.main()->body.operations.front();
}

Value literal(std::string_view text) {
  const auto value = parse_literal_text(text);
  if (value) return *value;
  ADD_FAILURE() << value.error().to_string() << " in " << text;
  return Value();
}

Type type(std::string_view text) {
  const auto parsed = parse_type_text(text);
  if (parsed) return *parsed;
  ADD_FAILURE() << parsed.error().to_string() << " in " << text;
  return Type();
}

// ---- Programs and functions ----

TEST(TextParser, ReadsAMinimalProgram) {
  const Program program = parse("program(1.0){}");
  EXPECT_EQ(program.version(), "1.0");
  EXPECT_TRUE(program.functions().empty());
}

TEST(TextParser, ReadsTheKnownVersions) {
  for (const char* version : {"1.0", "1.3", "1", "1.2"}) {
    EXPECT_EQ(parse(fmt::format("program({}) {{ }}", version)).version(), version);
  }
}

TEST(TextParser, ReadsProgramAttributes) {
  const Program program =
      parse(R"(program(1.3)[buildInfo = dict<string, string>({{"k", "v"}})]{})");
  const Value& info = program.attributes().at(0).value;
  EXPECT_EQ(program.attributes().at(0).name, "buildInfo");
  EXPECT_EQ(info.dictionary_entries()[0].first.as_string(), "k");
  EXPECT_EQ(info.dictionary_entries()[0].second.as_string(), "v");
  EXPECT_EQ(parse("program(1.3) [] {}"), parse("program(1.3) {}"));
}

TEST(TextParser, ReadsSeveralFunctions) {
  const Program program = parse(
      "program(1.3) { func a<ios18>(fp16 x, tensor<int32, [2]> y) { } -> (y, x);"
      "func main<ios26>() { } -> (); }");
  ASSERT_EQ(program.functions().size(), 2u);
  EXPECT_EQ(program.functions()[0].inputs.at(1), (NamedType{"y", type("tensor<int32, [2]>")}));
  EXPECT_EQ(program.functions()[0].body.outputs, (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(program.functions()[1].opset, "ios26");
  EXPECT_EQ(program.main()->name, "main");
}

TEST(TextParser, ReadsFlexibleShapeInformation) {
  const Program program = parse(read_testdata("flexible_ios17.mil"));
  const Function& main = *program.main();
  const Value& flexible = main.attributes.at(0).value;
  EXPECT_EQ(main.attributes.at(0).name, "FlexibleShapeInformation");
  EXPECT_EQ(main.inputs.at(0).type.shape(), (Shape{1, Dim::unknown()}));
  const Value& ranges = flexible.item_elements()[1];
  EXPECT_EQ(ranges.item_elements()[0].as_string(), "RangeDims");
  const auto& [name, bounds] = ranges.item_elements()[1].dictionary_entries()[0];
  EXPECT_EQ(name.as_string(), "x");
  EXPECT_EQ(bounds.item_elements()[1].as_ints(), (std::vector<std::int64_t>{1, 32000}));
  const Value& defaults = flexible.item_elements()[0].item_elements()[1];
  EXPECT_EQ(defaults.dictionary_entries()[0].second.as_ints(), (std::vector<std::int64_t>{1, 1}));
}

// ---- Operations ----

TEST(TextParser, ReadsAnOperation) {
  const Operation op = parse_op(R"(fp16 y = relu(x = x)[name = string("op_1")];)");
  EXPECT_EQ(op.type, "relu");
  EXPECT_EQ(op.outputs.at(0), (NamedType{"y", Type::scalar(DataType::fp16)}));
  EXPECT_EQ(std::get<std::string>(op.find_input("x")->bindings.at(0)), "x");
  EXPECT_FALSE(op.inputs[0].is_variadic);
  EXPECT_EQ(op.label(), "op_1");
}

TEST(TextParser, AttributesAreOptional) {
  EXPECT_TRUE(parse_op("fp16 y = relu(x = x);").attributes.empty());
  EXPECT_TRUE(parse_op("fp16 y = relu(x = x)[];").attributes.empty());
}

TEST(TextParser, UnknownOperationsAreCarried) {
  EXPECT_EQ(parse_op("fp16 y = no_such_op(q = x, r = x);").inputs.size(), 2u);
}

TEST(TextParser, ReadsSeveralResults) {
  const Operation op = parse_op("fp16 a, tensor<fp16, [2]> b = split(x = x);");
  ASSERT_EQ(op.outputs.size(), 2u);
  EXPECT_EQ(op.outputs[1].name, "b");
  EXPECT_EQ(op.outputs[1].type, type("tensor<fp16, [2]>"));
}

TEST(TextParser, ReadsAnOperationWithoutResult) {
  const Operation op = parse_op("write_state(input = s, data = x);");
  EXPECT_EQ(op.type, "write_state");
  EXPECT_TRUE(op.outputs.empty());
  // Even one named like a type.
  EXPECT_EQ(parse_op("string(a = x);").type, "string");
}

TEST(TextParser, ReadsParametersInAttributes) {
  const Operation op =
      parse_op("fp16 w = constexpr_cast()[output_dtype = string(\"fp32\"), source_val = fp16(1)];");
  EXPECT_TRUE(op.inputs.empty());
  EXPECT_EQ(op.find_attribute("source_val")->as_double(), 1.0);
}

TEST(TextParser, ReadsInlineLiteralsAsArguments) {
  const Operation op = parse_op(
      R"(fp32 y = cast(dtype = string("fp32"), x = tensor<fp16, [1]>([-0x1p+0]), z = int32);)");
  EXPECT_EQ(std::get<Value>(op.inputs.at(0).bindings.at(0)).as_string(), "fp32");
  EXPECT_EQ(std::get<Value>(op.inputs.at(1).bindings.at(0)).as_double(), -1.0);
  // A name may look like a type.
  EXPECT_EQ(std::get<std::string>(op.inputs.at(2).bindings.at(0)), "int32");
}

TEST(TextParser, ReadsListsOfValues) {
  const Operation op = parse_op("fp16 y = concat(values = (a, fp16(2), b), one = (a), none = ());");
  const Argument& values = *op.find_input("values");
  EXPECT_TRUE(values.is_variadic);
  ASSERT_EQ(values.bindings.size(), 3u);
  EXPECT_EQ(std::get<Value>(values.bindings[1]).as_double(), 2.0);
  EXPECT_EQ(std::get<std::string>(values.bindings[2]), "b");
  EXPECT_TRUE(op.find_input("one")->is_variadic);
  EXPECT_EQ(op.find_input("one")->bindings.size(), 1u);
  EXPECT_TRUE(op.find_input("none")->bindings.empty());
}

TEST(TextParser, NestedListsOfValuesAreFlat) {
  const Operation nested = parse_op("fp16 y = f(v = (a, (b, (c)), (d)));");
  EXPECT_EQ(nested, parse_op("fp16 y = f(v = (a, b, c, d));"));
  EXPECT_FALSE(parse_text(with_body("fp16 y = f(v = (a, (b, c);")));
  EXPECT_FALSE(parse_text(with_body("fp16 y = f(v = (a, (b, c))));")));
}

TEST(TextParser, OrderIsKept) {
  const Operation op = parse_op("fp16 y = f(z = x, a = x)[t = int8(1), b = int8(2)];");
  EXPECT_EQ(op.inputs[0].parameter, "z");
  EXPECT_EQ(op.attributes[0].name, "t");
}

TEST(TextParser, NestedBlocksReadAndPrint) {
  const Program program = parse(read_testdata("blocks_ios17.mil"));
  const auto& operations = program.main()->body.operations;
  ASSERT_EQ(operations.size(), 2u);
  ASSERT_EQ(operations[0].blocks.size(), 2u);
  EXPECT_EQ(operations[0].blocks[0].outputs, std::vector<std::string>{"more"});
  const Block& body = operations[1].blocks.at(1);
  EXPECT_EQ(body.inputs.at(0).name, "j");
  EXPECT_EQ(body.operations.at(0).blocks.size(), 2u);
}

TEST(TextParser, BlocksMayCarryAttributes) {
  const Operation op = parse_op("f() block()[a = int8(1)] { } -> () block(fp16 p) {} -> (p);");
  EXPECT_EQ(op.blocks.at(0).attributes.at(0).name, "a");
  EXPECT_EQ(op.blocks.at(1).inputs.at(0).name, "p");
}

TEST(TextParser, RecordsWhereOperationsStand) {
  const Program program = parse(
      "program(1.3) { func main<ios18>() {\n"
      "  fp16 a = f();\n"
      "\tg(); // h();\n"
      "/* two\nlines */ fp16 b = f()[name = string(\"x\ny\")]; h();\n"
      "} -> (a); }");
  const auto& operations = program.main()->body.operations;
  ASSERT_EQ(operations.size(), 4u);
  const std::pair<std::uint32_t, std::uint32_t> expected[] = {{2, 3}, {3, 2}, {5, 10}, {6, 7}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(operations[i].location.line, expected[i].first) << i;
    EXPECT_EQ(operations[i].location.column, expected[i].second) << i;
  }
}

// ---- Tokens ----

TEST(TextParser, WhitespaceAndCommentsAreFree) {
  const Program dense = parse(
      "program(1.3){func main<ios18>(tensor<fp16,[1,2]>x){fp16 y=relu(x=x)[name=string(\"y\")];"
      "}->(y);}");
  const Program loose = parse(
      "\xef\xbb\xbf// first\r\n program ( 1.3 ) /**/ { func main < ios18 > ( tensor < fp16 , [ 1 "
      ",\t2 ] "
      "> x ) { fp16\ty = relu ( x = x ) /* * ** / // */ [ name = string ( \"y\" ) ] ; }\r\n -> ( y "
      ") ; } // last");
  EXPECT_EQ(dense, loose);
}

TEST(TextParser, LooseAndPrintedSpellingsAreTheSameProgram) {
  EXPECT_EQ(parse(read_testdata("loose_chain_ios18.mil")), parse(read_testdata("chain_ios18.mil")));
}

TEST(TextParser, IdentifiersMayHoldUnderscoresDigitsAndAts) {
  EXPECT_EQ(parse_op("fp16 _a@1B_ = f();").outputs.at(0).name, "_a@1B_");
  EXPECT_TRUE(is_identifier("_x9@"));
  for (const char* name : {"", "9x", "@x", "a b", "a.b", "a-b", "\xc3\xa9"}) {
    EXPECT_FALSE(is_identifier(name)) << name;
  }
}

TEST(TextParser, StringsResolveEscapes) {
  EXPECT_EQ(literal(R"(string("a\"b\\c\n\t\r"))").as_string(), "a\"b\\c\n\t\r");
  EXPECT_EQ(literal("string(\"\xc3\xa9 // no comment /* \n\")").as_string(),
            "\xc3\xa9 // no comment /* \n");
  EXPECT_EQ(literal("string(\"\")").as_string(), "");
}

// ---- Types ----

TEST(TextParser, ReadsEveryType) {
  for (int i = 0; i < kDataTypeCount; ++i) {
    const auto data_type = static_cast<DataType>(i);
    EXPECT_EQ(type(to_string(data_type)), Type::scalar(data_type));
    EXPECT_EQ(type(fmt::format("tensor<{}, []>", to_string(data_type))), Type::scalar(data_type));
    EXPECT_EQ(type(fmt::format("tensor<{}, [3, ?]>", to_string(data_type))),
              Type::tensor(data_type, {3, Dim::unknown()}));
  }
  for (const char* text : {"list<string, 3>", "list<tensor<fp16, [1, ?]>, ?>", "tuple<>",
                           "tuple<bool, tuple<int4, fp64>>", "dict<string, dict<int32, bool>>",
                           "state<tensor<fp16, [4]>>"}) {
    EXPECT_EQ(to_string(type(text)), text);
  }
}

TEST(TextParser, HugeTypesAreOnlyTypes) {
  EXPECT_EQ(type("tensor<fp16, [9223372036854775807, 9223372036854775807]>").element_count(),
            std::nullopt);
}

// ---- Literals ----

TEST(TextParser, ReadsIntegersUpToTheirLimits) {
  const auto text_of = [](const std::string& text) { return print_literal_text(literal(text)); };
  for (const char* text :
       {"int8(-128)", "int8(127)", "uint8(255)", "int16(-32768)", "uint16(65535)",
        "int32(-2147483648)", "uint32(4294967295)", "int64(-9223372036854775808)",
        "int64(9223372036854775807)", "uint64(18446744073709551615)", "int4(-8)", "int4(7)",
        "uint1(1)", "uint2(3)", "uint3(7)", "uint4(15)", "uint6(63)"}) {
    EXPECT_EQ(text_of(text), text);
  }
  EXPECT_EQ(literal("int32(007)").as_int(), 7);
  EXPECT_EQ(literal("uint8(-0)").as_int(), 0);
}

TEST(TextParser, ReadsBothStylesOfScalars) {
  EXPECT_EQ(literal("tensor<int32, []>(1)"), literal("int32(1)"));
  EXPECT_EQ(literal("tensor<string, []>(\"a\")"), literal("string(\"a\")"));
}

TEST(TextParser, ReadsNumbersOfFloatingPointTypesInAnySpelling) {
  EXPECT_EQ(literal("fp16(0x1.8p-1)"), Value::fp16_scalar(0.75));
  EXPECT_EQ(literal("fp16(0.00001)"), Value::fp16_scalar(0.00001));
  EXPECT_EQ(literal("fp16(-1)"), Value::fp16_scalar(-1));
  EXPECT_EQ(literal("fp16(1e-8)"), Value::fp16_scalar(0));
  EXPECT_EQ(literal("fp16(-inf)"), Value::fp16_scalar(-HUGE_VAL));
  EXPECT_EQ(literal("fp16(1e6)"), Value::fp16_scalar(HUGE_VAL));
  EXPECT_EQ(literal("fp32(0.1)"), Value::scalar(0.1f));
  EXPECT_EQ(literal("fp32(0x1p-149)"), Value::scalar(std::numeric_limits<float>::denorm_min()));
  EXPECT_EQ(literal("fp64(0.1)"), Value::scalar(0.1));
  EXPECT_TRUE(std::isnan(*literal("bf16(nan)").as_double()));
  EXPECT_EQ(literal("bf16(1.00390625)").as_double(), 1.0);  // a tie, to even
  EXPECT_EQ(literal("fp8e4m3fn(1000)").as_double(), 448.0);
  EXPECT_EQ(literal("fp8e5m2(100000)").as_double(), 57344.0);
  EXPECT_EQ(literal("fp8e5m2(-inf)").as_double(), -HUGE_VAL);
}

TEST(TextParser, ConvertsOnceToTheTargetType) {
  // Through the nearest float this would be 1 + 2^-11 and then, to even, 1.
  EXPECT_EQ(literal("fp16(1.00048828125000000001)").as_double(), 1 + 0x1p-10);
  // Through the nearest double it would be 1 + 2^-24 and then 1.
  EXPECT_EQ(literal("fp32(1.000000059604644775390625000001)").as_double(), 1 + 0x1p-23);
}

TEST(TextParser, ReadsNestedTensors) {
  EXPECT_EQ(literal("tensor<int32, [2, 2]>([[1, 2], [3, 4]])"),
            Value::tensor<std::int32_t>({2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(literal("tensor<bool, [3]>([true, false, true])"),
            Value::tensor<bool>({3}, {true, false, true}));
  EXPECT_EQ(literal("tensor<string, [1, 2]>([[\"a\", \"b\"]])").string_elements()[1], "b");
  EXPECT_EQ(literal("tensor<uint3, [3]>([1, 2, 3])").bytes().size(), 2u);
}

TEST(TextParser, OneElementNeedsNoBrackets) {
  EXPECT_EQ(literal("tensor<int32, [1]>(5)"), literal("tensor<int32, [1]>([5])"));
  EXPECT_EQ(literal("tensor<fp16, [1, 1]>(5)"), literal("tensor<fp16, [1, 1]>([[5]])"));
  EXPECT_FALSE(parse_literal_text("tensor<int32, [2]>(5)"));
  EXPECT_FALSE(parse_literal_text("tensor<int32, [?]>(5)"));
}

TEST(TextParser, ReadsEmptyTensors) {
  EXPECT_EQ(literal("tensor<int32, [0]>([])"), Value::tensor<std::int32_t>({0}, {}));
  EXPECT_EQ(literal("tensor<int32, [2, 0]>([[], []])"), literal("tensor<int32, [2, 0]>([])"));
  EXPECT_EQ(literal("tensor<int32, [4611686018427387904, 0]>([])").bytes().size(), 0u);
}

TEST(TextParser, UnknownDimensionsAreThoseOfTheValue) {
  EXPECT_EQ(literal("tensor<int32, [?, 2]>([[1, 2], [3, 4], [5, 6]])").type(),
            type("tensor<int32, [3, 2]>"));
  EXPECT_EQ(literal("tensor<int32, [?]>([])").type(), type("tensor<int32, [0]>"));
  EXPECT_EQ(literal("tensor<int32, [?, ?]>([[], []])").type(), type("tensor<int32, [0, 0]>"));
  EXPECT_FALSE(parse_literal_text("tensor<int32, [?, ?]>([[1], [2, 3]])"));
}

TEST(TextParser, ReadsFileReferences) {
  const Value value = literal(
      "tensor<fp16, [2]>(BLOBFILE(path = string(\"@model_path/w.bin\"), offset = uint64(64)))");
  EXPECT_EQ(value, Value::blob(type("tensor<fp16, [2]>"), {"@model_path/w.bin", 64}));
  EXPECT_EQ(value, literal("tensor<fp16, [2]>(BLOBFILE(offset = tensor<uint64, []>(64), "
                           "path = tensor<string, []>(\"@model_path/w.bin\")))"));
}

TEST(TextParser, ReadsContainers) {
  const Value list = literal("list<string, 2>([\"a\", \"b\"])");
  EXPECT_EQ(list.item_elements()[1].as_string(), "b");
  const Value tuple = literal("tuple<int32, tuple<bool>>((1, (true)))");
  EXPECT_EQ(tuple.item_elements()[1].item_elements()[0].as_bool(), true);
  const Value dictionary = literal("dict<string, tensor<int8, [2]>>({{\"k\", [1, 2]}})");
  EXPECT_EQ(dictionary.dictionary_entries()[0].second.as_ints(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(literal("dict<string, string>({})").dictionary_entries().empty());
  EXPECT_TRUE(literal("list<bool, ?>([])").item_elements().empty());
}

}  // namespace
}  // namespace anebench::mil
