import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// In a batch updates and rows of the journal wait in memory; nobody who reads the file can tell.
@Suite struct RowsBehindTests {
  private static let yaml = """
    classes:
      Product:
        sku: {type: String, unique: true}
        name: {type: String, default: none}
        quantity: {type: Integer, default: 0}
        price: {type: Decimal, scale: 2, default: 0}
        total: {sum: lines.amount}
        index: [[name]]
      Line:
        product: {type: Product, onDelete: cascade, inverse: lines}
        amount: {type: Integer, default: 0}
    """

  /// A store with three products, whose commits let rows wait as those of a batch do.
  private func shop(waits: Bool = true) throws -> TestStore {
    let test = try TestStore(Self.yaml)
    try test.run { writing throws(Refusal) in
      for id in ["p", "q", "r"] { try writing.create("Product", id, "{\"sku\": \"\(id)\"}") }
      try writing.create("Line", "l", #"{"product": "q", "amount": 2}"#)
    }
    test.store.defersRows = waits
    return test
  }

  @Test func `what waits is written before anything is read`() throws {
    let test = try shop()
    try test.run { writing throws(Refusal) in
      try writing.set("Product", "p", #"{"quantity": 6, "name": "bolt"}"#)
      #expect(writing.store.behind.rows.count == 1)
      let definition = try writing.definition("Product")
      let slot = definition["name"]?.slot ?? -1
      let found = try writing.store.first(definition, where: [(slot, .string("bolt"))])
      #expect(found?.id == "p")
      #expect(writing.store.behind.isEmpty)
    }
  }

  @Test func `a row that changes twice is written once`() throws {
    let count = StatementCount()
    var options = StoreOptions()
    options.observer = count.observer
    let test = try TestStore(schema(Self.yaml), nil, options)
    try test.run { writing throws(Refusal) in
      try writing.create("Product", "p", #"{"sku": "p"}"#)
    }
    test.store.defersRows = true
    count.reset()
    try test.run { writing throws(Refusal) in
      for quantity in 1...5 { try writing.set("Product", "p", "{\"quantity\": \(quantity)}") }
    }
    #expect(count.updates == 1)
    #expect(
      try test.run { writing throws(Refusal) in try contents(of: writing.store) }.contains("|5|"))
  }

  @Test func `unique values and pointers are judged at once`() throws {
    let test = try shop()
    try test.run { writing throws(Refusal) in
      try writing.set("Product", "p", #"{"quantity": 6}"#)
      #expect(throws: Refusal.self) { try writing.set("Product", "p", #"{"sku": "q"}"#) }
      #expect(try writing.text("Product", "p", "quantity") == "6")
    }
    let text = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
    #expect(text.contains("\"Product\"|p|") && text.contains("|p|none|6|"))
  }

  @Test func `a commit that is rolled back leaves nothing of what waited`() throws {
    let test = try shop()
    let before = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
    try test.store.perform { store throws(Refusal) in
      try store.begin()
      store.startOperation(now: Timestamp(milliseconds: 5), journal: 2)
      let writing = Writing(store: store, writer: test.writer)
      try writing.set("Product", "p", #"{"quantity": 6}"#)
      store.rollback()
    }
    try test.run { writing throws(Refusal) in
      #expect(try writing.text("Product", "p", "quantity") == "0")
      #expect(try contents(of: writing.store) == before)
      // It waits again, over the row that the file has.
      try writing.set("Product", "p", #"{"quantity": 7}"#)
    }
    let after = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
    #expect(after.contains("|p|none|7|"))
  }

  @Test func `a record that was undone and made anew is the new one`() throws {
    let test = try shop()
    try test.run { writing throws(Refusal) in
      let mark = writing.store.mark()
      try writing.create("Product", "s", #"{"sku": "s", "quantity": 1}"#)
      try writing.set("Product", "s", #"{"quantity": 2}"#)
      try writing.store.undo(to: mark)
      try writing.create("Product", "s", #"{"sku": "t", "quantity": 3}"#)
      // What the first one had waiting must not count for the second.
      try writing.set("Product", "s", #"{"quantity": 1}"#)
    }
    let text = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
    #expect(text.contains("|t|none|1|"))
  }

  @Test(arguments: 0..<60) func `files are the same whether rows wait or not`(seed: Int) throws {
    let ends = try [true, false].map { waits -> String in
      let test = try shop(waits: waits)
      var draw = SeededDraw(state: UInt64(seed) &* 977 &+ 5)
      for _ in 0..<4 {
        try test.run { writing throws(Refusal) in
          for _ in 0..<6 { try operation(writing, &draw, depth: 0) }
        }
      }
      return try test.run { writing throws(Refusal) in
        let file = try contents(of: writing.store, engineTables: true)
        // What is in memory is what the file says.
        for id in ["p", "q", "r", "s"] {
          let quantity = try writing.text("Product", id, "quantity")
          if quantity != "deleted" { #expect(file.contains("|\(quantity)|"), "\(id)") }
        }
        writing.store.forgetAll()
        return file
      }
    }
    #expect(ends[0] == ends[1])
  }

  /// Some writes behind a mark, kept or undone; refused ones leave nothing.
  private func operation(
    _ writing: Writing, _ draw: inout SeededDraw, depth: Int
  ) throws(Refusal) {
    let mark = writing.store.mark()
    for _ in 0...Int.random(in: 0..<4, using: &draw) {
      let id = ["p", "q", "r", "s"][Int.random(in: 0..<4, using: &draw)]
      let number = Int.random(in: 0..<5, using: &draw)
      let kind = Int.random(in: 0..<12, using: &draw)
      do throws(Refusal) {
        switch kind {
        case 0..<5: try writing.set("Product", id, "{\"quantity\": \(number)}")
        case 5:
          try writing.set("Product", id, "{\"name\": \"n\(number)\", \"price\": \"\(number).5\"}")
        case 6: try writing.set("Product", id, "{\"sku\": \"k\(number)\", \"quantity\": 9}")
        case 7: try writing.create("Product", id, "{\"sku\": \"k\(number)\"}")
        case 8: try writing.delete("Product", id)
        case 9: try writing.set("Line", "l", "{\"product\": \"\(id)\", \"amount\": \(number)}")
        case 10: _ = try contents(of: writing.store)
        default: if depth < 2 { try operation(writing, &draw, depth: depth + 1) }
        }
      } catch { if error.reason == .storage { throw error } }
    }
    if Bool.random(using: &draw) {
      try writing.store.undo(to: mark)
    } else {
      try writing.store.release(mark)
    }
  }
}

/// Counts the updates of rows that SQLite runs.
private final class StatementCount: @unchecked Sendable {
  private(set) var updates = 0
  lazy var observer = StatementObserver { [unowned self] sql, hasEnded in
    if hasEnded, sql.hasPrefix("UPDATE \"Product\"") { updates += 1 }
  }
  func reset() { updates = 0 }
}
