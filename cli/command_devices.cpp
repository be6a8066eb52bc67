#include <fmt/format.h>

#include "anebench/device/device.h"
#include "anebench/report/device_list.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_devices(const DevicesArguments& arguments) {
  Console console(arguments.console);
  std::vector<report::ListedDevice> devices;
  for (const device::DeviceListing& listing : device::list_devices()) {
    report::ListedDevice& entry = devices.emplace_back();
    entry.listing = listing;
    if (!arguments.peaks || !listing.unavailable_reason.empty()) continue;
    console.progress(fmt::format("measuring the peaks of {}", listing.name));
    const auto opened = device::open(listing.name, {.threads = arguments.threads});
    if (!opened) return console.error("open device " + listing.name, opened.error());
    auto peaks = (*opened)->peaks();
    if (!peaks) return console.error("measure the peaks of " + listing.name, peaks.error());
    entry.peaks = std::move(*peaks);
  }
  console.print(report::device_list(devices, arguments.peaks));
  return kOk;
}

}  // namespace anebench::cli
