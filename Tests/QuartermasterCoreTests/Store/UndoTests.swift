import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// An operation of a batch is undone alone, with a savepoint or without.
@Suite struct UndoTests {
  private static let yaml = """
    classes:
      Product:
        sku: {type: String, unique: true}
        quantity: {type: Integer, default: 0}
        number: {type: String, sequence: "P-%03d"}
      Line:
        product: {type: Product, onDelete: cascade}
    """

  /// Runs an operation that writes and is then refused, and says which savepoints it made.
  private func savepoints(_ body: (Writing) throws(Refusal) -> Void) throws -> Int {
    let test = try TestStore(Self.yaml)
    try test.run { writing throws(Refusal) in
      try writing.create("Product", "p", #"{"sku": "a", "quantity": 5}"#)
      try writing.create("Product", "q", #"{"sku": "b"}"#)
      try writing.create("Line", "l", #"{"product": "q"}"#)
    }
    return try test.run { writing throws(Refusal) in
      // What came before in the commit stays.
      try writing.set("Product", "q", #"{"quantity": 1}"#)
      let before = try contents(of: writing.store, engineTables: true)
      let mark = writing.store.mark()
      try body(writing)
      let made = writing.store.openSavepoints
      #expect(try contents(of: writing.store, engineTables: true) != before)
      try writing.store.undo(to: mark)
      #expect(try contents(of: writing.store, engineTables: true) == before)
      #expect(try writing.text("Product", "p", "quantity") == "5")
      #expect(try writing.text("Product", "new", "quantity") == "deleted")
      #expect(writing.store.openSavepoints == 0)
      return made
    }
  }

  @Test func `rows that were written are written back, without a savepoint`() throws {
    let made = try savepoints { writing throws(Refusal) in
      try writing.set("Product", "p", #"{"quantity": 6, "sku": "c"}"#)
      // The unique value that was given up is taken: going back must be in the order of the writes.
      try writing.set("Product", "q", #"{"sku": "a"}"#)
      try writing.create("Product", "new", #"{"sku": "b", "number": "P-9"}"#)
      try writing.create("Line", "m", #"{"product": "new"}"#)
      try writing.set("Product", "p", #"{"quantity": 7}"#)
    }
    #expect(made == 0)
  }

  @Test func `what else is written makes a savepoint, and what came before it is written back`()
    throws
  {
    let made = try savepoints { writing throws(Refusal) in
      try writing.set("Product", "p", #"{"quantity": 6}"#)
      // A number is drawn.
      try writing.create("Product", "new", #"{"sku": "c"}"#)
      try writing.set("Product", "p", #"{"quantity": 7}"#)
      try writing.delete("Product", "q")
    }
    #expect(made == 1)
  }

  @Test func `a mark inside another goes back to its own place`() throws {
    let made = try savepoints { writing throws(Refusal) in
      try writing.set("Product", "p", #"{"quantity": 6}"#)
      let inner = writing.store.mark()
      try writing.set("Product", "p", #"{"quantity": 7}"#)
      try writing.create("Product", "new", #"{"sku": "c", "number": "P-9"}"#)
      try writing.store.undo(to: inner)
      #expect(try writing.text("Product", "p", "quantity") == "6")
      #expect(try writing.text("Product", "new", "quantity") == "deleted")
      let second = writing.store.mark()
      try writing.set("Product", "q", #"{"quantity": 8}"#)
      try writing.store.release(second)
    }
    #expect(made == 1)
  }

  @Test func `a row that was deleted and made anew is the old one again when that is undone`()
    throws
  {
    let test = try TestStore(Self.yaml)
    try test.run { writing throws(Refusal) in
      for id in ["p", "q", "r"] { try writing.create("Product", id, "{\"sku\": \"\(id)\"}") }
      try writing.set("Product", "q", #"{"quantity": 1}"#)
    }
    try test.run { writing throws(Refusal) in
      let mark = writing.store.mark()
      try writing.delete("Product", "q")
      try writing.create("Product", "s", #"{"sku": "s"}"#)
      try writing.create("Product", "q", #"{"sku": "new"}"#)
      try writing.set("Product", "q", #"{"quantity": 2}"#)
      try writing.store.undo(to: mark)
      try writing.set("Product", "q", #"{"quantity": 3}"#)
    }
    let lines = try test.run { writing throws(Refusal) in try contents(of: writing.store) }
      .split(separator: "\n").map { $0.split(separator: "|") }
    #expect(lines.map { "\($0[1]) \($0[5]) \($0[6])" } == ["p p 0", "q q 3", "r r 0"])
  }
}
