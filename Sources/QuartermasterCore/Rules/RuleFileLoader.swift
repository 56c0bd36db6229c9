import QuartermasterCEL

/// Reads rule files into their syntax: keys, shapes, names and durations are checked here; formulas are not.
///
/// Nothing stops it: what is wrong is reported, and the rest of the file is read.
struct RuleFileLoader {
  /// What the verbs of the host are taken from.
  let schema: Schema
  /// Where mistakes go.
  let sink: DiagnosticSink
  /// What was read so far.
  private(set) var result = RuleFileSyntax()
  private var places: [String: SourceSpan] = [:]
  private var testPlaces: [String: SourceSpan] = [:]

  init(schema: Schema, sink: DiagnosticSink) {
    self.schema = schema
    self.sink = sink
  }

  /// Reads a file: a list of rules and tests.
  mutating func load(_ file: SourceFile) {
    let root: YAMLNode
    do {
      let read = try YAMLReader.read(file)
      root = read.root
      sink.report(read.warnings)
    } catch {
      sink.report(error.items)
      return
    }
    switch root.kind {
    case .empty: return
    case .sequence(let items):
      for item in items { load(item: item) }
    case .mapping:
      sink.report(.itemWithoutDash(at: firstKey(root)))
      load(item: root)
    case .scalar:
      sink.report(.wordsWhereItemsBelong(at: root.span))
    }
  }

  private mutating func load(item: YAMLNode) {
    guard case .mapping(let pairs) = item.kind else {
      sink.report(.notAnItem(at: item.span))
      return
    }
    if item["rule"] != nil {
      if let rule = rule(pairs, item) {
        if let first = places[rule.name.text] {
          sink.report(.duplicateRule(rule.name.text, at: rule.name.span, first: first))
        } else {
          places[rule.name.text] = rule.name.span
        }
        result.rules.append(rule)
      }
    } else if item["test"] != nil {
      if let test = test(pairs, item) {
        if let first = testPlaces[test.title.text] {
          sink.report(.duplicateTest(test.title.text, at: test.title.span, first: first))
        } else {
          testPlaces[test.title.text] = test.title.span
        }
        result.tests.append(test)
      }
    } else {
      let keys = pairs.compactMap(\.key.text)
      let close = keys.first { Suggestion.closest(to: $0, among: ["rule", "test"]) != nil }
      sink.report(.neitherRuleNorTest(close, at: firstKey(item)))
    }
  }

  private func firstKey(_ node: YAMLNode) -> SourceSpan { node.pairs?.first?.key.span ?? node.span }
}

// Shapes that every part of a file is read with.
extension RuleFileLoader {
  /// Returns the scalar of a node; anything else is reported and gives nil.
  func scalar(_ node: YAMLNode, _ key: String) -> ScalarSyntax? {
    switch node.kind {
    case .scalar(let source, let style):
      return ScalarSyntax(source: source, style: style, span: node.span)
    case .empty: sink.report(.nothingWritten(key, at: node.span))
    case .sequence: sink.report(.listWhereOneBelongs(key, at: node.span))
    case .mapping: sink.report(.mappingWhereTextBelongs(key, at: node.span))
    }
    return nil
  }

  /// Returns the scalar of a key, or nil when the key is not there or is no scalar.
  func scalar(of item: YAMLNode, _ key: String) -> ScalarSyntax? {
    item[key].flatMap { scalar($0, key) }
  }

  /// Returns one scalar or a list of them.
  func scalars(of item: YAMLNode, _ key: String) -> [ScalarSyntax] {
    guard let node = item[key] else { return [] }
    if case .empty = node.kind { sink.report(.nothingWritten(key, at: node.span)) }
    if case .sequence(let items) = node.kind, items.isEmpty {
      sink.report(.nothingWritten(key, at: node.span))
    }
    return node.items.compactMap { scalar($0, key) }
  }

  /// Returns a fixed word: a name slot takes no holes.
  func word(of item: YAMLNode, _ key: String) -> ScalarSyntax? {
    scalar(of: item, key).flatMap { word($0, key) }
  }

  /// Returns a scalar if it may be a fixed word.
  func word(_ scalar: ScalarSyntax, _ key: String) -> ScalarSyntax? {
    if scalar.text.isEmpty {
      sink.report(.nothingWritten(key, at: scalar.span))
      return nil
    }
    if scalar.text.utf8.starts(with: "${".utf8) {
      sink.report(.holeInName(key, at: scalar.span))
      return nil
    }
    return scalar
  }

  /// Returns a name in kebab-case.
  func kebab(_ scalar: ScalarSyntax, _ what: String) -> ScalarSyntax? {
    if Self.isKebab(scalar.text) { return scalar }
    sink.report(.notKebab(scalar.text, what, fixed: Self.kebabbed(scalar.text), at: scalar.span))
    return nil
  }

  /// Returns one of a few words.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    of item: YAMLNode, _ key: String, _ type: Choice.Type
  ) -> Choice? {
    guard let scalar = scalar(of: item, key) else { return nil }
    if let found = Choice(rawValue: scalar.text) { return found }
    sink.report(.notAChoice(scalar.text, of: key, Choice.allCases.map(\.rawValue), at: scalar.span))
    return nil
  }

  /// Returns a duration that is longer than nothing.
  func duration(of item: YAMLNode, _ key: String) -> TriggerSyntax.Timed? {
    guard let scalar = scalar(of: item, key) else { return nil }
    return duration(scalar, key)
  }

  /// Returns a duration that is longer than nothing.
  func duration(_ scalar: ScalarSyntax, _ key: String) -> TriggerSyntax.Timed? {
    guard let span = TimeSpan(scalar.text, allowsDays: true) else {
      sink.report(.notADuration(scalar.text, key, at: scalar.span))
      return nil
    }
    guard span.nanoseconds > 0 else {
      sink.report(.durationNotPositive(key, at: scalar.span))
      return nil
    }
    guard span.nanoseconds % 1_000_000 == 0 else {
      sink.report(.durationTooFine(key, at: scalar.span))
      return nil
    }
    return TriggerSyntax.Timed(span: span, place: scalar.span)
  }

  /// Reports keys that are not among those that are known.
  func reportUnknownKeys(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], known: [String], of what: String
  ) {
    for (key, _) in pairs {
      guard let text = key.text, !known.contains(text) else { continue }
      sink.report(.unknownKey(text, of: what, known: known, at: key.span))
    }
  }

  /// Whether a text is words of small letters and digits, joined by `-`.
  static func isKebab(_ text: String) -> Bool {
    var wordLength = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        wordLength += 1
      case UInt8(ascii: "-"):
        if wordLength == 0 { return false }
        wordLength = 0
      default: return false
      }
    }
    return wordLength > 0
  }

  /// The nearest name in kebab-case, or nil when nothing is left of it.
  static func kebabbed(_ text: String) -> String? {
    var words: [String] = []
    var word = ""
    var wasSmall = false
    for character in text.unicodeScalars {
      let isLarge = character.value >= 65 && character.value <= 90
      let isSmall =
        character.value >= 97 && character.value <= 122
        || character.value >= 48 && character.value <= 57
      if isLarge && wasSmall || !isLarge && !isSmall {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if isLarge || isSmall { word += String(character).lowercased() }
      wasSmall = isSmall
    }
    if !word.isEmpty { words.append(word) }
    return words.isEmpty ? nil : words.joined(separator: "-")
  }
}
