#include "anebench/report/svg_writer.h"

#include <fmt/format.h>

namespace anebench::report {
namespace {

std::string_view anchor_text(SvgAnchor anchor) {
  switch (anchor) {
    case SvgAnchor::middle: return "middle";
    case SvgAnchor::end: return "end";
    case SvgAnchor::start: break;
  }
  return "start";
}

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&apos;"; break;
      default:
        // XML 1.0 has no way to write control characters other than these.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n') escaped += c;
    }
  }
  return escaped;
}

SvgWriter::SvgWriter(double width, double height, std::string_view title, std::string_view style) {
  out_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}\" height=\"{1:g}\" "
      "viewBox=\"0 0 {0:g} {1:g}\" role=\"img\">\n<title>{2}</title>\n<style>{3}</style>\n"
      "<rect class=\"page\" width=\"{0:g}\" height=\"{1:g}\"/>\n",
      width, height, escape_xml(title), escape_xml(style));
}

void SvgWriter::line(SvgPoint from, SvgPoint to, std::string_view css) {
  out_ +=
      fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
                  escape_xml(css), from.x, from.y, to.x, to.y);
}

void SvgWriter::polyline(std::span<const SvgPoint> points, std::string_view css) {
  out_ += fmt::format("<polyline class=\"{}\" points=\"", escape_xml(css));
  for (const SvgPoint& point : points) out_ += fmt::format("{:.1f},{:.1f} ", point.x, point.y);
  out_ += "\"/>\n";
}

void SvgWriter::circle(SvgPoint center, double radius, std::string_view css,
                       std::string_view tooltip) {
  out_ += fmt::format(
      "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"><title>{}</title></circle>\n",
      escape_xml(css), center.x, center.y, radius, escape_xml(tooltip));
}

void SvgWriter::text(SvgPoint at, std::string_view text, std::string_view css, SvgAnchor anchor) {
  out_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                      escape_xml(css), at.x, at.y, anchor_text(anchor), escape_xml(text));
}

void SvgWriter::vertical_text(SvgPoint at, std::string_view text, std::string_view css) {
  out_ += fmt::format(
      "<text class=\"{}\" transform=\"translate({:.1f} {:.1f}) rotate(-90)\" "
      "text-anchor=\"middle\">{}</text>\n",
      escape_xml(css), at.x, at.y, escape_xml(text));
}

std::string SvgWriter::finish() { return std::move(out_) + "</svg>\n"; }

}  // namespace anebench::report
