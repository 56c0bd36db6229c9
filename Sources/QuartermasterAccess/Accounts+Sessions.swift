internal import QuartermasterCEL
internal import QuartermasterCore

extension Accounts {
  /// Returns the session of a token, with the roles that its user has now.
  ///
  /// It only reads, but that it notes the last use now and then.
  ///
  /// - Parameter token: The text that the client shows, whatever it is.
  /// - Returns: The session.
  /// - Throws: ``AccountError/notSignedIn`` for anything but the token of a session that goes on; `Refusal` when the file
  ///   cannot be read.
  public func session(token: String) throws -> Session {
    guard let hash = SessionToken(token)?.hash else { throw AccountError.notSignedIn }
    let now = now
    let found = try engine.readAccounts { tables in
      try tables.session(token: hash).flatMap { stored in
        try tables.user(id: stored.user).map { user in
          (stored: stored, session: Session(stored, user, try Self.roles(of: user, tables)))
        }
      }
    }
    guard let found else { throw AccountError.notSignedIn }
    if found.stored.ends <= now {
      _ = try engine.changeAccounts { try $0.endSession(token: hash) }
      throw AccountError.notSignedIn
    }
    if abs(now - found.stored.used) >= settings.notesUseEvery.milliseconds {
      // Nobody is kept out because the last use cannot be written down; the next write says what is wrong with the file.
      try? engine.changeAccounts { try $0.use(token: hash, at: now) }
    }
    return found.session
  }

  /// Ends the session of a token.
  ///
  /// - Throws: ``AccountError/notSignedIn`` when there is none.
  public func logOut(token: String) throws {
    guard let hash = SessionToken(token)?.hash,
      try engine.changeAccounts({ try $0.endSession(token: hash) })
    else { throw AccountError.notSignedIn }
  }

  /// Returns the sessions of a user that go on, the oldest first.
  public func sessions(of userID: String) throws -> [Session] {
    let now = now
    return try engine.readAccounts { tables in
      let user = try Self.user(userID, tables)
      let roles = try Self.roles(of: user, tables)
      return try tables.sessions(of: userID).filter { $0.ends > now }
        .map { Session($0, user, roles) }
    }
  }

  /// Ends one session of a user.
  ///
  /// - Parameters:
  ///   - id: As ``Session/id`` says it.
  ///   - userID: Whose it is.
  /// - Throws: ``AccountError/notSignedIn`` when the user has no such session.
  public func revokeSession(_ id: String, of userID: String) throws {
    try engine.changeAccounts { tables in
      let found = try tables.sessions(of: userID).first { Session.id($0) == id }
      guard let found, try tables.endSession(token: found.token) else {
        throw AccountError.notSignedIn
      }
    }
  }

  /// Ends all sessions of a user.
  ///
  /// - Returns: How many there were.
  @discardableResult
  public func revokeSessions(of userID: String) throws -> Int {
    try engine.changeAccounts { tables in
      _ = try Self.user(userID, tables)
      return try tables.endSessions(of: userID)
    }
  }

  /// Ends all sessions of all users, as after a backup was restored: those that were ended since go on in it.
  ///
  /// - Returns: How many there were.
  @discardableResult
  public func revokeAllSessions() throws -> Int {
    try engine.changeAccounts { try $0.endAllSessions() }
  }

  /// Opens a session, in the open commit; what ended meanwhile is dropped.
  func open(
    _ token: SessionToken, for user: AccountTables.User, _ tables: AccountTables
  ) throws -> Session {
    let now = now
    _ = try tables.endSessions(before: now)
    let others = try tables.sessions(of: user.id)
    for old in others.prefix(max(0, others.count + 1 - max(1, settings.mostSessions))) {
      _ = try tables.endSession(token: old.token)
    }
    let stored = AccountTables.StoredSession(
      token: token.hash, user: user.id, made: now, used: now,
      ends: now + settings.sessionLength.milliseconds)
    try tables.add(stored)
    return Session(stored, user, try Self.roles(of: user, tables))
  }
}
