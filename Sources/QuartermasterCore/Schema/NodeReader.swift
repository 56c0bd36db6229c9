internal import QuartermasterCEL

/// Reads nodes of a YAML file as what they should be, and collects what is wrong.
class NodeReader {
  /// The first part of the codes of its messages.
  let area: String
  /// What was found so far.
  private(set) var diagnostics: [Diagnostic]

  init(area: String, warnings: [Diagnostic]) {
    self.area = area
    diagnostics = warnings
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Returns the pairs of a map of options by name; unknown keys are reported.
  func options(of node: YAMLNode, known: [String], what: String) -> [String: YAMLNode] {
    guard let pairs = mapping(node, what) else { return [:] }
    var options: [String: YAMLNode] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if known.contains(name) {
        options[name] = pair.value
      } else {
        report(.unknownKey(area, name, in: what, known: known, at: pair.key.span))
      }
    }
    return options
  }

  /// Returns the pairs of a map; anything else but nothing is reported.
  func mapping(_ node: YAMLNode, _ what: String) -> [(key: YAMLNode, value: YAMLNode)]? {
    switch node.kind {
    case .mapping(let pairs): return pairs
    case .empty: return []
    case .scalar, .sequence:
      report(.needsMap(area, what, at: node.span))
      return nil
    }
  }

  /// Returns the text of a scalar; anything else is reported.
  func text(_ node: YAMLNode, _ wanted: String) -> String? {
    if let text = node.text { return text }
    report(.needs(area, wanted, at: node.span))
    return nil
  }

  /// Returns the texts of a list of scalars, or of one scalar.
  func texts(_ node: YAMLNode, _ wanted: String) -> [(text: String, span: SourceSpan)] {
    node.items.compactMap { item in text(item, wanted).map { ($0, item.span) } }
  }

  /// Returns whether an option is true.
  func flag(_ node: YAMLNode?) -> Bool {
    guard let node else { return false }
    switch node.text {
    case "true": return true
    case "false": return false
    default:
      report(.needs(area, "true or false", at: node.span))
      return false
    }
  }

  /// Returns a whole number within bounds.
  func count(_ node: YAMLNode, _ range: ClosedRange<Int>) -> Int? {
    if let text = node.text, let number = Int(text), range.contains(number) { return number }
    report(
      .needs(
        area, "a whole number from \(range.lowerBound) to \(range.upperBound)", at: node.span))
    return nil
  }
}

extension Diagnostic {
  static func needsMap(_ area: String, _ what: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "\(area)/form", "\(what) is a map: `name: value` lines below it, or { }", at: span)
  }

  static func needs(_ area: String, _ wanted: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "\(area)/form", "needs \(wanted)", at: span)
  }

  static func unknownKey(
    _ area: String, _ name: String, in what: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let hint =
      Suggestion.closest(to: name, among: known).map { "; did you mean `\($0)`?" }
      ?? " (\(known.joined(separator: ", ")))"
    return Diagnostic(
      .error, "\(area)/unknown-key", "\(what) has no `\(name)`\(hint)", at: span
    ).suggesting(name, among: known)
  }
}
