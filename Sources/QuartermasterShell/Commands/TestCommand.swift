internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore
internal import Synchronization

/// `quartermaster test [DIR] [--filter TEXT] [--coverage]`: the tests that stand beside the rules.
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
  /// A file that gets the results in the form of JUnit, whatever is printed.
  public var junitPath: String?
  /// Whether it is told what the tests see of rules, conditions and flows.
  public var showsCoverage = false
  /// The least share of rules, and of the values of their conditions, that the tests must see, in per cent.
  public var minimum: Double?
  /// The least share of the flows' moves that the tests must make, in per cent.
  public var minimumMoves: Double?

  /// Creates the command.
  public init() {}

  /// Runs the command; it fails when a test does, or when too little is covered.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      try checkOptions()
      let folder = try ProjectFolder(self.folder, context)
      let measures = showsCoverage || minimum != nil || minimumMoves != nil
      let rules = try folder.rules(numbersBranches: measures)
      let (tests, leftOut) = try folder.ownTests(rules.tests)
      if leftOut > 0, let base = folder.project.base {
        context.complain(
          "note: left out \(Plain.count(leftOut, "test")) of the template \(base.template) about rules that are off here\n"
        )
      }
      let chosen = try chosen(tests)
      var runner = RuleTestRunner(
        schema: folder.project.schema, rules: rules, settings: folder.project.settings,
        verbs: folder.verbs)
      runner.access = folder.project.access
      let started = ContinuousClock.now
      let results = runner.run(chosen, coverage: measures) { done, title in
        context.progress(
          CommandProgress(
            activity: "testing", fraction: Double(done) / Double(chosen.count), detail: title))
      }
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      let coverage =
        measures
        ? TestCoverage(results, rules: rules.ruleSet, schema: folder.project.schema) : nil
      if let junitPath { try write(JUnitReport(results).text, to: junitPath) }
      return report(results, of: tests.count, rules, coverage, seconds, context)
    }
  }

  private func checkOptions() throws(CommandFailure) {
    for (name, share) in [("--minimum", minimum), ("--minimum-moves", minimumMoves)] {
      if let share, !(0...100).contains(share) {
        throw CommandFailure(.usage, "\(name) needs a share in per cent, from 0 to 100")
      }
    }
  }

  private func chosen(_ tests: [RuleTest]) throws(CommandFailure) -> [RuleTest] {
    guard let filter else { return tests }
    let wanted = filter.lowercased()
    let chosen = tests.filter { $0.title.lowercased().contains(wanted) }
    if chosen.isEmpty, !tests.isEmpty {
      throw CommandFailure(
        .usage,
        "no test has \"\(filter)\" in its title; there are \(Plain.count(tests.count, "test"))")
    }
    return chosen
  }

  private func write(_ text: String, to path: String) throws(CommandFailure) {
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) } catch {
      throw CommandFailure(
        .usage, "\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  // MARK: The report

  private func report(
    _ results: [RuleTestResult], of all: Int, _ rules: LoadedRules, _ coverage: TestCoverage?,
    _ seconds: Double, _ context: ShellContext
  ) -> Reply {
    let short = coverage.map(shortfalls) ?? []
    let hasFailed = results.contains { !$0.passed } || !short.isEmpty
    let status: ExitStatus = hasFailed ? .failed : .done
    let errors = short.map { "error: \($0)\n" }.joined()
    switch format {
    case .text:
      var text = TestText(context: context).text(
        results, of: all, seconds: seconds)
      if let coverage {
        text += "\n" + CoverageText(coverage: coverage, rules: rules, width: context.width).text
        if results.count < all { text += "only the chosen tests are counted\n" }
      }
      return Reply(text, errors: errors, status: status)
    case .json:
      let value = TestJSON.value(results, coverage)
      return Reply(JSONWriter.text(value) + "\n", errors: errors, status: status)
    case .junit: return Reply(JUnitReport(results).text, errors: errors, status: status)
    }
  }

  /// What is below the least that was asked for, a sentence each.
  private func shortfalls(_ coverage: TestCoverage) -> [String] {
    let asked: [(what: String, total: TestCoverage.Total, least: Double?)] = [
      ("rules", coverage.ruleTotal, minimum),
      ("condition branches", coverage.branchTotal, minimum),
      ("flow moves", coverage.moveTotal, minimumMoves),
    ]
    return asked.compactMap { what, total, least in
      guard let least, total.percent < least else { return nil }
      return
        "the tests cover \(CoverageText.percent(total.percent)) of the \(what); "
        + "at least \(CoverageText.percent(least)) was asked for"
    }
  }
}
