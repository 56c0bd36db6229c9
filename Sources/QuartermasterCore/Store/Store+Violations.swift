internal import CSQLite
internal import QuartermasterCEL

/// SQLite's extended codes, whose macros Swift does not see.
enum Constraint {
  static let primaryKey = SQLITE_CONSTRAINT | 6 << 8
  static let check = SQLITE_CONSTRAINT | 1 << 8
  static let unique = SQLITE_CONSTRAINT | 8 << 8
}

extension Store {
  /// Says which constraint a write violated, and which record is in its way.
  func violation(_ code: Int32, _ record: Record, _ row: Row, _ table: ClassTable)
    throws(Refusal) -> Refusal
  {
    let definition = table.definition
    switch code {
    case Constraint.primaryKey:
      return Refusal(.schema, "\(definition.name)/\(record.id) is there already")
    case Constraint.unique:
      if let found = try rival(of: record, row, table) { return found }
    case Constraint.check:
      // The constraints of computed fields are named after them, see TableSQL.
      let message = String(cString: sqlite3_errmsg(connection))
      let fields = definition.fields.filter { table.computedColumns[$0.index] != nil }
      if let field = fields.first(where: { message.hasSuffix(" \(definition.name).\($0.name)") }) {
        return Refusal(
          .schema,
          "\(definition.name).\(field.name) overflows: with these values it is beyond what its type "
            + "holds")
      }
    default: break
    }
    // The writer checks all else before it writes, so this is for whoever writes past it.
    return failure(code, doing: "a change of \(definition.name)/\(record.id)")
  }

  /// Returns the refusal for the first unique key that another record has, or nil.
  private func rival(of record: Record, _ row: Row, _ table: ClassTable) throws(Refusal) -> Refusal?
  {
    let definition = table.definition
    let single = definition.fields.filter(\.isUnique).map { [$0.index] }
    for key in single + definition.uniqueKeys {
      let fields = key.map { definition.fields[$0] }
      var conditions: [(slot: Int, value: Value)] = []
      for field in fields {
        guard let slot = field.slot else { continue }
        if case .null = row.values[slot] { continue }
        conditions.append((slot, row.values[slot]))
      }
      if conditions.count < key.count { continue }
      // The record itself is not in its own way, and a unique key has one owner.
      guard let other = try first(definition, where: conditions), other !== record else { continue }
      let names = fields.map(\.name).joined(separator: " and ")
      var refusal = Refusal(
        .schema, "\(definition.name): \(names) is there already (\(other.id))")
      refusal.outward = "\(definition.name): \(names) is there already"
      return refusal
    }
    return nil
  }
}
