#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/report/chip_reports.h"

namespace anebench::report {
namespace {

using device::Chip;
using device::ChipConstant;
using device::ChipFamily;
using device::ChipTable;

// Behind each number: published, derived, assumed.
char mark_of(device::ConstantKind kind) { return to_string(kind).front(); }

Cell constant_cell(const ChipConstant& constant, int digits = 3) {
  return {fmt::format("{} {}", format_significant(constant.value, digits), mark_of(constant.kind))};
}

Table chips_table(const ChipTable& table) {
  Table result;
  result.columns = {{"Chip", Align::left},
                    {"Name", Align::left},
                    {"Family", Align::left},
                    {"Call µs"},
                    {"Weights GB/s"},
                    {"fp16 TOPS"},
                    {"int8 ×"}};
  for (const Chip& chip : table.chips) {
    const ChipFamily& family = table.family_of(chip);
    result.rows.push_back({{chip.name},
                           {chip.title},
                           {family.name},
                           constant_cell(chip.call_floor_us),
                           constant_cell(chip.weight_gbs),
                           constant_cell(family.fp16_tops),
                           constant_cell(family.int8_factor)});
  }
  return result;
}

Table families_table(const ChipTable& table) {
  Table result;
  result.columns = {{"Family", Align::left}, {"Nominal TOPS"}, {"Act. GB/s"},
                    {"One row ×"},           {"3×3 ×"},        {"Small w. GB/s"},
                    {"Least bits"},          {"4096 ×"},       {"Spatial"}};
  for (const ChipFamily& family : table.families) {
    result.rows.push_back({{family.name},
                           constant_cell(family.nominal_tops),
                           constant_cell(family.activation_gbs),
                           constant_cell(family.flat_factor, 2),
                           constant_cell(family.kernel_factor),
                           constant_cell(family.small_weight_gbs),
                           constant_cell(family.least_weight_bits, 2),
                           constant_cell(family.aligned_factor, 2),
                           {fmt::format("{}", family.most_spatial)}});
  }
  return result;
}

std::string percent_text(double share) { return format_significant(share * 100, 2); }

// Of predictions on each chip that has rows of its own.
Table errors_table(const ChipTable& table) {
  Table result;
  result.columns = {{"Chip", Align::left},
                    {"Kind of program", Align::left},
                    {"Rows"},
                    {"Mean error %"},
                    {"Worst %"}};
  for (const Chip& chip : table.chips) {
    for (const device::ProgramKind kind : device::kAllProgramKinds) {
      const auto error = experiments::known_error(chip.name, kind);
      if (!error || !error->is_of_chip) continue;
      result.rows.push_back({{chip.name},
                             {std::string(to_string(kind))},
                             {fmt::format("{}", error->summary.rows)},
                             {percent_text(error->summary.mean)},
                             {percent_text(error->summary.worst)}});
    }
  }
  return result;
}

// One bullet a source, with what follows from it.
class SourceList {
 public:
  void add(const std::string& name, const ChipConstant& constant) {
    const std::string key = fmt::format("{}: {}", to_string(constant.kind), constant.source);
    const auto found = std::ranges::find(entries_, key, &Entry::source);
    if (found == entries_.end()) {
      entries_.push_back({key, name});
    } else {
      found->constants += ", " + name;
    }
  }
  Bullets take() {
    Bullets bullets;
    for (Entry& entry : entries_) {
      bullets.items.push_back({fmt::format("{} — {}", entry.constants, entry.source)});
    }
    return bullets;
  }

 private:
  struct Entry {
    std::string source;
    std::string constants;
  };
  std::vector<Entry> entries_;
};

Bullets sources_of(const ChipTable& table) {
  SourceList list;
  list.add("I/O GB/s", table.io_gbs);
  list.add("Core ML µs", table.core_ml_us);
  list.add("Core AI µs", table.core_ai_us);
  list.add("small weights MiB", table.small_weights_mib);
  for (const ChipFamily& family : table.families) {
    const auto add = [&](const char* what, const ChipConstant& constant) {
      list.add(fmt::format("{} {}", family.name, what), constant);
    };
    add("nominal TOPS", family.nominal_tops);
    add("fp16 TOPS", family.fp16_tops);
    add("int8 ×", family.int8_factor);
    add("act. GB/s", family.activation_gbs);
    add("one row ×", family.flat_factor);
    add("3×3 ×", family.kernel_factor);
    add("small w. GB/s", family.small_weight_gbs);
    add("least bits", family.least_weight_bits);
    add("4096 ×", family.aligned_factor);
  }
  for (const Chip& chip : table.chips) {
    list.add(chip.name + " call", chip.call_floor_us);
    list.add(chip.name + " weights", chip.weight_gbs);
  }
  return list.take();
}

Bullets remarks_of(const ChipTable& table) {
  Bullets bullets;
  for (const Chip& chip : table.chips) {
    if (chip.engines > 1) {
      bullets.items.push_back(
          {fmt::format("{}: {} engines, of which a program uses one", chip.name, chip.engines)});
    }
    for (const std::string& remark : chip.remarks) {
      bullets.items.push_back({fmt::format("{}: {}", chip.name, remark)});
    }
  }
  return bullets;
}

}  // namespace

Document chip_list(const ChipTable& table) {
  Document document;
  document.add(Heading{"Constants of the chip model (nothing here was measured on this machine)"});
  document.add(chips_table(table));
  document.add(families_table(table));
  document.add(Paragraph{
      "p: published, d: derived from published measurements ('anebench chips fit'), a: assumed. "
      "TOPS are 10^12 operations a second, a multiply-add counted as two; int8 × is the gain of "
      "int8 by int8 over fp16; 'one row', '3×3' and '4096' are factors of the rate or bandwidth. "
      "A device 'chip:NAME' predicts times with them; docs/chip-model.md explains each."});
  document.add(Heading{"Known errors of the predictions, on published rows of the chip itself"});
  document.add(errors_table(table));
  document.add(Heading{"Sources"});
  document.add(sources_of(table));
  document.add(Heading{"Remarks"});
  document.add(remarks_of(table));
  return document;
}

}  // namespace anebench::report
