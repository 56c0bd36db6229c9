import Foundation
import Quartermaster

/// What a single change costs as the file grows, with the rules of the template `supply`.
struct ScaleBenchmark {
  let options: Options
  private var results: [Int: [ScaleRun.Result]] = [:]
  private let sizes = [10_000, 100_000, 1_000_000]
  private let changes = 20_000

  init(_ options: Options) { self.options = options }

  /// Runs it.
  ///
  /// - Returns: The table, as Markdown.
  mutating func run() throws -> String {
    let files = FileManager.default
    for size in sizes {
      let folder = folder(size)
      try? files.removeItem(at: folder)
      for (path, text) in ProjectTemplate.supply.files {
        let file = folder.appendingPathComponent(path)
        try files.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: false, encoding: .utf8)
      }
      // Commits like those of the other workloads.
      let settings = folder.appendingPathComponent("quartermaster.yaml")
      let own = try String(contentsOf: settings, encoding: .utf8)
      try (own + "\ndurability: relaxed\n").write(to: settings, atomically: false, encoding: .utf8)
      let data = folder.appendingPathComponent("data.jsonl")
      try ScaleRun.write(products: size, to: data)
      _ = try Child.run(
        [options.program, "apply", "data.jsonl", "--without-rules", "--batch", "10000"], in: folder)
      try files.removeItem(at: data)
      Workloads.say("scale: \(size) products are there")
    }
    for round in 1...options.rounds {
      for size in sizes {
        let (_, output) = try Child.run(
          [Workloads.path, "run-scale", folder(size).path, "\(size)", "\(changes)"],
          in: options.folder)
        results[size, default: []].append(
          try JSONDecoder().decode(ScaleRun.Result.self, from: Data(output.utf8)))
      }
      Workloads.say("scale: round \(round) of \(options.rounds)")
    }
    return table()
  }

  private func folder(_ size: Int) -> URL {
    options.folder.appendingPathComponent("scale-\(size)")
  }

  private func table() -> String {
    var text = """
      ### A single change in a large file

      | Products | Open, s | User CPU, µs | of the smallest | Wall, µs | of the smallest | Query by index, ms | Peak, MiB |
      |--:|--:|--:|--:|--:|--:|--:|--:|

      """
    let base = results[sizes[0]] ?? []
    for size in sizes {
      guard let runs = results[size] else { continue }
      text += String(
        format: "| %d | %.2f | %.1f | %.2f | %.1f | %.2f | %.1f | %.0f |\n", size,
        runs.map(\.open).median, runs.map(\.user).median,
        zip(runs, base).map { $0.user / $1.user }.median, runs.map(\.wall).median,
        zip(runs, base).map { $0.wall / $1.wall }.median, runs.map(\.query).median,
        runs.map(\.peak).median)
    }
    return text
  }
}
