#include "anebench/report/doctor_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/report/terminal.h"

namespace anebench::report {
namespace {

using device::ane::SurveyKind;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string printed(const DoctorFindings& findings) {
  return to_terminal(doctor_report(findings), {.width = 1000});
}

DoctorFindings quiet_mac() {
  DoctorFindings findings;
  findings.environment.os = "macOS 26.1";
  findings.environment.power_source = "ac";
  findings.environment.thermal_state = "nominal";
  findings.environment.load_1min = 0.1;
  findings.engine.survey.add(SurveyKind::library, "AppleNeuralEngine");
  findings.engine.survey.add(SurveyKind::object_class, "_ANERequest");
  findings.engine.engine = {"h17g", 1, 2};
  findings.engine.temporary_directory = "/var/folders/x";
  return findings;
}

TEST(DoctorReport, AReadyEngineIsSaidWithWhatItTells) {
  EXPECT_THAT(printed(quiet_mac()),
              AllOf(HasSubstr("subtype h17g; engines: 1; clusters: 2"),
                    HasSubstr("1 of 1 libraries, 1 of 1 classes"), HasSubstr("is ready"),
                    HasSubstr("/var/folders/x"), Not(HasSubstr("Problem"))));
}

TEST(DoctorReport, WithoutAFrameworkItSaysWhatRunsInstead) {
  DoctorFindings findings;
  findings.engine.survey.add(SurveyKind::library, "AppleNeuralEngine", "no such file");
  findings.engine.obstacle = "AppleNeuralEngine cannot be opened: no such file";
  const std::vector<device::DeviceListing> devices = {{"cpu", "this machine's processor", ""},
                                                      {"cpu:neon", "limited", "not here"}};
  findings.devices = devices;
  EXPECT_THAT(printed(findings),
              AllOf(HasSubstr("cannot be used"), HasSubstr("no Neural Engine"),
                    HasSubstr("cpu: this machine's processor"), Not(HasSubstr("cpu:neon"))));
}

TEST(DoctorReport, AChangedFrameworkIsShownItemByItem) {
  DoctorFindings findings = quiet_mac();
  findings.engine.survey.add(SurveyKind::message, "-[_ANEInMemoryModel x]",
                             "its argument 1 is an integer of 8 bytes");
  findings.engine.obstacle = "not the one";
  EXPECT_THAT(printed(findings),
              AllOf(HasSubstr("0 of 1 selectors"), HasSubstr("an integer of 8 bytes"),
                    HasSubstr("Please report")));
}

TEST(DoctorReport, WhatDisturbsMeasuringIsNamedWithARemedy) {
  DoctorFindings findings = quiet_mac();
  findings.environment.power_source = "battery";
  findings.environment.thermal_state = "serious";
  findings.environment.load_1min = 3.2;
  findings.environment.governor = "powersave";
  findings.engine.folder_problem = "permission denied";
  EXPECT_THAT(printed(findings), AllOf(HasSubstr("Plug it in"), HasSubstr("cool down"),
                                       HasSubstr("3.2 processors busy"), HasSubstr("performance"),
                                       HasSubstr("TMPDIR")));
}

}  // namespace
}  // namespace anebench::report
