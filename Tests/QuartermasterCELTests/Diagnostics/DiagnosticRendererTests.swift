import Testing

@testable import QuartermasterCEL

private func diagnostic(
  _ text: String, _ range: Range<Int>, name: String = "stock.yaml",
  _ severity: Diagnostic.Severity = .error, notes: [Diagnostic] = []
) -> Diagnostic {
  Diagnostic(
    severity, "cel/test", "a message",
    at: SourceSpan(file: SourceFile(name: name, text: text), range: range), notes: notes)
}

@Test func `a message is drawn as the manual shows it`() throws {
  let lines = (1...13).map { "line \($0)" }.joined(separator: "\n")
  let text = lines + "\n    becomes: inventory.quantity <= inventory.treshold\nmore"
  let start = lines.utf8.count + 1
  let expression = "inventory.quantity <= inventory.treshold"
  let source = ExprSource(
    text: expression, file: SourceFile(name: "stock.yaml", text: text),
    segments: [ExprSource.Segment(textOffset: 0, fileOffset: start + 13)])
  do throws(DiagnosticList) {
    _ = try CELEnvironment.shop.checked(source)
    Issue.record("no message")
  } catch {
    #expect(
      DiagnosticRenderer().render(error) == """
        stock.yaml:14:36: error: `inventory.treshold` does not exist; did you mean `threshold`? [cel/unknown-field]
           |
        14 |     becomes: inventory.quantity <= inventory.treshold
           |                                    ^^^^^^^^^^^^^^^^^^

        """)
  }
}

@Test func `tabs are kept, wide characters take two columns, combining ones none`() {
  #expect(
    DiagnosticRenderer().render(diagnostic("\tä日e\u{301} x\n", 10..<11, .warning))
      == "stock.yaml:1:7: warning: a message [cel/test]\n  |\n1 | \tä日e\u{301} x\n  | \t     ^\n")
}

@Test func `of several lines the first is marked`() {
  #expect(
    DiagnosticRenderer().render(diagnostic("ab cd\nef", 3..<8))
      == "stock.yaml:1:4: error: a message [cel/test]\n  |\n1 | ab cd\n  |    ^^\n")
}

@Test func `a place at the end has one mark`() {
  #expect(
    DiagnosticRenderer().render(diagnostic("a +", 3..<3))
      == "stock.yaml:1:4: error: a message [cel/test]\n  |\n1 | a +\n  |    ^\n")
}

@Test func `what has no text has no place in it`() {
  #expect(
    DiagnosticRenderer().render(diagnostic("", 0..<0))
      == "stock.yaml: error: a message [cel/test]\n")
}

@Test func `notes follow without a code`() {
  let note = diagnostic("f(a", 1..<2, .note)
  #expect(
    DiagnosticRenderer(showsSource: false).render(diagnostic("f(a", 3..<3, notes: [note]))
      == "stock.yaml:1:4: error: a message [cel/test]\nstock.yaml:1:2: note: a message\n")
}

@Test func `control characters do not reach the terminal`() {
  let text = DiagnosticRenderer().render(diagnostic("a\u{1B}[31mb", 0..<1, name: "x\u{7}"))
  #expect(!text.unicodeScalars.contains("\u{1B}") && !text.unicodeScalars.contains("\u{7}"))
}

@Test func `of a long line the part around the mark is shown`() {
  let text = String(repeating: "a", count: 100_000) + "!" + String(repeating: "b", count: 100_000)
  let drawn = DiagnosticRenderer().render(diagnostic(text, 100_000..<100_001))
  let lines = drawn.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(drawn.utf8.count < 600)
  let (source, mark) = (lines[2], lines[3])
  #expect(
    source.utf8.distance(from: source.utf8.startIndex, to: source.utf8.firstIndex(of: 0x21)!)
      == mark.utf8.distance(from: mark.utf8.startIndex, to: mark.utf8.firstIndex(of: 0x5E)!))
}

@Test func `colour is added around the parts`() {
  let drawn = DiagnosticRenderer(decorator: .ansi).render(diagnostic("ab", 0..<2))
  #expect(drawn.contains("\u{1B}[1;31merror:\u{1B}[0m"))
  #expect(drawn.contains("\u{1B}[1;31m^^\u{1B}[0m"))
  var plain = ""
  var isEscape = false
  for scalar in drawn.unicodeScalars {
    if scalar == "\u{1B}" { isEscape = true }
    if !isEscape { plain.unicodeScalars.append(scalar) }
    if scalar == "m", isEscape { isEscape = false }
  }
  #expect(plain == DiagnosticRenderer().render(diagnostic("ab", 0..<2)))
}
