import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Suite struct ShippedRulesTests {
  @Test func `the rules of the supply template load without a word`() throws {
    let loaded = load(SupplyFixture.rules)
    #expect(loaded.lines == [])
    let rules = try #require(loaded.rules)
    #expect(rules.rules.count == 16)
    #expect(rules.rules.map(\.index) == Array(0..<16))
  }
}
