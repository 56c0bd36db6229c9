import Foundation
import QuartermasterCore
import Testing

@testable import QuartermasterShell

struct StreamTests {
  private func apply(
    _ fixture: Fixture, _ lines: String, file: String = "stream.jsonl",
    _ change: (inout ApplyCommand) -> Void = { _ in }
  ) throws -> Reply {
    try fixture.write(lines, to: file)
    var command = ApplyCommand(path: fixture.path(file))
    command.folder = fixture.folder
    command.clock = .replay
    command.format = .json
    change(&command)
    return command.run(ShellContext())
  }

  private func query(_ fixture: Fixture, _ text: String) -> String {
    var command = QueryCommand(text)
    command.folder = fixture.folder
    let reply = command.run(ShellContext())
    return reply.output + reply.errors
  }

  private func supplier(_ id: String) -> String {
    #"{"op":"create","class":"Supplier","id":"\#(id)","fields":{"name":"\#(id)"}}"# + "\n"
  }

  @Test(arguments: [1, 2, 7, 1000]) func `the size of a commit changes nothing`(batch: Int) throws {
    let (one, many) = (try Fixture(), try Fixture())
    one.applyDay()
    let day = try String(contentsOfFile: many.path("day.jsonl"), encoding: .utf8)
    let reply = try apply(many, day) { $0.batch = batch }
    #expect(
      reply.output.contains(
        #""firings":{"chase-open-draft":1,"close-day":2,"reorder-low-stock":2,"send-drafts":5"#))
    for expression in [
      "Product", "Inventory", "PurchaseOrder", "PurchaseOrderLine", "Notification", "Message",
    ] {
      #expect(query(one, expression) == query(many, expression), "\(expression)")
    }
  }

  @Test func `a file that was opened before its replay fires the same schedules`() throws {
    let (fresh, opened) = (try Fixture(), try Fixture())
    // Under the computer's clock its schedules wait for an instant after the day of the stream.
    let prompt = try Repl.open(opened.folder, ShellContext()).get()
    _ = prompt.submit(":quit")
    _ = prompt.finish()
    let day = try String(contentsOfFile: opened.path("day.jsonl"), encoding: .utf8)
    let firings = try #require(
      try apply(fresh, day).output.firstMatch(of: /"firings":\{[^}]*\}/)?.output)
    #expect(firings.contains(#""send-drafts":"#))
    #expect(try apply(opened, day).output.contains(firings))
  }

  @Test func `a stream that was stopped goes on and repeats nothing`() throws {
    let fixture = try Fixture()
    let (a, b, c) = (supplier("a"), supplier("b"), supplier("c"))
    #expect(try apply(fixture, a + b).output.hasPrefix(#"{"changes":2,"refused":0"#))
    let more = try apply(fixture, a + b + c) { $0.resumes = true }
    #expect(more.output.hasPrefix(#"{"changes":1,"refused":0"#))
    #expect(more.output.contains(#""resumedAfter":2"#))
    let again = try apply(fixture, a + b + c) { $0.resumes = true }
    #expect(again.output.hasPrefix(#"{"changes":0,"refused":0"#))
    #expect(query(fixture, "Supplier.size()") == "3\n")
  }

  @Test func `another file is not gone on with`() throws {
    let fixture = try Fixture()
    _ = try apply(fixture, supplier("a") + supplier("b"))
    let other = try apply(fixture, supplier("x") + supplier("b") + supplier("c")) {
      $0.resumes = true
    }
    #expect(other.status == .badInput)
    #expect(other.errors.contains("is not the file that was begun"))
    let shorter = try apply(fixture, supplier("a")) { $0.resumes = true }
    #expect(shorter.status == .badInput)
    #expect(shorter.errors.contains("is shorter than when it was begun"))
  }

  @Test func `an instant without a clock of its own stops the stream before the line`() throws {
    let fixture = try Fixture()
    let lines =
      supplier("a") + #"{"op":"delete","class":"Supplier","id":"a","at":"2026-01-02T00:00:00Z"}"#
    let stopped = try apply(fixture, lines) { $0.clock = .file }
    #expect(stopped.status == .usage)
    #expect(stopped.errors.contains("line 2 has `at`"))
    #expect(query(fixture, "Supplier.size()") == "1\n")
    // It goes on where it stopped, with the clock; from then on the file has one.
    let rest = try apply(fixture, lines) { $0.resumes = true }
    #expect(rest.output.hasPrefix(#"{"changes":1,"refused":0"#))
    #expect(query(fixture, "Supplier.size()") == "0\n")
    let later = try apply(
      fixture, #"{"op":"signal","name":"close-day","at":"2030-01-01T00:00:00Z"}"#, file: "b.jsonl"
    ) { $0.clock = .file }
    #expect(later.status == .done)
  }

  @Test func `the clock never goes back`() throws {
    let fixture = try Fixture()
    let lines =
      #"{"op":"create","class":"Supplier","id":"a","fields":{"name":"A"},"at":"2026-05-01T00:00:00Z"}"#
      + "\n"
      + #"{"op":"create","class":"Supplier","id":"b","fields":{"name":"B"},"at":"2026-04-01T00:00:00Z"}"#
    _ = try apply(fixture, lines)
    #expect(query(fixture, "Supplier[\"b\"].createdAt") == "2026-05-01T00:00:00Z\n")
  }

  @Test func `without rules the schema still holds and nothing fires`() throws {
    let fixture = try Fixture()
    let day = try String(contentsOfFile: fixture.path("day.jsonl"), encoding: .utf8)
    let reply = try apply(fixture, day) { $0.runsRules = false }
    #expect(reply.output.contains(#""firings":{}"#))
    #expect(reply.output.contains(#""reasons":{"line":2,"schema":3}"#))
    #expect(query(fixture, "PurchaseOrder.size() + Message.size()") == "0\n")
    #expect(query(fixture, "Inventory[\"bolts\"].quantity") == "-12\n")
    #expect(query(fixture, "Product[\"bolt\"].onHand") == "-12\n")
    // The schedules of the days that went by do not come round afterwards.
    let next = try apply(fixture, supplier("z"), file: "z.jsonl")
    #expect(next.output.contains(#""firings":{}"#))
    var log = LogCommand()
    log.folder = fixture.folder
    log.record = "Inventory/bolts"
    #expect(log.run(ShellContext()).output.contains("a load without rules"))
  }

  @Test(arguments: [
    ("{", "not JSON: the text ends too early"), ("[]", "not an object"),
    (#"{"op":"set","class":"A"}"#, "`set` needs the `id` of a A"),
    (#"{"class":"A"}"#, "no `op`"), (#"{"op":1}"#, "`op` needs a text, not a number"),
    (#"{"op":"create"}"#, "`create` needs a `class`"),
    (#"{"op":"create","class":"A","feilds":{}}"#, "no member `feilds`; did you mean `fields`?"),
    (#"{"op":"signal"}"#, "a signal needs its `name`"),
    (#"{"op":"delete","class":"A","id":"x","fields":{"a":1}}"#, "`delete` takes no `fields`"),
    (#"{"op":"signal","name":"x","at":"tomorrow"}"#, "`at` needs an instant"),
    (#"{"op":"create","class":"Suplier","fields":{}}"#, "no class Suplier; did you mean Supplier?"),
    (#"{"op":"create","class":"Supplier","fields":{"nam":"A"}}"#, "did you mean name?"),
    (#"{"op":"create","class":"Message","fields":{}}"#, "written by the engine alone"),
    (#"{"op":"signal","name":"close-dya"}"#, "no signal close-dya; did you mean close-day?"),
  ]) func `a line that says nothing is refused with a reason`(line: String, words: String) throws {
    let fixture = try Fixture()
    try fixture.write(line + "\n", to: "stream.jsonl")
    let told = Told()
    var context = ShellContext()
    context.complain = { told.add($0) }
    var command = ApplyCommand(path: fixture.path("stream.jsonl"))
    command.folder = fixture.folder
    let reply = command.run(context)
    #expect(reply.status == .done)
    #expect(told.text.contains(words), "\(told.text)")
    #expect(told.text.hasPrefix("stream.jsonl:1: refused"))
  }

  @Test func `long lines, empty lines and other line ends`() throws {
    let fixture = try Fixture()
    let long = String(repeating: "x", count: 3_000_000)
    let lines =
      "\u{FEFF}" + supplier("a").dropLast() + "\r\n\r\n  \n"
      + #"{"op":"create","class":"Supplier","id":"b","fields":{"name":"\#(long)"}}"#
    let reply = try apply(fixture, lines)
    #expect(reply.output.hasPrefix(#"{"changes":2,"refused":0"#))
    #expect(query(fixture, "Supplier[\"b\"].name.size()") == "3000000\n")
  }
}

/// Collects lines that a command gives while it runs.
final class Told: @unchecked Sendable {
  // Commands call back on the writer's queue, one at a time, while the test waits.
  private(set) var text = ""

  func add(_ line: String) { text += line }
}
