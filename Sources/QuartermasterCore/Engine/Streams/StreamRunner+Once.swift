internal import QuartermasterCEL

/// Lines that are applied once, however often the stream comes: the changes of an import.
///
/// A record that is there says so itself; of other changes a digest is kept, written with the change or not at all.
extension StreamRunner {
  /// Makes the table of what was applied, in a file that has none.
  func makeLedger() throws(StreamFailure) {
    do throws(Refusal) {
      try interpreter.store.begin()
      try interpreter.store.statement(
        "CREATE TABLE IF NOT EXISTS _applied (digest TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"
      ).run()
      try interpreter.store.commit()
    } catch { throw StreamFailure(kind: .storage, message: error.message) }
  }

  /// What became of the change of a line before.
  enum Earlier {
    /// It is new.
    case nothing
    /// It was applied.
    case applied
    /// This run made the record by a line that says something else: what this one says would be lost unseen.
    case madeOtherwise(String)
  }

  /// Returns what became of the change of a line before.
  func earlier(
    _ change: StreamLine, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(Refusal) -> Earlier {
    if change.operation == .create, let id = change.id {
      guard let definition = interpreter.schema[change.name],
        try interpreter.store.existing(definition.recordType, id) != nil
      else { return .nothing }
      guard let made = made[Self.hash(change)], made != Self.hash(bytes) else { return .applied }
      return .madeOtherwise(
        "an earlier row made \(change.name)/\(id) with other values, which stay; "
          + "give each record an id of its own")
    }
    let read = try interpreter.store.statement("SELECT 1 FROM _applied WHERE digest = ?1")
    defer { read.reset() }
    try read.bind(1, Self.digest(bytes))
    return try read.step() ? .applied : .nothing
  }

  /// Notes that a line was applied, in the operation that applies it.
  func enter(_ change: StreamLine, _ bytes: UnsafeBufferPointer<UInt8>) throws(Refusal) {
    guard options.appliesOnce else { return }
    if change.operation == .create, change.id != nil {
      // Of an operation that is undone the record is not there either, so that nobody asks for this.
      made[Self.hash(change)] = Self.hash(bytes)
      return
    }
    let write = try interpreter.store.statement(
      "INSERT OR IGNORE INTO _applied (digest) VALUES (?1)")
    try write.bind(1, Self.digest(bytes))
    try write.run()
  }

  private static func hash(_ change: StreamLine) -> Int {
    var hasher = Hasher()
    hasher.combine(change.name)
    hasher.combine(change.id)
    return hasher.finalize()
  }

  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    return hasher.finalize()
  }

  private static func digest(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    SHA256.hex(Array(bytes))
  }
}

/// What a line of an import says, for a report.
package struct AppliedChange: Sendable {
  /// `create`, `set`, `delete` or `signal`.
  package let operation: String
  /// The class; for a signal, its name.
  package let name: String
  /// The id of the record, if one is given.
  package let id: String?
  /// The fields that it gives.
  package let fields: [String]

  init(_ line: StreamLine) {
    (operation, name, id) = (line.operation.rawValue, line.name, line.id)
    fields = line.fields.map(\.key)
  }
}
