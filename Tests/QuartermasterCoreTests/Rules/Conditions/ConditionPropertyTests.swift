import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What is said of conditions is so: on random records that the schema allows, none that is said to be never true is
/// true, and none that is said to be always true is false.
@Suite struct ConditionPropertyTests {
  /// The value of a condition; nil where it is an error.
  private func value(_ program: Program, _ frame: Frame) -> Bool? {
    do throws(EvaluationError) {
      if case .bool(let flag) = try program.root.eval(frame) { return flag }
      return nil
    } catch { return nil }
  }

  @Test(arguments: 1...12)
  func `a verdict on a list of conditions holds for every record`(seed: Int) throws {
    var bench = try QueryBench(conditionSchema)
    bench.checksNull = false
    bench.declare("thing", record: "Thing")
    var generator = ConditionGenerator(random: SeededNumbers(seed: UInt64(seed)))
    let store = try Store.open(nil, schema: bench.schema)
    try store.perform { store throws(Refusal) in try generator.fill(store) }
    let definition = try #require(bench.schema["Thing"])
    var counts = (never: 0, always: 0, open: 0)
    for _ in 0..<200 {
      var review = ConditionReview(schema: bench.schema)
      var layout = bench.layout
      var before: [Program] = []
      var texts: [String] = []
      while before.count < 3 {
        let text = generator.condition()
        guard let checked = try? bench.environment.checked(ExprSource(text)),
          checked.type == .bool
        else { continue }
        texts.append(text)
        let program = bench.environment.plan(checked, layout: &layout)
        let seen = review.findings.count
        let passes = review.judge(checked)
        let isAlways = review.findings[seen...].contains { $0.isAlways && $0.isWhole }
        let earlier = before
        let final = layout
        try store.perform { store throws(Refusal) in
          for record in try store.records(of: definition) {
            let frame = Frame(final, host: store)
            frame.records[0] = record
            guard earlier.allSatisfy({ value($0, frame) == true }) else { continue }
            let found = value(program, frame)
            if !passes, found == true {
              Issue.record("said never true, and it is true of \(record.id): \(texts)")
            }
            if isAlways, found == false {
              Issue.record("said always true, and it is false of \(record.id): \(texts)")
            }
          }
        }
        counts.never += passes ? 0 : 1
        counts.always += isAlways ? 1 : 0
        counts.open += passes && !isAlways ? 1 : 0
        if !passes { break }
        before.append(program)
      }
    }
    // It says something, and not of everything.
    #expect(counts.never > 15 && counts.always > 5 && counts.open > 200, "\(counts)")
    try store.close()
  }

  @Test(arguments: 1...12)
  func `a rule that is said never to fire is woken by no change`(seed: Int) throws {
    var bench = try QueryBench(conditionSchema)
    bench.checksNull = false
    for name in ["thing", "old", "new"] { bench.declare(name, record: "Thing") }
    var generator = ConditionGenerator(random: SeededNumbers(seed: UInt64(seed) &* 31))
    let store = try Store.open(nil, schema: bench.schema)
    try store.perform { store throws(Refusal) in try generator.fill(store) }
    let definition = try #require(bench.schema["Thing"])
    var options = RuleCheckOptions(checksNull: false)
    options.checksConditions = true
    var said = 0
    for _ in 0..<150 {
      generator.names = ["thing"]
      let edge = generator.condition(depth: 1)
      // What an edge reads is its own row.
      if edge.contains("home") || edge.contains("part.") { continue }
      generator.names = ["thing", "new", "old"]
      let condition = generator.condition(depth: 1)
      let field = generator.random.pick(["count", "level", "status", "flag", "isLow"])
      let loaded = load(
        """
        - rule: r
          trigger:
            changed: Thing.\(field)
            becomes: (\(edge))
          when: (\(condition))
          action:
            - reject: no
        """, schema: bench.schema, options: options)
      guard loaded.rules != nil else { continue }
      let isNever = loaded.diagnostics.contains {
        $0.code == "rules/never" && $0.message.hasPrefix("this rule never fires")
      }
      guard isNever else { continue }
      said += 1
      var layout = bench.layout
      let programs = try (
        edge: bench.environment.plan(bench.check(edge), layout: &layout),
        condition: bench.environment.plan(bench.check(condition), layout: &layout),
        was: bench.environment.plan(bench.check("old.\(field)"), layout: &layout),
        now: bench.environment.plan(bench.check("new.\(field)"), layout: &layout)
      )
      try store.perform { store throws(Refusal) in
        let records = try store.records(of: definition)
        for _ in 0..<1000 {
          let (old, new) = (generator.random.pick(records), generator.random.pick(records))
          let frame = Frame(layout, host: store)
          frame.records[1] = old
          frame.records[2] = new
          guard outcome(programs.was, frame) != outcome(programs.now, frame) else { continue }
          frame.records[0] = old
          if value(programs.edge, frame) == true { continue }
          frame.records[0] = new
          guard value(programs.edge, frame) == true else { continue }
          // Rules before it in the round may have changed the record since.
          frame.records[0] = generator.random.pick(records)
          if value(programs.condition, frame) == true {
            Issue.record("it fires: changed \(field), becomes \(edge), when \(condition)")
          }
        }
      }
    }
    #expect(said > 5, "\(said)")
    try store.close()
  }
}
