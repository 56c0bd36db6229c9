import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Relations are kept from one read to the next, and are always those of the file.
@Suite struct RelationCacheTests {
  private static let yaml = """
    classes:
      Product:
        name: String
      Stock:
        product: {type: Product, unique: true, inverse: stock}
        onHand: {type: Integer, default: 0}
      Line:
        product: {type: Product, inverse: lines, onDelete: cascade}
        quantity: {type: Integer, default: 0}
    """

  private func ids(_ writing: Writing, _ id: String, _ relation: String) throws -> [String] {
    let type = try writing.definition("Product").recordType
    let access = try #require(type.fields[relation]).access
    guard case .relation(let found) = access else { throw Refusal(.error, "no relation") }
    switch try writing.store.related(writing.store.record(type, id), found) {
    case .list(let items):
      return items.map { if case .record(let record) = $0 { record.id } else { "?" } }
    case .record(let record): return [record.id]
    case .null: return []
    default: return ["?"]
    }
  }

  /// Runs a body that may fail in any way.
  private func run(_ test: TestStore, _ body: (Writing) throws -> Void) throws {
    var failure: (any Error)?
    try test.run { writing throws(Refusal) in
      do { try body(writing) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  @Test func `a record that comes, moves or goes is seen, also when that is undone`() throws {
    let test = try TestStore(Self.yaml)
    try run(test) { writing in
      try writing.create("Product", "p")
      try writing.create("Product", "q")
      #expect(try ids(writing, "p", "lines") == [])
      try writing.create("Line", "b", #"{"product": "p"}"#)
      #expect(try ids(writing, "p", "lines") == ["b"])
      try writing.create("Line", "a", #"{"product": "p"}"#)
      try writing.create("Stock", "s", #"{"product": "p"}"#)
      #expect(try ids(writing, "p", "lines") == ["a", "b"])
      #expect(try ids(writing, "p", "stock") == ["s"])
      #expect(try ids(writing, "q", "lines") == [])
    }
    try run(test) { writing in
      let mark = writing.store.mark()
      try writing.set("Line", "a", #"{"product": "q"}"#)
      try writing.set("Stock", "s", #"{"product": "q", "onHand": 4}"#)
      #expect(try ids(writing, "p", "lines") == ["b"])
      #expect(try ids(writing, "q", "lines") == ["a"])
      #expect(try ids(writing, "p", "stock") == [])
      #expect(try ids(writing, "q", "stock") == ["s"])
      try writing.delete("Line", "b")
      #expect(try ids(writing, "p", "lines") == [])
      try writing.store.undo(to: mark)
      #expect(try ids(writing, "p", "lines") == ["a", "b"])
      #expect(try ids(writing, "q", "lines") == [])
      #expect(try ids(writing, "p", "stock") == ["s"])
    }
    let refused = test.refusal { writing throws(Refusal) in
      try writing.delete("Line", "a")
      let found = try? ids(writing, "p", "lines")
      #expect(found == ["b"])
      throw Refusal(.reject, "no")
    }
    #expect(refused == "no")
    try run(test) { writing in
      let found = try ids(writing, "p", "lines")
      #expect(found == ["a", "b"])
    }
  }

  @Test func `what another program wrote is seen by the next commit`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("shop.sqlite")
    let (one, other) = (try TestStore(Self.yaml, path: path), try TestStore(Self.yaml, path: path))
    try run(one) { writing in
      try writing.create("Product", "p")
      #expect(try ids(writing, "p", "lines") == [])
    }
    try run(other) { writing in try writing.create("Line", "a", #"{"product": "p"}"#) }
    try run(one) { writing in
      let found = try ids(writing, "p", "lines")
      #expect(found == ["a"])
    }
  }

  @Test
  func `what is asked of a relation is the same in memory and in the file, whatever is written`()
    throws
  {
    var bench = try QueryBench(Self.yaml)
    bench.declare("product", record: "Product")
    let expressions = try [
      "product.lines.exists(l, l.quantity > 3)", "product.lines.filter(l, l.quantity < 2).size()",
      "product.lines.map(l, l.quantity).sum()",
      "product.lines.filter(l, l.quantity > 3).map(l, l.objectId)",
    ].map { text in
      let checked = try bench.check(text)
      var layout = bench.layout
      let held = bench.environment.plan(
        checked, layout: &layout, queries: SQLQueryPlanner(bench.schema))
      let asked = bench.environment.plan(checked, layout: &layout, queries: bench.planner)
      return (text, held, asked, layout)
    }
    let test = try TestStore(Self.yaml)
    var random = SeededNumbers(seed: 11)
    try run(test) { writing in
      for id in ["p", "q"] { try writing.create("Product", id) }
    }
    for round in 0..<60 {
      var marks: [UndoMark] = []
      try run(test) { writing in
        writing.store.defersRows = random.chance(70)
        defer { writing.store.defersRows = false }
        for step in 0..<30 {
          let id = "l\(random.below(400))"
          let line = try writing.store.existing(writing.definition("Line").recordType, id)
          let values =
            #"{"product": "\#(random.chance(90) ? "p" : "q")", "quantity": \#(random.below(6))}"#
          switch random.below(10) {
          case 0 where line != nil: try writing.delete("Line", id)
          case 1 where marks.isEmpty: marks.append(writing.store.mark())
          case 2 where !marks.isEmpty: try writing.store.undo(to: marks.removeLast())
          case _ where line != nil: try writing.set("Line", id, values)
          default: try writing.create("Line", id, values)
          }
          guard random.chance(30) else { continue }
          for (text, held, asked, layout) in expressions {
            let frame = Frame(layout, host: writing.store)
            frame.records[0] = writing.store.record(
              try writing.definition("Product").recordType, random.chance(80) ? "p" : "q")
            let (one, other) = (outcome(held, frame), outcome(asked, frame))
            #expect(one == other, "round \(round), step \(step): \(text)")
          }
        }
        while let mark = marks.popLast() { try writing.store.release(mark) }
      }
    }
    // Lists of all lengths were asked: those that are kept, and those that are too long.
    let count = try test.store.perform { store throws(Refusal) in
      try store.integer("SELECT count(*) FROM Line WHERE product = 'p'") ?? 0
    }
    #expect(count > RelationCache.longest)
  }
}
