// NumPy's archives of arrays (.npz): a ZIP file with one .npy file an array.
//
//   ANEBENCH_ASSIGN(arrays, read_npz_file("in.npz"));     // arrays.at("x").shape
//   ANEBENCH_TRY(write_npz_file("out.npz", arrays));
//
// Stored and deflated entries are read, which is what NumPy writes. Sizes that the archive declares
// are checked before anything is allocated. ZIP files are libzip's work; a build without it has
// these functions, and all of them fail with ErrorCode::unsupported. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/io/npy.h"

namespace anebench::io {

// By name, without ".npy".
using NpzArrays = std::map<std::string, NpyArray, std::less<>>;

// What all arrays of an archive may take together, in bytes.
inline constexpr std::uint64_t kNpzReadLimit = std::uint64_t{4} << 30;

// Whether this build can read and write archives.
bool has_npz();

// Errors: parse_error for what is no such archive; resource_exhausted where its arrays take more
// than `max_bytes`, or an entry declares more than deflating could have made of it.
Result<NpzArrays> read_npz(std::span<const std::byte> file,
                           std::uint64_t max_bytes = kNpzReadLimit);
Result<NpzArrays> read_npz_file(const std::filesystem::path& path,
                                std::uint64_t max_bytes = kNpzReadLimit);

// Entries are stored, in the order of their names and with a fixed date: equal arrays make equal
// files.
Result<std::vector<std::byte>> write_npz(const NpzArrays& arrays);
// Old content of the path is replaced at once or not at all.
Result<void> write_npz_file(const std::filesystem::path& path, const NpzArrays& arrays);

}  // namespace anebench::io
