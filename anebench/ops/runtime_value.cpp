#include "anebench/ops/runtime_value.h"

#include <algorithm>

namespace anebench::ops {
namespace {

std::int64_t size_of(const std::optional<Tensor>& element) {
  const auto bytes = element ? static_cast<std::int64_t>(element->bytes().size()) : 0;
  return bytes + static_cast<std::int64_t>(sizeof(std::optional<Tensor>));
}

}  // namespace

TensorList::TensorList(mil::Type element_type, bool is_dynamic, std::optional<Tensor> blank)
    : element_type_(std::move(element_type)),
      is_dynamic_(is_dynamic),
      blank_(std::move(blank)),
      elements_(std::make_shared<Elements>()) {}

Result<TensorList> TensorList::create(mil::Type element_type, std::int64_t length,
                                      bool is_dynamic) {
  if (length < 0 || length > kMaxListLength) {
    return fail(ErrorCode::resource_exhausted, "a list of {} elements; the limit is {}", length,
                kMaxListLength);
  }
  std::optional<Tensor> blank;
  const mil::Shape& shape = element_type.shape();
  if (std::ranges::all_of(shape, &mil::Dim::is_known)) {
    ANEBENCH_ASSIGN(zeros, Tensor::create(element_type));
    blank = std::move(zeros);
  }
  TensorList list(std::move(element_type), is_dynamic, std::move(blank));
  list.resize(static_cast<std::size_t>(length));
  return list;
}

void TensorList::resize(std::size_t size) {
  const auto added = static_cast<std::int64_t>(size - elements_->size());
  byte_size_ += added * size_of(blank_);
  elements_->resize(size, blank_);
}

Result<Tensor> TensorList::at(std::int64_t index) const {
  if (index < 0 || static_cast<std::uint64_t>(index) >= elements_->size()) {
    return fail(ErrorCode::invalid_argument, "index {} is outside a list of {} elements", index,
                elements_->size());
  }
  const std::optional<Tensor>& element = (*elements_)[static_cast<std::size_t>(index)];
  if (!element) {
    return fail(ErrorCode::invalid_argument, "element {} of the list was never written", index);
  }
  return *element;
}

Result<void> TensorList::set(std::int64_t index, Tensor value) {
  const bool is_inside = index >= 0 && static_cast<std::uint64_t>(index) < elements_->size();
  if (!is_inside && (!is_dynamic_ || index < 0)) {
    return fail(ErrorCode::invalid_argument, "index {} is outside a list of {} elements", index,
                elements_->size());
  }
  if (index >= kMaxListLength) {
    return fail(ErrorCode::resource_exhausted, "index {} makes a list longer than the limit of {}",
                index, kMaxListLength);
  }
  if (!mil::compatible(value.type(), element_type_)) {
    return fail(ErrorCode::invalid_argument, "the list holds {}, not {}", to_string(element_type_),
                to_string(value.type()));
  }
  if (elements_.use_count() > 1) elements_ = std::make_shared<Elements>(*elements_);
  const auto position = static_cast<std::size_t>(index);
  if (!is_inside) resize(position + 1);
  std::optional<Tensor>& element = (*elements_)[position];
  byte_size_ -= size_of(element);
  element = std::move(value);
  byte_size_ += size_of(element);
  return {};
}

mil::Type TensorList::type() const {
  return mil::Type::list(element_type_, static_cast<std::int64_t>(elements_->size()));
}

Result<StateHandle> StateHandle::create(const mil::Type& tensor_type) {
  ANEBENCH_ASSIGN(zeros, Tensor::create(tensor_type));
  return StateHandle(std::move(zeros));
}

// By value as whoever has no other use for it would pass it.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
Result<void> StateHandle::write(Tensor value) {
  if (!(value.type() == cell_->type())) {
    return fail(ErrorCode::invalid_argument, "the state holds {}, not {}", to_string(cell_->type()),
                to_string(value.type()));
  }
  // Copied: a view's bytes (an input surface's) need not live as long as the state.
  ANEBENCH_ASSIGN(copy, Tensor::create(value.type()));
  std::ranges::copy(value.bytes(), copy.mutable_bytes().begin());
  *cell_ = std::move(copy);
  return {};
}

Result<RuntimeValue> RuntimeValue::from_value(const mil::Value& value,
                                              const mil::BlobResolver& resolver) {
  if (!value.is_packed() && !value.is_blob()) return RuntimeValue(value);
  ANEBENCH_ASSIGN(tensor, Tensor::from_value(value, resolver));
  return RuntimeValue(std::move(tensor));
}

mil::Type RuntimeValue::type() const {
  return std::visit([](const auto& value) { return mil::Type(value.type()); }, value_);
}

std::int64_t RuntimeValue::byte_size() const {
  if (const Tensor* found = tensor()) return static_cast<std::int64_t>(found->bytes().size());
  if (const TensorList* found = list()) return found->byte_size();
  return 0;
}

Result<mil::Value> RuntimeValue::to_value() const {
  if (const Tensor* found = tensor()) return found->to_value();
  if (const mil::Value* found = constant()) return *found;
  const TensorList* elements = list();
  if (elements == nullptr) {
    return fail(ErrorCode::invalid_argument, "a state has no value outside its program");
  }
  mil::Value::Items items;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    ANEBENCH_ASSIGN(element, elements->at(static_cast<std::int64_t>(i)));
    items.push_back(element.to_value());
  }
  return mil::Value::items(elements->type(), std::move(items));
}

Result<Tensor> to_tensor(const RuntimeValue& value) {
  if (const Tensor* tensor = value.tensor()) return *tensor;
  return fail(ErrorCode::invalid_argument, "wants a numeric tensor, got {}",
              to_string(value.type()));
}

Result<std::vector<Tensor>> to_tensors(const std::vector<RuntimeValue>& values) {
  std::vector<Tensor> tensors;
  tensors.reserve(values.size());
  for (const RuntimeValue& value : values) {
    ANEBENCH_ASSIGN(tensor, to_tensor(value));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace anebench::ops
