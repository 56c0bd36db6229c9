import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Mistakes of form: keys, names, triggers, phases, order.
@Suite struct RuleShapeTests {
  /// Loads a rule that only logs, with a trigger and more keys.
  private func said(_ trigger: String, _ more: String = "") -> [String] {
    load("- rule: r\n  trigger: \(trigger)\n\(more)  action: {create: Log, text: x}\n").lines
  }

  @Test(arguments: [
    (
      "{saved: Order, repeat: 1h}",
      "rules.yaml:2:35: error: `repeat` needs `for`: it fires again while the condition stays true [rules/trigger]"
    ),
    (
      "{saved: Order, for: 1h}",
      "rules.yaml:2:32: error: `for` needs `becomes`: the condition that must stay true [rules/trigger]"
    ),
    (
      "{every: minute, at: 12:00}",
      "rules.yaml:2:32: error: `at` is a time of day and does not go with `every: minute`; it goes with day, weekday, month and the days of the week [rules/trigger]"
    ),
    (
      "{every: hour, at: 12:00}",
      "rules.yaml:2:30: error: `at` is a time of day and does not go with `every: hour`; it goes with day, weekday, month and the days of the week [rules/trigger]"
    ),
    (
      "{every: 15m, at: 12:00}",
      "rules.yaml:2:29: error: `at` is a time of day and does not go with `every: 15m`; it goes with day, weekday, month and the days of the week [rules/trigger]"
    ),
    (
      "{deleted: Order, becomes: order.status == \"paid\"}",
      "rules.yaml:2:38: error: `becomes` does not go with `deleted`: nothing is true of a record that is gone; write `when:` with `old` [rules/trigger]"
    ),
    (
      "{saved: Order, becomes: 'order.status == \"paid\"', for: 1h, due: order.promised}",
      "rules.yaml:2:76: error: `due` and `for` are two kinds of timer; write two rules [rules/trigger]"
    ),
    (
      "{saved: Order, created: Order}",
      "rules.yaml:2:27: error: a rule has one trigger, and here are `saved` and `created`; write a second rule [rules/trigger]"
    ),
    (
      "{saved: Ordr}",
      "rules.yaml:2:20: error: there is no class `Ordr`; did you mean `Order`? [rules/unknown-class]"
    ),
    (
      "{changed: Order.statsu}",
      "rules.yaml:2:28: error: Order has no field `statsu`; did you mean `status`? [rules/unknown-field]"
    ),
    (
      "{changed: Order.lines}",
      "rules.yaml:2:28: error: `lines` is the relation back from OrderLine; its changes are those of OrderLine.order [rules/trigger]"
    ),
    (
      "{changed: [Order.status, Shipment.status]}",
      "rules.yaml:2:37: error: a trigger names one class, and here are Order and Shipment; write a second rule [rules/trigger]"
    ),
    (
      "{deleted: Order.status}",
      "rules.yaml:2:28: error: a record is deleted as a whole; write deleted: Order [rules/trigger]"
    ),
    (
      "{changed: Message}",
      "rules.yaml:2:22: error: the engine alone writes Message, and no rule starts from it; react to what caused the message [rules/read-only]"
    ),
    (
      "{signal: close-daj}",
      "rules.yaml:2:21: error: the schema declares no signal `close-daj`; did you mean `close-day`? [rules/unknown-signal]"
    ),
    (
      "{every: tuseday}",
      "rules.yaml:2:20: error: `every` takes minute, hour, day, weekday, month, the name of a day, or a duration such as `15m`, not `tuseday`; did you mean `tuesday`? [rules/trigger]"
    ),
    (
      "{every: day, at: 25:00}",
      "rules.yaml:2:29: error: `at` needs a time from 00:00 to 23:59, not `25:00` [rules/trigger]"
    ),
    (
      "{every: day, zone: Europe/Pariss}",
      "rules.yaml:2:31: error: there is no time zone `Europe/Pariss`; write a name such as `Europe/Paris` [rules/trigger]"
    ),
    (
      "{cron: 0 25 * * *}",
      "rules.yaml:2:21: error: `cron` has `25` for the hour, which goes from 0 to 23 [rules/trigger]"
    ),
    (
      "{cron: 0 2 *}",
      "rules.yaml:2:19: error: `cron` has five fields: minute, hour, day of the month, month, day of the week; here are 3 [rules/trigger]"
    ),
    (
      "{saved: Order, at: 12:00}",
      "rules.yaml:2:27: error: `at` does not go with `saved`; it belongs to `every: day`, a weekday or `month` [rules/trigger]"
    ),
    (
      "{saved: Order, becomes: 'order.status == \"paid\"', for: 1 day}",
      "rules.yaml:2:67: error: `for` needs a duration such as `15m`, `24h` or `3d`, not `1 day` [rules/duration]"
    ),
    (
      "{saved: Order, becomse: order.status}",
      "rules.yaml:2:27: error: a trigger does not take `becomse`; did you mean `becomes`? [rules/unknown-key]"
    ),
    (
      "{saved: Order, becomes: order.customer.name == \"x\"}",
      "rules.yaml:2:36: error: move it to `when:`; becomes looks only at this record [rules/becomes]"
    ),
    (
      "{saved: Order, becomes: order.lines.size() > 1}",
      "rules.yaml:2:36: error: move it to `when:`; becomes looks only at this record [rules/becomes]"
    ),
    (
      "{saved: Order, becomes: Order.size() > 1}",
      "rules.yaml:2:36: error: move it to `when:`; becomes looks only at this record [rules/becomes]"
    ),
    (
      "{saved: Order, becomes: old.status == \"paid\"}",
      "rules.yaml:2:36: error: move it to `when:`; becomes looks only at this record [rules/becomes]"
    ),
    (
      "{saved: Order, due: order.customer.name}",
      "rules.yaml:2:32: error: `due` needs an instant; `order.customer.name` is a text [rules/type]"
    ),
  ])
  func `a trigger that is wrong`(trigger: String, message: String) {
    #expect(said(trigger) == [message])
  }

  @Test func `names that mean nothing in a trigger say why`() {
    #expect(
      said("{created: Order}", "  when: old.status == \"paid\"\n") == [
        "rules.yaml:3:9: error: `old` is not known here: a record that was created has no old version [rules/unknown-name]"
      ])
    #expect(
      said("{deleted: Order}", "  when: new.status == \"paid\"\n") == [
        "rules.yaml:3:9: error: `new` is not known here: the record is gone; `old` is what it was [rules/unknown-name]"
      ])
    #expect(
      said("{deleted: Order}", "  when: order.status == \"paid\"\n") == [
        "rules.yaml:3:9: error: `order` is not known here: the record is gone; `old` is what it was [rules/unknown-name]"
      ])
    #expect(
      said("{every: day}", "  when: old == null\n") == [
        "rules.yaml:3:9: error: `old` is not known here: a schedule is woken by no change [rules/unknown-name]"
      ])
    #expect(
      said(
        "{saved: Order, becomes: 'order.status == \"paid\"', for: 1h}",
        "  when: old.status == \"paid\"\n")
        == [
          "rules.yaml:3:9: error: `old` is not known here: a timer's firing is no change; read the record itself [rules/unknown-name]"
        ])
    #expect(
      said("{saved: Order}", "  when: old.status == \"paid\"\n") == [
        "rules.yaml:3:9: error: `old` may be null here; guard it: old != null && ... [rules/nullable]"
      ])
    #expect(said("{saved: Order}", "  when: old != null && old.status == \"paid\"\n") == [])
    #expect(said("{deleted: Order}", "  when: old.status == \"paid\"\n") == [])
    #expect(said("{signal: close-day}", "  when: signal.bin.capacity > 3\n") == [])
    #expect(said("{saved: Order}", "  when: actor != null && actor.role == \"manager\"\n") == [])
  }

  @Test func `keys, choices and names`() {
    #expect(
      load(
        """
        - rule: LowStock
          trigers: {saved: Order}
          phase: befor
          failure: ignore
          enabled: yes
          actions: {reject: no}
        - tests: x
        - 5
        """
      ).lines == [
        "rules.yaml:1:9: error: the name of a rule is small letters and digits joined by `-`; write `low-stock` [rules/name]",
        "rules.yaml:1:9: error: the rule needs `trigger:`; say what wakes it, such as `saved: Order` [rules/missing-key]",
        "rules.yaml:1:9: error: the rule needs `action:`; say what it does [rules/missing-key]",
        "rules.yaml:2:3: error: a rule does not take `trigers`; did you mean `trigger`? [rules/unknown-key]",
        "rules.yaml:3:10: error: `phase` is `before`, `after` or `later`, not `befor`; did you mean `before`? [rules/shape]",
        "rules.yaml:4:12: error: `failure` is `stop` or `skip`, not `ignore` [rules/shape]",
        "rules.yaml:5:12: error: `enabled` is `true` or `false`, not `yes` [rules/shape]",
        "rules.yaml:6:3: error: a rule does not take `actions`; did you mean `action`? [rules/unknown-key]",
        "rules.yaml:7:3: error: an item needs `rule:` or `test:`; did you mean `test`? [rules/missing-key]",
        "rules.yaml:8:3: error: this is no rule and no test; write `rule: name` with its keys below [rules/shape]",
      ])
    #expect(
      load("rule: r\ntrigger: {saved: Order}\naction: {reject: no}").codes == ["rules/shape"])
    #expect(load("just words").codes == ["rules/shape"])
    #expect(load("").lines == [])
    #expect(load("# nothing yet\n").rules?.rules.isEmpty == true)
  }

  @Test func `two rules of one name, in two files`() {
    let rule = "- rule: twice\n  trigger: {saved: Order}\n  action: {create: Log, text: x}\n"
    let loaded = load((name: "b.yaml", text: rule), (name: "a.yaml", text: "\n" + rule))
    #expect(
      loaded.rendered == """
        b.yaml:1:9: error: two rules are called `twice`; rename one [rules/duplicate]
          |
        1 | - rule: twice
          |         ^^^^^
        a.yaml:2:9: note: the first is here
          |
        2 | - rule: twice
          |         ^^^^^

        """)
  }

  @Test func `the phase before`() {
    #expect(
      load(
        """
        - rule: r
          phase: before
          trigger: {every: day}
          action: {reject: no}
        - rule: s
          phase: before
          trigger: {saved: Order}
          action:
            - create: Log
              text: x
            - set: order.customer
              name: x
            - set: order
              reference: x
        - rule: t
          phase: later
          trigger: {saved: Order, becomes: 'order.status == "paid"', for: 1h}
          action: {create: Log, text: x}
        """
      ).lines == [
        "rules.yaml:2:10: error: a rule of the phase `before` starts with a change of a record: created, changed, saved or deleted [rules/phase]",
        "rules.yaml:9:7: error: a rule of the phase `before` may only `set` fields of its own record and `reject`; move `create` to a rule without `phase` [rules/phase]",
        "rules.yaml:11:12: error: `order.customer` may be null here; guard it: order.customer != null && ... [rules/nullable]",
        "rules.yaml:16:10: error: `for` waits, and its firing is an operation of its own; it does not go with the phase `later` [rules/phase]",
      ])
    #expect(
      load(
        """
        - rule: s
          phase: before
          trigger: {saved: Order}
          when: order.customer != null
          action: {set: order.customer, name: x}
        """
      ).lines == [
        "rules.yaml:5:17: error: a rule of the phase `before` sets fields of its own record only: set: order [rules/phase]"
      ])
  }

  @Test func `required fields may be missing before the record is stored`() {
    let rule = { (phase: String) in
      """
      - rule: r
        phase: \(phase)
        trigger: {saved: OrderLine}
        when: orderLine.quantity > 3
        action: {reject: too many}
      """
    }
    #expect(load(rule("after")).lines == [])
    #expect(
      load(rule("before")).lines == [
        "rules.yaml:4:9: error: `orderLine.quantity` may be null here; guard it: orderLine.quantity != null && ... [rules/nullable]"
      ])
    #expect(
      load(rule("before").replacing("when: ", with: "when: orderLine.quantity != null && ")).lines
        == [])
  }

  @Test func `follows`() {
    let rule = { (name: String, more: String) in
      "- rule: \(name)\n  trigger: {saved: Order}\n\(more)  action: {create: Log, text: x}\n"
    }
    let order = { (text: String) in load(text).rules?.rules.map(\.name) }
    #expect(
      order(
        rule("a", "  follows: c\n") + rule("b", "") + rule("c", "  follows: [d]\n") + rule("d", ""))
        == ["b", "d", "c", "a"])
    let closure = load(
      rule("a", "  follows: c\n") + rule("c", "  follows: [d]\n") + rule("d", "")
    ).rules?.rules.map(\.follows)
    #expect(closure == [[], ["d"], ["c", "d"]])
    #expect(
      load(rule("a", "  follows: b\n") + rule("b", "  follows: c\n") + rule("c", "  follows: b\n"))
        .lines == [
          "rules.yaml:7:12: error: `follows` goes round: b -> c -> b; take one of them out [rules/follows]"
        ])
    #expect(
      load(rule("a", "  follows: a\n")).lines == [
        "rules.yaml:3:12: error: a rule cannot follow itself; name the one that goes first, or delete the line [rules/follows]"
      ])
    #expect(
      load(rule("first-one", "") + rule("b", "  follows: frist-one\n")).lines == [
        "rules.yaml:6:12: error: there is no rule `frist-one`; did you mean `first-one`? [rules/follows]"
      ])
    #expect(
      load(rule("a", "  phase: later\n") + rule("b", "  follows: a\n")).lines == [
        "rules.yaml:7:12: error: `a` runs in the phase `later` and this rule in `after`; `follows` orders rules of one phase [rules/follows]"
      ])
    // One that is switched off counts for nothing.
    #expect(order(rule("a", "  enabled: false\n") + rule("b", "  follows: a\n")) == ["b"])
  }

  @Test func `a rule that is switched off keeps no other from running`() {
    let loaded = load(
      """
      - rule: off
        enabled: false
        trigger: {saved: Order}
        when: order.nothing
        action: {reject: no}
      - rule: works
        trigger: {saved: Order}
        action: {create: Log, text: x}
      """)
    #expect(
      loaded.lines == [
        "rules.yaml:4:9: warning: `order.nothing` does not exist; Order has no such field (this rule is switched off) [rules/unknown-field]"
      ])
    #expect(loaded.rules?.rules.map(\.name) == ["works"])
    #expect(loaded.rules?.disabled == ["off"])
  }

  @Test func `files are taken in the order of their paths`() {
    let rule = { (name: String) in
      "- rule: \(name)\n  trigger: {saved: Order}\n  action: {create: Log, text: x}\n"
    }
    let loaded = load(
      (name: "b/a.yaml", text: rule("three")), (name: "a.yaml", text: rule("two")),
      (name: "B.yaml", text: rule("one")), (name: "b/é.yaml", text: rule("four")))
    #expect(loaded.rules?.rules.map(\.name) == ["one", "two", "three", "four"])
  }
}
