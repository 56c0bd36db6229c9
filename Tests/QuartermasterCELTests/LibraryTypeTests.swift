import Testing

@testable import QuartermasterCEL

/// The static types that calls of the library have: rules are checked against them.
@Suite struct LibraryTypeTests {
  static let environment: CELEnvironment = {
    var environment = CELEnvironment.quartermaster
    environment.declare(VariableDeclaration("price", .decimal))
    environment.declare(VariableDeclaration("prices", .list(.decimal)))
    environment.declare(VariableDeclaration("spans", .list(.duration)))
    environment.declare(VariableDeclaration("any", .dyn))
    return environment
  }()

  static let cases: [(String, CELType)] = [
    ("math.greatest(1, 2)", .int), ("math.greatest([1, 2])", .int),
    ("math.greatest(1, 2u)", .dyn), ("math.least(price, price)", .decimal),
    ("math.greatest(price, 5)", .decimal), ("math.abs(price - 1)", .decimal),
    ("[1, 2].sum()", .int), ("prices.sum()", .decimal), ("spans.sum()", .duration),
    ("prices.max()", .nullable(.decimal)), ("[1, 2].avg()", .nullable(.double)),
    ("prices.avg(2)", .nullable(.decimal)), ("['a'].first()", .nullable(.string)),
    ("[1].slice(0, 1)", .list(.int)), ("['a'].join(', ')", .string),
    ("[1, 2].sortBy(x, -x)", .list(.int)),
    ("[1, 2].groupBy(x, x % 2)", .map(key: .int, value: .list(.int))),
    ("price * 3 + 1", .decimal), ("price * 0.5", .decimal), ("-price", .decimal),
    ("div(price, 3, 2)", .decimal), ("round(price, 2)", .decimal), ("days(3)", .duration),
    ("timestamp('2026-03-02T09:00:00Z') - days(1)", .timestamp), ("price > 1", .bool),
    ("price == 1", .bool), ("size('x')", .int), ("any.size()", .int), ("any + 1", .dyn),
  ]

  @Test(arguments: cases) func `calls have the type that is declared`(
    text: String, type: CELType
  ) throws {
    let found = try Self.environment.check(try Self.environment.parse(ExprSource(text))).type
    #expect(found == type, "\(text) has the type \(found)")
  }

  static let refused = [
    "prices.avg()", "price / 2", "price + 1.5 * double('1')", "['a', 'b'].sum()", "math.abs('a')",
    "'a' + 1", "[null].sum()", "price == 'a'",
  ]

  @Test(arguments: refused) func `calls that fit no overload are refused`(text: String) throws {
    #expect(throws: DiagnosticList.self) {
      try Self.environment.check(try Self.environment.parse(ExprSource(text)))
    }
  }
}
