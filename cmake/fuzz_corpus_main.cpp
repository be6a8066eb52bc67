// Runs a fuzz target without libFuzzer: over every file of the folders given, every length to which
// each can be cut (up to 256 of them), and 512 fixed mutations of each. Findings end the program,
// as they do under libFuzzer; the input at fault is named first.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/base/rng.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::byte>;

// In a buffer of its own size, so that a sanitizer sees the first byte read past the end.
void run(const Input& input) {
  const Input exact(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(exact.data()), exact.size());
}

void run_truncated(const Input& input) {
  const std::size_t step = input.size() / 256 + 1;
  for (std::size_t size = 0; size < input.size(); size += step) {
    run(Input(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

// One to four bytes are changed, removed, or repeated.
void run_mutated(const Input& input) {
  if (input.empty()) return;
  anebench::Rng rng(input.size());
  for (int mutation = 0; mutation < 512; ++mutation) {
    Input mutated = input;
    for (std::int64_t edits = rng.uniform_int(1, 4); edits > 0 && !mutated.empty(); --edits) {
      const std::int64_t last = static_cast<std::int64_t>(mutated.size()) - 1;
      const auto place = mutated.begin() + rng.uniform_int(0, last);
      switch (rng.uniform_int(0, 4)) {
        case 0: mutated.erase(place); break;
        case 1: mutated.insert(place, *place); break;
        case 2: *place ^= static_cast<std::byte>(1 << rng.uniform_int(0, 7)); break;
        case 3: *place = mutated[static_cast<std::size_t>(rng.uniform_int(0, last))]; break;
        default: *place = static_cast<std::byte>(rng.uniform_int(0, 255)); break;
      }
    }
    run(mutated);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(argv[i], error), end; !error && entry != end;
         entry.increment(error)) {
      const auto input = anebench::read_file(entry->path());
      if (!input) {
        std::fprintf(stderr, "%s\n", input.error().to_string().c_str());
        return 1;
      }
      std::printf("%s\n", entry->path().c_str());
      std::fflush(stdout);
      run(*input);
      run_truncated(*input);
      run_mutated(*input);
      ++files;
    }
    if (error) {
      std::fprintf(stderr, "cannot read the folder %s: %s\n", argv[i], error.message().c_str());
      return 1;
    }
  }
  std::printf("%d seeds\n", files);
  return files > 0 ? 0 : 1;  // no seeds: the test checked nothing
}
