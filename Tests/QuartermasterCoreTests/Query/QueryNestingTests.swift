import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Queries inside each other are planned in time that grows with their number, not twice for each level.
@Suite(.timeLimit(.minutes(2))) struct QueryNestingTests {
  /// `Site.exists(v1, Site.exists(v2, … INNERMOST))`.
  private func nested(_ levels: Int, _ innermost: String) -> String {
    (1...levels).reversed().reduce(innermost) { "Site.exists(v\($1), \($0))" }
  }

  @Test(arguments: [1, 5, 6, 7, 8, 40])
  func `queries that know nothing of each other`(levels: Int) throws {
    let shop = try TestShop()
    let engine = try shop.open(nil)
    func answers(_ innermost: String) throws -> String {
      try engine.answer(nested(levels, innermost))
    }
    #expect(try answers("true") == "false")
    try engine.write { db in try db.create("Site", [:]) }
    #expect(try answers("true") == "true")
    #expect(try answers("false") == "false")
    #expect(try answers("Product.size() == 0") == "true")
    try engine.close()
  }

  @Test(arguments: [2, 6, 7, 12]) func `queries that look at the one around them`(levels: Int)
    throws
  {
    let shop = try TestShop()
    let engine = try shop.open(nil)
    try engine.write { db in
      for _ in 0..<2 { try db.create("Site", [:]) }
    }
    let same = (2...levels).map { "v\($0).objectId == v\($0 - 1).objectId" }
    #expect(try engine.answer(nested(levels, same.joined(separator: " && "))) == "true")
    let other = same.dropLast() + ["v\(levels).objectId != v\(levels).objectId"]
    #expect(try engine.answer(nested(levels, other.joined(separator: " && "))) == "false")
    try engine.close()
  }
}
