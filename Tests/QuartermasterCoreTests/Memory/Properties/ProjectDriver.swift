import Foundation
import QuartermasterCEL

@testable import QuartermasterCore

/// A project under an engine, with a note of which record each operation of the host was about.
final class ProjectDriver {
  let engine: Engine
  /// The record that the host wrote, by the journal row of the operation; not there where that is not known.
  private(set) var hostRecords: [Int64: String] = [:]
  /// The messages of what was refused.
  private(set) var refused: [String] = []

  init(
    schema: String, rules: [SourceFile], path: String? = nil, now: Timestamp = MemoryShop.start
  ) throws {
    let schema = try Schema.load(SourceFile(name: "schema.yaml", text: schema)).schema
    var settings = ProjectSettings()
    settings.groups = ["managers": .addresses([]), "buyers": .addresses([])]
    // Random rules loop, collide and read what may be null; that is what they are for.
    let options = RuleCheckOptions(
      checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false)
    let loaded = try LoadedRules(
      files: rules, schema: schema, settings: settings, options: options)
    var configuration = Engine.Configuration()
    configuration.clock = .manual(now)
    configuration.settings = settings
    engine = try Engine(path: path, schema: schema, rules: loaded, configuration: configuration)
  }

  convenience init(_ shop: RandomShop, path: String? = nil) throws {
    try self.init(
      schema: RandomShop.schema, rules: [SourceFile(name: "rules/rules.yaml", text: shop.text)],
      path: path)
  }

  /// Applies lines of a stream, each an operation.
  func apply(_ lines: [String]) throws {
    for text in lines {
      let line = try Array(text.utf8).withUnsafeBufferPointer { try StreamLine($0) }
      if let at = line.at { try engine.advance(to: max(at, engine.now)) }
      guard let row = operate(line, input: text) else { continue }
      if line.operation == .signal {
        hostRecords[row] = Self.none
      } else if let id = line.id, line.operation != .delete {
        hostRecords[row] = "\(line.name)/\(id)"
      }
    }
  }

  /// Stands for an operation in which the host wrote no record.
  static let none = "none"

  /// Runs a line as an operation; returns its journal row, or nil when it has none.
  private func operate(_ line: StreamLine, input: String) -> Int64? {
    do throws(Refusal) {
      let done = try engine.operate(actor: nil, input: input) {
        (interpreter: Interpreter) throws(Refusal) -> Void in
        try interpreter.apply(line, rules: true)
      }
      return done.outcome.journalRow
    } catch {
      refused.append(error.message)
      return nil
    }
  }

  /// Runs a body on the session of the engine.
  func reading<T>(_ body: (StoreSession) throws -> T) throws -> T {
    try engine.perform { interpreter throws(Refusal) in
      Result { try body(interpreter.session) }
    }.get()
  }

  /// Returns all rows of all tables but some, as text.
  func dump(leavingOut left: Set<String>) throws -> [String] {
    try reading { session in try session.dump(leavingOut: left) }
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
}
