/// The day of business that a template brings: what it is about, and what is looked at in the end.
struct TemplateDay: Sendable {
  /// The name of the template.
  let template: String
  /// What happens, in a sentence.
  let story: String
  /// What is shown of the data, each a query.
  let tables: [(title: String, query: String)]
  /// A record whose reason is asked for, as an expression that gives `Class/id`.
  let why: String

  /// The file of changes, below the project.
  static let path = "data/day.jsonl"

  /// The days of all templates.
  static let all = [
    TemplateDay(
      template: "supply",
      story: "A trader sells more than there is, buys, receives, and ships what was waiting.",
      tables: [
        (
          "Customers' orders",
          #"Order.map(o, {"number": o.number, "customer": o.customer.name, "status": o.status, "total": o.totalAmount})"#
        ),
        (
          "Purchase orders",
          #"PurchaseOrder.map(p, {"number": p.number, "supplier": p.supplier.name, "status": p.status, "total": p.totalAmount})"#
        ),
        (
          "Stock",
          #"Inventory.map(i, {"product": i.product.name, "quantity": i.quantity, "reserved": i.reserved})"#
        ),
        (
          "Shipments",
          #"Shipment.map(s, {"order": s.order.number, "carrier": s.carrier, "status": s.status})"#
        ),
        ("Messages", #"Message.map(m, {"to": m.to, "message": m.message})"#),
      ],
      why: #""Shipment/" + Shipment.map(s, s.objectId).last()"#),
    TemplateDay(
      template: "supplier-ordering",
      story:
        "Stock falls to its thresholds, and purchase orders write themselves, leave and come in.",
      tables: [
        (
          "Orders",
          #"Order.map(o, {"product": o.product.name, "quantity": o.quantity, "status": o.status})"#
        ),
        (
          "Purchase orders",
          #"PurchaseOrder.map(p, {"supplier": p.supplier.name, "status": p.status, "total": p.totalAmount, "lines": p.products.map(l, string(l.quantity) + " x " + Product[string(l.product)].name).join(", ")})"#
        ),
        (
          "Stock",
          #"Inventory.map(i, {"product": i.product.name, "quantity": i.quantity, "threshold": i.threshold})"#
        ),
        (
          "Automations",
          #"Automation.map(a, {"rule": a.name, "enabled": a.enabled, "trigger": a.trigger})"#
        ),
        ("Messages", #"Message.map(m, {"to": m.to, "message": m.message})"#),
      ],
      why: #""PurchaseOrder/" + PurchaseOrder.map(p, p.objectId).last()"#),
    TemplateDay(
      template: "order-fulfillment",
      story: "Customers check out, parcels leave, a driver finds nobody; all hear of each step.",
      tables: [
        (
          "Orders",
          #"Order.map(o, {"order": o.orderId, "user": o.user.username, "status": o.status, "total": o.totalAmount})"#
        ),
        ("Stock", #"Product.map(p, {"product": p.name, "stock": p.stock})"#),
        (
          "Shipments",
          #"Shipment.map(s, {"order": s.order.orderId, "parcel": s.trackingNumber, "carrier": s.carrier, "status": s.status})"#
        ),
        (
          "Deliveries",
          #"Delivery.map(d, {"order": d.order.orderId, "status": d.status, "latitude": d.location.latitude, "longitude": d.location.longitude})"#
        ),
        (
          "Notifications",
          #"Notification.map(n, {"user": n.user.username, "read": n.read, "message": n.message})"#
        ),
      ],
      why: #""Notification/" + Notification.map(n, n.objectId).last()"#),
    TemplateDay(
      template: "warehouse-ops",
      story: "Goods are put away, counted and picked, orders are fulfilled, and shipments arrive.",
      tables: [
        (
          "Bins",
          #"Bin.map(b, {"bin": b.location, "capacity": b.capacity, "load": b.currentLoad})"#
        ),
        ("Items", #"Item.map(i, {"sku": i.sku, "bin": i.bin.location, "quantity": i.quantity})"#),
        (
          "Orders",
          #"Order.map(o, {"customer": o.customerName, "status": o.status, "picked": o.items.map(l, int(l.picked)).sum()})"#
        ),
        (
          "Shipments",
          #"Shipment.map(s, {"order": s.order.customerName, "number": s.trackingNumber, "status": s.status})"#
        ),
        ("Messages", #"Message.map(m, {"to": m.to, "message": m.message})"#),
      ],
      why:
        #""Order/" + Order.filter(o, o.status == "shipped").map(o, o.objectId).first() + ".status""#
    ),
  ]

  /// Returns the day of a template, or nil.
  static func named(_ name: String) -> TemplateDay? { all.first { $0.template == name } }
}
