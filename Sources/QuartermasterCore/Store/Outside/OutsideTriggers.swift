internal import QuartermasterCEL

/// The triggers that keep in `_outside` what another program writes to the table of a class.
///
/// The connections of the engine have triggers switched off, so they run for others only. What a row was before is kept
/// as text that any SQLite can make, `quantity=21,name='Bolt'`: `quote` gives every number back exactly, which JSON
/// functions do not. What a row became is not kept: the table says it.
enum OutsideTriggers {
  /// What the names of all triggers begin with.
  static let prefix = "_outside:"

  /// Returns the triggers of a table: their names, and the statements that make them.
  static func statements(_ table: ClassTable) -> [(name: String, sql: String)] {
    let name = table.definition.name
    let text = literal(name)
    let id = "\"objectId\""
    let replaced =
      "INSERT INTO _outside (class, id, kind, old, at) "
      + "SELECT \(text), o.\(id), '-', \(values("o", table)), \(clock) "
      + "FROM \(table.quotedName) AS o WHERE"
    func write(_ version: String, _ kind: String) -> String {
      let old = kind == "+" ? "NULL" : values(version, table)
      return "INSERT INTO _outside (class, id, kind, old, at) "
        + "VALUES (\(text), \(version).\(id), '\(kind)', \(old), \(clock))"
    }
    let rivals = rivals(table)
    let parts: [(String, String, String)] = [
      // What REPLACE takes away for a new row is told to no trigger.
      ("before insert", "BEFORE INSERT ON", "\(replaced) (\(rivals))"),
      ("insert", "AFTER INSERT ON", write("NEW", "+")),
      ("before update", "BEFORE UPDATE ON", "\(replaced) o.rowid <> OLD.rowid AND (\(rivals))"),
      ("update", "AFTER UPDATE ON", write("OLD", "~")),
      ("rename", "AFTER UPDATE OF \(id) ON", write("NEW", "+")),
      ("delete", "AFTER DELETE ON", write("OLD", "-")),
    ]
    return parts.map { part, event, body in
      let trigger = "\(prefix)\(name) \(part)"
      let condition = part == "rename" ? " WHEN OLD.\(id) IS NOT NEW.\(id)" : ""
      return (
        trigger,
        "CREATE TRIGGER \(ClassTable.quoted(trigger)) \(event) \(table.quotedName) FOR EACH ROW"
          + "\(condition) BEGIN \(body); END"
      )
    }
  }

  /// Milliseconds since 1970, as every version of SQLite can say them.
  private static let clock = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

  /// What holds for the rows that are in the way of a new version: they have its id, or a unique value of it.
  private static func rivals(_ table: ClassTable) -> String {
    let definition = table.definition
    let keys =
      [["objectId"]] + definition.fields.filter { $0.isUnique && $0.slot != nil }.map { [$0.name] }
      + definition.uniqueKeys.map { key in key.map { definition.fields[$0].name } }
    return keys.map { key in
      let parts = key.map { name in
        let column = ClassTable.quoted(name)
        return "o.\(column) = NEW.\(column)"
      }
      return parts.count == 1 ? parts[0] : "(\(parts.joined(separator: " AND ")))"
    }.joined(separator: " OR ")
  }

  /// Returns the values of a version of a row as one text.
  private static func values(_ version: String, _ table: ClassTable) -> String {
    let parts = (table.columnNames + ["_last"]).enumerated().map { place, name in
      literal((place == 0 ? "" : ",") + name + "=")
        + " || quote(\(version).\(ClassTable.quoted(name)))"
    }
    return joined(parts[...])
  }

  /// Joins texts as a tree, not as a chain: SQLite takes no expression of more than a thousand levels.
  private static func joined(_ parts: ArraySlice<String>) -> String {
    if parts.count <= 8 { return parts.joined(separator: " || ") }
    let middle = parts.startIndex + parts.count / 2
    return "(\(joined(parts[..<middle]))) || (\(joined(parts[middle...])))"
  }

  private static func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
