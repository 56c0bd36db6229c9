internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster explain CODE`: what the code of a finding means, and how it is mended.
public struct ExplainCommand: Sendable {
  /// The code, such as `rules/nullable`; nil for a list of all.
  public var code: String?
  /// How it is printed.
  public var format = OutputFormat.text

  /// Creates the command for a code, or for the list of all.
  public init(_ code: String?) { self.code = code }

  /// All codes, by area.
  static let all: [DiagnosticExplanation] =
    DiagnosticExplanation.rules + DiagnosticExplanation.schemas + DiagnosticExplanation.projects
    + DiagnosticExplanation.yaml + DiagnosticExplanation.tests + DiagnosticExplanation.engine
    + DiagnosticExplanation.files + DiagnosticExplanation.access
    + DiagnosticExplanation.expressions

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      guard let code else { return list() }
      // Findings are printed as `[rules/nullable]`, which is what people copy.
      let wanted = code.trimmingPrefix("[").prefix { $0 != "]" }
      guard let found = Self.all.first(where: { $0.code == wanted }) else {
        let hint = Suggestion.closest(to: String(wanted), among: Self.all.map(\.code))
        throw CommandFailure(
          .usage,
          "there is no code `\(wanted)`"
            + (hint.map { "; did you mean `\($0)`?" } ?? "; `quartermaster explain` lists all"))
      }
      if format == .json { return Reply(JSONWriter.text(object(found)) + "\n") }
      return Reply(
        """
        \(found.code)

        \(Self.wrapped(found.text, to: min(context.width, 90)))

        wrong:
        \(Self.indented(found.wrong))

        right:
        \(Self.indented(found.right))

        """)
    }
  }

  private func list() -> Reply {
    if format == .json { return Reply(JSONWriter.text(.array(Self.all.map(object))) + "\n") }
    let lines = Self.all.map { item in
      let end = item.text.firstMatch(of: /[.:;](\s|$)/)?.range.lowerBound ?? item.text.endIndex
      return item.code.padding(to: 26) + item.text[..<end]
    }
    return Reply(lines.joined(separator: "\n") + "\n")
  }

  private func object(_ item: DiagnosticExplanation) -> JSONValue {
    .object([
      ("code", .string(item.code)), ("text", .string(item.text)), ("wrong", .string(item.wrong)),
      ("right", .string(item.right)),
    ])
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
      .joined(separator: "\n")
  }

  private static func wrapped(_ text: String, to width: Int) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return (lines + [line]).joined(separator: "\n")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
