import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Opens one file with one schema after another.
private struct Versions {
  let folder: TemporaryFolder
  var path: String { folder.file("data.sqlite") }

  init() throws { folder = try TemporaryFolder() }

  /// Opens the file with a schema, works on it and closes it.
  func with<T>(
    _ classes: String, _ migration: StoreOptions.Migration = .safe,
    _ body: (Writing) throws(Refusal) -> T
  ) throws -> T {
    var options = StoreOptions()
    options.migration = migration
    let test = try TestStore("classes:\n" + classes, path: path, options: options)
    let result = try test.run(body)
    #expect(
      try test.store.perform { store throws(Refusal) in
        try store.integer(
          "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
      } == 0)
    try test.store.close()
    return result
  }

  /// What it would take, with `!` before what loses data and `!!` before what cannot be done.
  func plan(_ classes: String) throws -> [String] {
    try Store.migrationPlan(path, schema: try schema("classes:\n" + classes)).steps.map { step in
      switch step.effect {
      case .safe: step.text
      case .losesData: "! " + step.text
      case .impossible: "!! " + step.text
      }
    }
  }

  func refusal(_ classes: String, _ migration: StoreOptions.Migration) throws -> String {
    do {
      try with(classes, migration) { _ in }
      return "opened"
    } catch let refusal as Refusal { return refusal.message }
  }
}

private let first = """
    Item:
      name: String
      count: Integer
      price: {type: Decimal, scale: 2}
      bin: {type: Bin, inverse: items}
    Bin:
      code: {type: String, required: true}
  """

private func fill(_ writing: Writing) throws(Refusal) {
  try writing.create("Bin", "b1", #"{"code": "x"}"#)
  try writing.create("Bin", "b2", #"{"code": "y"}"#)
  try writing.create("Item", "i1", #"{"name": "12", "count": 3, "price": "1.50", "bin": "b1"}"#)
  try writing.create("Item", "i2", #"{"name": "nut", "count": 4, "bin": "b1"}"#)
  try writing.create("Item", "i3")
}

@Test func `a schema that asks for the same tables opens as it is`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let again = first.replacing("name: String", with: "name: {type: String, maxLength: 90}  # words")
  #expect(try versions.plan(again) == [])
  try versions.with(again, .refuse) { writing throws(Refusal) in
    #expect(try writing.store.integer("SELECT count(*) FROM _schema") == 2)
    #expect(try writing.text("Item", "i1", "name") == "\"12\"")
  }
}

@Test func `a file with another schema is refused with the differences`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let next = first.replacing(
    "count: Integer", with: "count: {type: Integer, required: true, default: 7}\n    note: String")
  let before = try versions.with(first) { writing throws(Refusal) in try contents(of: writing.store)
  }
  #expect(
    try versions.refusal(next, .refuse).hasSuffix(
      """
      the tables are not those of the schema; `migrate` would change them:
        - Item.count may no longer be null
        - fill Item.count with its default in 1 row
        - add Item.note (String)
      """))
  #expect(
    try versions.with(first) { writing throws(Refusal) in try contents(of: writing.store) }
      == before)
}

@Test func `classes, fields, defaults, indexes and totals are added`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let next = """
      Shop:
        name: String
      Item:
        name: {type: String, unique: true}
        count: {type: Integer, required: true, default: 7}
        price: {type: Decimal, scale: 2}
        active: {type: Boolean, default: true}
        bin: {type: Bin, inverse: items}
        shop: Shop
        double: {computed: item.count * 2}
        index: [[name, count]]
      Bin:
        code: {type: String, required: true}
        stock: {sum: items.double}
    """
  #expect(
    try versions.plan(next) == [
      "add the class Shop", "Item.count may no longer be null",
      "fill Item.count with its default in 1 row", "add Item.active (Boolean), with its default",
      "add Item.shop (Shop)", "add the computed field Item.double",
      "Item.name is unique from now on",
      "add an index of Item on name, count", "add the roll-up Bin.stock",
    ])
  try versions.with(next) { writing throws(Refusal) in
    #expect(try writing.text("Item", "i3", "count") == "7")
    #expect(try writing.text("Item", "i1", "active") == "true")
    #expect(try writing.text("Item", "i1", "price") == "1.50")
    #expect(try writing.text("Bin", "b1", "stock") == "14")
    #expect(try writing.text("Bin", "b2", "stock") == "0")
    try writing.set("Item", "i3", #"{"bin": "b2"}"#)
    #expect(try writing.text("Bin", "b2", "stock") == "14")
    let plan = try writing.store.statement(
      "EXPLAIN QUERY PLAN SELECT 1 FROM Item WHERE name = ?1 AND count = ?2")
    #expect(try plan.step())
    #expect(plan.text(3).contains("INDEX Item(name"))
  }
  #expect(try versions.plan(next) == [])
}

@Test func `was renames fields and classes, and pointers follow`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let next = """
      Product:
        was: Item
        title: {type: String, was: name}
        count: Integer
        price: {type: Decimal, scale: 2}
        box: {type: Box, inverse: items, was: bin}
      Box:
        was: Bin
        code: {type: String, required: true}
    """
  #expect(
    try versions.plan(next) == [
      "rename the class Item to Product", "rename the class Bin to Box",
      "rename Product.name to title", "rename Product.bin to box",
    ])
  try versions.with(next) { writing throws(Refusal) in
    #expect(try writing.text("Product", "i1", "title") == "\"12\"")
    #expect(try writing.text("Product", "i1", "box") == "\"b1\"")
    #expect(
      try writing.store.integer("SELECT count(*) FROM sqlite_master WHERE name IN ('Item', 'Bin')")
        == 0)
  }
  let message = try versions.refusal(next.replacing("inverse: items, ", with: ""), .safe)
  #expect(message == "opened")
}

@Test func `a change of type keeps what it can, and loses the rest only when it may`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let widened = first.replacing("count: Integer", with: "count: {type: Decimal, scale: 3}")
    .replacing("scale: 2", with: "scale: 4")
  try versions.with(widened) { writing throws(Refusal) in
    #expect(try writing.text("Item", "i1", "count") == "3.000")
    #expect(try writing.text("Item", "i1", "price") == "1.5000")
  }
  let narrowed = first.replacing("scale: 2", with: "scale: 0").replacing(
    "name: String", with: "name: Integer")
  #expect(
    try versions.plan(narrowed) == [
      "! change Item.name from String to Integer, which 1 value cannot follow",
      "change Item.count from Decimal(3) to Integer",
      "! change Item.price from Decimal(4) to Decimal(0), which 1 value cannot follow",
    ])
  #expect(
    try versions.refusal(narrowed, .safe).hasSuffix(
      """
      to change the tables would lose data; allow it, or keep the fields:
        - change Item.name from String to Integer, which 1 value cannot follow
        - change Item.price from Decimal(4) to Decimal(0), which 1 value cannot follow
      """))
  try versions.with(narrowed, .dropping) { writing throws(Refusal) in
    #expect(try writing.text("Item", "i1", "name") == "12")
    #expect(try writing.text("Item", "i2", "name") == "null")
    #expect(try writing.text("Item", "i1", "count") == "3")
    #expect(try writing.text("Item", "i1", "price") == "null")
  }
}

@Test func `texts become pointers where the record is there`() throws {
  let versions = try Versions()
  let texts = """
      Bin:
        code: {type: String, required: true}
      Item:
        bin: String
    """
  try versions.with(texts) { writing throws(Refusal) in
    try writing.create("Bin", "b1", #"{"code": "x"}"#)
    try writing.create("Item", "i1", #"{"bin": "b1"}"#)
    try writing.create("Item", "i2", #"{"bin": "gone"}"#)
  }
  let pointers = texts.replacing("bin: String", with: "bin: Bin")
  #expect(
    try versions.plan(pointers) == [
      "! change Item.bin from String to Bin, which 1 value cannot follow"
    ])
  try versions.with(pointers, .dropping) { writing throws(Refusal) in
    #expect(try writing.text("Item", "i1", "bin") == "\"b1\"")
    #expect(try writing.text("Item", "i2", "bin") == "null")
  }
}

@Test func `dropping needs leave where there is something to lose`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let less = """
      Bin:
        code: {type: String, required: true}
    """
  #expect(try versions.plan(less) == ["! drop the class Item, with its 3 rows"])
  #expect(try versions.refusal(less, .safe).contains("would lose data"))
  let fewer = first.replacing("    price: {type: Decimal, scale: 2}\n", with: "")
  #expect(try versions.plan(fewer) == ["! drop Item.price, with 1 value"])
  try versions.with(first) { writing throws(Refusal) in
    try writing.set("Item", "i1", #"{"price": null}"#)
  }
  try versions.with(fewer) { writing throws(Refusal) in
    #expect(try writing.text("Item", "i1", "name") == "\"12\"")
  }
  try versions.with(less, .dropping) { writing throws(Refusal) in
    #expect(try writing.text("Bin", "b1", "code") == "\"x\"")
  }
}

@Test func `what the rows do not allow is said, and nothing is changed`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let before = try versions.with(first) { writing throws(Refusal) in try contents(of: writing.store)
  }
  let next = first.replacing("count: Integer", with: "count: {type: Integer, required: true}")
    .replacing(
      "bin: {type: Bin, inverse: items}", with: "bin: {type: Bin, inverse: items, unique: true}")
  let message = try versions.refusal(next, .dropping)
  #expect(message.contains("the tables cannot be changed to the schema:"))
  #expect(
    message.contains("Item.count is required and has no default, and 1 row would have no value"))
  #expect(message.contains("Item.bin is to be unique, and 1 value is there more than once"))
  #expect(
    try versions.with(first) { writing throws(Refusal) in try contents(of: writing.store) }
      == before)
}

@Test func `a stored field becomes a total, and a total a stored field`() throws {
  let versions = try Versions()
  let stored = first.replacing(
    "code: {type: String, required: true}",
    with: "code: {type: String, required: true}\n    stock: Integer")
  try versions.with(stored) { writing throws(Refusal) in
    try fill(writing)
    try writing.set("Bin", "b1", #"{"stock": 99}"#)
  }
  let total = stored.replacing("stock: Integer", with: "stock: {sum: items.count}")
  #expect(try versions.plan(total) == ["roll Bin.stock up anew", "! drop Bin.stock, with 1 value"])
  try versions.with(total, .dropping) { writing throws(Refusal) in
    #expect(try writing.text("Bin", "b1", "stock") == "7")
  }
  try versions.with(stored) { writing throws(Refusal) in
    #expect(try writing.text("Bin", "b1", "stock") == "7")
  }
}

@Test func `a program that holds the file open notices that its tables changed`() throws {
  let versions = try Versions()
  try versions.with(first, .refuse, fill)
  let test = try TestStore("classes:\n" + first, path: versions.path)
  try versions.with(first.replacing("name: String", with: "name: {type: String, maxLength: 80}")) {
    _ in
  }
  try test.run { writing throws(Refusal) in #expect(try writing.text("Item", "i1", "count") == "3")
  }
  try versions.with(first.replacing("name: String", with: "name: String\n    note: String")) { _ in
  }
  // Also the second time: what was found once does not pass because nobody wrote since.
  for _ in 1...2 {
    let message = test.refusal { writing throws(Refusal) in
      _ = try writing.text("Item", "i1", "count")
    }
    #expect(
      message?.contains("another program changed the tables of the file; open it again") == true)
  }
}
