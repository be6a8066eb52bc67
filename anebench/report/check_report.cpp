#include "anebench/report/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "anebench/report/program_report.h"

namespace anebench::report {
namespace {

using transform::AneLimit;
using transform::LintFinding;
using transform::LintLevel;

// Of one rule; the JSON has all.
constexpr std::size_t kMostPlaces = 8;
constexpr std::string_view kLanguageSource = "docs/ops.md, What verification checks";
constexpr std::string_view kWeightSource = "docs/weight-files.md";

LintLevel level_of(const LintFinding& finding) { return transform::ane_limit(finding.rule).level; }

LintLevel level_of(const ops::Diagnostic& diagnostic) {
  return diagnostic.severity == ops::Severity::error ? LintLevel::error : LintLevel::warning;
}

Style style_of(LintLevel level) {
  switch (level) {
    case LintLevel::error: return Style::bad;
    case LintLevel::warning: return Style::warning;
    case LintLevel::note: break;
  }
  return Style::plain;
}

std::string place_of(const LintFinding& finding) {
  std::string text;
  if (finding.location.line != 0) text = fmt::format("line {}: ", finding.location.line);
  if (finding.op_type.empty()) return text + fmt::format("function {}", finding.function);
  return text + fmt::format("{} '{}' (op {} of {})", finding.op_type, finding.op_label,
                            finding.op_index, finding.function);
}

void add_limit(Document& document, const AneLimit& limit,
               const std::vector<const LintFinding*>& findings) {
  document.add(Paragraph{fmt::format("{} [{}]: {} {} ({})", transform::to_string(limit.level),
                                     limit.name, limit.reason, limit.advice, limit.source),
                         style_of(limit.level)});
  Bullets places;
  for (const LintFinding* finding : findings) {
    if (places.items.size() == kMostPlaces) break;
    places.items.push_back({fmt::format("{}: {}", place_of(*finding), finding->seen)});
  }
  if (findings.size() > kMostPlaces) {
    places.items.push_back({fmt::format("and {} more", findings.size() - kMostPlaces)});
  }
  document.add(std::move(places));
}

void add_engine(Document& document, const std::vector<LintFinding>& findings) {
  document.add(Heading{"Neural Engine"});
  if (findings.empty()) {
    document.add(Paragraph{"No known limit of the engine stands against it.", Style::good});
    return;
  }
  for (const LintLevel level : {LintLevel::error, LintLevel::warning, LintLevel::note}) {
    for (const AneLimit& limit : transform::ane_limits()) {
      if (limit.level != level) continue;
      std::vector<const LintFinding*> those;
      for (const LintFinding& finding : findings) {
        if (finding.rule == limit.rule) those.push_back(&finding);
      }
      if (!those.empty()) add_limit(document, limit, those);
    }
  }
}

void add_weights(Document& document, const ModelCheck& check) {
  if (check.weight_errors.empty() && check.weight_warnings.empty()) return;
  document.add(Heading{"weight files"});
  Bullets bullets;
  for (const Error& error : check.weight_errors) {
    if (bullets.items.size() == kMostPlaces) break;
    bullets.items.push_back({"error: " + error.to_string(), Style::bad});
  }
  if (check.weight_errors.size() > kMostPlaces) {
    bullets.items.push_back({fmt::format("and {} more", check.weight_errors.size() - kMostPlaces)});
  }
  for (const std::string& line : weights::summarize(check.weight_warnings)) {
    bullets.items.push_back({"warning: " + line, Style::warning});
  }
  document.add(std::move(bullets));
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// The place that diagnostics and findings have in common.
template <typename Finding>
void add_place(Json& json, const Finding& finding) {
  if (!finding.function.empty()) json["function"] = finding.function;
  if (!finding.op_type.empty()) {
    json["operation"] =
        Json{{"index", finding.op_index}, {"type", finding.op_type}, {"name", finding.op_label}};
  }
  if (finding.location.line != 0) json["line"] = finding.location.line;
}

Json to_json(LintLevel level, std::string_view about, std::string_view rule, std::string seen) {
  Json json = Json::object();
  json["level"] = transform::to_string(level);
  json["about"] = about;
  json["rule"] = rule;
  json["seen"] = std::move(seen);
  return json;
}

Json to_json(const ops::Diagnostic& diagnostic) {
  Json json = to_json(level_of(diagnostic), "language", diagnostic.rule, diagnostic.message);
  json["source"] = kLanguageSource;
  add_place(json, diagnostic);
  return json;
}

Json to_json(const LintFinding& finding) {
  const AneLimit& limit = transform::ane_limit(finding.rule);
  Json json = to_json(limit.level, "engine", limit.name, finding.seen);
  json["reason"] = limit.reason;
  json["advice"] = limit.advice;
  json["source"] = limit.source;
  add_place(json, finding);
  return json;
}

}  // namespace

std::size_t ModelCheck::count(LintLevel level) const {
  const auto has_level = [&](const auto& finding) { return level_of(finding) == level; };
  std::size_t total = 0;
  if (engine)
    total = static_cast<std::size_t>(std::count_if(engine->begin(), engine->end(), has_level));
  // The verifier counts errors beyond those that it keeps.
  if (level == LintLevel::error) return total + verification.error_count + weight_errors.size();
  total += static_cast<std::size_t>(
      std::count_if(verification.diagnostics.begin(), verification.diagnostics.end(), has_level));
  if (level == LintLevel::warning) total += weight_warnings.size();
  return total;
}

Document check_report(const ModelCheck& check) {
  Document document = verification_report(check.verification);
  add_weights(document, check);
  if (check.engine) add_engine(document, *check.engine);
  document.add(Heading{"result"});
  document.add(Paragraph{fmt::format("{}: {}, {}, {}.", check.passed() ? "Passed" : "Failed",
                                     counted(check.count(LintLevel::error), "error"),
                                     counted(check.count(LintLevel::warning), "warning"),
                                     counted(check.count(LintLevel::note), "note")),
                         check.passed() ? Style::good : Style::bad});
  return document;
}

Json check_json(std::string_view model, const ModelCheck& check) {
  Json json = Json::object();
  json["schema"] = "anebench-check/1";
  json["model"] = model;
  json["passed"] = check.passed();
  json["errors"] = check.count(LintLevel::error);
  json["warnings"] = check.count(LintLevel::warning);
  json["notes"] = check.count(LintLevel::note);
  Json findings = Json::array();
  for (const ops::Diagnostic& diagnostic : check.verification.diagnostics) {
    findings.push_back(to_json(diagnostic));
  }
  for (const Error& error : check.weight_errors) {
    findings.push_back(
        to_json(LintLevel::error, "weights", to_string(error.code()), error.to_string()));
    findings.back()["source"] = kWeightSource;
  }
  for (const weights::WeightWarning& warning : check.weight_warnings) {
    findings.push_back(to_json(LintLevel::warning, "weights", weights::to_string(warning.kind),
                               warning.to_string()));
    findings.back()["source"] = kWeightSource;
  }
  if (check.engine) {
    for (const LintFinding& finding : *check.engine) findings.push_back(to_json(finding));
  }
  json["findings"] = std::move(findings);
  return json;
}

}  // namespace anebench::report
