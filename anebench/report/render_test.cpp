#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/report/markdown.h"
#include "anebench/report/terminal.h"
#include "anebench/report/text_width.h"

namespace anebench::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Document small_document() {
  Document document;
  document.add(Facts{{{"Device", "cpu"}, {"QoS", "0"}}});
  document.add(Heading{"Times"});
  Table table;
  table.columns = {{"Config", Align::left}, {"ms"}, {"Check", Align::left}};
  table.rows = {{{"512×64"}, {"1.5"}, {"equal", Style::good}}, {{"4"}, {"100"}, {""}}};
  document.add(std::move(table));
  document.add(Bullets{{{"a|b", Style::bad}}});
  document.add(Paragraph{"The end."});
  return document;
}

TEST(Terminal, AlignsColumnsByWidth) {
  EXPECT_EQ(to_terminal(small_document()),
            "Device  cpu\n"
            "QoS     0\n"
            "\n"
            "Times\n"
            "-----\n"
            "\n"
            "Config   ms  Check\n"
            "512×64  1.5  equal\n"
            "4       100\n"
            "\n"
            "* a|b\n"
            "\n"
            "The end.\n");
}

TEST(Terminal, ColorsOnlyWhenAskedTo) {
  EXPECT_THAT(to_terminal(small_document()), Not(HasSubstr("\x1b[")));
  const std::string text = to_terminal(small_document(), {.color = true});
  EXPECT_THAT(text, HasSubstr("\x1b[32mequal\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[1;31ma|b\x1b[0m"));
}

TEST(Terminal, NoLineIsWiderThanAsked) {
  Document document;
  document.add(Facts{{{"Name", std::string("many words ") + "and more and more and more"}}});
  Table table;
  table.columns = {{"Left", Align::left}, {"Right"}};
  table.rows = {{{"a long text that must be cut somewhere"}, {"1234567"}}};
  document.add(std::move(table));
  const std::string text = to_terminal(document, {.width = 24});
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(display_width(text.substr(start, end - start)), 24u);
    start = end + 1;
  }
  EXPECT_THAT(text, HasSubstr("1234567"));  // numbers are never cut
  EXPECT_THAT(text, HasSubstr("…"));
}

TEST(Markdown, PrintsTablesAndEscapesMarkup) {
  EXPECT_EQ(to_markdown(small_document()),
            "* **Device**: cpu\n"
            "* **QoS**: 0\n"
            "\n"
            "## Times\n"
            "\n"
            "| Config | ms | Check |\n"
            "| --- | ---: | --- |\n"
            "| 512×64 | 1.5 | equal |\n"
            "| 4 | 100 |  |\n"
            "\n"
            "* **a\\|b**\n"
            "\n"
            "The end.\n");
}

}  // namespace
}  // namespace anebench::report
