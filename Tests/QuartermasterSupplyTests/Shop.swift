import Quartermaster
import Testing

@testable import QuartermasterCore

/// An engine in memory with the schema of the template, without its rules where a test is about a verb alone.
struct Shop {
  static let start = Timestamp("2026-03-02T09:00:00Z") ?? Timestamp(milliseconds: 0)

  let engine: Engine

  /// The template, read once for all tests.
  private static let template = Result {
    let project = try ProjectTemplate.supply.project()
    let rules = try LoadedRules(
      files: project.ruleFiles, schema: project.schema, settings: project.settings)
    return (project: project, rules: rules)
  }

  /// Opens the shop with the text of a rule file; nil stands for the rules of the template.
  init(rules: String? = "") throws {
    let (project, shipped) = try Self.template.get()
    var configuration = Engine.Configuration()
    configuration.clock = .manual(Self.start)
    configuration.verbs = .supply
    configuration.settings = project.settings
    let loaded =
      try rules.map { text in
        try LoadedRules(
          files: [SourceFile(name: "rules.yaml", text: text)], schema: project.schema,
          settings: project.settings)
      } ?? shipped
    engine = try Engine(
      path: nil, schema: project.schema, rules: loaded, configuration: configuration)
  }

  /// Creates a record under an id, with what its class requires.
  func add(_ className: String, _ id: String, _ fields: [String: Value] = [:]) throws {
    var fields = fields
    func fill(_ name: String, _ value: Value) { if fields[name] == nil { fields[name] = value } }
    switch className {
    case "Supplier", "Customer": fill("name", .string(id))
    case "Product":
      fill("sku", .string(id))
      fill("name", .string(id))
      fill("supplier", .string("acme"))
    case "Bin":
      fill("code", .string(id))
      fill("capacity", .int(1_000_000))
    case "Order": fill("customer", .string("ann"))
    case "OrderLine": fill("price", .int(1))
    default: break
    }
    try engine.write { db in try db.create(className, id: id, fields) }
  }

  func set(_ className: String, _ id: String, _ fields: [String: Value]) throws {
    try engine.write { db in try db.set(className, id: id, fields) }
  }

  /// Runs a verb as a host does.
  @discardableResult
  func perform(_ verb: String, _ target: String, _ arguments: [String: Value] = [:]) throws
    -> Outcome
  {
    let parts = target.split(separator: "/").map(String.init)
    return try engine.write { db in
      try db.perform(verb, try #require(try db.find(parts[0], id: parts[1])), arguments)
    }
  }

  /// The value of an expression, as it prints.
  func value(_ text: String) throws -> String {
    try engine.read { db in try db.query(text).description }
  }

  func advance(hours: Int64) throws {
    let now = engine.now.milliseconds + hours * 3_600_000
    try engine.advance(to: Timestamp(milliseconds: now))
  }

  func all<T: StoredRecord>(_ type: T.Type) throws -> [T] {
    try engine.read { db in try db.all(type) }
  }

  func find<T: StoredRecord>(_ type: T.Type, _ id: String) throws -> T {
    try #require(try engine.read { db in try db.find(type, id: id) })
  }

  /// What refused an operation.
  func refusal(_ body: () throws -> Void) throws -> String {
    do { try body() } catch let refusal as Refusal { return refusal.message }
    Issue.record("nothing was refused")
    return ""
  }
}

extension Value {
  static func money(_ text: String) -> Value { ExactDecimal(text).map(Value.decimal) ?? .null }
  static func days(_ days: Int64) -> Value {
    TimeSpan(milliseconds: days * 86_400_000).map(Value.duration) ?? .null
  }
}
