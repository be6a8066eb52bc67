// The part of a record that says where an evaluation's time went: what the device did, step by
// step, with the time, arithmetic and bytes of each. Plain data.
//
// Times are ms, in the program's order of steps. What the steps leave of time.eval is the residual;
// it is a metric of the record.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace anebench::record {

struct ProfileStep {
  std::string name;  // as the device calls it
  // Types of the operations that it executes together, "conv+relu"; of a step without any (moving
  // data, say) the kernel's name.
  std::string type;
  std::vector<std::string> operations;  // their labels
  std::string layer;                    // of the program; empty before the first
  std::string input;                    // type of the first value that its first operation reads
  std::string output;                   // type of its last operation's output: "fp16 [1, 64, 8, 8]"
  std::string kernel;                   // what executes it
  std::string fallback_reason;          // why no faster kernel does; empty where one does
  std::string precision;                // of its arithmetic: "int8", "fp16", "fp32"; may be empty

  // The median over the evaluations, with its 95 % interval.
  double time_ms = 0;
  std::optional<double> low_ms;
  std::optional<double> high_ms;
  // When it ran in the evaluation that Profile::shown_ms describes, from that one's start.
  double start_ms = 0;
  double end_ms = 0;

  // Arithmetic, a multiply-add counted as two. These are absent where types do not tell.
  std::optional<double> arithmetic;
  // What it must move at the least: each tensor that other steps make or use once, weights as they
  // are stored.
  std::optional<double> bytes_read;
  std::optional<double> bytes_written;
  std::optional<double> weight_bytes;  // the part of bytes_read that is constant
};

struct Profile {
  std::string model;  // what was read: "package with an ML program"; may be empty
  // Operations of the function that do something, and those that only hold or expand constants.
  std::size_t operation_count = 0;
  std::size_t constant_count = 0;
  std::vector<ProfileStep> steps;
  // One whole evaluation with its steps observed: the one of median time.
  double shown_ms = 0;
};

}  // namespace anebench::record
