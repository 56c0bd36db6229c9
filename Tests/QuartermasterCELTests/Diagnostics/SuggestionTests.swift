import Testing

@testable import QuartermasterCEL

private let theClosestNameIsFound: [(String, [String], String?)] = [
  ("treshold", ["threshold", "product"], "threshold"),
  ("payed", ["pending", "paid", "allocated"], "paid"),
  ("quantiy", ["quantity", "reserved"], "quantity"),
  ("quatnity", ["quantity"], "quantity"),
  ("Order", ["order", "Product"], "order"),
  ("on_hand", ["onHand", "onOrder"], "onHand"),
  ("ab", ["ac", "aa"], "aa"),
  ("total", ["product", "name"], nil),
  ("a", ["b"], nil),
  ("", ["a"], nil),
  ("status", ["status"], nil),
]

@Test(arguments: theClosestNameIsFound)
func `the closest name is found`(_ name: String, _ candidates: [String], _ expected: String?) {
  #expect(Suggestion.closest(to: name, among: candidates) == expected)
  #expect(Suggestion.closest(to: name, among: candidates.reversed()) == expected)
}
