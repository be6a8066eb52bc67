#include "anebench/transform/constant_table.h"

#include <fmt/format.h>

#include <map>
#include <span>
#include <variant>
#include <vector>

#include "anebench/mil/text_printer.h"
#include "anebench/ops/scope.h"
#include "anebench/transform/extract.h"

namespace anebench::transform {
namespace {

std::int64_t byte_size(const mil::Value& value) {
  return value.type().is_tensor() ? value.type().byte_size().value_or(0) : 0;
}

void add(std::int64_t bytes, std::int64_t& sum) {
  // Sizes beyond an int64 are for the verifier to name.
  if (bytes <= INT64_MAX - sum) sum += bytes;
}

void update(Sha256& hash, const Sha256::Digest& digest) {
  hash.update(std::as_bytes(std::span(digest)));
}

}  // namespace

ConstantTable::ConstantTable(const mil::Block& block, const mil::BlobResolver* resolver,
                             const ConstantTable* parent)
    : resolver_(resolver), parent_(parent) {
  for (const mil::Operation& operation : block.operations) {
    if (!is_constant_operation(operation)) continue;
    Constant constant;
    if (const mil::Value* value = ops::constant_value(operation)) {
      constant = literal(*value);
    } else {
      constant = expression(operation);
    }
    constant.op_type = operation.type;
    for (std::size_t i = 0; i < operation.outputs.size(); ++i) {
      // The outputs of one operation differ.
      Constant output = constant;
      if (i > 0) {
        Sha256 hash;
        update(hash, constant.digest);
        output.digest = hash.update(std::to_string(i)).digest();
      }
      constants_.emplace(operation.outputs[i].name, output);
    }
  }
}

const Constant* ConstantTable::find(std::string_view name) const {
  const auto found = constants_.find(name);
  if (found != constants_.end()) return &found->second;
  return parent_ == nullptr ? nullptr : parent_->find(name);
}

Constant ConstantTable::literal(const mil::Value& value) const {
  Constant constant;
  constant.value = &value;
  constant.stored_bytes = byte_size(value);
  Sha256 hash;
  hash.update(mil::to_string(value.type()));
  if (value.is_packed()) {
    hash.update(value.bytes());
  } else if (!value.is_blob()) {
    hash.update(mil::print_literal_text(value));
  } else if (resolver_ != nullptr) {
    // What cannot be read is equal to nothing else.
    const auto bytes = resolver_->resolve(value.blob_reference(), value.type());
    if (bytes) {
      hash.update(bytes->bytes);
    } else {
      hash.update(fmt::format("unreadable {}", fmt::ptr(&value)));
    }
  }
  constant.digest = hash.digest();
  return constant;
}

Constant ConstantTable::expression(const mil::Operation& operation) const {
  // Parameters stand in attributes or in inputs; which, makes no difference.
  std::map<std::string_view, std::vector<Constant>> parameters;
  for (const mil::Attribute& attribute : operation.attributes) {
    if (attribute.name != "name") parameters[attribute.name].push_back(literal(attribute.value));
  }
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      if (const auto* value = std::get_if<mil::Value>(&binding)) {
        parameters[argument.parameter].push_back(literal(*value));
        continue;
      }
      const std::string& name = std::get<std::string>(binding);
      const Constant* found = find(name);
      Constant unknown;
      unknown.digest = Sha256().update(name).digest();
      parameters[argument.parameter].push_back(found != nullptr ? *found : unknown);
    }
  }
  Constant constant;
  Sha256 hash;
  hash.update(operation.type);
  for (const auto& [name, values] : parameters) {
    hash.update(name).update(std::to_string(values.size()));
    for (const Constant& value : values) {
      update(hash, value.digest);
      add(value.stored_bytes, constant.stored_bytes);
    }
  }
  for (const mil::NamedType& output : operation.outputs) hash.update(mil::to_string(output.type));
  constant.digest = hash.digest();
  return constant;
}

}  // namespace anebench::transform
