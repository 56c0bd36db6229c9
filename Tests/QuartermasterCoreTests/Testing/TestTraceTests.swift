import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What a test that failed tells of the rules with which its failure has to do.
struct TestTraceTests {
  private static let schema = """
    domain: test
    classes:
      Box:
        code: {type: String, default: B}
        weight: {type: Integer, default: 0}
        status: {type: String, default: open, flow: {open: [closed], closed: []}}
      Log:
        text: {type: String, required: true, maxLength: 5}
    """

  private static let rules = """
    - rule: heavy
      trigger: {changed: Box, becomes: box.weight > 10}
      when:
        - box.status == "open"
        - box.weight < 1000
      action: [{create: Log, text: heavy}]
    - rule: note
      trigger: {changed: Box.code}
      action: [{notify: keepers, message: "${box.code}"}]
    - rule: late
      trigger: {saved: Box, becomes: box.status == "open", for: 2h}
      when: box.weight > 1
      action: [{create: Log, text: late}]
    - rule: bad
      phase: later
      trigger: {changed: Box, becomes: box.code == "bad"}
      action: [{create: Log, text: "${box.code} and more"}]
    - rule: sleeping
      enabled: false
      trigger: {changed: Box}
      action: [{create: Log, text: off}]

    """

  /// Runs one test and returns its trace, as `step rule record result gate [values]`.
  private func trace(_ test: String) throws -> [String] {
    let bench = try RuleTestBench(schema: Self.schema, rules: Self.rules + test, watched: false)
    let result = bench.runner.run(try #require(bench.rules.tests.first))
    #expect(!result.passed)
    return result.trace.map { entry in
      let line = entry.step.map { span in
        span.file.line(span.file.position(of: span.range.lowerBound).line)
          .trimmingPrefix { $0 == " " || $0 == "-" }
      }
      let values = entry.values.map { "\($0.text) \($0.value)" }.joined(separator: ", ")
      return [
        line.map(String.init) ?? "-", entry.rule, entry.record ?? "-", entry.result.rawValue,
        entry.gate ?? "-", values + (entry.isUndone ? " (undone)" : ""),
      ].joined(separator: " | ")
    }
  }

  @Test func `a rule that is named tells at which gate it stopped, with values`() throws {
    #expect(
      try trace(
        """
        - test: t
          given: {Box: {b: {}}}
          do:
            - set: b
              weight: 5
            - set: b
              weight: 2000
            - set: b
              weight: 3000
          expect: [{fired: heavy}]
        """) == [
          "set: b | heavy | Box/b | becomesFalse | becomes | box.weight 5",
          "set: b | heavy | Box/b | whenFalse | when 2 | box.weight 2000",
          "set: b | heavy | Box/b | becomesWasTrue | becomes | box.weight 3000",
        ])
  }

  @Test func `a rule that nothing asked says what it waits for`() throws {
    let lines = try trace(
      """
      - test: t
        given: {Box: {b: {}}}
        do: [{set: b, weight: "5"}]
        expect: [{fired: note}, {fired: sleeping}]
      """)
    #expect(
      lines == [
        "- | note | - | neverConsidered | - | ", "- | sleeping | - | neverConsidered | - | ",
      ])
  }

  @Test func `a formula brings in the rules of the records and classes that it names`() throws {
    let test = """
      - test: t
        given: {Box: {b: {}, c: {}}}
        do:
          - set: b
            weight: 20
          - set: c
            code: other
        expect: [Log.size() == 0]
      """
    #expect(
      try trace(test) == [
        "set: b | heavy | Box/b | fired | - | box.weight 20, box.status \"open\""
      ])
    #expect(
      try trace(test.replacing("Log.size() == 0", with: "c.weight == 7")) == [
        "set: c | note | Box/c | fired | - | "
      ])
    #expect(
      try trace(
        test.replacing("Log.size() == 0", with: "{notified: keepers, message: nothing}")) == [
          "set: c | note | Box/c | fired | - | "
        ])
  }

  @Test func `timers are traced at their instants`() throws {
    let bench = try RuleTestBench(
      schema: Self.schema,
      rules: Self.rules + """
        - test: t
          do:
            - create: Box
              as: b
            - wait: 3h
          expect: [{fired: late}]
        """, watched: false)
    let result = bench.runner.run(try #require(bench.rules.tests.first))
    let entry = try #require(result.trace.last)
    #expect(entry.rule == "late")
    #expect(entry.result == .whenFalse)
    #expect(entry.gate == "when")
    #expect(entry.values.map { "\($0.text) \($0.value)" } == ["box.weight 0"])
    #expect(entry.at?.description == "2026-01-01T02:00:00Z")
  }

  @Test func `what the clock and later rules are refused fails a test that does not name it`()
    throws
  {
    let bench = try RuleTestBench(
      schema: Self.schema,
      rules: Self.rules + """
        - test: unnamed
          given: {Box: {b: {}}}
          do: [{set: b, code: bad}]
        - test: named
          given: {Box: {b: {}}}
          do: [{set: b, code: bad}]
          expect: [{rejected: text}]
        """, watched: false)
    let results = bench.runner.run(bench.rules.tests)
    #expect(results.map(\.passed) == [false, true])
    let message = try #require(results[0].failures.first?.message)
    #expect(message.hasPrefix("in this step, the later rule bad was refused: "), "\(message)")
  }

  @Test func `tests run side by side, and their results keep the order of the file`() throws {
    let tests = (0..<40).map { number in
      """
      - test: t\(number)
        given: {Box: {b: {weight: "\(number)"}}}
        do: [{set: b, code: x}]
        expect: [b.weight == \(number % 7 == 0 ? -1 : number)]

      """
    }
    let bench = try RuleTestBench(
      schema: Self.schema, rules: Self.rules + tests.joined(), watched: false)
    let results = bench.runner.run(bench.rules.tests)
    #expect(results.map(\.title) == (0..<40).map { "t\($0)" })
    #expect(results.map(\.passed) == (0..<40).map { $0 % 7 != 0 })
    #expect(results[7].trace.map(\.rule) == ["note"])
  }
}
