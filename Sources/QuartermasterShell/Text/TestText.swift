internal import QuartermasterCEL
internal import QuartermasterCore

/// The results of tests in words: a line each, and of those that failed what did not hold, with values, and what the
/// rules did with which it has to do.
struct TestText {
  /// Where it is shown.
  let context: ShellContext

  /// How many lines of a trace are shown.
  private static let mostTraced = 30

  /// Returns the text of results.
  ///
  /// - Parameters:
  ///   - results: What the tests came to, in order.
  ///   - all: How many tests there are, those that were not chosen included.
  ///   - seconds: How long they took together, side by side.
  /// - Returns: The lines.
  func text(_ results: [RuleTestResult], of all: Int, seconds: Double) -> String {
    if results.isEmpty { return "no tests: write some beside the rules, as `- test: …`\n" }
    var text = ""
    for result in results {
      text += (result.passed ? "ok      " : "FAILED  ") + DisplayText.oneLine(result.title) + "\n"
      for failure in result.failures { text += self.text(failure) }
      if !result.trace.isEmpty { text += Self.trace(result.trace) }
    }
    let failed = results.count { !$0.passed }
    var line = Plain.count(results.count, "test")
    if results.count < all { line += " of \(Plain.count(all))" }
    line += failed > 0 ? ", \(Plain.count(failed)) failed" : ", all passed"
    return text + line + " (\(Plain.seconds(seconds)))\n"
  }

  private func text(_ failure: RuleTestResult.Failure) -> String {
    let diagnostic = Diagnostic(.error, "test/failed", failure.message, at: failure.span)
    let lines = context.renderer.render(diagnostic).split(separator: "\n")
    return lines.map { "  " + $0 + "\n" }.joined() + Self.values(failure.values, indent: 6)
  }

  private static func values(_ values: [(text: String, value: String)], indent: Int) -> String {
    let width = values.reduce(0) { max($0, DisplayText.width($1.text)) }
    return values.map { value in
      String(repeating: " ", count: indent)
        + DisplayText.padded(DisplayText.oneLine(value.text), to: width)
        + "  " + DisplayText.oneLine(value.value) + "\n"
    }.joined()
  }

  // MARK: The trace

  /// Returns what the rules did, step by step.
  static func trace(_ entries: [RuleTestResult.TraceEntry]) -> String {
    var text = "  what the rules did:\n"
    var last: String?
    for entry in entries.prefix(mostTraced) {
      if let step = entry.step.map(Self.step), step != last {
        text += "    \(step)\n"
        last = step
      }
      text += "      " + line(entry) + "\n"
      text += values(entry.values, indent: 10)
    }
    if entries.count > Self.mostTraced {
      text += "    … and \(Plain.count(entries.count - Self.mostTraced)) more\n"
    }
    return text
  }

  /// The place of a step and the line that stands there.
  private static func step(_ span: SourceSpan) -> String {
    let line = span.file.position(of: span.range.lowerBound).line
    var words = Substring(span.file.line(line)).drop { $0 == " " }
    if words.hasPrefix("- ") { words = words.dropFirst(2) }
    return "\(span.file.name):\(line)  \(DisplayText.oneLine(String(words)))"
  }

  private static func line(_ entry: RuleTestResult.TraceEntry) -> String {
    var line = entry.at.map { "\($0): " } ?? ""
    line += entry.rule
    let about = entry.record.map { " for \($0)" } ?? ""
    let detail = DisplayText.oneLine(entry.detail ?? "")
    switch entry.result {
    case .fired: line += " fired\(about)"
    case .skipped: line += " fired\(about), and its actions were undone alone: \(detail)"
    case .becomesFalse: line += " did not fire\(about): becomes is false: \(detail)"
    case .becomesWasTrue:
      line += " did not fire\(about): becomes was true before already: \(detail)"
    case .whenFalse: line += " did not fire\(about): \(entry.gate ?? "when") is false: \(detail)"
    case .neverConsidered: line += " was never asked\(detail.isEmpty ? "" : "; \(detail)")"
    }
    return line + (entry.isUndone ? " (undone: the operation was refused)" : "")
  }
}

/// The results of tests for programs.
enum TestJSON {
  /// Returns the results, and what they cover when that was measured.
  static func value(_ results: [RuleTestResult], _ coverage: TestCoverage?) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("tests", .array(results.map(test))),
      ("passed", number(results.count { $0.passed })),
      ("failed", number(results.count { !$0.passed })),
    ]
    if let coverage { members.append(("coverage", CoverageJSON.value(coverage))) }
    return .object(members)
  }

  private static func test(_ result: RuleTestResult) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [("test", .string(result.title))]
    members += place(result.span)
    members += [
      ("passed", .bool(result.passed)), ("seconds", .number(Plain.fixed(result.seconds, 6))),
      (
        "firings",
        .object(result.firings.sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) })
      ),
    ]
    if !result.passed {
      members.append(("failures", .array(result.failures.map(failure))))
      members.append(("trace", .array(result.trace.map(entry))))
    }
    return .object(members)
  }

  private static func failure(_ failure: RuleTestResult.Failure) -> JSONValue {
    let at = failure.span.file.position(of: failure.span.range.lowerBound)
    return .object([
      ("message", .string(failure.message)), ("file", .string(failure.span.file.name)),
      ("line", number(at.line)), ("column", number(at.column)),
      ("values", values(failure.values)),
    ])
  }

  private static func entry(_ entry: RuleTestResult.TraceEntry) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = entry.step.map(place) ?? []
    members += [
      ("rule", .string(entry.rule)), ("record", entry.record.map { .string($0) } ?? .null),
      ("result", .string(entry.result.rawValue)), ("undone", .bool(entry.isUndone)),
    ]
    if let at = entry.at { members.append(("at", .string(at.description))) }
    if let gate = entry.gate { members.append(("gate", .string(gate))) }
    if let detail = entry.detail { members.append(("detail", .string(detail))) }
    members.append(("values", values(entry.values)))
    return .object(members)
  }

  private static func values(_ values: [(text: String, value: String)]) -> JSONValue {
    .array(
      values.map { .object([("text", .string($0.text)), ("value", .string($0.value))]) })
  }

  static func place(_ span: SourceSpan) -> [(key: String, value: JSONValue)] {
    [
      ("file", .string(span.file.name)),
      ("line", number(span.file.position(of: span.range.lowerBound).line)),
    ]
  }

  static func number(_ number: Int) -> JSONValue { .number(String(number)) }
}
