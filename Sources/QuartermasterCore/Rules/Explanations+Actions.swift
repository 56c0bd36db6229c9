import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of rule files about formulas, texts, actions, and what rules do to each other.
  static let ruleContents: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "rules/action",
      text:
        "A verb is used in a way it cannot be: without its record, with a key that goes with another one, or "
        + "with nothing to do.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - set: order
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - set: order
              held: true
        """),
    DiagnosticExplanation(
      code: "rules/constant",
      text:
        "A value that stands in the file does not fit its field: too many digits, out of range, too long, no "
        + "instant.",
      wrong: """
        - rule: example
          trigger:
            created: OrderLine
          action:
            - set: orderLine
              price: 1.999
        """,
      right: """
        - rule: example
          trigger:
            created: OrderLine
          action:
            - set: orderLine
              price: 1.99
        """),
    DiagnosticExplanation(
      code: "rules/words",
      text:
        "A formula is needed, and there are words. Numbers, records, lists and conditions are formulas; texts "
        + "are words with `${...}` holes.",
      wrong: """
        - rule: example
          trigger:
            created: OrderLine
          action:
            - set: orderLine
              quantity: twenty pieces
        """,
      right: """
        - rule: example
          trigger:
            created: OrderLine
          action:
            - set: orderLine
              quantity: 20
        """),
    DiagnosticExplanation(
      code: "rules/formula-in-text",
      text:
        "Words are needed, and there is a formula. `${...}` puts its value into the text; without it the "
        + "formula itself would be stored.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - set: order
              reference: order.number
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - set: order
              reference: ${order.number}
        """),
    DiagnosticExplanation(
      code: "rules/hole",
      text:
        "A hole `${...}` is opened and not closed, or empty. `$${` stands for the characters themselves.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: Order ${order.number came in.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: Order ${order.number} came in.
        """),
    DiagnosticExplanation(
      code: "rules/null-hole",
      text:
        "The value of a hole may be null, and then nothing is printed in its place. Say what is printed then, "
        + "or when the message is sent at all.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - notify: managers
              message: Your reference ${order.reference}.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          when: order.reference != null
          action:
            - notify: managers
              message: Your reference ${order.reference}.
        """),
    DiagnosticExplanation(
      code: "rules/nullable",
      text:
        "The value may be null where none is allowed: null has no fields, no order and no arithmetic. Guard "
        + "it; what a `when` excludes holds in what follows.",
      wrong: """
        - rule: example
          trigger:
            created: Inventory
          action:
            - notify: managers
              message: ${inventory.bin.code} holds something new.
        """,
      right: """
        - rule: example
          trigger:
            created: Inventory
          when: inventory.bin != null
          action:
            - notify: managers
              message: ${inventory.bin.code} holds something new.
        """),
    DiagnosticExplanation(
      code: "rules/type",
      text:
        "Types that do not go together: a text where a number is needed, a list where one record is, a double "
        + "where money is. Nothing is converted silently.",
      wrong: """
        - rule: example
          trigger:
            created: OrderLine
          action:
            - set: orderLine
              quantity: orderLine.product.name
        """,
      right: """
        - rule: example
          trigger:
            created: OrderLine
          action:
            - set: orderLine
              quantity: orderLine.product.packSize
        """),
    DiagnosticExplanation(
      code: "rules/mixed-old",
      text:
        "`old` and `new` are fixed for the firing; the record's own name is the record as it is by now, with "
        + "what earlier rules changed. A difference of the two counts such changes twice.",
      wrong: """
        - rule: example
          trigger:
            changed: Inventory.quantity
          action:
            - notify: managers
              message: ${inventory.quantity - old.quantity} pieces more.
        """,
      right: """
        - rule: example
          trigger:
            changed: Inventory.quantity
          action:
            - notify: managers
              message: ${new.quantity - old.quantity} pieces more.
        """),
    DiagnosticExplanation(
      code: "rules/finds-itself",
      text:
        "A rule after the write sees the new record in its class. A search for others like it finds the "
        + "record itself.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          when: Order.exists(o, o.customer == order.customer)
          action:
            - notify: managers
              message: A second order of one customer.
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          when: Order.exists(o, o != order && o.customer == order.customer)
          action:
            - notify: managers
              message: A second order of one customer.
        """),
    DiagnosticExplanation(
      code: "rules/read-only",
      text:
        "The field is kept by the engine: computed, rolled up, a relation back, or one of objectId, createdAt "
        + "and updatedAt. Messages too are written by the engine alone.",
      wrong: """
        - rule: example
          trigger:
            created: Product
          action:
            - set: product
              onHand: 12
        """,
      right: """
        - rule: example
          trigger:
            created: Inventory
          action:
            - set: inventory
              quantity: 12
        """),
    DiagnosticExplanation(
      code: "rules/flow",
      text:
        "The flow of the status has no such move, from a state that the rule knows the record to be in.",
      wrong: """
        - rule: example
          trigger:
            changed: Order
            becomes: order.status == "pending"
          action:
            - advance: order
              to: delivered
        """,
      right: """
        - rule: example
          trigger:
            changed: Order
            becomes: order.status == "shipped"
          action:
            - advance: order
              to: delivered
        """),
    DiagnosticExplanation(
      code: "rules/loop",
      text:
        "The rules may wake each other in a ring: each writes what the next one waits for. An operation that "
        + "does not come to rest is undone after 16 rounds. A `becomes` or a guard that is false after the "
        + "rule's own write ends the ring.",
      wrong: """
        - rule: example
          trigger:
            changed: Inventory.quantity
          action:
            - set: inventory
              quantity: inventory.quantity + 1
        """,
      right: """
        - rule: example
          trigger:
            changed: Inventory.quantity
          when: inventory.quantity < 0
          action:
            - set: inventory
              quantity: 0
        """),
    DiagnosticExplanation(
      code: "rules/order",
      text:
        "Two rules start together, and what one does changes what the other sees or sets. File order decides "
        + "today; say it with `follows`, so that nobody moves it by accident.",
      wrong: """
        - rule: hold
          trigger:
            created: Order
            becomes: order.status == "paid"
          action:
            - set: order
              held: true
        - rule: free
          trigger:
            created: Order
            becomes: order.status == "paid"
          action:
            - set: order
              held: false
        """,
      right: """
        - rule: hold
          trigger:
            created: Order
            becomes: order.status == "paid"
          action:
            - set: order
              held: true
        - rule: free
          trigger:
            created: Order
            becomes: order.status == "paid"
          follows: hold
          action:
            - set: order
              held: false
        """),
    DiagnosticExplanation(
      code: "rules/sweep",
      text:
        "The rule acts on an edge, and an edge that is missed (a load without rules, a skipped firing) does "
        + "not come again. A second rule by schedule catches what it missed.",
      wrong: """
        - rule: example
          trigger:
            saved: Product
            becomes: product.projected <= product.reorderPoint
          action:
            - purchase: product
              quantity: product.orderUpTo - product.projected
        """,
      right: """
        - rule: example
          trigger:
            saved: Product
            becomes: product.projected <= product.reorderPoint
          action:
            - purchase: product
              quantity: product.orderUpTo - product.projected
        - rule: sweep
          trigger:
            every: day
          action:
            - purchase: product
              each: product in Product.filter(p, p.projected <= p.reorderPoint)
              quantity: product.orderUpTo - product.projected
        """),
    DiagnosticExplanation(
      code: "rules/missing-field",
      text:
        "The class requires a field, and neither the action nor a before rule gives it: the write will be "
        + "refused.",
      wrong: """
        - rule: example
          trigger:
            created: Order
          action:
            - create: Shipment
              carrier: ACME
        """,
      right: """
        - rule: example
          trigger:
            created: Order
          action:
            - create: Shipment
              order: order
              carrier: ACME
        """),
    DiagnosticExplanation(
      code: "rules/recipient",
      text:
        "A record can only be told something when its class says in the schema how: `contact: {user: user, "
        + "email: email}`.",
      wrong: """
        - rule: example
          trigger:
            created: Product
          action:
            - notify: product
              message: You are new.
        """,
      right: """
        - rule: example
          trigger:
            created: Product
          action:
            - notify: product.supplier
              message: We list ${product.name} now.
        """),
  ]
}
