#include "anebench/ops/evaluate.h"

#include <utility>

namespace anebench::ops {
namespace {

class ValueContext final : public OpContext, public ValueSource {
 public:
  ValueContext(const Arguments& arguments, const TensorEnvironment& values)
      : arguments_(arguments), values_(values) {}

  const Arguments& arguments() const override { return arguments_; }
  Result<RuntimeValue> value(std::string_view parameter, std::size_t index) override {
    return ops::find_value(arguments_, values_, parameter, index);
  }
  std::optional<RuntimeValue> find_value(std::string_view name) const override {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

 private:
  const Arguments& arguments_;
  const TensorEnvironment& values_;
};

}  // namespace

Result<RuntimeValue> find_value(const Arguments& arguments, const TensorEnvironment& values,
                                std::string_view parameter, std::size_t index) {
  if (index >= arguments.count(parameter)) return arguments.error(parameter, "is missing");
  if (const auto name = arguments.name(parameter, index)) {
    const auto it = values.find(*name);
    if (it != values.end()) return RuntimeValue(it->second);
  }
  return constant_argument(arguments, parameter, index);
}

Result<RuntimeValue> constant_argument(const Arguments& arguments, std::string_view parameter,
                                       std::size_t index) {
  const mil::Value* value = arguments.value(parameter, index);
  if (value == nullptr) return arguments.error(parameter, "has no value");
  const mil::NoBlobs no_blobs;
  const mil::BlobResolver* resolver = arguments.scope().resolver();
  ANEBENCH_ASSIGN(found,
                  RuntimeValue::from_value(*value, resolver != nullptr ? *resolver : no_blobs),
                  arguments.describe());
  return found;
}

Result<std::vector<RuntimeValue>> evaluate_values(const mil::Operation& operation,
                                                  const Scope& scope,
                                                  const TensorEnvironment& values) {
  ANEBENCH_ASSIGN(arguments, Arguments::bind(operation, scope));
  ValueContext context(arguments, values);
  arguments.read_values_from(context);
  return run(context);
}

Result<std::vector<Tensor>> evaluate(const mil::Operation& operation, const Scope& scope,
                                     const TensorEnvironment& values) {
  ANEBENCH_ASSIGN(outputs, evaluate_values(operation, scope, values));
  return to_tensors(outputs);
}

Result<void> fold_constants(const mil::Block& block, const Scope& scope, TensorEnvironment& values,
                            std::int64_t limit_bytes) {
  std::int64_t total = 0;
  for (const mil::Operation& operation : block.operations) {
    const auto bound = Arguments::bind(operation, scope);
    if (!bound || !bound->definition().is_constexpr) continue;
    // Before anything is allocated: what would it take?
    ANEBENCH_ASSIGN(types, bound->definition().infer(*bound));
    for (const mil::Type& type : types) {
      const auto bytes = type.byte_size();
      if (!bytes || *bytes > limit_bytes - total) {
        return fail(ErrorCode::resource_exhausted, "{}: {} exceeds the limit of {} bytes",
                    bound->describe(), to_string(type), limit_bytes);
      }
      total += *bytes;
    }
    ANEBENCH_ASSIGN(outputs, evaluate(operation, scope, values));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      values.insert_or_assign(operation.outputs[i].name, std::move(outputs[i]));
    }
  }
  return {};
}

}  // namespace anebench::ops
