internal import QuartermasterCEL

/// A class while its schema is being read.
final class ClassDraft {
  let name: String
  let index: Int
  let variable: String
  let span: SourceSpan
  let node: YAMLNode
  let recordType: RecordType
  var fields: [FieldDraft] = []
  var fieldPlaces: [String: Int] = [:]
  var inverses: [InverseDefinition] = []
  var was: String?
  var contact: ContactDefinition?
  var uniqueKeys: [[Int]] = []
  var indexes: [[Int]] = []
  /// The keys of the class itself, by name.
  var options: [String: YAMLNode] = [:]
  /// What expressions see so far; grows as computed fields and roll-ups are resolved.
  var recordFields: [RecordField] = []
  /// The fields that they may not read.
  private var hidden: Set<String> = []

  init(name: String, index: Int, variable: String, span: SourceSpan, node: YAMLNode) {
    self.name = name
    self.index = index
    self.variable = variable
    self.span = span
    self.node = node
    recordType = RecordType(name: name, index: index, variable: variable)
  }

  subscript(name: String) -> FieldDraft? { fieldPlaces[name].map { fields[$0] } }

  func inverse(_ name: String) -> InverseDefinition? { inverses.first { $0.name == name } }

  /// The number of values in a row.
  var slotCount: Int {
    ClassDefinition.firstFieldSlot + fields.count { $0.slot != nil }
  }

  /// Makes a field known to expressions.
  ///
  /// Of two with one name, a mistake that was reported, the first counts.
  func show(_ field: RecordField) {
    if recordFields.contains(where: { $0.name == field.name }) { return }
    recordFields.append(field)
    define()
  }

  /// Keeps a field from expressions, which are told that they may not read it.
  func hide(_ name: String) {
    hidden.insert(name)
    define()
  }

  private func define() {
    recordType.define(fields: recordFields, slotCount: slotCount, unreadable: hidden)
  }
}

/// A field while its schema is being read.
final class FieldDraft {
  /// What the field is besides its type.
  enum Source {
    case stored
    case computed(YAMLNode)
    case rollUp(RollUpDraft)
    /// Its mistake was reported.
    case broken
  }

  /// How far a derived field is.
  enum State { case waiting, visiting, done }

  let name: String
  let index: Int
  let span: SourceSpan
  let options: [String: YAMLNode]
  var source: Source
  /// The type; nil until it is known, or when it is wrong.
  var type: FieldType?
  var slot: Int?
  var state = State.waiting
  var computed: CheckedExpr?
  var rollUp: RollUpDefinition?
  var isRequired = false
  var isUnique = false
  var isSecret = false
  var isPassword = false
  var isAccessList = false
  var defaultValue = Value.null
  var minimum: Value?
  var maximum: Value?
  var allowed: [String]?
  var pattern: String?
  var maximumLength: Int?
  var flow: FlowDefinition?
  var sequence: SequenceFormat?
  var inverse: String?
  var onDelete = DeletePolicy.restrict
  var was: String?

  init(name: String, index: Int, span: SourceSpan, options: [String: YAMLNode], source: Source) {
    self.name = name
    self.index = index
    self.span = span
    self.options = options
    self.source = source
  }

  /// Whether the engine makes the value.
  var isDerived: Bool {
    switch source {
    case .computed, .rollUp: true
    case .stored, .broken: false
    }
  }

  /// Whether an expression may find null here.
  ///
  /// Derived fields know only once they are resolved.
  var isNullable: Bool {
    if let computed { return computed.type.acceptsNull }
    if case .rollUp = source { return false }
    if isRequired || sequence != nil { return false }
    if case .null = defaultValue { return true }
    return false
  }

  /// The finished definition; nil when the type is unknown.
  func definition() -> FieldDefinition? {
    guard let type else { return nil }
    let kind: FieldDefinition.Kind
    switch source {
    case .stored: kind = .stored
    case .broken: return nil
    case .computed:
      guard let computed else { return nil }
      kind = .computed(computed)
    case .rollUp:
      guard let rollUp else { return nil }
      kind = .rollUp(rollUp)
    }
    return FieldDefinition(
      name: name, index: index, type: type, kind: kind, slot: slot, isRequired: isRequired,
      isUnique: isUnique, defaultValue: defaultValue, minimum: minimum, maximum: maximum,
      allowed: allowed, pattern: pattern, maximumLength: maximumLength, flow: flow,
      sequence: sequence, inverse: inverse, onDelete: onDelete, isSecret: isSecret,
      isPassword: isPassword, isAccessList: isAccessList, was: was, span: span)
  }
}

/// `sum: lines.amount` or `count: lines`, as written.
struct RollUpDraft {
  /// The name of the inverse.
  let inverse: String
  /// The child's field to be summed up; nil for a count.
  let field: String?
  /// Where the two names stand.
  let inverseSpan: SourceSpan, fieldSpan: SourceSpan
  /// The condition, if any.
  let condition: YAMLNode?
}
