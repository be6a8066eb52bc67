#include "anebench/mil/value_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/base/half.h"
#include "anebench/mil/number_text.h"

namespace anebench::mil {
namespace {

// Calls write(i) for each element, with ", " between.
template <typename Write>
void write_separated(std::string& out, std::size_t first, std::size_t count, Write write) {
  for (std::size_t i = first; i < first + count; ++i) {
    if (i != first) out.append(", ", 2);
    write(i);
  }
}

template <typename Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void append_real(std::string& out, double value) {
  std::array<char, kRealTextSize> text;
  out.append(text.data(), write_real(value, text.data()));
}

template <typename T>
void write_integers(std::string& out, std::span<const std::byte> bytes, std::size_t first,
                    std::size_t count) {
  write_separated(out, first, count,
                  [&](std::size_t i) { append_integer(out, load_le<T>(bytes, i * sizeof(T))); });
}

// How many elements the packed bytes hold.
std::size_t elements_in(DataType type, std::size_t byte_count) {
  return byte_count * 8 / static_cast<std::size_t>(bit_width(type));
}

}  // namespace

bool has_bare_scalars(std::string_view version) {
  return version.size() == 3 && version.starts_with("1.") && version[2] >= '3';
}

void ValueWriter::write_scalar_type(DataType type) {
  if (has_bare_scalars_) {
    out_.append(to_string(type));
  } else {
    out_.append("tensor<", 7).append(to_string(type)).append(", []>", 5);
  }
}

void ValueWriter::write_dim(Dim dim) {
  if (dim.is_known()) {
    append_integer(out_, dim.size());
  } else {
    out_ += '?';
  }
}

void ValueWriter::write_type(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::tensor:
      if (type.is_scalar()) return write_scalar_type(type.data_type());
      out_.append("tensor<", 7).append(to_string(type.data_type())).append(", [", 3);
      write_separated(out_, 0, type.rank(), [&](std::size_t i) { write_dim(type.shape()[i]); });
      out_.append("]>", 2);
      return;
    case Type::Kind::list: out_ += "list<"; break;
    case Type::Kind::tuple: out_ += "tuple<"; break;
    case Type::Kind::dictionary: out_ += "dict<"; break;
    case Type::Kind::state: out_ += "state<"; break;
  }
  const std::vector<Type>& elements = type.elements();
  write_separated(out_, 0, elements.size(), [&](std::size_t i) { write_type(elements[i]); });
  if (type.kind() == Type::Kind::list) {
    out_ += ", ";
    write_dim(type.length());
  }
  out_ += '>';
}

void ValueWriter::write_literal(const Value& value) {
  write_type(value.type());
  out_ += '(';
  write_raw(value);
  out_ += ')';
}

void ValueWriter::write_raw(const Value& value) {
  if (value.is_blob()) return write_blob(value.blob_reference());
  if (value.is_items()) return write_items(value);
  if (value.is_dictionary()) return write_entries(value);
  write_tensor(value);
}

void ValueWriter::write_blob(const BlobReference& reference) {
  out_ += "BLOBFILE(path = ";
  write_scalar_type(DataType::string);
  out_ += '(';
  write_quoted(reference.path);
  out_ += "), offset = ";
  write_scalar_type(DataType::uint64);
  out_ += '(';
  append_integer(out_, reference.offset);
  out_ += "))";
}

void ValueWriter::write_items(const Value& value) {
  const bool is_list = value.type().kind() == Type::Kind::list;
  const auto items = value.item_elements();
  out_ += is_list ? '[' : '(';
  write_separated(out_, 0, items.size(), [&](std::size_t i) { write_raw(items[i]); });
  out_ += is_list ? ']' : ')';
}

void ValueWriter::write_entries(const Value& value) {
  using Entry = std::pair<Value, Value>;
  const auto entries = value.dictionary_entries();
  std::vector<const Entry*> ordered(entries.size());
  std::transform(entries.begin(), entries.end(), ordered.begin(),
                 [](const Entry& entry) { return &entry; });
  if (order_ == PrintOrder::alphabetical) {
    // Entries of equal keys (and of keys that are no strings) keep their order.
    std::sort(ordered.begin(), ordered.end(), [](const Entry* a, const Entry* b) {
      const int order =
          a->first.as_string().value_or("").compare(b->first.as_string().value_or(""));
      return order < 0 || (order == 0 && a < b);
    });
  }
  out_ += '{';
  write_separated(out_, 0, ordered.size(), [&](std::size_t i) {
    out_ += '{';
    write_raw(ordered[i]->first);
    out_ += ", ";
    write_raw(ordered[i]->second);
    out_ += '}';
  });
  out_ += '}';
}

void ValueWriter::write_tensor(const Value& value) {
  const Type& type = value.type();
  // Never more than there is, whatever the type claims.
  const std::size_t count = type.data_type() == DataType::string
                                ? value.string_elements().size()
                                : elements_in(type.data_type(), value.bytes().size());
  if (type.is_scalar()) return write_elements(value, 0, std::min<std::size_t>(count, 1));
  if (type.element_count().value_or(0) == 0) {
    out_.append("[]", 2);
    return;
  }
  std::size_t next = 0;
  write_level(value, 0, next, count);
}

void ValueWriter::write_level(const Value& value, std::size_t level, std::size_t& next,
                              std::size_t count) {
  const Shape& shape = value.type().shape();
  const auto size = static_cast<std::size_t>(shape[level].size());
  out_ += '[';
  if (level + 1 == shape.size()) {
    const std::size_t here = std::min(size, count - next);
    write_elements(value, next, here);
    next += here;
  } else {
    for (std::size_t i = 0; i < size && (i == 0 || next < count); ++i) {
      if (i != 0) out_.append(", ", 2);
      write_level(value, level + 1, next, count);
    }
  }
  out_ += ']';
}

void ValueWriter::write_elements(const Value& value, std::size_t first, std::size_t count) {
  const DataType type = value.type().data_type();
  const std::span<const std::byte> bytes = value.bytes();
  switch (type) {
    case DataType::boolean:
      return write_separated(out_, first, count, [&](std::size_t i) {
        out_ += bytes[i] != std::byte{0} ? "true" : "false";
      });
    case DataType::string:
      return write_separated(out_, first, count,
                             [&](std::size_t i) { write_quoted(value.string_elements()[i]); });
    case DataType::fp16:
      return write_separated(out_, first, count, [&](std::size_t i) {
        append_real(out_, half_to_double(load_le<std::uint16_t>(bytes, i * 2)));
      });
    case DataType::fp32:
      return write_separated(out_, first, count, [&](std::size_t i) {
        append_real(out_, static_cast<double>(load_le<float>(bytes, i * 4)));
      });
    case DataType::fp64:
    case DataType::bf16:
    case DataType::fp8e4m3fn:
    case DataType::fp8e5m2:
      return write_separated(out_, first, count, [&](std::size_t i) {
        append_real(out_, packed_element_as_double(type, bytes, i));
      });
    case DataType::int32: return write_integers<std::int32_t>(out_, bytes, first, count);
    case DataType::int64: return write_integers<std::int64_t>(out_, bytes, first, count);
    case DataType::uint8: return write_integers<std::uint8_t>(out_, bytes, first, count);
    case DataType::uint64: return write_integers<std::uint64_t>(out_, bytes, first, count);
    case DataType::int4:
    case DataType::int8:
    case DataType::int16:
    case DataType::uint1:
    case DataType::uint2:
    case DataType::uint3:
    case DataType::uint4:
    case DataType::uint6:
    case DataType::uint16:
    case DataType::uint32: break;
  }
  write_separated(out_, first, count, [&](std::size_t i) {
    append_integer(out_, packed_element_as_int(type, bytes, i));
  });
}

void ValueWriter::write_quoted(std::string_view text) {
  out_ += '"';
  constexpr std::string_view kSpecial = "\\\"\n\t\r";
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t index = kSpecial.find(text[i]);
    if (index == std::string_view::npos) continue;
    out_.append(text, begin, i - begin);
    out_ += '\\';
    out_ += "\\\"ntr"[index];
    begin = i + 1;
  }
  out_.append(text, begin);
  out_ += '"';
}

}  // namespace anebench::mil
