import Foundation
import Testing

/// Runs the built program: what only a process can show.
struct BinaryTests {
  private struct Ended {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The program, which lies beside the tests.
  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("quartermaster")
  }()

  private func run(
    _ arguments: [String], in folder: String? = nil, input: String = ""
  ) throws -> Ended {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = standardInput
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let told = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Ended(
      status: process.terminationStatus, output: String(decoding: told, as: UTF8.self),
      errors: String(decoding: complained, as: UTF8.self))
  }

  @Test func `a good project ends with 0`() throws {
    let fixture = try Fixture()
    let check = try run(["check"], in: fixture.folder)
    #expect(check.status == 0)
    #expect(check.output == "ok: 8 rules, 2 tests\n")
    #expect(check.errors.isEmpty)
    #expect(try run(["test"], in: fixture.folder).status == 0)
    #expect(try run(["query", "Product.size()"], in: fixture.folder).output == "0\n")
    #expect(try run(["eval", "1 + 2"]).output == "3\n")
    #expect(try run(["--version"]).status == 0)
    #expect(try run(["--help"]).output.contains("SUBCOMMANDS"))
  }

  @Test func `what ran and failed ends with 1`() throws {
    let fixture = try Fixture()
    try fixture.append("\n- rule: half\n", to: "rules/stock.yaml")
    #expect(try run(["check"], in: fixture.folder).status == 1)
    let other = try Fixture()
    try other.append("\n- test: no\n  expect:\n    - 1 == 2\n", to: "rules/stock.yaml")
    #expect(try run(["test"], in: other.folder).status == 1)
    #expect(try run(["eval", "1 / 0"]).status == 1)
    #expect(try run(["why", "Product/none"], in: other.folder).status == 1)
  }

  @Test func `a command that is given wrongly ends with 64`() throws {
    let fixture = try Fixture()
    for arguments in [
      ["bogus"], ["query"], ["apply", "day.jsonl", "--batch", "many"],
      ["apply", "day.jsonl", "--batch", "0"], ["query", "Product.filter("], ["eval", "1 +"],
      ["new", "x", "--template", "none"], ["why", "bolt"], ["apply", "-", "--resume"],
    ] {
      let ended = try run(arguments, in: fixture.folder)
      #expect(ended.status == 64, "\(arguments)")
      #expect(ended.output.isEmpty, "\(arguments)")
      #expect(ended.errors.contains("error: "), "\(arguments)")
    }
    // Lines with instants need a clock that they may move.
    #expect(try run(["apply", "day.jsonl"], in: fixture.folder).status == 64)
  }

  @Test func `a bad file ends with 65`() throws {
    let fixture = try Fixture()
    #expect(try run(["check", "nowhere"], in: fixture.folder).status == 65)
    #expect(try run(["apply", "nowhere.jsonl"], in: fixture.folder).status == 65)
    try fixture.write("not a data file, but long enough to be taken for one", to: "data.sqlite")
    let query = try run(["query", "1"], in: fixture.folder)
    #expect(query.status == 65)
    #expect(query.errors.hasPrefix("error: "))
    let other = try Fixture()
    try other.append("\n- rule: half\n", to: "rules/stock.yaml")
    #expect(try run(["test"], in: other.folder).status == 65)
    #expect(try run(["new", "."], in: other.folder).status == 65)
  }

  @Test func `a script at the prompt ends with 1 when a line fails`() throws {
    let fixture = try Fixture()
    let good = try run(
      ["repl", "--sandbox"], in: fixture.folder,
      input: "create Supplier name: Acme as: acme\nacme.name\n:quit\n")
    #expect(good.status == 0)
    #expect(good.output.hasSuffix("Acme\n"))
    let bad = try run(["repl"], in: fixture.folder, input: "1 +\n2 + 3\n")
    #expect(bad.status == 1)
    #expect(bad.output == "5\n")
    // A sandbox leaves nothing.
    #expect(try run(["query", "Supplier.size()"], in: fixture.folder).output == "0\n")
  }

  @Test func `a stream comes from standard input too`() throws {
    let fixture = try Fixture()
    let line = #"{"op":"create","class":"Supplier","id":"a","fields":{"name":"A"}}"#
    let ended = try run(
      ["apply", "-", "--format", "json"], in: fixture.folder, input: line + "\n" + line)
    #expect(ended.status == 0)
    #expect(ended.output.hasPrefix(#"{"changes":2,"refused":1,"reasons":{"schema":1}"#))
    #expect(
      ended.errors.contains("<standard input>:2: refused (schema): Supplier/a is there already"))
  }

  @Test func `a new project passes its own check and tests`() throws {
    let fixture = try Fixture()
    let templates = [
      "supply", "supplier-ordering", "order-fulfillment", "warehouse-ops", "minimal",
    ]
    for template in templates {
      let made = try run(["new", template, "--template", template], in: fixture.folder)
      #expect(made.status == 0)
      #expect(try run(["check", template], in: fixture.folder).output.hasPrefix("ok: "))
      #expect(try run(["test", template], in: fixture.folder).status == 0)
    }
  }
}

extension BinaryTests {
  /// A stream that is killed again and again must end where one that runs through ends.
  @Test(arguments: [1, 50]) func `a stream that is killed goes on and loses nothing`(
    batch: Int
  ) throws {
    let fixture = try Fixture()
    var lines = try String(contentsOfFile: fixture.path("day.jsonl"), encoding: .utf8)
      .split(separator: "\n").map(String.init).filter { $0.contains("\"create\"") }
    for number in 1...4000 {
      let amount = number % 7 == 0 ? 9 : -2
      lines.append(
        #"{"op":"set","class":"Inventory","id":"bolts","fields":{"quantity":"#
          + #"{"__op":"Increment","amount":\#(amount)}},"at":"2026-03-09T10:00:00Z"}"#)
    }
    try fixture.write(lines.joined(separator: "\n") + "\n", to: "long.jsonl")
    let whole = try Fixture()
    try whole.write(lines.joined(separator: "\n") + "\n", to: "long.jsonl")
    let arguments = ["apply", "long.jsonl", "--clock", "replay", "--batch", "\(batch)"]
    #expect(try run(arguments, in: whole.folder).status == 0)

    var kills = 0
    for attempt in 1... {
      let process = Process()
      process.executableURL = Self.program
      process.arguments = arguments + ["--resume", "--show-refused", "0"]
      process.currentDirectoryURL = URL(fileURLWithPath: fixture.folder)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // Each time a little longer, so that it ends in the end whatever the machine does meanwhile.
      usleep(UInt32(20_000 * attempt))
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      if process.terminationReason == .exit {
        #expect(process.terminationStatus == 0)
        break
      }
      kills += 1
    }
    for expression in [
      "Inventory", "Product", "PurchaseOrderLine.map(l, l.quantity)", "Message.size()",
    ] {
      let query = ["query", expression]
      #expect(
        try run(query, in: fixture.folder).output == run(query, in: whole.folder).output,
        "after \(kills) kills: \(expression)")
    }
    let refused = ["log", "--refused", "--limit", "0"]
    #expect(try run(refused, in: fixture.folder).output == run(refused, in: whole.folder).output)
  }
}
