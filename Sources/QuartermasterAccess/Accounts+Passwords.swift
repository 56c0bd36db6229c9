internal import QuartermasterCEL
internal import QuartermasterCore

extension Accounts {
  /// Changes the password of who knows the present one, and ends all sessions of the user.
  ///
  /// - Parameters:
  ///   - userID: The user.
  ///   - old: The present password. A wrong one counts as a guess.
  ///   - new: The next one.
  ///   - token: The session that goes on, if it is one of the user's; nil to end all.
  /// - Throws: ``AccountError/wrongNameOrPassword``, ``AccountError/tooManyGuesses(until:)``,
  ///   ``AccountError/password(_:)`` when the new one cannot be used; `Refusal` when the schema or a rule says no.
  public func changePassword(
    of userID: String, from old: String, to new: String, keeping token: String? = nil
  ) throws {
    let guess = try beginGuess({ try $0.user(id: userID) }, unknown: { userID })
    try judge(guess, old)
    try replacePassword(of: userID, new, keeping: token, guess)
  }

  /// Sets the password of a user, and ends all sessions: the word of the host, who need not know the present one.
  ///
  /// It also lets in who was locked, and ends the wait after wrong guesses.
  ///
  /// - Throws: ``AccountError/noUser(_:)``, ``AccountError/password(_:)``; `Refusal` when the schema or a rule says no.
  public func setPassword(of userID: String, to new: String) throws {
    try replacePassword(of: userID, new, keeping: nil, nil)
  }

  /// Keeps a user out, with sessions ended and no password that is right, until ``setPassword(of:to:)``.
  ///
  /// - Throws: ``AccountError/noUser(_:)``; `Refusal` when a rule says no.
  public func lock(_ userID: String) throws {
    try engine.writeAccounts { db, tables in
      _ = try Self.user(userID, tables)
      _ = try tables.endSessions(of: userID)
      try db.set(
        AccountClass.className, id: userID,
        [AccountClass.passwordField: .string(PasswordHash.locked)])
    }
  }

  private func replacePassword(
    of userID: String, _ new: String, keeping token: String?, _ guess: Guess?
  ) throws {
    let user = try engine.readAccounts { try Self.user(userID, $0) }
    try checkInClear(new)
    let hash = try settings.passwords.newHash(of: new, username: user.username)
    // The password, the sessions and the guesses change in one commit: nobody is left in with the old one.
    try engine.writeAccounts { db, tables in
      let now = try Self.user(userID, tables)
      if let guess, now.password != guess.kept { throw AccountError.wrongNameOrPassword }
      let kept = try SessionToken(token ?? "").flatMap { try tables.session(token: $0.hash) }
      try db.set(
        AccountClass.className, id: userID, [AccountClass.passwordField: .string(hash.text)])
      _ = try tables.endSessions(of: userID)
      if let kept, kept.user == userID { try tables.add(kept) }
      try tables.forgetGuesses(try guess?.key ?? guessKey(of: userID, tables))
    }
  }
}
