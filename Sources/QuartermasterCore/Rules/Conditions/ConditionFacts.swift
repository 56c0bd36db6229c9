import QuartermasterCEL

/// What is known where a condition holds: what its terms may be, and how two of them stand to each other.
///
/// A term is known by its key, its text in one spelling. Keys of live records hold until something is written.
struct ConditionFacts {
  /// How two values may stand to each other.
  struct Order: OptionSet {
    let rawValue: UInt8
    static let less = Order(rawValue: 1)
    static let equal = Order(rawValue: 2)
    static let greater = Order(rawValue: 4)
    /// Neither: one is null, or they have no order.
    static let apart = Order(rawValue: 8)
    static let different: Order = [.less, .greater, .apart]

    /// The same, seen from the other side.
    var turned: Order {
      var result = intersection([.equal, .apart])
      if contains(.less) { result.insert(.greater) }
      if contains(.greater) { result.insert(.less) }
      return result
    }
  }

  private struct Pair: Hashable {
    let first: String
    let second: String
  }

  private(set) var domains: [String: ValueDomain] = [:]
  private var orders: [Pair: Order] = [:]

  /// Returns what is known of a term.
  subscript(key: String) -> ValueDomain? { domains[key] }

  /// Notes what a term may be; false when there is nothing that it could be.
  mutating func set(_ key: String?, _ domain: ValueDomain) -> Bool {
    if domain.isEmpty { return false }
    if let key { domains[key] = domain }
    return true
  }

  /// Notes how two terms stand to each other; false when they cannot.
  mutating func relate(_ a: String, _ b: String, _ order: Order) -> Bool {
    let (pair, order) =
      a <= b ? (Pair(first: a, second: b), order) : (Pair(first: b, second: a), order.turned)
    let left = (orders[pair] ?? [.less, .equal, .greater, .apart]).intersection(order)
    orders[pair] = left
    return !left.isEmpty
  }

  /// Returns what is known when one of two holds, and nobody can say which.
  func joined(_ other: ConditionFacts) -> ConditionFacts {
    var result = ConditionFacts()
    for (key, domain) in domains {
      guard let theirs = other.domains[key] else { continue }
      result.domains[key] = domain.joined(theirs)
    }
    for (pair, order) in orders {
      guard let theirs = other.orders[pair] else { continue }
      result.orders[pair] = order.union(theirs)
    }
    return result
  }

  /// Returns what is known of terms whose keys pass.
  func filtered(_ isKept: (String) -> Bool) -> ConditionFacts {
    var result = ConditionFacts()
    result.domains = domains.filter { isKept($0.key) }
    result.orders = orders.filter { isKept($0.key.first) && isKept($0.key.second) }
    return result
  }
}
