#include "anebench/mil/builder.h"

#include <gtest/gtest.h>

namespace anebench::mil {
namespace {

Program build() {
  const Type type = Type::tensor(DataType::fp16, {1, 4});
  Builder builder("1.3", Opset::ios18);
  builder.program_attribute("buildInfo", build_info({{"tool", "test"}}));
  builder.input("x", type);
  builder.constant("two", Value::fp16_scalar(2));
  builder.op("mul", "y", type, {{"x", "x"}, {"y", "two"}});
  builder.op("cast", "z", type, {{"x", "y"}, {"dtype", Value::string("fp16")}});
  builder.op("concat", "w", Type::tensor(DataType::fp16, {1, 8}),
             {{"values", std::vector<Binding>{"y", "z"}}, {"axis", Value::scalar(1)}});
  builder.op_with_attributes("constexpr_cast", "c", type,
                             {{"output_dtype", Value::string("fp32")}});
  return builder.finish({"w"});
}

TEST(Builder, MakesOneFunctionInOrder) {
  const Program program = build();
  ASSERT_EQ(program.functions().size(), 1u);
  const Function& function = *program.main();
  EXPECT_EQ(function.name, "main");
  EXPECT_EQ(function.opset, "ios18");
  EXPECT_EQ(function.inputs.at(0).name, "x");
  ASSERT_EQ(function.body.operations.size(), 5u);
  EXPECT_EQ(function.body.operations[0].type, "const");
  EXPECT_EQ(function.body.operations[4].type, "constexpr_cast");
  EXPECT_EQ(function.body.outputs, std::vector<std::string>{"w"});
  EXPECT_EQ(program.attributes().at(0).name, "buildInfo");
}

TEST(Builder, LabelsOperationsWithTheirOutput) {
  const Program program = build();
  for (const Operation& operation : program.main()->body.operations) {
    EXPECT_EQ(operation.label(), operation.outputs.at(0).name);
  }
}

TEST(Builder, BindsNamesLiteralsAndLists) {
  const Program program = build();
  const auto& operations = program.main()->body.operations;
  EXPECT_EQ(std::get<std::string>(operations[1].find_input("y")->bindings.at(0)), "two");
  EXPECT_EQ(std::get<Value>(operations[2].find_input("dtype")->bindings.at(0)).as_string(), "fp16");
  const Argument& values = *operations[3].find_input("values");
  EXPECT_TRUE(values.is_variadic);
  EXPECT_EQ(values.bindings.size(), 2u);
  EXPECT_FALSE(operations[3].find_input("axis")->is_variadic);
  EXPECT_EQ(operations[3].find_input("absent"), nullptr);
  EXPECT_EQ(operations[0].find_attribute("val")->as_double(), 2.0);
  EXPECT_EQ(operations[0].find_attribute("absent"), nullptr);
}

TEST(Program, EqualityIsByContent) {
  EXPECT_EQ(build(), build());
  EXPECT_NE(build(), Program());
  ProgramData data = build().data();
  data.functions[0].body.operations[0].location = {7, 9};
  EXPECT_EQ(Program(data), build());
  data.functions[0].body.operations[0].type = "other";
  EXPECT_NE(Program(data), build());
}

TEST(Program, MainIsTheFunctionOfThatNameElseTheFirst) {
  EXPECT_EQ(Program().main(), nullptr);
  ProgramData data;
  data.functions.emplace_back().name = "first";
  EXPECT_EQ(Program(data).main()->name, "first");
  data.functions.emplace_back().name = "main";
  EXPECT_EQ(Program(data).main()->name, "main");
  EXPECT_EQ(Program(data).find_function("absent"), nullptr);
}

TEST(Operation, LabelFallsBackToTheOutputAndTheType) {
  Operation operation;
  operation.type = "relu";
  EXPECT_EQ(operation.label(), "relu");
  operation.outputs.push_back({"y", Type()});
  EXPECT_EQ(operation.label(), "y");
  operation.attributes.push_back({"name", Value::string("op_1")});
  EXPECT_EQ(operation.label(), "op_1");
}

TEST(Opset, NamesParseBackAndIos19IsIos26) {
  for (const Opset opset : {Opset::ios13, Opset::ios14, Opset::ios15, Opset::ios16, Opset::ios17,
                            Opset::ios18, Opset::ios26}) {
    EXPECT_EQ(parse_opset(to_string(opset)), opset);
  }
  EXPECT_EQ(parse_opset("ios19"), Opset::ios26);
  EXPECT_EQ(parse_opset("ios99"), std::nullopt);
}

}  // namespace
}  // namespace anebench::mil
