internal import QuartermasterCEL
internal import QuartermasterCore

/// Completes an expression that is being typed: fields by the type of what stands before the dot, statuses inside
/// quotes, ids of records, names and functions.
struct ExpressionCompleter {
  let source: CompletionSource
  /// The field that the value is for, if it is for one.
  var field: FieldDefinition?
  /// The classes whose records may stand here; nil for anything.
  var targets: [ClassDefinition]?

  /// Returns what the end of an expression may become.
  ///
  /// - Parameters:
  ///   - expression: The expression up to the cursor.
  ///   - text: The whole text up to the cursor, which ends with the expression.
  /// - Returns: The candidates.
  func complete(_ expression: String, in text: String) -> Completion {
    if let (definition, id) = recordName(expression) {
      return Completion(of: id, in: text, source.ids([definition], id))
    }
    let tokens = CompletionToken.all(PromptGrammar.qualified(expression, source.schema))
    guard let last = tokens.last else { return names("", [:], in: text) }
    if case .string(isOpen: true) = last.kind {
      return words(Array(tokens.dropLast()), quoted: last.text, in: text)
    }
    let touches = !(expression.last?.isWhitespace ?? true)
    let word = touches && last.kind == .name ? last.text : ""
    let before = word.isEmpty ? tokens : Array(tokens.dropLast())
    if let dot = before.last, dot.text == ".", touches {
      return members(Array(before.dropLast()), word, in: text)
    }
    // Behind a whole value comes an operator, which nobody needs to be helped with.
    if let end = before.last, end.endsOperand { return .none(at: text.utf8.count) }
    if touches && last.kind == .number { return .none(at: text.utf8.count) }
    return names(word, scope(tokens), in: text)
  }

  /// Returns the type of an expression that is whole; nil when it has none.
  func type(of text: String, _ variables: [String: CELType] = [:]) -> CELType? {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = source.schema
    environment.checksNull = false
    environment.declare(VariableDeclaration("now", .timestamp))
    for (name, type) in variables { environment.declare(VariableDeclaration(name, type)) }
    guard let parsed = try? environment.parse(ExprSource(text)) else { return nil }
    var free: Set<String> = []
    parsed.root.collectFreeNames(into: &free)
    for name in free
    where environment.variables[name] == nil && source.schema[name] == nil {
      guard let found = source.recordClass(name) else { continue }
      environment.declare(VariableDeclaration(name, .record(found)))
    }
    return try? environment.check(parsed).type
  }

  // MARK: Records by name

  /// Returns the class and the begun id of a text that ends with `Product/bo`.
  private func recordName(_ expression: String) -> (ClassDefinition, String)? {
    let scalars = Array(expression.unicodeScalars)
    var start = scalars.count
    while start > 0, PromptGrammar.isIDScalar(scalars[start - 1]) { start -= 1 }
    guard start > 0, scalars[start - 1] == "/" else { return nil }
    var name = start - 1
    while name > 0, PromptGrammar.isIDScalar(scalars[name - 1]) { name -= 1 }
    func text(_ range: Range<Int>) -> String {
      String(String.UnicodeScalarView(scalars[range]))
    }
    return source.schema[text(name..<start - 1)].map { ($0, text(start..<scalars.count)) }
  }

  // MARK: Texts in quotes

  /// Completes a text in quotes by what it is compared with: statuses, other texts that are allowed, ids of a class.
  private func words(
    _ before: [CompletionToken], quoted: String, in text: String
  ) -> Completion {
    let word = String(quoted.dropFirst())
    let quote = String(quoted.prefix(1))
    guard let last = before.last else { return .none(at: text.utf8.count) }
    var end = before.count - 1
    if last.text == "[" || last.text == ",", let open = before.openBrackets.last,
      before[open].text == "[", open > 0
    {
      if last.text == "[", let definition = source.schema[before[open - 1].text] {
        return Completion(of: word, in: text, source.ids([definition], word), ending: quote)
      }
      end = open - 1
    }
    guard ["==", "!=", "in"].contains(before[end].text), end > 0,
      let field = fieldDefinition(Array(before[..<end]))
    else { return .none(at: text.utf8.count) }
    return Completion(of: word, in: text, field.words, ending: quote)
  }

  /// Returns the field that a chain at the end of some tokens selects.
  private func fieldDefinition(_ tokens: [CompletionToken]) -> FieldDefinition? {
    let last = tokens.count - 1
    guard last > 1, tokens[last].kind == .name, tokens[last - 1].text == ".",
      case .record(let name)? = receiver(Array(tokens[..<(last - 1)]))
    else { return nil }
    return source.schema[name]?[tokens[last].text]
  }

  // MARK: Members

  /// Returns the type of the value that ends some tokens, without null.
  private func receiver(_ tokens: [CompletionToken]) -> CELType? {
    guard let start = tokens.chainStart(endingAt: tokens.count - 1) else { return nil }
    let chain = tokens[start...].map(\.text).joined(separator: " ")
    return type(of: chain, scope(Array(tokens[..<start])))?.nonNull
  }

  private func members(_ before: [CompletionToken], _ word: String, in text: String) -> Completion {
    var found: [String] = []
    let libraries = CELEnvironment.quartermaster.libraries
    switch receiver(before) {
    case .record(let name):
      let secrets = source.schema[name]?.fields.filter(\.isSecret).map(\.name) ?? []
      found = (source.schema[name]?.recordType.fields.keys).map(Array.init) ?? []
      found.removeAll { secrets.contains($0) }
    case let type? where type != .error && type != .dyn:
      found = FunctionHelp.methods(of: type, libraries).map { $0 + "(" }
    default:
      // A namespace, such as math.
      guard let name = before.last, name.kind == .name else { break }
      found = FunctionHelp.functions(libraries)
        .filter { $0.hasPrefix(name.text + ".") }
        .map { $0.dropFirst(name.text.count + 1) + "(" }
    }
    return Completion(of: word, in: text, found)
  }

  /// Returns the variables of the macros that are open at the end of some tokens, with their types.
  private func scope(_ tokens: [CompletionToken]) -> [String: CELType] {
    var variables: [String: CELType] = [:]
    for open in tokens.openBrackets where tokens[open].text == "(" && open > 2 {
      guard tokens[open - 2].text == ".", tokens[open - 1].kind == .name,
        let start = tokens.chainStart(endingAt: open - 3)
      else { continue }
      let names = Self.variables(tokens[(open + 1)...])
      if names.isEmpty { continue }
      let chain = tokens[start...(open - 3)].map(\.text).joined(separator: " ")
      switch type(of: chain, variables)?.nonNull {
      case .list(let element):
        variables[names[names.count - 1]] = element
        if names.count > 1 { variables[names[0]] = .int }
      case .map(let key, let value):
        variables[names[0]] = key
        if names.count > 1 { variables[names[1]] = value }
      default: for name in names { variables[name] = .dyn }
      }
    }
    return variables
  }

  /// Returns the names with which the arguments of a macro begin: `p` of `p, p.onHand`, `k` and `v` of `k, v, v > 1`.
  private static func variables(_ arguments: ArraySlice<CompletionToken>) -> [String] {
    let first = Array(arguments.prefix(4))
    guard first.count > 1, first[0].kind == .name, first[1].text == "," else { return [] }
    guard first.count > 3, first[2].kind == .name, first[3].text == "," else {
      return [first[0].text]
    }
    return [first[0].text, first[2].text]
  }

  // MARK: Names

  private func names(_ word: String, _ variables: [String: CELType], in text: String) -> Completion
  {
    if let field, field.type == .boolean, variables.isEmpty {
      return Completion(of: word, in: text, ["true", "false"])
    }
    let wanted = targets ?? field?.target.flatMap { source.schema[$0] }.map { [$0] }
    if let wanted, variables.isEmpty {
      let named = source.names.filter { entry in wanted.contains { $0.name == entry.value } }
      return Completion(
        of: word, in: text,
        named.map(\.key) + wanted.map(\.name) + bareIDs(wanted, word))
    }
    var found = Array(variables.keys) + Array(source.names.keys)
    found += source.schema.classes.map(\.name) + ["now"]
    if !word.isEmpty {
      let libraries = CELEnvironment.quartermaster.libraries
      let functions = FunctionHelp.functions(libraries)
      found += functions.filter { !$0.contains(".") }.map { $0 + "(" }
      found += functions.compactMap { name in name.firstIndex(of: ".").map { name[...$0] + "" } }
      found += ["true", "false", "null"]
      if variables.isEmpty { found += bareIDs(source.schema.classes, word) }
    }
    return Completion(of: word, in: text, found)
  }

  /// Returns the ids that are names in an expression; others are written `CLASS/ID`.
  private func bareIDs(_ classes: [ClassDefinition], _ word: String) -> [String] {
    source.ids(classes, word).filter { id in
      id.utf8.first.map { $0 < 48 || $0 > 57 } == true
        && id.utf8.allSatisfy(PromptGrammar.Scanner.isName)
    }
  }
}

extension FieldDefinition {
  /// The words that its values may be; none where any text is allowed.
  var words: [String] { flow?.states ?? allowed ?? [] }
}
