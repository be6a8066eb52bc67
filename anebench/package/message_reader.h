// Reading protobuf messages field by field. Internal to the package layer; not thread-safe.
//
//   auto fields = read_fields<BindingField>(input, state, [&](auto& message) -> Result<bool> {
//     switch (message.tag_and_type()) {
//       case bytes_field(BindingField::name): name = message.get_string(); return true;
//       default: return false;  // kept as an unknown field
//     }
//   });
//   ANEBENCH_TRY(fields);
//
// protozero throws on malformed bytes; guarded() turns that into an error, so no exception leaves
// the layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <protozero/exception.hpp>
#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>
#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/package/fields.h"
#include "anebench/package/unknown_fields.h"

namespace anebench::package {

using Message = protozero::data_view;

// Messages within messages. Nothing that occurs in models comes near; protobuf's own limit is 100.
inline constexpr int kMaxMessageNesting = 100;
// Dimensions of a tensor, as many as the text form takes.
inline constexpr std::size_t kMaxRank = 64;
// Messages, strings and dimensions in a file. A small message takes some bytes in the file and some
// hundred in memory, so the file's size alone would not bound what reading costs. The largest
// models have some hundred thousand.
inline constexpr std::size_t kMaxMessages = std::size_t{1} << 23;

// What is common to all messages of one file.
class ReadState {
 public:
  explicit ReadState(UnknownFields& unknown) : unknown_(unknown) {}

  FieldPath& path() { return path_; }
  void keep_unknown(std::string_view raw) { unknown_.add(path_.text(), raw); }
  // The same for a field that is known but has no place in a program.
  template <typename Field>
  void keep_unknown_message(Field field, Message content) {
    std::string raw;
    protozero::pbf_builder<Field>(raw).add_message(field, content.data(), content.size());
    keep_unknown(raw);
  }

  // Counts things that take memory beyond their bytes in the file.
  Result<void> count(std::size_t things = 1) {
    if (things > kMaxMessages - count_) {
      return fail(ErrorCode::resource_exhausted,
                  "the file has more than {} parts: no real model comes near, so it is refused",
                  kMaxMessages);
    }
    count_ += things;
    return {};
  }
  Result<void> enter() {
    if (depth_ == kMaxMessageNesting) {
      return fail(ErrorCode::resource_exhausted, "messages are nested more than {} deep",
                  kMaxMessageNesting);
    }
    ++depth_;
    return count();
  }
  void leave() { --depth_; }

 private:
  UnknownFields& unknown_;
  FieldPath path_;
  std::size_t count_ = 0;
  int depth_ = 0;
};

template <typename Field>
constexpr std::uint32_t bytes_field(Field field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}
template <typename Field>
constexpr std::uint32_t varint_field(Field field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
template <typename Field>
constexpr std::uint32_t fixed32_field(Field field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed32);
}
template <typename Field>
constexpr std::uint32_t fixed64_field(Field field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}

// Calls handle(message) for each field of `input`. The handler consumes the field and returns true,
// or returns false, and the field is kept as an unknown one of this message.
template <typename Field, typename Handle>
Result<void> read_fields(Message input, ReadState& state, Handle handle) {
  ANEBENCH_TRY(state.enter());
  protozero::pbf_message<Field> message(input);
  for (const char* start = message.data().data(); message.next(); start = message.data().data()) {
    ANEBENCH_ASSIGN(is_known, handle(message));
    if (is_known) continue;
    message.skip();
    state.keep_unknown({start, static_cast<std::size_t>(message.data().data() - start)});
  }
  state.leave();
  return {};
}

// A map's entry: calls handle(key, value), where the value is a message. Unknown fields of an entry
// are dropped, as protobuf itself does.
template <typename Handle>
Result<void> read_entry(Message input, ReadState& state, Handle handle) {
  ANEBENCH_TRY(state.count());
  std::string_view key;
  Message value;
  protozero::pbf_message<EntryField> entry(input);
  while (entry.next()) {
    if (entry.tag_and_type() == bytes_field(EntryField::key)) {
      const Message view = entry.get_view();
      key = {view.data(), view.size()};
    } else if (entry.tag_and_type() == bytes_field(EntryField::value)) {
      value = entry.get_view();
    } else {
      entry.skip();
    }
  }
  return handle(key, value);
}

// Runs `read`, which returns a Result, and turns exceptions into errors.
template <typename Read>
auto guarded(Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const protozero::exception& exception) {
    return fail(ErrorCode::parse_error, "the protobuf data are cut short or damaged ({})",
                exception.what());
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory to read the model");
  }
}

}  // namespace anebench::package
