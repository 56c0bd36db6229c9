import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// `round` in a computed field: the column that SQLite computes is what the language computes.
struct RoundedColumnTests {
  private static let yaml = """
    classes:
      Line:
        price: {type: Decimal, scale: 4}
        quantity: {type: Integer, default: 0}
        amount: {computed: "line.price == null ? 0.00 : round(line.price * line.quantity, 2)"}
        whole: {computed: "line.price == null ? null : round(line.price, 0)"}
        finer: {computed: "line.price == null ? null : round(line.price, 6)"}
    """

  @Test(arguments: [
    ("0.0050", 1), ("0.0049", 1), ("-0.0050", 1), ("-0.0049", 1), ("0.3335", 3), ("-0.3335", 3),
    ("1.0000", 0), ("12.3456", 789), ("-12.3456", 789), ("0.5", 1), ("-0.5", 1), ("1.4999", 1),
  ])
  func `a half goes away from zero`(_ price: String, _ quantity: Int64) throws {
    let test = try TestStore(Self.yaml)
    let price = try #require(ExactDecimal(price))
    let product = try #require(price.multiplied(by: ExactDecimal(quantity)))
    let found = try test.run { writing throws(Refusal) -> [Int64?] in
      try writing.create("Line", "a", #"{"price": "\#(price)", "quantity": \#(quantity)}"#)
      var found: [Int64?] = []
      for column in ["amount", "whole", "finer"] {
        found.append(try writing.store.integer("SELECT \(column) FROM Line"))
      }
      return found
    }
    #expect(
      found == [
        product.rounded(scale: 2)?.stored(scale: 2), price.rounded(scale: 0)?.stored(scale: 0),
        price.rounded(scale: 6)?.stored(scale: 6),
      ])
  }

  @Test func `a product that does not fit is refused, not rounded to something else`() throws {
    let test = try TestStore(Self.yaml)
    let message = test.refusal { writing throws(Refusal) in
      try writing.create("Line", "a", #"{"price": "922337203685477.5807", "quantity": 2}"#)
    }
    #expect(message != nil)
  }
}
