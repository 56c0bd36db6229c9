import Testing

@testable import QuartermasterCEL

private let escapesAndQuotes: [(String, String)] = [
  (#"'\a\b\f\n\r\t\v'"#, "'<7><8><c><a><d><9><b>'"), (#"'\\\?\"\'\`'"#, "'\\?\"<27>`'"),
  (#"'\x41\X7e\x00'"#, "'A~<0>'"), (#"'\xff'"#, "'<ff>'"), (#"'\101\000\377'"#, "'A<0><ff>'"),
  (#"'\u00e9\u2264'"#, "'<e9><2264>'"), (#"'\U0001F600'"#, "'<1f600>'"), ("'é'", "'<e9>'"),
  ("\"it's\"", "'it<27>s'"), ("'''a'b\n''c'''", "'a<27>b<a><27><27>c'"), (#""""a"b""""#, "'a\"b'"),
  ("''", "''"), ("''''''", "''"), (#"r'\n\"x'"#, #"'\n\"x'"#), (#"R"a\\""#, #"'a\\'"#),
  (#"r'''\'''"#, #"'\'"#), (#"r'\'"#, #"'\'"#), (#"r'a\'b'"#, "error"),
  (#"b'\x41\377é'"#, "b'41 ff c3 a9'"),
  (#"B"\000""#, "b'0'"),
  (#"br'\x41'"#, "b'5c 78 34 31'"), (#"bR"\""#, "b'5c'"), (#"'''\''''"#, "'<27>'"),
  (#"rb'a'"#, "error"), (#"'\ud800'"#, "error"), (#"'\U00110000'"#, "error"),
  (#"b'\u0041'"#, "error"),
  (#"'\400'"#, "error"), (#"'\18'"#, "error"), (#"'\xg0'"#, "error"), (#"'\u12'"#, "error"),
  (#"'\z'"#, "error"),
  ("'\\\n'", "error"), ("'a\rb'", "error"), ("'''a\rb'''", "'a<d>b'"), ("'\u{0}'", "'<0>'"),
]

@Test(arguments: escapesAndQuotes)
func `escapes and quotes`(_ text: String, _ shape: String) throws {
  if shape == "error" {
    #expect(throws: DiagnosticList.self) { try parse(text) }
  } else {
    #expect(try parse(text).shape == shape)
  }
}

private let aWrongEscapeIsMarkedIn: [(String, String)] = [
  (#"'a‹\q›'"#, #"`\q` is not an escape; write \\ for a backslash"#),
  (#"'a‹\é›'"#, #"`\é` is not an escape; write \\ for a backslash"#),
  (#"b'a‹\u›1234'"#, #"`\u` is not an escape; bytes take \xHH"#),
  (#"'‹\ud800›'"#, #"`\ud800` is no character: surrogates and numbers above 10FFFF are none"#),
  (
    #"'‹\U00110000›'"#,
    #"`\U00110000` is no character: surrogates and numbers above 10FFFF are none"#
  ),
  (
    #"'‹\x›1'"#,
    #"this escape needs more digits: \xHH, \uHHHH, \UHHHHHHHH, or three octal digits up to \377"#
  ),
]

@Test(arguments: aWrongEscapeIsMarkedIn)
func `a wrong escape is marked in its text`(_ marked: String, _ message: String) {
  expectDiagnostic(marked, "cel/literal", message)
}

@Test func `a literal keeps what was written`() throws {
  for text in ["0.10", "-0x1F", "1e3", "r'\\n'", "true", "null", "5u"] {
    guard case .literal(_, text) = try parse(text).kind else {
      Issue.record("\(text)")
      continue
    }
  }
}
