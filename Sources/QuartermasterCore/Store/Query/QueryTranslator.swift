internal import QuartermasterCEL

/// Translates conditions of the language over the rows of tables to SQL, for one sub-expression.
///
/// Two things keep a translation true to the language. A condition is true, false or an error in each row, and so
/// has an upper and a lower bound in SQL (``Truth``), which are the same where no error is possible. And what does
/// not mention the variables of the query's macros is no SQL at all: it is a parameter, evaluated by the language.
final class QueryTranslator {
  /// What a macro variable stands for: a row of a table.
  struct RowReference {
    /// The name of the table in the query.
    let alias: String
    /// Its class.
    let definition: ClassDefinition
    /// Whether there may be no row: a unique relation, joined from the left.
    let isNullable: Bool
    /// As ``QueryColumn/path``.
    let path: [ColumnKey]
  }

  let schema: Schema
  let tables: [ClassTable]
  let checked: CheckedExpr
  /// The rows that the macro variables in scope stand for.
  var variables: [String: RowReference] = [:]
  /// The expressions that are evaluated once, before the query runs.
  private(set) var parameters: [Expr] = []
  /// The values bound to the query.
  private(set) var bindings: [QueryBinding] = []

  private var aliases: Set<String> = []
  /// The SELECT in whose FROM clause a table stands.
  private var owners: [String: TableScope] = [:]

  init(schema: Schema, tables: [ClassTable], checked: CheckedExpr) {
    self.schema = schema
    self.tables = tables
    self.checked = checked
  }

  // MARK: Tables

  /// Opens a SELECT over a class.
  func openScope(_ definition: ClassDefinition, named name: String) -> TableScope {
    let alias = takeAlias(name)
    let scope = TableScope(alias: alias, definition: definition)
    owners[alias] = scope
    return scope
  }

  /// Returns the alias of a table joined where a column equals one of its columns, joining it the first time.
  func join(
    _ definition: ClassDefinition, on column: String, equals parent: ColumnKey, named name: String,
    isInner: Bool
  ) -> String? {
    guard let scope = owners[parent.alias] else { return nil }
    if let known = scope.joins.first(where: {
      $0.parent == parent && $0.column == column && $0.definition === definition
    }) {
      return known.alias
    }
    let alias = takeAlias(parent.alias + "_" + name)
    owners[alias] = scope
    scope.joins.append(
      TableScope.Join(
        alias: alias, definition: definition, column: column, parent: parent, isInner: isInner))
    return alias
  }

  /// Returns a name that no other table of the query has, in upper or in lower case: to SQL they are one.
  private func takeAlias(_ wanted: String) -> String {
    var alias = wanted
    var number = 2
    while !aliases.insert(alias.lowercased()).inserted {
      alias = "\(wanted)\(number)"
      number += 1
    }
    return alias
  }

  /// Runs `body` with a macro variable that stands for a row.
  func with<Result>(
    _ name: String, as row: RowReference, _ body: () -> Result
  ) -> Result {
    let hidden = variables[name]
    variables[name] = row
    defer { variables[name] = hidden }
    return body()
  }

  // MARK: Parameters

  /// Returns whether an expression depends on a row of the query.
  func dependsOnRow(_ expr: Expr) -> Bool { depends(expr, hidden: []) }

  private func depends(_ expr: Expr, hidden: Set<String>) -> Bool {
    if case .variable = checked.references[expr.id] { return false }
    switch expr.kind {
    case .literal: return false
    case .name(let name, let isRooted):
      return !isRooted && !hidden.contains(name) && variables[name] != nil
    case .select(let select), .has(let select): return depends(select.operand, hidden: hidden)
    case .call(let call):
      return call.target.map { depends($0, hidden: hidden) } ?? false
        || call.arguments.contains { depends($0, hidden: hidden) }
    case .list(let elements): return elements.contains { depends($0.value, hidden: hidden) }
    case .map(let entries):
      return entries.contains {
        depends($0.key, hidden: hidden) || depends($0.value, hidden: hidden)
      }
    case .comprehension(let macro):
      let inner = hidden.union(macro.variables)
      return depends(macro.target, hidden: hidden) || depends(macro.body, hidden: inner)
        || macro.filter.map { depends($0, hidden: inner) } ?? false
    case .bind(let name, let value, let body):
      return depends(value, hidden: hidden) || depends(body, hidden: hidden.union([name]))
    }
  }

  /// Returns the place of a parameter among ``parameters``.
  func parameter(_ expr: Expr) -> Int {
    if let known = parameters.firstIndex(where: { $0.id == expr.id }) { return known }
    parameters.append(expr)
    return parameters.count - 1
  }

  /// Returns the operand of a parameter in the form that a comparison needs.
  func bind(
    _ parameter: Int, _ conversion: QueryBinding.Conversion, allowsNull: Bool,
    allowsNone: Bool = false
  ) -> QueryOperand {
    let binding = QueryBinding(
      parameter: parameter, conversion: conversion, allowsNull: allowsNull,
      allowsNone: allowsNone)
    if let known = bindings.firstIndex(of: binding) { return .binding(known) }
    bindings.append(binding)
    return .binding(bindings.count - 1)
  }

  // MARK: Small things

  /// Returns the constant that an expression is, or nil.
  func constant(_ expr: Expr) -> Value? {
    if case .constant(let value) = checked.references[expr.id] { return value }
    if case .literal(let value, _) = expr.kind { return value }
    return nil
  }

  /// Returns whether an expression is the literal null.
  func isNull(_ expr: Expr) -> Bool {
    if case .null = constant(expr) { true } else { false }
  }

  /// Returns the static type of an expression.
  func type(of expr: Expr) -> CELType { checked.types[expr.id] }

  /// Returns the class of a record type, or nil for one of another schema.
  func definition(_ type: RecordType) -> ClassDefinition? {
    guard schema.classes.indices.contains(type.index),
      schema.classes[type.index].recordType === type
    else { return nil }
    return schema.classes[type.index]
  }
}
