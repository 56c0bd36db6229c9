import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// An engine with a few parts in boxes, and questions about what it remembers.
final class MemoryShop {
  static let start = Timestamp("2026-03-02T09:00:00Z") ?? Timestamp(milliseconds: 0)

  static let schema = """
    domain: parts
    classes:
      User:
        username: {type: String, required: true}
      Box:
        code: {type: String, default: a}
        isOpen: {type: Boolean, default: false}
        load: {sum: parts.stock}
      Part:
        name: {type: String, default: bolt}
        stock: {type: Integer, default: 0}
        least: {type: Integer, default: 5}
        price: {type: Decimal, scale: 2, default: "1.50"}
        tags: {type: Array, of: String}
        expires: {type: Date}
        pin: {type: String, secret: true}
        box: {type: Box, inverse: parts}
        missing: {computed: part.least - part.stock}
      Tag:
        text: {type: String, required: true, unique: true}
    signals:
      audit: {}
    """

  let path: String?
  let rules: String
  private(set) var engine: Engine
  private let settings: ProjectSettings

  init(_ rules: String, path: String? = nil, settings: ProjectSettings = supplySettings) throws {
    self.path = path
    self.rules = rules
    self.settings = settings
    engine = try Self.open(rules, path, settings, Self.start)
  }

  static func open(
    _ rules: String, _ path: String?, _ settings: ProjectSettings, _ now: Timestamp
  ) throws -> Engine {
    let schema = try Schema.load(SourceFile(name: "schema.yaml", text: Self.schema)).schema
    var configuration = Engine.Configuration()
    configuration.clock = .manual(now)
    configuration.settings = settings
    let loaded = try LoadedRules(
      files: [SourceFile(name: "rules/parts.yaml", text: rules)], schema: schema,
      settings: settings)
    return try Engine(path: path, schema: schema, rules: loaded, configuration: configuration)
  }

  /// Closes the file and opens it with other rules, or the same.
  func reopen(_ rules: String? = nil, at now: Timestamp? = nil) throws {
    let now = now ?? engine.now
    try engine.close()
    engine = try Self.open(rules ?? self.rules, path, settings, now)
  }

  func create(_ className: String, _ id: String, _ fields: [String: Value] = [:]) throws {
    try engine.write { db in try db.create(className, id: id, fields) }
  }

  @discardableResult
  func set(_ id: String, _ fields: [String: Value]) throws -> Outcome {
    try engine.write { db in try db.set("Part", id: id, fields) }
  }

  func wait(_ text: String) throws {
    let span = try #require(TimeSpan(text, allowsDays: true))
    try engine.advance(to: try #require(engine.now.adding(span)))
  }

  /// Runs a body on the session of the engine.
  func reading<T>(_ body: (StoreSession) throws -> T) throws -> T {
    try engine.perform { interpreter throws(Refusal) in
      Result { try body(interpreter.session) }
    }.get()
  }

  func whyNot(_ rule: String, _ record: String = "Part/bolt") throws -> WhyNot {
    let now = engine.now
    return try reading { session in
      let parts = record.split(separator: "/").map(String.init)
      return try WhyNotSearch.answer(
        rule, try #require(session.schema[parts[0]]), parts[1], JournalReader(session),
        RuleArchive(session, settings), now: now)
    }
  }

  func why(_ record: String, _ field: String? = nil) throws -> [CauseChain.Link] {
    try reading { session in
      let parts = record.split(separator: "/").map(String.init)
      return try CauseChain(
        JournalReader(session), try #require(session.schema[parts[0]]), parts[1], field: field,
        settings: settings
      ).links
    }
  }

  /// Returns all entries of the journal, the first one first.
  func journal() throws -> [JournalEntry] {
    try reading { session in
      var entries: [JournalEntry] = []
      try JournalReader(session).backwards { entry in
        entries.append(entry)
        return true
      }
      return entries.reversed()
    }
  }

  func number(_ sql: String) throws -> Int64 {
    try reading { try $0.integer(sql) ?? 0 }
  }

  /// All rows of some tables, as text.
  func dump(_ tables: [String]) throws -> [String] {
    try reading { session in try session.dump(tables) }
  }
}
