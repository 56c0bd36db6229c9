internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster users roles NAME`: the roles of a user, granted and taken.
public struct UsersRolesCommand: Sendable {
  /// The user name, or `User/ID`.
  public var name: String
  /// The roles that are granted, and taken.
  public var grants: [String] = [], takes: [String] = []
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init(_ name: String) { self.name = name }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      try UserDesk.open(folder, context) { desk in
        let user = try desk.user(name)
        var reply = Reply()
        for role in grants {
          let isNew = try desk.accounts.members(of: role).isEmpty
          if try !desk.accounts.grant(role, to: user.id) {
            reply.errors += "note: \(user.username) has the role \(role) already\n"
          } else if isNew {
            reply.errors += "note: \(role) is a role that nobody had before\n"
          }
        }
        for role in takes where try !desk.accounts.take(role, from: user.id) {
          reply.errors += "note: \(user.username) did not have the role \(role)\n"
        }
        let now = try desk.accounts.account(id: user.id) ?? user
        if format == .json {
          reply.output = JSONWriter.text(UsersListCommand.json(now)) + "\n"
        } else {
          let roles = now.roles.sorted().joined(separator: ", ")
          reply.output =
            "\(DisplayText.oneLine(now.username)): \(roles.isEmpty ? "no roles" : roles)\n"
        }
        return reply
      }
    }
  }
}
