package import QuartermasterCEL

/// A rule that is a record of the class of automations, put together as a rule file has it.
///
/// The text is all that is known of the rule: it is what `_rules` keeps, what is compiled, and what `rules diff` shows.
package struct StoredRule: Sendable, Equatable {
  /// The class of the record.
  package let className: String
  /// The id of the record.
  package let id: String
  /// The name of the rule.
  package let name: String
  /// The rule as an item of a rule file.
  package let text: String
  /// Who wrote it, as `User/ann`; nil for the system.
  package var author: String?
  /// Why it is not in force although it is enabled, a line for each mistake; nil when nothing is wrong.
  package var problem: String?

  /// The record as `Automation/low`: the name of the file in messages.
  package var place: String { "\(className)/\(id)" }

  /// The rule as a file.
  package var file: SourceFile { SourceFile(name: place, text: text) }

  /// Whether the rule is switched on in its record.
  package var isEnabled: Bool { !text.hasSuffix(Self.switchedOff) }

  /// The text as if the rule were switched on.
  var enabledText: String {
    isEnabled
      ? text : String(decoding: text.utf8.dropLast(Self.switchedOff.utf8.count - 1), as: UTF8.self)
  }

  private static let switchedOff = "\n  enabled: false\n"

  /// Creates what stands in a data file.
  init(
    className: String, id: String, name: String, text: String, author: String?, problem: String?
  ) {
    self.className = className
    self.id = id
    self.name = name
    self.text = text
    self.author = author
    self.problem = problem
  }

  /// Puts a rule together from the texts of a record.
  ///
  /// Each text stands below its key, four columns in, so that nothing in it can leave its key.
  ///
  /// - Parameters:
  ///   - className: The class of the record.
  ///   - id: The id of the record.
  ///   - parts: The texts; those that are not there or empty are left out.
  ///   - isEnabled: Whether it is switched on.
  package init(
    className: String, id: String, parts: [ProjectSettings.Automations.Part: String],
    isEnabled: Bool
  ) {
    self.className = className
    self.id = id
    let given = parts[.name].flatMap { $0.isEmpty ? nil : $0 } ?? "\(className)-\(id)"
    name = Self.name(given)
    var text = "- rule: \(name)\n"
    if let words = parts[.description], !words.isEmpty {
      text += "  description: \(JSONWriter.text(.string(words)))\n"
    }
    for part in ProjectSettings.Automations.Part.texts {
      let written = parts[part] ?? ""
      if Self.isBlank(written), part != .trigger, part != .action { continue }
      text += "  \(part.rawValue):\n"
      for line in Self.lines(written) { text += line.isEmpty ? "\n" : "    \(line)\n" }
    }
    if !isEnabled { text += "  enabled: false\n" }
    self.text = text
  }

  /// Returns the name of a rule: a name for people, such as "Reorder bolts", gives reorder-bolts.
  static func name(_ given: String) -> String {
    RuleFileLoader.isKebab(given) ? given : RuleFileLoader.kebabbed(given) ?? "automation"
  }

  private static func isBlank(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
  }

  /// The lines of a text, without empty ones at its end.
  private static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      lines.append(String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self))
    }
    while let last = lines.last, isBlank(last) { lines.removeLast() }
    return lines
  }

  // MARK: Places

  /// Returns a message about the text as one about the field that it is in, at the field's own line and column.
  package func inItsField(_ diagnostic: Diagnostic) -> Diagnostic {
    Diagnostic(
      diagnostic.severity, diagnostic.code, diagnostic.message, at: inItsField(diagnostic.span),
      notes: diagnostic.notes.map(inItsField))
  }

  /// Returns a place in the text as one in the field: `Automation/low trigger`, with the field's own lines.
  package func inItsField(_ span: SourceSpan) -> SourceSpan {
    guard span.file.name == place else { return span }
    let all = span.file
    let first = all.position(of: span.range.lowerBound).line
    // The key that the line stands below, two columns in.
    var header = first
    while header > 1, all.line(header).hasPrefix("    ") || all.line(header).isEmpty { header -= 1 }
    let key = all.line(header).drop { $0 == " " }
    let isBelow = header < first && key.last == ":"
    guard isBelow || key.last == ":" else { return span }
    let word = String(key.dropLast())
    var part = ""
    var offsets: [(from: Int, to: Int)] = []
    var line = header + 1
    while line <= all.lineStarts.count,
      all.line(line).hasPrefix("    ") || all.line(line).isEmpty
    {
      let text = all.line(line)
      let start = all.lineStarts[line - 1]
      let indent = text.isEmpty ? 0 : 4
      offsets.append((start + indent, part.utf8.count))
      part += text.dropFirst(indent) + "\n"
      line += 1
    }
    func moved(_ offset: Int) -> Int {
      guard let place = offsets.last(where: { $0.from <= offset }) else { return 0 }
      return min(place.to + offset - place.from, part.utf8.count)
    }
    let file = SourceFile(name: "\(place) \(word)", text: part)
    let lower = moved(span.range.lowerBound)
    return SourceSpan(file: file, range: lower..<max(lower, moved(span.range.upperBound)))
  }

  /// Returns one line about a mistake: `trigger 2:10: message [code]`.
  package func line(_ diagnostic: Diagnostic) -> String {
    let found = inItsField(diagnostic)
    let (line, column) = found.span.file.position(of: found.span.range.lowerBound)
    let field =
      UTF8Text.starts(found.span.file.name, with: place + " ")
      ? String(
        decoding: found.span.file.name.utf8.dropFirst(place.utf8.count + 1), as: UTF8.self) : "name"
    let at = field == "name" ? field : "\(field) \(line):\(column)"
    return "\(at): \(found.message) [\(found.code)]"
  }
}
