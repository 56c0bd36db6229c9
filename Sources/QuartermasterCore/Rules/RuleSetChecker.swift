import QuartermasterCEL

/// The checks over all rules of a set: what they do to each other.
///
/// All that it finds are warnings and notes.
struct RuleSetChecker {
  let rules: [CheckedRule]
  /// The names of all rules that are switched on, those with errors included.
  let names: Set<String>
  /// For each rule the names of all rules that it follows.
  let closures: [String: Set<String>]
  let context: RuleContext

  /// One sweep serves all rules, so that few notes say enough.
  private static let maximumSweepNotes = 10

  /// Makes the checks.
  func check() {
    let options = context.options
    checkSweeps()
    guard options.checksLoops || options.checksOrder else { return }
    let footprints = rules.map { RuleFootprint($0, in: context) }
    checkRequiredFields(footprints)
    if options.checksLoops { checkLoops(footprints) }
    if options.checksOrder {
      for rival in RivalFinder(footprints, closures: closures).find() {
        context.report(rival.diagnostic)
      }
    }
  }

  private func checkLoops(_ footprints: [RuleFootprint]) {
    var graph = TriggerGraph(footprints)
    for ring in graph.rings() {
      guard let first = ring.first else { continue }
      var notes: [Diagnostic] = []
      for (place, rule) in ring.enumerated() {
        let next = ring[(place + 1) % ring.count]
        guard let cause = graph.cause(rule, wakes: next) else { continue }
        notes.append(
          .loopStep(
            rules[rule].name, cause.what, rules[next].name,
            at: footprints[rule].deeds[cause.deed].action.span))
      }
      let path = (ring + [first]).map { rules[$0].name }
      context.report(.mayLoop(path, notes: notes, at: rules[first].syntax.span))
    }
  }

  /// A purchase that starts with an edge misses what happened while no rule ran; a sweep by schedule does not.
  private func checkSweeps() {
    let swept = context.options.sweptVerbs
    guard !swept.isEmpty else { return }
    var bySchedule: Set<String> = []
    for rule in rules {
      guard case .schedule = rule.trigger else { continue }
      for action in rule.actions { bySchedule.insert(action.verb.word) }
    }
    var reports = 0
    for rule in rules where reports < Self.maximumSweepNotes {
      guard let trigger = rule.recordTrigger, trigger.becomes != nil else { continue }
      for action in rule.actions
      where swept.contains(action.verb.word) && !bySchedule.contains(action.verb.word) {
        context.report(.noSweep(rule.name, action.verb.word, at: action.span))
        reports += 1
        break
      }
    }
  }

  /// A new record that lacks a required field is refused, unless a before rule fills it.
  private func checkRequiredFields(_ footprints: [RuleFootprint]) {
    var filled: Set<CheckedExpr.FieldUse> = []
    for footprint in footprints where footprint.rule.syntax.phase == .before {
      for action in footprint.rule.actions {
        guard case .set(_, let definition, let given) = action.verb else { continue }
        for assignment in given {
          filled.insert(
            CheckedExpr.FieldUse(className: definition.name, field: assignment.field.name))
        }
      }
    }
    for rule in rules {
      for action in rule.actions {
        let (definition, given): (ClassDefinition, [CheckedAssignment])
        switch action.verb {
        case .create(let made, let slots): (definition, given) = (made, slots)
        case .ensure(let made, let match, let slots): (definition, given) = (made, match + slots)
        default: continue
        }
        let written = Set(given.map(\.field.name))
        let missing = definition.fields.map(\.name).filter { name in
          context.openFields[definition.name]?.contains(name) == true && !written.contains(name)
            && !filled.contains(CheckedExpr.FieldUse(className: definition.name, field: name))
        }
        if !missing.isEmpty {
          context.report(.lacksRequired(definition.name, missing, at: action.span))
        }
      }
    }
  }
}

/// The wording of what rules do to each other.
extension Diagnostic {
  static func mayLoop(_ path: [String], notes: [Diagnostic], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/loop", "may loop: \(path.joined(separator: " -> "))", at: span,
      notes: notes)
  }

  static func loopStep(
    _ rule: String, _ what: String, _ next: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(.note, "rules/loop", "\(rule) \(what) here, which may wake \(next)", at: span)
  }

  static func noSweep(_ rule: String, _ verb: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .note, "rules/sweep",
      "an edge that is missed, by a load without rules or a skipped firing, is past; add a rule with `every: day` that does `\(verb)` for all that still need it",
      at: span)
  }

  static func lacksRequired(
    _ className: String, _ fields: [String], at span: SourceSpan
  ) -> Diagnostic {
    let list = fields.map { "`\($0)`" }.joined(separator: ", ")
    return Diagnostic(
      .warning, "rules/missing-field",
      "\(CELType.record(className).phrase) needs \(list), and neither this action nor a before rule gives \(fields.count == 1 ? "it" : "them"); it will be refused",
      at: span)
  }
}
