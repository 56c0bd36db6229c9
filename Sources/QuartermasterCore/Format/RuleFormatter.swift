package import QuartermasterCEL

/// Brings rule files into one form: indentation, blank lines, the spaces of formulas.
///
/// Comments, the order of everything and the meaning stay as they are; what was formatted is read again and compared, and a
/// file of which that does not hold is not touched.
///
/// - SeeAlso: Docs/Decisions/0150-what-fmt-changes.md
package struct RuleFormatter: Sendable {
  /// The classes, which say what is a formula and what is words; nil where no project is near.
  private let schema: Schema?

  /// Creates a formatter.
  package init(schema: Schema?) { self.schema = schema }

  /// Returns the text of a file in its form.
  ///
  /// - Parameter file: A file of rules and tests; whether rules and formulas in it are right does not matter.
  /// - Returns: The text; that of the file when it is in its form already.
  /// - Throws: Why the file cannot be read as YAML, or that it is no list.
  package func format(_ file: SourceFile) throws(DiagnosticList) -> String {
    let plain = Self.withPlainLineEnds(file)
    let root = try YAMLReader.read(plain).root
    switch root.kind {
    case .sequence, .empty: break
    case .mapping: throw DiagnosticList([.itemWithoutDash(at: root.span)])
    case .scalar: throw DiagnosticList([.wordsWhereItemsBelong(at: root.span)])
    }
    let slots = SlotKinds(root, schema: schema)
    var printer = YAMLPrinter(file: plain, comments: CommentFinder.comments(in: plain, root)) {
      node, isInFlow in
      ScalarFormat(file: plain, kind: slots.kind(of: node)).text(of: node, isInFlow: isInFlow)
    }
    let text = printer.print(root)
    if text == file.text { return text }
    let formatted = SourceFile(name: file.name, text: text)
    guard SameMeaning.holds(plain, root, formatted, slots) else {
      throw DiagnosticList([.formatWouldChangeMeaning(at: root.span)])
    }
    return text
  }

  /// Line ends as Windows writes them mean the same.
  private static func withPlainLineEnds(_ file: SourceFile) -> SourceFile {
    guard file.bytes.contains(0x0D) else { return file }
    let text = String(
      decoding: file.bytes.indices.filter { place in
        file.bytes[place] != 0x0D || place + 1 >= file.bytes.count || file.bytes[place + 1] != 0x0A
      }.map { file.bytes[$0] }, as: UTF8.self)
    return SourceFile(name: file.name, text: text)
  }
}

extension Diagnostic {
  static func formatWouldChangeMeaning(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "format/meaning",
      "this file was left as it is: written in the common form it would not mean the same; write what is unusual in it (explicit keys, line breaks of other systems) in a plainer way",
      at: span)
  }
}

/// Whether two files say the same: the same keys and lists, formulas of the same trees, the same words and comments.
enum SameMeaning {
  static func holds(
    _ before: SourceFile, _ root: YAMLNode, _ after: SourceFile, _ slots: SlotKinds
  ) -> Bool {
    guard let again = try? YAMLReader.read(after).root,
      same(root, again, slots)
    else { return false }
    let (old, new) = (
      CommentFinder.comments(in: before, root), CommentFinder.comments(in: after, again)
    )
    return old.map(\.text) == new.map(\.text)
  }

  private static func same(_ a: YAMLNode, _ b: YAMLNode, _ slots: SlotKinds) -> Bool {
    switch (a.kind, b.kind) {
    case (.empty, .empty): true
    case (.scalar(let old, let style), .scalar(let new, let newStyle)):
      (style == .block) == (newStyle == .block)
        && (old.text == new.text || sameText(old.text, new.text, slots.kind(of: a)))
    case (.sequence(let old), .sequence(let new)):
      old.count == new.count && zip(old, new).allSatisfy { same($0, $1, slots) }
    case (.mapping(let old), .mapping(let new)):
      old.count == new.count
        && zip(old, new).allSatisfy {
          $0.key.text == $1.key.text && same($0.value, $1.value, slots)
        }
    default: false
    }
  }

  private static func sameText(_ old: String, _ new: String, _ kind: SlotKinds.Kind) -> Bool {
    switch kind {
    case .formula:
      guard let old = tree(formula(old)), let new = tree(formula(new)) else { return false }
      return old == new
    case .words:
      guard let old = try? TextSyntax(scalar(old)), let new = try? TextSyntax(scalar(new)),
        old.pieces.count == new.pieces.count
      else { return false }
      return zip(old.pieces, new.pieces).allSatisfy { pair in
        switch pair {
        case (.words(let old), .words(let new)): old == new
        case (.hole(let old, _), .hole(let new, _)):
          tree(old.text) != nil && tree(old.text) == tree(new.text)
        default: false
        }
      }
    case .other: return false
    }
  }

  private static func formula(_ text: String) -> String { TextSyntax.formula(scalar(text)).text }

  private static func tree(_ text: String) -> String? {
    (try? CELEnvironment.everything.parse(ExprSource(text)))?.root.text
  }

  private static func scalar(_ text: String) -> ScalarSyntax {
    let source = ExprSource(text)
    return ScalarSyntax(
      source: source, style: .plain, span: source.span(0..<text.utf8.count))
  }
}
