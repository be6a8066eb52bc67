#include "anebench/report/trace_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "anebench/report/profile_samples_for_tests.h"

namespace anebench::report {
namespace {

Json trace_of(const std::vector<record::Record>& records) {
  // As a file has it.
  auto json = parse_json(dump_json(trace_json(records)));
  EXPECT_TRUE(json) << json.error().to_string();
  return json.value_or(Json());
}

std::vector<Json> events_of(const Json& trace, const std::string& phase) {
  std::vector<Json> events;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] == phase) events.push_back(event);
  }
  return events;
}

TEST(Trace, StepsAreCompleteEventsInMicroseconds) {
  const auto events = events_of(trace_of({profile_record()}), "X");
  ASSERT_EQ(events.size(), 4u) << "the evaluation and three steps";
  EXPECT_EQ(events[0]["ts"], 0.0);
  EXPECT_EQ(events[0]["dur"], 10200.0);
  EXPECT_EQ(events[1]["name"], "conv_000");
  EXPECT_EQ(events[1]["cat"], "conv");
  EXPECT_DOUBLE_EQ(events[1]["ts"].get<double>(), 200);
  EXPECT_DOUBLE_EQ(events[1]["dur"].get<double>(), 5000);
  EXPECT_EQ(events[1]["args"]["kernel"], "kernel_of_conv");
  EXPECT_EQ(events[2]["args"]["fallback_reason"], "no kernel for <this> & that");
}

TEST(Trace, EventsOfAThreadDoNotOverlap) {
  std::map<std::pair<int, int>, double> ends;
  for (const Json& event : events_of(trace_of({profile_record(), profile_record()}), "X")) {
    double& end = ends[{event["pid"].get<int>(), event["tid"].get<int>()}];
    EXPECT_GE(event["ts"].get<double>(), end - 1e-9);
    EXPECT_GE(event["dur"].get<double>(), 0);
    end = event["ts"].get<double>() + event["dur"].get<double>();
  }
  EXPECT_EQ(ends.size(), 4u) << "two processes of two threads";
}

TEST(Trace, ProcessesAndThreadsHaveNames) {
  std::map<std::string, std::string> names;
  for (const Json& event : events_of(trace_of({profile_record()}), "M")) {
    names[event["name"].get<std::string>() + std::to_string(event["tid"].get<int>())] =
        event["args"]["name"].get<std::string>();
  }
  EXPECT_EQ(names["process_name1"], "conv_chain on cpu (measured)");
  EXPECT_EQ(names["thread_name1"], "evaluation");
  EXPECT_EQ(names["thread_name2"], "steps");
}

TEST(Trace, RecordsWithoutAProfileLeaveNothing) {
  record::Record record = profile_record();
  record.profile.reset();
  EXPECT_TRUE(trace_of({record})["traceEvents"].empty());
}

}  // namespace
}  // namespace anebench::report
