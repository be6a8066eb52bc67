#include "anebench/measure/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace anebench::measure {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

Environment quiet() {
  Environment environment;
  environment.os = "Linux";
  environment.power_source = "ac";
  environment.load_1min = 0.5;
  environment.frequency_mhz = 3000;
  environment.threads = 2;
  environment.affinity = "0-1";
  environment.isa = "avx2";
  return environment;
}

TEST(Changes, OfEqualEnvironmentsAreNone) { EXPECT_THAT(changes(quiet(), quiet()), IsEmpty()); }

TEST(Changes, EachHasItsReason) {
  const auto reason = [](auto change) {
    Environment after = quiet();
    change(after);
    return changes(quiet(), after);
  };
  EXPECT_THAT(reason([](Environment& e) { e.power_source = "battery"; }),
              ElementsAre(Validity::power_source_changed));
  EXPECT_THAT(reason([](Environment& e) { e.frequency_mhz = 2500; }),
              ElementsAre(Validity::frequency_fell));
  EXPECT_THAT(reason([](Environment& e) { e.load_1min = 4; }), ElementsAre(Validity::load_rose));
  EXPECT_THAT(reason([](Environment& e) { e.affinity = "0"; }),
              ElementsAre(Validity::affinity_changed));
  EXPECT_THAT(reason([](Environment& e) { e.isa = "portable"; }),
              ElementsAre(Validity::system_changed));
  EXPECT_THAT(reason([](Environment& e) { e.os = "macOS"; }),
              ElementsAre(Validity::system_changed));
}

TEST(Changes, OwnLoadAndWakingUpDoNotCount) {
  Environment after = quiet();
  after.load_1min = 0.5 + 2 + 0.9;  // two threads of our own
  after.frequency_mhz = 3600;
  EXPECT_THAT(changes(quiet(), after), IsEmpty());
  after.frequency_mhz = 2600;
  EXPECT_THAT(changes(quiet(), after), IsEmpty());
}

TEST(Changes, UnknownThingsAreNotCompared) {
  Environment after = quiet();
  after.power_source.clear();
  after.load_1min.reset();
  after.frequency_mhz.reset();
  after.affinity.clear();
  EXPECT_THAT(changes(quiet(), after), IsEmpty());
}

TEST(Changes, AThrottledProcessorIsAThermalChange) {
  Environment before = quiet();
  Environment after = quiet();
  before.throttle_events = 3;
  after.throttle_events = 4;
  EXPECT_THAT(changes(before, after), ElementsAre(Validity::thermal_state_changed));
}

TEST(ReadEnvironment, OfThisMachineKnowsItsProcessors) {
  const Environment environment = read_environment({.threads = 3, .isa = "portable"});
  EXPECT_FALSE(environment.os.empty());
  EXPECT_FALSE(environment.cpu_model.empty());
  EXPECT_GE(environment.cpus, 1u);
  EXPECT_EQ(environment.threads, 3u);
  EXPECT_EQ(environment.isa, "portable");
}

#if defined(__linux__)

class FakeRoot : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "anebench_environment_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override {
    std::error_code error;
    fs::remove_all(root_, error);
  }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  Environment read() { return read_environment({.root = root_}); }

  fs::path root_;
};

TEST_F(FakeRoot, NothingThereLeavesThingsUnknown) {
  const Environment environment = read();
  EXPECT_EQ(environment.power_source, "");
  EXPECT_EQ(environment.machine, "");
  EXPECT_EQ(environment.governor, "");
  EXPECT_FALSE(environment.load_1min);
  EXPECT_FALSE(environment.frequency_mhz);
  EXPECT_FALSE(environment.temperature_celsius);
  EXPECT_FALSE(environment.throttle_events);
}

TEST_F(FakeRoot, PlainFilesAreRead) {
  write("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  write("proc/loadavg", "1.25 0.80 0.70 1/200 4242\n");
  write("sys/class/dmi/id/product_name", "Board 9 \n");
  write("sys/class/thermal/thermal_zone0/temp", "41000\n");
  write("sys/class/thermal/thermal_zone1/temp", "57500\n");
  write("sys/class/thermal/thermal_zone2/temp", "-274000\n");
  const Environment environment = read();
  EXPECT_EQ(environment.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(environment.load_1min, 1.25);
  EXPECT_EQ(environment.machine, "Board 9");
  EXPECT_EQ(environment.temperature_celsius, 57.5);
}

TEST_F(FakeRoot, PowerSourceIsThatOfTheMachineNotOfItsMouse) {
  write("sys/class/power_supply/mouse/type", "Battery\n");
  write("sys/class/power_supply/mouse/scope", "Device\n");
  write("sys/class/power_supply/mouse/status", "Discharging\n");
  EXPECT_EQ(read().power_source, "");
  write("sys/class/power_supply/BAT0/type", "Battery\n");
  write("sys/class/power_supply/BAT0/status", "Discharging\n");
  EXPECT_EQ(read().power_source, "battery");
  write("sys/class/power_supply/AC/type", "Mains\n");
  write("sys/class/power_supply/AC/online", "1\n");
  EXPECT_EQ(read().power_source, "ac");
}

TEST_F(FakeRoot, FrequencyComesFromTheDriverOrElseFromCpuinfo) {
  write("proc/cpuinfo",
        "processor : 0\ncpu MHz\t\t: 2000.0\n\nprocessor : 1\ncpu MHz\t\t: 3000.5\n");
  EXPECT_DOUBLE_EQ(read().frequency_mhz.value_or(0), 2500.25);
  for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); ++cpu) {
    write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_cur_freq",
          "3600000\n");
  }
  EXPECT_DOUBLE_EQ(read().frequency_mhz.value_or(0), 3600);
}

TEST_F(FakeRoot, GarbageIsUnknown) {
  write("proc/loadavg", "busy\n");
  write("proc/cpuinfo", "cpu MHz : fast\n");
  write("sys/class/thermal/thermal_zone0/temp", "nan\n");
  write("etc/os-release", "PRETTY_NAME=\n");
  const Environment environment = read();
  EXPECT_FALSE(environment.load_1min);
  EXPECT_FALSE(environment.frequency_mhz);
  EXPECT_FALSE(environment.temperature_celsius);
  EXPECT_FALSE(environment.os.empty());
}

#endif  // defined(__linux__)

}  // namespace
}  // namespace anebench::measure
