internal import QuartermasterCEL

/// The blind assignments of one round, to find two that disagree.
///
/// An assignment is blind when no expression in its slot, its conditions or the rule's lets selects a field of that
/// name. LANGUAGE.md, sections 6.8 and 14.
struct ConflictLedger {
  private struct Place: Hashable {
    let record: ObjectIdentifier
    let field: Int
  }

  private struct Entry {
    let rule: CompiledRule
    let firing: Int
    let value: Value
  }

  private var entries: [Place: [Entry]] = [:]

  /// Notes a blind assignment.
  ///
  /// - Returns: The rule and the value that it contradicts, or nil when there is none.
  mutating func assign(
    _ value: Value, to field: FieldDefinition, of record: Record, by rule: CompiledRule, firing: Int
  ) -> (rule: CompiledRule, value: Value)? {
    let place = Place(record: ObjectIdentifier(record), field: field.index)
    var seen = entries[place] ?? []
    for entry in seen where entry.firing != firing && !Value.equal(entry.value, value) {
      if entry.rule.index == rule.index
        || (!rule.follows.contains(entry.rule.name) && !entry.rule.follows.contains(rule.name))
      {
        return (entry.rule, entry.value)
      }
    }
    seen.removeAll { $0.rule.index == rule.index }
    seen.append(Entry(rule: rule, firing: firing, value: value))
    entries[place] = seen
    return nil
  }

  /// Forgets all, as a round begins.
  mutating func clear() {
    if !entries.isEmpty { entries.removeAll(keepingCapacity: true) }
  }
}
