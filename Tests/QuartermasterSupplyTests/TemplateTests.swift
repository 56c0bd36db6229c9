import Foundation
import Quartermaster
import Testing

@testable import QuartermasterCore

/// The template as it lies in the repository.
struct TemplateFolder {
  let project: Project

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../rules/supply").standardizedFileURL
    project = try Project.load(folder: folder.path)
  }

  /// The rules with their tests; of the rules that are named, without them.
  func rules(without name: String? = nil) throws -> LoadedRules {
    let files = project.ruleFiles.map { file in
      guard let name else { return file }
      return SourceFile(
        name: file.name,
        text: file.text.replacing("- rule: \(name)\n", with: "- rule: \(name)\n  enabled: false\n"))
    }
    return try LoadedRules(files: files, schema: project.schema, settings: project.settings)
  }

  /// Runs the tests of rules, or those of them that have a title.
  func results(_ rules: LoadedRules, titles: Set<String>? = nil) -> [RuleTestResult] {
    let runner = RuleTestRunner(
      schema: project.schema, rules: rules, settings: project.settings, verbs: .supply)
    return rules.tests.filter { titles?.contains($0.title) ?? true }.map(runner.run)
  }

  /// The names of all rules.
  var ruleNames: [String] {
    project.ruleFiles.flatMap { file in
      file.text.split(separator: "\n").filter { $0.hasPrefix("- rule: ") }.map {
        String($0.dropFirst(8))
      }
    }
  }
}

/// Runs a body; diagnostics are issues of the test as they are shown to people.
func withDiagnostics(_ body: () throws -> Void) throws {
  do { try body() } catch let list as DiagnosticList {
    Issue.record("\(DiagnosticRenderer().render(list))")
  }
}

@Test func `the template loads without a word`() throws {
  try withDiagnostics {
    let template = try TemplateFolder()
    #expect(template.project.warnings.isEmpty)
    for warning in try template.rules().warnings {
      Issue.record("\(DiagnosticRenderer().render(warning))")
    }
  }
}

@Test func `the tests of the template pass`() throws {
  try withDiagnostics {
    let template = try TemplateFolder()
    for result in template.results(try template.rules()) {
      for failure in result.failures { Issue.record("\(result.title): \(failure.message)") }
    }
  }
}

@Test func `each rule of the template has a test that fails without it`() throws {
  try withDiagnostics {
    let template = try TemplateFolder()
    #expect(template.ruleNames.count > 20)
    let results = template.results(try template.rules())
    for name in template.ruleNames {
      // The others cannot notice; but a rule that refuses leaves no firing behind.
      let titles = Set(results.filter { $0.firings[name] != nil }.map(\.title))
      let without = template.results(
        try template.rules(without: name), titles: titles.isEmpty ? nil : titles)
      #expect(without.contains { !$0.passed }, "no test notices that \(name) is missing")
    }
  }
}
