import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What loading rules gave.
struct LoadedRulesForTest {
  let rules: RuleSet?
  let tests: [RuleTest]
  let diagnostics: [Diagnostic]

  /// `file:line:column: severity: message [code]`, one for each; what is said beside it is left out.
  var lines: [String] {
    diagnostics.map { item in
      let (line, column) = item.span.file.position(of: item.span.range.lowerBound)
      return
        "\(item.span.file.name):\(line):\(column): \(item.severity): \(item.message) [\(item.code)]"
    }
  }

  /// The codes, each once, in order.
  var codes: [String] {
    diagnostics.map(\.code).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// As a terminal shows it, with the lines and carets.
  var rendered: String {
    DiagnosticRenderer().render(DiagnosticList(diagnostics))
  }
}

/// The settings of the tests: two groups.
var supplySettings: ProjectSettings {
  var settings = ProjectSettings()
  settings.groups = [
    "managers": .addresses(["boss@example.com"]), "buyers": .addresses(["buy@example.com"]),
  ]
  return settings
}

extension SupplyFixture {
  /// The supply schema, read once.
  static let loadedSchema: Schema = {
    do { return try Schema.load(SourceFile(name: "schema.yaml", text: schema)).schema } catch {
      preconditionFailure("\((error as? DiagnosticList).map { described($0.items) } ?? [])")
    }
  }()
}

/// Loads rule files against the supply schema, or another one.
func load(
  _ files: (name: String, text: String)..., schema: Schema = SupplyFixture.loadedSchema,
  settings: ProjectSettings = supplySettings, options: RuleCheckOptions = RuleCheckOptions()
) -> LoadedRulesForTest {
  let files = files.map { SourceFile(name: $0.name, text: $0.text) }
  let (rules, tests, diagnostics) = RuleSet.load(
    files: files, schema: schema, settings: settings, options: options)
  return LoadedRulesForTest(rules: rules, tests: tests, diagnostics: diagnostics)
}

/// Loads one rule file called rules.yaml.
func load(
  _ text: String, schema: Schema = SupplyFixture.loadedSchema,
  options: RuleCheckOptions = RuleCheckOptions()
) -> LoadedRulesForTest {
  load((name: "rules.yaml", text: text), schema: schema, options: options)
}

/// Returns what is said of a rule with actions, each given as its lines; the first starts on line 4.
func said(_ actions: String, trigger: String = "{saved: Order}", more: String = "")
  -> [String]
{
  load("- rule: r\n  trigger: \(trigger)\n\(more)  action:\n" + actions).lines
}
