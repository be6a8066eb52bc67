// How a running list of cases talks to whoever started it: the command line, a test, a parent
// process. All calls come on the thread that runs the cases.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/measure/measure.h"
#include "anebench/record/record.h"

namespace anebench::runner {

class Reporter {
 public:
  virtual ~Reporter() = default;

  // True where the record is there already: made by this run, or left by an earlier one that this
  // run resumes (which then counts among this run's).
  virtual bool take_over(std::string_view /*id*/) { return false; }
  // The records of this run so far, those taken over included, in the order they came.
  virtual std::span<const record::Record> records() const { return {}; }
  // A record of the case now running. An error ends the run.
  virtual Result<void> record(const record::Record& record) = 0;

  // A case begins, `index` (from 0) of `count`.
  virtual void begin_case(std::size_t /*index*/, std::size_t /*count*/, std::string_view /*name*/) {
  }
  // What the case is doing now: "compiling", "checking".
  virtual void step(std::string_view /*what*/) {}
  virtual void progress(const measure::Progress& /*progress*/) {}
  // Something that a reader of the results must know, as a sentence.
  virtual void note(std::string_view /*text*/) {}

  // Set when the user wants to stop.
  virtual const std::atomic<bool>* cancelled() { return nullptr; }
  bool is_cancelled() {
    const std::atomic<bool>* flag = cancelled();
    return flag != nullptr && flag->load();
  }
};

}  // namespace anebench::runner
