import Quartermaster

// Compiled, not run here: these need a file with something in it.

/// What a rule would do, what it missed, and what a stream would make of the file.
func trying(_ engine: Engine) throws {
  let plan = try engine.plan(rule: "reorder-low-stock")
  for effect in plan.effects { print(effect.record ?? "", effect.result) }

  let report = try engine.catchUp(rule: "reorder-low-stock", by: "nightly job") { progress in
    print("\(progress.done) of \(progress.total)")
  }
  for (record, refusal) in report.refused { print(record ?? "", refusal.message) }

  let tried = try engine.dryRun("movements.jsonl")
  print(tried.records["PurchaseOrder"]?.createdByRules ?? 0, tried.refused)
}

/// A rule that is a record, in the name of who wrote it.
func ruling(_ engine: Engine, text: String) throws {
  try engine.write(actor: ("User", "ann")) { db in
    try db.addRules(SourceFile(name: "form", text: text))  // also removeRule, turnRule
  }
  for rule in engine.automations { print(rule.name, rule.author ?? "", rule.problem ?? "") }
}
