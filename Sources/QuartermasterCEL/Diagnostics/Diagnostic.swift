/// A message about a place in a file: what is wrong, where, and what to do.
public struct Diagnostic: Error, Sendable {
  /// How much a message weighs.
  public enum Severity: String, Sendable, Comparable {
    /// Worth knowing; nothing is wrong.
    case note
    /// Probably a mistake; the file runs.
    case warning
    /// The file does not run.
    case error

    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
  }

  /// How much it weighs.
  public let severity: Severity
  /// A stable, documented name such as `rules/unknown-field`.
  public let code: String
  /// One sentence or two, without the place.
  public let message: String
  /// The place it is about.
  public let span: SourceSpan
  /// Further places, such as the first of two definitions.
  public let notes: [Diagnostic]
  /// A change of the file that mends it, where one is sure.
  public internal(set) var fix: SourceFix?

  /// Creates a diagnostic.
  public init(
    _ severity: Severity, _ code: String, _ message: String, at span: SourceSpan,
    notes: [Diagnostic] = []
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.span = span
    self.notes = notes
  }
}

/// Diagnostics in the order of their files and places, thrown together.
public struct DiagnosticList: Error, Sendable {
  /// The messages, in order of place.
  public private(set) var items: [Diagnostic]

  /// Creates a list, sorted by file (in order of first appearance) and place.
  public init(_ items: [Diagnostic]) {
    var order: [ObjectIdentifier: Int] = [:]
    for item in items where order[ObjectIdentifier(item.span.file)] == nil {
      order[ObjectIdentifier(item.span.file)] = order.count
    }
    self.items = items.enumerated().sorted { a, b in
      let (fa, fb) = (
        order[ObjectIdentifier(a.element.span.file)] ?? 0,
        order[ObjectIdentifier(b.element.span.file)] ?? 0
      )
      if fa != fb { return fa < fb }
      let (sa, sb) = (a.element.span.range.lowerBound, b.element.span.range.lowerBound)
      return sa != sb ? sa < sb : a.offset < b.offset
    }.map(\.element)
  }

  /// Whether one of them is an error.
  public var hasErrors: Bool { items.contains { $0.severity == .error } }
}

extension Diagnostic: CustomStringConvertible {
  /// What ``DiagnosticRenderer`` makes of it.
  public var description: String { DiagnosticRenderer().render(self) }
}

extension DiagnosticList: CustomStringConvertible {
  /// What ``DiagnosticRenderer`` makes of the list: each message with its line and a mark.
  public var description: String { DiagnosticRenderer().render(self) }
}
