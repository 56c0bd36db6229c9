import Foundation
import Testing

@testable import QuartermasterCEL
@testable import QuartermasterCore

/// Tests of rules that must pass, and tests that must not: what a runner that says yes to everything would not notice.
struct RuleTestRunnerTests {
  private static let schema = """
    domain: test
    classes:
      User:
        username: {type: String, required: true}
        role: {type: String, default: clerk}
      Part:
        name: {type: String, required: true, unique: true, maxLength: 8}
        serial: {type: Integer, required: true, unique: true, min: 5}
        price: {type: Decimal, scale: 2, required: true}
        kind: {type: String, in: [screw, nut], required: true}
        since: {type: Date, required: true}
        box: {type: Box, required: true, inverse: parts}
      Box:
        code: {type: String, required: true}
        shelf: {type: Shelf, required: true}
        weight: {type: Integer, default: 0}
        status: {type: String, default: open, flow: {open: [closed], closed: []}}
      Shelf:
        name: {type: String, required: true}
      Ring:
        next: {type: Ring, required: true}
      Log:
        text: {type: String, required: true}
        user: {type: User}
    signals:
      audit: {box: Box}
    calls:
      weigh: {arguments: {box: Box}}
    """

  private static let rules = """
    - rule: note-heavy
      trigger:
        changed: Box
        becomes: box.weight > 10
      action:
        - create: Log
          text: heavy ${box.code}
        - notify: keepers
          message: Box ${box.code} is heavy.
        - call: weigh
          box: box
    - rule: no-lead
      phase: before
      trigger:
        changed: Box.weight
      when: box.weight > 1000
      action:
        - reject: That is lead.
    - rule: forgotten
      trigger:
        saved: Box
        becomes: box.status == "open"
        for: 2h
      action:
        - notify: keepers
          message: still open
    - rule: who
      trigger:
        created: Box
      action:
        - create: Log
          text: made
          user: actor
    - rule: afterwards
      phase: later
      trigger:
        changed: Box
        becomes: box.status == "closed"
      action:
        - create: Log
          text: closed
    - rule: heard
      trigger:
        signal: audit
      action:
        - create: Log
          text: audit ${signal.box.code}
    """

  private func run(_ tests: String) throws -> [RuleTestResult] {
    let (schema, _) = try Schema.load(SourceFile(name: "schema.yaml", text: Self.schema))
    var settings = ProjectSettings()
    settings.groups = ["keepers": .addresses([])]
    let loaded = try LoadedRules(
      files: [
        SourceFile(name: "rules/a.yaml", text: Self.rules),
        SourceFile(name: "rules/b.yaml", text: tests),
      ], schema: schema, settings: settings)
    let runner = RuleTestRunner(schema: schema, rules: loaded, settings: settings)
    return loaded.tests.map { runner.run($0) }
  }

  /// Returns the messages of the failures of the one test that is given.
  private func failures(_ test: String) throws -> [String] {
    let results = try run(test)
    #expect(results.count == 1)
    return results.flatMap { $0.failures.map(\.message) }
  }

  @Test func `what a record needs and was not given is made up`() throws {
    let results = try run(
      """
      - test: plausible values
        given:
          Part: {a: {}, b: {name: given}}
        do:
          - create: Part
            as: c
        expect:
          - a.name != b.name && a.serial != b.serial && a.serial >= 5
          - a.kind == "screw" && a.price == 0.00 && a.since == now
          - a.box.shelf.name != "" && a.box != b.box
          - c.box.code != ""
          - Part.size() == 3
      """)
    #expect(results.map(\.failures.first?.message) == [nil])
  }

  @Test func `fixtures point at each other in any order`() throws {
    #expect(
      try failures(
        """
        - test: order
          given:
            Part: {a: {box: b}}
            Box: {b: {shelf: s}}
            Shelf: {s: {}}
          expect:
            - a.box.shelf == s
        """
      ).isEmpty)
  }

  @Test func `a fixture that cannot be made is told`() throws {
    let ring = try failures("- test: ring\n  given: {Ring: {a: {}}}\n  expect: [Ring.size() == 1]")
    #expect(ring.count == 1)
    #expect(ring[0].contains("a cannot be made: Ring.next needs a Ring"))
    let twice = try failures(
      "- test: twice\n  given: {Part: {a: {name: x}, b: {name: x}}}\n  expect: [Part.size() == 2]")
    #expect(twice.count == 1)
    #expect(twice[0].hasPrefix("b cannot be made: "))
  }

  @Test func `expectations look at what came since the last ones`() throws {
    let results = try run(
      """
      - test: since
        given:
          Box: {b: {code: B}}
        do:
          - set: b
            weight: 11
          - expect:
              - fired: note-heavy
              - notified: keepers
                message: Box B is heavy.
              - called: weigh
          - set: b
            weight: 12
          - expect:
              - quiet: note-heavy
          - wait: 119m
          - expect:
              - quiet: forgotten
          - wait: 1m
          - expect:
              - fired: forgotten
        expect:
          - quiet: forgotten
          - Log.size() == 1
      """)
    // `for` starts with a change, and a fixture is none: nothing is forgotten.
    #expect(results.flatMap(\.failures).map(\.message) == ["forgotten did not fire; no rule did"])
  }

  @Test func `later rules have run before the next step, and who acts is known`() throws {
    let results = try run(
      """
      - test: steps
        given:
          User: {ann: {username: ann}}
          Box: {b: {code: B}}
        do:
          - advance: b
            to: closed
          - expect:
              - Log.exists(l, l.text == "closed")
          - create: Box
            as: mine
            actor: ann
          - expect:
              - Log.exists(l, l.text == "made" && l.user == ann)
          - create: Box
          - expect:
              - Log.exists(l, l.text == "made" && l.user == null)
          - signal: audit
            box: b
          - together:
              - set: b
                weight: 20
              - set: b
                weight: 5
        expect:
          - fired: heard
          - quiet: note-heavy
          - Log.exists(l, l.text == "audit B")
          - mine.status == "open"
      """)
    #expect(results.flatMap(\.failures).map(\.message) == [])
  }

  @Test func `a refusal must be named`() throws {
    let step = "  given: {Box: {b: {code: B}}}\n  do: [{set: b, weight: \"2000\"}]\n"
    #expect(try failures("- test: a\n\(step)  expect: [rejected: is lead]").isEmpty)
    #expect(
      try failures("- test: b\n\(step)  expect: [b.weight == 0]")
        == ["this step was refused by no-lead: That is lead."])
    #expect(
      try failures("- test: c\n\(step)  expect: [rejected: is gold]")
        == ["no refusal says \"is gold\""])
    #expect(
      try failures("- test: d\n  given: {Box: {b: {}}}\n  expect: [rejected: lead]")
        == ["nothing was refused"])
  }

  @Test func `a refusal that was named answers no later expectation`() throws {
    let step = "{set: b, weight: \"2000\"}"
    let given = "  given: {Box: {b: {code: B}}}\n"
    #expect(
      try failures(
        "- test: a\n\(given)  do: [\(step), {expect: [rejected: is lead]}]\n  expect: [rejected: is lead]"
      ) == ["nothing was refused"])
    #expect(
      try failures(
        "- test: b\n\(given)  do: [\(step), {expect: [rejected: is lead]}, \(step)]\n  expect: [rejected: is lead]"
      ).isEmpty)
    // One that nobody named yet may be named late.
    #expect(
      try failures(
        "- test: c\n\(given)  do: [\(step), {expect: [b.weight == 0]}]\n  expect: [rejected: is lead]"
      ).isEmpty)
  }

  @Test func `each kind of expectation can fail`() throws {
    let messages = try failures(
      """
      - test: wrong
        given: {Box: {b: {code: B, weight: 3}}}
        do: [{set: b, weight: "11"}]
        expect:
          - b.weight + 1 == 13
          - fired: who
          - quiet: note-heavy
          - notified: keepers
            message: something else
          - notified: others@example.com
          - Box.first().shelf.name.size() / (b.weight - 11) == 1
      """)
    #expect(
      messages == [
        "`b.weight + 1 == 13` is false", "who did not fire; these did: note-heavy",
        "note-heavy fired once", "keepers was not told \"something else\"; what was sent:",
        "others@example.com was told nothing; what was sent:",
        "`Box.first().shelf.name.size() / (b.weight - 11) == 1` cannot be told: division by zero",
      ])
  }

  @Test func `the values of both sides are there`() throws {
    let results = try run(
      "- test: sides\n  given: {Box: {b: {weight: 3}}}\n  expect: [b.weight * 2 == 7]")
    let values = try #require(results.first?.failures.first?.values)
    #expect(values.map(\.text) == ["b.weight * 2"])
    #expect(values.map(\.value) == ["6"])
  }

  @Test(.enabled(if: SharedFolder.url != nil, "needs the examples of the reference model"))
  func `the examples of the reference model pass`() throws {
    let shared = try #require(SharedFolder.url)
    for (example, count) in [("small", 12), ("semantics", 20)] {
      let folder = shared.appendingPathComponent("model/examples/\(example)")
      // What the model takes and the schema refuses: a record called like a word of the language, and signals that are
      // not declared.
      func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
          .replacingOccurrences(of: "Loop", with: "Ring")
          .replacingOccurrences(of: "loop", with: "ring")
      }
      var schemaText = try text("schema.yaml")
      if example == "semantics" { schemaText += "\nsignals:\n  sign: {amount: Integer}\n" }
      let (schema, _) = try Schema.load(SourceFile(name: "schema.yaml", text: schemaText))
      var settings = ProjectSettings()
      settings.groups = ["managers": .addresses([]), "buyers": .addresses([])]
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/rules")
      let loaded = try LoadedRules(
        files: try names.map { SourceFile(name: $0, text: try text("rules/" + $0)) },
        schema: schema, settings: settings,
        options: RuleCheckOptions(
          checksNull: false, checksGroups: false, checksLoops: false, checksOrder: false))
      let runner = RuleTestRunner(schema: schema, rules: loaded, settings: settings)
      #expect(loaded.tests.count == count)
      for test in loaded.tests {
        let result = runner.run(test)
        #expect(result.passed, "\(test.title): \(result.failures.map(\.message))")
      }
    }
  }
}
