import QuartermasterCEL

extension RuleFileLoader {
  static let ruleKeys = [
    "rule", "description", "trigger", "let", "when", "action", "phase", "follows", "failure",
    "authority", "enabled",
  ]

  private enum PhaseWord: String, CaseIterable {
    case before, after, later
  }

  private enum FailureWord: String, CaseIterable {
    case stop, skip
  }

  private enum AuthorityWord: String, CaseIterable {
    case system, actor
  }

  private enum FlagWord: String, CaseIterable {
    case yes = "true"
    case no = "false"
  }

  /// Reads a rule; nil when it has no name.
  func rule(_ pairs: [(key: YAMLNode, value: YAMLNode)], _ item: YAMLNode) -> RuleSyntax? {
    let before = sink.errorCount
    let start = sink.items.count
    guard let name = scalar(of: item, "rule") else { return nil }
    _ = kebab(name, "a rule")
    reportUnknownKeys(pairs, known: Self.ruleKeys, of: "a rule")
    let description = scalar(of: item, "description")
    var trigger: TriggerSyntax?
    if let node = item["trigger"] {
      trigger = self.trigger(node)
    } else {
      sink.report(.missingKey("trigger", of: "the rule", Self.triggerHint, at: name.span))
    }
    let actions = actions(of: item, name.span)
    let phase = choice(of: item, "phase", PhaseWord.self)
    let failure = choice(of: item, "failure", FailureWord.self)
    let authority = choice(of: item, "authority", AuthorityWord.self)
    let lets = lets(of: item)
    let conditions = scalars(of: item, "when")
    let follows = scalars(of: item, "follows")
    let enabled = choice(of: item, "enabled", FlagWord.self)
    let isBroken = sink.errorCount > before
    if enabled == .no { sink.soften(from: start) }
    let place = pairs.first { $0.key.text == "rule" }?.key.span ?? name.span
    return RuleSyntax(
      name: name, span: place, description: description?.text, trigger: trigger, lets: lets,
      conditions: conditions, actions: actions,
      phase: phase == .before ? .before : phase == .later ? .later : .after,
      phaseSpan: item["phase"]?.span, follows: follows,
      failure: failure == .skip ? .skip : .stop,
      authority: authority == .actor ? .actor : .system,
      authoritySpan: item["authority"]?.span, isEnabled: enabled != .no, isBroken: isBroken)
  }

  private static let triggerHint = "say what wakes it, such as `saved: Order`"
  private static let actionHint = "say what it does"

  private func lets(of item: YAMLNode) -> [NamedSyntax] {
    guard let node = item["let"] else { return [] }
    guard let pairs = node.pairs else {
      sink.report(
        .notAMapping("let", "write `let:` with a line `name: formula` for each", at: node.span))
      return []
    }
    return pairs.compactMap { key, value in
      guard let name = scalar(key, "let"), let value = scalar(value, name.text) else { return nil }
      return NamedSyntax(name: name, value: value)
    }
  }

  private func actions(of item: YAMLNode, _ place: SourceSpan) -> [ActionSyntax] {
    guard let node = item["action"] else {
      sink.report(.missingKey("action", of: "the rule", Self.actionHint, at: place))
      return []
    }
    if node.items.isEmpty { sink.report(.nothingWritten("action", at: node.span)) }
    return node.items.compactMap { action($0, in: .rule) }
  }
}
