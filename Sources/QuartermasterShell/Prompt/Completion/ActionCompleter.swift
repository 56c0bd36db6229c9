internal import QuartermasterCEL
internal import QuartermasterCore

/// Completes a verb with its keys: `set bolts quan`, `advance order to: `, `create Product supplier: `.
struct ActionCompleter {
  let source: CompletionSource
  /// The line up to the cursor, from the verb on.
  let line: Substring
  /// The whole text up to the cursor, which ends with the line.
  let text: String

  /// What a value is.
  private enum Slot {
    /// A formula for a field, or for anything.
    case expression(FieldDefinition?)
    /// A formula that gives a record of one of these classes; nil for any.
    case records([ClassDefinition]?)
    /// Some words of those that are known.
    case words([String])
    /// Words with holes.
    case text
    /// `{field: value, …}` of a class.
    case fields(ClassDefinition?)
    /// A new name.
    case name
  }

  private var verb: String { String(line.prefix { !$0.isWhitespace }) }
  private var expressions: ExpressionCompleter { ExpressionCompleter(source: source) }

  /// Returns what the end of the line may become.
  func complete() -> Completion {
    let bytes = Array(line.utf8)
    var scanner = PromptGrammar.Scanner(bytes: bytes[...])
    scanner.skipSpaces()
    _ = scanner.word()
    var key = ""
    var target = ""
    while true {
      let start = scanner.place
      let range = scanner.value()
      let value = String(decoding: bytes[range], as: UTF8.self)
      if scanner.next == nil {
        let begun = String(decoding: bytes[start...], as: UTF8.self)
        // A key and its value are two words: behind the colon comes a space.
        guard begun.first?.isWhitespace == true else { return .none(at: text.utf8.count) }
        return self.value(
          String(begun.drop(while: \.isWhitespace)), of: key, target: key.isEmpty ? nil : target)
      }
      if key.isEmpty { target = value }
      guard let next = scanner.key() else { return .none(at: text.utf8.count) }
      key = String(decoding: bytes[next], as: UTF8.self)
    }
  }

  /// Completes a value, or the key behind it.
  private func value(_ begun: String, of key: String, target: String?) -> Completion {
    let slot = key.isEmpty ? targetSlot : slot(key, target ?? "")
    if case .text = slot, let hole = begun.ranges(of: "${").last,
      !begun[hole.upperBound...].contains("}")
    {
      return expressions.complete(String(begun[hole.upperBound...]), in: text)
    }
    // Of what comes behind a whole value only keys are known.
    let word = String(begun.reversed().prefix { !$0.isWhitespace }.reversed())
    let before = begun.dropLast(word.count)
    if !before.isEmpty, isWhole(String(before), slot) {
      return Completion(
        of: word, in: text, keys(target ?? String(before)).map { $0 + ":" }, ending: " ")
    }
    switch slot {
    case .name, .text: return .none(at: text.utf8.count)
    case .words(let words): return Completion(of: word, in: text, words, ending: " ")
    case .fields(let definition): return fields(begun, definition)
    case .records(let classes):
      var completer = expressions
      completer.targets = classes
      return completer.complete(begun, in: text)
    case .expression(let field):
      var completer = expressions
      completer.field = field
      return completer.complete(begun, in: text)
    }
  }

  /// Whether what stands before the last word is a value to which nothing needs to be added.
  private func isWhole(_ before: String, _ slot: Slot) -> Bool {
    switch slot {
    case .words, .text, .name: return true
    case .fields, .records, .expression:
      let tokens = CompletionToken.all(before)
      return tokens.openBrackets.isEmpty && tokens.last?.endsOperand == true
    }
  }

  // MARK: Slots

  private var targetSlot: Slot {
    switch verb {
    case "create", "ensure":
      return .words(source.schema.classes.filter { !$0.isSystem }.map(\.name))
    case "signal": return .words(source.schema.signals.keys.sorted())
    case "call": return .words(source.schema.calls.keys.sorted())
    case "notify":
      return .words(source.settings.groups.keys.sorted() + source.names.keys.sorted())
    case "reject": return .text
    case "advance":
      return .records(source.schema.classes.filter { $0.flowField != nil })
    default:
      guard let declared = source.schema.verbs[verb] else { return .records(nil) }
      return .records(declared.targets.compactMap { source.schema[$0] })
    }
  }

  private func slot(_ key: String, _ target: String) -> Slot {
    switch (verb, key) {
    case (_, "as"): return .name
    case (_, "when"), (_, "each"), (_, "once"): return .expression(nil)
    case ("notify", "message"), ("notify", "title"): return .text
    case ("notify", "by"): return .words(source.settings.channelNames.sorted())
    case ("advance", "to"):
      return .words(subject(target)?.flowField?.words ?? [])
    case (_, "match"), (_, "fields"): return .fields(subject(target))
    case ("signal", _): return slot(source.schema.signals[target]?.parameters, key)
    case ("call", _): return slot(source.schema.calls[target]?.parameters, key)
    default: break
    }
    if let declared = source.schema.verbs[verb] { return slot(declared.parameters, key) }
    return slot(of: subject(target)?[key])
  }

  private func slot(of field: FieldDefinition?) -> Slot {
    guard let field else { return .expression(nil) }
    if !field.words.isEmpty { return .words(field.words) }
    return field.type == .string ? .text : .expression(field)
  }

  private func slot(_ parameters: [ParameterDefinition]?, _ key: String) -> Slot {
    switch parameters?.first(where: { $0.name == key })?.type {
    case .pointer(let name)?: .records(source.schema[name].map { [$0] })
    case .string?: .text
    case .boolean?: .words(["true", "false"])
    default: .expression(nil)
    }
  }

  /// Returns the class that the fields of the action belong to.
  private func subject(_ target: String) -> ClassDefinition? {
    let name = target.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    switch verb {
    case "create", "ensure": return source.schema[name]
    default:
      let expression = PromptGrammar.qualified(name, source.schema)
      guard case .record(let found)? = expressions.type(of: expression)?.nonNull else { return nil }
      return source.schema[found]
    }
  }

  /// Completes `{field: value, …}`.
  private func fields(_ begun: String, _ definition: ClassDefinition?) -> Completion {
    guard begun.first == "{", let definition else {
      return Completion(of: begun, in: text, ["{"])
    }
    let tokens = CompletionToken.all(begun)
    let isInner = tokens.openBrackets.count > 1
    let comma = tokens.lastIndex { $0.text == "," && !isInner } ?? 0
    let part = begun.utf8.dropFirst(tokens[comma].range.upperBound)
    let bytes = Array(part)
    var scanner = PromptGrammar.Scanner(bytes: bytes[...])
    guard let key = scanner.key() else {
      let word = String(decoding: part, as: UTF8.self).drop(while: \.isWhitespace)
      return Completion(of: String(word), in: text, writable(definition), ending: " ")
    }
    let name = String(decoding: bytes[key], as: UTF8.self)
    let value = String(decoding: bytes[scanner.place...], as: UTF8.self)
      .drop(while: \.isWhitespace)
    if case .words(let words) = slot(of: definition[name]) {
      return Completion(of: String(value), in: text, words)
    }
    var completer = expressions
    completer.field = definition[name]
    return completer.complete(String(value), in: text)
  }

  // MARK: Keys

  private func writable(_ definition: ClassDefinition) -> [String] {
    definition.fields.filter(\.isWritable).map { $0.name + ":" }
  }

  /// Returns the keys that may stand behind a target, without those that were given.
  private func keys(_ target: String) -> [String] {
    let fields = subject(target)?.fields.filter(\.isWritable).map(\.name) ?? []
    let own: [String]
    switch verb {
    case "set": own = fields
    case "create": own = fields + ["as"]
    case "ensure": own = fields + ["match", "as"]
    case "advance": own = ["to"]
    case "notify": own = ["message", "title", "by"]
    case "signal": own = names(source.schema.signals[trimmed(target)]?.parameters)
    case "call": own = names(source.schema.calls[trimmed(target)]?.parameters)
    default:
      let declared = source.schema.verbs[verb]
      own = names(declared?.parameters) + (declared?.result == nil ? [] : ["as"])
    }
    return (own + ["each", "when"]).filter { !line.contains(" \($0): ") }
  }

  private func names(_ parameters: [ParameterDefinition]?) -> [String] {
    parameters?.map(\.name) ?? []
  }

  private func trimmed(_ target: String) -> String {
    target.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
