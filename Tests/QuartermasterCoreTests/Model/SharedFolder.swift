import Foundation

/// The folder of specifications and reference data that may stand beside the project.
enum SharedFolder {
  /// The folder, or nil where it is not there.
  static let url: URL? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.deletingLastPathComponent().appendingPathComponent("shared")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  /// Whether a Python with PyYAML can be run, which the reference model needs.
  static let hasModel: Bool = {
    guard let url, FileManager.default.fileExists(atPath: url.path + "/model/generate.py") else {
      return false
    }
    return (try? run("python3", ["-c", "import yaml"])) != nil
  }()

  /// Runs a program and returns what it prints.
  @discardableResult
  static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: data, as: UTF8.self)
  }

  struct Failed: Error { let status: Int32 }
}
