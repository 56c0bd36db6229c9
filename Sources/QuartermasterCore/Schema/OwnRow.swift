internal import QuartermasterCEL

/// Looks through an expression for what goes beyond the row of its own record.
struct OwnRow {
  /// Where the expression stands.
  enum Place { case computed, condition }

  /// The class of the record.
  let draft: ClassDraft
  /// The names that are collections.
  let classNames: [String]
  /// Where the expression stands, for messages.
  let place: Place
  /// What was found.
  private(set) var diagnostics: [Diagnostic] = []
  /// The fields that it reads, by name.
  private(set) var fields: [String] = []
  private var locals: [String] = []

  init(draft: ClassDraft, classNames: [String], place: Place) {
    self.draft = draft
    self.classNames = classNames
    self.place = place
  }

  /// Visits a node and its parts.
  ///
  /// Names that are not known are left to the checker.
  mutating func visit(_ expr: Expr, in source: ExprSource) {
    switch expr.kind {
    case .literal: break
    case .name(let name, _):
      if locals.contains(name) { break }
      if name == draft.variable {
        diagnostics.append(.schemaOwnRecord(name, place, at: source.span(expr.range)))
      } else if classNames.contains(name) {
        diagnostics.append(
          .schemaOwnRow("`\(name)` is a query", place, at: source.span(expr.range)))
      }
    case .select(let select), .has(let select): visit(select, expr, in: source)
    case .call(let call):
      if let target = call.target { visit(target, in: source) }
      for argument in call.arguments { visit(argument, in: source) }
    case .list(let elements):
      for element in elements { visit(element.value, in: source) }
    case .map(let entries):
      for entry in entries {
        visit(entry.key, in: source)
        visit(entry.value, in: source)
      }
    case .comprehension(let comprehension):
      visit(comprehension.target, in: source)
      locals += comprehension.variables
      if let filter = comprehension.filter { visit(filter, in: source) }
      visit(comprehension.body, in: source)
      locals.removeLast(comprehension.variables.count)
    case .bind(let name, let value, let body):
      visit(value, in: source)
      locals.append(name)
      visit(body, in: source)
      locals.removeLast()
    }
  }

  private mutating func visit(_ select: Expr.Select, _ expr: Expr, in source: ExprSource) {
    guard case .name(let name, _) = select.operand.kind, name == draft.variable,
      !locals.contains(name)
    else {
      if case .select(let inner) = select.operand.kind, let pointer = pointer(inner) {
        diagnostics.append(
          .schemaOwnRow(
            "`\(draft.variable).\(pointer)` is another record", place,
            at: source.span(expr.range)))
      } else {
        visit(select.operand, in: source)
      }
      return
    }
    if draft.inverse(select.field) != nil {
      diagnostics.append(
        .schemaOwnRow(
          "`\(draft.variable).\(select.field)` are other records", place,
          at: source.span(expr.range)))
    } else if let field = draft[select.field] {
      if field.isSecret {
        diagnostics.append(.schemaSecret(field.name, at: source.span(select.fieldRange)))
      }
      if !fields.contains(field.name) { fields.append(field.name) }
    }
  }

  /// Returns the name of a pointer of the own row, if a selection is one.
  private func pointer(_ select: Expr.Select) -> String? {
    guard case .name(let name, _) = select.operand.kind, name == draft.variable,
      !locals.contains(name), case .pointer? = draft[select.field]?.type
    else { return nil }
    return select.field
  }
}
