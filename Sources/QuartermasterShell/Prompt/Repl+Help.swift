internal import QuartermasterCEL
internal import QuartermasterCore

/// Help and completion at the prompt.
extension Repl {
  /// How the verbs of the language are written, by their words.
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

  private static let lines: [(String, String)] = [
    ("EXPRESSION", "shows its value: Product.filter(p, p.onHand <= p.reorderPoint)"),
    ("VERB …", "does it as one operation: set bolts quantity: 20"),
    (":rules [NAME]", "lists the rules, or shows one"),
    (":why CLASS/ID[.field]", "says why a record is as it is"),
    (":why-not RULE CLASS/ID", "says what stopped a rule for a record"),
    (":log [CLASS/ID]", "lists the last operations"),
    (":refused", "lists what was refused"),
    (":clock [+2d]", "shows the time, or moves it (in a sandbox)"),
    (":sandbox", "works on a copy; typed again, or at the end, all is undone"),
    (":as User/ID", "sets who acts; :as system takes it back"),
    (":names", "lists the names that `as:` gave"),
    (":explain EXPRESSION", "says which part runs as which SQL"),
    (":load FILE", "runs the lines of a file"),
    (":help [VERB]", "this, or how a verb is written"),
    (":quit", "ends"),
  ]

  /// Returns the help on all, or on one verb.
  func help(_ word: String) throws -> String {
    if word.isEmpty {
      let width = Self.lines.reduce(0) { max($0, DisplayText.width($1.0)) } + 2
      let room = max(30, context.width - width)
      let text = Self.lines.map { form, meaning in
        DisplayText.wrapped(meaning, to: room).enumerated().map { place, line in
          DisplayText.padded(place == 0 ? form : "", to: width) + line + "\n"
        }.joined()
      }.joined()
      return text + "verbs: \(verbs.sorted().joined(separator: ", "))\n"
    }
    if let (form, meaning) = Self.usage[word] { return "\(form)\n    \(meaning)\n" }
    guard let verb = folder.project.schema.verbs[word] else {
      let hint = Suggestion.closest(to: word, among: Array(verbs)).map { "; did you mean \($0)?" }
      throw CommandFailure(.usage, "there is no verb \(word)\(hint ?? "")")
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

  /// Returns what a word that was begun may become.
  ///
  /// - Parameters:
  ///   - word: What stands before the cursor, without what ends a word.
  ///   - line: The line up to the cursor.
  /// - Returns: Whole words, in order.
  public func completions(of word: String, in line: String) -> [String] {
    let schema = folder.project.schema
    var candidates: [String] = []
    let before = line.dropLast(word.count)
    if before.hasSuffix(":") && before.count == 1 {
      candidates = Self.commands
    } else if line.hasPrefix(":rules ") || before == ":why-not " {
      candidates = rules.ruleSet.rules.map(\.name)
    } else if let dot = word.lastIndex(of: ".") {
      // Which class the name is of is not known before the line is whole: the fields of all are offered.
      let head = word[...dot]
      let fields = Set(schema.classes.flatMap { $0.recordType.fields.keys })
      candidates = fields.map { head + $0 }
    } else {
      if before.allSatisfy(\.isWhitespace) { candidates += verbs }
      candidates += schema.classes.map(\.name)
      candidates += schema.classes.map(\.variable)
      candidates += names.keys
      if !before.allSatisfy(\.isWhitespace) {
        candidates += Set(schema.classes.flatMap { $0.fields.map { $0.name + ":" } })
        candidates += ["as:", "each:", "when:", "to:", "message:"]
      }
    }
    return Set(candidates).filter { $0.hasPrefix(word) }.sorted()
  }
}
