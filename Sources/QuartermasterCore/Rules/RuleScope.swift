import QuartermasterCEL

/// The frame of a rule or a test while it grows: each name and each macro variable takes a place.
final class RuleFrame: @unchecked Sendable {
  // Written while one rule is checked and planned, by one thread; read after that.
  /// How many places there are.
  var layout = FrameLayout()
  /// Where the names of a firing are.
  var names = RuleNames()
  /// The places that are cleared before each firing.
  var lazySlots: [Int] = []

  init() {}

  /// Creates a frame with the places of another.
  init(_ other: RuleFrame) {
    (layout, names, lazySlots) = (other.layout, other.names, other.lazySlots)
  }

  /// Takes a place for a value of a type: records have places of their own.
  func take(for type: CELType) -> RuleNames.PayloadPlace {
    if case .record = type.nonNull { return .record(layout.takeRecord()) }
    return .slot(layout.takeSlot())
  }
}

/// What the formulas at one point of a rule may name, and what is known there not to be null.
struct RuleScope {
  /// The names.
  private(set) var environment: CELEnvironment
  /// What is not null here.
  var facts = NarrowedPaths()
  /// The names that are bound, for suggestions and so that none hides another.
  private(set) var bound: Set<String> = []
  /// Names that mean something elsewhere, with what to say of them here.
  private(set) var absent: [String: String] = [:]

  init(_ environment: CELEnvironment) { self.environment = environment }

  /// Binds a name.
  mutating func bind(_ name: String, _ type: CELType, _ storage: VariableDeclaration.Storage) {
    environment.declare(VariableDeclaration(name, type, storage: storage))
    // Of a qualified name such as `signal.bin` the first part is taken.
    bound.insert(String(name.prefix { $0 != "." }))
    absent[name] = nil
  }

  /// Binds a name to a place in the frame.
  mutating func bind(_ name: String, _ type: CELType, at place: RuleNames.PayloadPlace) {
    switch place {
    case .slot(let slot): bind(name, type, .slot(slot))
    case .record(let record): bind(name, type, .record(record))
    }
  }

  /// Says why a name means nothing here.
  mutating func explainAbsence(of name: String, _ reason: String) { absent[name] = reason }

  /// Stops checking null, as tests do: what they expect fails by itself when a value is not there.
  mutating func ignoreNull() { environment.checksNull = false }

  /// Says which fields of a record may be null here, whatever the schema says of them.
  mutating func openFields(_ fields: Set<String>, of variables: [String]) {
    for variable in variables { environment.openFields[variable] = fields }
  }
}
