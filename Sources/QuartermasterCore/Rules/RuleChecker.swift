import QuartermasterCEL

/// Checks one rule: what its names mean, what its formulas give, what its actions may do.
///
/// Formulas are checked in the order in which they run, so that a condition narrows what comes after it.
struct RuleChecker {
  let context: RuleContext
  let syntax: RuleSyntax
  /// The names and what is known of them at the point that was reached.
  let point: ScopeChecker

  init(_ syntax: RuleSyntax, in context: RuleContext) {
    self.syntax = syntax
    self.context = context
    point = ScopeChecker(context)
    point.isStored = syntax.phase != .before
  }

  /// Returns the checked rule, or nil when something is wrong with it, which is reported.
  func check() -> CheckedRule? {
    let before = context.sink.errorCount
    guard let written = syntax.trigger else { return nil }
    checkPhase(written)
    checkAuthority(written)
    guard let trigger = trigger(written) else { return nil }
    bindNames(trigger)
    point.readLets(syntax.lets)
    // What the edge says of the record is so when the rule is woken.
    if case .record(let record) = trigger, let becomes = record.becomes {
      point.scope.facts = point.scope.facts.union(becomes.facts())
      point.states.read(becomes, isSure: false, in: context.schema)
    }
    var conditions: [CheckedExpr] = []
    for scalar in syntax.conditions {
      guard let checked = point.formula(scalar, .condition("when")) else { continue }
      point.scope.facts = point.scope.facts.union(checked.facts())
      point.states.read(checked, isSure: true, in: context.schema)
      conditions.append(checked)
    }
    var actions: [CheckedAction] = []
    for written in syntax.actions {
      guard let action = point.action(written) else { continue }
      if syntax.phase == .before { checkBefore(action, written) }
      actions.append(action)
    }
    point.finishLets()
    guard context.sink.errorCount == before, !syntax.isBroken else { return nil }
    let rule = CheckedRule(
      syntax: syntax, trigger: trigger, conditions: conditions, lets: point.lets,
      actions: actions, frame: point.frame, subject: point.subject)
    if context.options.checksConditions { reviewConditions(rule) }
    return rule
  }

  private func checkPhase(_ trigger: TriggerSyntax) {
    let place = syntax.phaseSpan ?? syntax.name.span
    switch (syntax.phase, trigger) {
    case (.after, _): return
    case (.before, .schedule), (.before, .signal):
      context.report(.phaseNeedsRecord("before", at: place))
    case (.later, .schedule), (.later, .signal):
      context.report(.phaseNeedsRecord("later", at: place))
    case (_, .record(let record)):
      if let key = record.hold != nil ? "for" : record.due != nil ? "due" : nil {
        context.report(
          .phaseWithTimer(syntax.phase == .before ? "before" : "later", key, at: place))
      }
    }
  }

  /// Who acts is known while the operation runs in which he does.
  private func checkAuthority(_ trigger: TriggerSyntax) {
    guard syntax.authority == .actor else { return }
    let place = syntax.authoritySpan ?? syntax.name.span
    if syntax.phase == .later {
      context.report(.authorityWithoutActor("a rule of the phase `later`", at: place))
    }
    switch trigger {
    case .signal: return
    case .schedule: context.report(.authorityWithoutActor("a schedule", at: place))
    case .record(let record):
      if record.hold != nil {
        context.report(.authorityWithoutActor("a rule with `for`", at: place))
      } else if record.due != nil {
        context.report(.authorityWithoutActor("a rule with `due`", at: place))
      }
    }
  }

  /// A rule of the phase `before` changes the incoming row and nothing else.
  private func checkBefore(_ action: CheckedAction, _ written: ActionSyntax) {
    switch action.verb {
    case .reject: return
    case .set(let target, _, _):
      guard let live = point.subject?.live else {
        context.report(.nothingToSet(at: written.span))
        return
      }
      if target.root.plainName != live, target.root.plainName != "new" {
        context.report(
          .phaseSetsOwn(live, at: target.parsed.source.span(target.root.range)))
      }
    default: context.report(.phaseForbids(action.verb.word, at: written.span))
    }
  }
}
