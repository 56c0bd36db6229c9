internal import QuartermasterCEL

/// How a scalar of one line is written: the spaces of its formulas, `${...}` around a whole formula taken off, and quotes
/// where the text needs them.
struct ScalarFormat {
  let file: SourceFile
  let kind: SlotKinds.Kind

  /// Returns a scalar as it is to be written.
  ///
  /// - Parameters:
  ///   - node: The scalar.
  ///   - isInFlow: Whether it stands in brackets, where commas end a text.
  /// - Returns: The text, quotes included.
  func text(of node: YAMLNode, isInFlow: Bool) -> String {
    let raw = node.raw
    guard case .scalar(let source, let style) = node.kind, style != .block else { return raw }
    let new: String
    switch kind {
    case .formula: new = Self.formula(source.text)
    case .words: new = Self.words(source.text)
    case .other: return raw
    }
    if new == source.text { return raw }
    if style == .plain {
      if Self.mayBePlain(new, isInFlow: isInFlow) { return new }
      // A text without quotes gets none for the sake of spaces: `{"a":b}` was written so to do without.
      let unwrapped =
        kind == .formula ? TextSyntax.formula(Self.scalar(source.text)).text : source.text
      if Self.mayBePlain(unwrapped, isInFlow: isInFlow) { return unwrapped }
    }
    guard new.unicodeScalars.allSatisfy(Self.isPrinted) else { return raw }
    return Self.quoted(new, prefersSingle: raw.hasPrefix("'"))
  }

  private static func scalar(_ text: String) -> ScalarSyntax {
    let source = ExprSource(text)
    return ScalarSyntax(source: source, style: .plain, span: source.span(0..<text.utf8.count))
  }

  private static func formula(_ text: String) -> String {
    let formula = TextSyntax.formula(scalar(text)).text
    return CELEnvironment.everything.spaced(formula) ?? text
  }

  private static func words(_ text: String) -> String {
    guard let syntax = try? TextSyntax(scalar(text)) else { return text }
    var bytes = Array(text.utf8)
    for piece in syntax.pieces.reversed() {
      guard case .hole(let source, let span) = piece,
        let spaced = CELEnvironment.everything.spaced(source.text)
      else { continue }
      bytes.replaceSubrange(span.range, with: Array("${\(spaced)}".utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether YAML reads a text without quotes as it is.
  static func mayBePlain(_ text: String, isInFlow: Bool) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
      first != " ", last != " ", last != ":", text.unicodeScalars.allSatisfy(isPrinted)
    else { return false }
    if "?:,[]{}#&*!|>'\"%@`".unicodeScalars.contains(first) { return false }
    if first == "-", text.utf8.count == 1 || text.hasPrefix("- ") || text.hasPrefix("---") {
      return false
    }
    if text.contains(": ") || text.contains(" #") { return false }
    return !isInFlow || !text.unicodeScalars.contains { ",[]{}".unicodeScalars.contains($0) }
  }

  private static func isPrinted(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF: false
    default: true
    }
  }

  private static func quoted(_ text: String, prefersSingle: Bool) -> String {
    if prefersSingle || text.contains("\"") || text.contains("\\") {
      return "'" + text.replacing("'", with: "''") + "'"
    }
    return "\"" + text + "\""
  }
}
