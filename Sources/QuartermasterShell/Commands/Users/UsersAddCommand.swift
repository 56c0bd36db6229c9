internal import QuartermasterAccess
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster users add NAME`: makes a user who can log in.
public struct UsersAddCommand: Sendable {
  /// The user name.
  public var name: String
  /// The e-mail address.
  public var email: String?
  /// What the field `role` is set to.
  public var role: String?
  /// More fields, as `address=Main street 1`.
  public var fields: [String] = []
  /// The roles that are granted.
  public var grants: [String] = []
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init(_ name: String) { self.name = name }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      try UserDesk.open(folder, makesFile: true, context) { desk in
        let values = try values(desk.folder.project.schema)
        if try desk.accounts.account(named: name) != nil { throw AccountError.nameTaken(name) }
        let password = try desk.newPassword(for: name, context)
        let made = try desk.accounts.signUp(
          name, password: password, email: email, role: role, fields: values)
        for role in grants { try desk.accounts.grant(role, to: made.id) }
        let user = try desk.accounts.account(id: made.id) ?? made
        if format == .json {
          return Reply(JSONWriter.text(UsersListCommand.json(user)) + "\n")
        }
        let roles = user.roles.sorted().joined(separator: ", ")
        return Reply(
          "\(DisplayText.oneLine(user.username)) is User/\(user.id)"
            + (roles.isEmpty ? "" : ", with the role\(user.roles.count == 1 ? "" : "s") \(roles)")
            + "\n")
      }
    }
  }

  private func values(_ schema: Schema) throws -> [String: Value] {
    var values: [String: Value] = [:]
    for text in fields {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw CommandFailure(
          .usage,
          "\"\(text)\" is no field; write NAME=VALUE, as in --field \"address=Main street 1\"")
      }
      let field = String(text[..<equals])
      guard let definition = schema[AccountClass.className]?[field] else {
        let known = schema[AccountClass.className]?.fields.map(\.name) ?? []
        let hint = Suggestion.closest(to: field, among: known).map { "; did you mean \($0)?" }
        throw CommandFailure(.usage, "User has no field \(field)\(hint ?? "")")
      }
      let value = String(text[text.index(after: equals)...])
      if definition.isPassword {
        throw CommandFailure(.usage, "a password is never an argument; it is asked for")
      }
      if definition.target != nil {
        values[field] = .string(value)
      } else if let typed = definition.type.value(text: value) {
        values[field] = typed
      } else {
        throw CommandFailure(
          .usage, "User.\(field): \"\(value)\" is not \(definition.type.literalHint)")
      }
    }
    return values
  }
}
