package import QuartermasterCEL

/// Something that a host asked for in an operation, as the journal keeps it: apart from what rules made of it.
///
/// Docs/Decisions/0170.
package struct HostChange: Sendable {
  /// What was asked for.
  package enum Kind: String, Sendable {
    case create = "+"
    case set = "~"
    case delete = "-"
    case verb, signal
  }

  /// What was asked for.
  package let kind: Kind
  /// The class; for a verb or a signal its name.
  package let name: String
  /// The id; for a verb its target as `PurchaseOrder/p1`; nil where there is none.
  package let id: String?
  /// The fields, the arguments or the payload, in their stored form.
  package let fields: [(name: String, value: JSONValue)]
  /// Changes of stored values: the field, the operator and what it is applied with.
  package let operators: [(name: String, word: String, operand: JSONValue)]

  /// The record that it is about, as `Inventory/bolts`; nil for a signal, and for an id that is not made yet.
  package var record: String? {
    switch kind {
    case .create, .set, .delete: id.map { "\(name)/\($0)" }
    case .verb: id
    case .signal: nil
    }
  }

  init(
    _ kind: Kind, _ name: String, id: String?, fields: [(name: String, value: JSONValue)] = []
  ) {
    (self.kind, self.name, self.id, self.fields) = (kind, name, id, fields)
    operators = []
  }

  /// Reads an item of `given`; nil when it is none.
  init?(_ item: JSONValue) {
    let parts = item.items
    guard parts.count >= 3, let kind = parts[0].text.flatMap(Kind.init(rawValue:)),
      let name = parts[1].text
    else { return nil }
    self.kind = kind
    self.name = name
    id = parts[2].text
    fields = parts.count > 3 ? parts[3].members.map { ($0.key, $0.value) } : []
    operators =
      parts.count > 4
      ? parts[4].members.compactMap { name, value in
        guard value.items.count == 2, let word = value.items[0].text else { return nil }
        return (name, word, value.items[1])
      } : []
  }
}

extension JournalEntry {
  /// The signals that the host raised in the operation.
  package var signals: [HostChange] { given?.filter { $0.kind == .signal } ?? [] }

  /// Returns what the host asked for in the operation; nothing for one of a timer, a schedule or a later rule.
  ///
  /// Where the row does not say it, it is what can be told from the changes: those of which no rule is an author.
  package func hostChanges(_ schema: Schema) -> [HostChange] {
    switch origin {
    case .host, .withoutRules, .outside: break
    case .timer, .schedule, .later, .mending, .automations, .catchUp: return []
    }
    if let given { return given }
    return changes.compactMap { hostChange($0, schema) }
  }

  private func hostChange(_ change: Change, _ schema: Schema) -> HostChange? {
    guard let definition = schema[change.className], isOfHost(change) else { return nil }
    let written = change.fields.filter { definition[$0.name]?.isRollUp == false }
    switch change.kind {
    case .deleted: return HostChange(.delete, change.className, id: change.id)
    case .changed where written.isEmpty: return nil
    case .changed:
      return HostChange(
        .set, change.className, id: change.id, fields: written.map { ($0.name, $0.new) })
    case .created:
      // A number that the file drew is drawn again.
      let given = written.filter { field in
        guard let format = definition[field.name]?.sequence else { return true }
        return field.new.text.flatMap { format.number(of: $0) } == nil
      }
      return HostChange(
        .create, change.className, id: change.id, fields: given.map { ($0.name, $0.new) })
    }
  }

  /// Whether the host wrote a record: nobody else did, or, in rows that do not say it, what it wrote is what woke the
  /// first rule that did.
  private func isOfHost(_ change: Change) -> Bool {
    guard let first = change.authors.first, firings.indices.contains(first) else { return true }
    if isGivenApart || origin == .outside || origin == .withoutRules { return false }
    let firing = firings[first]
    return firing.record == change.record && firing.cause == nil && firing.round <= 1
  }
}
