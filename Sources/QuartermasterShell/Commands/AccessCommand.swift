internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster access explain USER CLASS/ID`: what a user may do with a record, and why.
public struct AccessCommand: Sendable {
  /// The user, such as `User/ann` or `ann`.
  public var user: String
  /// The record, such as `Order/so-7`.
  public var record: String
  /// The project folder.
  public var folder = "."
  /// How it is printed.
  public var format = OutputFormat.text

  /// Creates the command for a user and a record.
  public init(user: String, record: String) {
    self.user = user
    self.record = record
  }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      try folder.requireData()
      return try folder.present { session in
        let name = try RecordName(record, takesField: false, JournalReader(session))
        guard let view = try folder.access(of: user, session),
          let found = try session.existing(name.definition.recordType, name.id)
        else { throw CommandFailure(.failed, "there is no \(name.text)") }
        let explanation = try AccessExplanation(view, found, session)
        return Reply(
          format == .json
            ? JSONWriter.text(json(explanation, name.text)) + "\n"
            : text(explanation, name.text, folder.project, context))
      }
    }
  }

  private func text(
    _ explanation: AccessExplanation, _ record: String, _ project: Project,
    _ context: ShellContext
  ) -> String {
    let principal = explanation.principal
    var text = context.paint("\(principal.userID ?? "nobody") and \(record)", .heading) + "\n"
    let roles = principal.roles.sorted().joined(separator: ", ")
    text += "  roles: \(roles.isEmpty ? "none" : roles)\n"
    if let span = explanation.span {
      let line = span.file.position(of: span.range.lowerBound).line
      text += "  said in \(span.file.name):\(line)\n"
    }
    text += "\n" + rows(explanation.verbs, yes: "yes", no: "no", context)
    if !explanation.fields.isEmpty {
      text += "\nfields that not everybody sees\n"
      text += rows(explanation.fields, yes: "seen", no: "hidden", context)
    }
    if !explanation.writes.isEmpty {
      text += "\nfields that not everybody sets\n"
      text += rows(explanation.writes, yes: "may set", no: "read-only", context)
    }
    if !explanation.nulls.isEmpty {
      text += "\nnull for him, because what it leads to may not be read: "
      text += explanation.nulls.joined(separator: ", ") + "\n"
    }
    return text
  }

  private func rows(
    _ answers: [AccessExplanation.Answer], yes: String, no: String, _ context: ShellContext
  ) -> String {
    let widest = answers.reduce(0) { max($0, DisplayText.width($1.name)) }
    return ValueText.pairs(
      answers.map { answer in
        let word = DisplayText.padded(answer.isAllowed ? yes : no, to: max(yes.count, no.count))
        return (DisplayText.padded(answer.name, to: widest) + "  " + word, answer.reason)
      }, context.width, indent: "  ", isWhole: true)
  }

  private func json(_ explanation: AccessExplanation, _ record: String) -> JSONValue {
    func list(_ answers: [AccessExplanation.Answer]) -> JSONValue {
      .array(
        answers.map {
          .object([
            ("name", .string($0.name)), ("allowed", .bool($0.isAllowed)),
            ("reason", .string($0.reason)),
          ])
        })
    }
    return .object([
      ("user", explanation.principal.userID.map { .string($0) } ?? .null),
      ("roles", .array(explanation.principal.roles.sorted().map { .string($0) })),
      ("record", .string(record)), ("verbs", list(explanation.verbs)),
      ("fields", list(explanation.fields)), ("writes", list(explanation.writes)),
      ("nullPointers", .array(explanation.nulls.map { .string($0) })),
    ])
  }
}
