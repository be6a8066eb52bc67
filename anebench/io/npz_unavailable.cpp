// The same functions where libzip is absent.
#include "anebench/io/npz.h"

namespace anebench::io {
namespace {

tl::unexpected<Error> fail_without_libzip() {
  return fail(ErrorCode::unsupported,
              "this build has no libzip, so it reads and writes no .npz files; give one .npy file "
              "for each array");
}

}  // namespace

bool has_npz() { return false; }

Result<NpzArrays> read_npz(std::span<const std::byte>, std::uint64_t) {
  return fail_without_libzip();
}
Result<NpzArrays> read_npz_file(const std::filesystem::path&, std::uint64_t) {
  return fail_without_libzip();
}
Result<std::vector<std::byte>> write_npz(const NpzArrays&) { return fail_without_libzip(); }
Result<void> write_npz_file(const std::filesystem::path&, const NpzArrays&) {
  return fail_without_libzip();
}

}  // namespace anebench::io
