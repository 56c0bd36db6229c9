/// What expressions know of a class of records: its fields and how each is read.
///
/// Made once per schema. The fields are set after all types exist, because fields of one class point to another.
public final class RecordType: @unchecked Sendable {
  /// The class name, `PurchaseOrder`.
  public let name: String
  /// The place of the class in its schema; hosts index their tables by it.
  public let index: Int
  /// The name of a record in its own expressions, `purchaseOrder`.
  public let variable: String
  /// How many values a row of the class has.
  @inlinable @inline(__always)
  public var slotCount: Int { ownSlotCount }
  /// The fields, by name.
  @inlinable @inline(__always)
  public var fields: [String: RecordField] { ownFields }
  // Set once, before the type is used: reading them needs no check for a write at the same time.
  @exclusivity(unchecked) @usableFromInline private(set) var ownSlotCount = 0
  @exclusivity(unchecked) @usableFromInline private(set) var ownFields: [String: RecordField] = [:]
  /// The names of fields that no expression may read.
  public private(set) var unreadable: Set<String> = []
  /// The checked forms of the computed fields.
  let computed = ComputedFields()

  /// Creates a type without fields.
  public init(name: String, index: Int, variable: String) {
    self.name = name
    self.index = index
    self.variable = variable
  }

  /// Sets the fields, once, before the type is used by any other thread.
  public func define(
    fields: [RecordField], slotCount: Int, unreadable: Set<String> = []
  ) {
    ownSlotCount = slotCount
    self.unreadable = unreadable
    ownFields = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
  }
}

/// A field of a class of records.
public struct RecordField: Sendable {
  /// How a field is read.
  public enum Access: Sendable {
    /// The record's id, a string.
    case id
    /// A stored value: `record.values[slot]`.
    case stored(slot: Int)
    /// A pointer: `record.values[slot]` holds the id of a record of `target`, or null.
    case pointer(slot: Int, target: RecordType)
    /// Computed from the row alone. The expression's one variable is the record, named as ``RecordType/variable``.
    case computed(ParsedExpr)
    /// The records that point here through one field; a list, or one record or null where the pointer is unique.
    case relation(Relation)
  }

  /// The inverse of a pointer.
  public struct Relation: Sendable {
    /// The class that points here.
    public let source: RecordType
    /// The slot of its pointer.
    public let slot: Int
    /// Whether at most one record can point here.
    public let isUnique: Bool

    /// Creates a relation.
    public init(source: RecordType, slot: Int, isUnique: Bool) {
      self.source = source
      self.slot = slot
      self.isUnique = isUnique
    }
  }

  /// The name, as written after a dot.
  public let name: String
  /// The type, nullable where the field may be null.
  public let type: CELType
  /// How it is read.
  public let access: Access

  /// Creates a field.
  public init(name: String, type: CELType, access: Access) {
    self.name = name
    self.type = type
    self.access = access
  }
}
