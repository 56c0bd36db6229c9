import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Conditions that are never true, or always, and what is said of them.
@Suite struct ConditionTests {
  /// What is said of a rule over a `thing`, without places.
  private func said(_ when: String, trigger: String = "saved: Thing", more: String = "") throws
    -> [String]
  {
    let schema = try QuartermasterCoreTests.schema(conditionSchema)
    let loaded = load(
      """
      - rule: r
      \(more)  trigger: {\(trigger)}
        when:
      \(when.split(separator: "\n").map { "    - (\($0))" }.joined(separator: "\n"))
        action:
          - reject: no
      """, schema: schema)
    #expect(loaded.rules != nil, "\(loaded.lines)")
    return loaded.diagnostics.map { "\($0.code): \($0.message)" }
  }

  @Test(arguments: [
    "thing.status == \"new\"\nthing.status == \"open\"",
    "thing.status != \"new\"\nthing.status in [\"new\"]",
    "thing.status != \"new\"\nthing.status != \"open\"\nthing.status != \"shut\"",
    "thing.level > 3\nthing.level < 4", "thing.level > 3 && thing.level < 4",
    "thing.count > thing.level\nthing.count < 2\nthing.level > 1",
    "thing.count < 0", "thing.gap < -5", "thing.level == 6", "thing.home == null",
    "thing.isBroken", "thing.flag\n!thing.flag", "thing.flag\nthing.flag == false",
    "thing.home.stock < 0", "thing.home.things.size() == -1",
    "thing.home.things.exists(t, t.level == 9)", "thing.kind == \"a\"\nthing.kind == null",
    "thing.free != null && thing.free > 2\nthing.free < 0",
    "thing.cost > 5\nthing.cost <= 5.00", "thing.worth < 0",
    "thing.home.things.exists(t, t.flag)\n!thing.home.things.exists(t, t.flag)",
    "thing.word == \"a\"\nthing.word == \"b\"", "false",
  ])
  func `a rule whose conditions cannot all be true`(_ when: String) throws {
    let found = try said(when)
    #expect(found.count == 1, "\(found)")
    #expect(found.allSatisfy { $0.hasPrefix("rules/never: this rule never fires") }, "\(found)")
  }

  @Test(arguments: [
    "thing.count >= 0", "thing.home != null", "thing.status in [\"new\", \"open\", \"shut\"]",
    "thing.status == \"new\"\nthing.status != \"open\"", "thing.count > 5\nthing.count > 3",
    "thing.word != \"a\" || thing.word == \"a\"", "thing.flag || !thing.flag",
    "thing.level + thing.count > 0", "thing.home.parts >= 0", "true",
    "thing.home.things.all(t, t.count >= 0)", "thing.count == thing.count",
  ])
  func `a condition that decides nothing`(_ when: String) throws {
    let found = try said(when)
    #expect(found.count == 1, "\(found)")
    #expect(found.allSatisfy { $0.hasPrefix("rules/always: ") }, "\(found)")
  }

  @Test(arguments: [
    "thing.count > 0", "thing.free == null || thing.free > 2", "thing.level > 3\nthing.level < 5",
    "thing.ratio < 1.0 || thing.ratio >= 1.0", "thing.ratio == thing.ratio",
    "thing.home.things.size() > 0\nthing.home.things.size() > 1",
    "thing.status == \"new\"\nold == null || old.status == \"open\"",
    "thing.home.things.exists(t, t.flag)\nthing.home.things.exists(t, !t.flag)",
    "thing.part == null\nthing.home.things.all(t, t.part != null)",
    "thing.kind != \"a\"", "thing.home.stock > thing.count", "thing.gap < 0",
  ])
  func `a condition that decides something is left alone`(_ when: String) throws {
    #expect(try said(when).isEmpty)
  }

  @Test func `what is said names the reason`() throws {
    #expect(
      try said("thing.level > 0") == [
        "rules/always: `thing.level > 0` is always true, because `thing.level` is from 1 to 5 by the schema; it decides nothing, so mend it or leave it out"
      ])
    #expect(
      try said("thing.flag\nthing.flag") == [
        "rules/always: `thing.flag` stands here already; it decides nothing, so mend it or leave it out"
      ])
    #expect(
      try said("thing.level < 0 || thing.flag") == [
        "rules/never: `thing.level < 0` is never true, because `thing.level` is from 1 to 5 by the schema; mend it or leave it out"
      ])
    #expect(
      try said("new.level == old.level", trigger: "changed: Thing.level") == [
        "rules/never: this rule never fires: `new.level == old.level` is never true, because the rule starts when `level` changes; mend the condition, or delete the rule"
      ])
    #expect(
      try said("thing.home.things.exists(t, t.count < 0)") == [
        "rules/never: this rule never fires: `t.count < 0` is never true, because `t.count` is never negative by the schema; mend the condition, or delete the rule"
      ])
  }

  @Test
  func `what the edge says holds of new, and of the record only where no rule can come between`()
    throws
  {
    let edge = "changed: Thing, becomes: 'thing.status == \"open\"'"
    #expect(try said("new.status == \"shut\"", trigger: edge).count == 1)
    #expect(try said("thing.status == \"shut\"", trigger: edge).isEmpty)
    #expect(try said("thing.status == \"shut\"", trigger: edge + ", for: 1h").count == 1)
    #expect(
      try said("thing.status == \"shut\"", trigger: edge, more: "  phase: before\n").count == 1)
  }

  @Test func `before a record is written the schema is not true of it yet`() throws {
    #expect(try said("thing.count < 0", more: "  phase: before\n").isEmpty)
    #expect(try said("thing.home == null", more: "  phase: before\n").isEmpty)
    #expect(
      try said("thing.home != null && thing.home.rank > 9", more: "  phase: before\n").count == 1)
  }

  @Test func `edges that cannot be`() throws {
    let schema = try QuartermasterCoreTests.schema(
      conditionSchema + "\n    age: {computed: 'thing.createdAt'}")
    func codes(_ trigger: String) -> [String] {
      load(
        "- rule: r\n  trigger: {\(trigger)}\n  action:\n    - reject: no\n", schema: schema
      ).diagnostics.map { "\($0.code): \($0.message.prefix(21))" }
    }
    let never = ["rules/never: this rule never fires"]
    #expect(codes("changed: Thing, becomes: 'thing.count >= 0'") == never)
    #expect(codes("changed: Thing, becomes: 'thing.count < 0'") == never)
    #expect(
      codes("changed: Thing, becomes: 'thing.createdAt > timestamp(\"2026-01-01T00:00:00Z\")'")
        == never)
    #expect(codes("changed: Thing.age") == never)
    #expect(codes("saved: Thing.age").isEmpty)
    #expect(codes("changed: [Thing.age, Thing.count]").isEmpty)
    #expect(
      codes("saved: Thing, becomes: 'thing.createdAt > timestamp(\"2026-01-01T00:00:00Z\")'")
        .isEmpty)
  }

  @Test func `what an action wrote is not held against the conditions after it`() throws {
    let schema = try QuartermasterCoreTests.schema(conditionSchema)
    let loaded = load(
      """
      - rule: r
        trigger: {changed: Thing.count}
        when:
          - thing.status == "new"
          - new.count > 5
        action:
          - set: thing
            when: thing.status == "open"
            word: never
          - advance: thing
            to: open
          - set: thing
            when: thing.status == "open"
            word: sometimes
          - set: thing
            when: new.count < 3
            word: never
      """, schema: schema)
    #expect(
      loaded.lines.map { String($0.prefix(60)) } == [
        "rules.yaml:8:13: warning: this action never runs: `thing.sta",
        "rules.yaml:16:13: warning: this action never runs: `new.coun",
      ])
  }
}
