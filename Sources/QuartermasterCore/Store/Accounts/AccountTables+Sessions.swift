/// Sessions in `_sessions`: of a token only its hash is there.
extension AccountTables {
  /// A session as the file keeps it.
  package struct StoredSession: Sendable, Equatable {
    /// The SHA-256 of the token.
    package var token: [UInt8]
    package var user: String
    /// When it began, when it was used last, and when it ends, in milliseconds.
    package var made: Int64, used: Int64, ends: Int64

    package init(token: [UInt8], user: String, made: Int64, used: Int64, ends: Int64) {
      self.token = token
      self.user = user
      self.made = made
      self.used = used
      self.ends = ends
    }
  }

  /// Returns the session of the hash of a token, or nil.
  package func session(token: [UInt8]) throws(Refusal) -> StoredSession? {
    try sessions(where: "token = ?1", [.blob(token)]).first
  }

  /// Returns the sessions of a user, the oldest first.
  package func sessions(of user: String) throws(Refusal) -> [StoredSession] {
    try sessions(where: "user = ?1 ORDER BY made, token", [.text(user)])
  }

  private func sessions(where condition: String, _ parameters: [Parameter]) throws(Refusal)
    -> [StoredSession]
  {
    let read = try bound(
      "SELECT token, user, made, used, ends FROM _sessions WHERE \(condition)", parameters)
    defer { read.reset() }
    var found: [StoredSession] = []
    while try read.step() {
      found.append(
        StoredSession(
          token: read.blob(0), user: read.text(1), made: read.int(2), used: read.int(3),
          ends: read.int(4)))
    }
    return found
  }

  /// Keeps a session.
  package func add(_ session: StoredSession) throws(Refusal) {
    try run(
      "INSERT INTO _sessions (token, user, made, used, ends) VALUES (?1, ?2, ?3, ?4, ?5)",
      [
        .blob(session.token), .text(session.user), .integer(session.made), .integer(session.used),
        .integer(session.ends),
      ])
  }

  /// Notes when a session was used; one that ended meanwhile stays ended.
  package func use(token: [UInt8], at now: Int64) throws(Refusal) {
    try run("UPDATE _sessions SET used = ?2 WHERE token = ?1", [.blob(token), .integer(now)])
  }

  /// Ends a session.
  ///
  /// - Returns: Whether it was there.
  package func endSession(token: [UInt8]) throws(Refusal) -> Bool {
    try ended("token = ?1", [.blob(token)]) > 0
  }

  /// Ends the sessions of a user.
  ///
  /// - Returns: How many there were.
  package func endSessions(of user: String) throws(Refusal) -> Int {
    try ended("user = ?1", [.text(user)])
  }

  /// Ends the sessions whose time is over.
  package func endSessions(before now: Int64) throws(Refusal) -> Int {
    try ended("ends <= ?1", [.integer(now)])
  }

  /// Ends all sessions of all users.
  package func endAllSessions() throws(Refusal) -> Int { try ended("1", []) }

  private func ended(_ condition: String, _ parameters: [Parameter]) throws(Refusal) -> Int {
    let statement = try bound(
      "DELETE FROM _sessions WHERE \(condition) RETURNING 1", parameters)
    defer { statement.reset() }
    var count = 0
    while try statement.step() { count += 1 }
    return count
  }
}
