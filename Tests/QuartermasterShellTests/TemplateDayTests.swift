import Foundation
import Testing

/// The day of business of each template, as a script runs it.
@Test func `the days of the templates come out as they did`() throws {
  let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("quartermaster")
  let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../examples/templates/day.sh").standardizedFileURL
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = [script.path, program.path]
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let told = String(
    decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  #expect(process.terminationStatus == 0, "\(told)")
  #expect(told.split(separator: "\n").filter { $0.hasSuffix(": as expected") }.count == 4)
}
