extension CELLibrary {
  /// `math.abs`, `math.greatest`, rounding of doubles, and operations on bits.
  public static let math = CELLibrary(
    name: "math",
    functions: MathLibrary.extremes + MathLibrary.signs + MathLibrary.rounding
      + MathLibrary.floating + MathLibrary.bits)
}

/// The declarations of ``CELLibrary/math``.
enum MathLibrary {
  private static let numbers: [(String, CELType)] = [
    ("int", .int), ("uint", .uint), ("double", .double), ("decimal", .decimal),
  ]

  private static func extreme(
    _ name: String, _ id: String, _ documentation: String, _ examples: [String],
    _ before: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Bool
  ) -> FunctionDeclaration {
    let best: @Sendable ([Value]) throws(EvaluationError) -> Value = {
      values throws(EvaluationError) in
      var items = values
      if values.count == 1, case .list(let list) = values[0] { items = list }
      guard var best = items.first else {
        throw EvaluationError(.invalidArgument, "\(name)() was given an empty list")
      }
      for item in items {
        switch item {
        case .int, .uint, .double, .decimal, .timestamp, .duration: break
        default: throw .argument("\(name)()", item)
        }
        if try before(item, best) { best = item }
      }
      return best
    }
    let alone: @Sendable (Value) throws(EvaluationError) -> Value = {
      value throws(EvaluationError) in try best([value])
    }
    let types = numbers + [("timestamp", .timestamp), ("duration", .duration)]
    return FunctionDeclaration(
      name, documentation,
      overloads: types.map { .repeating("\(id)_\($0)", $1, $1, best) }
        + types.map { .one("\(id)_list_\($0)", .list($1), $1, alone) }
        + [
          .one("\(id)_list_dyn", .list(.dyn), .dyn, alone),
          .repeating("\(id)_dyn", .dyn, .dyn, best),
        ], examples: examples)
  }

  /// `math.greatest math.least`.
  static let extremes: [FunctionDeclaration] = [
    extreme(
      "math.greatest", "math_greatest", "The greatest of the arguments, or of a list.",
      ["math.greatest(1, 3, 2) == 3", "math.greatest([1.5, 0.5]) == 1.5"], Value.greater),
    extreme(
      "math.least", "math_least", "The least of the arguments, or of a list.",
      ["math.least(1, 3, 2) == 1"], Value.less),
  ]

  /// `math.abs math.sign`.
  static let signs: [FunctionDeclaration] = [
    FunctionDeclaration(
      "math.abs", "The number without its sign.",
      overloads: numbers.map { name, type in
        .one("math_abs_\(name)", type, type) { value throws(EvaluationError) in
          switch value {
          case .uint: return value
          case .int(let number): return number < 0 ? try Value.negate(value) : value
          case .double(let number): return .double(abs(number))
          case .decimal(let number):
            return number.coefficient < 0 ? try Value.negate(value) : value
          default: throw .argument("math.abs()", value)
          }
        }
      },
      examples: ["math.abs(-1) == 1", "math.abs(-1.5) == 1.5"]),
    FunctionDeclaration(
      "math.sign", "-1, 0 or 1, as the number is below, at or above 0.",
      overloads: numbers.map { name, type in
        .one("math_sign_\(name)", type, type) { value throws(EvaluationError) in
          switch value {
          case .uint(let number): return .uint(number == 0 ? 0 : 1)
          case .int(let number): return .int(number.signum())
          case .double(let number):
            return .double(number > 0 ? 1 : number < 0 ? -1 : number)
          case .decimal(let number):
            return .decimal(ExactDecimal(Int64(number.coefficient.signum())))
          default: throw .argument("math.sign()", value)
          }
        }
      },
      examples: ["math.sign(-7) == -1", "math.sign(0.0) == 0.0"]),
  ]

  private static func ofDouble(
    _ name: String, _ documentation: String, _ result: CELType, _ examples: [String],
    _ body: @escaping @Sendable (Double) -> Value
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, documentation,
      overloads: [
        .one("\(Overload.id(name))_double", .double, result) {
          value throws(EvaluationError) in
          guard case .double(let number) = value else { throw .argument("\(name)()", value) }
          return body(number)
        }
      ], examples: examples)
  }

  /// `math.ceil math.floor math.round math.trunc`.
  static let rounding: [FunctionDeclaration] = [
    ofDouble(
      "math.ceil", "The least whole number above a double.", .double, ["math.ceil(1.2) == 2.0"]
    ) {
      .double($0.rounded(.up))
    },
    ofDouble(
      "math.floor", "The greatest whole number below a double.", .double,
      ["math.floor(-1.2) == -2.0"]
    ) { .double($0.rounded(.down)) },
    ofDouble(
      "math.round", "The nearest whole number, a half away from zero.", .double,
      ["math.round(2.5) == 3.0"]
    ) { .double($0.rounded(.toNearestOrAwayFromZero)) },
    ofDouble(
      "math.trunc", "The number without the digits after the point.", .double,
      ["math.trunc(-1.7) == -1.0"]
    ) { .double($0.rounded(.towardZero)) },
  ]

  /// `math.isNaN math.isInf math.isFinite math.sqrt`.
  static let floating: [FunctionDeclaration] = [
    ofDouble("math.isNaN", "Whether a double is no number.", .bool, ["math.isNaN(0.0 / 0.0)"]) {
      .bool($0.isNaN)
    },
    ofDouble("math.isInf", "Whether a double is infinite.", .bool, ["math.isInf(1.0 / 0.0)"]) {
      .bool($0.isInfinite)
    },
    ofDouble(
      "math.isFinite", "Whether a double is a number and finite.", .bool, ["math.isFinite(1.5)"]
    ) {
      .bool($0.isFinite)
    },
    FunctionDeclaration(
      "math.sqrt", "The square root, as a double.",
      overloads: [("int", .int), ("uint", .uint), ("double", .double)].map {
        (name: String, type: CELType) in
        .one("math_sqrt_\(name)", type, .double) { value throws(EvaluationError) in
          guard case .double(let number) = try Value.toDouble(value) else {
            throw .argument("math.sqrt()", value)
          }
          return .double(number.squareRoot())
        }
      }, examples: ["math.sqrt(81) == 9.0"]),
  ]

  private static func onBits(
    _ name: String, _ documentation: String, _ example: String,
    _ int: @escaping @Sendable (Int64, Int64) -> Int64,
    _ uint: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> FunctionDeclaration {
    let id = Overload.id(name)
    let body: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
      a, b throws(EvaluationError) in
      switch (a, b) {
      case (.int(let x), .int(let y)): return .int(int(x, y))
      case (.uint(let x), .uint(let y)): return .uint(uint(x, y))
      default: throw .noOverload("\(name)()", a, b)
      }
    }
    return FunctionDeclaration(
      name, documentation,
      overloads: [
        .two("\(id)_int_int", .int, .int, .int, body),
        .two("\(id)_uint_uint", .uint, .uint, .uint, body),
      ], examples: [example])
  }

  private static func shift(
    _ name: String, _ documentation: String, _ example: String,
    _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> FunctionDeclaration {
    let id = Overload.id(name)
    let shifted: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
      a, b throws(EvaluationError) in
      guard case .int(let offset) = b else { throw .argument("\(name)()", b) }
      guard let places = UInt64(exactly: offset) else {
        throw EvaluationError(.invalidArgument, "\(name)() cannot shift by \(offset)")
      }
      switch a {
      case .int(let x): return .int(Int64(bitPattern: body(UInt64(bitPattern: x), places)))
      case .uint(let x): return .uint(body(x, places))
      default: throw .argument("\(name)()", a)
      }
    }
    return FunctionDeclaration(
      name, documentation,
      overloads: [
        .two("\(id)_int_int", .int, .int, .int, shifted),
        .two("\(id)_uint_int", .uint, .int, .uint, shifted),
      ], examples: [example])
  }

  /// `math.bitAnd math.bitOr math.bitXor math.bitNot math.bitShiftLeft math.bitShiftRight`.
  static let bits: [FunctionDeclaration] = [
    onBits("math.bitAnd", "The bits that are set in both.", "math.bitAnd(6, 3) == 2", { $0 & $1 }) {
      $0 & $1
    },
    onBits(
      "math.bitOr", "The bits that are set in one or both.", "math.bitOr(6, 3) == 7", { $0 | $1 }
    ) {
      $0 | $1
    },
    onBits(
      "math.bitXor", "The bits that are set in one only.", "math.bitXor(6, 3) == 5", { $0 ^ $1 }
    ) {
      $0 ^ $1
    },
    FunctionDeclaration(
      "math.bitNot", "The bits that are not set.",
      overloads: [("int", .int), ("uint", .uint)].map { (name: String, type: CELType) in
        .one("math_bitNot_\(name)", type, type) { value throws(EvaluationError) in
          switch value {
          case .int(let number): return .int(~number)
          case .uint(let number): return .uint(~number)
          default: throw .argument("math.bitNot()", value)
          }
        }
      }, examples: ["math.bitNot(0) == -1"]),
    shift(
      "math.bitShiftLeft", "The bits moved up; those moved out are lost.",
      "math.bitShiftLeft(1, 4) == 16"
    ) { $1 > 63 ? 0 : $0 << $1 },
    shift(
      "math.bitShiftRight", "The bits moved down, with zeros above them.",
      "math.bitShiftRight(16, 4) == 1"
    ) { $1 > 63 ? 0 : $0 >> $1 },
  ]
}
