import Foundation
import Synchronization
import Testing

@testable import QuartermasterShell

/// `quartermaster run` as a process: what it prints, and how it ends.
@Suite(.serialized) struct RunBinaryTests {
  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("quartermaster")
  }()

  /// A process whose output is read as it comes.
  private final class Running: Sendable {
    private let process: Process
    private let output = Mutex("")
    private let errors = Mutex("")
    private let pipes = (output: Pipe(), errors: Pipe())

    init(_ arguments: [String], in folder: String) throws {
      process = Process()
      process.executableURL = RunBinaryTests.program
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = pipes.output
      process.standardError = pipes.errors
      pipes.output.fileHandleForReading.readabilityHandler = { [self] handle in
        let data = handle.availableData
        if data.isEmpty { return handle.readabilityHandler = nil }
        output.withLock { $0 += String(decoding: data, as: UTF8.self) }
      }
      pipes.errors.fileHandleForReading.readabilityHandler = { [self] handle in
        let data = handle.availableData
        if data.isEmpty { return handle.readabilityHandler = nil }
        errors.withLock { $0 += String(decoding: data, as: UTF8.self) }
      }
      try process.run()
    }

    /// Standard output.
    var printed: String { output.withLock { $0 } }
    /// Standard error.
    var complained: String { errors.withLock { $0 } }

    /// Waits until something was printed; the time limit of the test ends it, or the end of the process.
    func wait(for words: String) async throws {
      while !printed.contains(words), !complained.contains(words) {
        try #require(
          process.isRunning, "it ended before it said \(words): \(printed) \(complained)")
        try await Task.sleep(for: .milliseconds(30))
      }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end, and returns the exit code.
    func end() async throws -> Int32 {
      while process.isRunning { try await Task.sleep(for: .milliseconds(30)) }
      // What was printed last may still be on its way.
      try await Task.sleep(for: .milliseconds(100))
      return process.terminationStatus
    }
  }

  /// Returns the output without the instants.
  private func shown(_ text: String, _ fixture: Fixture) -> String {
    fixture.stable(text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/, with: "TIME"))
  }

  @Test(.timeLimit(.minutes(3))) func `rule files are changed while it runs, and a signal ends it`()
    async throws
  {
    let fixture = try Fixture()
    let good = try String(contentsOfFile: fixture.path("rules/stock.yaml"), encoding: .utf8)
    let running = try Running(["run"], in: fixture.folder)
    try await running.wait(for: "started")
    try fixture.write(good + "\n- rule: half\n", to: "rules/stock.yaml")
    try await running.wait(for: "do not check")
    try await running.wait(for: "rules/stock.yaml:")
    try fixture.write(
      good + """

        - rule: one-more
          trigger:
            created: Supplier
          when: supplier.name == "Acme"
          action:
            - reject: Not them.

        """, to: "rules/stock.yaml")
    try await running.wait(for: "rules 2 in force")
    // Other commands work on the file meanwhile, and by the new rules.
    try fixture.write(
      #"{"op":"create","class":"Supplier","id":"a","fields":{"name":"Acme"}}"#, to: "one.jsonl")
    var apply = ApplyCommand(path: fixture.path("one.jsonl"))
    apply.folder = fixture.folder
    #expect(apply.run(ShellContext()).output.contains("refused: 1"))
    try fixture.append("\n# a word\n", to: "quartermaster.yaml")
    try await running.wait(for: "quartermaster.yaml changed")
    running.signal(SIGTERM)
    #expect(try await running.end() == 0)
    try expectGolden(
      shown(running.printed + "--- errors\n" + running.complained, fixture), "run")
  }

  @Test(.timeLimit(.minutes(3))) func `events are objects for programs`() async throws {
    let fixture = try Fixture()
    let running = try Running(["run", "--format", "json"], in: fixture.folder)
    try await running.wait(for: "started")
    running.signal(SIGINT)
    #expect(try await running.end() == 0)
    let events = try running.printed.split(separator: "\n").map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
    #expect(events.map { $0["event"] as? String } == ["published", "started", "stopped"])
    #expect(events.dropFirst().first?["count"] as? Int == 8)
    #expect(events.allSatisfy { ($0["at"] as? String)?.hasSuffix("Z") == true })
  }

  @Test(.timeLimit(.minutes(3))) func `a file with a replayed clock says what to do`() async throws
  {
    let fixture = try Fixture()
    fixture.applyDay()
    let refused = try Running(["run"], in: fixture.folder)
    #expect(try await refused.end() == 64)
    try expectGolden(shown(refused.complained, fixture), "run-replayed")
    let running = try Running(["run", "--clock", "computer"], in: fixture.folder)
    try await running.wait(for: "started")
    running.signal(SIGTERM)
    #expect(try await running.end() == 0)
    // From now on it is a file like any other.
    let again = try Running(["run"], in: fixture.folder)
    try await again.wait(for: "started")
    again.signal(SIGTERM)
    #expect(try await again.end() == 0)
  }

  @Test(.timeLimit(.minutes(3))) func `a project with a mistake does not start`() async throws {
    let fixture = try Fixture()
    try fixture.append("\n- rule: half\n", to: "rules/stock.yaml")
    let running = try Running(["run"], in: fixture.folder)
    #expect(try await running.end() == 65)
    #expect(running.complained.contains("rules/stock.yaml"))
  }
}
