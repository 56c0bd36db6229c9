import Quartermaster

/// Opening, writing, and what comes back.
func writing() throws -> Engine {
  var configuration = Engine.Configuration()
  configuration.clock = .manual(try instant("2026-03-02T09:00:00Z"))
  let engine = try Engine.open(nil, domain: .supply, configuration: configuration)

  try engine.write { db in
    try db.create("Supplier", id: "acme", ["name": "Acme", "leadTime": "3d"])
    try db.create(
      "Product", id: "bolt",
      [
        "sku": "B-8", "name": "M8 bolt", "supplier": "acme", "cost": "0.12", "packSize": 12,
        "reorderPoint": 20, "orderUpTo": 60, "active": false,
      ])
    try db.create("Inventory", id: "bolts", ["product": "bolt", "quantity": 50])
    try db.set("Product", id: "bolt", ["active": true])
  }

  let outcome = try engine.write { db in
    try db.set("Inventory", id: "bolts", ["quantity": 18])
  }
  for firing in outcome.firings {
    print(firing.rule, firing.record ?? "-", firing.notes)
  }
  for change in outcome.changes where change.kind == .created {
    print("made", change.className)
  }
  return engine
}

/// What is refused leaves nothing behind, and says why.
func refusing(_ engine: Engine) throws {
  do {
    try engine.write { db in
      try db.set("Inventory", id: "bolts", ["quantity": 17])
      try db.set("PurchaseOrder", id: "nobody", ["destination": "Lyon"])
    }
  } catch let refusal as Refusal {
    print(refusal.reason, "-", refusal.message)
  }
  let quantity: Int64? = try engine.read { db in
    try db.find("Inventory", id: "bolts").map { try db.reader(of: $0)["quantity"] }
  }
  print("quantity", quantity ?? -1)
}

/// Many operations in one commit: each is kept or undone alone.
func importing(_ engine: Engine, _ rows: [(id: String, quantity: Int64)]) throws {
  let refused = try engine.batch { batch in
    var refused: [String] = []
    for row in rows {
      do {
        try batch.write { db in
          try db.set("Inventory", id: row.id, ["quantity": .int(row.quantity)])
        }
      } catch let refusal as Refusal { refused.append("\(row.id): \(refusal.message)") }
    }
    return refused
  }
  print("refused", refused)
}
