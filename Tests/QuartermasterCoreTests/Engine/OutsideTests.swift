import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What other programs write with plain SQL becomes an operation: with the sqlite3 program itself.
@Suite(.enabled(if: TestShop.hasShell, "needs the sqlite3 program")) struct OutsideTests {
  private static let rules = """
    - rule: low
      trigger:
        saved: Product
        becomes: product.low
      action:
        - create: Note
          text: ${product.name} is low

    - rule: moved
      trigger:
        changed: Stock.quantity
      action:
        - create: Note
          text: ${old.quantity} to ${new.quantity}
    """

  private func filled(_ shop: TestShop, _ rules: String = OutsideTests.rules) throws -> Engine {
    let engine = try shop.open(rules)
    try engine.write { db in
      try db.create("Site", id: "s1", [:])
      try db.create("Bin", id: "b1", ["site": .string("s1")])
      try db.create("Bin", id: "b2", ["site": .string("s1")])
      try db.create(
        "Product", id: "bolt",
        ["name": .string("Bolt"), "sku": .string("B"), "price": .string("0.10")])
      try db.create(
        "Stock", id: "k1",
        [
          "product": .string("bolt"), "bin": .string("b1"), "quantity": .int(20),
          "weight": .double(0.1),
        ])
      try db.set("Product", id: "bolt", ["reorder": .int(5)])
    }
    return engine
  }

  /// An operation that changes nothing: the next one of the engine, whatever it is.
  private func touch(_ engine: Engine) throws { try engine.write { _ in } }

  @Test func `a change while an engine is open fires rules before its next operation`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    #expect(try engine.field("Product", "bolt", "onHand") == "20")
    try shop.shell("UPDATE Stock SET quantity = 4 WHERE objectId = 'k1';")
    try touch(engine)
    #expect(try engine.answer("Note.map(n, n.text)") == #"["Bolt is low", "20 to 4"]"#)
    #expect(try engine.field("Product", "bolt", "onHand") == "4")
    #expect(try engine.field("Site", "s1", "load") == "4")
    #expect(try engine.wrongTotals() == [])
    let entry = try #require(try engine.journal().last)
    #expect(entry.origin == .outside)
    #expect(entry.actor == nil)
    let change = try #require(entry.change(of: "Stock", "k1"))
    #expect(
      change.fields.map { "\($0.name) \($0.old) \($0.new)" } == [
        "quantity number(\"20\") number(\"4\")"
      ])
    // The history of the record goes on from there.
    #expect(change.previous == 1)
    #expect(entry.firings.map(\.rule) == ["low", "moved"])
    #expect(try shop.shell("SELECT count(*) FROM _outside;") == "0")
    #expect(try engine.refusals() == [])
    try engine.close()
  }

  @Test func `the records in memory are those of the file`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    try shop.shell("UPDATE Product SET name = 'It''s, a = bolt' WHERE objectId = 'bolt';")
    try engine.write { db in
      let record = try #require(try db.find("Product", id: "bolt"))
      #expect(try db.value(record, "name").description == #""It's, a = bolt""#)
      // When it changed is the engine's to say.
      #expect(try db.value(record, "updatedAt").description == TestShop.start.description)
    }
    try shop.shell("UPDATE Product SET name = 'x' WHERE objectId = 'bolt';")
    try touch(engine)
    let change = try #require(try engine.journal().last?.change(of: "Product", "bolt"))
    #expect(change.fields.map { "\($0.old)" } == ["string(\"It\\'s, a = bolt\")"])
    try engine.close()
  }

  @Test func `changes while the file was closed are taken in when it is opened, by the rules then`()
    throws
  {
    let shop = try TestShop()
    try filled(shop).close()
    try shop.shell("UPDATE Stock SET quantity = 12; UPDATE Stock SET quantity = 3;")
    let engine = try shop.open(
      """
      - rule: told
        trigger:
          changed: Stock
        action:
          - create: Note
            text: ${old.quantity} became ${new.quantity}
      """)
    #expect(try engine.answer("Note.map(n, n.text)") == #"["20 became 3"]"#)
    #expect(try engine.journal().last?.rules == 2)
    #expect(try engine.wrongTotals() == [])
    try engine.close()
  }

  @Test func `several programs, one rolled back`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    try shop.shell("BEGIN; UPDATE Stock SET quantity = 1; ROLLBACK;")
    try touch(engine)
    #expect(try engine.journal().count == 1)
    try shop.shell("BEGIN; UPDATE Stock SET quantity = 19; COMMIT;")
    try shop.shell(
      """
      INSERT INTO Stock (objectId, product, bin, quantity) VALUES ('k2', 'bolt', 'b2', 7);
      UPDATE Bin SET site = NULL WHERE objectId = 'b1';
      """)
    try shop.shell("UPDATE Stock SET quantity = 8 WHERE objectId = 'k2';")
    try touch(engine)
    #expect(try engine.journal().count == 2)
    #expect(try engine.field("Product", "bolt", "onHand") == "27")
    #expect(try engine.field("Site", "s1", "load") == "8")
    #expect(try engine.field("Bin", "b2", "kinds") == "1")
    #expect(try engine.wrongTotals() == [])
    let entry = try #require(try engine.journal().last)
    #expect(entry.change(of: "Stock", "k2")?.kind == .created)
    #expect(try engine.field("Stock", "k2", "createdAt") > "2020")
    try engine.close()
  }

  @Test func `what comes and goes again, and what is written back, is no change`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    try shop.shell(
      """
      INSERT INTO Note (objectId, number, text) VALUES ('n', 'N-9', 'x'); DELETE FROM Note;
      UPDATE Stock SET quantity = 1; UPDATE Stock SET quantity = 20;
      UPDATE Product SET onHand = 5;
      """)
    try touch(engine)
    #expect(try engine.journal().count == 1)
    #expect(try engine.answer("Note.size()") == "0")
    // A total is not another program's to set.
    #expect(try engine.field("Product", "bolt", "onHand") == "20")
    #expect(try engine.wrongTotals() == [])
    // The history still begins where it did.
    try engine.write { db in try db.set("Stock", id: "k1", ["quantity": .int(21)]) }
    #expect(try engine.journal().last?.change(of: "Stock", "k1")?.previous == 1)
    try engine.close()
  }

  @Test func `a reject undoes what rules did, and the change stays and is listed`() throws {
    let shop = try TestShop()
    let engine = try filled(
      shop,
      """
      - rule: count
        trigger:
          changed: Stock.quantity
        action:
          - create: Note
            text: counted
      - rule: no-less
        trigger:
          changed: Stock.quantity
        when: new.quantity < old.quantity
        action:
          - reject: ${new.quantity} is less than ${old.quantity}.
      """)
    try shop.shell("UPDATE Stock SET quantity = 2;")
    try touch(engine)
    #expect(try engine.field("Stock", "k1", "quantity") == "2")
    #expect(try engine.field("Product", "bolt", "onHand") == "2")
    #expect(try engine.answer("Note.size()") == "0")
    #expect(
      try engine.refusals() == [
        "outside no-less: what rules did about the change was undone: 2 is less than 20."
      ])
    let entry = try #require(try engine.journal().last)
    #expect(entry.origin == .outside && entry.firings.isEmpty)
    #expect(
      entry.changes.map(\.record).sorted() == ["Bin/b1", "Product/bolt", "Site/s1", "Stock/k1"])
    // The next one is taken as it comes.
    try shop.shell("UPDATE Stock SET quantity = 30;")
    try touch(engine)
    #expect(try engine.answer("Note.size()") == "1")
    #expect(try engine.wrongTotals() == [])
    try engine.close()
  }

  @Test func `before rules, flow, required and ranges refuse nothing, and are told`() throws {
    let shop = try TestShop()
    let engine = try filled(
      shop,
      """
      - rule: never
        phase: before
        trigger:
          saved: Product
        when: product.name == "Nut"
        action:
          - reject: no nuts
      """)
    try shop.shell(
      """
      UPDATE Product SET status = 'gone', name = 'Nut' WHERE objectId = 'bolt';
      INSERT INTO Product (objectId, name, reorder, status) VALUES ('nut', 'Nut', -4, 'draft');
      INSERT INTO Stock (objectId, product, quantity) VALUES ('k3', 'nobody', 1);
      """)
    try touch(engine)
    #expect(try engine.answer("Product.map(p, p.status)") == #"["gone", "draft"]"#)
    #expect(
      try engine.refusals() == [
        "outside: Product/bolt: Product.status may not go from draft to gone (live)",
        "outside: Product/nut: Product.reorder is out of range: at least 0, not -4",
        "outside: Stock/k3: product points at Product/nobody, which is not there",
      ])
    #expect(try engine.wrongTotals() == [])
    try engine.close()
  }

  @Test func `a value that no field can hold is told, and nothing else is held up`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    try shop.shell("UPDATE Product SET tags = 'no json'; UPDATE Stock SET quantity = 3;")
    try touch(engine)
    let refusals = try engine.refusals()
    #expect(
      refusals.first?.hasPrefix("outside: Product/bolt cannot be read as it was written: ") == true)
    #expect(refusals.last?.contains("totals cannot follow it: Product/bolt cannot be read") == true)
    #expect(try engine.field("Stock", "k1", "quantity") == "3")
    // Rules that need the record fail alone; what needs it not goes on.
    try engine.write { db in try db.create("Site", id: "s2", [:]) }
    try shop.shell("UPDATE Product SET tags = '[\"a\"]';")
    try touch(engine)
    #expect(try engine.field("Product", "bolt", "tags") == #"["a"]"#)
    try engine.close()
  }

  @Test func `deletes follow totals, with foreign keys and without`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    let refused = try shop.shell(
      "PRAGMA foreign_keys = ON; DELETE FROM Product WHERE objectId = 'bolt';", fails: true)
    #expect(refused.contains("FOREIGN KEY constraint failed"))
    try touch(engine)
    #expect(try engine.journal().count == 1)
    try shop.shell("PRAGMA foreign_keys = ON; DELETE FROM Stock; DELETE FROM Product;")
    try touch(engine)
    #expect(try engine.field("Site", "s1", "load") == "0")
    #expect(try engine.refusals() == [])
    #expect(try engine.wrongTotals() == [])
    try engine.write { db in
      try db.create("Product", id: "nut", ["name": .string("Nut")])
      try db.create("Stock", id: "k2", ["product": .string("nut"), "quantity": .int(6)])
    }
    try shop.shell("DELETE FROM Product;")
    try touch(engine)
    #expect(
      try engine.refusals() == [
        "outside: Product/nut was deleted, and Stock/k2 still points at it (product)"
      ])
    // When it comes back, its children count again.
    try shop.shell("INSERT INTO Product (objectId, reorder, status) VALUES ('nut', 1, 'draft');")
    try touch(engine)
    #expect(try engine.field("Product", "nut", "onHand") == "6")
    #expect(try engine.wrongTotals() == [])
    try engine.close()
  }

  @Test func `what REPLACE takes away is known`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    try shop.shell(
      """
      REPLACE INTO Stock (objectId, product, bin, quantity) VALUES ('k1', 'bolt', 'b2', 9);
      INSERT OR REPLACE INTO Product (objectId, sku, name, reorder, status)
        VALUES ('screw', 'B', 'Screw', 0, 'draft');
      """)
    try touch(engine)
    #expect(try engine.answer("Bin.map(b, b.load)") == "[0, 9]")
    let entry = try #require(try engine.journal().last)
    #expect(entry.change(of: "Product", "bolt")?.kind == .deleted)
    #expect(entry.change(of: "Stock", "k1")?.kind == .changed)
    #expect(try engine.wrongTotals() == [])
    try shop.shell("UPDATE Stock SET objectId = 'k9', product = 'screw';")
    try touch(engine)
    #expect(try engine.journal().last?.change(of: "Stock", "k9")?.kind == .created)
    #expect(try engine.journal().last?.change(of: "Stock", "k1")?.kind == .deleted)
    #expect(try engine.field("Product", "screw", "onHand") == "9")
    #expect(try engine.wrongTotals() == [])
    try engine.close()
  }

  @Test func `thousands of rows in one statement are one operation`() throws {
    let shop = try TestShop()
    let engine = try filled(shop)
    try shop.shell(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO Stock (objectId, product, quantity, weight) SELECT 'x' || i, 'bolt', i, i * 0.1 FROM n;
      """)
    try touch(engine)
    #expect(try engine.field("Product", "bolt", "onHand") == "12502520")
    try shop.shell("UPDATE Stock SET quantity = quantity + 1;")
    try touch(engine)
    #expect(try engine.field("Product", "bolt", "onHand") == "12507521")
    #expect(try engine.answer("Note.size()") == "5001")
    #expect(try engine.journal().count == 3)
    #expect(try engine.wrongTotals() == [])
    try engine.close()
  }

  @Test func `any writes of another program leave totals that are sums`() throws {
    var random = SeededNumbers(seed: 7)
    for _ in 0..<6 {
      let shop = try TestShop()
      let engine = try filled(shop)
      for _ in 0..<4 {
        var sql = ""
        for _ in 0..<12 {
          let (k, p, b) = (random.below(6), random.below(3), random.below(3))
          let quantity = random.below(50)
          switch random.below(9) {
          case 0:
            sql +=
              "INSERT OR IGNORE INTO Product (objectId, reorder) VALUES ('p\(p)', \(quantity));"
          case 1: sql += "INSERT OR IGNORE INTO Bin (objectId, site) VALUES ('b\(b)', 's1');"
          case 2: sql += "DELETE FROM Product WHERE objectId = 'p\(p)';"
          case 3: sql += "DELETE FROM Stock WHERE objectId = 'k\(k)';"
          case 4:
            sql += "UPDATE Bin SET site = iif(site IS NULL, 's1', NULL) WHERE objectId = 'b\(b)';"
          case 5:
            sql +=
              "UPDATE OR REPLACE Stock SET product = 'p\(p)', bin = 'b\(b)' WHERE objectId = 'k\(k)';"
          case 6: sql += "UPDATE Stock SET quantity = \(quantity) WHERE objectId = 'k\(k)';"
          case 7: sql += "UPDATE Bin SET load = 77 WHERE objectId = 'b\(b)';"
          default:
            sql +=
              "REPLACE INTO Stock (objectId, product, bin, quantity, weight) "
              + "VALUES ('k\(k)', 'p\(p)', 'b\(b)', \(quantity), \(quantity).25);"
          }
        }
        try shop.shell(sql)
        try touch(engine)
        #expect(try engine.wrongTotals() == [], "\(sql)")
      }
      try engine.close()
    }
  }

  @Test func `a timer starts and stops with what another program writes`() throws {
    let shop = try TestShop()
    let engine = try filled(
      shop,
      """
      - rule: stays-low
        trigger:
          saved: Product
          becomes: product.low
          for: 1h
        action:
          - create: Note
            text: still low
      """)
    try shop.shell("UPDATE Stock SET quantity = 1;")
    try touch(engine)
    #expect(try shop.shell("SELECT rule, record FROM _timers;") == "stays-low|bolt")
    try shop.shell("UPDATE Stock SET quantity = 50;")
    try engine.advance(to: Timestamp(milliseconds: TestShop.start.milliseconds + 7_200_000))
    #expect(try engine.answer("Note.size()") == "0")
    #expect(try shop.shell("SELECT count(*) FROM _timers;") == "0")
    try engine.close()
  }

  @Test func `switched off there are no triggers, and nothing is taken in`() throws {
    let shop = try TestShop()
    try filled(shop).close()
    let engine = try shop.open { $0.settings.takesInOutside = false }
    #expect(try shop.shell("SELECT count(*) FROM sqlite_master WHERE type = 'trigger';") == "0")
    try shop.shell("UPDATE Stock SET quantity = 1;")
    try touch(engine)
    #expect(try engine.journal().count == 1)
    try engine.close()
    let again = try shop.open()
    #expect(
      try shop.shell("SELECT count(*) FROM sqlite_master WHERE type = 'trigger';") == "30")
    try again.close()
  }

  @Test func `a file whose triggers are gone gets them when it is opened`() throws {
    let shop = try TestShop()
    try filled(shop).close()
    try shop.shell(
      """
      PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE type = 'trigger';
      PRAGMA writable_schema = OFF;
      """)
    let engine = try shop.open()
    try shop.shell("UPDATE Stock SET quantity = 1;")
    try touch(engine)
    #expect(try engine.journal().count == 2)
    try engine.close()
  }

  @Test func `columns that a migration brings are kept as well`() throws {
    let shop = try TestShop()
    try filled(shop).close()
    try shop.shell("UPDATE Stock SET quantity = 1;")
    let other = try schema(
      TestShop.classes.replacingOccurrences(
        of: "    weight: Number\n",
        with: "    weight: Number\n    shelf: {type: String, default: \"it's\"}\n"))
    var configuration = Engine.Configuration()
    configuration.clock = .manual(TestShop.start)
    configuration.migration = .safe
    let engine = try Engine(
      path: shop.path, schema: other, rules: .use, configuration: configuration)
    // What was written before is told to the rules, and counted once.
    #expect(try engine.journal().last?.origin == .outside)
    #expect(try engine.field("Product", "bolt", "onHand") == "1")
    #expect(try engine.wrongTotals() == [])
    try shop.shell("UPDATE Stock SET shelf = 'top';")
    try engine.write { _ in }
    let fields = try engine.journal().last?.change(of: "Stock", "k1")?.fields
    #expect(fields?.map { "\($0.name) \($0.old)" } == [#"shelf string("it\'s")"#])
    try engine.close()
  }
}
