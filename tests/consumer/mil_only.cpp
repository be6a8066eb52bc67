// Builds a program with the installed `mil` layer alone.
#include <anebench/mil/builder.h>

#include <cstdio>

int main() {
  using namespace anebench::mil;
  const Type type = Type::tensor(DataType::fp16, {1, 4, 1, 8});
  Builder builder("1.3", Opset::ios18);
  builder.input("x", type);
  builder.op("relu", "y", type, {{"x", "x"}});
  const Program program = builder.finish({"y"});
  const Function* function = program.find_function("main");
  if (function == nullptr) return 1;
  std::printf("%s\n", function->name.c_str());
  return 0;
}
