#include "anebench/report/roofline_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/report/log_axis.h"
#include "anebench/report/roofline.h"
#include "anebench/report/svg_writer.h"
#include "anebench/report/text_width.h"

namespace anebench::report {
namespace {

constexpr double kPlotWidth = 900;
constexpr double kPlotHeight = 560;
constexpr double kPlotLeft = 100;
constexpr double kPlotRight = 30;
constexpr double kPlotTop = 60;
constexpr double kPlotBottom = 70;
constexpr std::size_t kLabelledPoints = 12;
constexpr std::size_t kLongestLabel = 40;
// Of labels, so that none lies upon another.
constexpr double kLabelHeight = 13;
constexpr double kSmallestRadius = 3;
constexpr double kRadiusOfAll = 18;  // of a point with all of the time

constexpr std::string_view kPlotStyle = R"(
text { font-family: system-ui, sans-serif; font-size: 12px; fill: #24292f; }
.page { fill: #ffffff; }
.heading { font-size: 16px; font-weight: 600; }
.faint { fill: #57606a; font-size: 11px; }
.grid { stroke: #eaeef2; }
.axis { stroke: #57606a; }
.memory { stroke: #0969da; stroke-width: 2; fill: none; }
.compute { stroke: #8250df; stroke-width: 2; fill: none; }
.point { fill: #1a7f37; fill-opacity: 0.65; stroke: #ffffff; }
.slow { fill: #bc4c00; fill-opacity: 0.65; stroke: #ffffff; }
)";

// Steps that look alike.
struct PlotPoint {
  std::string label;
  std::size_t steps = 0;
  double intensity = 0;
  double rate = 0;
  double time_ms = 0;
  double arithmetic = 0;
  double bytes = 0;
  bool is_fallback = false;
};

std::vector<PlotPoint> plot_points(const record::Record& record) {
  std::map<std::tuple<std::string, std::string, std::string>, PlotPoint> merged;
  if (!record.profile) return {};
  for (const record::ProfileStep& step : record.profile->steps) {
    if (!roofline_point(record, step)) continue;
    PlotPoint& point = merged[{step.type, step.output, step.kernel}];
    if (point.steps == 0) point.label = step.name;
    ++point.steps;
    point.time_ms += step.time_ms;
    point.arithmetic += *step.arithmetic;
    point.bytes += bytes_moved(step);
    point.is_fallback = !step.fallback_reason.empty();
  }
  std::vector<PlotPoint> points;
  for (auto& [key, point] : merged) {
    point.intensity = point.arithmetic / point.bytes;
    point.rate = point.arithmetic / (point.time_ms * 1e-3);
    const std::string& type = std::get<0>(key);
    point.label = point.steps == 1 ? fmt::format("{} ({})", point.label, type)
                                   : fmt::format("{} × {}", point.steps, type);
    points.push_back(std::move(point));
  }
  std::ranges::stable_sort(points, std::ranges::greater(), &PlotPoint::time_ms);
  return points;
}

class RooflinePlot {
 public:
  explicit RooflinePlot(const record::Record& record)
      : record_(record),
        points_(plot_points(record)),
        memory_(memory_ceiling(record)),
        svg_(kPlotWidth, kPlotHeight, title(), kPlotStyle) {}

  std::string draw() {
    svg_.text({kPlotLeft, 26}, title(), "heading");
    svg_.text({kPlotLeft, 44}, subtitle(), "faint");
    if (points_.empty()) {
      svg_.text({kPlotLeft, kPlotTop + 40}, "No step of this profile has arithmetic.", "faint");
      return svg_.finish();
    }
    choose_axes();
    draw_grid();
    draw_ceilings();
    draw_points();
    return svg_.finish();
  }

 private:
  std::string title() const {
    return fmt::format("Roofline: {} on {}", record_.program.name, record_.device.name);
  }
  std::string subtitle() const {
    return fmt::format("{}; a point is a kind of step, its area the share of the time; {}",
                       to_string(record_.origin), record_.version);
  }

  void choose_axes() {
    for (const PlotPoint& point : points_) {
      x_.include(point.intensity);
      y_.include(point.rate);
    }
    for (const record::Peak& peak : record_.device.peaks) {
      y_.include(peak.value);
      // So that the roof's corner is seen.
      if (memory_) x_.include(peak.value / *memory_);
    }
    x_.close();
    y_.close();
  }

  void draw_grid() {
    const double bottom = kPlotHeight - kPlotBottom;
    const double right = kPlotWidth - kPlotRight;
    for (int power = x_.low(); power <= x_.high(); ++power) {
      const double value = std::pow(10.0, power);
      const double x = x_.at(value);
      svg_.line({x, kPlotTop}, {x, bottom}, "grid");
      svg_.text({x, bottom + 18}, fmt::format("{:g}", value), "faint", SvgAnchor::middle);
    }
    for (int power = y_.low(); power <= y_.high(); ++power) {
      const double value = std::pow(10.0, power);
      const double y = y_.at(value);
      svg_.line({kPlotLeft, y}, {right, y}, "grid");
      svg_.text({kPlotLeft - 8, y + 4}, format_si(value, "OPS"), "faint", SvgAnchor::end);
    }
    svg_.line({kPlotLeft, bottom}, {right, bottom}, "axis");
    svg_.line({kPlotLeft, kPlotTop}, {kPlotLeft, bottom}, "axis");
    svg_.text({(kPlotLeft + right) / 2, bottom + 42}, "arithmetic intensity: operations a byte",
              "label", SvgAnchor::middle);
    svg_.vertical_text({16, (kPlotTop + bottom) / 2}, "rate: operations a second", "label");
  }

  void draw_ceilings() {
    double highest = 0;
    for (const record::Peak& peak : record_.device.peaks) {
      if (!(peak.value > 0)) continue;
      highest = std::max(highest, peak.value);
      const double corner = memory_ ? peak.value / *memory_ : x_.lowest();
      const double y = y_.at(peak.value);
      svg_.line({x_.at(corner), y}, {kPlotWidth - kPlotRight, y}, "compute");
      svg_.text({kPlotWidth - kPlotRight, y - 6},
                fmt::format("{} {} ({})", peak.precision, format_si(peak.value, "OPS"),
                            to_string(peak.origin)),
                "faint", SvgAnchor::end);
    }
    if (!memory_ || highest == 0) return;
    // From where the slope enters the plot to the highest peak.
    const double begin = std::max(x_.lowest(), y_.lowest() / *memory_);
    const SvgPoint ends[] = {{x_.at(begin), y_.at(*memory_ * begin)},
                             {x_.at(highest / *memory_), y_.at(highest)}};
    svg_.polyline(ends, "memory");
    svg_.text({(ends[0].x + ends[1].x) / 2 - 8, (ends[0].y + ends[1].y) / 2 - 6},
              fmt::format("memory {}", format_si(*memory_, "B/s")), "faint", SvgAnchor::end);
  }

  void draw_points() {
    double all_ms = 0;
    for (const PlotPoint& point : points_) all_ms += point.time_ms;
    std::vector<SvgPoint> labels;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const PlotPoint& point = points_[i];
      const SvgPoint center = {x_.at(point.intensity), y_.at(point.rate)};
      const double share = point.time_ms / all_ms;
      const double radius = std::max(kSmallestRadius, kRadiusOfAll * std::sqrt(share));
      svg_.circle(center, radius, point.is_fallback ? "slow" : "point",
                  fmt::format("{}: {}, {} operations a byte, {:.1f} % of the steps' time",
                              point.label, format_si(point.rate, "OPS"),
                              format_significant(point.intensity), share * 100));
      if (i < kLabelledPoints) label(point, center, radius, labels);
    }
  }

  // Beside the point; below those labels that are there already.
  void label(const PlotPoint& point, SvgPoint center, double radius,
             std::vector<SvgPoint>& labels) {
    const bool is_left = center.x > (kPlotLeft + kPlotWidth - kPlotRight) / 2;
    SvgPoint at = {is_left ? center.x - radius - 4 : center.x + radius + 4, center.y + 4};
    const auto is_taken = [&](const SvgPoint& other) {
      return std::abs(other.x - at.x) < kPlotWidth / 4 && std::abs(other.y - at.y) < kLabelHeight;
    };
    while (std::ranges::any_of(labels, is_taken)) at.y += kLabelHeight;
    labels.push_back(at);
    svg_.text(at, cut_to_width(point.label, kLongestLabel), "label",
              is_left ? SvgAnchor::end : SvgAnchor::start);
  }

  const record::Record& record_;
  std::vector<PlotPoint> points_;
  std::optional<double> memory_;
  SvgWriter svg_;
  LogAxis x_{kPlotLeft, kPlotWidth - kPlotRight};
  LogAxis y_{kPlotHeight - kPlotBottom, kPlotTop};
};

}  // namespace

std::string roofline_svg(const record::Record& record) { return RooflinePlot(record).draw(); }

}  // namespace anebench::report
