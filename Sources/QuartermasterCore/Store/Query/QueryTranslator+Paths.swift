internal import QuartermasterCEL

extension QueryTranslator {
  /// What an expression that begins at a macro variable leads to.
  enum Path {
    case row(RowReference)
    case column(QueryColumn)

    /// The column that stands for it: of a row, its id.
    var column: QueryColumn {
      switch self {
      case .column(let column): column
      case .row(let row):
        QueryColumn(
          alias: row.alias, name: "objectId", type: .pointer(row.definition.index),
          isNullable: row.isNullable, path: row.path, codec: .pointer)
      }
    }
  }

  /// Follows selections from a macro variable, joining tables on the way; nil for anything else.
  func path(_ expr: Expr) -> Path? {
    if case .variable = checked.references[expr.id] { return nil }
    switch expr.kind {
    case .name(let name, isRooted: false):
      return variables[name].map(Path.row)
    case .select(let select) where !select.isOptional:
      guard case .field(let field) = checked.references[expr.id],
        let owner = path(select.operand)
      else { return nil }
      return self.field(field, of: owner)
    default: return nil
    }
  }

  /// Follows one selection.
  func field(_ field: RecordField, of owner: Path) -> Path? {
    switch field.access {
    case .id:
      // The id of a pointer's target stands in the pointer itself.
      let key = owner.column
      return .column(
        QueryColumn(
          alias: key.alias, name: key.name, type: .text, isNullable: false,
          path: key.isNullable ? key.path + [key.key] : key.path, codec: .text))
    case .stored, .computed, .pointer:
      guard let row = row(owner) else { return nil }
      return column(field, of: row).map(Path.column)
    case .relation(let relation):
      guard relation.isUnique, let source = definition(relation.source) else { return nil }
      let parent = owner.column
      guard
        let alias = join(
          source, on: tables[source.index].columnNames[relation.slot], equals: parent.key,
          named: field.name, isInner: false)
      else { return nil }
      return .row(
        RowReference(
          alias: alias, definition: source, isNullable: true,
          path: parent.isNullable ? parent.path + [parent.key] : parent.path))
    }
  }

  /// Returns the row that a path leads to, joining the target of a pointer.
  private func row(_ path: Path) -> RowReference? {
    switch path {
    case .row(let row):
      if !row.isNullable { return row }
      return RowReference(
        alias: row.alias, definition: row.definition, isNullable: false,
        path: row.path + [Path.row(row).column.key])
    case .column(let column):
      guard case .pointer(let place) = column.type else { return nil }
      let steps = column.isNullable ? column.path + [column.key] : column.path
      guard
        let alias = join(
          schema.classes[place], on: "objectId", equals: column.key, named: column.name,
          isInner: steps.isEmpty)
      else { return nil }
      return RowReference(
        alias: alias, definition: schema.classes[place], isNullable: false, path: steps)
    }
  }

  private func column(_ field: RecordField, of row: RowReference) -> QueryColumn? {
    guard let declared = row.definition[field.name] else {
      guard field.name == "createdAt" || field.name == "updatedAt" else { return nil }
      return QueryColumn(
        alias: row.alias, name: field.name, type: .instant, isNullable: false, path: row.path,
        codec: .date)
    }
    // A double that was computed may be NaN, which SQLite makes NULL.
    if case .computed = declared.kind, case .number = declared.type { return nil }
    // A secret never leaves its column, also not by being compared.
    guard !declared.isSecret, tables[row.definition.index].hasColumn(declared),
      let type = columnType(declared.type)
    else { return nil }
    return QueryColumn(
      alias: row.alias, name: declared.name, type: type, isNullable: declared.isNullable,
      path: row.path, codec: ColumnCodec(declared.type), minimum: declared.minimum,
      maximum: declared.maximum)
  }

  private func columnType(_ type: FieldType) -> ColumnType? {
    switch type {
    case .string: .text
    case .integer: .integer
    case .number: .real
    case .decimal(let scale): .decimal(scale)
    case .boolean: .boolean
    case .date: .instant
    case .duration: .span
    case .geoPoint, .array, .object: .opaque
    case .pointer(let name): schema[name].map { .pointer($0.index) }
    }
  }
}
