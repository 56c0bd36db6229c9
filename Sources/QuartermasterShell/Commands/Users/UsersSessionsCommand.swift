internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster users sessions [NAME]`: where a user is signed in; ends sessions.
public struct UsersSessionsCommand: Sendable {
  /// The user name, or `User/ID`; nil for all users, whose sessions can only be ended.
  public var name: String?
  /// The session that is ended, as the list names it.
  public var session: String?
  /// Whether all of them are ended.
  public var endsAll = false
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init(_ name: String? = nil) { self.name = name }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      if name == nil, !endsAll {
        throw CommandFailure(
          .usage, "say whose sessions: a user name, or --end-all for everybody's")
      }
      return try UserDesk.open(folder, context) { desk in
        guard let name else {
          return Reply("\(Plain.count(try desk.accounts.revokeAllSessions(), "session")) ended\n")
        }
        let user = try desk.user(name)
        if let session {
          do { try desk.accounts.revokeSession(session, of: user.id) } catch AccountError
            .notSignedIn
          {
            throw CommandFailure(
              .badInput,
              "\(user.username) has no session \(session); `users sessions \(name)` shows them")
          }
          return Reply("1 session ended\n")
        }
        if endsAll {
          return Reply(
            "\(Plain.count(try desk.accounts.revokeSessions(of: user.id), "session")) ended\n")
        }
        let sessions = try desk.accounts.sessions(of: user.id)
        if format == .json { return Reply(QueryCommand.lines(.array(sessions.map(json)))) }
        if sessions.isEmpty {
          return Reply("\(DisplayText.oneLine(user.username)) is not signed in\n")
        }
        return Reply(table(sessions, desk.folder.zone).text(width: context.width))
      }
    }
  }

  private func table(_ sessions: [Session], _ zone: Zone) -> TextTable {
    var table = TextTable(
      ["session", "since", "last used", "until"].map { TextTable.Column(title: $0) })
    for session in sessions {
      table.add([
        session.id, Plain.stamp(session.createdAt, zone), Plain.stamp(session.lastUsedAt, zone),
        Plain.stamp(session.expiresAt, zone),
      ])
    }
    return table
  }

  private func json(_ session: Session) -> JSONValue {
    .object([
      ("id", .string(session.id)), ("userId", .string(session.userID)),
      ("createdAt", .string(session.createdAt.description)),
      ("lastUsedAt", .string(session.lastUsedAt.description)),
      ("expiresAt", .string(session.expiresAt.description)),
    ])
  }
}
