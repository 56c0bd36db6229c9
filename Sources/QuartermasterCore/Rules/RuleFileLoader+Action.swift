import QuartermasterCEL

/// Where an action stands: some keys are for rules or for tests alone.
enum ActionPlace: Sendable {
  case rule, test
}

extension RuleFileLoader {
  /// The verbs of the language, as its grammar lists them.
  static let verbs = [
    "set", "create", "ensure", "delete", "advance", "notify", "reject", "signal", "call",
  ]
  static let controls = ["each", "when", "as", "once", "within"]
  private static let own: [String: [String]] = [
    "ensure": ["match"], "advance": ["to"], "notify": ["message", "title", "by"],
  ]
  private static let withFields: Set<String> = ["set", "create", "ensure", "signal", "call"]

  /// Reads an action; nil when its verb is unknown or lacks what it cannot do without.
  func action(_ node: YAMLNode, in place: ActionPlace) -> ActionSyntax? {
    guard let pairs = node.pairs, let first = pairs.first, let word = first.key.text else {
      sink.report(.notAnAction(at: node.span))
      return nil
    }
    guard Self.verbs.contains(word) || schema.verbs[word] != nil else {
      let later = pairs.dropFirst().first {
        Self.verbs.contains($0.key.text ?? "") || schema.verbs[$0.key.text ?? ""] != nil
      }
      if Self.controls.contains(word) || Self.own.values.contains(where: { $0.contains(word) }),
        let later
      {
        sink.report(.verbNotFirst(later.key.text ?? "", before: word, at: later.key.span))
      } else {
        let known = Self.verbs + schema.verbs.keys.sorted()
        sink.report(.unknownVerb(word, known: known, at: first.key.span))
      }
      return nil
    }
    var controls = Self.controls
    if place == .test { controls.append("actor") }
    guard let verb = verb(word, first.value, pairs, node, controls) else { return nil }
    if place == .test {
      for key in ["once", "within"] {
        if let value = node[key] { sink.report(.notInTests(key, at: value.span)) }
      }
      if case .reject(let text) = verb { sink.report(.notInTests("reject", at: text.span)) }
    }
    if let value = node["within"], node["once"] == nil {
      sink.report(.withinWithoutOnce(at: value.span))
    }
    return ActionSyntax(
      verb: verb, span: first.key.span, each: scalar(of: node, "each"),
      conditions: conditions(of: node), result: self.word(of: node, "as"),
      once: scalar(of: node, "once"), within: duration(of: node, "within"),
      actor: place == .test ? scalar(of: node, "actor") : nil)
  }

  /// The grammar takes one condition; a list is so natural after the `when` of a rule that the way out is said.
  private func conditions(of node: YAMLNode) -> [ScalarSyntax] {
    guard let value = node["when"] else { return [] }
    if case .sequence = value.kind {
      sink.report(.listOfActionConditions(at: value.span))
      return []
    }
    return scalar(value, "when").map { [$0] } ?? []
  }

  private func verb(
    _ word: String, _ target: YAMLNode, _ pairs: [(key: YAMLNode, value: YAMLNode)],
    _ node: YAMLNode, _ controls: [String]
  ) -> ActionSyntax.Verb? {
    if let host = schema.verbs[word], !Self.verbs.contains(word) {
      let slots = slots(pairs, except: controls)
      if case .empty = target.kind { return .host(host, target: nil, slots) }
      return scalar(target, word).map { .host(host, target: $0, slots) }
    }
    let own = Self.own[word] ?? []
    if word == "notify" {
      reportUnknownKeys(
        Array(pairs.dropFirst()), known: own + controls, of: "`notify`")
      return notice(target, node)
    }
    guard let scalar = scalar(target, word) else { return nil }
    guard Self.withFields.contains(word) else {
      reportUnknownKeys(Array(pairs.dropFirst()), known: own + controls, of: "`\(word)`")
      switch word {
      case "delete": return .delete(scalar)
      case "reject": return .reject(scalar)
      default:
        guard node["to"] != nil else {
          sink.report(.missingKey("to", of: "`advance`", "name the status", at: scalar.span))
          return nil
        }
        return self.word(of: node, "to").map { .advance(scalar, to: $0) }
      }
    }
    let slots = slots(pairs, except: own + controls)
    switch word {
    case "set":
      if slots.isEmpty, pairs.count == 1 { sink.report(.setWithoutFields(at: scalar.span)) }
      return .set(target: scalar, slots)
    case "create": return self.word(scalar, word).map { .create($0, slots) }
    case "signal": return self.word(scalar, word).map { .signal($0, slots) }
    case "call": return self.word(scalar, word).map { .call($0, slots) }
    default:
      guard let match = node["match"], let matched = match.pairs, !matched.isEmpty else {
        sink.report(
          .missingKey("match", of: "`ensure`", "name the fields to find it by", at: scalar.span))
        return nil
      }
      let found = matched.compactMap { slot($0.key, $0.value) }
      return self.word(scalar, word).map { .ensure($0, match: found, slots) }
    }
  }

  private func notice(_ target: YAMLNode, _ node: YAMLNode) -> ActionSyntax.Verb? {
    let recipients = target.items.compactMap { scalar($0, "notify") }
    if target.items.isEmpty { sink.report(.nothingWritten("notify", at: target.span)) }
    guard node["message"] != nil else {
      sink.report(.missingKey("message", of: "`notify`", "say what to tell", at: target.span))
      return nil
    }
    let channels = scalars(of: node, "by").compactMap { word($0, "by") }
    guard let message = scalar(of: node, "message"), !recipients.isEmpty else { return nil }
    return .notify(
      ActionSyntax.Notice(
        recipients: recipients, message: message, title: scalar(of: node, "title"),
        channels: channels))
  }

  /// Reads the fields of an action: all keys but the verb and its own, and those under `fields:`.
  private func slots(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], except: [String]
  ) -> [SlotSyntax] {
    var result: [SlotSyntax] = []
    for (key, value) in pairs.dropFirst() {
      guard let text = key.text, !except.contains(text) else { continue }
      if text == "fields" {
        if let inner = value.pairs {
          result += inner.compactMap { slot($0.key, $0.value) }
          continue
        }
        sink.report(
          .notAMapping("fields", "it holds a line `name: value` for each field", at: value.span))
        continue
      }
      if let slot = slot(key, value) { result.append(slot) }
    }
    var places: [String: SourceSpan] = [:]
    for slot in result {
      if let first = places[slot.name.text] {
        sink.report(.duplicateField(slot.name.text, at: slot.name.span, first: first))
      } else {
        places[slot.name.text] = slot.name.span
      }
    }
    return result
  }

  /// Reads a field and what is assigned to it.
  ///
  /// A list or a map of YAML is a formula that lost its brackets.
  func slot(_ key: YAMLNode, _ value: YAMLNode) -> SlotSyntax? {
    guard let name = scalar(key, "field") else { return nil }
    switch value.kind {
    case .sequence, .mapping:
      sink.report(.formulaReadAsYAML(name.text, value, at: value.span))
      return nil
    default: return scalar(value, name.text).map { SlotSyntax(name: name, value: $0) }
    }
  }
}
