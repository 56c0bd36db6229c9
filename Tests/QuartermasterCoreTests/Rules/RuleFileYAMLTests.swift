import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The rows of the table of LANGUAGE.md, section 11, as they meet an operator: in a rule file.
@Suite struct RuleFileYAMLTests {
  private func said(_ action: String) -> [String] {
    load("- rule: r\n  trigger: {saved: Order}\n" + action).lines
  }

  @Test func `text after a hash is dropped by YAML, and that is said`() {
    #expect(
      said("  action:\n    - notify: managers\n      message: Order #12 is late") == [
        "rules.yaml:5:22: warning: YAML dropped this text: a space and `#` begin a comment; put the whole value in quotes (for a comment, write a space after the `#`) [yaml/comment]"
      ])
    #expect(
      said("  action:\n    - notify: managers # who buys\n      message: late # a comment") == [])
  }

  @Test(arguments: ["message: Low stock: bolts", "when: order.promised == null ? true : false"])
  func `a colon inside a value`(line: String) {
    let found = said("  action:\n    - notify: managers\n      \(line)")
    #expect(found.count == 1)
    #expect(
      found[0].contains(
        "error: `: ` inside a value is read as a key; put the whole value in quotes"))
  }

  @Test func `a value that starts with what YAML keeps for itself`() {
    #expect(
      said("  when: !order.paid\n  action: {reject: no}") == [
        "rules.yaml:3:9: error: a value that starts with `!`, which YAML keeps for itself for tags; write `(!order.paid)` or put it in quotes [yaml/reserved]"
      ])
    for start in ["*x", "%x", "@x", "&x"] {
      #expect(
        said("  when: \(start)\n  action: {reject: no}").contains { $0.contains("[yaml/reserved]") }
      )
    }
  }

  @Test func `a value that starts with a quote or a bracket and goes on`() {
    #expect(
      said("  when: \"GB\" in order.tags\n  action: {reject: no}") == [
        "rules.yaml:3:9: error: a value that starts with a quote ends at the next one, and here text follows; write `(\"GB\" in order.tags)`, or write it below a `|` [yaml/quote]"
      ])
    #expect(
      said("  when: [1,2].exists(x, x == 1)\n  action: {reject: no}") == [
        "rules.yaml:3:9: error: a value that starts with `[` ends at the closing one, and here text follows; write `([1,2].exists(x, x == 1))`, or write it below a `|` [yaml/bracket]"
      ])
  }

  @Test func `a map in braces is split at a comma`() {
    let found = said(
      "  action:\n    - delete: line\n      each: {line: order.lines.filter(l, l.open)}")
    #expect(found.count == 1)
    #expect(found[0].contains("[yaml/flow-null]"))
  }

  @Test func `keys that come twice, tabs, anchors and merges are errors`() {
    let codes = { (text: String) in load(text).codes }
    #expect(
      codes("- rule: r\n  rule: s\n  trigger: {saved: Order}\n  action: {reject: no}") == [
        "yaml/duplicate-key"
      ])
    #expect(codes("- rule: r\n\ttrigger: {saved: Order}") == ["yaml/tab"])
    #expect(
      codes("- rule: &a r\n  trigger: {saved: Order}\n  action: {reject: no}") == ["yaml/reserved"])
    #expect(
      codes("- rule: r\n  <<: x\n  trigger: {saved: Order}\n  action: {reject: no}") == [
        "yaml/merge"
      ])
  }

  @Test func `scalars are text, typed by their slot`() throws {
    let loaded = load(
      """
      - rule: literal
        trigger: {every: day, at: 12:30}
        action:
          - create: Log
            text: NO
          - create: Supplier
            name: 0123
            currency: null
            leadTime: 3d
            minimumOrder: 10
            active: false
      """)
    // The word null is text as well, and probably not meant.
    #expect(
      loaded.lines == [
        "rules.yaml:8:17: warning: `currency` takes words, and gets the word null; write `${null}` "
          + "to clear it, or \"null\" in quotes for the word [rules/formula-in-text]"
      ])
    let rule = try #require(loaded.rules?.rules.first)
    guard case .schedule(let schedule) = rule.trigger else {
      Issue.record("a schedule")
      return
    }
    #expect(schedule.minuteOfDay == 12 * 60 + 30)
    guard case .create(_, let log) = rule.actions[0].verb,
      case .create(_, let supplier) = rule.actions[1].verb
    else {
      Issue.record("two creations")
      return
    }
    let values = (log + supplier).map { slot -> String in
      if case .constant(let value) = slot.slot { "\(slot.field.name) \(value)" } else { "formula" }
    }
    #expect(
      values == [
        "text \"NO\"", "name \"0123\"", "currency \"null\"", "leadTime 3d",
        "minimumOrder 10.00", "active false",
      ])
  }

  @Test func `a mistake in a block scalar has its place in the file`() {
    #expect(
      load(
        """
        - rule: r
          trigger: {saved: Order}
          when: |
            order.reference != null
            && order.promissed == null
          action: {reject: no}
        """
      ).lines == [
        "rules.yaml:5:8: error: `order.promissed` does not exist; did you mean `promised`? [rules/unknown-field]"
      ])
    #expect(
      load(
        """
        - rule: r
          trigger: {saved: Order}
          action:
            - reject: "say \\"no\\" to ${order.referense}"
        """
      ).lines == [
        "rules.yaml:4:32: error: `order.referense` does not exist; did you mean `reference`? [rules/unknown-field]"
      ])
  }
}
