import QuartermasterCEL

/// Makes what the engine runs of what was checked.
struct RuleCompiler {
  let context: RuleContext

  /// Returns the compiled rule.
  ///
  /// - Parameters:
  ///   - rule: What was checked.
  ///   - index: The place in the order in which rules are considered.
  ///   - follows: The names of all rules that it follows.
  ///   - authority: In whose name it acts; nil for what it says itself.
  /// - Returns: What the engine runs.
  func compile(
    _ rule: CheckedRule, index: Int, follows: Set<String>,
    authority: CompiledRule.Authority? = nil
  ) -> CompiledRule {
    let authority = authority ?? rule.syntax.authority
    let frame = rule.frame
    var readFields: Set<String> = []
    for checked in rule.conditions + rule.lets {
      checked.root.collectSelectedFields(into: &readFields)
    }
    context.branches?.enter(rule.name)
    defer { context.branches?.leave() }
    let isList = rule.conditions.count > 1
    let conditions = rule.conditions.enumerated().map { place, checked in
      condition(
        checked, frame, .when(item: isList ? place + 1 : nil), of: rule.recordTrigger?.subject,
        names: indexedNames(rule))
    }
    let actions = rule.actions.map { action($0, frame) }
    let operands = operands(of: rule)
    // A version that nothing reads is not made.
    var names = frame.names
    if let old = names.old, !frame.layout.readRecords.contains(old) { names.old = nil }
    if let new = names.new, !frame.layout.readRecords.contains(new) { names.new = nil }
    return CompiledRule(
      name: rule.name, description: rule.syntax.description, index: index,
      trigger: trigger(rule.trigger), phase: rule.syntax.phase, failure: rule.syntax.failure,
      authority: authority, checked: authority == .system ? nil : rule, conditions: conditions,
      actions: actions, follows: follows, readFields: readFields,
      layout: frame.layout, names: names, lazySlots: frame.lazySlots,
      operands: operands, span: rule.syntax.name.span)
  }

  /// Returns a rule as it is for somebody: each formula gives what he may see.
  ///
  /// - Parameters:
  ///   - rule: The rule, which acts in somebody's name.
  ///   - view: What he may do.
  /// - Returns: What runs in his name.
  /// - Throws: `DiagnosticList` when it reads a field that is hidden from him.
  func compile(
    _ rule: CompiledRule, for view: AccessView
  ) throws(DiagnosticList) -> CompiledRule {
    guard let checked = rule.checked else { return rule }
    context.access = view
    defer { context.access = nil }
    if let trigger = checked.recordTrigger {
      let type = trigger.subject.recordType
      for field in trigger.fields ?? [] where view.visibility(of: field.name, in: type) == .never {
        context.report(
          .hiddenField(type.name, field.name, from: view.addressee, at: trigger.span))
      }
    }
    let made = compile(
      checked.onFrameOfItsOwn, index: rule.index, follows: rule.follows, authority: rule.authority)
    let errors = context.sink.items.filter { $0.severity == .error }
    if !errors.isEmpty { throw DiagnosticList(errors) }
    return CompiledRule(made, index: rule.index, stored: rule.stored)
  }

  /// Returns the paths that the edge and the conditions look at, planned on the rule's frame.
  private func operands(of rule: CheckedRule) -> [(text: String, program: Program)] {
    var operands = RuleOperands(schema: context.schema)
    // `becomes` is checked with its record at the first place of a frame of its own; here it is the rule's.
    if let trigger = rule.recordTrigger, let becomes = trigger.becomes,
      let record = rule.frame.names.record
    {
      operands.add(becomes.reading(trigger.subject.variable, from: record))
    }
    for condition in rule.conditions { operands.add(condition) }
    return operands.found.map { ($0.text, context.plan($0.checked, on: rule.frame)) }
  }

  private func trigger(_ trigger: CheckedTrigger) -> CompiledTrigger {
    switch trigger {
    case .schedule(let schedule): return .schedule(schedule)
    case .signal(let name): return .signal(name)
    case .record(let record):
      return .record(
        CompiledTrigger.RecordTrigger(
          kinds: record.kinds, classIndex: record.subject.index,
          fields: record.fields?.map(\.index),
          becomes: record.becomes.map {
            condition(
              $0, ownRow(), .becomes, of: record.subject, names: [record.subject.variable])
          }, hold: record.hold,
          again: record.again, due: record.due.map { context.plan($0, on: ownRow()) }))
    }
  }

  /// A frame with one record at its first place.
  private func ownRow() -> RuleFrame {
    let frame = RuleFrame()
    _ = frame.layout.takeRecord()
    return frame
  }

  /// The names under which the index may know a field that a condition reads.
  private func indexedNames(_ rule: CheckedRule) -> Set<String> {
    guard let trigger = rule.recordTrigger else { return [] }
    if trigger.kinds == .deleted { return ["old"] }
    return rule.syntax.phase == .later ? ["new"] : ["new", trigger.subject.variable]
  }

  private func condition(
    _ checked: CheckedExpr, _ frame: RuleFrame, _ gate: RuleBranch.Gate,
    of subject: ClassDefinition? = nil, names: Set<String> = []
  ) -> CompiledCondition {
    CompiledCondition(
      program: context.plan(checked, on: frame, gate: gate), checked, of: subject, names: names)
  }

  /// Returns a compiled action.
  func action(_ action: CheckedAction, _ frame: RuleFrame) -> CompiledAction {
    var readByConditions: Set<String> = []
    for checked in action.conditions {
      checked.root.collectSelectedFields(into: &readByConditions)
    }
    return CompiledAction(
      verb: verb(action.verb, readByConditions, frame),
      each: action.each.map {
        CompiledAction.Each(list: context.plan($0.list, on: frame, gate: .each), place: $0.place)
      }, conditions: action.conditions.map { condition($0, frame, .actionWhen) },
      once: action.once.map { slot($0, frame) }, within: action.within, result: action.result,
      span: action.span)
  }

  private func verb(
    _ verb: CheckedAction.Verb, _ reads: Set<String>, _ frame: RuleFrame
  ) -> CompiledAction.Verb {
    switch verb {
    case .set(let target, _, let given):
      return .set(target: context.plan(target, on: frame), assignments(given, reads, frame))
    case .create(let definition, let given):
      return .create(classIndex: definition.index, assignments(given, reads, frame))
    case .ensure(let definition, let match, let given):
      return .ensure(
        classIndex: definition.index, match: assignments(match, reads, frame),
        assignments(given, reads, frame))
    case .delete(let target, _): return .delete(target: context.plan(target, on: frame))
    case .advance(let target, _, let field, let to):
      return .advance(
        target: context.plan(target, on: frame), field: field, to: to,
        readsField: reads.contains(field.name))
    case .notify(let recipients, let message, let title, let channels):
      return .notify(
        CompiledNotice(
          recipients: recipients.map { recipient($0, frame) }, message: text(message, frame),
          title: title.map { text($0, frame) }, channels: channels))
    case .reject(let words): return .reject(text(words, frame))
    case .signal(let name, let given): return .signal(name, arguments(given, frame))
    case .call(let name, let given): return .call(name, arguments(given, frame))
    case .host(let host, let target, let given):
      return .host(
        host, target: target.map { context.plan($0, on: frame) }, arguments(given, frame))
    }
  }

  /// Returns who is told.
  func recipient(
    _ recipient: CheckedAction.Recipient, _ frame: RuleFrame
  ) -> CompiledNotice.Recipient {
    switch recipient {
    case .group(let name): .group(name)
    case .formula(let checked): .formula(context.plan(checked, on: frame))
    }
  }

  /// Returns compiled assignments.
  func assignments(
    _ given: [CheckedAssignment], _ reads: Set<String>, _ frame: RuleFrame
  ) -> [CompiledAssignment] {
    given.map { assignment in
      var readsField = reads.contains(assignment.field.name)
      if !readsField {
        var own: Set<String> = []
        for checked in assignment.slot.formulas {
          checked.root.collectSelectedFields(into: &own)
        }
        readsField = own.contains(assignment.field.name)
      }
      return CompiledAssignment(
        field: assignment.field, slot: slot(assignment.slot, frame), readsField: readsField)
    }
  }

  private func arguments(
    _ given: [CheckedArgument], _ frame: RuleFrame
  ) -> [(name: String, slot: CompiledSlot)] {
    given.map { ($0.name, slot($0.slot, frame)) }
  }

  private func slot(_ slot: CheckedSlot, _ frame: RuleFrame) -> CompiledSlot {
    switch slot {
    case .constant(let value): .constant(value)
    case .formula(let checked): .formula(context.plan(checked, on: frame))
    case .text(let words): .text(text(words, frame))
    }
  }

  /// Returns words with planned holes.
  func text(_ text: CheckedText, _ frame: RuleFrame) -> TextTemplate {
    TextTemplate(
      pieces: text.pieces.map { piece in
        switch piece {
        case .words(let words): .words(words)
        case .hole(let checked): .hole(context.plan(checked, on: frame))
        }
      }, isSingleHole: text.isSingleHole)
  }
}
