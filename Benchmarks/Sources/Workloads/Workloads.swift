import Foundation

/// The workloads W1, W3 and large files, beside their floors in C; see `README.md`.
@main enum Workloads {
  static let suppliers = 200
  static let path = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.path

  static func main() {
    do { try run(Array(CommandLine.arguments.dropFirst())) } catch {
      say("\(error)")
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    if arguments.first == "run-reorder", arguments.count == 5, let products = Int(arguments[2]),
      let movements = Int(arguments[3]), let batch = Int(arguments[4])
    {
      return try ReorderRun.run(
        folder: URL(fileURLWithPath: arguments[1]), products: products, movements: movements,
        batch: batch)
    }
    if arguments.first == "run-rules", arguments.count == 4, let count = Int(arguments[1]) {
      return try RulesRun.run(
        count: count, fires: arguments[2] == "1", kind: arguments[3], seconds: 0.5)
    }
    if arguments.first == "run-scale", arguments.count == 4, let products = Int(arguments[2]),
      let changes = Int(arguments[3])
    {
      return try ScaleRun.run(
        folder: URL(fileURLWithPath: arguments[1]), products: products, changes: changes)
    }
    let options = try Options(arguments)
    defer { try? FileManager.default.removeItem(at: options.folder) }
    var parts: [String] = []
    if options.workloads.contains("reorder") {
      var benchmark = ReorderBenchmark(options)
      parts.append(try benchmark.run())
    }
    if options.workloads.contains("rules") {
      var benchmark = RulesBenchmark(options)
      parts.append(try benchmark.run())
    }
    if options.workloads.contains("scale") {
      var benchmark = ScaleBenchmark(options)
      parts.append(try benchmark.run())
    }
    let text = parts.joined(separator: "\n")
    print(text)
    if let page = options.page {
      try text.write(toFile: page, atomically: true, encoding: .utf8)
    }
  }

  /// Says something beside the tables.
  static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
