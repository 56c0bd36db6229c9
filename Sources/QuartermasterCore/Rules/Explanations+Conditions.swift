import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes about what conditions decide, and what they cost.
  static let ruleConditions: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "rules/never",
      text:
        "A condition is never true, so that what it guards never runs. It contradicts one that stands before it, or what "
        + "the schema says: `in`, `flow`, `min` and `max`, `required`, roll-ups. Or the edge cannot be: what is always "
        + "true never becomes true, and what is read never changes.",
      wrong: """
        - rule: small-pack
          trigger:
            changed: Product
            becomes: product.packSize < 1
          action:
            - notify: managers
              message: ${product.name} has no pack size.
        """,
      right: """
        - rule: small-pack
          trigger:
            changed: Product
            becomes: product.packSize == 1
          action:
            - notify: managers
              message: ${product.name} is bought piece by piece.
        """),
    DiagnosticExplanation(
      code: "rules/always",
      text:
        "A condition is always true and decides nothing: the schema says it already, or one that stands before it. Often "
        + "another field or another number was meant.",
      wrong: """
        - rule: new-offer
          trigger:
            created: SupplierProduct
          when: supplierProduct.price >= 0
          action:
            - notify: buyers
              message: ${supplierProduct.supplier.name} has a new offer.
        """,
      right: """
        - rule: new-offer
          trigger:
            created: SupplierProduct
          when: supplierProduct.price > 0
          action:
            - notify: buyers
              message: ${supplierProduct.supplier.name} has a new offer.
        """),
    DiagnosticExplanation(
      code: "rules/scan",
      text:
        "A rule that starts with a change asks for records by a field that no index leads to, so that SQLite reads the "
        + "whole table each time. With a few hundred records nobody notices; with a million each save takes seconds. The "
        + "note shows the statement. A schedule may take its time and is not noted.",
      wrong: """
        - rule: same-carrier
          trigger:
            created: Shipment
          when: Shipment.exists(s, s != shipment && s.carrier == shipment.carrier)
          action:
            - notify: managers
              message: Two parcels for one carrier.
        """,
      right: """
        - rule: same-customer
          trigger:
            created: Order
          when: Order.exists(o, o != order && o.customer == order.customer && o.reference == order.reference)
          action:
            - notify: managers
              message: Two orders with one reference.
        """),
    DiagnosticExplanation(
      code: "rules/braces",
      text:
        "Where a formula is expected it is written bare; `${...}` is for holes in a text. It means the same, and "
        + "`check --fix` takes the braces off.",
      wrong: """
        - rule: large-order
          trigger:
            saved: Order
          when: ${order.totalAmount > 1000}
          action:
            - notify: managers
              message: Order ${order.number} is large.
        """,
      right: """
        - rule: large-order
          trigger:
            saved: Order
          when: order.totalAmount > 1000
          action:
            - notify: managers
              message: Order ${order.number} is large.
        """),
  ]
}
