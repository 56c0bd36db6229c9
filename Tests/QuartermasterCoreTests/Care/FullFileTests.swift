import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A file that may not grow: as a full disk, and without one.
struct FullFileTests {
  @Test func `an operation that does not fit leaves nothing, and the next one goes on`() throws {
    let folder = try TemporaryFolder()
    let (schema, _) = try Schema.load(
      SourceFile(
        name: "schema.yaml",
        text: """
          classes:
            Item:
              text: {type: String}
          """))
    var configuration = Engine.Configuration()
    configuration.clock = .manual(Timestamp(milliseconds: 1_767_225_600_000))
    let engine = try Engine(
      path: folder.file("data.sqlite"), schema: schema, rules: .none, configuration: configuration)
    func limit(_ pages: Int64) throws {
      try engine.perform { interpreter throws(Refusal) in
        _ = try interpreter.store.integer("PRAGMA max_page_count = \(pages)")
      }
    }
    let pages = try engine.perform { interpreter throws(Refusal) in
      try interpreter.store.integer("PRAGMA page_count") ?? 0
    }
    try limit(pages + 20)
    let text = String(repeating: "x", count: 20_000)
    var kept = 0
    var failure: Refusal?
    for number in 0..<100 {
      do {
        try engine.write { db in try db.create("Item", id: "i\(number)", ["text": .string(text)]) }
        kept += 1
      } catch {
        failure = error as? Refusal
        break
      }
    }
    let refusal = try #require(failure)
    #expect(refusal.reason == .storage)
    #expect(refusal.isPassing)
    #expect(refusal.message.contains("the disk is full; free some space"))
    #expect(kept > 0)
    #expect(try engine.read { db in try db.query("Item.size()") }.description == "\(kept)")
    // All of a batch is gone, also what fitted.
    #expect(throws: Refusal.self) {
      try engine.batch { batch in
        for number in 0..<100 {
          _ = try batch.write { db in
            try db.create("Item", id: "b\(number)", ["text": .string(text)])
          }
        }
      }
    }
    #expect(try engine.read { db in try db.query("Item.size()") }.description == "\(kept)")
    try limit(1_000_000)
    try engine.write { db in try db.create("Item", id: "more", ["text": .string(text)]) }
    #expect(try engine.read { db in try db.query("Item.size()") }.description == "\(kept + 1)")
    try engine.close()
    var options = Doctor.Options()
    options.now = Timestamp(milliseconds: 1_767_225_600_000)
    #expect(
      try Doctor.examine(folder.file("data.sqlite"), schema: schema, options: options).problems
        .isEmpty)
  }
}
