import CProbe
import Foundation
import Quartermaster

/// One run of W3, in a process of its own: many rules that guard different constants, and changes that wake one each.
enum RulesRun {
  /// What a run took.
  struct Result: Codable {
    /// Seconds of user CPU to read, check and plan the rules.
    var load: Double
    /// KiB of memory per rule, once they are in force.
    var memory: Double
    /// Microseconds of user CPU per change, in commits of 1000.
    var change: Double
  }

  private static let schema = """
    domain: growth
    classes:
      Item:
        category: {type: String, required: true}
        quantity: {type: Integer, required: true}
        hits: {type: Integer, default: 0}
    """

  /// Loads the rules and makes changes until the time is over; prints what it took.
  ///
  /// - Parameters:
  ///   - count: How many rules.
  ///   - fires: Whether each change satisfies the condition of the rule that it wakes; else none fires.
  ///   - kind: `equality` for rules that guard a category each, `threshold` for rules that guard a number each.
  ///   - seconds: How long.
  static func run(count: Int, fires: Bool, kind: String, seconds: Double) throws {
    let guarded = max(count, 1)
    var text = ""
    for k in 0..<count {
      let condition =
        kind == "threshold" ? "item.quantity == \(k)" : "item.category == 'c\(k)'"
      text += """
        - rule: guard-\(k)
          trigger:
            changed: [Item.category, Item.quantity]
          when: \(condition) && item.quantity < \(fires ? 1_000_000 : -1)
          action:
            - set: item
              hits: item.hits + 1

        """
    }
    let project = try Project.load(
      name: "growth", files: [("schema.yaml", schema), ("rules/growth.yaml", text)])
    let (before, memory) = (probe_user(), resident())
    let rules = try LoadedRules(
      files: project.ruleFiles, schema: project.schema, settings: project.settings)
    let load = probe_user() - before
    let engine = try Engine(path: nil, schema: project.schema, rules: rules)
    let held = resident() - memory
    try engine.write { db in
      try db.create("Item", id: "one", ["category": .string("none"), "quantity": .int(-1)])
    }
    var random = SplitMix64(state: 3)
    var hits = 0
    var changes = 0
    var (user, quantity) = (0.0, Int64(0))
    while user < seconds {
      let events = (0..<1000).map { _ in random.below(guarded) }
      let begun = probe_user()
      try engine.batch { commit in
        for event in events {
          quantity = kind == "threshold" ? Int64(event) : (quantity + 1) % 100_000
          let fields: [String: Value] =
            kind == "threshold"
            ? ["category": .string("d\(changes & 7)"), "quantity": .int(quantity)]
            : ["category": .string("c\(event)"), "quantity": .int(quantity)]
          hits += try commit.write { try $0.set("Item", id: "one", fields) }.firings.count
          changes += 1
        }
      }
      user += probe_user() - begun
    }
    let expected = fires && count > 0 ? changes : 0
    guard hits == expected else {
      throw BenchmarkError("\(count) rules: \(hits) firings in place of \(expected)")
    }
    try engine.close()
    let result = Result(
      load: load, memory: held / Double(guarded), change: user / Double(changes) * 1e6)
    print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
  }

  /// The memory of this process that is in use, in KiB.
  private static func resident() -> Double {
    probe_trim()
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1024
  }
}
