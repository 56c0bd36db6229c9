/// Draws diagnostics: the place in the form of the GNU tools, the message, the line of the file and a mark below it.
///
///     stock.yaml:14:37: error: `inventory.treshold` does not exist; did you mean `threshold`? [rules/unknown-field]
///        |
///     14 |     becomes: inventory.projected <= inventory.treshold
///        |                                     ^^^^^^^^^^^^^^^^^^
public struct DiagnosticRenderer: Sendable {
  /// What adds colour, or nothing.
  public var decorator: DiagnosticDecorator
  /// Whether the line of the file is shown.
  public var showsSource: Bool

  /// The most columns of a line that are shown; of a longer one, those around the mark.
  private static let maximumWidth = 160

  /// Creates a renderer.
  public init(decorator: DiagnosticDecorator = .plain, showsSource: Bool = true) {
    self.decorator = decorator
    self.showsSource = showsSource
  }

  /// Returns the text of several diagnostics, each ended by a line end.
  public func render(_ diagnostics: DiagnosticList) -> String {
    diagnostics.items.map { render($0) }.joined()
  }

  /// Returns the text of a diagnostic and of its notes, ended by a line end.
  public func render(_ diagnostic: Diagnostic) -> String {
    render(diagnostic, showsCode: true)
      + diagnostic.notes.map { render($0, showsCode: false) }.joined()
  }

  private func render(_ diagnostic: Diagnostic, showsCode: Bool) -> String {
    let span = diagnostic.span
    let (line, column) = span.file.position(of: span.range.lowerBound)
    // What has no text, as a folder or an empty file, has no line to point at.
    let place = span.file.text.isEmpty ? "" : ":\(line):\(column)"
    var text = decorator.decorate("\(Self.printable(span.file.name))\(place):", .place)
    text +=
      " " + decorator.decorate("\(diagnostic.severity.rawValue):", .severity(diagnostic.severity))
    text += " " + decorator.decorate(Self.printable(diagnostic.message), .message)
    if showsCode { text += " " + decorator.decorate("[\(diagnostic.code)]", .code) }
    text += "\n"
    if showsSource, !span.file.text.isEmpty { text += excerpt(span, line, diagnostic.severity) }
    return text
  }

  /// Returns the first line of a span and the mark below it.
  private func excerpt(_ span: SourceSpan, _ line: Int, _ severity: Diagnostic.Severity) -> String {
    let lineStart = span.file.lineStarts[line - 1]
    let bytes = Array(span.file.line(line).utf8)
    let start = min(max(span.range.lowerBound - lineStart, 0), bytes.count)
    let end = min(max(span.range.upperBound - lineStart, start), bytes.count)
    var before = Array(String(decoding: bytes[..<start], as: UTF8.self).unicodeScalars)
    var marked = Array(String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars)
    var after = Array(String(decoding: bytes[end...], as: UTF8.self).unicodeScalars)
    // A line without end is shown around the mark.
    if before.count + marked.count + after.count > Self.maximumWidth {
      marked = Array(marked.prefix(Self.maximumWidth / 2))
      let room = (Self.maximumWidth - marked.count) / 2
      if before.count > room { before = Array("...".unicodeScalars) + before.suffix(room) }
      if after.count > room { after = after.prefix(room) + Array("...".unicodeScalars) }
    }
    var mark = ""
    for scalar in before {
      mark += scalar == "\t" ? "\t" : String(repeating: " ", count: Self.width(scalar))
    }
    let width = marked.reduce(0) { $0 + Self.width($1) }
    let number = String(line)
    let gutter = decorator.decorate(
      String(repeating: " ", count: number.utf8.count) + " |", .gutter)
    let shown = Self.printable(
      String(String.UnicodeScalarView(before + marked + after)))
    return "\(gutter)\n" + decorator.decorate("\(number) |", .gutter) + " \(shown)\n"
      + "\(gutter) \(mark)"
      + decorator.decorate(String(repeating: "^", count: max(width, 1)), .mark(severity)) + "\n"
  }

  /// Returns a text without characters that would move the cursor or change colours.
  package static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var view = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { view.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
    return String(view)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "\t" && scalar.properties.generalCategory == .control
  }

  /// Returns how many columns of a terminal a character takes.
  package static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x300: return 1
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return 1
    }
  }
}

/// Adds colour to the parts of a drawn diagnostic.
public struct DiagnosticDecorator: Sendable {
  /// The parts.
  public enum Part: Sendable {
    case place, message, code, gutter
    case severity(Diagnostic.Severity)
    case mark(Diagnostic.Severity)
  }

  /// Returns a part with what colours it.
  public let decorate: @Sendable (_ text: String, _ part: Part) -> String

  /// Creates a decorator.
  public init(_ decorate: @escaping @Sendable (_ text: String, _ part: Part) -> String) {
    self.decorate = decorate
  }

  /// Leaves everything as it is.
  public static let plain = DiagnosticDecorator { text, _ in text }

  /// Colours for terminals that know ANSI escapes.
  public static let ansi = DiagnosticDecorator { text, part in
    let code: String
    switch part {
    case .place, .message: code = "1"
    case .code, .gutter: code = "2"
    case .severity(.error), .mark(.error): code = "1;31"
    case .severity(.warning), .mark(.warning): code = "1;33"
    case .severity(.note), .mark(.note): code = "1;36"
    }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
