extension StandardLibrary {
  /// `+ - * / %` and the unary minus.
  static let arithmetic: [FunctionDeclaration] = [
    FunctionDeclaration(
      "_+_", "The sum of numbers or times; texts, bytes or lists one after the other.",
      overloads: [
        .two("add_int64", .int, .int, .int, Value.add),
        .two("add_uint64", .uint, .uint, .uint, Value.add),
        .two("add_double", .double, .double, .double, Value.add),
        .two("add_string", .string, .string, .string, Value.add),
        .two("add_bytes", .bytes, .bytes, .bytes, Value.add),
        .two("add_list", .list(.a), .list(.a), .list(.a), Value.add),
        .two("add_timestamp_duration", .timestamp, .duration, .timestamp, Value.add),
        .two("add_duration_timestamp", .duration, .timestamp, .timestamp, Value.add),
        .two("add_duration_duration", .duration, .duration, .duration, Value.add),
      ],
      examples: [
        "1 + 2 == 3", "'a' + 'b' == 'ab'", "[1] + [2] == [1, 2]",
        "timestamp('2026-03-02T09:00:00Z') + duration('1h') == timestamp('2026-03-02T10:00:00Z')",
      ]),
    FunctionDeclaration(
      "_-_", "The difference of numbers or times.",
      overloads: [
        .two("subtract_int64", .int, .int, .int, Value.subtract),
        .two("subtract_uint64", .uint, .uint, .uint, Value.subtract),
        .two("subtract_double", .double, .double, .double, Value.subtract),
        .two("subtract_timestamp_timestamp", .timestamp, .timestamp, .duration, Value.subtract),
        .two("subtract_timestamp_duration", .timestamp, .duration, .timestamp, Value.subtract),
        .two("subtract_duration_duration", .duration, .duration, .duration, Value.subtract),
      ],
      examples: ["3 - 2 == 1", "duration('90m') - duration('1h') == duration('30m')"]),
    FunctionDeclaration(
      "_*_", "The product of two numbers.",
      overloads: [
        .two("multiply_int64", .int, .int, .int, Value.multiply),
        .two("multiply_uint64", .uint, .uint, .uint, Value.multiply),
        .two("multiply_double", .double, .double, .double, Value.multiply),
      ],
      examples: ["3 * 4 == 12"]),
    FunctionDeclaration(
      "_/_", "The quotient of two numbers; whole numbers are cut off toward 0.",
      overloads: [
        .two("divide_int64", .int, .int, .int, Value.divide),
        .two("divide_uint64", .uint, .uint, .uint, Value.divide),
        .two("divide_double", .double, .double, .double, Value.divide),
      ],
      examples: ["7 / 2 == 3", "-7 / 2 == -3", "7.0 / 2.0 == 3.5"]),
    FunctionDeclaration(
      "_%_", "What an integer division leaves, with the sign of the dividend.",
      overloads: [
        .two("modulo_int64", .int, .int, .int, Value.remainder),
        .two("modulo_uint64", .uint, .uint, .uint, Value.remainder),
      ],
      examples: ["7 % 3 == 1", "-7 % 3 == -1"]),
    FunctionDeclaration(
      "-_", "The number with the other sign.",
      overloads: [
        .one("negate_int64", .int, .int, Value.negate),
        .one("negate_double", .double, .double, Value.negate),
      ],
      examples: ["-(1 + 2) == -3"]),
  ]

  /// The types with an order, by the names that overloads have for them.
  private static let ordered: [(String, CELType)] = [
    ("int64", .int), ("uint64", .uint), ("double", .double), ("string", .string),
    ("bool", .bool), ("bytes", .bytes), ("timestamp", .timestamp), ("duration", .duration),
  ]

  private static func comparison(
    _ name: String, _ id: String, _ documentation: String, _ examples: [String],
    _ test: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Bool
  ) -> FunctionDeclaration {
    let body: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
      a, b throws(EvaluationError) in .bool(try test(a, b))
    }
    return FunctionDeclaration(
      name, documentation,
      overloads: ordered.map { .two("\(id)_\($0)", $1, $1, .bool, body) }
        + [.two("\(id)_decimal", .decimal, .decimal, .bool, body)]
        + decimalPairs.map { .two("\(id)_\($0)_\($1)", $2, $3, .bool, body) },
      examples: examples)
  }

  /// `< <= > >=`.
  static let comparisons: [FunctionDeclaration] = [
    comparison(
      "_<_", "less", "Whether the first comes before the second.",
      ["1 < 2", "'a' < 'b'", "false < true"], Value.less),
    comparison(
      "_<=_", "less_equals", "Whether the first comes before the second or is equal.", ["2 <= 2"],
      Value.lessOrEqual),
    comparison(
      "_>_", "greater", "Whether the first comes after the second.", ["2 > 1"], Value.greater),
    comparison(
      "_>=_", "greater_equals", "Whether the first comes after the second or is equal.", ["2 >= 2"],
      Value.greaterOrEqual),
  ]
}

extension Value {
  /// Returns whether one value is greater than another: `>`.
  public static func greater(_ a: Value, _ b: Value) throws(EvaluationError) -> Bool {
    try less(b, a)
  }

  /// Returns whether one value is at least another: `>=`.
  public static func greaterOrEqual(_ a: Value, _ b: Value) throws(EvaluationError) -> Bool {
    try lessOrEqual(b, a)
  }
}
