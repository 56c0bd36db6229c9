import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rules and tests of rules that run on the classes of a test.
struct RuleTestBench {
  let schema: Schema
  let rules: LoadedRules
  var runner: RuleTestRunner

  init(schema text: String, rules: String, access: String? = nil, watched: Bool = true) throws {
    (schema, _) = try Schema.load(SourceFile(name: "schema.yaml", text: text))
    var settings = ProjectSettings()
    settings.groups = ["keepers": .addresses([])]
    var options = RuleCheckOptions()
    options.numbersBranches = watched
    do {
      self.rules = try LoadedRules(
        files: [SourceFile(name: "rules.yaml", text: rules)], schema: schema, settings: settings,
        options: options)
    } catch {
      Issue.record("\(DiagnosticRenderer().render(error))")
      throw error
    }
    runner = RuleTestRunner(schema: schema, rules: self.rules, settings: settings)
    runner.access = try access.map {
      try AccessPolicy.load(SourceFile(name: "access.yaml", text: $0), schema: schema).policy
    }
  }

  /// Runs the tests and returns what they cover.
  func coverage() -> TestCoverage {
    let results = runner.run(rules.tests, coverage: true)
    for result in results {
      for failure in result.failures { Issue.record("\(result.title): \(failure.message)") }
    }
    return TestCoverage(results, rules: rules.ruleSet, schema: schema)
  }
}

extension TestCoverage {
  /// The parts of conditions that were not seen both ways, as `rule gate: text TF`.
  var openBranches: [String] {
    rules.flatMap { rule in
      rule.branches.filter { $0.seen != .both }.map { branch, seen in
        let marks = (seen.contains(.isTrue) ? "T" : "") + (seen.contains(.isFalse) ? "F" : "")
        return "\(rule.name) \(branch.gate.label): \(branch.text) \(marks.isEmpty ? "-" : marks)"
      }
    }
  }
}
