#include "command_line.h"

int main(int argc, char** argv) {
  const auto command = anebench::cli::parse_command_line(argc, argv);
  if (const int* status = std::get_if<int>(&command)) return *status;
  return std::get<std::function<int()>>(command)();
}
