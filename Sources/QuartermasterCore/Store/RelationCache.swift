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

  /// The longest list that is kept: to go through a longer one costs more than to ask SQLite.
  static let longest = 256
  /// The longest list that is read whole for a question that SQLite could answer.
  static let longestRead = 64

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
    Self.known(record).keep(value, relation.source.index, relation.slot, count: found + 1)
    count += found + 1
  }

  /// Whether a relation is known to be longer than what is read for a question that SQLite could answer.
  func isLong(_ record: Record, _ relation: RecordField.Relation) -> Bool {
    record.relations?.isLong(relation.source.index, relation.slot) ?? false
  }

  /// Notes that a relation is longer than that.
  mutating func noteLong(_ record: Record, _ relation: RecordField.Relation) {
    Self.known(record).keep(nil, relation.source.index, relation.slot, count: 0)
  }

  private static func known(_ record: Record) -> KnownRelations {
    if let known = record.relations { return known }
    let made = KnownRelations()
    record.relations = made
    return made
  }

  /// Puts a new record into the relations that it is a part of, or forgets them where that cannot be done.
  ///
  /// `known` finds the record of an id, if it is in memory.
  mutating func insert(
    _ record: Record, _ row: Row, known: (RecordType, String) -> Unmanaged<Record>?
  ) {
    if count == 0 { return }
    let source = record.type.index
    for place in pointers[source].indices {
      let slot = pointers[source][place].slot
      guard let id = Self.id(row, slot), let target = known(pointers[source][place].target, id)
      else { continue }
      target._withUnsafeGuaranteedRef { target in
        guard let relations = target.relations else { return }
        if relations.append(record, source, slot, atMost: Self.longest) {
          count += 1
        } else {
          count -= relations.forget(source, slot)
        }
      }
    }
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
