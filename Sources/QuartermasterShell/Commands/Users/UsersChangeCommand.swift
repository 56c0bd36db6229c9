internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster users password | lock | remove NAME`: what an operator does with one user.
public struct UsersChangeCommand: Sendable {
  /// What is done.
  public enum Action: Sendable {
    /// A new password is asked for and set; sessions end.
    case password
    /// The user is kept out until a password is set; sessions end.
    case lock
    /// The user is deleted.
    case remove
  }

  /// What is done.
  public var action: Action
  /// The user name, or `User/ID`.
  public var name: String
  /// The project folder.
  public var folder = "."

  /// Creates the command.
  public init(_ action: Action, _ name: String) {
    self.action = action
    self.name = name
  }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      try UserDesk.open(folder, context) { desk in
        let user = try desk.user(name)
        let shown = DisplayText.oneLine(user.username)
        let sessions = try desk.accounts.sessions(of: user.id).count
        let ended = sessions == 0 ? "" : "; \(Plain.count(sessions, "session")) ended"
        switch action {
        case .password:
          let password = try desk.newPassword(for: user.username, context)
          try desk.accounts.setPassword(of: user.id, to: password)
          return Reply("\(shown) has a new password\(ended)\n")
        case .lock:
          try desk.accounts.lock(user.id)
          return Reply("\(shown) is locked until `users password` sets a new password\(ended)\n")
        case .remove:
          do { try desk.accounts.remove(user.id) } catch let refusal as Refusal
            where refusal.reason == .schema
          {
            throw CommandFailure(
              .badInput,
              refusal.message + "; `users lock` keeps the user out and the records as they are")
          }
          return Reply("\(shown) is removed\(ended)\n")
        }
      }
    }
  }
}
