import QuartermasterCEL

/// Which rules a change can wake: by class and kind, then by the fields that a trigger names, then by the constants
/// that a condition compares a field with: equal ones in a table, numbers that bound it in order.
///
/// It may name a rule too many, never one too few. Ten thousand rules that guard ten thousand categories are ten
/// thousand buckets, and a change looks into one of them.
///
/// A class, so that a change copies none of it.
package final class RuleIndex: Sendable {
  /// What a field is compared with.
  enum Key: Hashable, Sendable {
    // Texts of different bytes may share a bucket; that only names a rule too many.
    case text(String)
    case number(Int64)
    case flag(Bool)

    init?(_ value: Value) {
      switch value {
      case .string(let text): self = .text(text)
      case .int(let number): self = .number(number)
      case .bool(let flag): self = .flag(flag)
      default: return nil
      }
    }
  }

  /// Rules that one field tells apart by its value.
  ///
  /// Filled while the index is made, and then only read.
  final class Buckets: @unchecked Sendable {
    let slot: Int
    private let table = WordTable()
    /// The rules of a constant that is not that of one rule alone.
    @exclusivity(unchecked) private var lists: ContiguousArray<[Int]> = []

    init(slot: Int) { self.slot = slot }

    /// Adds a rule under a constant.
    func add(_ rule: Int, _ key: Key) {
      // A rule is kept as an even number; an odd one says which list.
      let found = place(of: key)
      if found < 0 {
        keep(rule * 2, key)
      } else if found & 1 == 0 {
        lists.append([found / 2, rule])
        keep((lists.count - 1) * 2 + 1, key)
      } else {
        lists[found / 2].append(rule)
      }
    }

    /// Appends the rules of a value.
    @inline(__always)
    func append(_ value: UnsafePointer<Value>, to found: inout [Int]) {
      let place: Int
      switch value.pointee {
      case .string(let text): place = table[text]
      case .int(let number): place = table[WordTable.Key(number: number)]
      case .bool(let flag): place = table[WordTable.Key(flag: flag)]
      default: return
      }
      if place < 0 { return }
      if place & 1 == 0 { found.append(place / 2) } else { found += lists[place / 2] }
    }

    private func place(of key: Key) -> Int {
      switch key {
      case .text(let text): table[text]
      case .number(let number): table[WordTable.Key(number: number)]
      case .flag(let flag): table[WordTable.Key(flag: flag)]
      }
    }

    private func keep(_ value: Int, _ key: Key) {
      switch key {
      case .text(let text): table[text] = value
      case .number(let number): table[WordTable.Key(number: number)] = value
      case .flag(let flag): table[WordTable.Key(flag: flag)] = value
      }
    }
  }

  /// Rules that the same kinds of change of the same fields wake.
  ///
  /// Filled while the index is made, and then only read; a class, so that a change copies none.
  final class Group: @unchecked Sendable {
    let kinds: CompiledTrigger.RecordTrigger.Kinds
    /// The slots of which one must differ; nil for any.
    let slots: SlotSet?
    /// The rules without a constant.
    @exclusivity(unchecked) fileprivate(set) var general: [Int] = []
    @exclusivity(unchecked) fileprivate(set) var buckets: [Buckets] = []
    @exclusivity(unchecked) fileprivate(set) var thresholds: [RuleThresholds] = []

    init(kinds: CompiledTrigger.RecordTrigger.Kinds, slots: [Int]?) {
      self.kinds = kinds
      self.slots = slots.map { $0.reduce(into: SlotSet()) { $0.insert($1) } }
    }

    /// Appends the rules that a change to a row may wake.
    fileprivate func append(
      _ change: Change, _ row: Row, ignoresBounds: Bool, to found: inout [Int]
    ) {
      if let slots, !change.differs(in: slots) { return }
      append(row, was: change.kind == .changed ? change.old : nil, ignoresBounds, to: &found)
    }

    /// Appends the rules that a row may wake which is about to be written.
    fileprivate func append(
      _ row: Row, over old: Row?, ignoresBounds: Bool, to found: inout [Int]
    ) {
      if let slots {
        guard let old else {
          // What is not there has null everywhere.
          if slots.isNull(row.values) { return }
          return append(row, was: nil, ignoresBounds, to: &found)
        }
        if !slots.differ(row.values, old.values) { return }
      }
      append(row, was: old, ignoresBounds, to: &found)
    }

    private func append(
      _ row: Row, was old: Row?, _ ignoresBounds: Bool, to found: inout [Int]
    ) {
      for place in 0..<general.count { found.append(general[place]) }
      for place in 0..<buckets.count {
        buckets[place].append(row.values + buckets[place].slot, to: &found)
      }
      for place in 0..<thresholds.count {
        if ignoresBounds {
          thresholds[place].all(into: &found)
        } else {
          thresholds[place].find(row, old, into: &found)
        }
      }
    }
  }

  /// By phase, then class.
  private let before: [[Group]]
  private let after: [[Group]]
  private let later: [[Group]]
  private let timed: [[Group]]

  /// Creates the index of some rules.
  ///
  /// - Parameters:
  ///   - rules: The rules; what is given back is ``CompiledRule/index``. Those that no change wakes are passed over.
  ///   - schema: The classes.
  ///   - usesConstants: Whether rules are told apart by the constants of their conditions; without, a change finds all
  ///     rules of its class, kind and fields, so that their conditions are judged.
  package init(rules: [CompiledRule], schema: Schema, usesConstants: Bool = true) {
    let empty: [[Group]] = Array(repeating: [], count: schema.classes.count)
    var (before, after, later, timed) = (empty, empty, empty, empty)
    let writes = RuleWrites(rules, schema: schema)
    var entries: [Place: [RuleIndexEntry]] = [:]
    for rule in rules {
      guard case .record(let trigger) = rule.trigger else { continue }
      let place: Place
      if trigger.hold != nil || trigger.due != nil {
        place = .timed(trigger.classIndex)
      } else {
        switch rule.phase {
        case .before: place = .before(trigger.classIndex)
        case .after: place = .after(trigger.classIndex)
        case .later: place = .later(trigger.classIndex)
        }
      }
      entries[place, default: []].append(
        RuleIndexEntry(rule, trigger, schema: schema, writes: writes))
    }
    for (place, entries) in entries {
      let groups = Self.groups(entries, usesConstants: usesConstants)
      switch place {
      case .before(let subject): before[subject] = groups
      case .after(let subject): after[subject] = groups
      case .later(let subject): later[subject] = groups
      case .timed(let subject): timed[subject] = groups
      }
    }
    (self.before, self.after, self.later, self.timed) = (before, after, later, timed)
  }

  private enum Place: Hashable {
    case before(Int), after(Int), later(Int), timed(Int)
  }

  private static func groups(_ entries: [RuleIndexEntry], usesConstants: Bool) -> [Group] {
    // The field that tells most rules apart is the best to look at first.
    var constants: [Int: Set<Key>] = [:]
    for entry in entries {
      for choice in entry.choices { constants[choice.slot, default: []].formUnion(choice.keys) }
    }
    var groups: [Group] = []
    var places: [GroupKey: Int] = [:]
    for entry in entries {
      let key = GroupKey(kinds: entry.kinds.rawValue, slots: entry.slots)
      let place = places[key] ?? groups.count
      if place == groups.count {
        places[key] = place
        groups.append(Group(kinds: entry.kinds, slots: entry.slots))
      }
      let choices = usesConstants ? entry.choices : []
      let best = choices.max { a, b in
        (constants[a.slot]?.count ?? 0) < (constants[b.slot]?.count ?? 0)
      }
      // A constant that all share tells none apart.
      let isTelling = best.map { (constants[$0.slot]?.count ?? 0) > 1 } ?? false
      if usesConstants, !isTelling,
        let range = entry.ranges.first(where: \.isWholeEdge) ?? entry.ranges.first
      {
        RuleThresholds.add(entry.rule, range, to: &groups[place].thresholds)
        continue
      }
      guard let best else {
        groups[place].general.append(entry.rule)
        continue
      }
      var found = groups[place].buckets.firstIndex { $0.slot == best.slot }
      if found == nil {
        found = groups[place].buckets.count
        groups[place].buckets.append(Buckets(slot: best.slot))
      }
      if let found {
        for key in best.keys { groups[place].buckets[found].add(entry.rule, key) }
      }
    }
    for group in groups { for thresholds in group.thresholds { thresholds.sort() } }
    return groups
  }

  private struct GroupKey: Hashable {
    let kinds: UInt8
    let slots: [Int]?
  }

  // MARK: Looking up

  /// Appends the rules that a change may wake, in the order in which rules are considered.
  ///
  /// In the phase `before` the row of the change may still be changed by the rules themselves: the index allows for
  /// that. In the phase `after` it allows for what earlier firings of the round write.
  ///
  /// - Parameters:
  ///   - change: The change.
  ///   - phase: The phase of the rules that are looked for.
  ///   - ignoresBounds: Whether rules are named whose numbers the row does not keep: for who wants to know of them.
  ///   - found: Where they are appended.
  package func candidates(
    for change: Change, phase: CompiledRule.Phase, ignoresBounds: Bool = false,
    into found: inout [Int]
  ) {
    let place = change.record.type.index
    let start = found.count
    switch phase {
    case .before: Self.append(before, place, change, ignoresBounds, &found)
    case .after: Self.append(after, place, change, ignoresBounds, &found)
    case .later: Self.append(later, place, change, ignoresBounds, &found)
    }
    if found.count - start > 1 { found[start...].sort() }
  }

  /// Appends the rules of the phase `before` that a row may wake which is about to be written, in the order in which
  /// rules are considered.
  ///
  /// - Parameters:
  ///   - type: The class.
  ///   - row: The incoming row.
  ///   - old: The stored row; nil for a new record.
  ///   - ignoresBounds: As above.
  ///   - found: Where they are appended.
  func candidates(
    before type: RecordType, _ row: Row, over old: Row?, ignoresBounds: Bool,
    into found: inout [Int]
  ) {
    let place = type.index
    let kind: CompiledTrigger.RecordTrigger.Kinds = old == nil ? .created : .changed
    for group in 0..<before[place].count where before[place][group].kinds.contains(kind) {
      before[place][group].append(row, over: old, ignoresBounds: ignoresBounds, to: &found)
    }
    if found.count > 1 { found.sort() }
  }

  private static func append(
    _ classes: [[Group]], _ place: Int, _ change: Change, _ ignoresBounds: Bool,
    _ found: inout [Int]
  ) {
    if classes[place].isEmpty { return }
    guard let row = change.new ?? change.old else { return }
    let kind = change.kind.asSet
    for group in 0..<classes[place].count where classes[place][group].kinds.contains(kind) {
      classes[place][group].append(change, row, ignoresBounds: ignoresBounds, to: &found)
    }
  }

  /// Appends the rules with a timer that a change may start, move or stop, in the order in which rules are
  /// considered.
  ///
  /// A timer stops whatever kind of change or field it is that makes its condition false.
  package func timedCandidates(for change: Change, into found: inout [Int]) {
    let groups = timed[change.record.type.index]
    if groups.isEmpty { return }
    let start = found.count
    for group in groups {
      found += group.general
      for buckets in group.buckets {
        if let old = change.old { buckets.append(old.values + buckets.slot, to: &found) }
        if let new = change.new, change.differs(slot: buckets.slot) {
          buckets.append(new.values + buckets.slot, to: &found)
        }
      }
    }
    guard found.count - start > 1 else { return }
    found[start...].sort()
    // A rule that names both constants was found twice.
    var last = start
    for place in (start + 1)..<found.count where found[place] != found[last] {
      last += 1
      found[last] = found[place]
    }
    found.removeSubrange((last + 1)...)
  }
}

extension Change.Kind {
  /// The set of this kind alone.
  var asSet: CompiledTrigger.RecordTrigger.Kinds {
    switch self {
    case .created: .created
    case .changed: .changed
    case .deleted: .deleted
    }
  }
}
