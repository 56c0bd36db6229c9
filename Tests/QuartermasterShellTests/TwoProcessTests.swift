import Foundation
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

/// Two processes that write to one file at the same time: nothing is lost, and nothing is done twice.
@Suite(.serialized) struct TwoProcessTests {
  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("quartermaster")
  }()
  private static let lines = 400

  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// A project with accounts, moves between them, and a stream of moves for each process.
  private func project() throws -> String {
    let folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-two-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder + "/rules", withIntermediateDirectories: true)
    try write(
      """
      classes:
        Shelf:
          quantity: {type: Integer, default: 0}
        Move:
          number: {type: String, unique: true, sequence: "M-%05d"}
          from: {type: Shelf, required: true}
          to: {type: Shelf, required: true}
          quantity: {type: Integer, required: true}
        Tally:
          number: {type: String, unique: true, sequence: "T-%05d"}
          move: String
      """, folder + "/schema.yaml")
    try write(
      """
      - rule: carry
        trigger:
          created: Move
        action:
          - set: move.from
            quantity: move.from.quantity - move.quantity
          - set: move.to
            quantity: move.to.quantity + move.quantity
          - create: Tally
            move: ${move.number}
      """, folder + "/rules/carry.yaml")
    let shelves = (0..<4).map {
      #"{"op":"create","class":"Shelf","id":"s\#($0)","fields":{"quantity":1000}}"#
    }
    try write(shelves.joined(separator: "\n"), folder + "/shelves.jsonl")
    for stream in 0..<2 {
      var random = SystemRandomNumberGenerator()
      let moves = (0..<Self.lines).map { _ in
        let from = Int.random(in: 0..<4, using: &random)
        let to = (from + 1) % 4
        return #"{"op":"create","class":"Move","fields":{"from":"#
          + #"{"__type":"Pointer","className":"Shelf","objectId":"s\#(from)"},"to":"#
          + #"{"__type":"Pointer","className":"Shelf","objectId":"s\#(to)"},"#
          + #""quantity":\#(Int.random(in: 1...9, using: &random))}}"#
      }
      try write(moves.joined(separator: "\n"), folder + "/moves\(stream).jsonl")
    }
    return folder
  }

  private func start(_ folder: String, _ arguments: [String]) throws -> (Process, Pipe) {
    let process = Process()
    process.executableURL = Self.program
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return (process, output)
  }

  @Test(arguments: [1, 10]) func `two streams at once, beside a run`(_ batch: Int) throws {
    let folder = try project()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try start(folder, ["apply", "shelves.jsonl"])
    first.0.waitUntilExit()
    #expect(first.0.terminationStatus == 0)
    let run = try start(folder, ["run"])
    let both = try (0..<2).map { stream in
      try start(folder, ["apply", "moves\(stream).jsonl", "--batch", "\(batch)"])
    }
    for (process, output) in both {
      let said = String(
        decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(said)")
      #expect(!said.contains("locked") && !said.contains("refused ("), "\(said)")
    }
    kill(run.0.processIdentifier, SIGTERM)
    let told = String(
      decoding: run.1.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    run.0.waitUntilExit()
    #expect(run.0.terminationStatus == 0, "\(told)")
    #expect(!told.contains("locked") && told.hasSuffix("stopped\n"), "\(told)")
    let total = 2 * Self.lines
    func value(_ expression: String) throws -> String {
      var command = QueryCommand(expression)
      command.folder = folder
      let reply = command.run(ShellContext())
      #expect(reply.errors.isEmpty, "\(reply.errors)")
      return reply.output.trimmingCharacters(in: .newlines)
    }
    #expect(try value("Shelf.map(s, s.quantity).sum()") == "4000")
    #expect(try value("Move.size()") == "\(total)")
    #expect(try value("Tally.size()") == "\(total)")
    #expect(try value("Tally.map(t, t.move).distinct().size()") == "\(total)")
    let last = String(100_000 + total).dropFirst()
    #expect(try value("Move.exists(m, m.number == \"M-\(last)\")") == "true")
    #expect(try value("Tally.exists(t, t.number == \"T-\(last)\")") == "true")
  }

  /// Runs a command to its end; returns its exit code and all that it said.
  private func run(_ folder: String, _ arguments: [String]) throws -> (status: Int32, said: String)
  {
    let (process, output) = try start(folder, arguments)
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, said)
  }

  @Test func `copies are whole and nothing is found wrong while another process writes`() throws {
    let folder = try project()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try run(folder, ["apply", "shelves.jsonl"]).status == 0)
    let (writer, output) = try start(folder, ["apply", "moves0.jsonl"])
    var copies: [String] = []
    repeat {
      let copy = "copy\(copies.count).sqlite"
      let backup = try run(folder, ["backup", copy])
      #expect(backup.status == 0, "\(backup.said)")
      copies.append(copy)
      let doctor = try run(folder, ["doctor"])
      #expect(doctor.status == 0 && doctor.said.contains("nothing is wrong"), "\(doctor.said)")
    } while writer.isRunning && copies.count < 20
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    writer.waitUntilExit()
    #expect(writer.terminationStatus == 0 && !said.contains("locked"), "\(said)")
    // Each copy is a moment between two operations: what one shelf has less, another has more.
    for copy in copies {
      try write("data: \(copy)\n", folder + "/quartermaster.yaml")
      #expect(try run(folder, ["query", "Shelf.map(s, s.quantity).sum()"]).said == "4000\n")
      #expect(try run(folder, ["query", "Move.size() == Tally.size()"]).said == "true\n")
      #expect(try run(folder, ["doctor"]).status == 0)
    }
  }

  @Test func `who holds a file whose tables were migrated writes no more`() throws {
    let folder = try project()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try run(folder, ["apply", "shelves.jsonl"]).status == 0)
    let (daemon, output) = try start(folder, ["run"])
    // It has begun when its first line is there.
    var told = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let schema = try String(contentsOfFile: folder + "/schema.yaml", encoding: .utf8)
    try write(
      schema.replacing("Shelf:\n", with: "Shelf:\n    label: String\n"), folder + "/schema.yaml")
    let migrate = try run(folder, ["migrate"])
    #expect(migrate.status == 0 && migrate.said.contains("add Shelf.label"), "\(migrate.said)")
    while !told.contains("open it again") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      told += String(decoding: more, as: UTF8.self)
    }
    // Others go on with the new tables, and the daemon does not come back by itself.
    #expect(try run(folder, ["apply", "moves0.jsonl"]).status == 0)
    kill(daemon.processIdentifier, SIGTERM)
    told += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    daemon.waitUntilExit()
    #expect(
      told.contains("another program changed the tables of the file; open it again"), "\(told)")
    #expect(!told.contains("works again"), "\(told)")
    #expect(try run(folder, ["doctor"]).status == 0)
  }
}
