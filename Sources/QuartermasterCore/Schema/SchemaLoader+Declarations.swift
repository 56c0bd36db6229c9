internal import QuartermasterCEL

extension SchemaLoader {
  /// The verbs that every rule may use, and the keys that stand beside a verb.
  private static let ownVerbs: Set<String> = [
    "set", "create", "ensure", "delete", "advance", "notify", "reject", "signal", "call",
  ]
  private static let actionKeys: Set<String> = [
    "each", "when", "as", "once", "within", "match", "fields", "to", "message", "title", "by",
    "wait", "together", "expect", "actor",
  ]
  /// The keys that any verb may have beside it, so that no argument can be called like one of them.
  private static let controlKeys: Set<String> = [
    "each", "when", "as", "once", "within", "fields", "actor",
  ]

  /// Reads `close-day: {bin: Bin}`.
  func readSignals(_ node: YAMLNode?) -> [String: SignalDefinition] {
    var signals: [String: SignalDefinition] = [:]
    for (name, value, _) in declarations(node, "signals", "a signal", isValid: Self.isDashedName) {
      signals[name] = SignalDefinition(
        name: name, parameters: parameters(value, "the payload of a signal", reserved: []))
    }
    return signals
  }

  /// Reads what the host adds to the verbs.
  func readVerbs(_ node: YAMLNode?) -> [String: VerbDefinition] {
    var verbs: [String: VerbDefinition] = [:]
    for (name, value, span) in declarations(node, "verbs", "a verb", isValid: Self.isDashedName) {
      if Self.ownVerbs.contains(name) || Self.actionKeys.contains(name) {
        report(.schemaVerbTaken(name, at: span))
      }
      let options = self.options(
        of: value, known: ["target", "arguments", "result", "directions"], what: "a verb")
      let targets = options["target"].map { texts($0, "the name of a class") } ?? []
      let result = options["result"].flatMap { node in
        text(node, "the name of a class").map { (text: $0, span: node.span) }
      }
      for (text, span) in targets + (result.map { [$0] } ?? []) where self[text] == nil {
        report(.schemaUnknownClass(text, classes: classes.map(\.name), at: span))
      }
      verbs[name] = VerbDefinition(
        name: name, targets: targets.map(\.text),
        parameters: arguments(options["arguments"], of: name, reserved: Self.controlKeys),
        result: result?.text, directions: directions(options["directions"]))
    }
    return verbs
  }

  /// Reads what the host adds to the functions of expressions.
  func readFunctions(_ node: YAMLNode?) -> [String: CallDefinition] {
    var functions: [String: CallDefinition] = [:]
    let found = declarations(node, "functions", "a function", isValid: Self.isIdentifier)
    for (name, value, span) in found {
      if !Self.environment.overloads(of: name).isEmpty
        || Self.environment.libraries.contains(where: { $0.macros.contains(name) })
        || Self.reservedRecordNames.contains(name)
      {
        report(.schemaFunctionTaken(name, at: span))
      }
      let options = self.options(of: value, known: ["arguments", "result"], what: "a function")
      let result = options["result"].flatMap { type($0) }
      if options["result"] == nil { report(.schemaFunctionResult(name, at: span)) }
      functions[name] = CallDefinition(
        name: name, parameters: arguments(options["arguments"], of: name, reserved: []),
        result: result)
    }
    return functions
  }

  /// Reads what `call` may name.
  func readCalls(_ node: YAMLNode?) -> [String: CallDefinition] {
    var calls: [String: CallDefinition] = [:]
    for (name, value, _) in declarations(node, "calls", "a call", isValid: Self.isDashedName) {
      let options = self.options(of: value, known: ["arguments"], what: "a call")
      calls[name] = CallDefinition(
        name: name,
        parameters: arguments(options["arguments"], of: name, reserved: Self.controlKeys),
        result: nil)
    }
    return calls
  }

  private func declarations(
    _ node: YAMLNode?, _ section: String, _ what: String, isValid: (String) -> Bool
  ) -> [(name: String, value: YAMLNode, span: SourceSpan)] {
    guard let node, let pairs = mapping(node, "`\(section)`") else { return [] }
    return pairs.compactMap { pair in
      guard let name = pair.key.text else { return nil }
      guard isValid(name) else {
        report(.schemaBadName(name, what: what, at: pair.key.span))
        return nil
      }
      return (name, pair.value, pair.key.span)
    }
  }

  private func arguments(
    _ node: YAMLNode?, of name: String, reserved: Set<String>
  ) -> [ParameterDefinition] {
    guard let node else { return [] }
    return parameters(node, "the arguments of `\(name)`", reserved: reserved)
  }

  /// Reads `{quantity: Integer, by: {type: Date, required: false}}`.
  private func parameters(
    _ node: YAMLNode, _ what: String, reserved: Set<String>
  ) -> [ParameterDefinition] {
    guard let pairs = mapping(node, what) else { return [] }
    var parameters: [ParameterDefinition] = []
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if !Self.isIdentifier(name) {
        report(.schemaBadName(name, what: "an argument", at: pair.key.span))
      } else if reserved.contains(name) || Self.ownVerbs.contains(name) && !reserved.isEmpty {
        report(.schemaArgumentTaken(name, at: pair.key.span))
      }
      var isRequired = true
      var type: FieldType?
      if let typeNode = pair.value["type"], pair.value["required"] != nil {
        let options = self.options(
          of: pair.value, known: ["type", "scale", "of", "required"], what: "an argument")
        isRequired = options["required"].map { flag($0) } ?? true
        type = text(typeNode, "the name of a type").flatMap {
          self.type(named: $0, scale: options["scale"], of: options["of"], at: typeNode.span)
        }
      } else {
        type = self.type(pair.value)
      }
      guard let type else { continue }
      parameters.append(ParameterDefinition(name: name, type: type, isRequired: isRequired))
    }
    return parameters
  }

  /// Reads `{Product.onOrder: up}`.
  private func directions(_ node: YAMLNode?) -> [String: Int] {
    guard let node, let pairs = mapping(node, "directions") else { return [:] }
    var directions: [String: Int] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if parts.count != 2 {
        report(.needs(area, "a field such as Product.onOrder", at: pair.key.span))
      } else if let draft = self[parts[0]] {
        if draft[parts[1]] == nil {
          report(.schemaUnknownField(parts[1], of: draft, at: pair.key.span))
        }
      } else {
        report(.schemaUnknownClass(parts[0], classes: classes.map(\.name), at: pair.key.span))
      }
      switch pair.value.text {
      case "up": directions[name] = 1
      case "down": directions[name] = -1
      case "same": directions[name] = 0
      default: report(.needs(area, "up, down or same", at: pair.value.span))
      }
    }
    return directions
  }
}
