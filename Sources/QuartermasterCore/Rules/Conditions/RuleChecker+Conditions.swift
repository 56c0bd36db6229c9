import QuartermasterCEL

extension RuleChecker {
  /// Warns of conditions that are never true, or always, and of edges that cannot be.
  func reviewConditions(_ rule: CheckedRule) {
    var review = ConditionReview(schema: context.schema)
    if let record = rule.recordTrigger {
      if syntax.phase == .before {
        review.openRecords = rule.subject?.currentNames ?? []
        review.isNew = record.kinds == .created
      }
      if !reviewEdge(record, &review) { return }
    }
    for checked in rule.conditions {
      let seen = review.findings.count
      let passes = review.judge(checked)
      report(review.findings[seen...], at: .rule)
      if !passes { return }
    }
    let letNames = Set(rule.syntax.lets.map(\.name.text))
    for checked in rule.lets {
      var own = ConditionReview(schema: context.schema)
      own.look(into: checked)
      report(own.findings[...], at: .part)
    }
    for (place, action) in rule.actions.enumerated() {
      // What actions before it, and those of elements before this one, wrote is not known.
      if place > 0 || action.each != nil {
        review.forget { isFixed($0, letNames, rule) }
      }
      reviewAction(action, review)
    }
  }

  private func reviewAction(_ action: CheckedAction, _ review: ConditionReview) {
    var own = review
    let start = own.findings.count
    if let each = action.each { own.look(into: each.list) }
    let filters = own.findings.count
    report(own.findings[start..<filters], at: .part)
    var passes = true
    for checked in action.conditions where passes { passes = own.judge(checked) }
    report(own.findings[filters...], at: .action)
    let rest = own.findings.count
    for checked in (action.once?.formulas ?? []) + action.verb.formulas { own.look(into: checked) }
    report(own.findings[rest...], at: .part)
  }

  /// Whether a term keeps its value while the rule acts: a field of `old` or `new`, a `let`, the payload, the time.
  private func isFixed(_ key: String, _ letNames: Set<String>, _ rule: CheckedRule) -> Bool {
    if letNames.contains(key) || key == "now" { return true }
    let parts = key.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    switch parts[0] {
    case "old", "new": return rule.subject?.definition[String(parts[1])] != nil
    case "signal": return true
    default: return false
    }
  }

  // MARK: The edge

  /// Judges `becomes` and the fields of the trigger; returns false when the rule can never be woken.
  private func reviewEdge(
    _ record: CheckedTrigger.Record, _ review: inout ConditionReview
  ) -> Bool {
    let definition = record.subject
    if record.kinds == .changed, let fields = record.fields {
      let still = fields.filter { isSettled($0, of: definition) }
      if still.count == fields.count, let field = still.first {
        context.report(.neverChanges(field.name, of: definition.name, at: record.span))
        return false
      }
    }
    if let becomes = record.becomes {
      var edge = ConditionReview(schema: context.schema)
      if syntax.phase == .before {
        edge.openRecords = [definition.variable]
        edge.isNew = review.isNew
      }
      let passes = edge.judge(becomes)
      let span = becomes.parsed.source.span(becomes.root.range)
      // What is always true was true before.
      if record.kinds == .changed, passes, edge.isAlways(becomes) {
        context.report(.edgeAlwaysTrue(becomes.text(of: becomes.root), at: span))
        return false
      }
      report(edge.findings[...], at: .rule)
      if !passes { return false }
      if record.kinds == .changed, readsSettledOnly(becomes, of: definition) {
        context.report(.edgeNeverChanges(becomes.text(of: becomes.root), at: span))
        return false
      }
      let names: [String]
      if record.hold != nil {
        names = [definition.variable]
      } else if record.due != nil {
        names = []
      } else {
        names = syntax.phase == .before ? [definition.variable, "new"] : ["new"]
      }
      review.suppose(becomes, definition.variable, means: names)
    }
    if record.kinds == .changed, !record.isTimed, let fields = record.fields, fields.count == 1 {
      let name = fields[0].name
      review.suppose(
        "the rule starts when `\(name)` changes", "new.\(name)", differsFrom: "old.\(name)")
    }
    return true
  }

  /// Whether a field never changes once the record is there.
  private func isSettled(_ field: FieldDefinition, of definition: ClassDefinition) -> Bool {
    guard case .computed(let formula) = field.kind else { return false }
    return readsSettledOnly(formula, of: definition)
  }

  private func readsSettledOnly(_ formula: CheckedExpr, of definition: ClassDefinition) -> Bool {
    var isSettled = true
    formula.root.visit { node in
      guard case .select(let select) = node.kind,
        select.operand.plainName == definition.variable
      else {
        if case .has = node.kind { isSettled = false }
        if case .call(let call) = node.kind, context.schema.functions[call.function] != nil {
          isSettled = false
        }
        return
      }
      if select.field == "objectId" || select.field == "createdAt" { return }
      guard let field = definition[select.field], self.isSettled(field, of: definition) else {
        isSettled = false
        return
      }
    }
    return isSettled
  }

  private func report(
    _ findings: ArraySlice<ConditionReview.Finding>, at place: ConditionPlace
  ) {
    for finding in findings { context.report(.decidesNothing(finding, place)) }
  }
}

extension ConditionReview {
  /// Whether a condition cannot be false, whatever the record.
  func isAlways(_ checked: CheckedExpr) -> Bool {
    var reader = ConditionReader(schema: schema, checked: checked)
    reader.openRecords = openRecords
    return reader.assume(checked.root, false, ConditionFacts()) == nil
  }
}
