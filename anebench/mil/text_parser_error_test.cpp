// What the parser refuses, where it says the fault is, and that no text can make it crash, hang or
// take memory out of proportion.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "anebench/mil/testdata_for_tests.h"
#include "anebench/mil/text_parser.h"
#include "anebench/mil/text_printer.h"

namespace anebench::mil {
namespace {

std::string error_of(std::string_view text) {
  const auto program = parse_text(text);
  if (program) return "parsed";
  EXPECT_EQ(program.error().code(), ErrorCode::parse_error);
  return program.error().to_string();
}

std::string literal_error(std::string_view text) {
  const auto value = parse_literal_text(text);
  return value ? print_literal_text(*value) : value.error().to_string();
}

std::string type_error(std::string_view text) {
  const auto type = parse_type_text(text);
  return type ? to_string(*type) : type.error().to_string();
}

std::string repeated(std::string_view piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(TextParserErrors, NameThePlaceWhatWasExpectedAndWhatWasFound) {
  EXPECT_EQ(
      error_of("program(1.3)\n{\n  func main<ios18>(fp16 x) {\n    fp16 y = relu(x = x x);\n"),
      "line 4, column 25: expected ')' after the arguments, found 'x'");
}

struct Case {
  const char* text;
  const char* error;
};

TEST(TextParserErrors, OfProgramsAndFunctions) {
  const Case cases[] = {
      {"", "line 1, column 1: expected 'program', found the end of the text"},
      {"programme(1.0){}", "line 1, column 1: expected 'program', found 'programme'"},
      {"program 1.0", "line 1, column 9: expected '(' after 'program', found '1.0'"},
      {"program(2.0){}",
       "line 1, column 9: expected a format version from 1.0 to 1.9, found '2.0'"},
      {"program(1..){}",
       "line 1, column 9: expected a format version from 1.0 to 1.9, found '1..'"},
      {"program(1.0]", "line 1, column 12: expected ')' after the version, found ']'"},
      {"program(1.0)[",
       "line 1, column 14: expected the name of an attribute, found the end of the "
       "text"},
      {"program(1.0)[a]", "line 1, column 15: expected '=' after the attribute's name, found ']'"},
      {"program(1.0)[a = b]", "line 1, column 18: expected a type, found 'b'"},
      {"program(1.0)[a = int8(1)",
       "line 1, column 25: expected ']' after the attributes, found the "
       "end of the text"},
      {"program(1.0)\n\n",
       "line 3, column 1: expected '{' before the functions, found the end of "
       "the text"},
      {"program(1.0){fun", "line 1, column 14: expected 'func', found 'fun'"},
      {"program(1.0){func <", "line 1, column 19: expected the name of a function, found '<'"},
      {"program(1.0){func f(",
       "line 1, column 20: expected '<' after the function's name, found "
       "'('"},
      {"program(1.0){func f<>", "line 1, column 21: expected an opset such as ios18, found '>'"},
      {"program(1.0){func f<a(", "line 1, column 22: expected '>' after the opset, found '('"},
      {"program(1.0){func f<a>{",
       "line 1, column 23: expected '(' before the parameters, found '{'"},
      {"program(1.0){func f<a>(x)", "line 1, column 24: expected a type, found 'x'"},
      {"program(1.0){func f<a>(bool)",
       "line 1, column 28: expected the name of a parameter, found "
       "')'"},
      {"program(1.0){func f<a>(bool x bool",
       "line 1, column 31: expected ')' after the parameters, "
       "found 'bool'"},
      {"program(1.0){func f<a>() ;",
       "line 1, column 26: expected '{' before the operations, found "
       "';'"},
      {"program(1.0){func f<a>() {} (",
       "line 1, column 29: expected '->' and the outputs after the "
       "operations, found '('"},
      {"program(1.0){func f<a>() {} -> x",
       "line 1, column 32: expected '(' before the outputs, "
       "found 'x'"},
      {"program(1.0){func f<a>() {} -> (1",
       "line 1, column 33: expected the name of an output, "
       "found '1'"},
      {"program(1.0){func f<a>() {} -> (x y",
       "line 1, column 35: expected ')' after the outputs, "
       "found 'y'"},
      {"program(1.0){func f<a>() {} -> (x) }",
       "line 1, column 36: expected ';' after the "
       "function's outputs, found '}'"},
      {"program(1.0){} x", "line 1, column 16: expected the end of the text, found 'x'"},
      {"program(1.0){} /* x",
       "line 1, column 16: expected \"*/\" after this comment's begin, found "
       "the end of the text"},
      {"program(1.0)/{}", "line 1, column 13: expected '{' before the functions, found '/'"},
      {"program\x01", "line 1, column 8: expected '(' after 'program', found the byte 0x01"},
      {"program\xff", "line 1, column 8: expected '(' after 'program', found the byte 0xff"},
  };
  for (const Case& one : cases) EXPECT_EQ(error_of(one.text), one.error) << one.text;
}

TEST(TextParserErrors, OfOperations) {
  const Case cases[] = {
      {"fp16 = f();", "line 2, column 6: expected the name of a result, found '='"},
      {"fp16 y f();", "line 2, column 8: expected '=' after the results, found 'f'"},
      {"(fp16 y) = f();", "line 2, column 1: expected a type, found '('"},
      {"[fp16 y] = f();", "line 2, column 1: expected a type, found '['"},
      {"fp16 y = 3;", "line 2, column 10: expected an operation's type, found '3'"},
      {"fp16 y = f;", "line 2, column 11: expected '(' after the operation's type, found ';'"},
      {"fp16 y = f(x);", "line 2, column 13: expected '=' after the argument's name, found ')'"},
      {"fp16 y = f(= x);", "line 2, column 12: expected the name of an argument, found '='"},
      {"fp16 y = f(x = 3);", "line 2, column 16: expected a name or a literal, found '3'"},
      {"fp16 y = f(x = );", "line 2, column 16: expected a name or a literal, found ')'"},
      {"fp16 y = f(x = (a b));",
       "line 2, column 19: expected ',' or ')' in a list of values, found "
       "'b'"},
      {"fp16 y = f(x = b(3));", "line 2, column 16: expected a type, found 'b'"},
      {"fp16 y = f(x = a,);", "line 2, column 18: expected the name of an argument, found ')'"},
      {"fp16 y = f()", "line 3, column 1: expected ';' after the operation, found '}'"},
      {"fp16 y = f()[name = \"y\"];", "line 2, column 21: expected a type, found a string"},
      {"f() block {", "line 2, column 11: expected '(' before the parameters, found '{'"},
      {"f() block() {} -> ()", "line 3, column 1: expected ';' after the operation, found '}'"},
      {"f() blocks() {} -> ();",
       "line 2, column 5: expected ';' after the operation, found "
       "'blocks'"},
      {"int3 y = f();", "line 2, column 1: expected a type, found 'int3'"},
  };
  for (const Case& one : cases) {
    const std::string text =
        fmt::format("program(1.3) {{ func main<ios18>(fp16 x) {{\n{}\n}} -> (x); }}", one.text);
    EXPECT_EQ(error_of(text), one.error) << one.text;
  }
}

TEST(TextParserErrors, OfTypes) {
  const Case cases[] = {
      {"tensor", "line 1, column 7: expected '<' after 'tensor', found the end of the text"},
      {"tensor<int3, [1]>",
       "line 1, column 8: expected an element type such as fp16 or int32, "
       "found 'int3'"},
      {"tensor<tensor<int8, []>, []>",
       "line 1, column 8: expected an element type such as fp16 or "
       "int32, found 'tensor'"},
      {"tensor<fp16>", "line 1, column 12: expected ',' after the element type, found '>'"},
      {"tensor<fp16, 1>", "line 1, column 14: expected '[' before the dimensions, found '1'"},
      {"tensor<fp16, [1",
       "line 1, column 16: expected ']' after the dimensions, found the end of "
       "the text"},
      {"tensor<fp16, [a]>",
       "line 1, column 15: expected a dimension (an integer or '?'), found "
       "'a'"},
      {"tensor<fp16, [1,]>",
       "line 1, column 17: expected a dimension (an integer or '?'), found "
       "']'"},
      {"tensor<fp16, [1.5]>",
       "line 1, column 15: expected a dimension (an integer or '?'), found "
       "'1.5'"},
      {"tensor<fp16, [-1]>",
       "line 1, column 15: expected a dimension from 0 to 2^63-1, found '-1'"},
      {"tensor<fp16, [9223372036854775808]>",
       "line 1, column 15: expected a dimension from 0 to "
       "2^63-1, found '9223372036854775808'"},
      {"tensor<fp16, [18446744073709551616]>",
       "line 1, column 15: expected a dimension (an integer "
       "or '?'), found a number beyond 64 bits"},
      {"tensor<fp16, [1] ",
       "line 1, column 18: expected '>' after the tensor's dimensions, found "
       "the end of the text"},
      {"list<fp16>", "line 1, column 10: expected ',' after the list's element type, found '>'"},
      {"list<fp16, x>", "line 1, column 12: expected a dimension (an integer or '?'), found 'x'"},
      {"dict<fp16>", "line 1, column 10: expected ',' after the dictionary's key type, found '>'"},
      {"dict<fp16, x>", "line 1, column 12: expected a type, found 'x'"},
      {"tuple<fp16,>", "line 1, column 12: expected a type, found '>'"},
      {"state<>", "line 1, column 7: expected a type, found '>'"},
      {"fp16 x", "line 1, column 6: expected the end of the text, found 'x'"},
  };
  for (const Case& one : cases) EXPECT_EQ(type_error(one.text), one.error) << one.text;
}

TEST(TextParserErrors, OfLiterals) {
  const Case cases[] = {
      {"int8",
       "line 1, column 5: expected '(' after the type of a literal, found the end of the "
       "text"},
      {"int8()", "line 1, column 6: expected an integer, found ')'"},
      {"int8(1", "line 1, column 7: expected ')' after the literal, found the end of the text"},
      {"int8(x)", "line 1, column 6: expected an integer, found 'x'"},
      {"int8(1.0)", "line 1, column 6: expected an integer, found '1.0'"},
      {"int8(1e3)", "line 1, column 6: expected an integer, found '1e3'"},
      {"int8(0x1)", "line 1, column 6: expected an integer, found '0x1'"},
      {"int8(true)", "line 1, column 6: expected an integer, found 'true'"},
      {"int8([1])", "line 1, column 6: expected an integer, found '['"},
      {"int8(128)", "line 1, column 6: expected a value within the range of int8, found 128"},
      {"int8(-129)", "line 1, column 6: expected a value within the range of int8, found -129"},
      {"uint8(-1)", "line 1, column 7: expected a value within the range of uint8, found -1"},
      {"uint16(65536)",
       "line 1, column 8: expected a value within the range of uint16, found "
       "65536"},
      {"int32(2147483648)",
       "line 1, column 7: expected a value within the range of int32, found "
       "2147483648"},
      {"int64(9223372036854775808)",
       "line 1, column 7: expected a value within the range of int64, "
       "found 9223372036854775808"},
      {"uint64(18446744073709551616)",
       "line 1, column 8: expected an integer, found a number beyond "
       "64 bits"},
      {"int4(8)", "line 1, column 6: expected a value within the range of int4, found 8"},
      {"uint1(2)", "line 1, column 7: expected a value within the range of uint1, found 2"},
      {"uint6(-1)", "line 1, column 7: expected a value within the range of uint6, found -1"},
      {"bool(1)", "line 1, column 6: expected 'true' or 'false', found '1'"},
      {"fp16(true)", "line 1, column 6: expected a number, found 'true'"},
      {"fp16(1.2.3)", "line 1, column 6: expected a number, found '1.2.3'"},
      {"fp16(infinity)", "line 1, column 6: expected a number, found 'infinity'"},
      {"fp8e4m3fn(-inf)",
       "line 1, column 11: expected a finite number, found an infinity, which "
       "fp8e4m3fn does not have"},
      {"string(x)", "line 1, column 8: expected a string in quotes, found 'x'"},
      {"string(\"x)",
       "line 1, column 8: expected a closing '\"' for this string, found the end of "
       "the text"},
      {"string(\"x\\",
       "line 1, column 8: expected a closing '\"' for this string, found the end of "
       "the text"},
      {"string(\"x\\q\")",
       "line 1, column 10: expected one of the escapes \\\\ \\\" \\n \\t \\r in "
       "the string, found another character after the backslash"},
      {"tensor<int8, [2]>(1, 2)",
       "line 1, column 19: expected '[' before the elements of a "
       "tensor<int8, [2]>, found '1'"},
      {"tensor<int8, [2]>([1])",
       "line 1, column 19: expected 2 elements in dimension 0 of "
       "tensor<int8, [2]>, found 1"},
      {"tensor<int8, [2]>([1, 2, 3])",
       "line 1, column 19: expected 2 elements in dimension 0 of "
       "tensor<int8, [2]>, found more"},
      {"tensor<int8, [1, 2]>([[1]])",
       "line 1, column 23: expected 2 elements in dimension 1 of "
       "tensor<int8, [1, 2]>, found 1"},
      {"tensor<int8, [2, 1]>([1, 2])",
       "line 1, column 23: expected '[' before the elements of a "
       "dimension, found '1'"},
      {"tensor<int8, [2]>([[1, 2]])", "line 1, column 20: expected an integer, found '['"},
      {"tensor<int8, [2]>([1 2])",
       "line 1, column 19: expected 2 elements in dimension 0 of "
       "tensor<int8, [2]>, found 1"},
      {"list<int8, 2>([1])",
       "line 1, column 17: expected 2 elements for list<int8, 2> (there are "
       "1), found ']'"},
      {"list<int8, ?>(1)",
       "line 1, column 15: expected '[' before the elements of a list, found "
       "'1'"},
      {"tuple<int8, int8>((1))",
       "line 1, column 21: expected ',' between the elements of a tuple, "
       "found ')'"},
      {"tuple<int8>((1, 2))",
       "line 1, column 15: expected ')' after the elements of a tuple, found "
       "','"},
      {"dict<int8, int8>({1, 2})",
       "line 1, column 19: expected '{' before an entry of a dictionary, "
       "found '1'"},
      {"dict<int8, int8>({{1}})",
       "line 1, column 21: expected ',' after the key of an entry, found "
       "'}'"},
      {"dict<int8, int8>({{1, 2)", "line 1, column 24: expected '}' after an entry, found ')'"},
      {"state<bool>(true)",
       "line 1, column 13: expected no literal of a state, which has no text "
       "form"},
      {"string(BLOBFILE(",
       "line 1, column 8: expected a tensor of numbers for data in a file, found "
       "the type string"},
      {"fp16(BLOB)", "line 1, column 6: expected 'BLOBFILE', found 'BLOB'"},
      {"fp16(BLOBFILE())", "line 1, column 15: expected 'path' and 'offset', each once, found ')'"},
      {"fp16(BLOBFILE(path = string(\"a\")))",
       "line 1, column 33: expected both 'path' and "
       "'offset', found ')'"},
      {"fp16(BLOBFILE(offset = uint64(1), offset = uint64(1)))",
       "line 1, column 35: expected 'path' and 'offset', each once, found 'offset'"},
      {"fp16(BLOBFILE(offset = string(\"a\")))",
       "line 1, column 24: expected a non-negative integer "
       "as offset"},
      {"fp16(BLOBFILE(offset = int32(-1)))",
       "line 1, column 24: expected a non-negative integer as "
       "offset"},
      {"fp16(BLOBFILE(path = uint64(1)))", "line 1, column 22: expected a string as the path"},
  };
  for (const Case& one : cases) EXPECT_EQ(literal_error(one.text), one.error) << one.text;
}

TEST(TextParserErrors, LongTokensAreCutInMessages) {
  const std::string error = error_of(std::string(100000, 'x'));
  EXPECT_LT(error.size(), 200u);
  EXPECT_NE(error.find("..."), std::string::npos);
}

// ---- Hostile texts ----

TEST(HostileText, EveryTruncationIsAnErrorOrAProgram) {
  for (const char* name :
       {"blocks_ios17.mil", "values.mil", "flexible_ios17.mil", "loose_chain_ios18.mil"}) {
    const std::string text = read_testdata(name);
    ASSERT_TRUE(parse_text(text)) << name;
    const std::size_t last = text.find_last_of('}');
    for (std::size_t size = 0; size <= last; ++size) {
      // A copy of its own, so that a sanitizer sees a read past the end.
      const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
      const auto program = parse_text(std::string_view(cut.data(), cut.size()));
      ASSERT_FALSE(program) << name << " cut at " << size;
      ASSERT_TRUE(program.error().message().starts_with("line "));
    }
  }
}

TEST(HostileText, MutationsParseOrFailAndWhatParsesRoundTrips) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t n) { return random() % n; };
  constexpr std::string_view kInteresting = "[]{}()<>,;=?\"-\\/*.0x1pe9 \n\t@_iq\xff";
  int parsed = 0;
  for (const char* name : {"blocks_ios17.mil", "values.mil", "state_ios18.mil"}) {
    const std::string original = read_testdata(name);
    for (int i = 0; i < 4000; ++i) {
      std::string text = original;
      for (std::size_t edits = 1 + below(3); edits != 0; --edits) {
        const std::size_t at = below(text.size());
        switch (below(4)) {
          case 0: text.erase(at, 1 + below(4)); break;
          case 1: text.insert(at, 1, kInteresting[below(kInteresting.size())]); break;
          case 2: text[at] = kInteresting[below(kInteresting.size())]; break;
          default: text.insert(at, original.substr(below(original.size()), below(40))); break;
        }
      }
      const auto program = parse_text(text);
      if (!program) continue;
      ++parsed;
      const std::string printed = print_text(*program, {.order = PrintOrder::as_given});
      const auto again = parse_text(printed);
      ASSERT_TRUE(again) << again.error().to_string() << "\n" << printed;
      ASSERT_TRUE(*again == *program) << text;
    }
  }
  EXPECT_GT(parsed, 100);  // the mutations are not all nonsense
}

TEST(HostileText, DeepNestingIsRefusedWithoutDeepRecursion) {
  constexpr int kDepth = 100000;
  for (const char* piece : {"[", "(", "{", "<", "list<", "tuple<", "state<", "dict<", "tensor<"}) {
    const std::string pieces = repeated(piece, kDepth);
    EXPECT_FALSE(parse_text(pieces));
    EXPECT_FALSE(parse_type_text(pieces));
    EXPECT_FALSE(parse_literal_text("tensor<int8, [1, 1]>(" + pieces));
    EXPECT_FALSE(parse_text("program(1.0){func f<a>(){bool x=g(a=" + pieces));
    EXPECT_FALSE(parse_text("program(1.0){func f<a>(){bool x=g()[a=" + pieces));
  }
  EXPECT_EQ(type_error(repeated("list<", kDepth)),
            "line 1, column 161: expected types nested at most 32 deep, found another level");
  EXPECT_EQ(error_of("program(1.0){func f<a>(){" + repeated("g()block(){", kDepth)),
            "line 1, column 733: expected blocks nested at most 64 deep, found another level");
  EXPECT_FALSE(parse_type_text("tensor<fp16, [" + repeated("1, ", kDepth) + "1]>"));
}

TEST(HostileText, DeepParenthesesOfValuesNeedNoStack) {
  constexpr int kDepth = 100000;
  const std::string text = "program(1.0){func f<a>(){g(v=" + repeated("(", kDepth) + "x" +
                           repeated(")", kDepth) + ");}->();}";
  EXPECT_TRUE(parse_text(text));
}

TEST(HostileText, NestingUpToTheLimitIsRead) {
  EXPECT_TRUE(parse_type_text(repeated("list<", 32) + "bool" + repeated(", ?>", 32)));
  EXPECT_FALSE(parse_type_text(repeated("list<", 33) + "bool" + repeated(", ?>", 33)));
  const auto blocks = [](int depth) {
    return "program(1.0){func f<a>(){" + repeated("g()block(){", depth) +
           repeated("}->();", depth) + "}->();}";
  };
  EXPECT_TRUE(parse_text(blocks(64)));
  EXPECT_FALSE(parse_text(blocks(65)));
  EXPECT_FALSE(parse_text(blocks(2), {.max_block_nesting = 1}));
  EXPECT_TRUE(parse_type_text("tensor<fp16, [" + repeated("1, ", 63) + "1]>"));
  EXPECT_FALSE(parse_type_text("tensor<fp16, [" + repeated("1, ", 64) + "1]>"));
}

TEST(HostileText, AHugeTypeWithAShortLiteralIsAnErrorNotAnAllocation) {
  for (const char* dims :
       {"[4611686018427387904]", "[4611686018427387904, 1]",
        "[9223372036854775807, 9223372036854775807]", "[1, 4611686018427387904]"}) {
    for (const char* element : {"fp16", "int64", "uint1", "string", "bool"}) {
      for (const char* literal : {"1", "[1]", "[[1]]", "[]", "[[]]"}) {
        EXPECT_FALSE(parse_literal_text(fmt::format("tensor<{}, {}>({})", element, dims, literal)));
      }
    }
  }
  EXPECT_FALSE(parse_literal_text("list<bool, 9223372036854775807>([true])"));
}

TEST(HostileText, ManyEmptyValuesOfALargeTypeShareIt) {
  // Each "{}" would cost a copy of the type, were types copied: 10 GB instead of a few MB.
  const std::string type = "tuple<" + repeated("bool, ", 20000) + "bool>";
  const std::string text = "list<dict<" + type + ", bool>, ?>([" + repeated("{}, ", 20000) + "{}])";
  const auto value = parse_literal_text(text);
  ASSERT_TRUE(value) << value.error().to_string();
  EXPECT_EQ(value->item_elements().size(), 20001u);
}

TEST(HostileText, NumbersOfAnyLengthAreRead) {
  const std::string ones(100000, '1');
  EXPECT_TRUE(parse_literal_text("fp32(" + ones + ")"));
  EXPECT_TRUE(parse_literal_text("fp32(0." + ones + ")"));
  EXPECT_TRUE(parse_literal_text("fp32(0x" + ones + ")"));
  EXPECT_TRUE(parse_literal_text("fp32(1e" + ones + ")"));
  EXPECT_FALSE(parse_literal_text("int32(" + ones + ")"));
}

TEST(HostileText, AnyBytesAreRefusedPolitely) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 64, '\0');
    for (char& c : text) c = static_cast<char>(random());
    EXPECT_FALSE(parse_text(text));
  }
  EXPECT_FALSE(parse_text(std::string_view("program(1.0){\0}", 15)));
  EXPECT_FALSE(parse_text(std::string_view()));
}

}  // namespace
}  // namespace anebench::mil
