#include "anebench/device/ane/ane_device.h"
#include "anebench/report/doctor_report.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_doctor(const DoctorArguments& arguments) {
  Console console(arguments.console);
  const std::vector<device::DeviceListing> devices = device::list_devices();
  report::DoctorFindings findings;
  findings.environment = measure::read_environment({});
  findings.engine = device::inspect_ane();
  findings.devices = devices;
  console.print(report::doctor_report(findings));
  // A machine without the framework is as it should be; one with a part of it is not.
  const device::ane::SurveyItem* obstacle = findings.engine.survey.first_obstacle();
  const bool is_broken = obstacle != nullptr ? obstacle->kind != device::ane::SurveyKind::library
                                             : !findings.engine.folder_problem.empty();
  return is_broken ? kUnavailable : kOk;
}

}  // namespace anebench::cli
