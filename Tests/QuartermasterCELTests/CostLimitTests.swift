import Testing

@testable import QuartermasterCEL

/// What bounds the work that a text or an evaluation may cause.
@Suite struct CostLimitTests {
  private static let environment: CELEnvironment = {
    var environment = CELEnvironment.everything
    environment.checksNull = false
    environment.declare(VariableDeclaration("l", .list(.int)))
    environment.declare(VariableDeclaration("s", .string))
    return environment
  }()

  private static let values: [String: Value] = [
    "l": .list((0..<1000).map { .int(Int64($0)) }),
    "s": .string(String(repeating: "ab", count: 5000)),
  ]

  /// Returns the text of the sub-expression that went beyond a limit; nil when none did.
  private func stopped(_ text: String, _ limit: Int, checked: Bool) throws -> String? {
    let parsed = try Self.environment.parse(ExprSource(text))
    let program =
      checked
      ? Self.environment.program(try Self.environment.check(parsed))
      : Self.environment.uncheckedProgram(parsed)
    do {
      _ = try program.evaluate(Self.values, costLimit: limit)
      return nil
    } catch {
      #expect(error.code == .limit, "\(text): \(error.message)")
      return program.text(of: error)
    }
  }

  private static let cases: [(text: String, limit: Int, part: String)] = [
    ("1 + 1 == 2 && l.exists(x, x < 0)", 500, "l.exists(x, x < 0)"),
    ("l.all(x, l.exists(y, y == x))", 10_000, "l.exists(y, y == x)"),
    ("l.map(x, x).map(y, y).size() > 0", 1500, "l.map(x, x).map(y, y)"),
    ("s + s == ''", 700, "s + s"), ("[l, l] == [l, l]", 100, "[l, l] == [l, l]"),
    ("-1 in l", 100, "-1 in l"), ("s.contains('x')", 100, "s.contains('x')"),
    ("s.matches('(a|b)*c')", 100, "s.matches('(a|b)*c')"),
    ("s.replace('a', 'b') == ''", 100, "s.replace('a', 'b')"),
    ("s.split('').size() == 1", 700, "s.split('')"),
    ("lists.range(l[999] * 100).size() == 0", 1000, "lists.range(l[999] * 100)"),
    ("lists.range(900000).size() == 0", 1000, "lists.range(900000)"),
    ("sets.contains(l, l)", 5000, "sets.contains(l, l)"),
    ("cel.bind(a, [l, l], cel.bind(b, [a, a], cel.bind(c, [b, b], c == c)))", 5000, "c == c"),
  ]

  @Test(arguments: cases) func `a limit names the part that goes beyond it`(
    _ text: String, _ limit: Int, _ part: String
  ) throws {
    #expect(try stopped(text, limit, checked: true) == part)
    // `&&` and `||` do not outweigh a limit.
    #expect(try stopped(text + " || true", limit, checked: true) == part)
    #expect(try stopped(text, limit, checked: false) == part)
    #expect(try stopped(text, 100_000_000, checked: true) == nil)
  }

  @Test func `a scope has a limit for each evaluation`() throws {
    let program = try Self.environment.compile("l.exists(x, x == 999)")
    let scope = ProgramScope(program)
    scope["l"] = Self.values["l"] ?? .null
    scope.costLimit = 1500
    for _ in 0..<3 { #expect(try program.isTrue(scope)) }
    scope.costLimit = 500
    #expect(throws: EvaluationError.self) { try program.isTrue(scope) }
    scope.costLimit = nil
    #expect(try program.isTrue(scope))
  }

  /// Texts of a megabyte and more, of shapes that are hard on one part or another.
  private static let huge: [String] = [
    String(repeating: "(", count: 1_000_000), String(repeating: "[", count: 1_000_000),
    String(repeating: "!", count: 1_000_000) + "true",
    String(repeating: "-", count: 1_000_000) + "1",
    "1" + String(repeating: " + 1", count: 250_000), "a" + String(repeating: ".b", count: 500_000),
    String(repeating: "9", count: 1_000_000), "'" + String(repeating: "x", count: 1_000_000) + "'",
    String(repeating: "true ? ", count: 150_000), String(repeating: "[1].map(x, ", count: 100_000),
    String(repeating: "#", count: 1_000_000), "0." + String(repeating: "1", count: 1_000_000),
    "a" + String(repeating: "[0]", count: 350_000), String(repeating: "x", count: 1_000_000),
  ]

  @Test(arguments: huge.indices) func `a huge text is an error at once`(place: Int) {
    let error = #expect(throws: DiagnosticList.self) {
      try Self.environment.parse(ExprSource(Self.huge[place]))
    }
    #expect(error?.items.map(\.code) == ["cel/length"])
  }

  @Test(arguments: huge.indices) func `a shorter one is an error of its own kind`(
    place: Int
  ) {
    let text = String(Self.huge[place].unicodeScalars.prefix(200_000))
    do throws(DiagnosticList) {
      _ = try Self.environment.check(try Self.environment.parse(ExprSource(text)))
      // A fraction may have any number of digits.
      #expect(text.hasPrefix("0."), "case \(place) was accepted")
    } catch {
      #expect(!error.items.isEmpty)
      #expect(!error.items.contains { $0.code == "cel/length" })
    }
  }

  @Test func `a depth limit names the part that is too deep`() throws {
    var environment = Self.environment
    environment.maximumDepth = 3
    _ = try environment.parse(ExprSource("1 + 2 + 3"))
    let error = #expect(throws: DiagnosticList.self) {
      try environment.parse(ExprSource("1 + 2 + 3 + 4"))
    }
    #expect(error?.items.map(\.code) == ["cel/depth"])
    #expect(error?.items.first?.span.range == 0..<13)
  }

  @Test func `without a limit nothing is counted against an evaluation`() throws {
    let program = try Self.environment.compile("l.map(x, l.size()).sum() == 1000000")
    #expect(Value.equal(try program.evaluate(Self.values), .bool(true)))
  }
}
