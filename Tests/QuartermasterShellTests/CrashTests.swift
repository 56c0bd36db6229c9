import Foundation
import Testing

@testable import QuartermasterCEL
@testable import QuartermasterCore
@testable import QuartermasterSupply

/// The program killed in the middle of `apply`: the file holds whole operations, and `--resume` ends as if nothing was.
@Suite(.serialized) struct CrashTests {
  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("quartermaster")
  }()
  /// Changes of the made-up trader: rules, timers, schedules and messages all have their part.
  private static let lines = 1200

  @Test(arguments: [1, 7]) func `a stream that is killed and resumed ends as an undisturbed one`(
    _ batch: Int
  ) throws {
    let calm = try Shop()
    #expect(try calm.apply(batch: batch, killAfter: nil))
    let expected = try calm.dump()
    let killed = try Shop()
    var random = SystemRandomNumberGenerator()
    var kills = 0
    var isDone = false
    while !isDone, kills < 60 {
      // From before the first commit to well into the stream.
      let pause = Int.random(in: 20_000...180_000, using: &random)
      isDone = try killed.apply(batch: batch, killAfter: kills < 12 ? pause : nil)
      if !isDone { kills += 1 }
      #expect(try killed.problems() == [])
    }
    #expect(kills > 0, "the stream was over before the first kill")
    let got = try killed.dump()
    #expect(got.count == expected.count)
    for (a, b) in zip(got, expected) where a != b {
      Issue.record("after \(kills) kills: \(a.prefix(200)), undisturbed: \(b.prefix(200))")
      break
    }
  }

  /// A project of the template with a stream beside it.
  private struct Shop {
    let folder: String

    init() throws {
      folder =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("quartermaster-crash-\(UUID().uuidString)").path
      try ProjectTemplate.supply.write(to: folder)
      let lines = Self.withAutomations(Array(DemoTrader.lines().prefix(CrashTests.lines)))
      let stream = lines.joined(separator: "\n") + "\n"
      try Data(stream.utf8).write(to: URL(fileURLWithPath: folder + "/stream.jsonl"))
    }

    /// The stream with rules that are written, changed and deleted as records while it runs.
    static func withAutomations(_ lines: [String]) -> [String] {
      var all: [String] = []
      for (place, line) in lines.enumerated() {
        all.append(line)
        guard place > 50, place % 40 == 0,
          let at = line.firstMatch(of: /"at": ?"([^"]+)"/)?.1
        else { continue }
        let id = "rule-\(place / 120)"
        let change =
          switch place / 40 % 3 {
          case 0:
            #""op":"create","id":"\#(id)","fields":{"name":"\#(id)","trigger":"changed: Inventory.quantity","action":"notify: buyers\nmessage: ${inventory.product.name} \#(place)"}"#
          case 1:
            #""op":"set","id":"\#(id)","fields":{"trigger":"saved: Inventory\nbecomes: inventory.quantity < 20\nfor: 6h","action":"notify: buyers\nmessage: ${inventory.product.name} is short"}"#
          default: #""op":"set","id":"\#(id)","fields":{"enabled":\#(place % 80 == 0)}"#
          }
        all.append("{\(change),\"class\":\"Automation\",\"at\":\"\(at)\"}")
      }
      return all
    }

    /// Applies the stream, going on where it stopped; returns whether it came to its end.
    func apply(batch: Int, killAfter microseconds: Int?) throws -> Bool {
      let process = Process()
      process.executableURL = CrashTests.program
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.arguments = [
        "apply", "stream.jsonl", "--resume", "--clock", "replay", "--batch", "\(batch)",
        "--show-refused", "0",
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      if let microseconds {
        usleep(UInt32(microseconds))
        kill(process.processIdentifier, SIGKILL)
      }
      process.waitUntilExit()
      return process.terminationReason == .exit && process.terminationStatus == 0
    }

    /// What `doctor` finds.
    func problems() throws -> [String] {
      let project = try Project.load(folder: folder)
      // Killed before it made the file.
      guard FileManager.default.fileExists(atPath: project.dataPath) else { return [] }
      var options = Doctor.Options()
      options.settings = project.settings
      options.verbs = .supply
      return try Doctor.examine(project.dataPath, schema: project.schema, options: options)
        .problems.map(\.text)
    }

    /// All rows of all tables but those that say how far the stream came.
    func dump() throws -> [String] {
      let tables = try rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
          + "AND name NOT IN ('_progress', '_meta', '_schema', '_rules', '_stats') ORDER BY name")
      var dump: [String] = []
      for table in tables {
        dump += try rows("SELECT * FROM \"\(table)\" ORDER BY 1, 2").map { "\(table): \($0)" }
      }
      return dump
    }

    private func rows(_ sql: String) throws -> [String] {
      let project = try Project.load(folder: folder)
      let store = try Store.open(
        project.dataPath, schema: project.schema, options: StoreOptions())
      let rows = try store.perform { store throws(Refusal) -> [String] in
        let statement = try store.statement(sql)
        var rows: [String] = []
        while try statement.step() {
          rows.append(
            (0..<statement.columnCount).map { statement.text($0) }.joined(separator: "|"))
        }
        return rows
      }
      try store.close()
      return rows
    }
  }
}
