#include "anebench/report/device_list.h"

#include "anebench/base/units.h"

namespace anebench::report {

Document device_list(std::span<const ListedDevice> devices, bool has_peaks) {
  Table table;
  table.columns = {{"Device", Align::left}, {"Here", Align::left}, {"What it is", Align::left}};
  Table peaks;
  peaks.columns = {{"Device", Align::left},
                   {"Type", Align::left},
                   {"Peak"},
                   {"Origin", Align::left},
                   {"Source", Align::left}};
  Bullets reasons;
  for (const ListedDevice& device : devices) {
    const device::DeviceListing& listing = device.listing;
    const bool is_available = listing.unavailable_reason.empty();
    table.rows.push_back({{listing.name},
                          {is_available ? "yes" : "no", is_available ? Style::good : Style::faint},
                          {listing.description}});
    if (!is_available) {
      reasons.items.push_back({listing.name + ": " + listing.unavailable_reason, Style::faint});
    }
    for (const device::Peak& peak : device.peaks) {
      const bool is_integer = peak.precision.starts_with("int");
      peaks.rows.push_back({{listing.name},
                            {peak.precision},
                            {format_si(peak.ops_per_second, is_integer ? "OPS" : "FLOPS")},
                            {std::string(to_string(peak.origin))},
                            {peak.source}});
    }
  }
  Document document;
  document.add(std::move(table));
  reasons.items.push_back(
      {"chip:NAME (chip:m1 … chip:m6) computes nothing and predicts times on "
       "Apple's chips; 'anebench chips' lists them",
       Style::faint});
  document.add(std::move(reasons));
  if (has_peaks) document.add(std::move(peaks));
  return document;
}

}  // namespace anebench::report
