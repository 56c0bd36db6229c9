import Foundation

/// W3: what a change costs as the number of rules grows.
struct RulesBenchmark {
  let options: Options
  private var results: [String: [RulesRun.Result]] = [:]
  private static let counts = [0, 10, 100, 1000, 10_000]
  private static let variants: [(title: String, fires: Bool, kind: String)] = [
    ("each guards a category; the one that is woken fires", true, "equality"),
    ("each guards a category; the one that is woken does not fire", false, "equality"),
    ("each guards a number; the one that is woken does not fire", false, "threshold"),
  ]

  init(_ options: Options) { self.options = options }

  /// Runs it.
  ///
  /// - Returns: The tables, as Markdown.
  mutating func run() throws -> String {
    try FileManager.default.createDirectory(
      at: options.folder, withIntermediateDirectories: true)
    for round in 1...options.rounds {
      for (place, variant) in Self.variants.enumerated() {
        for count in Self.counts {
          let (_, output) = try Child.run(
            [
              Workloads.path, "run-rules", "\(count)", variant.fires ? "1" : "0", variant.kind,
            ], in: options.folder)
          let result = try JSONDecoder().decode(RulesRun.Result.self, from: Data(output.utf8))
          results["\(place) \(count)", default: []].append(result)
        }
      }
      Workloads.say("W3: round \(round) of \(options.rounds)")
    }
    return Self.variants.indices.map(table).joined(separator: "\n")
  }

  private func table(_ place: Int) -> String {
    var text = """
      ### W3: \(Self.variants[place].title)

      | Rules | A change, µs | of 10 rules | more than without rules, µs | Load and check, s | A rule in memory, KiB |
      |--:|--:|--:|--:|--:|--:|

      """
    let ten = results["\(place) 10"] ?? []
    let none = results["\(place) 0"] ?? []
    for count in Self.counts {
      guard let runs = results["\(place) \(count)"] else { continue }
      let growth = zip(runs, ten).map { $0.change / $1.change }.median
      let more = zip(runs, none).map { $0.change - $1.change }.median
      text += String(
        format: "| %d | %.2f | %.2f | %.2f | %.2f | %@ |\n", count, runs.map(\.change).median,
        growth, more, runs.map(\.load).median,
        count < 1000 ? "-" : String(format: "%.1f", runs.map(\.memory).median))
    }
    return text
  }
}
