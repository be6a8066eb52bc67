#include "anebench/report/chip_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "anebench/report/log_axis.h"
#include "anebench/report/svg_writer.h"

namespace anebench::report {
namespace {

using experiments::ChipValidation;
using experiments::RowPrediction;

constexpr double kChipPlotWidth = 900;
constexpr double kChipPlotHeight = 720;
constexpr double kChipPlotLeft = 80;
constexpr double kChipPlotRight = 870;
constexpr double kChipPlotTop = 60;
constexpr double kChipPlotBottom = 650;
constexpr double kPointRadius = 4;
constexpr double kLegendX = 100;
constexpr double kLegendY = 86;
constexpr double kLegendStep = 18;

constexpr std::string_view kChipPlotStyle = R"(
text { font-family: system-ui, sans-serif; font-size: 12px; fill: #24292f; }
.page { fill: #ffffff; }
.heading { font-size: 16px; font-weight: 600; }
.faint { fill: #57606a; font-size: 11px; }
.grid { stroke: #eaeef2; }
.axis { stroke: #57606a; }
.equal { stroke: #57606a; stroke-dasharray: 6 4; }
.k0 { fill: #0969da; stroke: #0969da; } .k1 { fill: #1a7f37; stroke: #1a7f37; }
.k2 { fill: #8250df; stroke: #8250df; } .k3 { fill: #bf3989; stroke: #bf3989; }
.k4 { fill: #bc4c00; stroke: #bc4c00; } .k5 { fill: #9a6700; stroke: #9a6700; }
.k6 { fill: #57606a; stroke: #57606a; }
circle { fill-opacity: 0.7; }
.hollow { fill: none; }
)";

class ValidationPlot {
 public:
  explicit ValidationPlot(const ChipValidation& validation)
      : validation_(validation),
        svg_(kChipPlotWidth, kChipPlotHeight, "Predicted against published times of Apple's chips",
             kChipPlotStyle) {}

  std::string draw() {
    svg_.text({kChipPlotLeft, 26}, "Predicted against published times of Apple's chips", "heading");
    svg_.text({kChipPlotLeft, 44},
              "predicted by the chip model, published by others; hollow: not fitted", "faint");
    for (const RowPrediction& row : validation_.rows) {
      for (LogAxis* axis : {&x_, &y_}) {
        axis->include(*row.row->published->milliseconds);
        axis->include(row.predicted_ms);
      }
    }
    x_.close();
    y_.close();
    draw_axes();
    draw_points();
    draw_legend();
    return svg_.finish();
  }

 private:
  static std::string css_of(device::ProgramKind kind) {
    return fmt::format("k{}", static_cast<int>(kind));
  }

  void draw_axes() {
    for (int power = x_.low(); power <= x_.high(); ++power) {
      const double value = std::pow(10.0, power);
      const double x = x_.at(value);
      const double y = y_.at(value);
      svg_.line({x, kChipPlotTop}, {x, kChipPlotBottom}, "grid");
      svg_.line({kChipPlotLeft, y}, {kChipPlotRight, y}, "grid");
      svg_.text({x, kChipPlotBottom + 18}, fmt::format("{:g}", value), "faint", SvgAnchor::middle);
      svg_.text({kChipPlotLeft - 8, y + 4}, fmt::format("{:g}", value), "faint", SvgAnchor::end);
    }
    svg_.line({kChipPlotLeft, kChipPlotBottom}, {kChipPlotRight, kChipPlotBottom}, "axis");
    svg_.line({kChipPlotLeft, kChipPlotTop}, {kChipPlotLeft, kChipPlotBottom}, "axis");
    svg_.line({x_.at(x_.lowest()), y_.at(y_.lowest())}, {x_.at(x_.highest()), y_.at(y_.highest())},
              "equal");
    svg_.text({(kChipPlotLeft + kChipPlotRight) / 2, kChipPlotBottom + 42}, "published, ms",
              "label", SvgAnchor::middle);
    svg_.vertical_text({16, (kChipPlotTop + kChipPlotBottom) / 2}, "predicted, ms", "label");
  }

  void draw_points() {
    for (const bool fitted : {false, true}) {
      for (const RowPrediction& row : validation_.rows) {
        if (row.row->is_fitted() != fitted) continue;
        const experiments::PublishedRow& published = *row.row->published;
        const std::string tooltip = fmt::format(
            "{} {} {}→{} {}×{}, depth {}: published {} ms, predicted {:.4g} ms ({:+.1f} %)",
            published.model, published.program, published.channels_in, published.channels_out,
            published.height, published.width, published.depth, *published.milliseconds,
            row.predicted_ms, 100 * row.error());
        svg_.circle({x_.at(*published.milliseconds), y_.at(row.predicted_ms)}, kPointRadius,
                    css_of(row.row->kind) + (fitted ? "" : " hollow"), tooltip);
      }
    }
  }

  void draw_legend() {
    double y = kLegendY;
    for (const device::ProgramKind kind : device::kAllProgramKinds) {
      const std::string name(to_string(kind));
      svg_.circle({kLegendX, y - 4}, kPointRadius, css_of(kind), name);
      svg_.text({kLegendX + 12, y}, name, "label");
      y += kLegendStep;
    }
  }

  const ChipValidation& validation_;
  LogAxis x_{kChipPlotLeft, kChipPlotRight};
  LogAxis y_{kChipPlotBottom, kChipPlotTop};
  SvgWriter svg_;
};

}  // namespace

std::string validation_svg(const ChipValidation& validation) {
  return ValidationPlot(validation).draw();
}

}  // namespace anebench::report
