internal import QuartermasterCEL

/// What the file keeps beside the records of class `User`, and follows every write of them, through whichever door.
///
/// Names are unique without regard to case; a password that changes ends the sessions of its user; a user that goes
/// takes sessions and roles along.
final class AccountLedger {
  /// The class of users.
  let users: AccountClass
  private let store: Store

  /// Creates a ledger; nil when no class of the schema can log in.
  init?(_ store: Store) {
    guard let users = AccountClass(store.schema) else { return nil }
    self.users = users
    self.store = store
  }

  /// Follows a write of a user.
  ///
  /// - Parameters:
  ///   - record: The user.
  ///   - old: The row before; nil for a new one.
  ///   - new: The row now; nil when it was deleted.
  /// - Throws: ``Refusal`` when the name is another user's.
  func follow(_ record: Record, old: Row?, new: Row?) throws(Refusal) {
    for (field, slot) in users.nameFields {
      let was = Self.folded(old?.values[slot])
      let now = Self.folded(new?.values[slot])
      if was == now { continue }
      if let was { try forget(field, was, of: record.id) }
      if let now { try claim(field, now, for: record.id) }
    }
    try endSessions(record.id, old: old, new: new)
  }

  /// Ends sessions where the password changed, and drops what a user left or found who was not there before or is no
  /// more.
  func endSessions(_ id: String, old: Row?, new: Row?) throws(Refusal) {
    if let old, let new {
      if Value.equal(old.values[users.passwordSlot], new.values[users.passwordSlot]) { return }
    } else {
      try run("DELETE FROM _roles WHERE user = ?1", id)
    }
    try run("DELETE FROM _sessions WHERE user = ?1", id)
  }

  private func claim(_ field: String, _ name: String, for id: String) throws(Refusal) {
    // Nobody may be called like another one's address either: both are what people log in with.
    let read = try store.statement(
      "SELECT user FROM _names WHERE field IN ('username', 'email') AND name = ?1 AND user <> ?2")
    try read.bind(1, name)
    try read.bind(2, id)
    var owners: [String] = []
    while try read.step() { owners.append(read.text(0)) }
    // A name of which another program took the user away holds nobody up.
    for owner in owners where try isCalled(owner, name) {
      throw Refusal(
        .schema,
        "\(users.definition.name): \(field) is there already (\(owner)); capitals make no difference"
      )
    }
    try run(
      "INSERT OR REPLACE INTO _names (field, name, user) VALUES (?1, ?2, ?3)", field, name, id)
  }

  private func isCalled(_ id: String, _ name: String) throws(Refusal) -> Bool {
    guard let row = try store.existing(users.definition.recordType, id)?.row else { return false }
    return users.nameFields.contains { Self.folded(row.values[$0.slot]) == name }
  }

  private func forget(_ field: String, _ name: String, of id: String) throws(Refusal) {
    try run("DELETE FROM _names WHERE field = ?1 AND name = ?2 AND user = ?3", field, name, id)
  }

  private func run(_ sql: String, _ parameters: String...) throws(Refusal) {
    let statement = try store.statement(sql)
    for (place, text) in parameters.enumerated() { try statement.bind(Int32(place + 1), text) }
    try statement.run()
  }

  static func folded(_ value: Value?) -> String? {
    if case .string(let name)? = value { AccountClass.folded(name) } else { nil }
  }

  // MARK: The whole table

  /// The names as the records have them, by field and folded name; of several users with one name the first by id.
  func wantedNames() throws(Refusal) -> [Key: String] {
    var names: [Key: String] = [:]
    try store.forEachRow(of: users.definition) { record, row throws(Refusal) in
      for (field, slot) in users.nameFields {
        guard let name = Self.folded(row.values[slot]) else { continue }
        let key = Key(field: field, name: name)
        if names[key] == nil { names[key] = record.id }
      }
    }
    return names
  }

  /// The names as the table has them.
  func keptNames() throws(Refusal) -> [Key: String] {
    let read = try store.statement("SELECT field, name, user FROM _names")
    defer { read.reset() }
    var names: [Key: String] = [:]
    while try read.step() { names[Key(field: read.text(0), name: read.text(1))] = read.text(2) }
    return names
  }

  /// A name under which a user is found.
  struct Key: Hashable {
    let field: String, name: String
  }

  /// Makes the names anew, in the open commit: after a change of the schema, or of other programs.
  func rebuild() throws(Refusal) {
    let names = try wantedNames()
    try run("DELETE FROM _names")
    for (key, id) in names {
      try run("INSERT INTO _names (field, name, user) VALUES (?1, ?2, ?3)", key.field, key.name, id)
    }
  }

  /// Makes the names anew where they are those of another schema, or of a file from before they were kept.
  ///
  /// - Throws: ``Refusal`` when the file cannot be read or written.
  func rebuildIfOld() throws(Refusal) {
    if try isKept() { return }
    let wanted = try mark()
    try store.begin()
    do throws(Refusal) {
      try rebuild()
      try run("INSERT OR REPLACE INTO _meta (key, value) VALUES (?1, ?2)", Self.metaKey, wanted)
      try store.commit()
    } catch {
      store.rollback()
      throw error
    }
  }

  /// Whether the names are those of the schema.
  func isKept() throws(Refusal) -> Bool { try store.meta(Self.metaKey) == mark() }

  private func mark() throws(Refusal) -> String {
    "\(Self.folding) \(try store.schemaNumberInFile())"
  }

  private static let metaKey = "names"
  /// The version of ``AccountClass/folded(_:)``.
  private static let folding = "1"
}

extension Store {
  /// Returns a text of `_meta`, or nil.
  func meta(_ key: String) throws(Refusal) -> String? {
    let read = try statement("SELECT value FROM _meta WHERE key = ?1")
    defer { read.reset() }
    try read.bind(1, key)
    return try read.step() ? read.optionalText(0) : nil
  }
}
