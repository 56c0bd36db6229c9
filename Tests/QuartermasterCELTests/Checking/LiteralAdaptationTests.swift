import Testing

@testable import QuartermasterCEL

/// Returns the constants that literals became, in the order of the nodes.
private func constants(
  _ text: String, expecting: CELType? = nil, sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  do throws(DiagnosticList) {
    let checked = try CELEnvironment.shop.checked(ExprSource(text), expecting: expecting)
    return checked.references.compactMap { reference in
      switch reference {
      case .constant(.decimal(let number))?: "\(number)"
      case .constant(.double(let number))?: "double \(number)"
      default: nil
      }
    }
  } catch {
    Issue.record("\(text): \(error.items.map(\.message))", sourceLocation: sourceLocation)
    return []
  }
}

private let aLiteralTakesTheTypeOf: [(String, [String])] = [
  ("product.price > 10", ["10"]), ("product.price == 0.10", ["0.10"]),
  ("0.10 != product.price", ["0.10"]),
  ("product.price * 0.1", ["0.1"]), ("product.price + -1.50", ["-1.50"]),
  ("-(1.5) < product.price", ["1.5"]),
  ("product.price > 1e2", ["100"]), ("product.price > 0x10", ["16"]),
  ("product.price * (1 + 0.2)", ["1", "0.2"]),
  ("product.price in [1, 2.50, -3]", ["1", "2.50", "-3"]),
  ("2.5 in order.lines.map(l, l.product.price)", ["2.5"]),
  ("product.price > (count > 1 ? 10 : 20.5)", ["10", "20.5"]),
  ("count > 1 ? product.price : 0", ["0"]),
  ("count > 1 ? 0.5 : product.price", ["0.5"]), ("[product.price, 1, 0.5]", ["1", "0.5"]),
  ("math.greatest(product.price, 5, 0.5)", ["5", "0.5"]), ("rate * 2", ["double 2.0"]),
  ("2 < rate", ["double 2.0"]),
  ("rate == 1", ["double 1.0"]), ("rate in [1, 2.5]", ["double 1.0"]),
  ("math.greatest(rate, 1)", ["double 1.0"]),
  ("1 + 2.5", ["double 1.0"]), ("product.price + (1 + 2.5)", ["1", "2.5"]),
  ("math.abs(product.price - product.price) > product.price * 0.10", ["0.10"]),
  ("div(product.price, 3, 4)", []), ("round(product.price, 2)", []), ("product.price * count", []),
  ("product.price > count", []), ("count * 2", []), ("rate * 2.5", []),
  ("product.price == count", []),
  ("[1.5, 2] == order.lines.map(l, l.product.price)", ["1.5", "2"]),
]

@Test(arguments: aLiteralTakesTheTypeOf)
func `a literal takes the type of what it stands beside`(_ text: String, _ expected: [String]) {
  #expect(constants(text) == expected)
}

@Test func `a literal takes the type that is wanted of the whole`() {
  #expect(constants("0.10", expecting: .decimal) == ["0.10"])
  #expect(constants("-3", expecting: .decimal) == ["-3"])
  #expect(constants("count > 1 ? 1 : 2.5", expecting: .decimal) == ["1", "2.5"])
  #expect(constants("3", expecting: .double) == ["double 3.0"])
  #expect(constants("3", expecting: .int) == [])
}

@Test func `a decimal does not mix with a computed double`() {
  let message =
    "product.price is money; `rate` is a double; write decimal(rate) to say you accept rounding"
  expectDiagnostic("product.price * ‹rate›", "cel/type", message)
  expectDiagnostic("‹rate› > product.price", "cel/type", message)
  expectDiagnostic("product.price == ‹rate›", "cel/type", message)
  expectDiagnostic("count > 1 ? product.price : ‹rate›", "cel/type", message)
  expectType("product.price * decimal(rate)", .decimal)
  expectDiagnostic(
    "product.price > ‹0.1234567890123456789012345678901234567890›", "cel/literal",
    "0.1234567890123456789012345678901234567890 has too many digits for a decimal")
  expectDiagnostic(
    "product.price ‹/› 3", "cel/type",
    "decimals are not divided by `/`: say how many places to keep: div(product.price, 3, 2)")
}
