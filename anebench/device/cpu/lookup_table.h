// Functions of one small element as tables: what an operation gives for each of the 65536 values of
// fp16 (or the 256 of a byte) is asked of its own reference evaluation once, at load. So every
// function of one element is fast and equal to the reference in every bit, whatever it computes.
//
//   TableCache tables(graph);
//   if (table_parameter(graph, node)) ANEBENCH_ASSIGN(bytes, tables.reserve(node, "x"));
//   ANEBENCH_ASSIGN(table, tables.get(node, "x"));
//   table->apply(halves, out, count);
//
// A table is immutable and thread-safe; the cache is neither.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/probe.h"

namespace anebench::device::cpu {

class LookupTable {
 public:
  LookupTable(std::size_t index_bytes, std::size_t entry_bytes, std::vector<std::byte> entries)
      : index_bytes_(index_bytes), entry_bytes_(entry_bytes), entries_(std::move(entries)) {}

  // out[i] = table[x[i]]; elements are as wide as the types of the operation's input and output.
  void apply(const void* x, void* out, std::size_t count) const;
  std::size_t bytes() const { return entries_.size(); }

 private:
  std::size_t index_bytes_;
  std::size_t entry_bytes_;
  std::vector<std::byte> entries_;
};

// The parameter whose elements alone decide those of the output, one by one: `x` of `sigmoid`, `y`
// of a `sub` from a constant number. Nothing where there is none, or where its type has too many
// values.
std::optional<std::string_view> table_parameter(const Graph& graph, const GraphNode& node);

// Operations that do the same share a table.
class TableCache {
 public:
  explicit TableCache(const Graph& graph) : graph_(graph) {}
  // The bytes that the operation's table will take: none where it has one with an operation before.
  // Errors of both: what reading constants and the evaluation give.
  Result<std::size_t> reserve(const GraphNode& node, std::string_view parameter);
  Result<std::shared_ptr<const LookupTable>> get(const GraphNode& node, std::string_view parameter);
  // Of all tables that were made.
  std::size_t bytes() const;

 private:
  const Graph& graph_;
  struct Entry {
    Probe probe;
    mil::DataType input;
    std::shared_ptr<const LookupTable> table;  // null until it is asked for
  };
  struct Place {
    Entry* entry = nullptr;
    bool is_new = false;
  };
  Result<Place> find(const GraphNode& node, std::string_view parameter);

  std::vector<Entry> tables_;
};

}  // namespace anebench::device::cpu
