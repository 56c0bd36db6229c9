import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A data file of its own with classes and rules, for tests that open engines on it.
final class TestShop {
  static let classes = """
    classes:
      Site:
        load: {sum: bins.load}
      Bin:
        site: {type: Site, inverse: bins}
        load: {sum: contents.quantity}
        kinds: {count: contents, where: stock.quantity > 0}
      Product:
        sku: {type: String, unique: true}
        name: String
        price: {type: Decimal, scale: 2}
        tags: {type: Array, of: String}
        reorder: {type: Integer, default: 0, min: 0}
        onHand: {sum: stock.quantity}
        weight: {sum: stock.weight}
        low: {computed: product.onHand <= product.reorder}
        status:
          type: String
          default: draft
          flow:
            draft: [live]
            live: [gone]
            gone: []
      Stock:
        product: {type: Product, required: true, inverse: stock}
        bin: {type: Bin, inverse: contents}
        quantity: {type: Integer, default: 0}
        weight: Number
        unique: [[product, bin]]
      Note:
        number: {type: String, unique: true, sequence: "N-%04d"}
        text: {type: String, required: true}
    """

  let folder: TemporaryFolder
  let schema: Schema
  var path: String { folder.file("data.sqlite") }

  init(_ classes: String = TestShop.classes) throws {
    folder = try TemporaryFolder()
    schema = try QuartermasterCoreTests.schema(classes)
  }

  static let start = Timestamp("2026-03-02T09:00:00Z") ?? Timestamp(milliseconds: 0)

  func files(_ rules: String) -> [SourceFile] { [SourceFile(name: "rules.yaml", text: rules)] }

  func loaded(_ rules: String) throws -> LoadedRules {
    do { return try LoadedRules(files: files(rules), schema: schema) } catch {
      Issue.record("\(described(error.items))")
      throw error
    }
  }

  /// Opens an engine that publishes rules, or with none uses those of the file.
  func open(
    _ rules: String? = nil, clock: Engine.Clock = .manual(TestShop.start),
    _ change: (inout Engine.Configuration) -> Void = { _ in }
  ) throws -> Engine {
    var configuration = Engine.Configuration()
    configuration.clock = clock
    change(&configuration)
    return try Engine(
      path: path, schema: schema, rules: try rules.map { .publish(try loaded($0)) } ?? .use,
      configuration: configuration)
  }

  /// Runs SQL in the sqlite3 program, as an operator would; returns what it printed.
  @discardableResult
  func shell(_ sql: String, fails: Bool = false) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-bail", path]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
    input.fileHandleForWriting.write(Data((".timeout 5000\n" + sql + "\n").utf8))
    try input.fileHandleForWriting.close()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect((process.terminationStatus != 0) == fails, "\(sql.prefix(200)): \(text)")
    return text.trimmingCharacters(in: .newlines)
  }

  /// Whether the sqlite3 program is there.
  static let hasShell: Bool =
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/sqlite3")
    }
}

extension Engine {
  /// A value of the file, as text.
  func answer(_ expression: String) throws -> String {
    try read { db in try db.query(expression).description }
  }

  /// A field of a record, as text.
  func field(_ className: String, _ id: String, _ field: String) throws -> String {
    try read { db in
      let record = try #require(try db.find(className, id: id))
      return try db.value(record, field).description
    }
  }

  /// The totals that are not the sum of what is there.
  func wrongTotals() throws -> [String] {
    try perform { interpreter throws(Refusal) in
      try interpreter.store.begin()
      let wrong = try interpreter.writer.checkRollUps(mending: false)
      interpreter.store.rollback()
      return wrong.map { "\($0.place) is \($0.stored), and should be \($0.computed)" }
    }
  }

  /// The operations of the journal, oldest first.
  func journal() throws -> [JournalEntry] {
    try store.read { reader throws(Refusal) in
      var entries: [JournalEntry] = []
      try JournalReader(reader).backwards { entry in
        entries.insert(entry, at: 0)
        return true
      }
      return entries
    }
  }

  /// What was refused, oldest first, as `reason rule: message`.
  func refusals() throws -> [String] {
    try store.read { reader throws(Refusal) in
      var lines: [String] = []
      try JournalReader(reader).refusedBackwards { refused in
        lines.append("\(refused.reason)\(refused.rule.map { " \($0)" } ?? ""): \(refused.message)")
        return true
      }
      return lines.reversed()
    }
  }
}
