extension CELLibrary {
  /// Optional values: `optional.of(x)`, `.?field`, `.orValue(x)`, and the macros `optMap` and `optFlatMap`.
  public static let optionals = CELLibrary(
    name: "optionals",
    functions: OptionalLibrary.making + OptionalLibrary.reading + OptionalLibrary.unwrapping,
    macros: ["optMap", "optFlatMap"])

  /// `cel.bind(name, value, body)`.
  public static let bindings = CELLibrary(name: "bindings", functions: [], macros: ["cel.bind"])

  /// The macros with two variables: an index and an element, or a key and a value.
  public static let pairs = CELLibrary(
    name: "pairs", functions: [],
    macros: ["existsOne", "transformList", "transformMap", "transformMapEntry"])
}

/// The declarations of ``CELLibrary/optionals``.
enum OptionalLibrary {
  private static let optional = CELType.optional(.a)

  /// `optional.of optional.none optional.ofNonZeroValue`.
  static let making: [FunctionDeclaration] = [
    FunctionDeclaration(
      "optional.of", "An optional value that is there.",
      overloads: [
        .one("optional_of", .a, optional) { value in .optional(OptionalValue(value)) }
      ],
      examples: ["optional.of(1).hasValue()"]),
    FunctionDeclaration(
      "optional.none", "An optional value that is not there.",
      overloads: [.many("optional_none", [], optional) { _ in .optional(OptionalValue(nil)) }],
      examples: ["!optional.none().hasValue()"]),
    FunctionDeclaration(
      "optional.ofNonZeroValue",
      "An optional value that is not there for null, false, 0 and what is empty.",
      overloads: [
        .one("optional_ofNonZeroValue", .a, optional) { value in
          .optional(OptionalValue(isZero(value) ? nil : value))
        }
      ],
      examples: ["!optional.ofNonZeroValue('').hasValue()"]),
  ]

  private static func isZero(_ value: Value) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .int(let number): number == 0
    case .uint(let number): number == 0
    case .double(let number): number == 0
    case .decimal(let number): number.coefficient == 0
    case .string(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    case .list(let items): items.isEmpty
    case .map(let map): map.count == 0
    case .duration(let span): span.nanoseconds == 0
    case .optional(let box): box.value == nil
    case .timestamp, .record, .type, .opaque: false
    }
  }

  private static func box(
    _ value: Value, _ function: String
  ) throws(EvaluationError) -> OptionalValue {
    guard case .optional(let box) = value else { throw .argument(function, value) }
    return box
  }

  private static let unwrap: @Sendable (Value) throws(EvaluationError) -> Value = {
    list throws(EvaluationError) in
    var result: [Value] = []
    for item in try list.items("unwrapOpt()") {
      if let value = try box(item, "unwrapOpt()").value { result.append(value) }
    }
    return .list(result)
  }

  /// `optional.unwrap unwrapOpt`.
  static let unwrapping: [FunctionDeclaration] = [
    FunctionDeclaration(
      "optional.unwrap", "The values that are there, of a list of optional values.",
      overloads: [.one("optional_unwrap", .list(optional), .list(.a), unwrap)],
      examples: ["optional.unwrap([optional.of(1), optional.none()]) == [1]"]),
    FunctionDeclaration(
      "unwrapOpt", "The values that are there, of a list of optional values.",
      overloads: [.one("optional_unwrapOpt", .list(optional), .list(.a), unwrap).method()],
      examples: ["[optional.none(), optional.of(1)].unwrapOpt() == [1]"]),
  ]

  /// `hasValue value or orValue`.
  static let reading: [FunctionDeclaration] = [
    FunctionDeclaration(
      "hasValue", "Whether an optional value is there.",
      overloads: [
        .one("optional_hasValue", optional, .bool) { value throws(EvaluationError) in
          .bool(try box(value, "hasValue()").value != nil)
        }.method()
      ],
      examples: ["optional.of(null).hasValue()"]),
    FunctionDeclaration(
      "value", "The value of an optional value; an error when it is not there.",
      overloads: [
        .one("optional_value", optional, .a) { value throws(EvaluationError) in
          guard let inner = try box(value, "value()").value else {
            throw EvaluationError(.noSuchKey, "the optional value is not there")
          }
          return inner
        }.method()
      ],
      examples: ["optional.of(1).value() == 1"]),
    FunctionDeclaration(
      "or", "The first of two optional values that is there; the second is not looked at before.",
      overloads: [
        .two("optional_or_optional", optional, optional, optional) { a, b throws(EvaluationError) in
          try box(a, "or()").value == nil ? b : a
        }.method()
      ],
      examples: ["optional.none().or(optional.of(1)).value() == 1"]),
    FunctionDeclaration(
      "orValue",
      "The value of an optional value, or another, evaluated only then, when it is not there.",
      overloads: [
        .two("optional_orValue_value", optional, .a, .a) { a, b throws(EvaluationError) in
          try box(a, "orValue()").value ?? b
        }.method()
      ],
      examples: ["optional.none().orValue(2) == 2"]),
  ]
}
