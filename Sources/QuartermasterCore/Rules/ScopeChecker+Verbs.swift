import QuartermasterCEL

extension ScopeChecker {
  /// Checks what an action does.
  func verb(_ written: ActionSyntax) -> CheckedAction.Verb? {
    let verb = meaning(written)
    if let verb, !isTest, verb.writes(context.settings.automations?.className) {
      context.report(
        .writesRules(context.settings.automations?.className ?? "", verb.word, at: written.span))
      return nil
    }
    return verb
  }

  private func meaning(_ written: ActionSyntax) -> CheckedAction.Verb? {
    switch written.verb {
    case .set(let target, let slots):
      guard let (checked, definition) = record(target, "set") else {
        reportControlKeys(slots, "set")
        return nil
      }
      return .set(target: checked, definition, assignments(slots, definition, isNew: false))
    case .create(let name, let slots):
      guard let definition = context.definition(name) else { return nil }
      let given = assignments(slots, definition, isNew: true)
      return .create(definition, given)
    case .ensure(let name, let match, let slots):
      guard let definition = context.definition(name) else { return nil }
      for slot in slots where match.contains(where: { $0.name.text == slot.name.text }) {
        context.report(.matchedTwice(slot.name.text, at: slot.name.span))
      }
      return .ensure(
        definition, match: assignments(match, definition, isNew: true),
        assignments(slots, definition, isNew: true))
    case .delete(let target):
      return record(target, "delete").map { .delete(target: $0.0, $0.1) }
    case .advance(let target, let status):
      guard let (checked, definition) = record(target, "advance") else { return nil }
      guard let field = flowField(of: definition, target.span) else { return nil }
      if let choices = FieldChoices(field, of: definition), !choices.contains(status.text) {
        context.report(choices.unknown(status.text, at: status.span))
        return nil
      }
      return .advance(target: checked, definition, field, to: status.text)
    case .notify(let notice): return notify(notice)
    case .reject(let text): return template(text, "reject").map { .reject($0) }
    case .signal(let name, let slots):
      guard let signal = context.schema.signals[name.text] else {
        let known = context.schema.signals.keys.sorted()
        context.report(.unknownSignal(name.text, known: known, at: name.span))
        return nil
      }
      return .signal(
        name.text, arguments(slots, signal.parameters, of: "the signal `\(name.text)`", name.span))
    case .call(let name, let slots):
      guard let call = context.schema.calls[name.text] else {
        let known = context.schema.calls.keys.sorted()
        context.report(.unknownCall(name.text, known: known, at: name.span))
        return nil
      }
      return .call(
        name.text, arguments(slots, call.parameters, of: "the call `\(name.text)`", name.span))
    case .host(let host, let target, let slots):
      return hostVerb(host, target, slots, written.span)
    }
  }

  /// Reports keys that are no field of any class and close to one of every action: `eahc: line in order.lines`.
  ///
  /// The name that it should have bound is then unknown, which alone would lead astray.
  private func reportControlKeys(_ slots: [SlotSyntax], _ verb: String) {
    for slot in slots {
      let name = slot.name.text
      guard Suggestion.only(to: name, among: RuleFileLoader.controls) != nil,
        !context.schema.classes.contains(where: { $0[name] != nil })
      else { continue }
      context.report(
        .unknownKey(name, of: "`\(verb)`", known: RuleFileLoader.controls, at: slot.name.span))
    }
  }

  /// Checks the target of a verb: one record of a class that is known now.
  private func record(_ scalar: ScalarSyntax, _ verb: String) -> (CheckedExpr, ClassDefinition)? {
    let purpose = FormulaChecker.Purpose(
      needs: "`\(verb)` needs a record", types: [], takesNull: true)
    guard let checked = formula(scalar, purpose) else { return nil }
    let span = checked.parsed.source.span(checked.root.range)
    switch checked.type.nonNull {
    case .record(let name):
      guard let definition = context.schema[name] else { break }
      if definition.isSystem {
        context.report(.systemClass(name, at: span))
        return nil
      }
      return formulas.isNotNull(checked) ? (checked, definition) : nil
    case .list(.record(let name)):
      context.report(.listTarget(verb, name, Diagnostic.excerpt(checked), at: span))
      return nil
    case .dyn:
      context.report(.dynamicTarget(verb, at: span))
      return nil
    case .error: return nil
    default: break
    }
    context.report(.wrongType(purpose.needs, checked.type, checked, at: span))
    return nil
  }

  /// The one field with a flow.
  private func flowField(of definition: ClassDefinition, _ span: SourceSpan) -> FieldDefinition? {
    let flows = definition.fields.filter { $0.flow != nil }
    if flows.count == 1 { return flows[0] }
    context.report(.advanceNeedsFlow(definition.name, flows.map(\.name), at: span))
    return nil
  }

  private func hostVerb(
    _ host: VerbDefinition, _ target: ScalarSyntax?, _ slots: [SlotSyntax], _ span: SourceSpan
  ) -> CheckedAction.Verb? {
    var checked: CheckedExpr?
    if let target {
      if host.targets.isEmpty {
        checked = word(target)
      } else {
        let purpose = FormulaChecker.Purpose(
          needs: "`\(host.name)` needs \(Self.orList(host.targets))",
          types: host.targets.map { .record($0) }, isValue: true)
        useLets(in: target.source)
        checked = hostTarget(host, target, purpose)
      }
      if checked == nil {
        let known = host.parameters.map(\.name) + RuleFileLoader.controls
        for slot in slots where !known.contains(slot.name.text) {
          context.report(
            .unknownKey(slot.name.text, of: "`\(host.name)`", known: known, at: slot.name.span))
        }
        return nil
      }
    } else if !host.targets.isEmpty {
      context.report(.verbWithoutTarget(host.name, Self.orList(host.targets), at: span))
    }
    return .host(
      host, target: checked, arguments(slots, host.parameters, of: "`\(host.name)`", span))
  }

  private func hostTarget(
    _ host: VerbDefinition, _ target: ScalarSyntax, _ purpose: FormulaChecker.Purpose
  ) -> CheckedExpr? {
    guard
      let checked = formulas.formula(
        target,
        FormulaChecker.Purpose(needs: purpose.needs, types: [], takesNull: true, isValue: true))
    else { return nil }
    let span = checked.parsed.source.span(checked.root.range)
    switch checked.type.nonNull {
    case .record(let name) where host.targets.contains(name):
      return formulas.isNotNull(checked) ? checked : nil
    case .dyn, .error: return checked
    case .list(.record(let name)) where host.targets.contains(name):
      context.report(.listTarget(host.name, name, Diagnostic.excerpt(checked), at: span))
    default: context.report(.wrongType(purpose.needs, checked.type, checked, at: span))
    }
    return nil
  }

  /// The formula of a fixed word.
  private func word(_ scalar: ScalarSyntax) -> CheckedExpr? {
    let text = ExprSource(
      text: Value.quoted(scalar.text), file: scalar.source.file, segments: scalar.source.segments)
    return formulas.formula(text, FormulaChecker.Purpose(needs: "", types: [.string]))
  }

  private static func orList(_ classes: [String]) -> String {
    let phrases = classes.map { CELType.record($0).phrase }
    guard let last = phrases.last, phrases.count > 1 else { return phrases.first ?? "a record" }
    return phrases.dropLast().joined(separator: ", ") + " or " + last
  }

  // MARK: Fields and arguments

  /// Checks what is assigned to fields.
  func assignments(
    _ slots: [SlotSyntax], _ definition: ClassDefinition, isNew: Bool
  ) -> [CheckedAssignment] {
    slots.compactMap { slot in
      guard let field = writable(slot.name, definition) else { return nil }
      guard
        let checked = self.slot(
          slot.value, for: SlotTarget(field, of: definition, isNew: isNew))
      else {
        return nil
      }
      return CheckedAssignment(field: field, slot: checked, span: slot.name.span)
    }
  }

  private func writable(
    _ name: ScalarSyntax, _ definition: ClassDefinition
  ) -> FieldDefinition? {
    if let field = definition[name.text] {
      if field.isWritable { return field }
      context.report(.readOnly(field, definition.name, at: name.span))
    } else if ["objectId", "createdAt", "updatedAt"].contains(name.text) {
      context.report(.keptField(name.text, at: name.span))
    } else if let inverse = definition.inverses.first(where: { $0.name == name.text }) {
      context.report(.relationSet(inverse, at: name.span))
    } else {
      let known = definition.fields.filter(\.isWritable).map(\.name)
      context.report(.noSuchField(name.text, of: definition.name, known: known, at: name.span))
    }
    return nil
  }

  /// Checks what is given for the parameters of a signal, a call or a verb.
  private func arguments(
    _ slots: [SlotSyntax], _ parameters: [ParameterDefinition], of what: String,
    _ span: SourceSpan
  ) -> [CheckedArgument] {
    for parameter in parameters
    where parameter.isRequired && !slots.contains(where: { $0.name.text == parameter.name }) {
      context.report(.missingArgument(parameter, of: what, at: span))
    }
    return slots.compactMap { slot in
      guard let parameter = parameters.first(where: { $0.name == slot.name.text }) else {
        context.report(
          .unknownKey(slot.name.text, of: what, known: parameters.map(\.name), at: slot.name.span))
        return nil
      }
      return self.slot(slot.value, for: SlotTarget(parameter)).map {
        CheckedArgument(name: parameter.name, slot: $0)
      }
    }
  }
}

extension CheckedAction.Verb {
  /// Whether the action writes records of a class.
  fileprivate func writes(_ className: String?) -> Bool {
    guard let className else { return false }
    switch self {
    case .set(_, let definition, _), .create(let definition, _), .ensure(let definition, _, _),
      .delete(_, let definition), .advance(_, let definition, _, _):
      return definition.name == className
    case .notify, .reject, .signal, .call, .host: return false
    }
  }
}
