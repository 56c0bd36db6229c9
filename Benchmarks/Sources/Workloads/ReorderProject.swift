import Foundation

/// The project folder of W1: what the floors have as tables and triggers, as schema and rules.
enum ReorderProject {
  static let settings = """
    # Commits like the floors: synchronous=NORMAL.
    durability: relaxed
    """

  static let schema = """
    domain: reorder
    classes:
      Supplier:
        name: {type: String, required: true}
        active: {type: Boolean, default: true}
      Product:
        sku: {type: String, required: true}
        supplier: {type: Supplier, required: true}
        category: {type: String, required: true}
        priceCents: {type: Integer, required: true}
      Inventory:
        product: {type: Product, required: true, unique: true, inverse: stock}
        quantity: {type: Integer, required: true}
        threshold: {type: Integer, required: true}
      PurchaseOrder:
        supplier: {type: Supplier, required: true}
        status:
          type: String
          default: draft
          flow: {draft: [ordered], ordered: [received], received: []}
        totalAmount: {type: Integer, default: 0}
        lineCount: {type: Integer, default: 0}
        index: [[supplier, status], [status]]
      PurchaseOrderLine:
        order: {type: PurchaseOrder, required: true, inverse: lines}
        product: {type: Product, required: true, inverse: orderLines}
        quantity: {type: Integer, required: true}
        unitPrice: {type: Integer, required: true}
      Notification:
        kind: {type: String, required: true}
        product: {type: Product, required: true}
        order: {type: PurchaseOrder, required: true}
        message: {type: String, required: true}
    signals:
      close-oldest-order: {}
    """

  static let rules = """
    - rule: no-negative-stock
      phase: before
      trigger:
        changed: Inventory.quantity
      when: inventory.quantity != null && inventory.quantity < 0
      action:
        - reject: negative stock

    - rule: reorder
      trigger:
        changed: Inventory.quantity
      when:
        - inventory.quantity <= inventory.threshold
        - (!inventory.product.orderLines.exists(l, l.order.status in ["draft", "ordered"]))
      action:
        - ensure: PurchaseOrder
          as: draft
          match:
            supplier: inventory.product.supplier
            status: draft
        - create: PurchaseOrderLine
          as: line
          order: draft
          product: inventory.product
          quantity: 2 * inventory.threshold - inventory.quantity
          unitPrice: inventory.product.priceCents
        - create: Notification
          kind: reorder
          product: inventory.product
          order: draft
          message: Reorder ${inventory.product.sku} x ${line.quantity}
        - set: draft
          totalAmount: draft.totalAmount + line.quantity * line.unitPrice
          lineCount: draft.lineCount + 1
        - advance: draft
          when: draft.lineCount == 10
          to: ordered

    - rule: close-oldest-order
      trigger:
        signal: close-oldest-order
      action:
        - advance: oldest
          each: oldest in PurchaseOrder.filter(p, p.status == "ordered").sortBy(p, p.objectId).slice(0, 1)
          to: received

    - rule: receive-order
      trigger:
        changed: PurchaseOrder
        becomes: purchaseOrder.status == "received"
      action:
        - set: line.product.stock
          each: line in purchaseOrder.lines
          when: line.product.stock != null
          quantity: line.product.stock.quantity + line.quantity
    """

  /// Writes the folder.
  static func write(to folder: URL) throws {
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("rules"), withIntermediateDirectories: true)
    for (path, text) in [
      ("quartermaster.yaml", settings), ("schema.yaml", schema), ("rules/reorder.yaml", rules),
    ] {
      try (text + "\n").write(
        to: folder.appendingPathComponent(path), atomically: false, encoding: .utf8)
    }
  }
}

/// The rows that W1 must end in, the same text for every implementation: orders and lines have other ids in each, but
/// they are made in the same order, so their places stand for them.
enum ReorderState {
  /// The queries on a file of Quartermaster.
  static let own = [
    "SELECT CAST(objectId AS INTEGER), quantity FROM Inventory ORDER BY objectId",
    """
    SELECT row_number() OVER (ORDER BY objectId), CAST(supplier AS INTEGER), status, totalAmount,
      lineCount FROM PurchaseOrder ORDER BY objectId
    """,
    """
    WITH o AS (SELECT objectId id, row_number() OVER (ORDER BY objectId) n FROM PurchaseOrder)
    SELECT o.n, CAST(l.product AS INTEGER), l.quantity, l.unitPrice
    FROM PurchaseOrderLine l JOIN o ON o.id = l."order" ORDER BY l.objectId
    """,
    """
    WITH o AS (SELECT objectId id, row_number() OVER (ORDER BY objectId) n FROM PurchaseOrder)
    SELECT t.kind, CAST(t.product AS INTEGER), o.n, t.message
    FROM Notification t JOIN o ON o.id = t."order" ORDER BY t.objectId
    """,
  ]

  /// The same on a file of a floor.
  static let floor = [
    "SELECT id, quantity FROM Inventory ORDER BY id",
    "SELECT id, supplierId, status, totalAmount, lineCount FROM PurchaseOrder ORDER BY id",
    "SELECT orderId, productId, quantity, unitPrice FROM PurchaseOrderLine ORDER BY id",
    "SELECT kind, productId, orderId, message FROM Notification ORDER BY id",
  ]

  /// What W1 of the usual size ends in: the stock, the orders, the lines and the amount of all.
  static let usual = (inventory: 384_308, orders: 1765, lines: 16_792, amount: 3_508_887_409)
}
