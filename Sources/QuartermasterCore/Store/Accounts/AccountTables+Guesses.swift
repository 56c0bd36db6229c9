/// Wrong guesses in `_guesses`, by a hash of who was guessed at: people type passwords where their name belongs.
extension AccountTables {
  /// What is known of the guesses at one user.
  package struct Guesses: Sendable, Equatable {
    /// How many failed one after the other, with those that are being judged.
    package var count: Int64
    /// When the last was made, and until when none is taken, in milliseconds.
    package var last: Int64, until: Int64

    package init(count: Int64, last: Int64, until: Int64) {
      self.count = count
      self.last = last
      self.until = until
    }
  }

  /// The most rows that are kept; beyond it those with the fewest guesses go.
  package static let mostGuessRows: Int64 = 100_000

  /// Returns the guesses of a key; nil for none.
  package func guesses(_ key: [UInt8]) throws(Refusal) -> Guesses? {
    let read = try bound("SELECT count, last, until FROM _guesses WHERE who = ?1", [.blob(key)])
    defer { read.reset() }
    return try read.step()
      ? Guesses(count: read.int(0), last: read.int(1), until: read.int(2)) : nil
  }

  /// Keeps the guesses of a key.
  package func keep(_ guesses: Guesses, of key: [UInt8]) throws(Refusal) {
    try run(
      "INSERT OR REPLACE INTO _guesses (who, count, last, until) VALUES (?1, ?2, ?3, ?4)",
      [.blob(key), .integer(guesses.count), .integer(guesses.last), .integer(guesses.until)])
  }

  /// Forgets the guesses of a key.
  package func forgetGuesses(_ key: [UInt8]) throws(Refusal) {
    try run("DELETE FROM _guesses WHERE who = ?1", [.blob(key)])
  }

  /// Forgets the guesses that are older than an instant, and the least of those that are too many.
  package func forgetGuesses(before instant: Int64) throws(Refusal) {
    try run("DELETE FROM _guesses WHERE last < ?1", [.integer(instant)])
    let count = try session.integer("SELECT count(*) FROM _guesses") ?? 0
    if count <= Self.mostGuessRows { return }
    try run(
      "DELETE FROM _guesses WHERE who IN (SELECT who FROM _guesses ORDER BY count, last LIMIT ?1)",
      [.integer(count - Self.mostGuessRows)])
  }

  /// Returns the key of this file under which names are hashed, and makes it where there is none.
  ///
  /// - Parameter make: Gives 32 bytes from a secure source.
  /// - Returns: The key.
  /// - Throws: ``Refusal`` when the file cannot be read or written.
  package func guessKey(_ make: () -> [UInt8]) throws(Refusal) -> [UInt8] {
    let read = try bound("SELECT value FROM _meta WHERE key = 'guessKey'", [])
    let found = try read.step() ? read.blob(0) : nil
    read.reset()
    if let found { return found }
    let made = make()
    try run("INSERT INTO _meta (key, value) VALUES ('guessKey', ?1)", [.blob(made)])
    return made
  }
}
