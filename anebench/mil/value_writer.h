// Types and values to MIL text. Internal to the text printer; not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "anebench/mil/text_printer.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"

namespace anebench::mil {

// Appends to a string that the caller owns.
class ValueWriter {
 public:
  ValueWriter(std::string& out, bool has_bare_scalars, PrintOrder order)
      : out_(out), has_bare_scalars_(has_bare_scalars), order_(order) {}

  void write_type(const Type& type);
  // "type(value)".
  void write_literal(const Value& value);

 private:
  void write_dim(Dim dim);
  void write_raw(const Value& value);
  void write_blob(const BlobReference& reference);
  void write_items(const Value& value);
  void write_entries(const Value& value);
  void write_tensor(const Value& value);
  void write_level(const Value& value, std::size_t level, std::size_t& next, std::size_t count);
  // Elements [first, first + count), separated by commas.
  void write_elements(const Value& value, std::size_t first, std::size_t count);
  void write_quoted(std::string_view text);
  void write_scalar_type(DataType type);

  std::string& out_;
  bool has_bare_scalars_;
  PrintOrder order_;
};

// Whether a text of this version spells scalar types bare ("int32"): 1.3 and later do.
bool has_bare_scalars(std::string_view version);

}  // namespace anebench::mil
