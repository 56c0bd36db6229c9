import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of rule files about the shape of rules: keys, triggers, phases, names.
  ///
  /// The examples are rules over the template `supply`. What is wrong inside a formula has the code of the expression
  /// language, with `rules/` in place of `cel/`.
  static let ruleShapes: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "rules/shape",
      text:
        "The file or the item is not built as rules are: a file is a list of rules and tests, a key takes one value, a "
        + "list, or keys and values of its own, and the verb is the first key of an action.",
      wrong: """
        - rule: pay-later
          trigger: Order
          action:
            - notify: managers
              message: A new order.
        """,
      right: """
        - rule: pay-later
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """),
    DiagnosticExplanation(
      code: "rules/missing-key",
      text:
        "A rule needs `rule`, `trigger` and `action`; a verb needs its arguments, as `notify` needs `message`.",
      wrong: """
        - rule: new-order
          trigger:
            created: Order
          action:
            - notify: managers
        """,
      right: """
        - rule: new-order
          trigger:
            created: Order
          action:
            - notify: managers
              message: Order ${order.number} came in.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-key",
      text: "The key is none of those that may stand here; often it is a slip of the finger.",
      wrong: """
        - rule: new-order
          trigger:
            created: Order
          actions:
            - notify: managers
              message: A new order.
        """,
      right: """
        - rule: new-order
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """),
    DiagnosticExplanation(
      code: "rules/duplicate",
      text:
        "Two rules have one name, or one thing is given twice. The name of a rule stands in the journal and in the "
        + "data file, so it names one rule.",
      wrong: """
        - rule: new-order
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        - rule: new-order
          trigger:
            deleted: Order
          action:
            - notify: managers
              message: An order is gone.
        """,
      right: """
        - rule: new-order
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        - rule: order-gone
          trigger:
            deleted: Order
          action:
            - notify: managers
              message: An order is gone.
        """),
    DiagnosticExplanation(
      code: "rules/name",
      text:
        "Rules are named with small letters, digits and `-`; what a rule itself names (`let`, `as`, `each`) with "
        + "letters, digits and `_`, as formulas read it.",
      wrong: """
        - rule: New Order
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """,
      right: """
        - rule: new-order
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """),
    DiagnosticExplanation(
      code: "rules/duration",
      text:
        "A duration is a number with a unit, or several: `90m`, `24h`, `3d`, `1h30m`. Units are ms, s, m, h and d.",
      wrong: """
        - rule: chase
          trigger:
            saved: Order
            becomes: order.status == "pending"
            for: one day
          action:
            - notify: managers
              message: Order ${order.number} is still pending.
        """,
      right: """
        - rule: chase
          trigger:
            saved: Order
            becomes: order.status == "pending"
            for: 24h
          action:
            - notify: managers
              message: Order ${order.number} is still pending.
        """),
    DiagnosticExplanation(
      code: "rules/trigger",
      text:
        "A rule has exactly one trigger: a change of records (created, changed, saved, deleted), a schedule (every, "
        + "cron) or a signal. Some keys go with some of them only: `for` needs `becomes`, `at` needs a day.",
      wrong: """
        - rule: chase
          trigger:
            saved: Order
            for: 24h
          action:
            - notify: managers
              message: Order ${order.number} is still pending.
        """,
      right: """
        - rule: chase
          trigger:
            saved: Order
            becomes: order.status == "pending"
            for: 24h
          action:
            - notify: managers
              message: Order ${order.number} is still pending.
        """),
    DiagnosticExplanation(
      code: "rules/becomes",
      text:
        "`becomes` and `due` are judged on the two versions of one row, so that an edge needs nothing stored and can be "
        + "replayed. What is read elsewhere belongs to `when`, which is judged when the rule fires.",
      wrong: """
        - rule: gone-bad
          trigger:
            saved: OrderLine
            becomes: orderLine.order.status == "paid"
          action:
            - notify: managers
              message: A line was paid.
        """,
      right: """
        - rule: gone-bad
          trigger:
            saved: OrderLine
          when: orderLine.order.status == "paid"
          action:
            - notify: managers
              message: A line was paid.
        """),
    DiagnosticExplanation(
      code: "rules/phase",
      text:
        "A rule of the phase `before` runs while its record is being written: it may set fields of that record, or "
        + "reject. A rule of the phase `later` runs after the commit. Both start with a change of a record, and neither "
        + "waits.",
      wrong: """
        - rule: hold
          phase: before
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """,
      right: """
        - rule: hold
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """),
    DiagnosticExplanation(
      code: "rules/authority",
      text:
        "A rule with `authority: actor` may do what who made the change may do by access.yaml, and sees what he sees. A "
        + "schedule, a rule that waits with `for` or `due`, and a rule of the phase `later` run when nobody acts: they act "
        + "as the system.",
      wrong: """
        - rule: sweep
          authority: actor
          trigger:
            every: day
          action:
            - notify: managers
              message: A new day.
        """,
      right: """
        - rule: sweep
          trigger:
            every: day
          action:
            - notify: managers
              message: A new day.
        """),
    DiagnosticExplanation(
      code: "rules/follows",
      text:
        "`follows` names rules of the same phase that go first. It must name a rule that is there, and may not go round.",
      wrong: """
        - rule: second
          follows: frist
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """,
      right: """
        - rule: first
          trigger:
            created: Order
          action:
            - notify: buyers
              message: A new order.
        - rule: second
          follows: first
          trigger:
            created: Order
          action:
            - notify: managers
              message: A new order.
        """),
    DiagnosticExplanation(
      code: "rules/let",
      text: "The values of `let` may use one another, but none may need itself.",
      wrong: """
        - rule: digest
          trigger:
            every: day
          let:
            a: b + 1
            b: a + 1
          action:
            - notify: managers
              message: ${a}
        """,
      right: """
        - rule: digest
          trigger:
            every: day
          let:
            a: Order.size()
            b: a + 1
          action:
            - notify: managers
              message: ${b}
        """),
    DiagnosticExplanation(
      code: "rules/each",
      text: "`each` reads as in a sentence: a name, `in`, and the list that it goes through.",
      wrong: """
        - rule: note-lines
          trigger:
            created: Order
          action:
            - notify: managers
              each: order.lines
              message: A line.
        """,
      right: """
        - rule: note-lines
          trigger:
            created: Order
          action:
            - notify: managers
              each: line in order.lines
              message: ${line.quantity} of ${line.product.name}
        """),
    DiagnosticExplanation(
      code: "rules/shadow",
      text:
        "A name of the rule's own may not hide another one in scope: a reader could take one for the other.",
      wrong: """
        - rule: note-lines
          trigger:
            created: Order
          action:
            - notify: managers
              each: order in order.lines
              message: A line.
        """,
      right: """
        - rule: note-lines
          trigger:
            created: Order
          action:
            - notify: managers
              each: line in order.lines
              message: A line of ${line.quantity}.
        """),
    DiagnosticExplanation(
      code: "rules/test",
      text:
        "A test has `given`, `do` and `expect`. Steps are verbs, `wait`, `together` or `expect`; it expects formulas, "
        + "`fired`, `quiet`, `notified`, `rejected` or `called`, of rules that are there.",
      wrong: """
        - test: nothing happens
          do:
            - wait: 1d
          expect:
            - fired: reorder
        """,
      right: """
        - test: nothing happens
          do:
            - wait: 1d
          expect:
            - Order.size() == 0
        """),
  ]
}
