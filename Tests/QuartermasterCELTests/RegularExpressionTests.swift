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

  @Test func `categories are those of the system's characters`() throws {
    let letters = try RegularExpression("^\\pL$")
    let numbers = try RegularExpression("^\\p{Nd}$")
    let own = try RegularExpression("^\\p{Co}$")
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 131) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let category = scalar.properties.generalCategory
      let text = String(scalar)
      let isLetter: Bool
      switch category {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        isLetter = true
      default: isLetter = false
      }
      #expect(letters.matches(text) == isLetter, "\(String(value, radix: 16))")
      #expect(numbers.matches(text) == (category == .decimalNumber), "\(String(value, radix: 16))")
      #expect(own.matches(text) == (category == .privateUse), "\(String(value, radix: 16))")
    }
  }

  /// Patterns that are large, or that would be, each with what it is about.
  static let large: [(name: String, pattern: String)] = [
    ("folded categories", "(?i)" + String(repeating: "\\pL", count: 15_000)),
    ("folded classes", "(?i)" + String(repeating: "[\\pL\\d]", count: 3000)),
    (
      "folded classes that differ",
      "(?i)" + (0..<2000).map { "[\\pLa-\\x{\(String(97 + $0, radix: 16))}]" }.joined()
    ),
    ("a class of categories", "(?i)[" + String(repeating: "\\pL\\PN", count: 5000) + "]"),
    ("a class of letters", "(?i)[" + String(repeating: "a-zé", count: 4000) + "]"),
    ("a class of named classes", "(?i)[" + String(repeating: "[:^alpha:]", count: 5000) + "]"),
    ("letters", "(?i)" + String(repeating: "aé", count: 50_000)),
    ("groups", String(repeating: "(?:)", count: 25_000)),
    ("branches", String(repeating: "a|", count: 15_000)),
    ("counted groups", String(repeating: "(){1000}", count: 10_000)),
    (
      "counted categories",
      "(?i)(\\pL\\pN){1000}" + String(repeating: "\\p{Greek}{1000}", count: 30)
    ),
    ("a quoted text", "\\Q" + String(repeating: "a", count: 99_000)),
    ("a megabyte", String(repeating: "x", count: 1_000_000)),
  ]

  @Test(arguments: large.indices) func `a large pattern is matched or refused at once`(place: Int) {
    let (name, pattern) = Self.large[place]
    let started = ContinuousClock.now
    do throws(EvaluationError) {
      let expression = try RegularExpression(pattern)
      #expect(expression.weight < 8_000_000, "\(name) takes \(expression.weight) bytes")
      _ = expression.matches("Straße 12")
    } catch {
      #expect(error.code == .invalidArgument)
      // The message names the pattern, by its beginning.
      #expect(
        error.message.hasPrefix("\"\(pattern.prefix(4).replacing("\\", with: "\\\\"))"),
        "\(error.message)")
      #expect(error.message.contains("too large"), "\(name): \(error.message)")
      #expect(error.message.utf8.count < 500)
    }
    #expect(ContinuousClock.now - started < .seconds(5), "\(name)")
  }

  @Test func `a class that comes again is one set`() throws {
    let once = try RegularExpression("(?i)^\\pL[\\pL-]\\PN$")
    let often = try RegularExpression(
      "(?i)^" + String(repeating: "\\pL[\\pL-]\\PN", count: 200) + "$")
    #expect(often.weight < once.weight + 200 * 1000)
    // A name of a class is one only inside brackets.
    #expect(try RegularExpression("^[:alpha:][[:alpha:]]$").matches(":z"))
    #expect(try !RegularExpression("^[:alpha:][[:alpha:]]$").matches("z:"))
    // With case and without are two.
    #expect(try RegularExpression("^[k](?i)[k]$").matches("k\u{212A}"))
    #expect(try !RegularExpression("^[k](?i)[k]$").matches("\u{212A}k"))
    #expect(try RegularExpression("^(?i)\\p{Lu}(?-i)\\p{Lu}$").matches("aA"))
    #expect(try !RegularExpression("^(?i)\\p{Lu}(?-i)\\p{Lu}$").matches("Aa"))
  }

  @Test func `expressions that are kept take a bounded memory`() throws {
    for number in 0..<600 {
      _ = try RegularExpression.cached(
        "(?i)" + (0..<40).map { "[\\pL\($0)-\\x{\(String(4096 + number, radix: 16))}]" }.joined())
    }
    let (count, bytes) = RegularExpression.cached
    #expect(count <= 256)
    #expect(bytes <= 16_000_000)
    #expect(bytes > 0)
  }
}
