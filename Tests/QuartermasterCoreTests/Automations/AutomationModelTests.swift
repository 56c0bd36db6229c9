import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Random projects of the reference model: rules do the same as files and as records.
@Suite struct AutomationModelTests {
  private static let count = ModelComparisonTests.count / 2

  @Test(.enabled(if: SharedFolder.hasModel, "needs the reference model and PyYAML"))
  func `rules as records do what the same rules do as files`() throws {
    let shared = try #require(SharedFolder.url)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-stored-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = ModelComparisonTests.first
    try SharedFolder.run(
      "python3",
      [
        "-c", ModelComparisonTests.generator, shared.path + "/model", folder.path, "--seeds",
        "\(first)", "\(first + Self.count - 1)",
      ])
    var records = 0
    for seed in first..<(first + Self.count) {
      let project = try StoredProject(folder.appendingPathComponent("seed-\(seed)"))
      // All rules as records, and every other one of those behind the last that stays in its file.
      for kept in [0, project.rules.count / 2] {
        let files = try project.run(keepingInFiles: project.rules.count)
        let stored = try project.run(keepingInFiles: kept)
        records += project.rules.count - kept
        #expect(stored.problems == [], "seed \(seed)")
        #expect(stored.dump == files.dump, "seed \(seed), \(kept) in files")
        #expect(stored.firings == files.firings, "seed \(seed), \(kept) in files")
        #expect(stored.refused == files.refused, "seed \(seed), \(kept) in files")
      }
    }
    #expect(records > Self.count)
  }
}

/// A project of the generator, whose rules stand in files or in records.
private struct StoredProject {
  let folder: URL
  let schema: Schema
  let settings: ProjectSettings
  /// The rules one by one, in the order in which they are considered.
  let rules: [SourceFile]

  static let options = RuleCheckOptions(
    checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)

  init(_ folder: URL) throws {
    self.folder = folder
    let text = try String(contentsOf: folder.appendingPathComponent("schema.yaml"), encoding: .utf8)
    let automation = """
        Automation:
          name: String
          description: String
          trigger: String
          lets: String
          when: String
          action: String
          phase: String
          follows: String
          failure: String
          enabled: {type: Boolean, default: true}
          problem: String
      """
    schema = try Schema.load(
      SourceFile(
        name: "schema.yaml",
        text: text.replacingOccurrences(of: "classes:\n", with: "classes:\n" + automation + "\n"))
    ).schema
    var settings = ProjectSettings()
    settings.groups = ["managers": .addresses([]), "buyers": .addresses([])]
    settings.outbox.maximumTries = 1
    settings.automations = try ProjectSettings.load(
      SourceFile(name: "quartermaster.yaml", text: "automations: {class: Automation, let: lets}"),
      schema: schema
    ).settings.automations
    self.settings = settings
    let place = folder.appendingPathComponent("rules")
    let names = try FileManager.default.subpathsOfDirectory(atPath: place.path)
      .filter { $0.hasSuffix(".yaml") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var rules: [SourceFile] = []
    for name in names {
      let text = try String(contentsOf: place.appendingPathComponent(name), encoding: .utf8)
      // Cut at the dashes: each item is a rule or a test.
      var items: [[Substring]] = []
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("- ") { items.append([]) }
        if !items.isEmpty { items[items.count - 1].append(line) }
      }
      for item in items where item[0].hasPrefix("- rule:") {
        let number = String(1000 + rules.count).dropFirst()
        rules.append(
          SourceFile(
            name: "r\(number).yaml", text: item.joined(separator: "\n") + "\n"))
      }
    }
    self.rules = rules
  }

  struct Result {
    let dump: String
    let firings: [String: Int]
    let refused: [String: Int]
    let problems: [String]
  }

  /// Runs the stream with the first rules in files and the others in records.
  func run(keepingInFiles kept: Int) throws -> Result {
    var (base, kept): (RuleSet?, Int) = (nil, kept)
    // A rule of a file cannot follow a record: those that it follows stay in files as well.
    while base == nil, kept <= rules.count {
      base =
        RuleSet.load(
          files: Array(rules.prefix(kept)), schema: schema, settings: settings,
          options: Self.options, queries: SQLQueryPlanner(schema)
        ).rules
      if base == nil { kept += 1 }
    }
    let files = try #require(base)
    let store = try Store.open(nil, schema: schema, options: StoreOptions())
    let path = folder.appendingPathComponent("stream.jsonl").path
    return try store.perform { (store) throws(Refusal) -> Result in
      let interpreter = try Interpreter(
        store: store, schema: schema, rules: files, settings: settings,
        now: Timestamp(milliseconds: 1_767_225_600_000))
      interpreter.automationCompiler = StoredRuleCompiler(
        schema: schema, settings: settings, options: Self.options,
        queries: SQLQueryPlanner(schema))
      try store.begin()
      try interpreter.startSchedules()
      try store.commit()
      do {
        // In one operation: rules may name each other.
        try interpreter.run { () throws(Refusal) in
          for (place, rule) in rules.dropFirst(kept).enumerated() {
            try add(rule, place, interpreter)
          }
        }
        var options = StreamRunner.Options()
        options.movesClock = true
        let summary = try StreamRunner(interpreter, options).run(path: path, name: "stream")
        var classes = try CanonicalDump(interpreter).classes
        classes["Automation"] = nil
        return Result(
          dump: String(
            decoding: try JSONSerialization.data(withJSONObject: classes, options: .sortedKeys),
            as: UTF8.self),
          firings: interpreter.counters.firings.filter { $0.value > 0 },
          refused: summary.refused, problems: interpreter.storedRules.compactMap(\.problem))
      } catch {
        throw Refusal(.error, "\(error)")
      }
    }
  }

  private func add(
    _ rule: SourceFile, _ place: Int, _ interpreter: Interpreter
  ) throws(Refusal) {
    let parts: StoredRuleParts
    do {
      parts = try StoredRuleParts.read(rule, name: nil)[0]
    } catch { throw Refusal(.error, "\(rule.text): \(error.items.map(\.message))") }
    let definition = try interpreter.definition("Automation")
    var values: [FieldAssignment] = [
      (try interpreter.field("enabled", of: definition), .value(.bool(parts.isEnabled)))
    ]
    for (part, text) in parts.texts {
      let name = settings.automations?.fields[part] ?? part.rawValue
      values.append((try interpreter.field(name, of: definition), .value(.string(text))))
    }
    _ = try interpreter.writer.create(
      definition, id: "a" + String(1000 + place).dropFirst(), values: values)
  }
}
