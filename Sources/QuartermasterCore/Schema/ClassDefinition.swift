public import QuartermasterCEL

/// A class of records: a table, its fields and its constraints.
public final class ClassDefinition: Sendable {
  /// The name, `PurchaseOrder`; also the name of the table.
  public let name: String
  /// The place in ``Schema/classes``.
  public let index: Int
  /// The name of a record in rules, `purchaseOrder`, or what `record:` says.
  public let variable: String
  /// The declared fields in the order of the file: stored, computed and roll-ups.
  public let fields: [FieldDefinition]
  /// Compound keys, each a list of places in the fields.
  ///
  /// Single unique fields have ``FieldDefinition/isUnique``.
  public let uniqueKeys: [[Int]]
  /// Declared indexes, each a list of places in ``fields``.
  public let indexes: [[Int]]
  /// The relations back: one for each pointer to this class that declares an inverse.
  public let inverses: [InverseDefinition]
  /// The former name, for a renaming migration.
  public let was: String?
  /// The fields that make a record a recipient of messages.
  public let contact: ContactDefinition?
  /// What expressions know of the class.
  public let recordType: RecordType
  /// Whether the engine alone writes it, as it does Message.
  public let isSystem: Bool
  /// Where the name stands.
  public let span: SourceSpan

  /// The slot of `createdAt` in a row.
  package static let createdAtSlot = 0
  /// The slot of `updatedAt` in a row.
  package static let updatedAtSlot = 1
  /// The first slot of a declared field.
  package static let firstFieldSlot = 2

  /// What is asked of the fields besides their types.
  let constraints: [FieldConstraint]
  /// The slots of those, side by side.
  let constraintSlots: [Int]

  /// Whether records say themselves who may read and write them, in the field `ACL`.
  public let hasAccessList: Bool

  private let names: WordTable

  package init(
    name: String, index: Int, variable: String, fields: [FieldDefinition], uniqueKeys: [[Int]],
    indexes: [[Int]], inverses: [InverseDefinition], was: String?, contact: ContactDefinition?,
    recordType: RecordType, isSystem: Bool = false, span: SourceSpan
  ) {
    self.name = name
    self.index = index
    self.variable = variable
    self.fields = fields
    self.uniqueKeys = uniqueKeys
    self.indexes = indexes
    self.inverses = inverses
    self.was = was
    self.contact = contact
    self.recordType = recordType
    self.isSystem = isSystem
    self.span = span
    hasAccessList = fields.contains(where: \.isAccessList)
    constraints = fields.compactMap { FieldConstraint($0) }
    constraintSlots = constraints.map(\.slot)
    names = WordTable(names: fields.map(\.name))
  }

  /// Returns the declared field of a name, or nil.
  public subscript(name: String) -> FieldDefinition? {
    let place = names[name]
    return place < 0 ? nil : fields[place]
  }

  /// The field with a flow, if the class has exactly one.
  public var flowField: FieldDefinition? {
    let found = fields.filter { $0.flow != nil }
    return found.count == 1 ? found[0] : nil
  }
}

/// The relation back from the target of a pointer.
public struct InverseDefinition: Sendable {
  /// The name on the target, `inventory` in `product.inventory`.
  public let name: String
  /// The class that holds the pointer.
  public let sourceClass: String
  /// The pointer's name.
  public let sourceField: String
  /// Whether the pointer is unique, so that the relation is one record or null.
  public let isUnique: Bool

  package init(name: String, sourceClass: String, sourceField: String, isUnique: Bool) {
    self.name = name
    self.sourceClass = sourceClass
    self.sourceField = sourceField
    self.isUnique = isUnique
  }
}

/// How a record of a class is told something: `contact: {user: user, email: email}`.
public struct ContactDefinition: Sendable {
  /// The pointer to a user, for the inbox.
  public let user: String?
  /// The field with the e-mail address.
  public let email: String?

  package init(user: String?, email: String?) {
    self.user = user
    self.email = email
  }
}
