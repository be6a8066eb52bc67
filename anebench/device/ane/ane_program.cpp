#include "anebench/device/ane/ane_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include "anebench/mil/builder.h"
#include "anebench/mil/text_printer.h"
#include "anebench/ops/function_plan.h"
#include "anebench/transform/ane_lint.h"
#include "anebench/transform/ane_rewrite.h"
#include "anebench/transform/match.h"
#include "anebench/transform/split.h"
#include "anebench/transform/walk.h"

namespace anebench::device::ane {
namespace {

using transform::AneRule;
using transform::LintFinding;
using transform::LintLevel;

// Half of what kills the compiler service, where a program must be cut at all.
constexpr std::size_t kMaxPartDepth = transform::kFatalConvDepth / 2;

// Different for every program of every process of this machine.
std::string instance_token() {
  static std::atomic<std::uint64_t> counter = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{:x}-{:x}-{:x}", ::getpid(), now, counter.fetch_add(1));
}

mil::Program with_instance(const mil::Program& program) {
  using mil::Value;
  constexpr std::string_view kBuildInfo = "buildInfo";
  mil::ProgramData data = program.data();
  const auto text = mil::Type::scalar(mil::DataType::string);
  auto info = std::find_if(data.attributes.begin(), data.attributes.end(),
                           [&](const mil::Attribute& a) { return a.name == kBuildInfo; });
  if (info == data.attributes.end()) {
    data.attributes.push_back({std::string(kBuildInfo), mil::build_info({})});
    info = data.attributes.end() - 1;
  }
  const auto old = info->value.dictionary_entries();
  Value::Entries entries(old.begin(), old.end());
  entries.emplace_back(Value::string("anebench-instance"), Value::string(instance_token()));
  info->value = Value::dictionary(mil::Type::dictionary(text, text), std::move(entries));
  return mil::Program(std::move(data));
}

// What the device does about a finding, or what a reader must know; empty for what concerns Core ML
// only or has been rewritten.
std::string note_of(const LintFinding& finding) {
  switch (finding.rule) {
    case AneRule::surface_size:
      return fmt::format("{}; its surface is padded to {}", finding.seen,
                         transform::kSafeSurfaceBytes);
    case AneRule::surface_sizes_differ:
      return fmt::format(
          "{}; the smaller ones are copied through surfaces of one size where "
          "padding does not make them equal",
          finding.seen);
    case AneRule::binding_order: return finding.seen;
    case AneRule::blockwise_weights:
    case AneRule::concat:
    case AneRule::gelu:
    case AneRule::attention_mask:
      return fmt::format("{} '{}': {}", finding.op_type, finding.op_label,
                         ane_limit(finding.rule).reason);
    default: return "";
  }
}

Result<void> check_limits(const mil::Program& program, const mil::BlobResolver& resolver,
                          std::vector<std::string>& notes) {
  for (const LintFinding& finding : transform::lint_for_ane(program, {.resolver = &resolver})) {
    const transform::AneLimit& limit = ane_limit(finding.rule);
    if (limit.level != LintLevel::error) {
      std::string note = note_of(finding);
      if (!note.empty()) notes.push_back(std::move(note));
      continue;
    }
    const std::string place =
        finding.op_type.empty() ? "" : fmt::format("{} '{}': ", finding.op_type, finding.op_label);
    return fail(ErrorCode::unsupported, "a known limit of the Neural Engine, {}: {}{}. {} {}",
                limit.name, place, finding.seen, limit.reason, limit.advice);
  }
  return {};
}

// Surfaces hold tensors of known size, and the engine computes what it returns.
Result<void> check_edges(const mil::Function& function,
                         const std::vector<mil::NamedType>& outputs) {
  std::set<std::string_view> names;
  for (const mil::NamedType& input : function.inputs) {
    if (!input.type.byte_size()) {
      return fail(
          ErrorCode::unsupported,
          "the input '{}' is a {}; the Neural Engine takes tensors of known dimensions only: "
          "give all dimensions, or run it on the CPU",
          input.name, mil::to_string(input.type));
    }
    names.insert(input.name);
  }
  for (const mil::NamedType& output : outputs) {
    if (!output.type.byte_size()) {
      return fail(ErrorCode::unsupported,
                  "the output '{}' is a {}; the Neural Engine gives tensors of known dimensions "
                  "only: return the tensor that it is made from, or run it on the CPU",
                  output.name, mil::to_string(output.type));
    }
    if (!names.insert(output.name).second) {
      return fail(ErrorCode::unsupported,
                  "'{}' is returned as it came, or twice; the Neural Engine returns what it "
                  "computes, once: return a copy (identity)",
                  output.name);
    }
  }
  return {};
}

Result<std::vector<AneSource::File>> files_of(const mil::Program& program,
                                              const weights::WeightFiles& weights) {
  std::set<std::string> names;
  transform::visit_values(program, [&](const mil::Value& value) {
    if (value.is_blob()) names.insert(value.blob_reference().path);
  });
  std::vector<AneSource::File> files;
  for (const std::string& name : names) {
    ANEBENCH_ASSIGN(content, weights.content(name));
    files.push_back({name, std::move(content)});
  }
  return files;
}

void sort_by_name(std::vector<mil::NamedType>& values) {
  std::sort(values.begin(), values.end(),
            [](const mil::NamedType& a, const mil::NamedType& b) { return a.name < b.name; });
}

std::vector<transform::ProgramPart> as_one_part(const mil::Program& program,
                                                const mil::Function& function) {
  transform::ProgramPart part;
  part.program = program;
  const auto& operations = function.body.operations;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (ops::is_executed(operations[i])) part.operations.push_back(i);
  }
  return {std::move(part)};
}

Result<std::vector<transform::ProgramPart>> cut(const mil::Program& program,
                                                const mil::Function& function) {
  if (transform::convolution_depth(function) < transform::kFatalConvDepth) {
    return as_one_part(program, function);
  }
  return transform::split_convolutions(program, function.name, kMaxPartDepth);
}

}  // namespace

Result<PreparedProgram> prepare_for_ane(const mil::Program& program, const std::string& function,
                                        const weights::WeightFiles& weights) {
  const mil::Function* whole = program.find_function(function);
  if (whole == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", function);
  }
  ANEBENCH_TRY(check_edges(*whole, transform::outputs_of(*whole)));
  ANEBENCH_ASSIGN(parts, cut(program, *whole));
  PreparedProgram prepared;
  if (parts.size() > 1) {
    prepared.notes.push_back(fmt::format("cut into {} parts that run one after the other, since {}",
                                         parts.size(), ane_limit(AneRule::conv_depth).reason));
  }
  for (const transform::ProgramPart& part : parts) {
    ANEBENCH_ASSIGN(rewritten, transform::rewrite_for_ane(part.program, function));
    ANEBENCH_TRY(check_limits(rewritten.program, weights, prepared.notes));
    prepared.notes.insert(prepared.notes.end(), rewritten.remarks.begin(), rewritten.remarks.end());
    PreparedPart& made = prepared.parts.emplace_back();
    ANEBENCH_ASSIGN(files, files_of(rewritten.program, weights));
    made.source = {mil::print_text(with_instance(rewritten.program)), std::move(files)};
    const mil::Function& edge = *rewritten.program.main();
    made.inputs = edge.inputs;
    made.outputs = transform::outputs_of(edge);
    sort_by_name(made.inputs);
    sort_by_name(made.outputs);
    made.operations = part.operations;
  }
  return prepared;
}

}  // namespace anebench::device::ane
