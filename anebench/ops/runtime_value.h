// What flows between operations while a program runs: a tensor, a list of tensors, a handle to a
// state, or any other value of the language (a string, a dictionary) as an immutable mil::Value.
//
// A RuntimeValue is a value: copies share their payload and behave as if they did not (TensorList
// copies on write). The exception is StateHandle, whose copies all mean the same state. Reading
// from several threads is safe; a state has one user at a time.
//
//   RuntimeValue value = Tensor::create(type).value();
//   if (const Tensor* x = value.tensor()) use(*x);
//   if (const TensorList* list = value.list()) use(list->at(0));
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/resolver.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

// Elements that a list holds at most: what bounds the memory of a program that grows one.
inline constexpr std::int64_t kMaxListLength = std::int64_t{1} << 20;

// A list of tensors of one element type. A dynamic list grows when it is written behind its end.
class TensorList {
 public:
  // `length` elements of zeros; of an element type with unknown dimensions, elements without a
  // value. Fails above kMaxListLength.
  static Result<TensorList> create(mil::Type element_type, std::int64_t length, bool is_dynamic);

  const mil::Type& element_type() const { return element_type_; }
  std::size_t size() const { return elements_->size(); }
  bool is_dynamic() const { return is_dynamic_; }
  // Fails where `index` is outside, or the element was never written and has no known shape.
  Result<Tensor> at(std::int64_t index) const;
  // Replaces an element; a dynamic list grows to hold it. Fails where the index is outside or the
  // value is not of the element type.
  Result<void> set(std::int64_t index, Tensor value);

  mil::Type type() const;
  // Of all elements and the list itself, as an upper bound: elements may be shared.
  std::int64_t byte_size() const { return byte_size_; }

 private:
  using Elements = std::vector<std::optional<Tensor>>;
  TensorList(mil::Type element_type, bool is_dynamic, std::optional<Tensor> blank);
  void resize(std::size_t size);

  mil::Type element_type_;
  bool is_dynamic_ = true;
  // What unwritten elements hold.
  std::optional<Tensor> blank_;
  std::shared_ptr<Elements> elements_;
  std::int64_t byte_size_ = 0;
};

// One state of a program, which outlives evaluations. Copies refer to the same state.
class StateHandle {
 public:
  // Holding zeros. Fails for types that are no numeric tensors of known shape.
  static Result<StateHandle> create(const mil::Type& tensor_type);

  const Tensor& value() const { return *cell_; }
  // Fails where the type differs.
  Result<void> write(Tensor value);
  mil::Type type() const { return mil::Type::state(cell_->type()); }

 private:
  explicit StateHandle(Tensor value) : cell_(std::make_shared<Tensor>(std::move(value))) {}
  std::shared_ptr<Tensor> cell_;
};

class RuntimeValue {
 public:
  // The default is a bool scalar, false. NOLINTBEGIN(google-explicit-constructor): a tensor is a
  // run-time value.
  RuntimeValue() = default;
  RuntimeValue(Tensor tensor) : value_(std::move(tensor)) {}
  RuntimeValue(TensorList list) : value_(std::move(list)) {}
  RuntimeValue(StateHandle state) : value_(std::move(state)) {}
  // NOLINTEND(google-explicit-constructor)

  // A tensor where the value is numeric (weight files are read through `resolver`), else the value
  // as it is.
  static Result<RuntimeValue> from_value(const mil::Value& value,
                                         const mil::BlobResolver& resolver);

  // Null where the value is of another kind.
  const Tensor* tensor() const { return std::get_if<Tensor>(&value_); }
  const TensorList* list() const { return std::get_if<TensorList>(&value_); }
  const StateHandle* state() const { return std::get_if<StateHandle>(&value_); }
  // Strings, dictionaries and the like.
  const mil::Value* constant() const { return std::get_if<mil::Value>(&value_); }

  // With all dimensions known.
  mil::Type type() const;
  // Bytes that the value keeps alive; 0 for states and for what is small by nature.
  std::int64_t byte_size() const;
  // An immediate value with a copy of the content. Fails for states.
  Result<mil::Value> to_value() const;

 private:
  explicit RuntimeValue(mil::Value value) : value_(std::move(value)) {}
  std::variant<Tensor, TensorList, StateHandle, mil::Value> value_;
};

// The tensor inside, or an error that says what was found instead.
Result<Tensor> to_tensor(const RuntimeValue& value);
Result<std::vector<Tensor>> to_tensors(const std::vector<RuntimeValue>& values);

// Values by the names that a program has for them, for Arguments that read what was computed.
class ValueSource {
 public:
  virtual ~ValueSource() = default;
  // Nothing where the name has no value (yet).
  virtual std::optional<RuntimeValue> find_value(std::string_view name) const = 0;
};

}  // namespace anebench::ops
