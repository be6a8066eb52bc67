// Uses the installed library from top to bottom: parses a program, runs it on the CPU and on the
// reference, and compares.
#include <anebench/base/half.h>
#include <anebench/base/version.h>
#include <anebench/device/device.h>
#include <anebench/device/loaded_program.h>
#include <anebench/mil/text_parser.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

using namespace anebench;

constexpr const char* kText = R"(program(1.3)
[buildInfo = dict<string, string>({{"coremlc-version", "3505.4.1"}})]
{
    func main<ios18>(tensor<fp16, [1, 1, 1, 4]> x) {
            tensor<fp16, [1, 1, 1, 4]> y = relu(x = x)[name = string("y")];
        } -> (y);
}
)";

// relu of {-1, 0, 1, 2}.
Result<std::array<float, 4>> run(const mil::Program& program, std::string_view device_name) {
  ANEBENCH_ASSIGN(device, device::open(device_name));
  ANEBENCH_ASSIGN(loaded, device::LoadedProgram::open(*device, program, nullptr, {}));
  const std::array<float, 4> x = {-1, 0, 1, 2};
  std::array<std::uint16_t, 4> halves{};
  halves_from_floats(x, halves);
  std::memcpy(loaded.input(0).bytes().data(), halves.data(), sizeof halves);
  ANEBENCH_TRY(loaded.evaluate());
  std::memcpy(halves.data(), loaded.output(0).bytes().data(), sizeof halves);
  std::array<float, 4> y{};
  floats_from_halves(halves, y);
  return y;
}

Result<bool> check() {
  ANEBENCH_ASSIGN(program, mil::parse_text(kText), "parsing the program");
  ANEBENCH_ASSIGN(on_cpu, run(program, "cpu"), "on the CPU");
  ANEBENCH_ASSIGN(on_reference, run(program, "reference"), "on the reference");
  return on_cpu == std::array<float, 4>{0, 0, 1, 2} && on_cpu == on_reference;
}

}  // namespace

int main() {
  std::printf("%s\n", build_info().description().c_str());
  const auto right = check();
  if (!right) {
    std::printf("%s\n", right.error().to_string().c_str());
    return 1;
  }
  std::printf("outputs are %s\n", *right ? "right" : "wrong");
  return *right ? 0 : 1;
}
