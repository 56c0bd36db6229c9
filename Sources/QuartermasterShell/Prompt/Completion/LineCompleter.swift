internal import QuartermasterCEL
internal import QuartermasterCore

/// Completes a line of the prompt: commands and what they take, verbs and their keys, expressions.
///
/// A function of the text, the cursor and a ``CompletionSource``; no terminal is asked.
struct LineCompleter {
  let source: CompletionSource

  /// Returns what the word before a cursor may become.
  ///
  /// - Parameters:
  ///   - text: What was typed, lines that wait for their end included.
  ///   - cursor: Where the cursor stands, in bytes of UTF-8; nil for the end.
  /// - Returns: The candidates, none where nothing is known.
  func complete(_ text: String, at cursor: Int? = nil) -> Completion {
    let typed = cursor.map { String(decoding: text.utf8.prefix($0), as: UTF8.self) } ?? text
    let start = typed.utf8.firstIndex { $0 != 32 && $0 != 9 } ?? typed.endIndex
    if typed[start...].utf8.first == UInt8(ascii: ":") { return command(typed, typed[start...]) }
    return line(typed[start...], in: typed)
  }

  private var expressions: ExpressionCompleter { ExpressionCompleter(source: source) }

  private func line(_ line: Substring, in text: String) -> Completion {
    let word = line.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    if word.endIndex == line.endIndex {
      let names = expressions.complete(String(line), in: text).candidates
      let verbs = source.verbs.filter { UTF8Text.starts($0, with: String(line)) }
      let isVerb = names.isEmpty || names.allSatisfy { verbs.contains($0) }
      return Completion(
        of: String(line), in: text, names + verbs, ending: isVerb ? " " : "")
    }
    guard source.verbs.contains(String(word)), line[word.endIndex].isWhitespace else {
      return expressions.complete(String(line), in: text)
    }
    return ActionCompleter(source: source, line: line, text: text).complete()
  }

  // MARK: Commands

  private func command(_ text: String, _ line: Substring) -> Completion {
    let line = line.dropFirst()
    let word = line.prefix { !$0.isWhitespace }
    guard word.endIndex < line.endIndex else {
      return Completion(
        of: String(word), in: text, PromptCommand.all.map(\.word), ending: " ")
    }
    guard let command = PromptCommand.named(String(word)) else {
      return .none(at: text.utf8.count)
    }
    let rest = line[word.endIndex...].drop(while: \.isWhitespace)
    var takes = command.takes[...]
    var begun = rest
    // Arguments are words; an expression, a line or a path goes on to the end.
    while takes.count > 1, let space = begun.firstIndex(where: \.isWhitespace) {
      takes = takes.dropFirst()
      begun = begun[space...].drop(while: \.isWhitespace)
    }
    guard let argument = takes.first else { return .none(at: text.utf8.count) }
    return complete(String(begun), as: argument, isLast: takes.count == 1, in: text)
  }

  private func complete(
    _ begun: String, as argument: PromptCommand.Argument, isLast: Bool, in text: String
  ) -> Completion {
    let ending = isLast ? "" : " "
    switch argument {
    case .rule: return Completion(of: begun, in: text, source.rules, ending: ending)
    case .className:
      return Completion(of: begun, in: text, source.schema.classes.map(\.name), ending: ending)
    case .word(let words): return Completion(of: begun, in: text, words, ending: ending)
    case .file: return Completion(of: begun, in: text, source.files(begun))
    case .topic:
      let topics =
        PromptCommand.all.map(\.word) + source.verbs
        + FunctionHelp.words(CELEnvironment.quartermaster.libraries)
      return Completion(of: begun, in: text, topics)
    case .line: return line(Substring(begun), in: text)
    case .expression: return expressions.complete(begun, in: text)
    case .record(let className): return record(begun, className, in: text)
    }
  }

  /// Completes `Product/bolt` or a name of the prompt, with a field behind it.
  private func record(_ begun: String, _ className: String?, in text: String) -> Completion {
    let classes = source.schema.classes.filter { className == nil || $0.name == className }
    if let slash = begun.firstIndex(of: "/") {
      guard let definition = classes.first(where: { $0.name == begun[..<slash] }) else {
        return .none(at: text.utf8.count)
      }
      let id = String(begun[begun.index(after: slash)...])
      if let dot = id.lastIndex(of: ".") {
        return Completion(
          of: String(id[id.index(after: dot)...]), in: text, definition.fields.map(\.name))
      }
      return Completion(of: id, in: text, source.ids([definition], id))
    }
    let names = source.names.filter { entry in classes.contains { $0.name == entry.value } }
    let ids = begun.isEmpty ? [] : source.ids(classes, begun)
    return Completion(of: begun, in: text, classes.map { $0.name + "/" } + names.map(\.key) + ids)
  }
}
