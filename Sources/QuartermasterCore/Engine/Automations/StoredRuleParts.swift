package import QuartermasterCEL

/// The texts of a rule for the fields of a record, cut out of a rule file.
struct StoredRuleParts {
  typealias Part = ProjectSettings.Automations.Part

  /// The texts, as they stand in the file.
  let texts: [Part: String]
  /// Whether the rule is switched on.
  let isEnabled: Bool

  /// Cuts rules out of a file: a list of rules, one rule, or a mapping with `trigger` and `action`.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - name: The name of the one rule; nil for the names that the file gives.
  /// - Returns: The rules, in the order of the file.
  /// - Throws: `DiagnosticList` where the file cannot be read, or holds something else.
  static func read(_ file: SourceFile, name: String?) throws(DiagnosticList) -> [StoredRuleParts] {
    let (root, _) = try YAMLReader.read(file)
    let items = root.items
    if items.isEmpty { throw DiagnosticList([.noStoredRule(at: root.span)]) }
    if name != nil, items.count > 1 {
      throw DiagnosticList([.oneStoredRule(items.count, at: items[1].span)])
    }
    return try items.enumerated().map { place, item throws(DiagnosticList) in
      let end = place + 1 < items.count ? items[place + 1].span.range.lowerBound : file.bytes.count
      return try StoredRuleParts(item, upTo: end, of: file, name: name)
    }
  }

  private init(
    _ item: YAMLNode, upTo end: Int, of file: SourceFile, name: String?
  ) throws(DiagnosticList) {
    guard let pairs = item.pairs, file.bytes[item.span.range.lowerBound] != UInt8(ascii: "{") else {
      throw DiagnosticList([.noStoredRule(at: item.span)])
    }
    var texts: [Part: String] = [:]
    var isEnabled = true
    for (place, pair) in pairs.enumerated() {
      let key = pair.key.text ?? ""
      let next = place + 1 < pairs.count ? pairs[place + 1].key.span.range.lowerBound : end
      switch key {
      case "rule": texts[.name] = pair.value.text
      case "description": texts[.description] = pair.value.text
      case "enabled": isEnabled = pair.value.text != "false"
      default:
        guard let part = Part(rawValue: key), Part.texts.contains(part) else {
          throw DiagnosticList([.notOfStoredRule(key, at: pair.key.span)])
        }
        texts[part] = Self.text(from: pair.key.span.range.upperBound, upTo: next, of: file)
      }
    }
    if let name { texts[.name] = name }
    self.texts = texts
    self.isEnabled = isEnabled
  }

  /// Returns what stands behind a key, with its lines moved to the left.
  private static func text(from start: Int, upTo end: Int, of file: SourceFile) -> String {
    let bytes = file.bytes
    var place = start
    while place < end, bytes[place] != UInt8(ascii: ":") { place += 1 }
    place = min(place + 1, end)
    // The line on which the next key stands is not part of it.
    var stop = end
    if end < bytes.count {
      while stop > place, bytes[stop - 1] != UInt8(ascii: "\n") { stop -= 1 }
    }
    var lines = bytes[place..<stop].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    let first = lines.removeFirst().drop { $0 == UInt8(ascii: " ") }
    func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy { $0 == UInt8(ascii: " ") } }
    let indent =
      lines.filter { !isBlank($0) }.map { $0.prefix { $0 == UInt8(ascii: " ") }.count }.min() ?? 0
    var texts = lines.map { String(decoding: $0.dropFirst(indent), as: UTF8.self) }
    let isComment = first.first == UInt8(ascii: "#")
    if !first.isEmpty, !isComment { texts.insert(String(decoding: first, as: UTF8.self), at: 0) }
    while let last = texts.last, last.utf8.allSatisfy({ $0 == 0x20 }) || last.utf8.first == 0x23 {
      texts.removeLast()
    }
    return texts.joined(separator: "\n")
  }
}

extension Diagnostic {
  static func noStoredRule(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "engine/automation",
      "a rule with the keys `trigger` and `action` belongs here, as in a rule file", at: span)
  }

  static func oneStoredRule(_ count: Int, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "engine/automation", "one name was given, and there are \(count) rules", at: span)
  }

  static func notOfStoredRule(_ key: String, at span: SourceSpan) -> Diagnostic {
    let known = ["rule"] + ProjectSettings.Automations.Part.allCases.map(\.rawValue)
    let hint = Suggestion.closest(to: key, among: known).map { "; did you mean `\($0)`?" } ?? ""
    return Diagnostic(
      .error, "engine/automation", "`\(key)` has no place in a rule that is a record\(hint)",
      at: span)
  }
}

/// The names of rules that are to become records.
package enum StoredRuleNames {
  /// Returns the names of the rules of a file, as their records will have them.
  ///
  /// - Throws: `DiagnosticList` where the file holds something else.
  package static func read(_ file: SourceFile, name: String?) throws(DiagnosticList) -> [String] {
    try StoredRuleParts.read(file, name: name).compactMap { $0.texts[.name].map(StoredRule.name) }
  }
}
