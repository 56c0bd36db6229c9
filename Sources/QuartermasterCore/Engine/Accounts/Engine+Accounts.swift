internal import QuartermasterCEL

/// What `QuartermasterAccess` reads and writes of the file: the decisions are its own.
extension Engine {
  /// The class whose records can log in; nil when the schema has none.
  package var accountClass: AccountClass? { AccountClass(schema) }

  /// Changes the tables of accounts in one commit, without an operation: the journal does not tell of it.
  ///
  /// - Throws: What the body throws, and then nothing is kept; ``Refusal`` when the file cannot be read or written.
  package func changeAccounts<T>(_ body: (AccountTables) throws -> T) throws -> T {
    var failure: (any Error)?
    do {
      return try perform { interpreter throws(Refusal) -> T in
        let store = interpreter.store
        let tables = try Self.tables(store)
        try store.begin()
        let result: T
        do { result = try body(tables) } catch {
          store.rollback()
          failure = error
          throw error as? Refusal ?? Refusal(.error, "\(error)")
        }
        try store.commit()
        return result
      }
    } catch { throw failure ?? error }
  }

  /// Reads the tables of accounts, beside writes.
  ///
  /// - Throws: What the body throws; ``Refusal`` when the file cannot be read.
  package func readAccounts<T>(_ body: (AccountTables) throws -> T) throws -> T {
    var failure: (any Error)?
    do {
      return try store.read { reader throws(Refusal) -> T in
        let tables = try Self.tables(reader)
        do { return try body(tables) } catch {
          failure = error
          throw error as? Refusal ?? Refusal(.error, "\(error)")
        }
      }
    } catch { throw failure ?? error }
  }

  /// Runs one operation that also changes the tables of accounts.
  ///
  /// - Throws: What the body throws; ``Refusal`` when a rule, the schema or the file refuses it. Nothing is kept then.
  @discardableResult
  package func writeAccounts(_ body: (WriteContext, AccountTables) throws -> Void) throws -> Outcome
  {
    try write { db in try body(db, try Self.tables(db.interpreter.store)) }
  }

  private static func tables(_ session: StoreSession) throws(Refusal) -> AccountTables {
    guard let users = AccountClass(session.schema) else {
      throw Refusal(.schema, AccountClass.lack(in: session.schema) ?? "")
    }
    return AccountTables(users, session)
  }
}
