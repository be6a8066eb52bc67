// The constants of a block, each with a digest of its content and the bytes that it is stored in:
// equal digests mean equal values, wherever in their weight files they lie and whatever their names
// are.
//
//   ConstantTable before(program_before.main()->body, resolver);
//   const Constant* weight = before.find("w");
//
// A `const` and a literal of the same value have the same digest; a constexpr operation has another
// than the value it expands to. References the block, which must outlive it; safe to read from
// several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "anebench/base/sha256.h"
#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"

namespace anebench::transform {

struct Constant {
  Sha256::Digest digest{};
  // As stored: a constexpr operation's are its parameters'.
  std::int64_t stored_bytes = 0;
  // "const", "constexpr_affine_dequantize"; empty for a literal.
  std::string_view op_type;
  // Null for constexpr operations.
  const mil::Value* value = nullptr;
};

class ConstantTable {
 public:
  // `resolver` may be null: then a value in a weight file counts by its type alone. `parent` is the
  // enclosing block's; it must outlive this one.
  ConstantTable(const mil::Block& block, const mil::BlobResolver* resolver,
                const ConstantTable* parent = nullptr);

  // Innermost first; null for what is no constant.
  const Constant* find(std::string_view name) const;
  Constant literal(const mil::Value& value) const;

 private:
  Constant expression(const mil::Operation& operation) const;

  const mil::BlobResolver* resolver_;
  const ConstantTable* parent_;
  std::unordered_map<std::string_view, Constant> constants_;
};

}  // namespace anebench::transform
