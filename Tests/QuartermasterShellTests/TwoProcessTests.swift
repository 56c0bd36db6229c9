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
}
