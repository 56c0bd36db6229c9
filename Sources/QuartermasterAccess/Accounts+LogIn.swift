internal import Crypto
internal import QuartermasterCEL
internal import QuartermasterCore

extension Accounts {
  /// Opens a session for who knows the password.
  ///
  /// It takes as long, and says the same, whether the name is unknown or the password wrong. Wrong guesses make the next
  /// ones wait, see ``AccountSettings/guesses``.
  ///
  /// - Parameters:
  ///   - username: The name, or the e-mail address where the schema says that they are unique.
  ///   - password: In clear.
  /// - Returns: The session, and the token that the client shows from now on.
  /// - Throws: ``AccountError/wrongNameOrPassword``, ``AccountError/tooManyGuesses(until:)``; `Refusal` when the file
  ///   cannot be read or written.
  public func logIn(_ username: String, password: String) throws -> SignedIn {
    let guess = try beginGuess { tables in
      // What is longer than a name can be is nobody's.
      username.utf8.count > 1000 ? nil : try tables.user(named: username)
    } unknown: {
      username
    }
    try judge(guess, password)
    let better = try betterHash(guess, password)
    let token = SessionToken()
    let session = try engine.changeAccounts { tables in
      // Meanwhile the user may have been locked, or been given another password.
      guard let user = try tables.user(id: guess.userID), user.password == guess.kept else {
        throw AccountError.wrongNameOrPassword
      }
      try tables.forgetGuesses(guess.key)
      if let better, let kept = guess.kept {
        _ = try tables.replaceHash(of: user.id, from: kept, to: better)
      }
      return try open(token, for: user, tables)
    }
    return SignedIn(token: token, session: session)
  }

  // MARK: Guesses

  /// A password that is being judged.
  struct Guess {
    /// The id of the user; empty for none.
    let userID: String
    /// What is kept of the user's password.
    let kept: String?
    /// Under which it is counted.
    let key: [UInt8]
  }

  /// Counts a guess as a wrong one, before it is judged: many at once then cost as much as one after the other.
  ///
  /// - Parameters:
  ///   - find: Finds the user.
  ///   - unknown: Gives what was named, where there is none.
  /// - Returns: What is to be judged.
  /// - Throws: ``AccountError/tooManyGuesses(until:)`` while none is taken.
  func beginGuess(
    _ find: (AccountTables) throws -> AccountTables.User?, unknown: () -> String
  ) throws -> Guess {
    let now = now
    let settings = settings.guesses
    return try engine.changeAccounts { tables in
      let user = try find(tables)
      let key = try guessKey(of: user?.id, orNamed: unknown(), tables)
      var guesses =
        try tables.guesses(key) ?? AccountTables.Guesses(count: 0, last: now, until: 0)
      // Beyond the longest wait, the clock was set back since: nobody waits for that.
      let isAhead = guesses.until - now > settings.longestDelay.milliseconds
      if guesses.until > now, !isAhead {
        throw AccountError.tooManyGuesses(until: Timestamp(milliseconds: guesses.until))
      }
      if now - guesses.last > settings.forgottenAfter.milliseconds { guesses.count = 0 }
      guesses.count += 1
      guesses.last = now
      guesses.until = now + settings.delay(after: guesses.count)
      try tables.keep(guesses, of: key)
      if guesses.count == 1 {
        try tables.forgetGuesses(before: now - settings.forgottenAfter.milliseconds)
      }
      return Guess(userID: user?.id ?? "", kept: user?.password, key: key)
    }
  }

  /// Returns under what guesses at a user, or at a name that nobody has, are counted, in the open commit.
  func guessKey(
    of userID: String?, orNamed name: @autoclosure () -> String = "", _ tables: AccountTables
  ) throws -> [UInt8] {
    let secret = try tables.guessKey { Scrypt.randomBytes(32) }
    let text = userID.map { "id " + $0 } ?? "name " + AccountClass.folded(name())
    return Array(
      HMAC<Crypto.SHA256>.authenticationCode(
        for: Array(text.utf8), using: SymmetricKey(data: secret)))
  }

  /// Judges a password, with the same work whether there is a hash or not.
  ///
  /// - Throws: ``AccountError/wrongNameOrPassword``.
  func judge(_ guess: Guess, _ password: String) throws {
    let hash = guess.kept.flatMap { PasswordHash($0) }
    // A password of a length that none has is hashed as the empty one, which is wrong.
    let bytes = settings.passwords.bytes(of: password) ?? []
    let isRight = try Scrypt.verify(bytes, hash ?? decoy, settings.passwords)
    if !isRight || hash == nil { throw AccountError.wrongNameOrPassword }
  }

  /// Returns a hash of today's cost where the kept one is of another; nil where it is good.
  private func betterHash(_ guess: Guess, _ password: String) throws -> String? {
    guard let hash = guess.kept.flatMap({ PasswordHash($0) }), !hash.isOf(settings.passwords.cost),
      let bytes = settings.passwords.bytes(of: password)
    else { return nil }
    return try Scrypt.hash(bytes, settings.passwords).text
  }
}
