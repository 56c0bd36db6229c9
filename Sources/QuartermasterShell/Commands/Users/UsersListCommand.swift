internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster users list`: who can log in, and as what.
public struct UsersListCommand: Sendable {
  /// Only those who have this role.
  public var role: String?
  /// The project folder.
  public var folder = "."
  /// How they are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      try UserDesk.open(folder, context) { desk in
        let users =
          try role.map { try desk.accounts.members(of: $0) }
          ?? desk.accounts.allAccounts()
        if format == .json { return Reply(QueryCommand.lines(.array(users.map(Self.json)))) }
        if users.isEmpty {
          return Reply(
            role.map { "nobody has the role \($0)\n" }
              ?? "no users yet; `quartermaster users add NAME` makes one\n")
        }
        return Reply(table(users, desk.folder.zone).text(width: context.width))
      }
    }
  }

  private func table(_ users: [Account], _ zone: Zone) -> TextTable {
    var table = TextTable(
      ["user", "id", "roles", "state", "email", "since"].map { TextTable.Column(title: $0) })
    for user in users {
      table.add([
        user.username, user.id, user.roles.sorted().joined(separator: ", "), Self.word(user.state),
        user.email ?? "", user.createdAt.map { Plain.stamp($0, zone) } ?? "",
      ])
    }
    return table
  }

  private static func word(_ state: Account.State) -> String {
    switch state {
    case .active: "active"
    case .locked: "locked"
    case .inClear: "in clear: see doctor"
    }
  }

  /// Returns a user for programs.
  static func json(_ user: Account) -> JSONValue {
    .object([
      ("objectId", .string(user.id)), ("username", .string(user.username)),
      ("email", user.email.map { .string($0) } ?? .null),
      ("roles", .array(user.roles.sorted().map { .string($0) })),
      ("state", .string(user.state.rawValue)),
      ("createdAt", user.createdAt.map { .string($0.description) } ?? .null),
    ])
  }
}
