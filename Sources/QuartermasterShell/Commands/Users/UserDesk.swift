internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// The users of a project, for the commands that look after them.
struct UserDesk {
  /// The users.
  let accounts: Accounts
  /// The project.
  let folder: ProjectFolder

  private let engine: Engine

  /// Opens the users of a project, does something, and closes the file.
  ///
  /// - Parameters:
  ///   - path: The project folder.
  ///   - makesFile: Whether a data file that is not there is made.
  ///   - context: Where the command runs.
  ///   - body: What is done.
  /// - Returns: What the body gives.
  /// - Throws: ``CommandFailure`` when the project or its file cannot be used; what the body throws.
  static func open<T>(
    _ path: String, makesFile: Bool = false, _ context: ShellContext,
    _ body: (UserDesk) throws -> T
  ) throws -> T {
    let folder = try ProjectFolder(path, context)
    if !makesFile { try folder.requireData() }
    if let lack = AccountClass.lack(in: folder.project.schema) {
      throw CommandFailure(.badInput, "nobody can log in here: \(lack)")
    }
    let engine = try folder.openEngine(try folder.rulesToRun())
    let result: T
    do {
      var settings = AccountSettings()
      settings.passwords = context.passwords ?? settings.passwords
      let accounts = try Accounts(engine, settings: settings)
      result = try body(UserDesk(accounts: accounts, folder: folder, engine: engine))
    } catch {
      try engine.close()
      throw error
    }
    try engine.close()
    return result
  }

  /// Returns the user that is named on the command line: by user name or, where that is nobody's, as `User/ID`.
  func user(_ name: String) throws -> Account {
    if let found = try accounts.account(named: name) { return found }
    let id = name.hasPrefix("User/") ? String(name.dropFirst(5)) : name
    if let found = try accounts.account(id: id) { return found }
    let known = try accounts.allAccounts().map(\.username)
    let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" }
    throw CommandFailure(
      .badInput, "there is no user \(name)\(hint ?? "; `users list` shows them")")
  }

  /// Asks for a new password, twice where somebody types it.
  func newPassword(for username: String, _ context: ShellContext) throws -> String {
    let prompt = "new password for \(DisplayText.oneLine(username)): "
    guard let password = context.askPassword(prompt) else {
      throw CommandFailure(
        .usage, "no password was given; type it, or write it to standard input as one line")
    }
    if context.typesPassword {
      guard let again = context.askPassword("once more: ") else {
        throw CommandFailure(.usage, "the password was not repeated; nothing was changed")
      }
      if again != password {
        throw CommandFailure(.usage, "the two passwords are not the same; nothing was changed")
      }
    }
    return password
  }
}

extension CommandFailure {
  /// Creates a failure of what accounts refuse.
  init(_ error: AccountError) {
    switch error {
    case .nameTaken, .emailTaken, .name, .password, .role, .field, .noUser, .schema:
      self.init(.badInput, error.description)
    case .wrongNameOrPassword, .tooManyGuesses, .notSignedIn, .cost:
      self.init(.failure, error.description)
    }
  }
}
