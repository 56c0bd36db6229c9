import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let shop = """
  classes:
    Supplier:
      name: {type: String, required: true}
    Product:
      sku: {type: String, required: true, unique: true, maxLength: 10}
      supplier: {type: Supplier, inverse: products}
      substitute: {type: Product, onDelete: clear, inverse: substitutes}
      price: {type: Decimal, scale: 2, min: 0, default: 0}
      note: String
      onHand: {sum: inventory.quantity}
    Inventory:
      product: {type: Product, required: true, inverse: inventory, onDelete: cascade}
      shelf: Integer
      quantity: {type: Integer, default: 0}
      unique: [[product, shelf]]
    Order:
      number: {type: String, unique: true, sequence: "SO-%03d"}
      status: {type: String, default: open, flow: {open: [paid], paid: [sent], sent: []}}
  """

@Test func `a record is made with defaults, times and a number, and its before rules see them`()
  throws
{
  let test = try TestStore(shop)
  test.hooks.onBefore = { record, old, row throws(Refusal) in
    guard record.type.name == "Order", let row, old == nil else { return }
    #expect(row.values[2].description == "\"SO-001\"")
    row.values[3] = .string("paid")
  }
  try test.run { writing throws(Refusal) in
    let order = try writing.create("Order")
    #expect(order.id.utf8.count == 12)
    #expect(try writing.text("Order", order.id, "status") == "\"paid\"")
    #expect(order.row?.values[0].description == "2026-01-01T00:00:00Z")
  }
  #expect(
    test.hooks.lines.map { $0.split(separator: "/")[0] } == ["before Order", "touched Order"])
}

@Test func `numbers skip those that came with the data, and go back with the operation`() throws {
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Order", "a", #"{"number": "SO-001"}"#)
    try writing.create("Order", "b", #"{"number": "SO-002"}"#)
    let mark = writing.store.mark()
    let undone = try writing.create("Order")
    #expect(try writing.text("Order", undone.id, "number") == "\"SO-003\"")
    try writing.store.undo(to: mark)
    #expect(undone.isDeleted)
    let next = try writing.create("Order", nil, #"{"number": null}"#)
    #expect(next.id == undone.id)
    #expect(try writing.text("Order", next.id, "number") == "\"SO-003\"")
  }
}

@Test func `a write that changes nothing calls nobody`() throws {
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Product", "p", #"{"sku": "s", "price": 5}"#)
  }
  test.hooks.lines = []
  try test.run(at: Timestamp(milliseconds: 2_000_000_000_000)) { writing throws(Refusal) in
    #expect(try writing.set("Product", "p", #"{"price": 5.00, "note": null}"#) == false)
  }
  #expect(test.hooks.lines == [])
  // What a before rule takes back is no change either.
  test.hooks.onBefore = { _, old, row throws(Refusal) in
    if let old, let row { row.values[6] = old.values[6] }
  }
  try test.run { writing throws(Refusal) in
    #expect(try writing.set("Product", "p", #"{"note": "x"}"#) == false)
    let row = try writing.store.existing(writing.definition("Product").recordType, "p")?.row
    #expect(row?.values[1].description == "2026-01-01T00:00:00Z")
  }
  #expect(test.hooks.lines == ["before Product/p"])
}

@Test func `what the schema does not allow is refused in words`() throws {
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Supplier", "s", #"{"name": "Acme"}"#)
    try writing.create("Product", "p1", #"{"sku": "bolt", "supplier": "s"}"#)
    try writing.create("Product", "p2", #"{"sku": "nut"}"#)
    try writing.create("Inventory", "i1", #"{"product": "p1", "shelf": 1}"#)
    try writing.create("Inventory", "i2", #"{"product": "p1"}"#)
    try writing.create("Inventory", "i3", #"{"product": "p1"}"#)
    try writing.create("Order", "o", #"{"status": "sent"}"#)
  }
  func refusal(_ body: (Writing) throws(Refusal) -> Void) -> String? { test.refusal(body) }
  #expect(
    refusal { writing throws(Refusal) in try writing.create("Product", "p3", #"{"sku": "bolt"}"#) }
      == "Product: sku is there already (p1)")
  #expect(
    refusal { writing throws(Refusal) in try writing.set("Product", "p2", #"{"sku": "bolt"}"#) }
      == "Product: sku is there already (p1)")
  #expect(
    refusal { writing throws(Refusal) in
      try writing.create("Inventory", nil, #"{"product": "p1", "shelf": 1}"#)
    } == "Inventory: product and shelf is there already (i1)")
  #expect(
    refusal { writing throws(Refusal) in try writing.create("Product", "p1", #"{"sku": "x"}"#) }
      == "Product/p1 is there already")
  #expect(
    refusal { writing throws(Refusal) in try writing.create("Product", "p4") }
      == "Product.sku is required")
  #expect(
    refusal { writing throws(Refusal) in
      try writing.create("Product", "p4", #"{"sku": "x", "supplier": "nobody"}"#)
    } == "Product.supplier points at Supplier/nobody, which is not there")
  #expect(
    refusal { writing throws(Refusal) in try writing.set("Product", "p1", #"{"price": null}"#) }
      == "Product.price may not be null: it has a default, so that rules can rely on a value")
  #expect(
    refusal { writing throws(Refusal) in try writing.set("Order", "o", #"{"status": "open"}"#) }
      == "Order.status may not go from sent to open (sent is an end)")
  #expect(
    refusal { writing throws(Refusal) in try writing.set("Product", "p1", #"{"onHand": 3}"#) }
      == "Product.onHand is computed; set the fields it is made from")
  #expect(
    refusal { writing throws(Refusal) in try writing.set("Product", "gone", #"{"note": "x"}"#) }
      == "Product/gone cannot be set: deleted")
  for id in ["", "a\tb", String(repeating: "x", count: 256)] {
    #expect(
      refusal { writing throws(Refusal) in try writing.create("Supplier", id, #"{"name": "x"}"#) }
        != nil)
  }
  #expect(
    refusal { writing throws(Refusal) in try writing.delete("Supplier", "s") }
      == "Supplier/s is used by Product/p1 (supplier); delete or change that first")
}

@Test func `a pointer to the record itself is there`() throws {
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Product", "p", #"{"sku": "a", "substitute": "p"}"#)
    #expect(try writing.text("Product", "p", "substitute") == "\"p\"")
  }
  try test.run { writing throws(Refusal) in try writing.delete("Product", "p") }
  #expect(
    try test.run { writing throws(Refusal) in try writing.text("Product", "p", "sku") } == "deleted"
  )
}

@Test func `a delete sees to what points at the record, in order, and tells of each change`() throws
{
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Product", "p1", #"{"sku": "a"}"#)
    try writing.create("Product", "p2", #"{"sku": "b", "substitute": "p1"}"#)
    try writing.create("Inventory", "i2", #"{"product": "p1", "quantity": 4}"#)
    try writing.create("Inventory", "i1", #"{"product": "p1", "quantity": 5}"#)
  }
  test.hooks.lines = []
  try test.run { writing throws(Refusal) in
    try writing.delete("Product", "p1")
    #expect(try writing.text("Product", "p2", "substitute") == "null")
    #expect(try writing.store.records(of: writing.definition("Inventory")).isEmpty)
    try writing.delete("Product", "p1")
  }
  #expect(
    test.hooks.lines == [
      "before Product/p1", "before Product/p2", "touched Product/p2", "before Inventory/i1",
      "touched Inventory/i1", "touched Product/p1", "before Inventory/i2", "touched Inventory/i2",
      "touched Product/p1", "touched Product/p1",
    ])
}

@Test func `a ring of cascades ends, whatever its length and whoever is deleted`() throws {
  let ring = """
    classes:
      Node:
        next: {type: Node, onDelete: cascade}
        other: {type: Leaf, onDelete: clear}
      Leaf:
        node: {type: Node, onDelete: cascade}
    """
  let test = try TestStore(ring)
  for count in [1, 2, 3, 20_000] {
    try test.run { writing throws(Refusal) in
      for place in 0..<count { try writing.create("Node", "n\(place)") }
      for place in 0..<count {
        try writing.set("Node", "n\(place)", "{\"next\": \"n\((place + 1) % count)\"}")
      }
      try writing.create("Leaf", "l", #"{"node": "n0"}"#)
      try writing.set("Node", "n0", #"{"other": "l"}"#)
    }
    try test.run { writing throws(Refusal) in try writing.delete("Node", "n\(count / 2)") }
    let rest = try test.run { store throws(Refusal) in try contents(of: store.store) }
    #expect(rest == "", "a ring of \(count)")
  }
}

@Test func `restrict is judged at the first pointer met, and undoes what came before it`() throws {
  let test = try TestStore(
    """
    classes:
      A:
        name: String
      B:
        a: {type: A, onDelete: cascade}
      C:
        a: {type: A, onDelete: restrict}
    """)
  try test.run { writing throws(Refusal) in
    try writing.create("A", "a")
    try writing.create("B", "b", #"{"a": "a"}"#)
    try writing.create("C", "c", #"{"a": "a"}"#)
  }
  let before = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
  #expect(
    test.refusal { writing throws(Refusal) in try writing.delete("A", "a") }
      == "A/a is used by C/c (a); delete or change that first")
  let after = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
  #expect(before == after)
}

@Test func `without rules no before rule runs, and totals are still kept`() throws {
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Product", "p", #"{"sku": "a"}"#, rules: false)
    try writing.create("Inventory", "i", #"{"product": "p", "quantity": 7}"#, rules: false)
    #expect(try writing.text("Product", "p", "onHand") == "7")
  }
  #expect(
    test.hooks.lines == ["touched Product/p new", "touched Inventory/i new", "touched Product/p"])
}

@Test func `an Increment counts from what is stored`() throws {
  let test = try TestStore(shop)
  try test.run { writing throws(Refusal) in
    try writing.create("Product", "p", #"{"sku": "a"}"#)
    try writing.create("Inventory", "i", #"{"product": "p", "quantity": 7}"#)
    try writing.set("Inventory", "i", #"{"quantity": {"__op": "Increment", "amount": -9}}"#)
    #expect(try writing.text("Inventory", "i", "quantity") == "-2")
    #expect(try writing.text("Product", "p", "onHand") == "-2")
  }
}
