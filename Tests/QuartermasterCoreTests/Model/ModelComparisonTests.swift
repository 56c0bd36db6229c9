import Foundation
import Testing

@testable import QuartermasterCEL
@testable import QuartermasterCore

/// Random projects of the reference model, run through the engine: state, messages, refusals and firings agree.
///
/// The projects break what the static checks of null, groups, loops and rivals forbid, on purpose, so these are off.
@Suite struct ModelComparisonTests {
  /// How many projects: all 500 where `CI` is set, else a part of them, or as QUARTERMASTER_SEEDS says.
  static let count = number("QUARTERMASTER_SEEDS") ?? (environment["CI"] == nil ? 60 : 500)
  /// The first project, to look at one alone.
  static let first = number("QUARTERMASTER_FIRST") ?? 0

  private static let environment = ProcessInfo.processInfo.environment
  private static func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }

  /// Runs the model's generator with one thing put right.
  ///
  /// The model forgets that a firing has begun to act when a before rule is considered inside one of its writes, and
  /// then does not skip it. LANGUAGE.md, section 14, decides: from its first action on, errors are the firing's own.
  static let generator = """
    import sys
    sys.path.insert(0, sys.argv.pop(1))
    import engine, generate
    before = engine.Engine.before
    def remembering(self, *arguments):
        acting = getattr(self, "acting", False)
        try:
            return before(self, *arguments)
        finally:
            self.acting = acting
    engine.Engine.before = remembering
    sys.exit(generate.main())
    """

  @Test(.enabled(if: SharedFolder.hasModel, "needs the reference model and PyYAML"))
  func `generated projects end in the state of the reference model`() throws {
    let shared = try #require(SharedFolder.url)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-model-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try SharedFolder.run(
      "python3",
      [
        "-c", Self.generator, shared.path + "/model", folder.path, "--seeds", "\(Self.first)",
        "\(Self.first + Self.count - 1)",
      ])
    var compared = 0
    for seed in Self.first..<(Self.first + Self.count) {
      let project = folder.appendingPathComponent("seed-\(seed)")
      let difference = try ProjectRun(project).difference()
      #expect(difference == nil, "seed \(seed): \(difference ?? "")")
      compared += 1
    }
    #expect(compared == Self.count)
  }
}

/// One project of the generator, run through the engine.
struct ProjectRun {
  let dump: CanonicalDump
  let summary: StreamSummary
  let counters: Interpreter.Counters
  let expected: [String: Any]

  init(_ folder: URL) throws {
    let (schema, _) = try Schema.load(try Self.file(folder.appendingPathComponent("schema.yaml")))
    let rules = folder.appendingPathComponent("rules")
    let names = try FileManager.default.subpathsOfDirectory(atPath: rules.path)
      .filter { $0.hasSuffix(".yaml") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var settings = ProjectSettings()
    settings.groups = ["managers": .addresses([]), "buyers": .addresses([])]
    // The model tries a later rule once.
    settings.outbox.maximumTries = 1
    let options = RuleCheckOptions(
      checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
    let loaded = try LoadedRules(
      files: try names.map { try Self.file(rules.appendingPathComponent($0), name: $0) },
      schema: schema,
      settings: settings, options: options)
    let store = try Store.open(nil, schema: schema, options: StoreOptions())
    let stream = folder.appendingPathComponent("stream.jsonl").path
    (dump, summary, counters) = try store.perform { (store) throws(Refusal) in
      let interpreter = try Interpreter(
        store: store, schema: schema, rules: loaded.ruleSet, settings: settings,
        now: Timestamp(milliseconds: 1_767_225_600_000))
      try store.begin()
      try interpreter.startSchedules()
      try store.commit()
      do {
        var options = StreamRunner.Options()
        options.movesClock = true
        let summary = try StreamRunner(interpreter, options).run(path: stream, name: "stream")
        return (try CanonicalDump(interpreter), summary, interpreter.counters)
      } catch {
        throw Refusal(.error, "\(error)")
      }
    }
    let data = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
    expected = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Returns the first thing that is not as the model has it, or nil.
  func difference() -> String? {
    let counts = expected["counts"] as? [String: Any] ?? [:]
    let classes = expected["classes"] as? [String: [[String: Any]]] ?? [:]
    for name in classes.keys.sorted() {
      if let found = Self.differ(dump.classes[name] ?? [], classes[name] ?? []) {
        return "\(name): \(found)"
      }
    }
    if let found = Self.differ(dump.outbox, expected["outbox"] as? [[String: Any]] ?? []) {
      return "messages: \(found)"
    }
    let pairs: [(String, Any?, Any?)] = [
      ("changes", summary.changes, counts["changes"]),
      ("reasons", summary.refused, counts["reasons"]),
      ("firings", counters.firings.filter { $0.value > 0 }, counts["firings"]),
      ("skipped", counters.skipped, counts["skipped"]),
      ("failed alone", counters.failedAlone, counts["failedAlone"]),
    ]
    for (name, got, wanted) in pairs where !Self.same(got, wanted) {
      return
        "\(name): \(got.map { "\($0)" } ?? "nil"), the model has \(wanted.map { "\($0)" } ?? "nil")"
    }
    return nil
  }

  private static func differ(_ got: [[String: Any]], _ wanted: [[String: Any]]) -> String? {
    for place in 0..<max(got.count, wanted.count) {
      let a = place < got.count ? got[place] : nil
      let b = place < wanted.count ? wanted[place] : nil
      if !same(a, b) {
        return "\(a.map(text) ?? "nothing"), the model has \(b.map(text) ?? "nothing")"
      }
    }
    return nil
  }

  private static func same(_ a: Any?, _ b: Any?) -> Bool {
    switch (a, b) {
    case (nil, nil): true
    case (let a?, let b?): (a as? NSObject)?.isEqual(b as? NSObject) ?? false
    default: false
    }
  }

  private static func text(_ row: [String: Any]) -> String {
    row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  private static func file(_ url: URL, name: String? = nil) throws -> SourceFile {
    SourceFile(
      name: name ?? url.lastPathComponent, text: try String(contentsOf: url, encoding: .utf8))
  }
}
