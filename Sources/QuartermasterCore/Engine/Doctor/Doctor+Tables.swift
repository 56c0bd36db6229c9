internal import QuartermasterCEL

/// Tables, columns, indexes and triggers, against those of a new file of the same schema.
extension Doctor {
  func lookAtTables() throws(Refusal) {
    var options = store.options
    options.createsFile = true
    options.migration = .refuse
    let model = try Store.open(nil, schema: schema, options: options)
    let wanted = try model.perform { model throws(Refusal) in try Self.parts(model) }
    try model.close()
    let present = try Self.parts(store)
    for part in wanted {
      guard let found = present.first(where: { $0.kind == part.kind && $0.name == part.name })
      else {
        missing(part)
        continue
      }
      if part.kind == "table" {
        for difference in part.differences(from: found) {
          self.found(.tables, "the table \(part.name) \(difference)", mend: nil)
        }
      } else if found.sql != part.sql {
        self.found(
          .tables, "the \(part.kind) \(part.name) is another one than the schema asks for",
          mend: "make it anew"
        ) { [store] () throws(Refusal) in
          try store.execute("DROP \(part.kind.uppercased()) \(ClassTable.quoted(part.name))")
          try store.execute(part.sql)
        }
      }
    }
  }

  private func missing(_ part: Part) {
    if part.kind == "table", schema[part.name] != nil {
      return found(.tables, "the table \(part.name) is missing", mend: nil)
    }
    found(.tables, "the \(part.kind) \(part.name) is missing", mend: "make it") {
      [store] () throws(Refusal) in
      try store.execute(part.sql)
    }
  }

  /// A table, an index or a trigger.
  private struct Part {
    let kind: String, name: String, sql: String
    /// Of a table, its columns with type and marks, by name.
    var columns: [String: String] = [:]

    func differences(from other: Part) -> [String] {
      var found: [String] = []
      for (name, column) in columns.sorted(by: { $0.key < $1.key }) {
        guard let there = other.columns[name] else {
          found.append("has no column \(name)")
          continue
        }
        if there != column { found.append("has the column \(name) as \(there), not \(column)") }
      }
      for name in other.columns.keys.sorted() where columns[name] == nil {
        found.append("has a column \(name) that the schema does not know")
      }
      return found
    }
  }

  private static func parts(_ session: StoreSession) throws(Refusal) -> [Part] {
    let read = try session.statement(
      "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
        + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'index', name")
    var parts: [Part] = []
    while try read.step() {
      parts.append(Part(kind: read.text(0), name: read.text(1), sql: read.text(2)))
    }
    let marks = [0: "", 1: " hidden", 2: " computed", 3: " computed and stored"]
    for place in parts.indices where parts[place].kind == "table" {
      let columns = try session.statement(
        "SELECT name, type, \"notnull\", hidden FROM pragma_table_xinfo(?1)")
      try columns.bind(1, parts[place].name)
      while try columns.step() {
        let text = columns.text(1) + (columns.int(2) != 0 ? " NOT NULL" : "")
        parts[place].columns[columns.text(0)] = text + (marks[Int(columns.int(3))] ?? "")
      }
    }
    return parts
  }
}
