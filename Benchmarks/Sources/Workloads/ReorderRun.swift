import CProbe
import Foundation
import Quartermaster

/// One run of W1 through the public interface, in a process of its own: a host that reads the stock and sets it anew.
enum ReorderRun {
  /// Applies the movements to the file of a project folder; prints what they took.
  static func run(folder: URL, products: Int, movements: Int, batch: Int) throws {
    let data = ReorderData(
      products: products, suppliers: Workloads.suppliers, movements: movements)
    let changes = data.movements.map { (id: ReorderData.id($0.product), movement: $0) }
    let engine = try open(folder)
    let (user, wall) = (probe_user(), probe_wall())
    var rejected = 0
    var next = 0
    while next < changes.count {
      let end = min(next + batch, changes.count)
      let part = changes[next..<end]
      next = end
      if let single = part.first, batch == 1, !single.movement.closesOrder {
        do {
          try engine.write { db in try move(single.id, single.movement.amount, db) }
        } catch let refusal as Refusal where refusal.reason == .reject { rejected += 1 }
        continue
      }
      try engine.batch { commit in
        for (id, movement) in part {
          do {
            try commit.write { db in try move(id, movement.amount, db) }
          } catch let refusal as Refusal where refusal.reason == .reject { rejected += 1 }
          if movement.closesOrder {
            try commit.write { db in try db.signal("close-oldest-order") }
          }
        }
      }
    }
    let measured = Measured(
      user: probe_user() - user, wall: probe_wall() - wall, peak: Double(probe_peak()) / 1024)
    try engine.close()
    print(try measured.json(rejected: rejected))
  }

  private static func move(_ id: String, _ amount: Int, _ db: WriteContext) throws {
    guard let stock = try db.find("Inventory", id: id),
      case .int(let quantity) = try db.value(stock, "quantity")
    else { throw BenchmarkError("there is no stock \(id)") }
    try db.set("Inventory", id: id, ["quantity": .int(quantity + Int64(amount))])
  }

  private static func open(_ folder: URL) throws -> Engine {
    let project = try Project.load(folder: folder.path)
    var configuration = Engine.Configuration()
    configuration.settings = project.settings
    return try Engine(
      path: project.dataPath, schema: project.schema,
      rules: try LoadedRules(
        files: project.ruleFiles, schema: project.schema, settings: project.settings),
      configuration: configuration)
  }
}

/// What a run took.
struct Measured: Codable {
  /// Seconds.
  var user: Double, wall: Double
  /// MiB.
  var peak: Double

  func json(rejected: Int) throws -> String {
    """
    {"user": \(user), "wall": \(wall), "peak": \(peak), "rejected": \(rejected)}
    """
  }
}

/// Something that keeps a benchmark from being run, or from being believed.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
