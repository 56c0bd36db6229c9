import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A store with its writer, for tests that work on one operation at a time.
struct TestStore {
  let store: Store
  let writer: Writer
  let hooks = RecordingHooks()

  init(_ yaml: String, path: String? = nil, options: StoreOptions = StoreOptions()) throws {
    try self.init(schema(yaml), path, options)
  }

  init(_ schema: Schema, _ path: String?, _ options: StoreOptions = StoreOptions()) throws {
    store = try Store.open(path, schema: schema, options: options)
    writer = try Writer(store: store)
    writer.hooks = hooks
  }

  /// Runs a body as one operation in a commit of its own; what it throws undoes it.
  @discardableResult
  func run<T>(
    at now: Timestamp = Timestamp(milliseconds: 1_767_225_600_000),
    _ body: (Writing) throws(Refusal) -> T
  ) throws(Refusal) -> T {
    try store.perform { store throws(Refusal) in
      try store.begin()
      store.startOperation(now: now, journal: 1)
      let result = try body(Writing(store: store, writer: writer))
      try store.commit()
      return result
    }
  }

  /// Returns the message of the refusal that a body gives, or nil.
  func refusal(_ body: (Writing) throws(Refusal) -> Void) -> String? {
    do throws(Refusal) {
      try run(body)
      return nil
    } catch { return error.message }
  }
}

/// Writes by names and Parse's JSON, as tests like to.
struct Writing {
  let store: Store
  let writer: Writer

  func definition(_ name: String) throws(Refusal) -> ClassDefinition {
    if let found = store.schema[name] { return found }
    throw Refusal(.error, "no class \(name)")
  }

  func assignments(_ definition: ClassDefinition, _ json: String) throws(Refusal)
    -> [FieldAssignment]
  {
    let value: JSONValue
    do { value = try JSONReader.read(json) } catch { throw Refusal(.error, error.message) }
    guard case .object(let members) = value else { throw Refusal(.error, "no object") }
    var assignments: [FieldAssignment] = []
    for (name, value) in members {
      guard let field = definition[name] else { throw Refusal(.error, "no field \(name)") }
      let json: JSONValue
      if let target = field.target, case .string(let id) = value {
        json = FieldType.pointer(target).json(.string(id))
      } else {
        json = value
      }
      assignments.append((field, .update(try field.update(json: json, class: definition.name))))
    }
    return assignments
  }

  @discardableResult
  func create(_ name: String, _ id: String? = nil, _ json: String = "{}", rules: Bool = true)
    throws(Refusal) -> Record
  {
    let definition = try definition(name)
    return try writer.create(
      definition, id: id, values: try assignments(definition, json), rules: rules)
  }

  @discardableResult
  func set(_ name: String, _ id: String, _ json: String, rules: Bool = true) throws(Refusal)
    -> Bool
  {
    let definition = try definition(name)
    return try writer.set(
      store.record(definition.recordType, id), values: try assignments(definition, json),
      rules: rules)
  }

  func delete(_ name: String, _ id: String, rules: Bool = true) throws(Refusal) {
    try writer.delete(store.record(try definition(name).recordType, id), rules: rules)
  }

  /// The value of a field as text, `deleted` for a record that is not there.
  func text(_ name: String, _ id: String, _ field: String) throws(Refusal) -> String {
    let definition = try definition(name)
    guard let record = try store.existing(definition.recordType, id), let row = record.row else {
      return "deleted"
    }
    guard let slot = definition[field]?.slot else { return "no slot" }
    return row.values[slot].description
  }
}

/// Notes what it is told, and refuses or changes what it is told to.
final class RecordingHooks: WriteHooks {
  var lines: [String] = []
  var onBefore: ((Record, Row?, Row?) throws(Refusal) -> Void)?

  func before(_ record: Record, old: Row?, row: Row?) throws(Refusal) -> Bool {
    lines.append("before \(record.type.name)/\(record.id)")
    try onBefore?(record, old, row)
    return onBefore != nil
  }

  func touched(_ record: Record, was old: Row?) {
    lines.append("touched \(record.type.name)/\(record.id)\(old == nil ? " new" : "")")
  }
}

/// The whole of a file as text: every row of every table that a class has, from SQLite itself.
func contents(of store: Store, engineTables: Bool = false) throws(Refusal) -> String {
  var text = ""
  var names = store.schema.classes.map { ClassTable.quoted($0.name) }
  if engineTables { names += ["_meta", "_sequences"] }
  for name in names {
    let statement = try store.statement("SELECT * FROM \(name) ORDER BY 1")
    while try statement.step() {
      text += name
      for column in 0..<statement.columnCount {
        text += "|" + (statement.optionalText(column) ?? "∅")
      }
      text += "\n"
    }
  }
  return text
}

/// A folder that is gone after the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/quartermaster-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { path + "/" + name }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
