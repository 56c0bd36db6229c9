public import QuartermasterCEL

/// A declared field of a class.
public final class FieldDefinition: Sendable {
  /// What a field is besides its type.
  public enum Kind: Sendable {
    /// Written by anyone.
    case stored
    /// `computed:` from the row; a VIRTUAL generated column, never written.
    case computed(CheckedExpr)
    /// `sum:` or `count:` over an inverse; a stored column that the engine alone writes.
    case rollUp(RollUpDefinition)
  }

  /// The name.
  public let name: String
  /// The place in ``ClassDefinition/fields``.
  public let index: Int
  /// The type of its values.
  public let type: FieldType
  /// Stored, computed or rolled up.
  public let kind: Kind
  /// The place in a row; nil for a computed field.
  public let slot: Int?
  /// Whether null is refused.
  public let isRequired: Bool
  /// Whether no two records may have the same value.
  ///
  /// Null is never equal.
  public let isUnique: Bool
  /// The value of a new record when none is given; null when there is none.
  public let defaultValue: Value
  /// The least and the greatest value, inclusive.
  public let minimum: Value?, maximum: Value?
  /// The texts that are allowed (`in:`).
  public let allowed: [String]?
  /// A regular expression that a text must match somewhere.
  public let pattern: String?
  /// The greatest length of a text, in code points.
  public let maximumLength: Int?
  /// The statuses and their moves.
  public let flow: FlowDefinition?
  /// The format of the number that a new record gets when none is given, such as `SO-%05d`.
  ///
  /// Counts as a default.
  public let sequence: SequenceFormat?
  /// For a pointer: the name of the relation back.
  public let inverse: String?
  /// For a pointer: what happens to this record when its target is deleted.
  public let onDelete: DeletePolicy
  /// Hashed or masked, never in journal, trace, outbox, export or a result.
  public let isSecret: Bool
  /// Whether it is the password of a user, of which only a hash is kept: `User.password`, a text that is secret.
  public let isPassword: Bool
  /// Whether it holds who may read and write the record: the field `ACL` of a class with `acl: true`.
  public let isAccessList: Bool
  /// The former name, for a renaming migration.
  public let was: String?
  /// Where the name stands.
  public let span: SourceSpan

  package init(
    name: String, index: Int, type: FieldType, kind: Kind = .stored, slot: Int?,
    isRequired: Bool = false, isUnique: Bool = false, defaultValue: Value = .null,
    minimum: Value? = nil, maximum: Value? = nil, allowed: [String]? = nil,
    pattern: String? = nil, maximumLength: Int? = nil, flow: FlowDefinition? = nil,
    sequence: SequenceFormat? = nil, inverse: String? = nil, onDelete: DeletePolicy = .restrict,
    isSecret: Bool = false, isPassword: Bool = false, isAccessList: Bool = false,
    was: String? = nil, span: SourceSpan
  ) {
    self.name = name
    self.index = index
    self.type = type
    self.kind = kind
    self.slot = slot
    self.isRequired = isRequired
    self.isUnique = isUnique
    self.defaultValue = defaultValue
    self.minimum = minimum
    self.maximum = maximum
    self.allowed = allowed
    self.pattern = pattern
    self.maximumLength = maximumLength
    self.flow = flow
    self.sequence = sequence
    self.inverse = inverse
    self.onDelete = onDelete
    self.isSecret = isSecret
    self.isPassword = isPassword
    self.isAccessList = isAccessList
    self.was = was
    self.span = span
  }

  /// The name of the target class, for a pointer.
  public var target: String? {
    if case .pointer(let name) = type { name } else { nil }
  }

  /// Whether the engine alone writes it.
  public var isWritable: Bool {
    if case .stored = kind { true } else { false }
  }

  /// Whether an expression may find null here: not when it is required or has a default.
  public var isNullable: Bool {
    switch kind {
    case .stored:
      if isRequired || sequence != nil { return false }
      if case .null = defaultValue { return true }
      return false
    case .computed(let checked): return checked.type.acceptsNull
    case .rollUp: return false
    }
  }
}

/// The type of a field's values.
public indirect enum FieldType: Sendable, Equatable {
  case string, integer, number
  /// Exact, with this many digits after the point (0 to 18); stored as an integer of the last digit.
  case decimal(scale: Int)
  case boolean, date, duration, geoPoint
  /// A list; of what, if declared.
  case array(of: FieldType?)
  /// An object; its members, if declared.
  case object([ShapeMember]?)
  /// A pointer to a record of a class.
  case pointer(String)

  /// A member of an object's shape.
  public struct ShapeMember: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The type.
    public let type: FieldType

    package init(name: String, type: FieldType) {
      self.name = name
      self.type = type
    }
  }
}

/// A roll-up: a sum or a count over the records of one inverse.
public struct RollUpDefinition: Sendable {
  /// What is rolled up.
  public enum Function: Sendable {
    /// The sum of a field of the child, by name; null counts as 0.
    case sum(String)
    /// The number of children.
    case count
  }

  /// Sum or count.
  public let function: Function
  /// The name of the inverse.
  public let inverse: String
  /// The class of the children.
  public let childClass: String
  /// The pointer of the children.
  public let childField: String
  /// A condition on the child's own row; nil for all children.
  public let condition: CheckedExpr?

  package init(
    function: Function, inverse: String, childClass: String, childField: String,
    condition: CheckedExpr?
  ) {
    self.function = function
    self.inverse = inverse
    self.childClass = childClass
    self.childField = childField
    self.condition = condition
  }
}

/// Statuses in the order of the file, and the moves that are allowed from each.
public struct FlowDefinition: Sendable {
  /// All statuses.
  public let states: [String]
  /// The moves from each status.
  public let moves: [String: [String]]

  package init(states: [String], moves: [String: [String]]) {
    self.states = states
    self.moves = moves
  }
}

/// What happens to a record when the record that it points to is deleted.
public enum DeletePolicy: String, Sendable {
  /// The delete is refused.
  case restrict
  /// The pointer becomes null.
  case clear
  /// This record is deleted too.
  case cascade
}

/// A format with one `%d` or `%05d`, such as `SO-%05d`.
public struct SequenceFormat: Sendable, Equatable {
  /// What stands before and after the number.
  public let prefix: String, suffix: String
  /// The least number of digits; shorter numbers are filled with zeros.
  public let width: Int

  package init(prefix: String, suffix: String, width: Int) {
    self.prefix = prefix
    self.suffix = suffix
    self.width = width
  }

  /// Returns the text for a number, counted from 1.
  public func text(_ number: Int64) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
      + suffix
  }
}
