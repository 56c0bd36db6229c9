internal import QuartermasterCEL
internal import QuartermasterCore

extension ProjectFolder {
  /// Returns the tests that say something about this project, and how many of the template are left out.
  ///
  /// A test of the template in which a rule fires that this project does without, or has anew, is about that rule. Which rules
  /// fire is seen by running it on the template as it is.
  func ownTests(
    _ tests: [RuleTest]
  ) throws(CommandFailure) -> (tests: [RuleTest], leftOut: Int) {
    guard let base = project.base, !base.off.isEmpty else { return (tests, 0) }
    let rules: LoadedRules
    do {
      rules = try LoadedRules(
        files: base.project.ruleFiles, schema: base.project.schema, settings: base.project.settings,
        options: base.project.checkOptions)
    } catch { throw CommandFailure(error, context) }
    var runner = RuleTestRunner(
      schema: base.project.schema, rules: rules, settings: base.project.settings, verbs: verbs)
    runner.access = base.project.access
    let off = Set(base.off)
    var about: Set<String> = []
    for test in rules.tests {
      let fired = runner.run(test).firings
      if fired.contains(where: { off.contains($0.key) && $0.value > 0 }) {
        about.insert(test.title)
      }
    }
    let kept = tests.filter { !$0.span.file.isOfTemplate || !about.contains($0.title) }
    // Those that name such a rule went with it when the files were read.
    return (kept, rules.tests.count - kept.count { $0.span.file.isOfTemplate })
  }
}
