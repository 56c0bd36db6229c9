import Testing

@testable import QuartermasterCEL

/// The language in small: what each expression gives or how it fails, checked and unchecked.
@Suite struct LanguageTests {
  static let libraries: [CELLibrary] = [
    .standard, .decimals, .spans, .lists, .math, .strings, .optionals, .bindings, .pairs,
  ]

  /// Expressions that are true.
  static let holding = [
    // Precedence and associativity.
    "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "10 - 4 - 3 == 3", "2 * 3 % 4 == 2", "-2 * -3 == 6",
    "!false && true", "true || false && false", "1 < 2 == true", "(false ? 1 : true ? 2 : 3) == 2",
    "-9223372036854775808 < 0", "1 - -1 == 2", "0x1F == 31", "1e3 == 1000.0", ".5 == 0.5",
    // Logic absorbs errors on either side.
    "!(1 / 0 == 1 && false)", "!(false && 1 / 0 == 1)", "1 / 0 == 1 || true", "true || 1 / 0 == 1",
    "!('x' == 'y' && 1 / 0 == 1 && true)", "(1 / 0 == 1 || true) && true",
    "[0, 1].exists(x, 1 / x == 1)", "![0, 2].all(x, 1 / x == 1)", "[1, 0].exists(x, 1 / x == 1)",
    // Equality and order.
    "dyn(1) == 1.0 && dyn(1u) == 1", "dyn('1') != 1", "[1, [2]] == [1, [2]]", "null == null",
    "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "double('NaN') != double('NaN')", "0.0 == -0.0",
    "'é' != 'e\\u0301'", "'a' < 'é'", "b'a' < b'b'", "dyn(1) < 1.5", "!(dyn(2) < 1u)",
    "[3, 1, 2].sortBy(x, x) == [1, 2, 3]", "['b', 'a'].sortBy(x, x) == ['a', 'b']",
    "[{'k': 1, 'v': 'x'}, {'k': 0, 'v': 'y'}, {'k': 1, 'v': 'z'}].sortBy(m, m.k).map(m, m.v)"
      + " == ['y', 'x', 'z']",
    // Lists, maps, selection.
    "[1, 2, 3][2] == 3", "{'a': {'b': 5}}.a.b == 5", "{1: 'x'}[1] == 'x'",
    "dyn({1: 'x'})[1u] == 'x'",
    "has({'a': null}.a)", "!has({'a': 1}.b)", "'a' in {'a': 1}", "2 in [1, 2]", "!(3 in [1, 2])",
    "null in [1, null]", "size([]) == 0", "{'a': 1}.size() == 1", "[1] + [2] == [1, 2]",
    // Macros.
    "[1, 2, 3].all(x, x > 0)", "![].exists(x, true)", "[].all(x, false)",
    "[1, 2, 2].exists_one(x, x == 1)",
    "[1, 2, 3].filter(x, x % 2 == 1) == [1, 3]", "[1, 2].map(x, x * x) == [1, 4]",
    "[1, 2, 3].map(x, x > 1, x * 10) == [20, 30]", "{'a': 1, 'b': 2}.exists(k, k == 'b')",
    "{'b': 1, 'a': 2}.map(k, k) == ['b', 'a']",
    "[[1, 2], [3]].map(x, x.map(y, y + 1)) == [[2, 3], [4]]",
    "[1, 2].exists(x, [2, 3].exists(y, x == y))", "[1, 2].map(x, [x].map(x, x + 1)) == [[2], [3]]",
    "cel.bind(x, 3, x * x) == 9", "['a', 'b'].transformList(i, v, string(i) + v) == ['0a', '1b']",
    "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}", "[5, 6].exists(i, v, i == 1 && v == 6)",
    "[1, 2, 3].groupBy(x, x % 2) == {1: [1, 3], 0: [2]}",
    // Totals.
    "[].sum() == 0", "[1.5, 2.5].sum() == 4.0", "[1, 2, 3].max() == 3", "[].max() == null",
    "[1, 2].avg() == 1.5", "[].avg() == null", "[1, 2, 2].avg(2) == decimal('1.67')",
    "[duration('1h'), duration('30m')].sum() == duration('90m')", "[3, 1, 3].distinct() == [3, 1]",
    "[1, 2, 3].slice(1, 9) == [2, 3]", "[1, 2, 3].slice(2, 1) == []", "[1].last() == 1",
    // Decimals.
    "decimal('0.1') + decimal('0.2') == decimal('0.3')", "decimal('1.50') == decimal('1.5')",
    "string(decimal('1.50') * decimal('2.0')) == '3.000'", "decimal('1') + 1 == decimal('2')",
    "dyn(decimal('1.0')) == 1", "decimal('2') > 1", "string(div(decimal('2'), 3, 3)) == '0.667'",
    "string(round(decimal('-2.5'), 0)) == '-3'", "decimal(0.1) == decimal('0.1')",
    // Text and time.
    "'πέντε'.size() == 5", "'abc'.contains('bc')", "'a' + 'b' == 'ab'",
    "'%d%%'.format([5]) == '5%'",
    "timestamp('2026-03-02T09:00:00+01:00') == timestamp('2026-03-02T08:00:00Z')",
    "timestamp('2026-03-29T01:30:00Z').getHours('Europe/Paris') == 3",
    "timestamp('2026-01-01T00:00:00Z') + days(31) == timestamp('2026-02-01T00:00:00Z')",
    "string(days(1)) == '86400s'", "string(1.0) == '1'", "string(1e100) == '1e+100'",
    // Types and optional values.
    "type(1) == int && type('') == string && type(null) == null_type", "type([]) == list",
    "type(type(1)) == type", "{'a': 1}.?b.orValue(7) == 7", "[1][?3].hasValue() == false",
    "optional.of(2).optMap(x, x * 2).value() == 4", "[?optional.none(), 1] == [1]",
  ]

  @Test(arguments: holding) func `expressions hold`(text: String) throws {
    var environment = CELEnvironment(libraries: Self.libraries)
    environment.checksNull = false
    let parsed = try environment.parse(ExprSource(text))
    let loose = try environment.uncheckedProgram(parsed).evaluate()
    #expect(Value.equal(loose, .bool(true)), "unchecked, it gave \(loose)")
    let program = environment.program(try environment.check(parsed))
    let value = try program.evaluate()
    #expect(Value.equal(value, .bool(true)), "it gave \(value)")
  }

  static let failing: [(String, EvaluationError.Code)] = [
    ("9223372036854775807 + 1", .overflow), ("-9223372036854775808 / -1", .overflow),
    ("0u - 1u", .overflow),
    ("1 / 0", .divisionByZero), ("1 % 0", .divisionByZero), ("[1][1]", .indexOutOfRange),
    ("[1][-1]", .indexOutOfRange),
    ("{'a': 1}.b", .noSuchKey), ("{'a': 1, 'a': 2}", .duplicateKey),
    ("dyn('a') + 1", .noSuchOverload),
    ("dyn(1) < 'a'", .noSuchOverload), ("dyn(null) < 1", .nullValue),
    ("dyn(1) && true", .noSuchOverload),
    ("1 / 0 == 1 && true", .divisionByZero), ("1 / 0 == 1 || false", .divisionByZero),
    ("[1, 0].map(x, 1 / x)", .divisionByZero), ("[1, 0].filter(x, 1 / x == 1)", .divisionByZero),
    ("[0, 1, 1].exists_one(x, 1 / x == 1)", .divisionByZero),
    ("[0].exists(x, 1 / x == 1)", .divisionByZero),
    ("(1 / 0 == 1) ? 1 : 2", .divisionByZero), ("int('x')", .invalidArgument),
    ("timestamp('x')", .invalidArgument),
    ("duration('3d')", .invalidArgument), ("duration('9999999h')", .invalidArgument),
    ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", .overflow), ("int(1e30)", .overflow),
    ("'a'.matches('(')", .invalidArgument), ("'abc'.substring(2, 1)", .indexOutOfRange),
    ("[dyn(1), dyn(null)].sum()", .nullValue), ("[dyn(null)].max()", .nullValue),
    ("[dyn(1), dyn(null)].sortBy(x, x)", .nullValue), ("[[1]].sortBy(x, dyn(x))", .noSuchOverload),
    ("div(1, 0, 2)", .divisionByZero), ("div(1, 3, 99)", .invalidArgument),
    ("dyn(decimal('1')) / 2", .noSuchOverload),
    ("dyn(decimal('1')) < 2.0", .noSuchOverload), ("dyn([decimal('1')]).avg()", .noSuchOverload),
    ("optional.none().value()", .noSuchKey), ("dyn(5).x", .noSuchField),
    ("dyn(null).x", .nullValue),
    ("timestamp(0).getHours('Nowhere')", .invalidArgument),
    ("math.greatest(dyn([]))", .invalidArgument),
    ("days(9223372036854775807)", .overflow),
    (
      "decimal('1' + '0'.replace('0', '0000000000000000000000000000000000000000'))",
      .invalidArgument
    ),
  ]

  @Test(arguments: failing) func `expressions fail where they stand`(
    text: String, code: EvaluationError.Code
  ) throws {
    var environment = CELEnvironment(libraries: Self.libraries)
    environment.checksNull = false
    let parsed = try environment.parse(ExprSource(text))
    for program in [
      environment.uncheckedProgram(parsed), environment.program(try environment.check(parsed)),
    ] {
      let error = #expect(throws: EvaluationError.self) { try program.evaluate() }
      #expect(error?.code == code, "\(error?.message ?? "")")
      #expect(error?.range != nil)
    }
  }

  @Test func `names and functions of an unchecked text are looked for when they are reached`()
    throws
  {
    var environment = CELEnvironment.standard
    func run(_ text: String, _ bindings: [String: Value] = [:]) throws -> String {
      let program = environment.uncheckedProgram(try environment.parse(ExprSource(text)))
      do { return try program.evaluate(bindings).description } catch { return error.code.rawValue }
    }
    #expect(try run("x") == "unknownName")
    #expect(try run("x || true") == "true")
    #expect(try run("nothing(1) || true") == "true")
    #expect(try run("nothing(1)") == "unknownFunction")
    #expect(try run("1.nothing()") == "unknownFunction")
    let map = try #require(MapValue([(.string("c"), .int(1))]))
    #expect(try run("a.b.c", ["a.b": .map(map)]) == "1")
    #expect(try run("a.b.c", ["a.b": .map(map), "a.b.c": .int(2)]) == "2")
    environment.container = "p.q"
    #expect(try run("x", ["x": .int(1), "p.x": .int(2)]) == "2")
    #expect(try run("x", ["x": .int(1), "p.q.x": .int(3), "p.x": .int(2)]) == "3")
    #expect(try run(".x", ["x": .int(1), "p.x": .int(2)]) == "1")
    #expect(try run("[1].exists(x, x == 1)", ["x": .int(5)]) == "true")
  }

  @Test func `a text that grows without end is stopped`() throws {
    var environment = CELEnvironment(libraries: Self.libraries)
    environment.declare(VariableDeclaration("x", .string))
    let large = Value.string(String(repeating: "x", count: 40_000_000))
    for text in ["x + x == ''", "[x, x].join() == '' || true"] {
      let error = #expect(throws: EvaluationError.self) {
        try environment.compile(text).evaluate(["x": large])
      }
      #expect(error?.code == .limit)
    }
  }

  @Test func `a scope keeps its values between evaluations`() throws {
    var environment = CELEnvironment.quartermaster
    environment.declare(VariableDeclaration("quantity", .int))
    environment.declare(VariableDeclaration("limit", .nullable(.int)))
    let program = try environment.compile("limit != null && quantity <= limit")
    let scope = ProgramScope(program)
    #expect(throws: EvaluationError.self) { try program.isTrue(scope) }
    scope["quantity"] = .int(3)
    scope["limit"] = .null
    #expect(try !program.isTrue(scope))
    let limit = scope.place(of: "limit")
    for (value, holds) in [(2, false), (3, true), (9, true)] {
      scope.set(.int(Int64(value)), at: limit)
      #expect(try program.isTrue(scope) == holds)
    }
    scope["limit"] = .null
    #expect(try !program.isTrue(scope))
    #expect(scope.place(of: "nothing") == nil)
    scope["nothing"] = .int(1)
    #expect(try program.evaluate(["quantity": .int(1), "limit": .int(1)]).description == "true")
  }
}
