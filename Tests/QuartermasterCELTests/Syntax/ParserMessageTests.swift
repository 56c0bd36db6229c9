import Testing

@testable import QuartermasterCEL

private let everything: CELEnvironment = {
  var environment = CELEnvironment.quartermaster
  environment.libraries.append(CELLibrary(name: "macros", functions: [], macros: everyMacro))
  return environment
}()

private let aWrongTextGivesItsMessage: [(String, String, String)] = [
  ("‹›", "cel/syntax", "there is no expression here"),
  ("a +‹›", "cel/syntax", "expected a value, found the end"),
  ("a ‹b›", "cel/syntax", "expected an operator or the end, found `b`"),
  ("a ‹and› b", "cel/syntax", "expected an operator or the end, found `and`; write `&&`"),
  ("a ‹or› b", "cel/syntax", "expected an operator or the end, found `or`; write `||`"),
  ("not ‹a›", "cel/syntax", "expected an operator or the end, found `a`; write `!`"),
  ("a ‹is› null", "cel/syntax", "expected an operator or the end, found `is`; write `==`"),
  ("a ‹=› b", "cel/syntax", "unexpected `=`; write `==` to compare"),
  ("a ‹&› b", "cel/syntax", "unexpected `&`; write `&&`"),
  ("a ‹|› b", "cel/syntax", "unexpected `|`; write `||`"),
  ("a ‹;›", "cel/syntax", "unexpected `;`"),
  ("‹é›t", "cel/syntax", "unexpected `é` (U+00E9); names are made of a-z, A-Z, 0-9 and _"),
  ("a‹\u{A0}›+ b", "cel/syntax", "the character U+00A0 may stand only inside quotes"),
  ("‹“›a”", "cel/syntax", "unexpected `“`; write straight quotes"),
  ("a ‹≤› b", "cel/syntax", "unexpected `≤`; write `<=`"),
  ("a ? b‹›", "cel/syntax", "expected `:`, found the end"),
  ("a.‹›", "cel/syntax", "expected the name of a field after `.`, found the end"),
  (". ‹1›", "cel/syntax", "expected a name after `.`, found `1`"),
  ("‹`a`›", "cel/syntax", "`a` may stand only after a dot; texts are written in \" or '"),
  (
    "a.‹`b›", "cel/syntax",
    "a name in backticks needs at least one character and ends with a ` on its line"
  ),
  (
    "‹a.B›{c: 1}", "cel/syntax",
    "`a.B{...}` does not exist here: expressions make no records; a map is written {\"key\": value}"
  ),
  ("{a‹}›", "cel/syntax", "expected `:` after the key, found `}`"),
  ("‹)›", "cel/syntax", "expected a value, found `)`"),
  ("a.?b‹(›)", "cel/syntax", "expected no call after `.?`, found `(`"),
  ("‹if›", "cel/reserved", "`if` is a reserved word"),
  ("a.‹in›", "cel/reserved", "`in` is a reserved word; write .`in` for a field of that name"),
  ("‹9223372036854775808›", "cel/literal", "9223372036854775808 is out of range for int"),
  ("a + ‹-9223372036854775809›", "cel/literal", "-9223372036854775809 is out of range for int"),
  ("‹18446744073709551616u›", "cel/literal", "18446744073709551616u is out of range for uint"),
  ("‹-1u›", "cel/literal", "-1u is out of range for uint"),
  ("‹1e400›", "cel/literal", "1e400 is out of range for double"),
  ("‹0x›", "cel/literal", "`0x` is not a number"),
  ("‹12ab›", "cel/literal", "`12ab` is not a number"),
  ("‹1e›", "cel/literal", "`1e` is not a number"),
  (
    "‹'abc›", "cel/literal",
    "this text has no closing quote; only a text in triple quotes may go over several lines"
  ),
  (
    "‹'abc›\n'", "cel/literal",
    "this text has no closing quote; only a text in triple quotes may go over several lines"
  ),
  ("‹'''abc\n'›", "cel/literal", "this text has no closing quote"),
  ("has(‹a›)", "cel/macro", "has() takes a selection such as has(order.reference)"),
  ("has(‹a[0]›)", "cel/macro", "has() takes a selection such as has(order.reference)"),
  ("has(‹a.?b›)", "cel/macro", "has() takes a selection such as has(order.reference)"),
  (
    "a.all(‹b.c›, true)", "cel/macro",
    "`all` needs a plain name for its variable here, as in all(x, ...)"
  ),
  (
    "a.all(‹.b›, true)", "cel/macro",
    "`all` needs a plain name for its variable here, as in all(x, ...)"
  ),
  ("a.all(i, ‹i›, true)", "cel/macro", "the two variables are both named `i`"),
  (
    "cel.bind(‹1›, 2, 3)", "cel/macro",
    "`cel.bind` needs a plain name for its variable here, as in cel.bind(x, ...)"
  ),
  ("cel.index(‹a›)", "cel/macro", "`cel.index` needs whole numbers here"),
]

@Test(arguments: aWrongTextGivesItsMessage)
func `a wrong text gives its message`(_ marked: String, _ code: String, _ message: String) {
  expectDiagnostic(marked, code, message, in: everything)
}

@Test func `one text can give several messages`() {
  expectDiagnostics(
    #"f(a ‹b›, '‹\q›‹\x›1') + [1 ‹2›, ‹if›] ‹=› 3"#,
    [
      ("cel/syntax", "expected `,` or `)`, found `b`"),
      ("cel/literal", #"`\q` is not an escape; write \\ for a backslash"#),
      (
        "cel/literal",
        #"this escape needs more digits: \xHH, \uHHHH, \UHHHHHHHH, or three octal digits up to \377"#
      ),
      ("cel/syntax", "expected `,` or `]`, found `2`"),
      ("cel/reserved", "`if` is a reserved word"),
      ("cel/syntax", "unexpected `=`; write `==` to compare"),
    ])
}

@Test func `a missing bracket points back at the one that was opened`() {
  do throws(DiagnosticList) {
    _ = try parse("f(a, [b + 1)")
    Issue.record("parsed")
  } catch {
    #expect(error.items.map(\.message) == ["expected `,` or `]`, found `)`"])
    #expect(error.items.first?.notes.map(\.span.range) == [5..<6])
  }
}

@Test func `too deep is one message`() {
  let text = String(repeating: "(", count: 300) + "a"
  do throws(DiagnosticList) {
    _ = try parse(text)
    Issue.record("parsed")
  } catch {
    #expect(error.items.map(\.code) == ["cel/depth"])
    #expect(
      error.items.map(\.message)
        == [
          "this expression is nested or chained more than 250 levels deep; give a part of it a name"
        ])
  }
}
