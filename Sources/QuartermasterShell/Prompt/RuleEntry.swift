/// A rule that is typed or pasted line by line; an empty line ends it.
struct RuleEntry {
  /// The lines so far.
  private(set) var lines: [String] = []

  /// Creates an entry without lines.
  init() {}

  /// Creates the entry that a line begins, `:rule` or the first line of a rule; nil when it begins none.
  init?(beginning line: String) {
    let text = line.drop(while: \.isWhitespace)
    if text.hasPrefix("- rule:") {
      lines = [line]
      return
    }
    // A rule that was recalled from the history has all its lines.
    guard text.hasPrefix(":rule"), text.dropFirst(5).allSatisfy(\.isWhitespace),
      !text.contains("\n")
    else { return nil }
  }

  /// Adds a line.
  mutating func add(_ line: String) { lines.append(line) }

  /// Returns the text of rule files for what was typed: without the indentation that all lines have, and as a list
  /// where it is a single rule without a dash.
  static func file(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    let indents = lines.filter { !$0.allSatisfy(\.isWhitespace) }
      .map { $0.prefix { $0 == " " }.count }
    let indent = indents.min() ?? 0
    lines = lines.map { String($0.dropFirst(min(indent, $0.count))) }
    if lines.first?.hasPrefix("rule:") == true {
      lines = lines.enumerated().map { $0.offset == 0 ? "- " + $0.element : "  " + $0.element }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
