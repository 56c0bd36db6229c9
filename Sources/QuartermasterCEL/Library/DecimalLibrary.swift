extension CELLibrary {
  /// Exact decimals: their arithmetic, `decimal()`, `div()` and rounding.
  public static let decimals = CELLibrary(
    name: "decimals",
    functions: DecimalLibrary.arithmetic + DecimalLibrary.conversions + DecimalLibrary.rounding)
}

/// The declarations of ``CELLibrary/decimals``.
enum DecimalLibrary {
  /// `+ - *` of decimals with each other and with integers, and the unary minus.
  static let arithmetic: [FunctionDeclaration] = [
    operation(
      "_+_", "add", "The sum, with the larger of the two scales.",
      "decimal('1.50') + 1 == decimal('2.5')", Value.add),
    operation(
      "_-_", "subtract", "The difference, with the larger of the two scales.",
      "decimal('1.50') - decimal('0.25') == decimal('1.25')", Value.subtract),
    operation(
      "_*_", "multiply", "The product, with the scales added.",
      "3 * decimal('0.10') == decimal('0.3')", Value.multiply),
    FunctionDeclaration(
      "-_", "The number with the other sign.",
      overloads: [.one("negate_decimal", .decimal, .decimal, Value.negate)],
      examples: ["-decimal('1.5') == decimal('-1.5')"]),
  ]

  private static func operation(
    _ name: String, _ id: String, _ documentation: String, _ example: String,
    _ body: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Value
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, documentation,
      overloads: [
        .two("\(id)_decimal", .decimal, .decimal, .decimal, body),
        .two("\(id)_decimal_int64", .decimal, .int, .decimal, body),
        .two("\(id)_int64_decimal", .int, .decimal, .decimal, body),
      ], examples: [example])
  }

  /// `decimal()`, and decimals to other types.
  static let conversions: [FunctionDeclaration] = [
    FunctionDeclaration(
      "decimal", "An exact decimal: from a text, a whole number, or the digits a double prints as.",
      overloads: [
        .one("decimal_to_decimal", .decimal, .decimal, Value.toDecimal),
        .one("int64_to_decimal", .int, .decimal, Value.toDecimal),
        .one("uint64_to_decimal", .uint, .decimal, Value.toDecimal),
        .one("double_to_decimal", .double, .decimal, Value.toDecimal),
        .one("string_to_decimal", .string, .decimal, Value.toDecimal),
      ],
      examples: ["decimal('0.10') + decimal('0.20') == decimal('0.30')", "decimal(2) == 2"]),
    FunctionDeclaration(
      "int", "The whole number, with the digits after the point cut off.",
      overloads: [.one("decimal_to_int64", .decimal, .int, Value.toInt)],
      examples: ["int(decimal('-7.9')) == -7"]),
    FunctionDeclaration(
      "uint", "The whole number, with the digits after the point cut off.",
      overloads: [.one("decimal_to_uint64", .decimal, .uint, Value.toUint)],
      examples: ["uint(decimal('7.9')) == 7u"]),
    FunctionDeclaration(
      "double", "The nearest double.",
      overloads: [.one("decimal_to_double", .decimal, .double, Value.toDouble)],
      examples: ["double(decimal('1.50')) == 1.5"]),
    FunctionDeclaration(
      "string", "The number with all digits of its scale.",
      overloads: [.one("decimal_to_string", .decimal, .string, Value.toText)],
      examples: ["string(decimal('1.50')) == '1.50'"]),
  ]

  /// `div() round() roundEven()`.
  static let rounding: [FunctionDeclaration] = [
    FunctionDeclaration(
      "div",
      "The quotient, rounded to a number of places after the point, a half away from zero.",
      overloads: [
        .many("div_decimal_decimal", [.decimal, .decimal, .int], .decimal, quotient),
        .many("div_decimal_int64", [.decimal, .int, .int], .decimal, quotient),
        .many("div_int64_decimal", [.int, .decimal, .int], .decimal, quotient),
        .many("div_int64_int64", [.int, .int, .int], .decimal, quotient),
      ],
      examples: [
        "div(decimal('10.00'), 3, 2) == decimal('3.33')", "div(1, 8, 2) == decimal('0.13')",
      ]
    ),
    FunctionDeclaration(
      "round",
      "The nearest decimal with a number of places after the point, a half away from zero.",
      overloads: [.two("round_decimal", .decimal, .int, .decimal, round)],
      examples: ["round(decimal('2.345'), 2) == decimal('2.35')"]),
    FunctionDeclaration(
      "roundEven", "The nearest decimal with a number of places after the point, a half to even.",
      overloads: [.two("round_even_decimal", .decimal, .int, .decimal, roundEven)],
      examples: ["roundEven(decimal('2.345'), 2) == decimal('2.34')"]),
  ]

  /// Returns the places after the point as a scale.
  static func scale(_ value: Value, _ function: String) throws(EvaluationError) -> Int {
    let places = try value.integer(function)
    guard places >= 0, places <= Int64(ExactDecimal.maximumScale) else {
      throw EvaluationError(
        .invalidArgument,
        "\(function) rounds to 0 to \(ExactDecimal.maximumScale) places, not \(places)")
    }
    return Int(places)
  }

  private static let quotient: @Sendable ([Value]) throws(EvaluationError) -> Value = {
    values throws(EvaluationError) in
    let (a, b) = (try values[0].exact("div()"), try values[1].exact("div()"))
    let places = try scale(values[2], "div()")
    if b.coefficient == 0 { throw .divisionByZero }
    guard let result = a.divided(by: b, scale: places) else { throw .overflow("div()") }
    return .decimal(result)
  }

  private static let round: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
    value, places throws(EvaluationError) in
    try rounded(value, places, "round()", .halfAwayFromZero)
  }

  private static let roundEven: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
    value, places throws(EvaluationError) in
    try rounded(value, places, "roundEven()", .halfToEven)
  }

  private static func rounded(
    _ value: Value, _ places: Value, _ function: String, _ rounding: ExactDecimal.Rounding
  ) throws(EvaluationError) -> Value {
    let number = try value.exact(function)
    guard let result = number.rounded(scale: try scale(places, function), rounding) else {
      throw .overflow(function)
    }
    return .decimal(result)
  }
}

extension Value {
  /// `decimal()`.
  static func toDecimal(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .decimal: return value
    case .int(let number): return .decimal(ExactDecimal(number))
    case .uint(let number): return .decimal(ExactDecimal(coefficient: Int128(number)))
    case .double(let number):
      guard let result = ExactDecimal(nearest: number) else {
        throw EvaluationError(.invalidArgument, "\(value.brief) has no exact decimal of 38 digits")
      }
      return .decimal(result)
    case .string(let text):
      guard let result = ExactDecimal(text) else {
        throw EvaluationError(.invalidArgument, "\(value.brief) is no decimal of up to 38 digits")
      }
      return .decimal(result)
    default: throw .argument("decimal()", value)
    }
  }
}
