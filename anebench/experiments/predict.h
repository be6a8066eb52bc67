// `predict`: what a program takes on Apple's chips, a record a chip and variant. Nothing is
// measured: times are the chip model's (device/chip/cost_model.h), with its known error.
//
//   ANEBENCH_ASSIGN(cases, predict_cases(subject, {"m4", "m5"}, settings));
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/experiments/settings.h"
#include "anebench/mil/program.h"
#include "anebench/programs/program_spec.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

// What quantizing changed in a variant (what_if.h).
struct Quantization {
  std::size_t weights = 0;      // stored in another form
  std::size_t activations = 0;  // operations that take int8 ones
  // Of the output that suffered most, against the program before, computed by running both;
  // infinite where nothing changed, absent where nothing could be compared.
  std::optional<double> output_snr_db;
  std::string computed_by;  // "cpu, inputs random, seed 1"
};

// One form of the program: as it was given, or with its weights or activations quantized.
struct PredictVariant {
  std::string name;  // "fp16", "w8a8"; "model" for a model as it is
  mil::Program program;
  std::optional<Quantization> quantization = std::nullopt;
};

struct PredictSubject {
  programs::ProgramSpec spec;  // what records call it
  std::string argument;        // what names it on the command line
  // What else stood there that the variants depend on.
  std::vector<std::string> options = {};
  // The first is what the others are compared with. Never empty.
  std::vector<PredictVariant> variants;
};

// A case a chip, in the order given. Its records, one a variant:
//   time.eval                 ms: call + transfer + layers
//   time.call, time.transfer  ms
//   share.bound.<what>        of time.eval: arithmetic, activations, weights
//   share.op.<type>           of time.eval, by the type of the operation that computes
//   error.mean, error.worst   of published rows of this kind of program, where there are any
//   ratio.<first variant>     time of the first variant / time of this
//   gain.arithmetic, gain.weights, gain.activations, gain.other
//                             its factors: what int8 arithmetic, the bytes of weights, those of
//                             activations, and added operations bring; they multiply to it
// and of quantized variants, counted and computed, not predicted:
//   count.quantized.weights, count.quantized.activations
//   snr.output                dB
// A program that the chip's engine would refuse is unsupported, with the reasons; with
// Settings::lenient it is predicted, and the reasons stand in the outcome's message. Errors: an
// unknown chip; the filter matches nothing.
Result<std::vector<runner::Case>> predict_cases(PredictSubject subject,
                                                const std::vector<std::string>& chips,
                                                const Settings& settings);

}  // namespace anebench::experiments
