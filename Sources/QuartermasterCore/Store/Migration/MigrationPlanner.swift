internal import QuartermasterCEL

/// Compares the tables of a file with a schema, and looks at the rows for what a change would cost.
struct MigrationPlanner {
  private let store: Store
  private let old: SchemaShape
  private let new: SchemaShape
  private var plan = MigrationPlan()
  /// The name in the file of each class of the schema that is there.
  private var sources: [String: String] = [:]

  init(_ store: Store, from old: SchemaShape, to new: SchemaShape) {
    self.store = store
    self.old = old
    self.new = new
  }

  /// Returns what it takes.
  mutating func make() throws(Refusal) -> MigrationPlan {
    for (definition, shape) in zip(store.schema.classes, new.classes) {
      if old[shape.name] != nil {
        sources[shape.name] = shape.name
      } else if let was = definition.was, old[was] != nil, new[was] == nil {
        sources[shape.name] = was
        plan.rename(was, to: shape.name)
        plan.add("rename the class \(was) to \(shape.name)")
      }
    }
    for place in new.classes.indices { try compare(place) }
    let kept = Set(sources.values)
    for gone in old.classes where !kept.contains(gone.name) {
      let rows = try count(gone.name, nil)
      plan.add(
        "drop the class \(gone.name)" + (rows > 0 ? ", with its \(Self.rows(rows))" : ""),
        rows > 0 ? .losesData : .safe)
      plan.drop(gone.name)
    }
    return plan
  }

  private mutating func compare(_ place: Int) throws(Refusal) {
    let shape = new.classes[place]
    guard let source = sources[shape.name], let before = old[source] else {
      plan.add("add the class \(shape.name)")
      let columns: [(name: String, sql: String)] = []
      plan.rebuild(MigrationPlan.Rebuild(place: place, source: nil, columns: columns))
      return
    }
    if before == shape { return }
    var columns = ["objectId", "createdAt", "updatedAt", "_last"].map { name in
      (name: name, sql: ClassTable.quoted(name))
    }
    var used: Set<String> = []
    for field in shape.fields {
      guard let definition = store.schema.classes[place][field.name] else { continue }
      var former = before[field.name]
      if former == nil, let was = definition.was, shape[was] == nil { former = before[was] }
      if let former { used.insert(former.name) }
      let sql = try compare(field, definition, with: former, of: shape.name, source)
      if let sql { columns.append((field.name, sql)) }
    }
    for gone in before.fields where !used.contains(gone.name) {
      try drop(gone, of: shape.name, source)
    }
    try compareKeys(before, shape, source)
    if before.name == shape.name, before.hasColumns(of: shape) {
      plan.reindex(place)
    } else {
      plan.rebuild(MigrationPlan.Rebuild(place: place, source: source, columns: columns))
    }
  }

  /// Compares a field, and returns where its column takes its values from; nil for a generated column.
  private mutating func compare(
    _ field: SchemaShape.Field, _ definition: FieldDefinition, with former: SchemaShape.Field?,
    of className: String, _ source: String
  ) throws(Refusal) -> String? {
    let name = "\(className).\(field.name)"
    if let former, former.name != field.name {
      plan.add("rename \(className).\(former.name) to \(field.name)")
    }
    switch field.kind {
    case .computed:
      if former?.kind != .computed || former?.detail != field.detail || former?.type != field.type {
        plan.add(former == nil ? "add the computed field \(name)" : "compute \(name) anew")
      }
      if let former, former.kind == .stored { try drop(former, of: className, source) }
      return nil
    case .rollUp:
      if former?.kind != .rollUp || former?.detail != field.detail || former?.type != field.type {
        plan.add(former == nil ? "add the roll-up \(name)" : "roll \(name) up anew")
        plan.recomputeRollUps()
        if let former, former.kind == .stored { try drop(former, of: className, source) }
        return "0"
      }
      return former.map { ClassTable.quoted($0.name) }
    case .stored: break
    }
    let fallback = try fallback(definition)
    guard let former, former.kind != .computed else {
      let rows = try count(source, nil)
      plan.add("add \(name) (\(field.type))" + (fallback == nil ? "" : ", with its default"))
      return filled(fallback ?? "NULL", fallback, field, definition, name, empty: rows)
    }
    let column = ClassTable.quoted(former.name)
    var sql = column
    if !isSame(former.type, field.type) {
      let target = definition.target.map { sources[$0] ?? "" }
      let conversion =
        target == ""
        ? nil : Conversion.from(former.type, to: field.type, column: column, target: target)
      let lost = try count(
        source, "\(column) IS NOT NULL" + (conversion.map { " AND (\($0.loses ?? "0"))" } ?? ""))
      plan.add(
        "change \(name) from \(former.type) to \(field.type)"
          + (lost > 0 ? ", which \(Self.values(lost)) cannot follow" : ""),
        lost > 0 ? .losesData : .safe)
      sql = conversion?.sql ?? "NULL"
    }
    guard field.isNotNull else {
      if former.isNotNull, isSame(former.type, field.type) { plan.add("\(name) may be null") }
      return sql
    }
    let empty = try count(source, "(\(sql)) IS NULL")
    if !former.isNotNull { plan.add("\(name) may no longer be null") }
    return filled(sql, fallback, field, definition, name, empty: empty)
  }

  /// Returns a column whose nulls are filled where the field may not be null.
  private mutating func filled(
    _ sql: String, _ fallback: String?, _ field: SchemaShape.Field, _ definition: FieldDefinition,
    _ name: String, empty: Int64
  ) -> String {
    guard field.isNotNull, empty > 0 else { return sql }
    if let fallback {
      if sql != fallback { plan.add("fill \(name) with its default in \(Self.rows(empty))") }
      return "coalesce(\(sql), \(fallback))"
    }
    let reason =
      definition.sequence == nil
      ? "is required and has no default, and \(Self.rows(empty)) would have no value; give it a "
        + "`default:`, or fill it before it is required"
      : "takes its numbers when a record is made, and \(Self.rows(empty)) would have none; fill it "
        + "before it has a `sequence:`"
    plan.add("\(name) \(reason)", .impossible)
    return sql
  }

  private mutating func drop(_ field: SchemaShape.Field, of className: String, _ source: String)
    throws(Refusal)
  {
    var lost: Int64 = 0
    if field.kind == .stored {
      lost = try count(source, "\(ClassTable.quoted(field.name)) IS NOT NULL")
    }
    plan.add(
      "drop \(className).\(field.name)" + (lost > 0 ? ", with \(Self.values(lost))" : ""),
      lost > 0 ? .losesData : .safe)
  }

  private mutating func compareKeys(
    _ before: SchemaShape.Class, _ shape: SchemaShape.Class, _ source: String
  ) throws(Refusal) {
    func keys(_ shape: SchemaShape.Class) -> [[String]] {
      shape.fields.filter(\.isUnique).map { [$0.name] } + shape.uniqueKeys
    }
    for key in keys(shape) where !keys(before).contains(key) {
      let name = "\(shape.name).\(key.joined(separator: " and "))"
      let columns = key.filter { before[$0] != nil }.map(ClassTable.quoted)
      var twice: Int64 = 0
      if columns.count == key.count {
        let list = columns.joined(separator: ", ")
        let filled = columns.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        twice =
          try store.integer(
            "SELECT count(*) FROM (SELECT 1 FROM \(ClassTable.quoted(source)) WHERE \(filled) "
              + "GROUP BY \(list) HAVING count(*) > 1)") ?? 0
      }
      if twice > 0 {
        plan.add(
          "\(name) is to be unique, and \(Self.values(twice)) "
            + "\(twice == 1 ? "is" : "are") there more than once; change them first", .impossible)
      } else {
        plan.add("\(name) is unique from now on")
      }
    }
    for key in keys(before) where !keys(shape).contains(key) {
      plan.add("\(shape.name).\(key.joined(separator: " and ")) is no longer unique")
    }
    for index in shape.indexes where !before.indexes.contains(index) {
      plan.add("add an index of \(shape.name) on \(index.joined(separator: ", "))")
    }
    for index in before.indexes where !shape.indexes.contains(index) {
      plan.add("drop the index of \(shape.name) on \(index.joined(separator: ", "))")
    }
  }

  // MARK: Looking at the file

  /// Whether a type of the file is one of the schema: a pointer to a class that was renamed is the same pointer.
  private func isSame(_ former: String, _ type: String) -> Bool {
    former == type || (sources[type] == former && !Conversion.isPlain(former))
  }

  /// Returns the default of a field as SQL, or nil.
  private func fallback(_ field: FieldDefinition) throws(Refusal) -> String? {
    if case .null = field.defaultValue { return nil }
    let statement = try store.statement("SELECT quote(?1)")
    defer { statement.reset() }
    try ColumnCodec(field.type).bind(field.defaultValue, to: statement, 1)
    return try statement.step() ? statement.text(0) : nil
  }

  private func count(_ table: String, _ condition: String?) throws(Refusal) -> Int64 {
    try store.integer(
      "SELECT count(*) FROM \(ClassTable.quoted(table))" + (condition.map { " WHERE \($0)" } ?? ""))
      ?? 0
  }

  private static func rows(_ count: Int64) -> String { count == 1 ? "1 row" : "\(count) rows" }
  private static func values(_ count: Int64) -> String {
    count == 1 ? "1 value" : "\(count) values"
  }
}
