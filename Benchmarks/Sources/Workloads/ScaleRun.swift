import CProbe
import Foundation
import Quartermaster

/// One run in a process of its own: changes of stock, each a commit, with the rules of the template `supply`.
enum ScaleRun {
  /// What a run took.
  struct Result: Codable {
    /// Seconds to open the file and put the rules in force.
    var open: Double
    /// Microseconds per change: user CPU, and by the clock.
    var user: Double, wall: Double
    /// MiB.
    var peak: Double
    /// Milliseconds of a query that an index serves.
    var query: Double
  }

  /// Writes the data of a size as a stream of changes.
  static func write(products: Int, to path: URL) throws {
    guard let out = OutputStream(url: path, append: false) else {
      throw BenchmarkError("\(path.path) cannot be written")
    }
    out.open()
    defer { out.close() }
    func write(_ text: String) throws {
      let bytes = Array(text.utf8)
      guard out.write(bytes, maxLength: bytes.count) == bytes.count else {
        throw BenchmarkError("\(path.path) cannot be written: the disk may be full")
      }
    }
    func pointer(_ name: String, _ id: String) -> String {
      #"{"__type": "Pointer", "className": "\#(name)", "objectId": "\#(id)"}"#
    }
    for place in 1...Workloads.suppliers {
      let id = ReorderData.id(place)
      try write(
        #"{"op": "create", "class": "Supplier", "id": "\#(id)", "fields": {"name": "S\#(id)"}}"#
          + "\n")
    }
    for place in 1...products {
      let id = ReorderData.id(place)
      let supplier = ReorderData.id(1 + place % Workloads.suppliers)
      try write(
        #"{"op": "create", "class": "Product", "id": "\#(id)", "fields": {"sku": "K\#(id)", "#
          + #""name": "Product \#(id)", "supplier": \#(pointer("Supplier", supplier)), "#
          + #""category": "c\#(place % 500)", "reorderPoint": 5, "orderUpTo": 50}}"# + "\n"
          + #"{"op": "create", "class": "Inventory", "id": "\#(id)", "fields": "#
          + #"{"product": \#(pointer("Product", id)), "quantity": 40}}"# + "\n")
    }
  }

  /// Changes the stock of random products; prints what it took.
  static func run(folder: URL, products: Int, changes: Int) throws {
    let begun = probe_wall()
    let project = try Project.load(folder: folder.path)
    var configuration = Engine.Configuration()
    configuration.settings = project.settings
    configuration.verbs = .supply
    let engine = try Engine(
      path: project.dataPath, schema: project.schema,
      rules: try LoadedRules(
        files: project.ruleFiles, schema: project.schema, settings: project.settings),
      configuration: configuration)
    let open = probe_wall() - begun
    var random = SplitMix64(state: 7)
    func change() throws {
      let id = ReorderData.id(1 + random.below(products))
      let quantity = Int64(20 + random.below(60))
      try engine.write { db in try db.set("Inventory", id: id, ["quantity": .int(quantity)]) }
    }
    // The pages that every change needs are read once before the clock starts.
    for _ in 0..<min(changes, 1000) { try change() }
    let (user, wall) = (probe_user(), probe_wall())
    for _ in 0..<changes { try change() }
    let spent = (user: probe_user() - user, wall: probe_wall() - wall)
    let asked = probe_wall()
    let found = try engine.read { db in
      try db.query(#"Product.filter(p, p.category == "c7" && p.onHand > 70).size()"#)
    }
    guard case .int = found else { throw BenchmarkError("the query gave \(found)") }
    let answered = probe_wall()
    try engine.close()
    let result = Result(
      open: open, user: spent.user / Double(changes) * 1e6,
      wall: spent.wall / Double(changes) * 1e6, peak: Double(probe_peak()) / 1024,
      query: (answered - asked) * 1000)
    print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
  }
}
