import Foundation
import Testing

/// The benchmark 'reorder' in small: it must end in the state of its oracle, whatever the commits are.
struct ReorderWorkloadTests {
  private static let bench: URL? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.deletingLastPathComponent().appendingPathComponent("shared/bench")
    return FileManager.default.fileExists(atPath: folder.path + "/w1_gen.py") ? folder : nil
  }()

  private static let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("quartermaster").path

  @discardableResult
  private func run(_ program: String, _ arguments: [String], in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) \(arguments)")
    return String(decoding: data, as: UTF8.self)
  }

  @Test(
    .enabled(if: ReorderWorkloadTests.bench != nil, "needs the benchmark and Python"),
    arguments: [1, 1000])
  func `the workload ends in the state of its oracle`(_ batch: Int) throws {
    let bench = try #require(Self.bench)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-reorder-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("rules"), withIntermediateDirectories: true)
    for (from, to) in [
      ("schema.yaml", "schema.yaml"), ("quartermaster.yaml", "quartermaster.yaml"),
      ("rules.yaml", "rules/rules.yaml"),
    ] {
      try FileManager.default.copyItem(
        at: bench.appendingPathComponent("reorder/" + from), to: folder.appendingPathComponent(to))
    }
    let sizes = ["--products", "500", "--suppliers", "20", "--movements", "6000"]
    try run("python3", [bench.path + "/w1_gen.py", "--out", folder.path] + sizes, in: folder)
    try run("python3", [bench.path + "/reorder/stream.py", folder.path, folder.path], in: folder)
    try run(
      Self.program, ["apply", "data.jsonl", "--without-rules", "--batch", "1000"], in: folder)
    try run(
      Self.program, ["apply", "movements.jsonl", "--batch", "\(batch)", "--show-refused", "0"],
      in: folder)
    let state = try run(
      "python3", [bench.path + "/reorder/state.py", "data.sqlite", folder.path], in: folder)
    #expect(state.hasSuffix("equal\n"), "\(state)")
  }
}
