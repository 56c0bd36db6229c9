import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Two engines on one file: what one does is the other's starting point.
@Suite struct SharedFileTests {
  private static let rules = """
    - rule: count
      trigger:
        changed: Stock.quantity
      action:
        - create: Note
          text: ${old.quantity} to ${new.quantity}

    - rule: due-soon
      trigger:
        saved: Product
        becomes: product.reorder > 0
        for: 1h
      action:
        - create: Note
          text: waited for ${product.name}

    - rule: hourly
      trigger:
        every: 1h
      action:
        - create: Note
          text: hour
    """

  @Test func `engines that write at once lose nothing and fire nothing twice`() throws {
    let shop = try TestShop()
    let engines = [try shop.open(Self.rules), try shop.open(), try shop.open()]
    try engines[0].write { db in
      try db.create("Product", id: "bolt", [:])
      try db.create("Stock", id: "k", ["product": .string("bolt")])
    }
    let perEngine = 60
    let failures = Failures()
    DispatchQueue.concurrentPerform(iterations: engines.count) { place in
      let engine = engines[place]
      for _ in 0..<perEngine {
        do {
          try engine.write { db in
            let record = try #require(try db.find("Stock", id: "k"))
            guard case .int(let quantity) = try db.value(record, "quantity") else { return }
            try db.set("Stock", id: "k", ["quantity": .int(quantity + 1)])
          }
        } catch { failures.add("\(error)") }
      }
    }
    #expect(failures.all == [])
    let total = perEngine * engines.count
    #expect(try engines[0].field("Stock", "k", "quantity") == "\(total)")
    #expect(try engines[1].field("Product", "bolt", "onHand") == "\(total)")
    // Each change fired once, each number was given once, and ids grow as the numbers do.
    #expect(try engines[2].answer("Note.size()") == "\(total)")
    let expected = (1...total).map { "\"N-" + String(10000 + $0).dropFirst() + "\"" }
    #expect(
      try engines[2].answer("Note.map(n, n.number)") == "[" + expected.joined(separator: ", ") + "]"
    )
    #expect(try engines[0].journal().map(\.row) == Array(1...Int64(total + 1)))
    #expect(try engines[0].wrongTotals() == [])
    for engine in engines { try engine.close() }
  }

  @Test func `a timer and a schedule that are due fire in one of them`() throws {
    let shop = try TestShop()
    let engines = [try shop.open(Self.rules), try shop.open()]
    // The second has looked at the clock before there is a timer.
    try engines[1].advance(to: TestShop.start)
    try engines[0].write { db in
      for number in 0..<10 {
        try db.create(
          "Product", id: "p\(number)", ["name": .string("P\(number)"), "reorder": .int(1)])
      }
    }
    let later = Timestamp(milliseconds: TestShop.start.milliseconds + 3_600_000)
    let failures = Failures()
    DispatchQueue.concurrentPerform(iterations: 2) { place in
      do { try engines[place].advance(to: later) } catch { failures.add("\(error)") }
    }
    #expect(failures.all == [])
    #expect(try engines[0].answer("Note.filter(n, n.text.startsWith(\"waited\")).size()") == "10")
    #expect(try engines[0].answer("Note.filter(n, n.text == \"hour\").size()") == "1")
    for engine in engines { try engine.close() }
  }

  @Test func `a timer of the other is known before the next operation`() throws {
    let shop = try TestShop()
    let engines = [try shop.open(Self.rules), try shop.open()]
    try engines[1].write { db in try db.create("Product", id: "x", [:]) }
    try engines[0].write { db in
      try db.create("Product", id: "p", ["name": .string("P"), "reorder": .int(1)])
    }
    try engines[1].write { db in try db.create("Product", id: "y", [:]) }
    try engines[1].advance(to: Timestamp(milliseconds: TestShop.start.milliseconds + 3_600_000))
    #expect(try engines[1].answer("Note.exists(n, n.text == \"waited for P\")") == "true")
    for engine in engines { try engine.close() }
  }

  @Test func `a later firing runs once, also when another engine opens the file meanwhile`() throws
  {
    let shop = try TestShop()
    let rules = """
      - rule: after
        phase: later
        trigger:
          created: Product
        action:
          - create: Note
            text: later
      """
    let engine = try shop.open(rules)
    // Written down and not run, as when the process ends between the two.
    try engine.perform { interpreter throws(Refusal) in
      let definition = try interpreter.definition("Product")
      _ = try interpreter.operate(
        .host, first: nil, prepare: {}, input: { "" },
        { () throws(Refusal) in try interpreter.writer.create(definition, id: "p", values: []) })
    }
    let second = try shop.open()
    #expect(try second.answer("Note.size()") == "1")
    try engine.perform { interpreter throws(Refusal) in try interpreter.resumeLater() }
    #expect(try engine.answer("Note.size()") == "1")
    try engine.close()
    try second.close()
  }
}

/// What went wrong on several threads.
final class Failures: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []

  func add(_ text: String) { lock.withLock { list.append(text) } }

  var all: [String] { lock.withLock { list } }
}
