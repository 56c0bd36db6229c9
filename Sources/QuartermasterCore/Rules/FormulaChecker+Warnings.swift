import QuartermasterCEL

// What a formula says that is probably not meant.
extension FormulaChecker {
  /// Warns of formulas that are right but probably not meant so.
  func warn(_ checked: CheckedExpr) {
    guard let subject, let live = subject.live else { return }
    checked.root.visit { node in
      if subject.hasOld { warnOfMixing(node, live, checked) }
      // Before the rule's own write a changed record is there as it was.
      if isStored || subject.hasOld { warnOfItself(node, subject, checked) }
    }
  }

  /// `inventory.quantity - old.quantity`: what earlier firings changed is counted a second time.
  private func warnOfMixing(_ node: Expr, _ live: String, _ checked: CheckedExpr) {
    guard let (function, arguments) = node.operation, arguments.count == 2,
      ["_-_", "_+_", "_*_", "_/_", "_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"].contains(function)
    else { return }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let field = checked.ownField(arguments[side], of: live),
        checked.ownField(arguments[other], of: "old") == field
      else { continue }
      context.report(
        .mixesOld(live, field, at: checked.parsed.source.span(node.range)))
    }
  }

  /// `Order.exists(o, o.reference == order.reference)` in a rule that runs when the order is stored.
  private func warnOfItself(_ node: Expr, _ subject: RuleSubject, _ checked: CheckedExpr) {
    guard let macro = Self.search(node), macro.variables.count == 1,
      let target = collection(under: macro.target, subject, checked)
    else { return }
    let names = subject.currentNames
    let variable = macro.variables[0]
    var isMatched = false
    var isExcluded = false
    let filters = Self.filters(of: macro.target)
    let conditions = [macro.body] + filters.map(\.body)
    let variables = Set([variable] + filters.flatMap(\.variables))
    for condition in conditions {
      for part in condition.operands(of: "_&&_") {
        guard let (function, arguments) = part.operation, arguments.count == 2 else { continue }
        for (side, other) in [(0, 1), (1, 0)] {
          let (mine, theirs) = (arguments[side], arguments[other])
          if function == "_==_", case .select(let a) = mine.kind, case .select(let b) = theirs.kind,
            a.field == b.field, a.field != "objectId",
            variables.contains(a.operand.plainName ?? ""),
            names.contains(b.operand.plainName ?? "")
          {
            isMatched = true
          }
          if function == "_!=_", variables.contains(Self.identity(mine) ?? ""),
            names.contains(Self.identity(theirs) ?? "")
          {
            isExcluded = true
          }
        }
      }
    }
    guard isMatched, !isExcluded else { return }
    context.report(
      .findsItself(
        "\(target).\(macro.macro.rawValue)(...)", Self.words(subject.definition.name), variable,
        subject.live ?? "new",
        isNew: !subject.hasOld, isStored: isStored,
        at: checked.parsed.source.span(node.range)))
  }

  /// The search in an expression that asks whether there is a record: `exists`, or `filter` whose list is not empty.
  private static func search(_ node: Expr) -> Expr.Comprehension? {
    if case .comprehension(let macro) = node.kind { return macro.macro == .exists ? macro : nil }
    guard let (function, arguments) = node.operation, arguments.count == 2,
      case .call(let call) = arguments[0].kind, call.function == "size",
      let list = call.target ?? call.arguments.first,
      case .comprehension(let macro) = list.kind, macro.macro == .filter,
      case .literal(.int(let number), _) = arguments[1].kind
    else { return nil }
    switch (function, number) {
    case ("_>_", 0), ("_!=_", 0), ("_>=_", 1), ("_==_", 0): return macro
    default: return nil
    }
  }

  /// What is gone through, below filters, where the record itself is in it: its class, or the relation back from
  /// what it points at.
  private func collection(
    under expr: Expr, _ subject: RuleSubject, _ checked: CheckedExpr
  ) -> String? {
    switch expr.kind {
    case .name(let name, _): return name == subject.definition.name ? name : nil
    case .comprehension(let macro) where macro.macro == .filter:
      return collection(under: macro.target, subject, checked)
    case .select(let select):
      guard case .select(let pointer) = select.operand.kind,
        subject.currentNames.contains(pointer.operand.plainName ?? ""),
        let field = subject.definition[pointer.field], field.target != nil,
        field.inverse == select.field
      else { return nil }
      return checked.text(of: expr)
    default: return nil
    }
  }

  private static func filters(of expr: Expr) -> [Expr.Comprehension] {
    guard case .comprehension(let macro) = expr.kind, macro.macro == .filter else { return [] }
    return [macro] + filters(of: macro.target)
  }

  /// The name of the record that an expression is or whose id it is.
  private static func identity(_ expr: Expr) -> String? {
    if let name = expr.plainName { return name }
    guard case .select(let select) = expr.kind, select.field == "objectId" else { return nil }
    return select.operand.plainName
  }

  /// `PurchaseOrder` as words: `purchase order`.
  private static func words(_ name: String) -> String {
    name.unicodeScalars.reduce(into: "") { text, character in
      if character.value >= 65, character.value <= 90, !text.isEmpty { text += " " }
      text += String(character).lowercased()
    }
  }
}
