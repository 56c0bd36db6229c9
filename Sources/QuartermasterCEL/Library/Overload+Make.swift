extension Overload {
  /// Makes an overload of one parameter.
  static func one(
    _ id: String, _ parameter: CELType, _ result: CELType,
    _ body: @escaping @Sendable (Value) throws(EvaluationError) -> Value
  ) -> Overload {
    Overload(id, [parameter], returns: result, .unary(body))
  }

  /// Makes an overload of two parameters.
  static func two(
    _ id: String, _ first: CELType, _ second: CELType, _ result: CELType,
    _ body: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Value
  ) -> Overload {
    Overload(id, [first, second], returns: result, .binary(body))
  }

  /// Makes an overload of any other number of parameters.
  static func many(
    _ id: String, _ parameters: [CELType], _ result: CELType,
    _ body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value
  ) -> Overload {
    Overload(id, parameters, returns: result, .variadic(body))
  }

  /// Makes an overload whose last parameter repeats.
  static func repeating(
    _ id: String, _ parameter: CELType, _ result: CELType,
    _ body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value
  ) -> Overload {
    Overload(id, [parameter], isVariadic: true, returns: result, .variadic(body))
  }

  /// Returns the name of a function with underscores for its points, as ids have it.
  static func id(_ name: String) -> String {
    String(name.map { $0 == "." ? "_" : $0 })
  }

  /// The same overload with its first parameter as the receiver.
  func method(_ id: String? = nil) -> Overload {
    Overload(
      id ?? self.id, isMember: true, parameters, isVariadic: isVariadic, returns: result, body)
  }
}

extension CELType {
  /// Any type, the same wherever it stands in one signature.
  static let a = CELType.parameter("A")
  /// A second such type.
  static let b = CELType.parameter("B")
}

extension EvaluationError {
  /// A function was given a value of a type that it does not take.
  static func argument(_ function: String, _ value: Value) -> EvaluationError {
    if case .null = value { return EvaluationError(.nullValue, "\(function) was given null") }
    return EvaluationError(.noSuchOverload, "\(function) cannot take \(value.kindText)")
  }
}

extension Value {
  /// Returns the text, or fails for another value.
  func text(_ function: String) throws(EvaluationError) -> String {
    guard case .string(let text) = self else { throw .argument(function, self) }
    return text
  }

  /// Returns the integer, or fails for another value.
  func integer(_ function: String) throws(EvaluationError) -> Int64 {
    guard case .int(let number) = self else { throw .argument(function, self) }
    return number
  }

  /// Returns the elements, or fails for another value.
  func items(_ function: String) throws(EvaluationError) -> [Value] {
    guard case .list(let items) = self else { throw .argument(function, self) }
    return items
  }

  /// Returns a decimal or an integer as a decimal, or fails for another value.
  func exact(_ function: String) throws(EvaluationError) -> ExactDecimal {
    switch self {
    case .decimal(let number): return number
    case .int(let number): return ExactDecimal(number)
    default: throw .argument(function, self)
    }
  }
}
