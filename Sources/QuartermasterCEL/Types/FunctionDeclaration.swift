/// A function or a method, declared once: checker, planner, help and reference page read this.
public struct FunctionDeclaration: Sendable {
  /// The name; `math.abs` for a function of a namespace, `_+_` for an operator.
  public let name: String
  /// What it does, in a sentence.
  public let documentation: String
  /// The overloads, tried in order.
  public let overloads: [Overload]
  /// Expressions that are true; run as tests.
  public let examples: [String]

  /// Creates a declaration.
  public init(
    _ name: String, _ documentation: String, overloads: [Overload], examples: [String] = []
  ) {
    self.name = name
    self.documentation = documentation
    self.overloads = overloads
    self.examples = examples
  }
}

/// One signature of a function.
public struct Overload: Sendable {
  /// What runs; its errors need no range, the calling node adds it.
  public enum Body: Sendable {
    case unary(@Sendable (Value) throws(EvaluationError) -> Value)
    case binary(@Sendable (Value, Value) throws(EvaluationError) -> Value)
    case variadic(@Sendable ([Value]) throws(EvaluationError) -> Value)
    /// Built by the planner itself: the logical operators, `?:`, selection.
    case intrinsic
  }

  /// A stable name, such as `size_string`.
  public let id: String
  /// Whether the first parameter is the receiver.
  public let isMember: Bool
  /// The types of the parameters, the receiver first; a nullable one accepts null.
  public let parameters: [CELType]
  /// Whether the last parameter may be given any number of times, at least once.
  public let isVariadic: Bool
  /// The type of the result.
  public let result: CELType
  /// What runs.
  public let body: Body

  /// Creates an overload.
  public init(
    _ id: String, isMember: Bool = false, _ parameters: [CELType], isVariadic: Bool = false,
    returns result: CELType, _ body: Body
  ) {
    self.id = id
    self.isMember = isMember
    self.parameters = parameters
    self.isVariadic = isVariadic
    self.result = result
    self.body = body
  }
}

/// A set of functions and macros that is added to an environment as one.
public struct CELLibrary: Sendable {
  /// The name, such as `standard` or `math`.
  public let name: String
  /// The functions.
  public let functions: [FunctionDeclaration]
  /// The macros that it makes available, by the names that are written (`exists_one`, `sortBy`, `cel.bind`).
  public let macros: Set<String>

  /// Creates a library.
  public init(name: String, functions: [FunctionDeclaration], macros: Set<String> = []) {
    self.name = name
    self.functions = functions
    self.macros = macros
  }
}
