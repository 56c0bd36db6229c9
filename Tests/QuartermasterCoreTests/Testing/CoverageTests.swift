import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What tests of rules are said to cover: no more than they do, and no less.
struct CoverageTests {
  private static let schema = """
    domain: test
    classes:
      Box:
        code: {type: String, default: B}
        weight: {type: Integer, default: 0}
        limit: {type: Integer, default: 10}
        kind: {type: String, in: [wood, steel], default: wood}
        total: {sum: parts.size}
        status: {type: String, default: open, flow: {open: [closed, lost], closed: [open], lost: []}}
      Part:
        box: {type: Box, required: true, inverse: parts}
        size: {type: Integer, default: 1}
        good: {type: Boolean, default: true}
    signals:
      audit: {box: Box}
    """

  private func coverage(_ rules: String) throws -> TestCoverage {
    try RuleTestBench(schema: Self.schema, rules: rules).coverage()
  }

  @Test func `a rule fired, was asked, or was never asked`() throws {
    let coverage = try coverage(
      """
      - rule: fires
        trigger: {changed: Box.weight}
        action: [{set: box, code: heavy}]
      - rule: asked
        trigger: {changed: Box.weight}
        when: box.weight > 100
        action: [{set: box, code: huge}]
        follows: fires
      - rule: never
        trigger: {deleted: Box}
        action: [{create: Box}]
      - rule: by-signal
        trigger: {signal: audit}
        action: [{set: signal.box, code: seen}]
      - rule: nightly
        trigger: {every: day}
        when: Box.exists(b, b.weight > 1000)
        action: [{create: Box}]
      - rule: off
        enabled: false
        trigger: {changed: Box.weight}
        when: box.weight > 3
        action: [{set: box, code: off}]
      - test: one
        given: {Box: {b: {}}}
        do: [{set: b, weight: "5"}, {wait: 25h}]
      """)
    #expect(
      coverage.rules.map { "\($0.name) \($0.state.rawValue)" } == [
        "fires fired", "asked considered", "never never", "by-signal never", "nightly considered",
      ])
    #expect(coverage.ruleTotal == TestCoverage.Total(seen: 1, all: 5))
    #expect(coverage.disabled == ["off"])
    #expect(
      coverage.openBranches == [
        "asked when: box.weight > 100 F",
        "nightly when: Box.exists(b, b.weight > 1000) F", "nightly when: b.weight > 1000 F",
      ])
  }

  @Test func `a rule that refuses has fired, and what is undone has moved nothing`() throws {
    let coverage = try coverage(
      """
      - rule: no
        trigger: {changed: Box.status}
        when: box.status == "lost"
        action: [{reject: not lost}]
      - test: one
        given: {Box: {b: {}}}
        do:
          - advance: b
            to: closed
          - advance: b
            to: open
          - advance: b
            to: lost
        expect: [{rejected: not lost}]
      """)
    #expect(coverage.ruleTotal.isWhole)
    #expect(coverage.branchTotal.isWhole)
    let flow = try #require(coverage.flows.first)
    #expect(
      flow.moves.map { "\($0.from)-\($0.to) \($0.isTaken)" } == [
        "open-closed true", "open-lost false", "closed-open true",
      ])
    #expect(coverage.moveTotal == TestCoverage.Total(seen: 2, all: 3))
    #expect(coverage.moveTotal.percent == 66.6)
  }

  @Test func `two moves in one operation are two moves`() throws {
    let coverage = try coverage(
      """
      - rule: on
        trigger: {changed: Box, becomes: box.status == "closed"}
        action: [{advance: box, to: open}]
      - test: one
        given: {Box: {b: {}}}
        do: [{advance: b, to: closed}]
        expect: [{fired: on}, b.status == "open"]
      """)
    #expect(coverage.moveTotal == TestCoverage.Total(seen: 2, all: 3))
  }

  @Test func `becomes counts what a change leaves behind, not what was before it`() throws {
    let rules = """
      - rule: heavy
        trigger: {changed: Box, becomes: box.weight > box.limit}
        action: [{set: box, code: heavy}]
      - test: it crosses
        given: {Box: {b: {}}}
        do: [{set: b, weight: "20"}]
        expect: [{fired: heavy}]

      """
    #expect(try coverage(rules).openBranches == ["heavy becomes: box.weight > box.limit T"])
    let more =
      rules + """
        - test: it does not
          given: {Box: {b: {}}}
          do: [{set: b, weight: "3"}]
          expect: [{quiet: heavy}]
        """
    #expect(try coverage(more).openBranches.isEmpty)
  }

  @Test func `conditions that the index would answer are judged all the same`() throws {
    let coverage = try coverage(
      """
      - rule: steel
        trigger: {changed: Box.weight}
        when: box.kind == "steel"
        action: [{set: box, code: steel}]
      - test: one
        given: {Box: {a: {kind: steel}, b: {kind: wood}}}
        do: [{set: a, weight: "1"}, {set: b, weight: "1"}]
        expect: [a.code == "steel", b.code == "B"]
      """)
    #expect(coverage.branchTotal == TestCoverage.Total(seen: 2, all: 2))
  }

  @Test func `parts of conditions are seen where SQL evaluates them`() throws {
    let coverage = try coverage(
      """
      - rule: sum
        trigger: {changed: Box.weight}
        let:
          bad: box.parts.filter(p, !p.good)
        when:
          - box.weight > 0
          - bad.size() > 0 || Part.exists(q, q.box == box && q.size > 5)
        action:
          - set: part
            each: part in Part.filter(r, r.box == box && r.size < 3)
            when: part.good
            size: 3
      - test: one
        given:
          Box: {a: {}, b: {}, c: {}}
          Part: {p: {box: a, size: 1, good: false}, q: {box: a, size: 9}, r: {box: b, size: 2}, s: {box: c, size: 7}}
        do: [{set: a, weight: "1"}, {set: b, weight: "1"}, {set: c, weight: "1"}, {set: c, weight: "0"}]
        expect: [p.size == 1, q.size == 9, r.size == 2]
      """)
    #expect(coverage.openBranches == ["sum when of an action: part.good F"])
    let texts = coverage.rules[0].branches.map { "\($0.branch.gate.label): \($0.branch.text)" }
    #expect(
      texts == [
        "let bad: p.good", "when 1: box.weight > 0",
        "when 2: bad.size() > 0 || Part.exists(q, q.box == box && q.size > 5)",
        "when 2: bad.size() > 0", "when 2: Part.exists(q, q.box == box && q.size > 5)",
        "when 2: q.box == box && q.size > 5", "when 2: q.box == box", "when 2: q.size > 5",
        "each: r.box == box && r.size < 3", "each: r.box == box", "each: r.size < 3",
        "when of an action: part.good",
      ])
  }

  @Test func `rules run to the same end whether they are watched or not`() throws {
    let rules = """
      - rule: chain
        trigger: {changed: Box.weight}
        when: Part.exists(p, p.box == box && p.size > 2)
        action: [{create: Part, box: box, size: "1"}]
      - rule: count
        trigger: {changed: Box, becomes: box.total > 4}
        action: [{set: box, code: "T${box.total}"}]
      - test: one
        given: {Box: {a: {}}, Part: {p: {box: a, size: 4}}}
        do: [{set: a, weight: "1"}]
        expect: [a.code == "T5", Part.size() == 2]
      - test: two
        given: {Box: {a: {}}, Part: {p: {box: a, size: 1}}}
        do: [{set: a, weight: "1"}]
        expect: [a.code == "B"]
      """
    for watched in [true, false] {
      let bench = try RuleTestBench(schema: Self.schema, rules: rules, watched: watched)
      let results = bench.runner.run(bench.rules.tests, coverage: watched)
      #expect(results.map(\.passed) == [true, true])
      #expect(results.map(\.firings) == [["chain": 1, "count": 1], [:]])
      #expect(results.map(\.title) == ["one", "two"])
    }
  }

  @Test func `a share is never rounded up to the whole`() {
    #expect(TestCoverage.Total(seen: 9999, all: 10_000).percent == 99.9)
    #expect(TestCoverage.Total(seen: 0, all: 0).percent == 100)
    #expect(TestCoverage.Total(seen: 1, all: 3).percent == 33.3)
  }
}
