import Foundation

/// W1: runs all its implementations in turn, round by round, and compares where they end.
struct ReorderBenchmark {
  let options: Options
  let folder: URL
  private var results: [Key: [Measured]] = [:]

  /// An implementation and the number of movements in a commit.
  struct Key: Hashable {
    let name: String
    let batch: Int
  }

  /// The floor that others are compared with: native triggers that keep a journal.
  static let floor = "triggers of SQLite, with a journal"
  private static let floors = [
    ("c-trigger-journal", floor, "trigger-journal"),
    ("c-trigger", "triggers of SQLite, no journal", "trigger"),
    ("c-app", "C by hand, no journal", "app"),
  ]
  private static let api = "the engine, public interface"
  private static let apply = "the engine, `quartermaster apply`"

  init(_ options: Options) {
    self.options = options
    folder = options.folder.appendingPathComponent("reorder")
  }

  /// Runs it.
  ///
  /// - Returns: The tables, as Markdown.
  mutating func run() throws -> String {
    try prepare()
    var wanted: [Int: [String]] = [:]
    for round in 1...options.rounds {
      for batch in options.batches {
        var ends: [(String, [String])] = []
        if let bench = options.floors {
          for (_, name, rules) in Self.floors {
            ends.append((name, try runFloor(bench, name, rules, batch)))
          }
        }
        ends.append((Self.api, try runEngine(Self.api, batch)))
        ends.append((Self.apply, try runEngine(Self.apply, batch)))
        let want = wanted[batch] ?? ends[0].1
        wanted[batch] = want
        for (name, state) in ends where state != want {
          throw BenchmarkError(
            "\(name), \(batch) in a commit: ends in another state than \(ends[0].0)")
        }
        Workloads.say("W1, \(batch) in a commit: round \(round) of \(options.rounds)")
      }
    }
    return options.batches.map(table).joined(separator: "\n")
  }

  // MARK: Making ready

  private func prepare() throws {
    let files = FileManager.default
    try? files.removeItem(at: folder)
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let data = ReorderData(
      products: options.products, suppliers: Workloads.suppliers, movements: options.movements)
    try data.writeTables(to: folder)
    try data.writeStreams(to: folder)
    try ReorderProject.write(to: folder)
    if let bench = options.floors {
      _ = try Child.run(
        [
          "cc", "-O2", "-DHERE=\"\(bench.path)\"", "-o", folder.path + "/w1",
          bench.path + "/w1.c", "-lsqlite3",
        ], in: folder)
    }
    _ = try Child.run(
      [options.program, "apply", "data.jsonl", "--without-rules", "--batch", "100000"], in: folder)
    try files.moveItem(
      at: folder.appendingPathComponent("data.sqlite"),
      to: folder.appendingPathComponent("start.sqlite"))
  }

  // MARK: Runs

  private mutating func runFloor(
    _ bench: URL, _ name: String, _ rules: String, _ batch: Int
  ) throws -> [String] {
    struct Line: Decodable {
      let wall_s: Double, user_s: Double, rss_mib: Double
    }
    let (_, output) = try Child.run(
      ["./w1", ".", "floor.db", "--rules", rules, "--batch", "\(batch)"], in: folder)
    let line = try JSONDecoder().decode(Line.self, from: Data(output.utf8))
    note(name, batch, Measured(user: line.user_s, wall: line.wall_s, peak: line.rss_mib))
    return try Child.rows(folder.appendingPathComponent("floor.db"), ReorderState.floor)
  }

  private mutating func runEngine(_ name: String, _ batch: Int) throws -> [String] {
    let files = FileManager.default
    for suffix in ["", "-wal", "-shm"] {
      try? files.removeItem(at: folder.appendingPathComponent("data.sqlite" + suffix))
    }
    let file = folder.appendingPathComponent("data.sqlite")
    try files.copyItem(at: folder.appendingPathComponent("start.sqlite"), to: file)
    if name == Self.apply {
      let (used, _) = try Child.run(
        [
          options.program, "apply", "movements.jsonl", "--batch", "\(batch)", "--show-refused", "0",
        ], in: folder)
      note(name, batch, used)
    } else {
      let (_, output) = try Child.run(
        [
          Workloads.path, "run-reorder", folder.path, "\(options.products)",
          "\(options.movements)", "\(batch)",
        ], in: folder)
      note(name, batch, try JSONDecoder().decode(Measured.self, from: Data(output.utf8)))
    }
    let state = try Child.rows(file, ReorderState.own)
    if options.isUsual {
      let totals = try Child.rows(
        file,
        [
          "SELECT sum(quantity) FROM Inventory", "SELECT count(*) FROM PurchaseOrder",
          "SELECT count(*) FROM PurchaseOrderLine", "SELECT sum(totalAmount) FROM PurchaseOrder",
        ])
      let usual = ReorderState.usual
      let want = [usual.inventory, usual.orders, usual.lines, usual.amount].map { "\($0)\n" }
      if totals != want { throw BenchmarkError("\(name): \(totals) in place of \(want)") }
    }
    return state
  }

  private mutating func note(_ name: String, _ batch: Int, _ measured: Measured) {
    results[Key(name: name, batch: batch), default: []].append(measured)
  }

  // MARK: The table

  private func table(_ batch: Int) -> String {
    let base = results[Key(name: Self.floor, batch: batch)]
    var text = """
      ### W1, \(batch == 1 ? "one movement a commit" : "\(batch) movements a commit")

      | Implementation | User CPU, s | of the floor | Wall, s | of the floor | Peak, MiB | more than the floor |
      |---|--:|--:|--:|--:|--:|--:|

      """
    for name in Self.floors.map(\.1) + [Self.api, Self.apply] {
      guard let runs = results[Key(name: name, batch: batch)] else { continue }
      func ratio(_ field: (Measured) -> Double) -> String {
        guard let base else { return "-" }
        return String(format: "%.2f", zip(runs, base).map { field($0) / field($1) }.median)
      }
      let more = base.map { zip(runs, $0).map { $0.peak - $1.peak }.median }
      text += String(
        format: "| %@ | %.2f | %@ | %.2f | %@ | %.0f | %@ |\n", name, runs.map(\.user).median,
        ratio(\.user), runs.map(\.wall).median, ratio(\.wall), runs.map(\.peak).median,
        more.map { String(format: "%.0f", $0) } ?? "-")
    }
    return text
  }
}
