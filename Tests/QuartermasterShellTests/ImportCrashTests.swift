import Foundation
import Testing

@testable import QuartermasterShell

/// The program killed in the middle of `import`, and run again: nothing is doubled and nothing is missing.
@Suite(.serialized) struct ImportCrashTests {
  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("quartermaster")
  }()
  private static let rows = 3000

  /// A project with a record, a signal and a change for each row; rules count what they see.
  private func makeProject() throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-crash-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder + "/rules", withIntermediateDirectories: true)
    func write(_ text: String, to name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    try write(
      """
      classes:
        Item: {name: {type: String, required: true}, seen: {type: Integer, default: 0}}
        Tick: {name: {type: String, required: true}}
      signals:
        tick: {name: String}

      """, to: "schema.yaml")
    try write(
      """
      - rule: note-tick
        trigger: {signal: tick}
        action:
          - create: Tick
            name: ${signal.name}

      - rule: count-change
        trigger: {changed: Item.name}
        action:
          - set: item
            seen: item.seen + 1

      """, to: "rules/ticks.yaml")
    try write(
      """
      - file: items.csv
        class: Item
        id: i${row.no}
        fields: {name: "${row.name}"}
      - file: items.csv
        signal: tick
        fields: {name: "${row.no}"}
      - file: items.csv
        set: Item
        id: i${row.no}
        fields: {name: "${row.name} again"}

      """, to: "mapping.yaml")
    let rows = (1...Self.rows).map { "\($0),item \($0)" }.joined(separator: "\n")
    try write("no,name\n\(rows)\n17,twice\n18\n", to: "items.csv")
    return folder
  }

  /// Runs the import; returns whether it came to its end.
  private func run(_ folder: String, batch: Int, killAfter microseconds: Int?) throws -> Bool {
    let process = Process()
    process.executableURL = Self.program
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.arguments = ["import", "mapping.yaml", "--batch", "\(batch)", "--show-refused", "0"]
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

  private func query(_ text: String, _ folder: String) -> String {
    var command = QueryCommand(text)
    command.folder = folder
    return command.run(ShellContext()).output
  }

  @Test(arguments: [1, 100]) func `an import that is killed and run again doubles nothing`(
    batch: Int
  ) throws {
    let folder = try makeProject()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = SystemRandomNumberGenerator()
    var kills = 0
    var isDone = false
    while !isDone, kills < 30 {
      let pause = Int.random(in: 100_000...900_000, using: &random)
      isDone = try run(folder, batch: batch, killAfter: kills < 8 ? pause : nil)
      if !isDone { kills += 1 }
    }
    #expect(kills > 0, "the import was over before the first kill")
    #expect(query("Item.size()", folder) == "\(Self.rows)\n")
    // The row 17 stands twice: its second signal is the same to the letter.
    #expect(query("Tick.size()", folder) == "\(Self.rows)\n")
    #expect(query("Tick.map(t, t.name).distinct().size()", folder) == "\(Self.rows)\n")
    #expect(query("Item.all(i, i.seen == 1 || i.objectId == \"i17\")", folder) == "true\n")
    #expect(query("Item[\"i17\"].name", folder).contains("twice again"))
  }
}
