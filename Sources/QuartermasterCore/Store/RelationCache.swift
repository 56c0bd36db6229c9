internal import QuartermasterCEL

/// Keeps the relations of records that were read, until a write changes one of them: conditions such as
/// `!product.lines.exists(…)` are judged for each change, and nearly none changes the lines.
///
/// What is kept lies with the record at which the others point.
struct RelationCache {
  /// A pointer of a class.
  private struct Pointer {
    let slot: Int
    let target: RecordType
  }

  /// The longest list that is kept: one that grows all the time would be forgotten as often as it is read.
  private static let longest = 256

  /// The pointers by class.
  private let pointers: [[Pointer]]
  private let slots: [SlotSet]
  /// How many records the lists hold, together with the lists.
  private(set) var count = 0

  init(_ tables: [ClassTable]) {
    var types: [String: RecordType] = [:]
    for table in tables { types[table.definition.name] = table.definition.recordType }
    pointers = tables.map { table in
      table.definition.fields.compactMap { field in
        guard let slot = field.slot, let target = field.target.flatMap({ types[$0] }) else {
          return nil
        }
        return Pointer(slot: slot, target: target)
      }
    }
    slots = pointers.map { list in
      list.reduce(into: SlotSet()) { $0.insert($1.slot) }
    }
  }

  /// Whether one of some slots of a class is a pointer.
  func concerns(_ type: RecordType, _ changed: SlotSet) -> Bool {
    count > 0 && !slots[type.index].isDisjoint(with: changed)
  }

  /// Returns a relation of a record, or nil when it is not known.
  func find(_ record: Record, _ relation: RecordField.Relation) -> Value? {
    record.relations?.find(relation.source.index, relation.slot)
  }

  /// Keeps a relation of a record that the session holds.
  mutating func keep(
    _ value: Value, of record: Record, _ relation: RecordField.Relation, count found: Int
  ) {
    guard found <= Self.longest else { return }
    let known = record.relations ?? KnownRelations()
    record.relations = known
    known.keep(value, relation.source.index, relation.slot, count: found + 1)
    count += found + 1
  }

  /// Forgets the relations in which a row of a class came, went, or moved from one record to another.
  ///
  /// `known` finds the record of an id, if it is in memory.
  mutating func forget(
    _ type: RecordType, _ old: Row?, _ new: Row?,
    known: (RecordType, String) -> Unmanaged<Record>?
  ) {
    if count == 0 { return }
    for pointer in pointers[type.index] {
      let (was, now) = (Self.id(old, pointer.slot), Self.id(new, pointer.slot))
      if let was, let now, UTF8Text.equal(was, now) { continue }
      for id in [was, now] {
        guard let id, let record = known(pointer.target, id) else { continue }
        let relations = record._withUnsafeGuaranteedRef { $0.relations }
        count -= relations?.forget(type.index, pointer.slot) ?? 0
      }
    }
  }

  /// Forgets the count, when the records have forgotten all.
  mutating func removeAll() { count = 0 }

  private static func id(_ row: Row?, _ slot: Int) -> String? {
    if let row, case .string(let id) = row.values[slot] { return id }
    return nil
  }
}
