internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster test [DIR] [--filter TEXT]`: the tests that stand beside the rules.
public struct TestCommand: Sendable {
  /// How the results are printed.
  public enum Format: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// For programs.
    case json
    /// For build servers: the XML form of JUnit.
    case junit
  }

  /// The project folder.
  public var folder = "."
  /// Only the tests whose titles contain this, case aside.
  public var filter: String?
  /// How the results are printed.
  public var format = Format.text

  /// Creates the command.
  public init() {}

  /// Runs the command; it fails when a test does.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rules()
      let runner = RuleTestRunner(
        schema: folder.project.schema, rules: rules, settings: folder.project.settings,
        verbs: folder.verbs)
      let (tests, leftOut) = try folder.ownTests(rules.tests)
      if leftOut > 0, let base = folder.project.base {
        context.complain(
          "note: left out \(Plain.count(leftOut, "test")) of the template \(base.template) about rules that are off here\n"
        )
      }
      let chosen = tests.filter { test in
        filter.map { test.title.lowercased().contains($0.lowercased()) } ?? true
      }
      if chosen.isEmpty, let filter, !tests.isEmpty {
        throw CommandFailure(
          .usage,
          "no test has \"\(filter)\" in its title; there are \(Plain.count(tests.count, "test"))"
        )
      }
      var results: [RuleTestResult] = []
      for (number, test) in chosen.enumerated() {
        context.progress(
          CommandProgress(
            activity: "testing", fraction: Double(number) / Double(chosen.count),
            detail: test.title))
        results.append(runner.run(test))
      }
      return report(results, of: tests.count, context)
    }
  }

  private func report(_ results: [RuleTestResult], of all: Int, _ context: ShellContext) -> Reply {
    let failed = results.count { !$0.passed }
    let status: ExitStatus = failed > 0 ? .failed : .done
    switch format {
    case .text: return Reply(text(results, failed, all, context), status: status)
    case .json:
      let items = JSONValue.array(results.map(Self.json))
      return Reply(JSONWriter.text(items) + "\n", status: status)
    case .junit: return Reply(JUnitReport(results).text, status: status)
    }
  }

  private func text(
    _ results: [RuleTestResult], _ failed: Int, _ all: Int, _ context: ShellContext
  ) -> String {
    var text = ""
    for result in results {
      text += (result.passed ? "ok      " : "FAILED  ") + DisplayText.oneLine(result.title) + "\n"
      for failure in result.failures {
        let diagnostic = Diagnostic(.error, "test/failed", failure.message, at: failure.span)
        let lines = context.renderer.render(diagnostic).split(separator: "\n")
        for line in lines { text += "  " + line + "\n" }
        let width = failure.values.reduce(0) { max($0, DisplayText.width($1.text)) }
        for value in failure.values {
          text += "      " + DisplayText.padded(DisplayText.oneLine(value.text), to: width)
          text += "  " + DisplayText.oneLine(value.value) + "\n"
        }
      }
    }
    let seconds = Plain.seconds(results.reduce(0) { $0 + $1.seconds })
    var line = Plain.count(results.count, "test")
    if results.count < all { line += " of \(Plain.count(all))" }
    line += failed > 0 ? ", \(Plain.count(failed)) failed" : ", all passed"
    if results.isEmpty { line = "no tests: write some beside the rules, as `- test: …`" }
    return text + line + (results.isEmpty ? "\n" : " (\(seconds))\n")
  }

  private static func json(_ result: RuleTestResult) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("test", .string(result.title)), ("file", .string(result.span.file.name)),
      ("line", .number(String(result.span.file.position(of: result.span.range.lowerBound).line))),
      ("passed", .bool(result.passed)), ("seconds", .number(Plain.fixed(result.seconds, 6))),
      (
        "firings",
        .object(
          result.firings.sorted { $0.key < $1.key }.map { ($0.key, .number(String($0.value))) })
      ),
    ]
    if !result.passed {
      members.append(
        (
          "failures",
          .array(
            result.failures.map { failure in
              let at = failure.span.file.position(of: failure.span.range.lowerBound)
              return .object([
                ("message", .string(failure.message)), ("file", .string(failure.span.file.name)),
                ("line", .number(String(at.line))), ("column", .number(String(at.column))),
                (
                  "values",
                  .array(
                    failure.values.map {
                      .object([("text", .string($0.text)), ("value", .string($0.value))])
                    })
                ),
              ])
            })
        ))
    }
    return .object(members)
  }
}
