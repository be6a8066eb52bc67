// Writes SVG: shapes and text in user units (pixels), y downwards. All text is escaped, so that the
// result is well-formed whatever a name contains.
//
//   SvgWriter svg(800, 500);
//   svg.line({0, 0}, {800, 500}, "axis");
//   svg.text({10, 20}, "GOPS < peak", "label");
//   std::string file = svg.finish();
//
// `css` classes name the style, which the document carries itself. Not thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace anebench::report {

// With the five characters that XML reserves as entities, and without those that it forbids.
std::string escape_xml(std::string_view text);

struct SvgPoint {
  double x = 0;
  double y = 0;
};

enum class SvgAnchor { start, middle, end };

class SvgWriter {
 public:
  // `title` is what a reader without sight gets to hear; `style` is CSS.
  SvgWriter(double width, double height, std::string_view title, std::string_view style);

  void line(SvgPoint from, SvgPoint to, std::string_view css);
  void polyline(std::span<const SvgPoint> points, std::string_view css);
  // With a text that is shown when a mouse rests on it.
  void circle(SvgPoint center, double radius, std::string_view css, std::string_view tooltip);
  void text(SvgPoint at, std::string_view text, std::string_view css,
            SvgAnchor anchor = SvgAnchor::start);
  // Upwards, around its middle.
  void vertical_text(SvgPoint at, std::string_view text, std::string_view css);

  // The document, ending in a newline. Nothing may be added after it.
  std::string finish();

 private:
  std::string out_;
};

}  // namespace anebench::report
