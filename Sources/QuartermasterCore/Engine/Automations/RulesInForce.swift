internal import QuartermasterCEL

/// All that says which rules an interpreter has, to go back to when a commit fails.
struct RulesInForce {
  let ruleSet: RuleSet
  let number: Int64
  let seen: Int64
  let problem: RuleProblem?
  let hash: String
  let fileRules: RuleSet
  let files: [SourceFile]
  let stored: StoredRules
  let switches: RuleSwitches
}

extension Interpreter {
  /// The rules in force now.
  var rulesInForce: RulesInForce {
    RulesInForce(
      ruleSet: ruleSet, number: ruleNumber, seen: seenRuleNumber, problem: ruleProblem,
      hash: ruleHash, fileRules: fileRules, files: ruleFiles, stored: stored,
      switches: switchedOff)
  }

  /// Puts rules in force again that were so before.
  func restore(_ rules: RulesInForce) {
    if rules.ruleSet !== ruleSet { use(rules.ruleSet) }
    (ruleNumber, seenRuleNumber, ruleProblem) = (rules.number, rules.seen, rules.problem)
    (ruleHash, fileRules, ruleFiles) = (rules.hash, rules.fileRules, rules.files)
    (stored, switchedOff) = (rules.stored, rules.switches)
  }
}

extension RuleSetRow {
  /// Compiles the rules of the set against the schema of today.
  ///
  /// - Parameters:
  ///   - schema: The classes.
  ///   - settings: Groups, zone and limits.
  ///   - options: Which checks are made.
  /// - Returns: The rules, and what was found in the files; nil when these do not check. Records that do not check are
  ///   left out.
  /// - Throws: ``Refusal`` when the row is damaged.
  func compiled(
    _ schema: Schema, _ settings: ProjectSettings, _ options: RuleCheckOptions
  ) throws(Refusal) -> (rules: StoredRules?, diagnostics: [Diagnostic]) {
    let queries = SQLQueryPlanner(schema)
    let (base, _, diagnostics) = RuleSet.load(
      files: try ruleFiles(), schema: schema, settings: settings, options: options,
      queries: queries)
    guard let base else { return (nil, diagnostics) }
    let compiler = StoredRuleCompiler(
      schema: schema, settings: settings, options: options, queries: queries)
    return (compiler.put(try storedRules(), behind: base), diagnostics)
  }
}
