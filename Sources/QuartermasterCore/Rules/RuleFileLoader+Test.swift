import QuartermasterCEL

extension RuleFileLoader {
  private static let testKeys = ["test", "now", "given", "do", "expect"]
  private static let expectationKeys = [
    "fired", "quiet", "notified", "rejected", "called", "denied",
  ]

  /// Reads a test; nil when it has no title.
  func test(_ pairs: [(key: YAMLNode, value: YAMLNode)], _ item: YAMLNode) -> TestSyntax? {
    guard let title = scalar(of: item, "test") else { return nil }
    reportUnknownKeys(pairs, known: Self.testKeys, of: "a test")
    var now: Timestamp?
    if let scalar = scalar(of: item, "now") {
      now = Timestamp(scalar.text)
      if now == nil { sink.report(.notATimestamp(scalar.text, at: scalar.span)) }
    }
    if item["do"] == nil, item["expect"] == nil {
      sink.report(.missingKey("expect", of: "the test", "say what must hold", at: title.span))
    }
    return TestSyntax(
      title: title, now: now, fixtures: fixtures(of: item),
      steps: item["do"]?.items.compactMap { step($0, inside: false) } ?? [],
      expectations: item["expect"].map { expectations($0) } ?? [])
  }

  private func fixtures(of item: YAMLNode) -> [FixtureSyntax] {
    guard let node = item["given"] else { return [] }
    var result: [FixtureSyntax] = []
    guard let classes = node.pairs else {
      sink.report(.notAMapping("given", Self.givenHint, at: node.span))
      return []
    }
    for (className, records) in classes {
      guard let className = scalar(className, "given") else { continue }
      guard let rows = records.pairs else {
        sink.report(.notAMapping(className.text, Self.givenHint, at: records.span))
        continue
      }
      for (id, fields) in rows {
        guard let id = scalar(id, className.text) else { continue }
        var slots: [SlotSyntax] = []
        switch fields.kind {
        case .empty: break
        case .mapping(let pairs): slots = pairs.compactMap { slot($0.key, $0.value) }
        default:
          sink.report(
            .notAMapping(id.text, "it holds a line `field: value` for each", at: fields.span))
        }
        result.append(FixtureSyntax(className: className, id: id, slots: slots))
      }
    }
    return result
  }

  private static let givenHint = "write the class, below it the ids, and below those the fields"

  private func step(_ node: YAMLNode, inside isTogether: Bool) -> StepSyntax? {
    guard let pairs = node.pairs, let first = pairs.first, let word = first.key.text else {
      sink.report(.notAStep(at: node.span))
      return nil
    }
    switch word {
    case "wait", "together", "expect":
      if isTogether {
        sink.report(.notTogether(word, at: first.key.span))
        return nil
      }
      reportUnknownKeys(
        pairs, known: word == "expect" ? [word, "actor"] : [word], of: "`\(word)`")
    default: return action(node, in: .test).map { .act($0) }
    }
    switch word {
    case "wait": return duration(of: node, "wait").map { .wait($0) }
    case "together":
      if first.value.items.isEmpty { sink.report(.nothingWritten(word, at: first.value.span)) }
      return .together(
        first.value.items.compactMap { step($0, inside: true) }, first.key.span)
    default: return .expect(expectations(first.value), actor: scalar(of: node, "actor"))
    }
  }

  private func expectations(_ node: YAMLNode) -> [ExpectationSyntax] {
    if node.items.isEmpty { sink.report(.nothingWritten("expect", at: node.span)) }
    return node.items.compactMap { expectation($0) }
  }

  private func expectation(_ node: YAMLNode) -> ExpectationSyntax? {
    guard let pairs = node.pairs, let first = pairs.first else {
      return scalar(node, "expect").map { .expression($0) }
    }
    let word = first.key.text ?? ""
    guard Self.expectationKeys.contains(word) else {
      sink.report(.unknownExpectation(word, known: Self.expectationKeys, at: first.key.span))
      return nil
    }
    let known = word == "notified" ? [word, "message"] : [word]
    reportUnknownKeys(pairs, known: known, of: "`\(word)`")
    guard let value = scalar(first.value, word) else { return nil }
    switch word {
    case "fired": return .fired(value)
    case "quiet": return .quiet(value)
    case "notified": return .notified(value, message: scalar(of: node, "message"))
    case "rejected": return .rejected(value)
    case "called": return .called(value)
    default: return .denied(value)
    }
  }
}
