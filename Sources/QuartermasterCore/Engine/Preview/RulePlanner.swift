package import QuartermasterCEL

/// Says what a rule would do now, and does it.
package struct RulePlanner {
  /// How many records are listed that wait, or cannot be judged.
  private static let mostListed = 100

  private let interpreter: Interpreter

  /// Creates a planner on an interpreter, which nothing else may use meanwhile.
  package init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  /// Returns what a rule would do now; nothing of it is kept.
  ///
  /// A rule that is switched off is planned as if it were on.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - limit: For how many records at the most it is found out what the rule would do; the others are counted.
  /// - Returns: The plan.
  /// - Throws: ``Refusal`` when there is no such rule, or the file cannot be read.
  package func plan(_ rule: String, limit: Int) throws(Refusal) -> RulePlan {
    let (rules, counted) = (interpreter.ruleSet, interpreter.statistics)
    let off = try switchOn(rule)
    defer {
      if rules !== interpreter.ruleSet {
        interpreter.use(rules)
        interpreter.statistics = counted
      }
    }
    return try interpreter.undone { () throws(Refusal) in
      var plan = try survey(rule, limit: limit)
      plan.off = off
      return plan
    }
  }

  private func survey(_ name: String, limit: Int) throws(Refusal) -> RulePlan {
    let place = try place(of: name)
    let rule = interpreter.ruleSet.rules[place]
    var plan = RulePlan(rule: name, span: rule.span, subject: subject(of: rule))
    plan.isBefore = rule.phase == .before
    plan.hasOutsideChanges = try interpreter.hasOutsideChanges()
    switch plan.subject {
    case .signal, .deletion: return plan
    case .schedule:
      plan.matching = 1
      plan.effects = [try interpreter.fireOnPurpose(place, nil, by: "plan")]
    case .records:
      if case .record(let trigger) = rule.trigger {
        plan.comparesVersions = !trigger.kinds.contains(.created) && looksAtOld(rule)
      }
      for id in try count(place, &plan).prefix(limit) {
        plan.effects.append(try interpreter.fireOnPurpose(place, id, by: "plan"))
      }
    }
    return plan
  }

  /// Counts the records as they stand to the rule.
  ///
  /// - Returns: The ids of those that satisfy it, in order.
  private func count(_ place: Int, _ plan: inout RulePlan) throws(Refusal) -> [String] {
    guard let candidates = RuleCandidates(interpreter, place) else { return [] }
    var ids: [String] = []
    var counts = plan
    try candidates.each { (record, standing) throws(Refusal) in
      switch standing {
      case .satisfies: ids.append(record.id)
      case .fails: break
      case .waits(let due):
        counts.waitingCount += 1
        if counts.waiting.count < Self.mostListed {
          counts.waiting.append(RulePlan.Waiting(record: Interpreter.name(record), due: due))
        }
      case .hadItsTurn: counts.firedBefore += 1
      case .comes: counts.comingCount += 1
      case .unjudged(let message):
        counts.unjudgedCount += 1
        if counts.unjudged.count < Self.mostListed {
          counts.unjudged.append(
            RulePlan.Unjudged(record: Interpreter.name(record), message: message))
        }
      }
    }
    counts.matching = ids.count
    plan = counts
    return ids
  }

  /// Returns the ids of the records that satisfy a rule now, with the counts of the others; one nil for a schedule.
  ///
  /// - Throws: ``Refusal`` when there is no such rule, it is switched off, or it cannot be caught up with.
  package func subjects(_ name: String) throws(Refusal) -> (ids: [String?], counts: RulePlan) {
    if let off = try offReason(name) {
      throw Refusal(
        .error,
        "\(name) is off: \(off); switch it on first, or look at what it would do with `plan`")
    }
    let place = try place(of: name)
    let rule = interpreter.ruleSet.rules[place]
    var plan = RulePlan(rule: name, span: rule.span, subject: subject(of: rule))
    switch plan.subject {
    case .signal(let signal, _):
      throw Refusal(
        .error,
        "\(name) waits for the signal \(signal): raise it, there is nothing to catch up with")
    case .deletion(let className):
      throw Refusal(
        .error,
        "\(name) waits for records of \(className) to be deleted: what is gone satisfies no rule")
    case .schedule:
      plan.matching = 1
      return ([nil], plan)
    case .records(let className):
      if rule.phase == .before {
        throw Refusal(
          .error,
          "\(name) is a before rule: it acts on records of \(className) as they are written; write "
            + "them again, and it acts")
      }
    }
    let ids = try interpreter.undone { () throws(Refusal) in try count(place, &plan) }
    return (ids, plan)
  }

  /// Fires a rule for a record, or of a schedule, in an operation of its own.
  package func fire(_ name: String, _ id: String?, by: String) throws(Refusal) -> RulePlan.Effect {
    try interpreter.fireOnPurpose(try place(of: name), id, by: by)
  }

  // MARK: The rule

  /// Returns whether a condition of a rule looks at the record as it was.
  private func looksAtOld(_ rule: CompiledRule) -> Bool {
    rule.conditions.contains(where: \.looksAtOld)
  }

  private func subject(of rule: CompiledRule) -> RulePlan.Subject {
    switch rule.trigger {
    case .schedule: return .schedule
    case .signal(let name):
      let payload = interpreter.schema.signals[name]?.parameters ?? []
      return .signal(
        name: name,
        payload: payload.map { ($0.name, $0.type.schemaName + ($0.isRequired ? "" : ", optional")) }
      )
    case .record(let trigger):
      let name = interpreter.schema.classes[trigger.classIndex].name
      return trigger.kinds == .deleted ? .deletion(of: name) : .records(of: name)
    }
  }

  private func place(of name: String) throws(Refusal) -> Int {
    if let place = interpreter.rulePlaces[name] { return place }
    let known = Set(
      interpreter.rulePlaces.keys + interpreter.ruleSet.disabled
        + interpreter.switchedOff.items.map(\.rule))
    let hint = Suggestion.closest(to: name, among: known.sorted())
    throw Refusal(
      .error, "there is no rule \(name)" + (hint.map { "; did you mean \($0)?" } ?? ""))
  }

  /// Returns who or what switched a rule off, in words; nil when it is on.
  private func offReason(_ name: String) throws(Refusal) -> String? {
    if interpreter.rulePlaces[name] != nil { return nil }
    if let off = interpreter.switchedOff[name] {
      return "\(off.by) switched it off on \(off.at)"
    }
    return interpreter.ruleSet.disabled.contains(name)
      ? "its file switches it off (`enabled: false`)" : nil
  }

  /// Returns what a rule of some rules would do to a file, without putting them in force in it.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - rules: The rules.
  ///   - store: The file; what rules are switched off in it is heeded.
  ///   - settings: Groups, inbox, zone and limits.
  ///   - verbs: The verbs that the schema declares.
  ///   - now: The present instant.
  ///   - limit: For how many records at the most it is found out what the rule would do.
  /// - Returns: The plan.
  /// - Throws: ``Refusal`` when there is no such rule, or the file cannot be read.
  package static func plan(
    _ rule: String, of rules: LoadedRules, on store: Store, settings: ProjectSettings,
    verbs: VerbRegistry, now: Timestamp, limit: Int
  ) throws(Refusal) -> RulePlan {
    try store.perform { store throws(Refusal) in
      let interpreter = try Interpreter(
        store: store, schema: store.schema, rules: RuleSet(rules: []), settings: settings, now: now,
        verbs: verbs)
      let switches = try RuleSetRow.last(store)?.switches ?? RuleSwitches()
      try interpreter.adopt(rules.ruleSet, leavingOut: switches)
      return try RulePlanner(interpreter).plan(rule, limit: limit)
    }
  }

  /// Puts a rule that is switched off among those of the interpreter, for a plan.
  ///
  /// - Returns: Who or what switched it off; nil when it is on.
  private func switchOn(_ name: String) throws(Refusal) -> String? {
    guard let off = try offReason(name) else { return nil }
    let whole = interpreter.wholeRules ?? interpreter.ruleSet
    var options = RuleCheckOptions()
    options.enabled = [name]
    let (rules, _, found) = RuleSet.load(
      files: whole.files, schema: interpreter.schema, settings: interpreter.settings,
      options: options, functions: interpreter.functions.bodies,
      queries: SQLQueryPlanner(interpreter.schema))
    guard let rules else {
      let first = found.first { $0.severity == .error }?.message ?? "it has an error"
      throw Refusal(.error, "\(name) is off (\(off)), and cannot be planned: \(first)")
    }
    interpreter.use(rules.leavingOut(interpreter.switchedOff.names.subtracting([name])))
    return off
  }
}
