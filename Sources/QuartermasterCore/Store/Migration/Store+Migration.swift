internal import Foundation
internal import QuartermasterCEL

extension Store {
  /// Returns what it would take to bring a file to a schema, without changing it.
  package static func migrationPlan(
    _ path: String, schema: Schema, options: StoreOptions = StoreOptions()
  ) throws(Refusal) -> MigrationPlan {
    var options = options
    options.createsFile = false
    let store = try open(path, schema: schema, options: options, compares: false)
    let plan: MigrationPlan
    do {
      plan = try store.perform { store throws(Refusal) in try store.planMigration() }
    } catch {
      try? store.close()
      throw error
    }
    try store.close()
    return plan
  }

  /// Writes the schema down as the one in force.
  func writeSchema() throws(Refusal) {
    let statement = try statement(
      "INSERT INTO _schema (at, text, hash, shape) VALUES (?1, ?2, ?3, ?4)")
    // The clock on the wall: an operation's own may be years away, in a test or a replay.
    try statement.bind(1, Int64(Date().timeIntervalSince1970 * 1000))
    try statement.bind(2, schema.file.text)
    try statement.bind(3, SHA256.hex(schema.file.bytes))
    try statement.bind(4, SchemaShape(schema, tables).text)
    try statement.run()
  }

  private func planMigration() throws(Refusal) -> MigrationPlan {
    guard let text = try storedSchema()?.shape, let old = SchemaShape(text: text) else {
      throw Refusal(
        .storage, "\(fileName): the file does not say what its tables are like; it is damaged")
    }
    var planner = MigrationPlanner(self, from: old, to: SchemaShape(schema, tables))
    return try planner.make()
  }

  private func storedSchema() throws(Refusal) -> (number: Int64, hash: String, shape: String)? {
    let statement = try statement(
      "SELECT number, hash, shape FROM _schema ORDER BY number DESC LIMIT 1")
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    return (statement.int(0), statement.text(1), statement.text(2))
  }

  /// Returns the number of the schema in force.
  func schemaNumberInFile() throws(Refusal) -> Int64 {
    try integer("SELECT max(number) FROM _schema") ?? 0
  }

  /// Returns whether the tables of the file are those of the schema.
  func hasTablesOfSchema() throws(Refusal) -> Bool {
    try storedSchema()?.shape == SchemaShape(schema, tables).text
  }

  /// Compares the tables with the schema and changes them where the options allow it.
  func migrateIfAllowed() throws(Refusal) {
    if let stored = try storedSchema(), stored.shape == SchemaShape(schema, tables).text {
      // What the tables need not follow, such as a limit or a comment, is in force at once.
      if stored.hash != SHA256.hex(schema.file.bytes) {
        try begin()
        try writeSchema()
        try commit()
      }
      return
    }
    // Planned and done under one lock, so that no row comes in between.
    try execute("PRAGMA foreign_keys = OFF")
    defer { try? execute("PRAGMA foreign_keys = ON") }
    try begin()
    let plan = try planMigration()
    try check(plan)
    // They are made anew with the tables.
    try dropTriggers()
    try apply(plan)
    try settleOutsideWrites()
    try writeSchema()
    try commit()
    forgetAll()
  }

  private func check(_ plan: MigrationPlan) throws(Refusal) {
    func list(_ effects: [MigrationPlan.Step.Effect]) -> String {
      plan.steps.filter { effects.contains($0.effect) }.map { "\n  - \($0.text)" }.joined()
    }
    if options.migration == .refuse {
      throw Refusal(
        .schema,
        "\(fileName): the tables are not those of the schema; `migrate` would change them:"
          + list([.safe, .losesData, .impossible]))
    }
    if plan.isImpossible {
      throw Refusal(
        .schema, "\(fileName): the tables cannot be changed to the schema:" + list([.impossible]))
    }
    if plan.losesData, options.migration != .dropping {
      throw Refusal(
        .schema,
        "\(fileName): to change the tables would lose data; allow it, or keep the fields:"
          + list([.losesData]))
    }
  }

  private func apply(_ plan: MigrationPlan) throws(Refusal) {
    for rebuild in plan.rebuilds {
      let table = tables[rebuild.place]
      let name = "_new_\(table.definition.name)"
      try execute(TableSQL.create(table, as: name, in: schema))
      guard let source = rebuild.source else { continue }
      let names = rebuild.columns.map { ClassTable.quoted($0.name) }.joined(separator: ", ")
      let values = rebuild.columns.map(\.sql).joined(separator: ", ")
      // In the order of the rows, so that the new table lies as the old one did.
      try execute(
        "INSERT INTO \(ClassTable.quoted(name)) (\(names)) SELECT \(values) "
          + "FROM \(ClassTable.quoted(source)) ORDER BY rowid")
    }
    for drop in plan.drops { try execute("DROP TABLE \(ClassTable.quoted(drop))") }
    for source in plan.rebuilds.compactMap(\.source) {
      try execute("DROP TABLE \(ClassTable.quoted(source))")
    }
    for rebuild in plan.rebuilds {
      let table = tables[rebuild.place]
      let name = ClassTable.quoted("_new_\(table.definition.name)")
      try execute("ALTER TABLE \(name) RENAME TO \(table.quotedName)")
      for index in TableSQL.indexes(table) { try execute(index) }
    }
    for place in plan.reindexed { try reindex(tables[place]) }
    for (from, to) in plan.renames { try rename(from, to) }
    let broken = try integer("SELECT count(*) FROM pragma_foreign_key_check") ?? 0
    if broken > 0 {
      throw Refusal(
        .schema,
        "\(fileName): after the change \(broken) pointers would point at nothing; "
          + "nothing was changed")
    }
    if plan.recomputesRollUps { try RollUps(store: self).recompute(mending: true) }
  }

  /// Takes what other programs wrote before the change of the tables into the totals, where it waits for the rules.
  private func settleOutsideWrites() throws(Refusal) {
    if try !hasOutsideWrites() { return }
    try RollUps(store: self).recompute(mending: true)
    try execute("UPDATE _outside SET counted = 1")
  }

  private func reindex(_ table: ClassTable) throws(Refusal) {
    let statement = try statement(
      "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL")
    try statement.bind(1, table.definition.name)
    var names: [String] = []
    while try statement.step() { names.append(statement.text(0)) }
    for name in names { try execute("DROP INDEX \(ClassTable.quoted(name))") }
    for index in TableSQL.indexes(table) { try execute(index) }
  }

  private func rename(_ from: String, _ to: String) throws(Refusal) {
    let deleted = try statement("UPDATE _deleted SET class = ?2 WHERE class = ?1")
    try deleted.bind(1, from)
    try deleted.bind(2, to)
    try deleted.run()
    let outside = try statement("UPDATE _outside SET class = ?2 WHERE class = ?1")
    try outside.bind(1, from)
    try outside.bind(2, to)
    try outside.run()
    let sequences = try statement(
      "UPDATE _sequences SET name = ?2 || substr(name, ?3) WHERE substr(name, 1, ?3 - 1) = ?1 "
        + "AND substr(name, ?3, 1) = '.'")
    try sequences.bind(1, from)
    try sequences.bind(2, to)
    try sequences.bind(3, Int64(from.unicodeScalars.count + 1))
    try sequences.run()
  }
}
