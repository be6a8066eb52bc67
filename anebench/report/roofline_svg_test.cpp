#include "anebench/report/roofline_svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "anebench/report/profile_samples_for_tests.h"
#include "anebench/report/svg_writer.h"
#include "anebench/report/xml_checker_for_tests.h"

namespace anebench::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(RooflineSvg, IsWellFormed) {
  EXPECT_THAT(XmlChecker::problem(roofline_svg(profile_record())), IsEmpty());
}

TEST(RooflineSvg, HasCeilingsTicksAndAPointForEachKindOfStep) {
  const std::string svg = roofline_svg(profile_record());
  EXPECT_EQ(count(svg, "<circle"), 2u) << "convolutions, addition";
  EXPECT_THAT(svg, HasSubstr("2 × conv"));
  EXPECT_THAT(svg, HasSubstr("add_000 (add)"));
  EXPECT_THAT(svg, HasSubstr("memory 10.0 GB/s"));
  EXPECT_THAT(svg, HasSubstr("fp32 200 GOPS (measured)"));
  EXPECT_THAT(svg, HasSubstr("int8 800 GOPS (measured)"));
  EXPECT_THAT(svg, HasSubstr(">100 GOPS</text>"));
  EXPECT_THAT(svg, HasSubstr(">0.01</text>"));
}

TEST(RooflineSvg, EverythingLiesInThePicture) {
  const std::string svg = roofline_svg(profile_record());
  const std::regex coordinates("(c?[xy][12]?)=\"(-?[0-9.]+)\"");
  std::size_t checked = 0;
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), coordinates);
       it != std::sregex_iterator(); ++it, ++checked) {
    const double value = std::stod((*it)[2]);
    EXPECT_GE(value, 0) << it->str();
    EXPECT_LE(value, (*it)[1].str().find('x') != std::string::npos ? 900 : 560) << it->str();
  }
  EXPECT_GT(checked, 50u);
}

TEST(RooflineSvg, NamesAreEscaped) {
  record::Record record = profile_record();
  record.program.name = "a<b> & \"c\"";
  record.profile->steps[0].type = "<conv>";
  record.profile->steps[1].name = "x\x01'y'";
  const std::string svg = roofline_svg(record);
  EXPECT_THAT(XmlChecker::problem(svg), IsEmpty());
  EXPECT_THAT(svg, HasSubstr("a&lt;b&gt; &amp; &quot;c&quot;"));
}

TEST(RooflineSvg, WithoutCeilingsThePointsStandAlone) {
  record::Record record = profile_record();
  record.device.peaks.clear();
  const std::string svg = roofline_svg(record);
  EXPECT_THAT(XmlChecker::problem(svg), IsEmpty());
  EXPECT_EQ(count(svg, "<circle"), 2u);
  EXPECT_THAT(svg, Not(HasSubstr("class=\"compute\"")));
}

TEST(RooflineSvg, WithoutArithmeticItSaysSo) {
  record::Record record = profile_record();
  record.profile.reset();
  const std::string svg = roofline_svg(record);
  EXPECT_THAT(XmlChecker::problem(svg), IsEmpty());
  EXPECT_THAT(svg, HasSubstr("No step of this profile has arithmetic."));
}

TEST(XmlChecker, SeesWhatIsNotWellFormed) {
  for (const char* text : {"<a>", "<a></b>", "<a b></a>", "<a>&x;</a>", "<a/><b/>", "<a b=\"<\"/>",
                           "<a b=\"1\" b=\"2\"/>", "text", "<a>1 & 2</a>"}) {
    EXPECT_THAT(XmlChecker::problem(text), Not(IsEmpty())) << text;
  }
  EXPECT_THAT(XmlChecker::problem("<a b=\"1 &amp; 2\"><c/>text</a>\n"), IsEmpty());
}

TEST(SvgWriter, TextIsEscapedAndControlCharactersAreLeftOut) {
  EXPECT_EQ(escape_xml("a<b>&\"'\x02\n"), "a&lt;b&gt;&amp;&quot;&apos;\n");
}

}  // namespace
}  // namespace anebench::report
