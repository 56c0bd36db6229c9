import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Streams that are tried out: counted as they would go, and gone without a trace.
struct DryRunTests {
  private static let stream = """
    {"op":"create","class":"Item","id":"bolt","fields":{"stock":20}}
    {"op":"create","class":"Item","id":"pin","fields":{"stock":-1}}
    {"op":"set","class":"Item","id":"bolt","fields":{"stock":5}}
    not json
    {"op":"set","class":"Item","id":"nothing","fields":{"stock":5}}
    {"op":"create","class":"Order","id":"o","fields":{}}
    {"op":"set","class":"Order","id":"o","fields":{"status":"done"}}
    {"op":"delete","class":"Item","id":"old"}
    {"op":"signal","name":"count-day","fields":{"item":{"__type":"Pointer","className":"Item","objectId":"bolt"},"stock":5}}

    """

  private func open(_ shop: TestShop) throws -> Engine {
    let engine = try PreviewShop.open(shop)
    try engine.write { db in try db.create("Item", id: "old", ["stock": .int(100)]) }
    return engine
  }

  private func check(_ report: DryRunReport) {
    #expect(report.lines == 9)
    #expect(
      report.records == [
        "Item": records(created: 1, changed: 2, deleted: 1),
        "Order": records(created: 1, createdByRules: 1, changed: 1),
      ])
    #expect(
      report.moves == [
        StatusMove(className: "Order", field: "status", from: "open", to: "done"): 1
      ])
    #expect(report.firings["reorder"] == 1)
    #expect(report.messages == ["reorder": 1, "thank": 1, "mourn": 1, "counted": 1])
    #expect(report.calls == ["weigh": 1])
    #expect(report.refused == ["reject": 1, "line": 1, "schema": 1])
    #expect(report.refusedLines.map(\.line) == [2, 4, 5])
    #expect(report.refusedLines[0].message == "pin cannot have -1")
    #expect(report.refusedLines[0].rule == "no-negative")
  }

  private func records(
    created: Int = 0, createdByRules: Int = 0, changed: Int = 0, deleted: Int = 0
  ) -> DryRunReport.Records {
    var records = DryRunReport.Records()
    records.created = created
    records.createdByRules = createdByRules
    records.changed = changed
    records.deleted = deleted
    return records
  }

  @Test func `all is counted and undone`() throws {
    let shop = try TestShop(PreviewShop.classes)
    let engine = try open(shop)
    let path = shop.folder.file("stream.jsonl")
    try Data(Self.stream.utf8).write(to: URL(fileURLWithPath: path))
    let before = try wholeFile(shop.path)
    var told = 0
    check(try engine.dryRun(path) { _ in told += 1 })
    #expect(told > 0)
    #expect(try wholeFile(shop.path) == before)
    // Again, to the same end: nothing of the first time is remembered.
    check(try engine.dryRun(path))
    #expect(try wholeFile(shop.path) == before)
    #expect(try ScratchFolders.left() == [])
  }

  @Test func `it says what applying the stream comes to`() throws {
    let shop = try TestShop(PreviewShop.classes)
    let engine = try open(shop)
    let path = shop.folder.file("stream.jsonl")
    try Data(Self.stream.utf8).write(to: URL(fileURLWithPath: path))
    let tried = try engine.dryRun(path)
    let summary = try engine.perform { interpreter throws(Refusal) in
      Result { () throws(StreamFailure) in
        try StreamRunner(interpreter, StreamRunner.Options()).run(path: path, name: path)
      }
    }.get()
    #expect(summary.changes == tried.lines)
    #expect(summary.refused == tried.refused)
    #expect(summary.firings == tried.firings)
    #expect(try engine.answer("Message.size()") == "\(tried.messages.values.reduce(0, +))")
  }

  @Test func `an engine in memory is copied as well`() throws {
    let shop = try TestShop(PreviewShop.classes)
    var configuration = Engine.Configuration()
    configuration.clock = .manual(TestShop.start)
    configuration.settings.groups = ["buyers": .addresses(["ann@example.com"])]
    let rules = try LoadedRules(
      files: [SourceFile(name: "rules.yaml", text: PreviewShop.rules)], schema: shop.schema,
      settings: configuration.settings)
    let engine = try Engine(
      path: nil, schema: shop.schema, rules: rules, configuration: configuration)
    try engine.write { db in try db.create("Item", id: "old", ["stock": .int(100)]) }
    let path = shop.folder.file("stream.jsonl")
    try Data(Self.stream.utf8).write(to: URL(fileURLWithPath: path))
    check(try engine.dryRun(path))
    #expect(try engine.answer("Item.size()") == "1")
  }

  @Test func `lines with instants need the clock that they move`() throws {
    let shop = try TestShop(PreviewShop.classes)
    let engine = try open(shop)
    let path = shop.folder.file("stream.jsonl")
    try Data(
      """
      {"op":"create","class":"Order","id":"o","fields":{},"at":"2026-03-02T10:00:00Z"}
      {"op":"create","class":"Item","id":"i","fields":{"stock":50},"at":"2026-03-04T10:00:00Z"}

      """.utf8
    ).write(to: URL(fileURLWithPath: path))
    do {
      _ = try engine.dryRun(path)
      Issue.record("a line moved the clock")
    } catch let refusal as Refusal { #expect(refusal.message.contains("line 1 has `at`")) }
    var options = DryRunOptions()
    options.movesClock = true
    let report = try engine.dryRun(path, options: options)
    // 24 hours, then every twelve: on the 3rd at 10 and 22, on the 4th at 10.
    #expect(report.firings["chase"] == 3)
    #expect(report.firings["nightly"] == 2)
    #expect(engine.now == TestShop.start)
    #expect(try ScratchFolders.left() == [])
  }

  @Test func `no more refused lines are kept than were asked for`() throws {
    let shop = try TestShop(PreviewShop.classes)
    let engine = try open(shop)
    let path = shop.folder.file("stream.jsonl")
    try Data(String(repeating: "no\n", count: 50).utf8).write(to: URL(fileURLWithPath: path))
    var options = DryRunOptions()
    options.keptRefusals = 3
    let report = try engine.dryRun(path, options: options)
    #expect(report.refused == ["line": 50])
    #expect(report.refusedLines.map(\.line) == [1, 2, 3])
  }
}
