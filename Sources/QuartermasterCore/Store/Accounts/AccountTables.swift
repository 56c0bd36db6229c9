package import QuartermasterCEL

/// What the file knows of users who log in: their records, sessions, roles and wrong guesses.
///
/// Reads on any session; writes only on the store, inside an open commit. It decides nothing: that is for
/// `QuartermasterAccess`. Instants are milliseconds of the computer's clock, whatever clock the rules run by.
package struct AccountTables {
  /// The class of users.
  package let users: AccountClass
  let session: StoreSession

  package init(_ users: AccountClass, _ session: StoreSession) {
    self.users = users
    self.session = session
  }

  // MARK: Users

  /// A record of class `User`, with what nobody else is told.
  package struct User: Sendable {
    package let id: String, username: String
    package let email: String?
    /// The value of the field `role`, where the schema has one.
    package let role: String?
    /// What is kept of the password: a hash, ``PasswordHash/locked``, or what another program wrote; nil for none.
    package let password: String?
    package let createdAt: Timestamp?
  }

  /// Returns the user of an id, or nil.
  package func user(id: String) throws(Refusal) -> User? {
    guard let record = try session.existing(users.definition.recordType, id), let row = record.row
    else { return nil }
    return user(record, row)
  }

  /// Returns the user of a name, or of an e-mail address where these are unique; capitals make no difference.
  package func user(named name: String) throws(Refusal) -> User? {
    let folded = AccountClass.folded(name)
    for (field, slot) in users.nameFields {
      let read = try session.statement("SELECT user FROM _names WHERE field = ?1 AND name = ?2")
      try read.bind(1, field)
      try read.bind(2, folded)
      let id = try read.step() ? read.text(0) : nil
      read.reset()
      // Another program may have renamed the user since, and nobody took it in yet.
      guard let id, let record = try session.existing(users.definition.recordType, id),
        let row = record.row, AccountLedger.folded(row.values[slot]) == folded
      else { continue }
      return user(record, row)
    }
    return nil
  }

  /// Goes through all users in the order of their ids.
  package func allUsers() throws(Refusal) -> [User] {
    var found: [User] = []
    try session.forEachRow(of: users.definition) { record, row throws(Refusal) in
      found.append(user(record, row))
    }
    return found
  }

  private func user(_ record: Record, _ row: Row) -> User {
    func text(_ slot: Int?) -> String? {
      if let slot, case .string(let text) = row.values[slot] { text } else { nil }
    }
    var created: Timestamp?
    if case .timestamp(let at) = row.values[ClassDefinition.createdAtSlot] { created = at }
    return User(
      id: record.id, username: text(users.usernameSlot) ?? "", email: text(users.emailSlot),
      role: text(users.roleSlot), password: text(users.passwordSlot), createdAt: created)
  }

  // MARK: Statements

  func run(_ sql: String, _ parameters: [Parameter]) throws(Refusal) {
    let statement = try bound(sql, parameters)
    try statement.run()
  }

  /// Returns a statement with its parameters, for who steps through it and resets it.
  func bound(_ sql: String, _ parameters: [Parameter]) throws(Refusal) -> PreparedStatement {
    let statement = try session.statement(sql)
    for (place, parameter) in parameters.enumerated() {
      let index = Int32(place + 1)
      switch parameter {
      case .text(let text): try statement.bind(index, text)
      case .integer(let number): try statement.bind(index, number)
      case .blob(let bytes): try statement.bind(index, bytes)
      }
    }
    return statement
  }

  /// What a statement is given.
  enum Parameter {
    case text(String), integer(Int64), blob([UInt8])
  }
}

// MARK: - Writing

extension AccountTables {
  /// Puts another hash of the same password in the place of the one that is kept.
  ///
  /// It is no change of the user: no rule hears of it, the journal does not tell it, and sessions go on.
  ///
  /// - Returns: Whether the user still had the old one.
  package func replaceHash(of id: String, from old: String, to new: String) throws(Refusal) -> Bool
  {
    guard let store = session as? Store,
      let record = try store.existing(users.definition.recordType, id), let row = record.row,
      case .string(let kept) = row.values[users.passwordSlot], kept == old,
      case .int(let last) = row.values[store.tables[users.definition.index].lastSlot]
    else { return false }
    let next = Row.copy(row)
    next.values[users.passwordSlot] = .string(new)
    // The row keeps its place in the journal.
    store.startOperation(now: store.now, journal: last)
    try store.update(record, next)
    return true
  }
}
