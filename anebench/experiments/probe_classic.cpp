#include <fmt/format.h>

#include <optional>
#include <utility>

#include "anebench/experiments/case_record.h"
#include "anebench/experiments/output_check.h"
#include "anebench/experiments/probe_parts.h"
#include "anebench/experiments/subject.h"
#include "anebench/programs/quantized_conv.h"

namespace anebench::experiments {
namespace {

struct ClassicShape {
  std::int64_t in, out;
  std::string_view name;
};

// The published probe's, with its names.
constexpr ClassicShape kShapes[] = {{768, 768, "Stories110M attn proj"},
                                    {768, 2048, "Stories110M FFN up"},
                                    {2048, 768, "Stories110M FFN down"},
                                    {1024, 1024, "1K square"},
                                    {2048, 2048, "2K square (stress)"}};
constexpr std::size_t kQuickShapes = 2;
constexpr std::int64_t kSequence = 64;

// dB over a single convolution, of devices that promise no more.
constexpr double kFp16 = 45;
constexpr double kW8A8Snr = 30;

bool is_in_language(std::string_view variant) {
  for (const programs::QuantizedConvVariant& known : programs::quantized_conv_variants()) {
    if (known.name == variant) return known.is_valid;
  }
  return true;
}

// What the shape's cases share while they run: the fp16 program that all are compared with.
class ClassicProbe {
 public:
  explicit ClassicProbe(ContextPointer context) : context_(std::move(context)) {}

  const Context& context() const { return *context_; }
  programs::ProgramSpec spec(const ClassicShape& shape, const std::string& variant) const {
    programs::ProgramSpec spec("quantized_conv", {});
    spec.set("in_channels", shape.in);
    spec.set("out_channels", shape.out);
    spec.set("width", kSequence);
    spec.set("variant", variant);
    spec.set("seed", static_cast<std::int64_t>(context_->settings.seed));
    return spec;
  }
  Result<void> run(const ClassicShape& shape, const record::Record& planned,
                   const record::Record& planned_fp16, runner::Reporter& reporter);

 private:
  Subject prepare(const ClassicShape& shape, const record::Record& planned,
                  runner::Reporter& reporter);
  Subject& baseline(const ClassicShape& shape, const record::Record& planned,
                    runner::Reporter& reporter);
  void load_variant(Subject& subject);
  void check(Subject& subject);

  ContextPointer context_;
  std::optional<Subject> baseline_;
};

// A program outside the language is first offered as the rules ask, for its answer, and then
// executed by its plain meaning: so "not in the language" and "not in the hardware" are told apart.
void ClassicProbe::load_variant(Subject& subject) {
  load(*context_, subject);
  if (is_in_language(subject.record.variant) || subject.is_ready()) return;
  const std::string refusal = subject.record.outcome.message;
  subject.record.outcome = {};
  device::CompileOptions options = context_->compile_options();
  options.lenient = true;
  load(*context_, subject, options);
  if (subject.is_ready()) {
    subject.record.outcome.message =
        fmt::format("outside the language, executed by its plain meaning: {}", refusal);
  }
}

void ClassicProbe::check(Subject& subject) {
  if (!subject.is_ready()) return;
  if (!context_->device->info().has_outputs) {
    record_check(subject, check_without_outputs());
    return;
  }
  device::CompileOptions options = context_->compile_options();
  options.lenient = options.lenient || !is_in_language(subject.record.variant);
  const bool is_w8a8 = subject.record.variant == "w8a8";
  const auto checked =
      check_outputs(*context_->device, *context_->reference, *subject.benchmark, options,
                    {.needs_bits = subject.loaded->executable().is_bit_exact(),
                     .snr_db = is_w8a8 ? kW8A8Snr : kFp16});
  record_check(subject, checked ? Result<record::Check>(to_record(*checked))
                                : tl::unexpected<Error>(checked.error()));
}

Subject ClassicProbe::prepare(const ClassicShape& shape, const record::Record& planned,
                              runner::Reporter& reporter) {
  Subject subject(planned);
  subject.record.time = record::utc_now();
  reporter.step("compiling");
  build(*context_, subject, spec(shape, planned.variant));
  load_variant(subject);
  reporter.step("checking");
  check(subject);
  return subject;
}

Subject& ClassicProbe::baseline(const ClassicShape& shape, const record::Record& planned,
                                runner::Reporter& reporter) {
  if (!baseline_ || baseline_->record.id != planned.id) {
    baseline_.reset();
    baseline_.emplace(prepare(shape, planned, reporter));
  }
  return *baseline_;
}

Result<void> ClassicProbe::run(const ClassicShape& shape, const record::Record& planned,
                               const record::Record& planned_fp16, runner::Reporter& reporter) {
  Subject& fp16 = baseline(shape, planned_fp16, reporter);
  if (planned.variant == "fp16") {
    Subject& subject = fp16;
    reporter.step("measuring");
    measure_alone(*context_, subject, reporter);
    if (reporter.is_cancelled()) return {};
    return reporter.record(subject.record);
  }
  Subject subject = prepare(shape, planned, reporter);
  reporter.step("measuring");
  measure_beside(*context_, fp16, subject, "fp16", reporter);
  if (reporter.is_cancelled()) return {};
  return reporter.record(subject.record);
}

}  // namespace

Result<std::vector<runner::Case>> classic_probe_cases(const ContextPointer& context,
                                                      const std::vector<std::string>& variants,
                                                      CaseSelection& selection) {
  const auto probe = std::make_shared<ClassicProbe>(context);
  std::vector<std::string> all = {"fp16"};
  all.insert(all.end(), variants.begin(), variants.end());
  const std::size_t shapes = context->settings.quick ? kQuickShapes : std::size(kShapes);
  std::vector<runner::Case> cases;
  for (std::size_t i = 0; i < shapes; ++i) {
    const ClassicShape& shape = kShapes[i];
    const auto parameters = [&](const std::string& variant) {
      return CaseParameters{{"part", "classic"},
                            {"in_channels", std::to_string(shape.in)},
                            {"out_channels", std::to_string(shape.out)},
                            {"variant", variant}};
    };
    std::optional<record::Record> fp16;
    for (const std::string& variant : all) {
      if (!selection.accepts(parameters(variant))) continue;
      const auto plan = [&](const std::string& name) {
        return plan_record(*context, probe->spec(shape, name), name, parameters(name),
                           {{"part", "classic"}, {"shape", std::string(shape.name)}});
      };
      if (!fp16) {
        ANEBENCH_ASSIGN(planned, plan("fp16"));
        fp16 = std::move(planned);
      }
      ANEBENCH_ASSIGN(planned, plan(variant));
      runner::Case one;
      one.name =
          fmt::format("probe on {}: {} {}", context->device_record.name, shape.name, variant);
      one.arguments = case_arguments(*context, parameters(variant));
      one.planned.push_back(planned);
      one.run = [probe, shape, planned, fp16 = *fp16](runner::Reporter& reporter) {
        return probe->run(shape, planned, fp16, reporter);
      };
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

}  // namespace anebench::experiments
