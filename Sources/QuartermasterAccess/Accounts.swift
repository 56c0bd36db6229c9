internal import QuartermasterCEL
public import QuartermasterCore

/// The users of a data file: who they are, how they log in, and what they may be called.
///
/// Users are the records of the class `User` of the schema, which needs a unique `username` and a secret `password`. Open
/// one `Accounts` for an engine, and keep it:
///
/// ```swift
/// let accounts = try Accounts(engine)
/// try accounts.signUp("ann", password: password)
/// let signedIn = try accounts.logIn("ann", password: password)
/// // The client keeps signedIn.token.text, and shows it with each request:
/// let session = try accounts.session(token: token)
/// session.principal  // who acts
/// ```
///
/// Safe to use from any thread, and by several processes on one file. Calls wait for the file, and those that are given a
/// password for its hash, which takes a tenth of a second or more: call them where waiting is allowed. None may be called
/// inside the body of a write. Docs/accounts.md says all of it.
public final class Accounts: Sendable {
  /// How users log in.
  public let settings: AccountSettings

  let engine: Engine
  let users: AccountClass
  /// What is worked on in place of a hash that is not there, so that it takes as long.
  let decoy: PasswordHash

  /// Opens the users of an engine.
  ///
  /// - Parameters:
  ///   - engine: On the data file.
  ///   - settings: How users log in.
  /// - Throws: ``AccountError/schema(_:)`` when nobody could log in with this schema.
  public init(_ engine: Engine, settings: AccountSettings = AccountSettings()) throws {
    guard let users = engine.accountClass else {
      throw AccountError.schema(
        (AccountClass.lack(in: engine.schema) ?? "users cannot log in") + "; see Docs/accounts.md")
    }
    self.engine = engine
    self.settings = settings
    self.users = users
    let cost = settings.passwords.cost
    guard
      let decoy = PasswordHash(
        logN: cost.logN, blockSize: cost.blockSize, parallelism: cost.parallelism,
        salt: Scrypt.randomBytes(16), bytes: Scrypt.randomBytes(32))
    else { throw AccountError.cost("a hash of this cost cannot be kept") }
    self.decoy = decoy
  }

  /// The present instant, in milliseconds.
  var now: Int64 { settings.clock().milliseconds }

  // MARK: Users

  /// Returns the user of an id, or nil.
  public func account(id: String) throws -> Account? {
    try engine.readAccounts { tables in
      try tables.user(id: id).map { Account($0, try Self.roles(of: $0, tables)) }
    }
  }

  /// Returns the user of a name, or of an e-mail address where the schema says that they are unique; nil for none.
  ///
  /// Capitals make no difference.
  public func account(named name: String) throws -> Account? {
    try engine.readAccounts { tables in
      try tables.user(named: name).map { Account($0, try Self.roles(of: $0, tables)) }
    }
  }

  /// Returns all users, in the order of their names.
  public func allAccounts() throws -> [Account] {
    let found = try engine.readAccounts { tables in
      try tables.allUsers().map { Account($0, try Self.roles(of: $0, tables)) }
    }
    return found.sorted { ($0.username, $0.id) < ($1.username, $1.id) }
  }

  /// Deletes a user, with sessions and roles.
  ///
  /// - Throws: ``AccountError/noUser(_:)``; `Refusal` when other records point at the user, or a rule refuses it. Then
  ///   ``lock(_:)`` keeps the user out.
  public func remove(_ userID: String) throws {
    try engine.writeAccounts { db, tables in
      _ = try Self.user(userID, tables)
      try db.delete(AccountClass.className, id: userID)
    }
  }

  static func user(_ id: String, _ tables: AccountTables) throws -> AccountTables.User {
    guard let user = try tables.user(id: id) else { throw AccountError.noUser(id) }
    return user
  }
}
