import Testing

@testable import QuartermasterCEL

@Suite struct RegularExpressionTests {
  static let cases: [(pattern: String, text: String, matches: Bool)] = [
    ("", "", true), ("", "abc", true), ("abc", "xabcx", true), ("abc", "ab", false),
    ("^abc$", "abc", true), ("^abc$", "abc\n", false), ("a.c", "a\nc", false),
    ("(?s)a.c", "a\nc", true),
    ("a|b|", "z", true), ("^(a|b)$", "b", true), ("^(?:ab)+$", "ababab", true),
    ("^(ab)+$", "aba", false),
    ("^a*$", "aaaa", true), ("^a+?$", "aaaa", true), ("^a?$", "aa", false),
    ("^a{2,3}$", "aaa", true),
    ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaaa", true), ("^a{2}$", "a", false),
    ("a{,2}", "a{,2}", true),
    ("x{", "x{", true), ("^[a-c]+$", "abcba", true), ("^[^a-c]+$", "xyz", true),
    ("[^a]", "a", false),
    ("^[]a]+$", "]a", true), ("^[a-]+$", "a-", true), ("^[\\d.]+$", "1.5", true),
    ("^[[:alpha:]]+$", "abC", true),
    ("^[[:^digit:]]+$", "abc", true), ("^\\d{3}-\\w+$", "123-ab_c", true), ("^\\S+$", "a b", false),
    ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoo", false), ("\\Boo\\b", "foo", true),
    ("(?i)straße", "STRAßE", true), ("(?i)abc", "AbC", true), ("(?i:a)b", "AB", false),
    ("(?i)[a-c]+$", "ABC", true),
    ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false), ("\\Ab", "a\nb", false),
    ("(?m)\\z", "a", true),
    ("\\x41\\x{1F431}", "A🐱", true), ("\\101", "A", true), ("\\.", ".", true), ("\\.", "a", false),
    ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false), ("^\\pL+$", "äöü", true),
    ("^\\p{Lu}$", "a", false),
    ("^\\PL$", "1", true), ("(?P<year>\\d+)", "2026", true), ("(?<year>\\d+)", "x", false),
    ("^.$", "🐱", true), ("^.{2}$", "e\u{301}", true), ("a++", "", false), ("(a*)*b", "aaaa", false),
    ("(a|a)*c", "aaaaab", false), ("^$", "", true), ("$^", "", true), ("()", "x", true),
    ("^\\p{Greek}+$", "κόσμος", true), ("\\p{Han}", "漢", true), ("\\p{Latin}", "я", false),
    ("\\p{^Greek}", "α", false), ("\\P{Cyrillic}", "я", false), ("^\\p{N}\\p{Zs}$", "٣ ", true),
    ("(?i)k", "\u{212A}", true), ("(?i)\\x{212A}", "K", true), ("(?i)σ", "ς", true),
    ("(?i)[^k]", "\u{212A}", false),
    ("^\\Qab\\E*$", "abbb", true), ("^\\Qab\\E*$", "abab", false), ("\\Q\\E", "", true),
    ("\\Qa+", "a+", true),
    ("(?s).(?-s).", "\n\n", false), ("(?i)a(?-i)b", "Ab", true), ("(?i)a(?-i)b", "AB", false),
    ("(?im)^B$", "a\nb", true), ("\\pN", "5", true), ("[\\pL\\d]", "_", false),
    ("^[[:^alpha:][:digit:]]+$", "1_", true),
    ("é", "e\u{301}", false), ("e\u{301}", "é", false), ("(){1000}", "x", true),
    ("(a{30}){30}", "a", false),
    ("\\s", "\u{0B}", false),
    ("^(([a-z]+)[.])*[a-z]+$", "a.bc.def", true),
    ("[\\w-]+@[\\w-]+\\.com", "mail me@example.com now", true),
  ]

  @Test(arguments: cases) func `a pattern matches as RE2 has it`(
    pattern: String, text: String, matches: Bool
  ) throws {
    if pattern == "a++" {
      #expect(throws: EvaluationError.self) { try RegularExpression(pattern) }
      return
    }
    #expect(try RegularExpression(pattern).matches(text) == matches, "\(pattern) on \(text)")
  }

  @Test(arguments: [
    "(", ")", "a)", "(a", "[a", "[b-a]", "*", "+a", "?", "a**", "{2}", "a{3,2}", "a{1001}", "\\",
    "\\1", "(?=a)",
    "(?!a)", "(?<=a)", "(?<!a)", "\\p{Nothing}", "\\p", "(?z)", "[[:nothing:]]", "\\x{110000}",
    "\\xZZ", "\\k",
    "((a{1000}){1000}){1000}", "(?P=name)", "((((){1000}){1000}){1000}){1000}", "(a{40}){40}",
    "(?i)*", "(?i)+a",
    "\\p{greek}", "\\p{Klingon}",
  ]) func `what is wrong or cannot be linear is refused`(pattern: String) {
    let error = #expect(throws: EvaluationError.self) { try RegularExpression(pattern) }
    #expect(error?.code == .invalidArgument)
  }

  @Test func `no pattern takes exponential time`() throws {
    let text = String(repeating: "a", count: 5000)
    #expect(try !RegularExpression("^(a+)+$x").matches(text))
    #expect(try !RegularExpression("(a|a)*(a|a)*(a|a)*b").matches(text))
    #expect(try RegularExpression("(x+x+)+y|a{1000}").matches(text))
  }
}
