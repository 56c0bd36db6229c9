public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of rule files about names that nothing has.
  static let ruleNames: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "rules/unknown-class",
      text:
        "The schema has no class of this name.",
      wrong: """
        - rule: example
          trigger:
            created: Oder
          action:
            - notify: managers
              message: New.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: New.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-field",
      text:
        "The class has no field of this name.",
      wrong: """
        - rule: example
          trigger:
            changed: Product.reoderPoint
          action:
            - notify: managers
              message: Changed.
        """,
      right: """
        - rule: example
          trigger:
            changed: Product.reorderPoint
          action:
            - notify: managers
              message: Changed.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-name",
      text:
        "Nothing of this name is in scope. The record is named after its class, its fields are written with "
        + "it: `order.number`.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: ${number} is new.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: ${order.number} is new.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-status",
      text:
        "The field has no such value; the schema lists them.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - advance: order
              to: payed
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - advance: order
              to: paid
        """),
    DiagnosticExplanation(
      code: "rules/unknown-verb",
      text:
        "There is no verb of this name, neither of the language nor declared in the schema.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - cancel: order
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - advance: order
              to: cancelled
        """),
    DiagnosticExplanation(
      code: "rules/unknown-group",
      text:
        "Groups stand in quartermaster.yaml under `groups:`.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: manager
              message: New.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: New.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-channel",
      text:
        "Channels stand in quartermaster.yaml under `channels:`; `inbox` and `log` are always there.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              by: pigeon
              message: New.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              by: log
              message: New.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-signal",
      text:
        "Signals are declared in the schema under `signals:`, with what they carry.",
      wrong: """
        - rule: example
          trigger:
            signal: goods-arived
          action:
            - notify: managers
              message: Goods.
        """,
      right: """
        - rule: example
          trigger:
            signal: goods-arrived
          action:
            - notify: managers
              message: Goods.
        """),
    DiagnosticExplanation(
      code: "rules/unknown-call",
      text:
        "Calls of the host are declared in the schema under `calls:`, with their arguments.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - call: print-label
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: Print a label.
        """),
  ]

  /// The codes of rule files: those of their own, and those of expressions under the name that rule files show.
  public static let rules: [DiagnosticExplanation] = {
    let own = ruleShapes + ruleContents + ruleNames + ruleConditions
    let known = Set(own.map(\.code))
    let inFormulas = expressions.map { item in
      DiagnosticExplanation(
        code: "rules/" + item.code.dropFirst("cel/".count), text: item.text, wrong: item.wrong,
        right: item.right)
    }
    return own + inFormulas.filter { !known.contains($0.code) }
  }()
}
