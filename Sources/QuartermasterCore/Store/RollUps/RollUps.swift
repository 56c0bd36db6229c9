internal import QuartermasterCEL

/// The roll-ups of a schema, kept by the difference that each write of a child makes.
///
/// A sum of integers, decimals or spans changes by what the child gave before and gives now, so its cost does not
/// depend on how many children there are. A sum of floating-point numbers is computed anew from all children in key
/// order: their addition is not associative, so differences would drift away from the sum of what is there, and two
/// files with the same children would show different totals.
final class RollUps {
  /// A roll-up field of a parent.
  struct Item {
    let field: FieldDefinition
    /// The parent's slot.
    let slot: Int
    /// What a child gives.
    let contribution: Contribution
    /// What must hold for a child to count; nil for all.
    let condition: RowFormula?
    /// The child's slots that the contribution and the condition are made from.
    let dependencies: SlotSet
    /// 0 when it is made from stored fields alone, else one more than the roll-ups that it is made from.
    let depth: Int
  }

  /// What a child gives to a roll-up.
  enum Contribution {
    case one
    case stored(slot: Int)
    case computed(RowFormula)
  }

  /// All roll-ups over one pointer.
  struct Link {
    let child: ClassDefinition
    let parent: ClassDefinition
    /// The child's slot of the pointer.
    let pointerSlot: Int
    let items: [Item]
  }

  /// By the place of the child's class, in the order in which the schema first names each pointer.
  let links: [[Link]]
  let store: Store
  /// The floating-point sums that are left for later, while many children of one parent are followed; nil where each
  /// is made at once.
  @exclusivity(unchecked) var postponed: [PostponedSum]?

  init(store: Store) throws(Refusal) {
    self.store = store
    let schema = store.schema
    var keys: [(child: ClassDefinition, pointerSlot: Int)] = []
    var groups:
      [[(parent: ClassDefinition, field: FieldDefinition, definition: RollUpDefinition)]] =
        []
    for parent in schema.classes {
      for field in parent.fields {
        guard case .rollUp(let definition) = field.kind else { continue }
        guard let child = schema[definition.childClass],
          let slot = child[definition.childField]?.slot
        else { throw Self.broken(parent, field) }
        if let found = keys.firstIndex(where: { $0.child === child && $0.pointerSlot == slot }) {
          groups[found].append((parent, field, definition))
        } else {
          keys.append((child, slot))
          groups.append([(parent, field, definition)])
        }
      }
    }
    var links: [[Link]] = schema.classes.map { _ in [] }
    let reader = DependencyReader(schema)
    for (key, group) in zip(keys, groups) {
      guard let parent = group.first?.parent else { continue }
      var items: [Item] = []
      for entry in group {
        items.append(
          try Self.item(entry.parent, entry.field, entry.definition, key.child, reader, store))
      }
      links[key.child.index].append(
        Link(child: key.child, parent: parent, pointerSlot: key.pointerSlot, items: items))
    }
    self.links = links
  }

  private static func item(
    _ parent: ClassDefinition, _ field: FieldDefinition, _ definition: RollUpDefinition,
    _ child: ClassDefinition, _ reader: DependencyReader, _ store: Store
  ) throws(Refusal) -> Item {
    guard let slot = field.slot else { throw broken(parent, field) }
    let contribution: Contribution
    switch definition.function {
    case .count: contribution = .one
    case .sum(let name):
      guard let summed = child[name] else { throw broken(parent, field) }
      if let slot = summed.slot {
        contribution = .stored(slot: slot)
      } else if case .computed(let checked) = summed.kind {
        contribution = .computed(RowFormula(checked, of: child, store))
      } else {
        throw broken(parent, field)
      }
    }
    return Item(
      field: field, slot: slot, contribution: contribution,
      condition: definition.condition.map { RowFormula($0, of: child, store) },
      dependencies: reader.slots(of: definition, child), depth: reader.depth(of: definition, child))
  }

  private static func broken(_ parent: ClassDefinition, _ field: FieldDefinition) -> Refusal {
    Refusal(
      .schema, "the roll-up \(parent.name).\(field.name) names a relation that the schema has not")
  }

  // MARK: Following a write

  /// Changes the roll-ups of the parents that a child had and has.
  ///
  /// A roll-up's change is a change of the parent, so it goes on to the parent's own parents.
  ///
  /// - Parameters:
  ///   - record: The child, written already.
  ///   - old: Its row before; nil when it is new.
  ///   - new: Its row now; nil when it is deleted.
  ///   - changed: The slots that differ, when both rows are there.
  ///   - hooks: Who notes what was touched.
  /// - Throws: A refusal when a total overflows, or a condition or a computed field of the child fails.
  func follow(
    _ record: Record, old: Row?, new: Row?, changed: SlotSet?, _ hooks: (any WriteHooks)?
  ) throws(Refusal) {
    for link in links[record.type.index] {
      let (before, after) = (link.parentID(old), link.parentID(new))
      if let before, let after, UTF8Text.equal(before, after) {
        try adjust(link, after, record, old, new, changed, hooks)
      } else {
        if let before { try adjust(link, before, record, old, nil, nil, hooks) }
        if let after { try adjust(link, after, record, nil, new, nil, hooks) }
      }
    }
  }

  /// Changes the roll-ups of one parent by what a child gave and gives to it.
  private func adjust(
    _ link: Link, _ id: String, _ child: Record, _ old: Row?, _ new: Row?, _ changed: SlotSet?,
    _ hooks: (any WriteHooks)?
  ) throws(Refusal) {
    // A parent that is gone already, in a cascade from above, has nothing to keep.
    guard let parent = try store.existing(link.parent.recordType, id), let was = parent.row else {
      return
    }
    var now: Row?
    for item in link.items {
      if let changed, item.dependencies.isDisjoint(with: changed) { continue }
      let value: Value
      if case .double(let total) = was.values[item.slot] {
        if postponed != nil {
          postponed?.append(PostponedSum(link: link, item: item, parent: parent))
          continue
        }
        let sum = try sum(item, link, of: parent)
        if sum == total { continue }
        value = .double(sum)
      } else {
        let before = try old.map { row throws(Refusal) in try units(item, child, row) } ?? 0
        let after = try new.map { row throws(Refusal) in try units(item, child, row) } ?? 0
        if before == after { continue }
        value = try item.adding(after - before, to: was.values[item.slot], in: link.parent)
      }
      if now == nil { now = Row.copy(was) }
      now?.values[item.slot] = value
    }
    guard let now else { return }
    let slots = try store.update(parent, now)
    hooks?.touched(parent, was: was)
    try follow(parent, old: was, new: now, changed: slots, hooks)
  }

  /// Returns what a version of a child gives, in units of the roll-up's last digit: 0 when it does not count.
  func units(_ item: Item, _ child: Record, _ row: Row) throws(Refusal) -> Int128 {
    if let condition = item.condition, !(try condition.holds(child, row)) { return 0 }
    switch item.contribution {
    case .one: return 1
    case .stored(let slot): return try item.units(row.values[slot])
    case .computed(let formula): return try item.units(try formula.value(child, row))
    }
  }

  /// Returns the sum of a floating-point roll-up over all children that are there, in key order.
  func sum(_ item: Item, _ link: Link, of parent: Record) throws(Refusal) -> Double {
    var total = 0.0
    for child in try store.pointing(
      at: parent.id, from: link.child.recordType, slot: link.pointerSlot)
    {
      guard let row = child.row else { continue }
      total += try number(item, child, row)
    }
    if !total.isFinite { throw item.overflow(in: link.parent) }
    return total
  }

  /// Returns what a version of a child gives to a floating-point roll-up.
  func number(_ item: Item, _ child: Record, _ row: Row) throws(Refusal) -> Double {
    if let condition = item.condition, !(try condition.holds(child, row)) { return 0 }
    let value: Value
    switch item.contribution {
    case .one: return 1
    case .stored(let slot): value = row.values[slot]
    case .computed(let formula): value = try formula.value(child, row)
    }
    if case .double(let number) = value { return number }
    return 0
  }
}

extension RollUps.Link {
  /// Returns the id of the parent of a version of a child.
  func parentID(_ row: Row?) -> String? {
    if let row, case .string(let id) = row.values[pointerSlot] { return id }
    return nil
  }
}

extension RollUps.Item {
  /// Returns a value in units of the last digit that the roll-up has; null counts as 0.
  func units(_ value: Value) throws(Refusal) -> Int128 {
    switch value {
    case .null: return 0
    case .int(let number): return Int128(number)
    case .duration(let span): return Int128(span.nanoseconds)
    case .decimal(let number):
      guard case .decimal(let scale) = field.type, let exact = number.exactly(scale: scale) else {
        throw Refusal(
          .error, "\(number) has more digits than \(field.name) keeps; round the summed field")
      }
      return exact.coefficient
    default: throw Refusal(.error, "\(field.name) sums a field that is no number")
    }
  }

  /// Returns a total with a difference added.
  func adding(_ difference: Int128, to total: Value, in parent: ClassDefinition) throws(Refusal)
    -> Value
  {
    let (sum, over) = try units(total).addingReportingOverflow(difference)
    guard !over, let value = value(units: sum) else { throw overflow(in: parent) }
    return value
  }

  /// Returns the value of a number of units, or nil when it does not fit the column.
  func value(units: Int128) -> Value? {
    guard let number = Int64(exactly: units) else { return nil }
    switch field.type {
    case .decimal(let scale):
      return .decimal(ExactDecimal(coefficient: units, scale: scale))
    case .duration: return .duration(TimeSpan(nanoseconds: number))
    default: return .int(number)
    }
  }

  func overflow(in parent: ClassDefinition) -> Refusal {
    Refusal(
      .error, "\(parent.name).\(field.name) overflows: the sum is beyond what its type holds")
  }
}
