package import QuartermasterCEL

/// Which rules a change can wake: by class and kind, then by the fields that a trigger names, then by the constants
/// that a condition compares a field with.
///
/// It may name a rule too many, never one too few. Ten thousand rules that guard ten thousand categories are ten
/// thousand buckets, and a change looks into one of them.
package struct RuleIndex: Sendable {
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

  /// Rules that one field tells apart.
  struct Buckets: Sendable {
    let slot: Int
    var rules: [Key: [Int]]
  }

  /// Rules that the same kinds of change of the same fields wake.
  struct Group: Sendable {
    let kinds: CompiledTrigger.RecordTrigger.Kinds
    /// The slots of which one must differ; nil for any.
    let slots: [Int]?
    /// The rules without a constant.
    var general: [Int] = []
    var buckets: [Buckets] = []
  }

  /// By phase, then class.
  private var before: [[Group]]
  private var after: [[Group]]
  private var later: [[Group]]
  private var timed: [[Group]]

  /// Creates the index of some rules.
  ///
  /// - Parameters:
  ///   - rules: The rules; what is given back is ``CompiledRule/index``. Those that no change wakes are passed over.
  ///   - schema: The classes.
  ///   - usesConstants: Whether rules are told apart by the constants of their conditions; without, a change finds all
  ///     rules of its class, kind and fields, so that their conditions are judged.
  package init(rules: [CompiledRule], schema: Schema, usesConstants: Bool = true) {
    let empty: [[Group]] = Array(repeating: [], count: schema.classes.count)
    (before, after, later, timed) = (empty, empty, empty, empty)
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
      guard let best else {
        groups[place].general.append(entry.rule)
        continue
      }
      var found = groups[place].buckets.firstIndex { $0.slot == best.slot }
      if found == nil {
        found = groups[place].buckets.count
        groups[place].buckets.append(Buckets(slot: best.slot, rules: [:]))
      }
      if let found {
        for key in best.keys {
          groups[place].buckets[found].rules[key, default: []].append(entry.rule)
        }
      }
    }
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
  package func candidates(
    for change: Change, phase: CompiledRule.Phase, into found: inout [Int]
  ) {
    let groups: [Group]
    switch phase {
    case .before: groups = before[change.record.type.index]
    case .after: groups = after[change.record.type.index]
    case .later: groups = later[change.record.type.index]
    }
    if groups.isEmpty { return }
    guard let row = change.new ?? change.old else { return }
    let kind = change.kind.asSet
    let start = found.count
    for group in groups where group.kinds.contains(kind) {
      if let slots = group.slots, !slots.contains(where: { change.differs(slot: $0) }) { continue }
      found += group.general
      for buckets in group.buckets {
        if let key = Key(row.values[buckets.slot]), let rules = buckets.rules[key] {
          found += rules
        }
      }
    }
    if found.count - start > 1 { found[start...].sort() }
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
        let old = change.old.flatMap { Key($0.values[buckets.slot]) }
        let new = change.new.flatMap { Key($0.values[buckets.slot]) }
        if let old, let rules = buckets.rules[old] { found += rules }
        if let new, new != old, let rules = buckets.rules[new] { found += rules }
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
  fileprivate var asSet: CompiledTrigger.RecordTrigger.Kinds {
    switch self {
    case .created: .created
    case .changed: .changed
    case .deleted: .deleted
    }
  }
}
