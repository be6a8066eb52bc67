// The names that an operation can see, with their types and, where known, their constant values.
//
// A scope is filled while a block is walked in order; nested blocks get a scope of their own over
// the enclosing one. It keeps references into the program (names, values) and to its parent, which
// must outlive it. Types are copied: a device that runs the program declares each name with the
// actual type once it knows it. Not thread-safe while being filled.
//
//   Scope scope(function, resolver);          // declares the inputs
//   for (const auto& op : function.body.operations) {
//     ANEBENCH_ASSIGN(arguments, Arguments::bind(op, scope));
//     …
//     scope.declare(op);
//   }
#pragma once

#include <string_view>
#include <unordered_map>

#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"

namespace anebench::ops {

struct Name {
  mil::Type type;
  // Null where the value is not a `const` of this program.
  const mil::Value* value = nullptr;
  // Known at compile time: a const, or the result of a constexpr op (then without a value here).
  bool is_constant = false;
};

class Scope {
 public:
  // An empty scope. `resolver` reads constants from weight files; without one their values count as
  // unknown.
  explicit Scope(mil::Opset opset, const mil::BlobResolver* resolver = nullptr);
  // With the inputs of `function`; an opset spelled in an unknown way counts as the newest.
  explicit Scope(const mil::Function& function, const mil::BlobResolver* resolver = nullptr);
  // The scope of a nested block, with its inputs.
  Scope(const Scope& parent, const mil::Block& block);

  mil::Opset opset() const { return opset_; }
  const mil::BlobResolver* resolver() const { return resolver_; }

  // Innermost first; null where the name is not declared.
  const Name* find(std::string_view name) const;
  // Only in this scope, not in enclosing ones.
  bool declares(std::string_view name) const { return names_.contains(name); }

  // Replaces an earlier declaration of the same name here. The name is referenced, not copied.
  void declare(std::string_view name, Name what);
  // The outputs of an operation with their declared types; constants with their values.
  void declare(const mil::Operation& operation);

 private:
  mil::Opset opset_;
  const mil::BlobResolver* resolver_;
  const Scope* parent_ = nullptr;
  std::unordered_map<std::string_view, Name> names_;
};

// The value of a `const` operation, wherever it stands; null for others.
const mil::Value* constant_value(const mil::Operation& operation);

}  // namespace anebench::ops
