public import QuartermasterCEL
internal import QuartermasterCore

extension Accounts {
  /// Makes a user.
  ///
  /// It is a write like any other: the schema holds, and rules fire. Of two sign-ups with one name, in this process or
  /// another, one wins.
  ///
  /// - Parameters:
  ///   - username: The name: 1 to 100 characters, without spaces at its ends. Capitals stay, and make no difference.
  ///   - password: In clear; only its hash is kept.
  ///   - email: The e-mail address, where the schema has one.
  ///   - role: What the field `role` of the user is set to. It is for the host to say, never for who signs up.
  ///   - fields: More fields of `User`, such as `address`; those above have their own parameters.
  /// - Returns: The user.
  /// - Throws: ``AccountError`` when a name or the password cannot be used; `Refusal` when the schema or a rule says no.
  @discardableResult
  public func signUp(
    _ username: String, password: String, email: String? = nil, role: String? = nil,
    fields: [String: Value] = [:]
  ) throws -> Account {
    try UserName.check(username)
    if let email { try UserName.checkEmail(email) }
    var values = fields
    try fill(&values, username, email, role)
    // Told early, so that a name that is taken costs no hash; the operation below asks again.
    try engine.readAccounts { try checkFree(username, email, $0) }
    try checkInClear(password)
    let hash = try settings.passwords.newHash(of: password, username: username)
    values[AccountClass.passwordField] = .string(hash.text)
    let given = values
    var made = ""
    try engine.writeAccounts { db, tables in
      try checkFree(username, email, tables)
      made = try db.create(AccountClass.className, given)
    }
    guard let account = try account(id: made) else { throw AccountError.noUser(made) }
    return account
  }

  private func fill(
    _ values: inout [String: Value], _ username: String, _ email: String?, _ role: String?
  ) throws {
    for field in ["username", AccountClass.passwordField, "email", "role"]
    where values[field] != nil {
      throw AccountError.field("`\(field)` is a parameter of its own when a user is made")
    }
    values["username"] = .string(username)
    if let email {
      if users.emailSlot == nil { throw AccountError.field("User has no field `email`") }
      values["email"] = .string(email)
    }
    if let role {
      if users.roleSlot == nil {
        throw AccountError.role("User has no field `role`; grant the role to the user")
      }
      try UserName.checkRole(role)
      values["role"] = .string(role)
    }
  }

  private func checkFree(
    _ username: String, _ email: String?, _ tables: AccountTables
  ) throws {
    if try tables.user(named: username) != nil { throw AccountError.nameTaken(username) }
    if let email, try tables.user(named: email) != nil { throw AccountError.emailTaken(email) }
  }

  /// Judges a password by what the schema asks of the field, such as a pattern.
  func checkInClear(_ password: String) throws {
    try users.definition[AccountClass.passwordField]?
      .validateInClear(password, class: AccountClass.className)
  }
}
