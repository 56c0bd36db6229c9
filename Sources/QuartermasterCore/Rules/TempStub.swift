package final class RuleIndex {
  let rules: [CompiledRule]
  package init(rules: [CompiledRule], schema: Schema) { self.rules = rules }
  package func candidates(for change: Change, phase: CompiledRule.Phase, into: inout [Int]) {
    for r in rules where r.phase == phase { into.append(r.index) }
  }
}
