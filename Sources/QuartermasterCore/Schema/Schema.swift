public import QuartermasterCEL

/// A checked schema: the classes in the order of their file, and what rules may name besides.
public final class Schema: RecordTypeProvider, Sendable {
  /// What the schema calls itself, such as `supply`.
  public let domain: String
  /// The classes, in the order of the file; `classes[k].index == k`.
  public let classes: [ClassDefinition]
  /// The signals and their payloads, by name.
  public let signals: [String: SignalDefinition]
  /// The verbs that the host adds, by name.
  public let verbs: [String: VerbDefinition]
  /// The functions that the host adds, by name.
  public let functions: [String: CallDefinition]
  /// What `call` may name, by name.
  public let calls: [String: CallDefinition]
  /// The file it was read from.
  public let file: SourceFile

  private let names: WordTable

  package init(
    domain: String, classes: [ClassDefinition], signals: [String: SignalDefinition] = [:],
    verbs: [String: VerbDefinition] = [:], functions: [String: CallDefinition] = [:],
    calls: [String: CallDefinition] = [:], file: SourceFile
  ) {
    self.domain = domain
    self.classes = classes
    self.signals = signals
    self.verbs = verbs
    self.functions = functions
    self.calls = calls
    self.file = file
    names = WordTable(names: classes.map(\.name))
  }

  /// Returns the class of a name, or nil.
  public subscript(name: String) -> ClassDefinition? {
    let place = names[name]
    return place < 0 ? nil : classes[place]
  }

  public func recordType(named name: String) -> RecordType? { self[name]?.recordType }

  public var recordTypeNames: [String] { classes.map(\.name) }
}

/// A signal and what its payload holds, read in rules as `signal.bin`.
public struct SignalDefinition: Sendable {
  /// The name, kebab-case.
  public let name: String
  /// The payload, in the order of the file.
  public let parameters: [ParameterDefinition]

  package init(name: String, parameters: [ParameterDefinition]) {
    self.name = name
    self.parameters = parameters
  }
}

/// A named, typed value that a signal, a verb or a call takes.
public struct ParameterDefinition: Sendable {
  /// The name.
  public let name: String
  /// The type.
  public let type: FieldType
  /// Whether it must be given.
  public let isRequired: Bool

  package init(name: String, type: FieldType, isRequired: Bool) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
  }
}

/// A verb that the host adds: `purchase: PRODUCT` with named arguments.
public struct VerbDefinition: Sendable {
  /// The name, the first key of an action.
  public let name: String
  /// The classes whose records the target may be; empty when the target is a name or there is none.
  public let targets: [String]
  /// The arguments.
  public let parameters: [ParameterDefinition]
  /// The class of the record that `as` binds, if any.
  public let result: String?
  /// Fields that it changes in one direction only, as `Class.field` to +1 or -1, and those that it leaves as they are,
  /// to 0; used by the loop check.
  public let directions: [String: Int]

  package init(
    name: String, targets: [String], parameters: [ParameterDefinition], result: String?,
    directions: [String: Int] = [:]
  ) {
    self.name = name
    self.targets = targets
    self.parameters = parameters
    self.result = result
    self.directions = directions
  }
}

/// A function of the host: its parameters and what it gives.
public struct CallDefinition: Sendable {
  /// The name.
  public let name: String
  /// The parameters, in order.
  public let parameters: [ParameterDefinition]
  /// The type of the result; nil for a call, which gives none.
  public let result: FieldType?

  package init(name: String, parameters: [ParameterDefinition], result: FieldType?) {
    self.name = name
    self.parameters = parameters
    self.result = result
  }
}
