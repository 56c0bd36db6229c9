internal import QuartermasterCEL

/// What becomes of a sub-expression over a class or a relation: what `explain` and `check` show.
package struct QueryExplanation: Sendable {
  /// The statement.
  package let sql: String
  /// SQLite's plan, a line for each step, indented by its depth.
  package let plan: [String]
  /// Whether indexes lead to the rows: no table is read from its beginning to its end.
  package let usesIndex: Bool
  /// The parts of the expression that SQL decides.
  package let pushed: String
  /// The parts that are evaluated in memory over the records that SQL found; nil when there are none.
  package let residual: String?
}

extension CompiledQuery {
  /// Asks SQLite how it would run the query; nothing is run.
  package func explain(_ session: StoreSession) throws(Refusal) -> QueryExplanation {
    let statement = try PreparedStatement("EXPLAIN QUERY PLAN \(sql)", session: session)
    defer { statement.finalize() }
    var lines: [String] = []
    var depths: [Int64: Int] = [0: -1]
    var scans = false
    var sorts = false
    while try statement.step() {
      let depth = (depths[statement.int(1)] ?? -1) + 1
      depths[statement.int(0)] = depth
      let detail = statement.text(3)
      lines.append(String(repeating: "  ", count: depth) + detail)
      if detail.hasPrefix("USE TEMP B-TREE") { sorts = true }
      // A sub-query in FROM is read from end to end by intention; the tables inside it have lines of their own. A list
      // that was given (`json_each`) is no table.
      guard detail.hasPrefix("SCAN "), !detail.hasPrefix("SCAN ("), detail != "SCAN CONSTANT ROW",
        !detail.contains(" VIRTUAL TABLE ")
      else { continue }
      // The first in the order of an index is found without going through the others.
      if !(isPick && detail.contains(" INDEX ")) { scans = true }
    }
    return QueryExplanation(
      sql: sql, plan: lines, usesIndex: !scans && !(isPick && sorts),
      pushed: pushed.joined(separator: " && "),
      residual: residual.isEmpty ? nil : residual.joined(separator: " && "))
  }
}
