import Foundation
import Quartermaster
import Testing

@testable import QuartermasterCore

/// A template as it lies in the repository.
struct TemplateFolder {
  /// The templates that the tests know.
  static let names = ["supply", "supplier-ordering", "order-fulfillment", "warehouse-ops"]

  let folder: URL
  let project: Project

  init(_ name: String = "supply") throws {
    folder =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../rules/\(name)").standardizedFileURL
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
    var runner = RuleTestRunner(
      schema: project.schema, rules: rules, settings: project.settings, verbs: .supply)
    runner.access = project.access
    // Most of them are meant to fail, and nobody reads why.
    runner.tracesFailures = false
    return rules.tests.filter { titles?.contains($0.title) ?? true }.map { runner.run($0) }
  }

  /// The names of the rules of all files.
  var ruleNames: [String] { project.ruleFiles.flatMap { names(of: "rule", in: $0) } }

  /// The names of the rules, or the titles of the tests, of a file.
  func names(of kind: String, in file: SourceFile) -> [String] {
    file.text.split(separator: "\n").filter { $0.hasPrefix("- \(kind): ") }.map {
      String($0.dropFirst(4 + kind.count))
    }
  }
}

/// Runs a body; diagnostics are issues of the test as they are shown to people.
func withDiagnostics(_ body: () throws -> Void) throws {
  do { try body() } catch let list as DiagnosticList {
    Issue.record("\(DiagnosticRenderer().render(list))")
  }
}

@Test(arguments: TemplateFolder.names) func `a template loads without a word`(
  name: String
) throws {
  try withDiagnostics {
    let template = try TemplateFolder(name)
    #expect(template.project.warnings.isEmpty)
    for warning in try template.rules().warnings {
      Issue.record("\(DiagnosticRenderer().render(warning))")
    }
  }
}

@Test(arguments: TemplateFolder.names) func `the tests of a template pass`(name: String) throws {
  try withDiagnostics {
    let template = try TemplateFolder(name)
    for result in template.results(try template.rules()) {
      for failure in result.failures { Issue.record("\(result.title): \(failure.message)") }
    }
  }
}

@Test(arguments: TemplateFolder.names)
func `each rule of a template has a test that fails without it`(
  name: String
) throws {
  try withDiagnostics {
    let template = try TemplateFolder(name)
    #expect(template.ruleNames.count > 20)
    let results = template.results(try template.rules())
    for file in template.project.ruleFiles {
      let beside = template.names(of: "test", in: file)
      for rule in template.names(of: "rule", in: file) {
        // The others cannot notice; but a rule that refuses leaves no firing behind: it has its test in its file.
        let titles = results.filter { $0.firings[rule] != nil }.map(\.title) + beside
        let without = try template.rules(without: rule)
        let isNoticed = titles.contains {
          template.results(without, titles: [$0]).contains { !$0.passed }
        }
        #expect(isNoticed, "no test notices that \(rule) is missing")
      }
    }
  }
}

@Test func `the templates in the binary are those of the repository`() throws {
  #expect(ProjectTemplate.all.map(\.name) == TemplateFolder.names)
  for template in ProjectTemplate.all {
    let folder = try TemplateFolder(template.name).folder
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      !$0.hasPrefix(".") && $0.contains(".")
    }
    #expect(template.files.map(\.path) == paths.sorted())
    for file in template.files {
      let text = try String(
        contentsOf: folder.appendingPathComponent(file.path), encoding: .utf8)
      #expect(file.text == text, "\(template.name)/\(file.path)")
    }
  }
}

@Test(arguments: TemplateFolder.names)
func `the tests of a template see all of its rules and conditions`(name: String) throws {
  try withDiagnostics {
    let template = try TemplateFolder(name)
    var options = RuleCheckOptions()
    options.numbersBranches = true
    let rules = try LoadedRules(
      files: template.project.ruleFiles, schema: template.project.schema,
      settings: template.project.settings, options: options)
    var runner = RuleTestRunner(
      schema: template.project.schema, rules: rules, settings: template.project.settings,
      verbs: .supply)
    runner.access = template.project.access
    let coverage = TestCoverage(
      runner.run(rules.tests, coverage: true), rules: rules.ruleSet,
      schema: template.project.schema)
    for rule in coverage.rules {
      #expect(rule.state == .fired, "\(rule.name)")
      for (branch, seen) in rule.branches where seen != .both {
        let line = branch.span.file.position(of: branch.span.range.lowerBound).line
        Issue.record(
          "\(branch.span.file.name):\(line): `\(branch.text)` was never \(seen.contains(.isTrue) ? "false" : "true")"
        )
      }
    }
    #expect(coverage.branchTotal.all > 60)
  }
}
