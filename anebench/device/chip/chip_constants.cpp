#include "anebench/device/chip/chip_constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "anebench/base/json.h"

namespace anebench::device {

// data/chips.json, made into a source file by cmake/anebench_embed.cmake.
extern const std::string_view kChipsJson;

namespace {

std::optional<ConstantKind> parse_constant_kind(std::string_view text) {
  for (const ConstantKind kind :
       {ConstantKind::published, ConstantKind::derived, ConstantKind::assumed}) {
    if (text == to_string(kind)) return kind;
  }
  return std::nullopt;
}

Result<ChipConstant> read_constant(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end()) return fail(ErrorCode::parse_error, "there is no \"{}\"", key);
  ChipConstant constant;
  const std::string where(key);
  ANEBENCH_ASSIGN(value, json_number(*found, "value"), where);
  ANEBENCH_ASSIGN(kind_name, json_string(*found, "kind"), where);
  ANEBENCH_ASSIGN(source, json_string(*found, "source"), where);
  const auto kind = parse_constant_kind(kind_name);
  if (!kind) {
    return fail(ErrorCode::parse_error,
                "{}: the kind \"{}\" is none of published, derived, assumed", key, kind_name);
  }
  if (!(value > 0)) {
    return fail(ErrorCode::parse_error, "{}: {} is not above zero", key, value);
  }
  if (source.empty()) return fail(ErrorCode::parse_error, "{}: it names no source", key);
  constant.value = value;
  constant.kind = *kind;
  constant.source = std::move(source);
  return constant;
}

// A key of the file and the member that it fills.
template <typename T>
struct ConstantField {
  std::string_view key;
  ChipConstant T::* member;
};

constexpr ConstantField<ChipFamily> kFamilyConstants[] = {
    {"nominal_tops", &ChipFamily::nominal_tops},
    {"fp16_tops", &ChipFamily::fp16_tops},
    {"int8_factor", &ChipFamily::int8_factor},
    {"activation_gbs", &ChipFamily::activation_gbs},
    {"flat_factor", &ChipFamily::flat_factor},
    {"kernel_factor", &ChipFamily::kernel_factor},
    {"small_weight_gbs", &ChipFamily::small_weight_gbs},
    {"least_weight_bits", &ChipFamily::least_weight_bits},
    {"aligned_factor", &ChipFamily::aligned_factor},
};
constexpr ConstantField<Chip> kChipConstants[] = {
    {"call_floor_us", &Chip::call_floor_us},
    {"weight_gbs", &Chip::weight_gbs},
};
constexpr ConstantField<ChipTable> kSharedConstants[] = {
    {"io_gbs", &ChipTable::io_gbs},
    {"core_ml_us", &ChipTable::core_ml_us},
    {"core_ai_us", &ChipTable::core_ai_us},
    {"small_weights_mib", &ChipTable::small_weights_mib},
};

template <typename T, std::size_t size>
Result<void> read_constants(const Json& json, const ConstantField<T> (&fields)[size], T& target) {
  for (const ConstantField<T>& field : fields) {
    ANEBENCH_ASSIGN(constant, read_constant(json, field.key));
    target.*field.member = std::move(constant);
  }
  return {};
}

Result<ChipFamily> read_family(const Json& json) {
  ChipFamily family;
  ANEBENCH_ASSIGN(name, json_string(json, "name"), "a family");
  family.name = name;
  ANEBENCH_ASSIGN(subtype, json_string(json, "subtype"), "family " + name);
  family.subtype = std::move(subtype);
  ANEBENCH_ASSIGN(most_spatial, json_integer(json, "most_spatial"), "family " + name);
  family.most_spatial = most_spatial;
  ANEBENCH_TRY(read_constants(json, kFamilyConstants, family), "family " + name);
  return family;
}

Result<Chip> read_chip(const Json& json) {
  Chip chip;
  ANEBENCH_ASSIGN(name, json_string(json, "name"), "a chip");
  chip.name = name;
  const std::string where = "chip " + name;
  ANEBENCH_ASSIGN(title, json_string(json, "title"), where);
  ANEBENCH_ASSIGN(family, json_string(json, "family"), where);
  ANEBENCH_ASSIGN(engines, json_integer(json, "engines"), where);
  chip.title = std::move(title);
  chip.family = std::move(family);
  chip.engines = static_cast<int>(engines);
  ANEBENCH_TRY(read_constants(json, kChipConstants, chip), where);
  if (const auto remarks = json.find("remarks"); remarks != json.end() && remarks->is_array()) {
    for (const Json& remark : *remarks) {
      if (!remark.is_string()) {
        return fail(ErrorCode::parse_error, "{}: a remark is no text", where);
      }
      chip.remarks.push_back(remark.get<std::string>());
    }
  }
  return chip;
}

// The array `key` of the file, or an error.
Result<const Json*> array_of(const Json& json, std::string_view key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) {
    return fail(ErrorCode::parse_error, "there is no list \"{}\"", key);
  }
  return &*found;
}

}  // namespace

std::string_view to_string(ConstantKind kind) {
  switch (kind) {
    case ConstantKind::published: return "published";
    case ConstantKind::derived: return "derived";
    case ConstantKind::assumed: break;
  }
  return "assumed";
}

const Chip* ChipTable::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(chips, [&](const Chip& chip) { return chip.name == name; });
  return found == chips.end() ? nullptr : &*found;
}

const ChipFamily& ChipTable::family_of(const Chip& chip) const {
  return *std::ranges::find_if(
      families, [&](const ChipFamily& family) { return family.name == chip.family; });
}

Result<ChipTable> parse_chip_table(std::string_view text) {
  ANEBENCH_ASSIGN(json, parse_json(text));
  if (!json.is_object()) return fail(ErrorCode::parse_error, "the table is no JSON object");
  ChipTable table;
  const auto shared = json.find("shared");
  if (shared == json.end()) return fail(ErrorCode::parse_error, "there is no \"shared\"");
  ANEBENCH_TRY(read_constants(*shared, kSharedConstants, table), "shared");
  ANEBENCH_ASSIGN(families, array_of(json, "families"));
  for (const Json& entry : *families) {
    ANEBENCH_ASSIGN(family, read_family(entry));
    table.families.push_back(std::move(family));
  }
  ANEBENCH_ASSIGN(chips, array_of(json, "chips"));
  for (const Json& entry : *chips) {
    ANEBENCH_ASSIGN(chip, read_chip(entry));
    const bool is_known = std::ranges::any_of(
        table.families, [&](const ChipFamily& family) { return family.name == chip.family; });
    if (!is_known) {
      return fail(ErrorCode::parse_error, "chip {} is of family \"{}\", which is not there",
                  chip.name, chip.family);
    }
    table.chips.push_back(std::move(chip));
  }
  return table;
}

const ChipTable& chip_table() {
  // The compiled-in file is checked by a test; a fault in it shows as an empty table.
  static const ChipTable kTable = parse_chip_table(kChipsJson).value_or(ChipTable());
  return kTable;
}

}  // namespace anebench::device
