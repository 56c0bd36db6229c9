/// Where classes of records are found by name.
public protocol RecordTypeProvider: Sendable {
  /// Returns the type of a class, or nil.
  func recordType(named name: String) -> RecordType?
  /// The names of all classes, for suggestions.
  var recordTypeNames: [String] { get }
}

/// A declared name.
public struct VariableDeclaration: Sendable {
  /// Where a program finds the value.
  package enum Storage: Sendable {
    /// `frame.slots[k]`.
    case slot(Int)
    /// `frame.records[k]`; the type is a record or a nullable record.
    case record(Int)
    /// All records of a class; the type is a list of records.
    case collection(RecordType)
    /// Computed when first used and kept in `frame.slots[value]`; `frame.slots[state]` is null before, true when
    /// there is a value, and false when there is an error, which the frame keeps so that it is given again. Who reuses
    /// a frame sets `state` back to null.
    case lazy(value: Int, state: Int, Program)
    /// `frame.activation[name]`, looked up when the program runs.
    case activation
    /// A constant.
    case constant(Value)
  }

  /// The name; may be qualified, as in `signal.bin` or `a.b`.
  public let name: String
  /// The type.
  public let type: CELType
  /// Where the value is.
  package let storage: Storage

  /// Creates a variable whose value is given by name when a program runs.
  public init(_ name: String, _ type: CELType) {
    self.init(name, type, storage: .activation)
  }

  /// Creates a variable with a place in the frame.
  package init(_ name: String, _ type: CELType, storage: Storage) {
    self.name = name
    self.type = type
    self.storage = storage
  }
}

/// What expressions may use: libraries, variables, classes; and the rules by which they are checked.
///
/// A value: add variables to a copy to make an inner scope.
public struct CELEnvironment: Sendable {
  /// The namespace in which names are looked up first, such as `a.b`; empty for none.
  public var container = ""
  /// The libraries, the standard one first.
  public var libraries: [CELLibrary] {
    didSet { functions = FunctionTable(libraries) }
  }
  /// What the libraries declare, by name.
  package private(set) var functions: FunctionTable
  /// The variables, by name.
  public var variables: [String: VariableDeclaration] = [:]
  /// The classes of records, whose names are collections.
  public var recordTypes: (any RecordTypeProvider)?
  /// Whether a number that is written beside a decimal or a double takes its type, as in `price > 10`.
  ///
  /// On where ``CELLibrary/decimals`` is one of the libraries; the definition of CEL knows nothing of it.
  public var adaptsLiterals: Bool
  /// Whether selecting through null, and arithmetic and ordering on null, is a check error.
  public var checksNull = true
  /// Whether a variable of a macro may not have the name of something else in scope.
  public var forbidsShadowing = false
  /// Fields that may be null when they are selected from a variable, though their type says otherwise: by the
  /// variable's name.
  ///
  /// A record that is not stored yet may lack what it must have in the end.
  public var openFields: [String: Set<String>] = [:]
  /// Whether `exists`, `has` and the other macros are macros; otherwise they are ordinary calls.
  public var usesMacros = true
  /// How many levels an expression may be nested or chained.
  public var maximumDepth = 250
  /// How many bytes of UTF-8 an expression may have.
  public var maximumLength = 600_000

  /// Creates an environment.
  public init(libraries: [CELLibrary]) {
    self.libraries = libraries
    adaptsLiterals = libraries.contains { $0.name == CELLibrary.decimals.name }
    functions = FunctionTable(libraries)
  }

  /// Adds a variable; one of the same name is hidden.
  public mutating func declare(_ variable: VariableDeclaration) {
    variables[variable.name] = variable
  }

  /// Returns the overloads declared for a function, of all libraries.
  public func overloads(of function: String) -> [Overload] {
    functions.overloads[function] ?? []
  }
}
