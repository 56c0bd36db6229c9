package import QuartermasterCEL

/// A part of a rule's conditions that is true or false.
package struct RuleBranch: Sendable {
  /// Which condition it is part of.
  package enum Gate: Sendable, Equatable {
    case becomes
    /// An item of `when:`, from 1; nil where there is no list.
    case when(item: Int?)
    /// A value of `let:`.
    case named(String)
    /// The list of an action's `each:`.
    case each
    /// The `when:` of an action.
    case actionWhen

    /// How it is called in texts.
    package var label: String {
      switch self {
      case .becomes: "becomes"
      case .when(nil): "when"
      case .when(let item?): "when \(item)"
      case .named(let name): "let \(name)"
      case .each: "each"
      case .actionWhen: "when of an action"
      }
    }
  }

  /// The name of the rule.
  package let rule: String
  /// Which condition it is part of.
  package let gate: Gate
  /// What is written.
  package let text: String
  /// Where it stands.
  package let span: SourceSpan
}

/// Numbers the parts of conditions that are true or false, while rules are planned.
final class BranchBook {
  /// What was numbered; the number is the place.
  private(set) var found: [RuleBranch] = []
  private var places: [Place: Int] = [:]
  private var rule: String?

  /// Where a part stands: one that is planned twice, as in a `let` that two conditions use, is one part.
  private struct Place: Hashable {
    let file: ObjectIdentifier
    let range: Range<Int>
  }

  /// Whether all parts have their numbers: others are not watched.
  private let isClosed: Bool

  /// Creates a book without parts.
  init() { isClosed = false }

  /// Creates a book of the parts that were numbered, for a rule that is planned once more.
  init(known: [RuleBranch]) {
    found = known
    isClosed = true
    for (number, branch) in known.enumerated() {
      places[Place(file: ObjectIdentifier(branch.span.file), range: branch.span.range)] = number
    }
  }

  /// The conditions that come next are those of a rule.
  func enter(_ rule: String) { self.rule = rule }

  /// The conditions that come next are those of no rule.
  func leave() { rule = nil }

  /// Returns what numbers the parts of a condition; nil outside of rules that run.
  func numbering(of gate: RuleBranch.Gate) -> BranchNumbering? {
    guard let rule else { return nil }
    return { [self] source, range in number(source, range, rule, gate) }
  }

  private func number(
    _ source: ExprSource, _ range: Range<Int>, _ rule: String, _ gate: RuleBranch.Gate
  ) -> Int {
    let span = source.span(range)
    let place = Place(file: ObjectIdentifier(span.file), range: span.range)
    if let known = places[place] { return known }
    if isClosed { return .max }
    places[place] = found.count
    found.append(
      RuleBranch(rule: rule, gate: gate, text: source.slice(range).text, span: span))
    return found.count - 1
  }
}
