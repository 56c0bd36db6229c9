internal import QuartermasterCEL
internal import QuartermasterCore

/// Help at the prompt.
extension Repl {
  /// How the verbs of the language are written, what they do, and an example.
  private static let usage: [String: (form: String, meaning: String)] = [
    "set": ("set RECORD field: value …", "changes fields of a record"),
    "create": ("create CLASS field: value … as: NAME", "makes a record"),
    "ensure": (
      "ensure CLASS match: {field: value, …} field: value …",
      "finds a record by the fields of match, or makes it with both"
    ),
    "delete": ("delete RECORD", "deletes a record"),
    "advance": ("advance RECORD to: STATUS", "moves a status along its flow"),
    "notify": ("notify RECIPIENT message: words … title: words …", "tells somebody something"),
    "reject": ("reject words …", "refuses the operation; in rules only"),
    "signal": ("signal NAME field: value …", "raises a signal of the schema"),
    "call": ("call NAME argument: value …", "calls a function of the host, after the commit"),
  ]

  /// Returns the help on all, or on one verb, function or command.
  func help(_ word: String) throws -> String {
    if word.isEmpty { return overview }
    if let command = PromptCommand.named(word.hasPrefix(":") ? String(word.dropFirst()) : word),
      word.hasPrefix(":") || Self.usage[word] == nil
    {
      let form = command.form.isEmpty ? "" : " \(command.form)"
      return ":\(command.word)\(form)\n    \(command.meaning)\n"
        + (command.detail.isEmpty ? "" : indented(command.detail))
    }
    if let (form, meaning) = Self.usage[word] { return "\(form)\n    \(meaning)\n" }
    guard let verb = folder.project.schema.verbs[word] else {
      if let text = FunctionHelp.text(word) { return text }
      let known =
        Array(verbs) + PromptCommand.all.map(\.word)
        + FunctionHelp.words(CELEnvironment.quartermaster.libraries)
      let hint = Suggestion.closest(to: word, among: known).map { "; did you mean \($0)?" }
      throw CommandFailure(
        .usage, "there is no verb, function or command \(word)\(hint ?? "; :help lists them")")
    }
    let target =
      verb.targets.isEmpty ? "" : " " + verb.targets.joined(separator: " | ").uppercased()
    let given = verb.parameters.map { parameter in
      let text = "\(parameter.name): \(parameter.type.schemaName)"
      return parameter.isRequired ? text : "[\(text)]"
    }
    let form = ([word + target] + given).joined(separator: " ")
    let result = verb.result.map { "    gives a \($0)\n" } ?? ""
    return form + "\n" + result
  }

  /// The help on all.
  private var overview: String {
    var lines: [(String, String)] = [
      ("EXPRESSION", "shows its value: Product.filter(p, p.onHand <= p.reorderPoint)"),
      ("VERB …", "does it as one operation: set bolts quantity: 20"),
    ]
    lines += PromptCommand.all.map { command in
      (
        command.form.isEmpty ? ":\(command.word)" : ":\(command.word) \(command.form)",
        command.meaning
      )
    }
    let width = lines.reduce(0) { max($0, DisplayText.width($1.0)) } + 2
    let room = max(30, context.width - width)
    let text = lines.map { form, meaning in
      DisplayText.wrapped(meaning, to: room).enumerated().map { place, line in
        DisplayText.padded(place == 0 ? form : "", to: width) + line + "\n"
      }.joined()
    }.joined()
    let verbs = "verbs: \(verbs.sorted().joined(separator: ", "))"
    return text + DisplayText.wrapped(verbs, to: context.width).map { $0 + "\n" }.joined()
  }

  private func indented(_ text: String) -> String {
    DisplayText.wrapped(text, to: max(30, context.width - 4)).map { "    \($0)\n" }.joined()
  }
}
