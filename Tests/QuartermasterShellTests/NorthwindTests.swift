import Foundation
import Testing

@testable import QuartermasterShell

/// Two years of Northwind, where its CSV files lie beside the project; the rules alone where they do not.
struct NorthwindTests {
  private static let root = Fixture.testFolder.deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let csv = root.deletingLastPathComponent().path + "/shared/data/northwind"
  private static var hasFiles: Bool {
    FileManager.default.isReadableFile(atPath: csv + "/orders.csv")
  }

  /// Copies the example, with the files that its links lead to.
  private func copy() throws -> URL {
    let from = Self.root.appendingPathComponent("examples/northwind")
    let to = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: to.appendingPathComponent("rules"), withIntermediateDirectories: true)
    for folder in ["", "rules/"] {
      let names = try FileManager.default.contentsOfDirectory(
        atPath: from.appendingPathComponent(folder).path)
      for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".csv") {
        try Data(contentsOf: from.appendingPathComponent(folder + name))
          .write(to: to.appendingPathComponent(folder + name))
      }
    }
    return to
  }

  @Test func `its rules and their tests pass`() throws {
    let folder = try copy()
    defer { try? FileManager.default.removeItem(at: folder) }
    var check = CheckCommand()
    check.folder = folder.path
    #expect(check.run(ShellContext()).status == .done)
    var test = TestCommand()
    test.folder = folder.path
    let reply = test.run(ShellContext())
    #expect(reply.status == .done, "\(reply.output)")
  }

  @Test(.enabled(if: hasFiles))
  func `two years end as the script works them out, and a second run doubles nothing`() throws {
    let folder = try copy()
    defer { try? FileManager.default.removeItem(at: folder) }
    var command = ImportCommand(path: folder.path + "/mapping.yaml")
    command.data = Self.csv
    command.folder = folder.path
    command.clock = .replay
    command.batch = 200
    let first = command.run(ShellContext())
    #expect(first.status == .done)
    #expect(first.output.contains("refused: 243\n"))
    #expect(try checks(folder) == 0)
    try report(folder)
    let second = command.run(ShellContext())
    #expect(second.output.contains("there already: 6,754\n"))
    #expect(second.output.contains("firings: none\n"))
    #expect(try checks(folder) == 0)
  }

  /// The figures of the two years, as the script works them out, and as they were.
  private func report(_ folder: URL) throws {
    var context = ShellContext()
    context.width = 110
    var command = ReportCommand()
    command.folder = folder.path
    command.since = "1996-07-01"
    command.until = "1998-05-06"
    command.format = .json
    let json = command.run(context)
    #expect(json.status == .done, "\(json.errors)")
    let file = folder.appendingPathComponent("report.json")
    try Data(json.output.utf8).write(to: file)
    #expect(try checks(folder, file.path) == 0)
    command.format = .text
    command.limit = 10
    try expectGolden(command.run(context).output, "northwind-report")
    // A part of the time is a part of the figures.
    command.format = .csv
    command.table = .suppliers
    command.since = "1997-01-01"
    command.until = "1997-12-31"
    try expectGolden(command.run(context).output, "northwind-suppliers")
  }

  private func checks(_ folder: URL, _ report: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "python3", Self.root.path + "/examples/northwind/check.py", Self.csv,
        folder.path + "/data.sqlite",
      ] + (report.map { [$0] } ?? [])
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
