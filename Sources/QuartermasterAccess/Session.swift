public import QuartermasterCEL
public import QuartermasterCore

/// Somebody who is signed in.
public struct Session: Sendable, Equatable {
  /// A name for the session among those of its user; no secret, as no token can be made of it.
  public let id: String
  /// The objectId of the user, in class `User`.
  public let userID: String
  /// Under which the user is known.
  public let username: String
  /// The user with the roles of this moment: who acts.
  public let principal: Principal
  /// When it began, was used last (to within ``AccountSettings/notesUseEvery``), and ends.
  public let createdAt: Timestamp, lastUsedAt: Timestamp, expiresAt: Timestamp
}

/// What a log-in gives.
public struct SignedIn: Sendable {
  /// For the client alone: the file keeps only a hash, so it is never told again.
  public let token: SessionToken
  /// The session that it opens.
  public let session: Session
}

/// A user, as a host may show it.
public struct Account: Sendable, Equatable {
  /// Whether somebody can log in.
  public enum State: String, Sendable {
    /// With the password.
    case active
    /// No password is set, or it was locked.
    case locked
    /// The password stands in clear, from an older version or another program: nobody can log in until a new one is set, or
    /// `quartermaster doctor --mend` has put its hash there.
    case inClear
  }

  /// The objectId, in class `User`.
  public let id: String
  /// The name under which the user logs in.
  public let username: String
  /// The e-mail address, where the schema has one.
  public let email: String?
  /// All roles: those that were granted, and the one of the field `role`.
  public let roles: Set<String>
  /// Whether somebody can log in.
  public let state: State
  /// When the user was made.
  public let createdAt: Timestamp?
}

extension Session {
  init(_ stored: AccountTables.StoredSession, _ user: AccountTables.User, _ roles: Set<String>) {
    id = Self.id(stored)
    userID = user.id
    username = user.username
    principal = Principal(userID: user.id, roles: roles)
    createdAt = Timestamp(milliseconds: stored.made)
    lastUsedAt = Timestamp(milliseconds: stored.used)
    expiresAt = Timestamp(milliseconds: stored.ends)
  }

  static func id(_ stored: AccountTables.StoredSession) -> String {
    stored.token.prefix(6).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

extension Account {
  init(_ user: AccountTables.User, _ roles: Set<String>) {
    id = user.id
    username = user.username
    email = user.email
    self.roles = roles
    createdAt = user.createdAt
    switch user.password {
    case nil, PasswordHash.locked: state = .locked
    case .some(let text): state = PasswordHash(text) == nil ? .inClear : .active
    }
  }
}
