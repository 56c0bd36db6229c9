import QuartermasterCEL

extension RuleChecker {
  /// Checks what wakes the rule.
  func trigger(_ syntax: TriggerSyntax) -> CheckedTrigger? {
    switch syntax {
    case .record(let record): return recordTrigger(record).map { .record($0) }
    case .schedule(let schedule):
      return .schedule(
        CompiledTrigger.ScheduleTrigger(
          period: schedule.period, minuteOfDay: schedule.minuteOfDay,
          zone: schedule.zone?.text ?? context.settings.zone))
    case .signal(let name):
      guard context.schema.signals[name.text] != nil else {
        context.report(
          .unknownSignal(name.text, known: context.schema.signals.keys.sorted(), at: name.span))
        return nil
      }
      return .signal(name.text)
    }
  }

  private func recordTrigger(_ syntax: TriggerSyntax.Record) -> CheckedTrigger.Record? {
    guard let (definition, fields) = subjects(syntax) else { return nil }
    var becomes: CheckedExpr?
    var due: CheckedExpr?
    if let scalar = syntax.becomes, syntax.event != .deleted {
      guard let checked = ownRow(scalar, definition, "becomes", [.bool]) else { return nil }
      becomes = checked
    }
    if let scalar = syntax.due, syntax.event != .deleted {
      guard let checked = ownRow(scalar, definition, "due", [.timestamp]) else { return nil }
      due = checked
    }
    let kinds: CompiledTrigger.RecordTrigger.Kinds =
      switch syntax.event {
      case .created: .created
      case .changed: .changed
      case .saved: [.created, .changed]
      case .deleted: .deleted
      }
    return CheckedTrigger.Record(
      kinds: kinds, subject: definition, fields: fields, becomes: becomes, hold: syntax.hold?.span,
      again: syntax.again?.span, due: due, span: syntax.span)
  }

  /// Reads `Order` or `[Order.status, Order.total]`: one class, and some of its fields or all.
  private func subjects(
    _ syntax: TriggerSyntax.Record
  ) -> (ClassDefinition, [FieldDefinition]?)? {
    var found: ClassDefinition?
    var fields: [FieldDefinition] = []
    var isWhole = false
    var isFine = true
    for scalar in syntax.subjects {
      let utf8 = scalar.text.utf8
      let dot = utf8.firstIndex(of: UInt8(ascii: "."))
      let className = dot.map { String(scalar.text[..<$0]) } ?? scalar.text
      guard let definition = context.schema[className] else {
        let length = className.utf8.count
        context.report(
          .unknownClass(
            className, known: context.classNames, at: scalar.source.span(0..<length)))
        return nil
      }
      if definition.isSystem {
        context.report(.systemClass(definition.name, at: scalar.span))
        return nil
      }
      if let found, found !== definition {
        context.report(.twoClasses(found.name, definition.name, at: scalar.span))
        return nil
      }
      found = definition
      guard let dot else {
        isWhole = true
        continue
      }
      let name = String(scalar.text[utf8.index(after: dot)...])
      let start = className.utf8.count + 1
      let span = scalar.source.span(start..<max(start, utf8.count))
      if syntax.event == .deleted {
        context.report(.deletedField(definition.name, at: span))
        isFine = false
      } else if let field = field(name, of: definition, at: span) {
        if !fields.contains(where: { $0.index == field.index }) { fields.append(field) }
      } else {
        isFine = false
      }
    }
    if isWhole, let field = fields.first, let found {
      context.report(.fieldBesideClass(found.name, field.name, at: syntax.span))
      isFine = false
    }
    guard isFine, let found else { return nil }
    return (found, isWhole ? nil : fields)
  }

  private func field(
    _ name: String, of definition: ClassDefinition, at span: SourceSpan
  ) -> FieldDefinition? {
    if let field = definition[name] { return field }
    if let inverse = definition.inverses.first(where: { $0.name == name }) {
      context.report(.relationAsTrigger(definition.name, inverse, at: span))
    } else if ["objectId", "createdAt", "updatedAt"].contains(name) {
      context.report(.keptFieldAsTrigger(name, at: span))
    } else {
      context.report(
        .noSuchField(name, of: definition.name, known: definition.fields.map(\.name), at: span))
    }
    return nil
  }

  /// Checks a formula that may read the record's own row only, with the record at the first place of a frame of its
  /// own.
  private func ownRow(
    _ scalar: ScalarSyntax, _ definition: ClassDefinition, _ key: String, _ types: [CELType]
  ) -> CheckedExpr? {
    var own = RuleScope(context.environment)
    own.bind(definition.variable, .record(definition.name), .record(0))
    let record = CELType.record(definition.name)
    // Known, so that what is said of them is why they do not belong here.
    for (name, type) in [("old", record), ("new", record), ("now", .timestamp), ("actor", .dyn)] {
      own.bind(name, type, .activation)
    }
    for name in syntax.lets.map(\.name.text) where own.environment.variables[name] == nil {
      own.bind(name, .dyn, .activation)
    }
    let checker = FormulaChecker(context: context, scope: own)
    let needs = key == "due" ? "`due` needs an instant" : "`\(key)` needs true or false"
    let purpose = FormulaChecker.Purpose(needs: needs, types: types, takesNull: key == "due")
    guard let checked = checker.formula(scalar, purpose) else { return nil }
    var isOwn = true
    checked.root.visit { node in
      guard isOwn, let place = outside(node, checked, definition) else { return }
      context.report(.looksElsewhere(key, at: checked.parsed.source.span(place)))
      isOwn = false
    }
    return isOwn ? checked : nil
  }

  /// Returns where a node looks at something else than the record's own row.
  private func outside(
    _ node: Expr, _ checked: CheckedExpr, _ definition: ClassDefinition
  ) -> Range<Int>? {
    switch (node.kind, checked.references[node.id]) {
    case (.name, .variable(let variable)?):
      if variable.name == definition.variable, case .record = variable.storage { return nil }
      if case .constant = variable.storage { return nil }
      return node.range
    case (.select(let select), .field(let field)?), (.has(let select), .field(let field)?):
      if case .relation = field.access { return node.range }
      guard select.operand.plainName == definition.variable else { return node.range }
      return nil
    default: return nil
    }
  }
}
