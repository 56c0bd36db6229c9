import QuartermasterCEL

/// What a value may be, as far as schema and conditions tell: null or not, one of a few values, or a range.
///
/// Too much is allowed rather than too little: what is not in a domain is impossible.
struct ValueDomain {
  /// An end of a range.
  struct Bound {
    let value: Value
    let isIncluded: Bool
  }

  /// Whether it may be null.
  var takesNull: Bool
  /// The values that it may be besides null; nil when they are not listed.
  private(set) var only: [Value]?
  /// Values that it is not.
  private(set) var except: [Value] = []
  private(set) var lower: Bound?
  private(set) var upper: Bound?
  /// Whether it is an integer, so that there is nothing between 3 and 4.
  let isWhole: Bool

  /// Creates a domain without limits.
  init(takesNull: Bool, isWhole: Bool = false, only: [Value]? = nil) {
    self.takesNull = takesNull
    self.isWhole = isWhole
    self.only = only
  }

  /// Creates the domain of one value, which may be null.
  init(_ value: Value) {
    if case .null = value {
      self.init(takesNull: true, only: [])
    } else {
      self.init(takesNull: false, only: [value])
    }
  }

  /// True or false.
  static let flag = ValueDomain(takesNull: false, only: [.bool(false), .bool(true)])

  /// Whether there is nothing that it could be.
  var isEmpty: Bool { !takesNull && hasNoValue }

  /// Whether it can be null alone, or nothing.
  var hasNoValue: Bool {
    if let only { return only.isEmpty }
    guard let lower, let upper else { return false }
    if Self.isLess(upper.value, lower.value) { return true }
    if Value.equal(upper.value, lower.value) {
      return !upper.isIncluded || !lower.isIncluded
        || except.contains { Value.equal($0, lower.value) }
    }
    guard isWhole, case .int(let first) = lower.value, case .int(let last) = upper.value,
      lower.isIncluded, upper.isIncluded,
      last.subtractingReportingOverflow(first).overflow == false,
      last - first < 64
    else { return false }
    return (first...last).allSatisfy { number in
      except.contains { Value.equal($0, .int(number)) }
    }
  }

  /// The one value that it is, null included; nil when there are several.
  var single: Value? {
    guard let only else { return nil }
    if takesNull { return only.isEmpty ? .null : nil }
    return only.count == 1 ? only[0] : nil
  }

  /// Whether it may be a value other than null.
  func allows(_ value: Value) -> Bool {
    if let only, !only.contains(where: { Value.equal($0, value) }) { return false }
    if except.contains(where: { Value.equal($0, value) }) { return false }
    if let lower {
      if Self.isLess(value, lower.value) { return false }
      if !lower.isIncluded, Value.equal(value, lower.value) { return false }
    }
    if let upper {
      if Self.isLess(upper.value, value) { return false }
      if !upper.isIncluded, Value.equal(value, upper.value) { return false }
    }
    return true
  }

  // MARK: Narrowing

  /// Leaves the values from a bound on.
  mutating func limit(from bound: Bound) {
    let bound = rounded(bound, by: 1)
    guard let lower else {
      self.lower = bound
      return settle()
    }
    if Self.isLess(lower.value, bound.value)
      || Value.equal(lower.value, bound.value) && lower.isIncluded
    {
      self.lower = bound
    }
    settle()
  }

  /// Leaves the values up to a bound.
  mutating func limit(to bound: Bound) {
    let bound = rounded(bound, by: -1)
    guard let upper else {
      self.upper = bound
      return settle()
    }
    if Self.isLess(bound.value, upper.value)
      || Value.equal(upper.value, bound.value) && upper.isIncluded
    {
      self.upper = bound
    }
    settle()
  }

  /// Takes a value out.
  mutating func exclude(_ value: Value) {
    if case .null = value {
      takesNull = false
      return
    }
    if let only {
      self.only = only.filter { !Value.equal($0, value) }
    } else if except.count < 64, !except.contains(where: { Value.equal($0, value) }) {
      except.append(value)
      moveEnds()
    }
  }

  /// Leaves the listed values; null stays as it is.
  mutating func keep(_ values: [Value]) {
    only = values.filter { allows($0) }
  }

  /// Leaves what another domain allows too.
  mutating func intersect(_ other: ValueDomain) {
    takesNull = takesNull && other.takesNull
    if let values = other.only { keep(values) }
    for value in other.except { exclude(value) }
    if let bound = other.lower { limit(from: bound) }
    if let bound = other.upper { limit(to: bound) }
  }

  /// Returns what one of two domains allows.
  func joined(_ other: ValueDomain) -> ValueDomain {
    var result = ValueDomain(
      takesNull: takesNull || other.takesNull, isWhole: isWhole && other.isWhole)
    if hasNoValue || other.hasNoValue {
      // Null alone adds no value.
      let more = hasNoValue ? other : self
      result.only = more.only
      result.except = more.except
      result.lower = more.lower
      result.upper = more.upper
      if more.only == nil, hasNoValue, other.hasNoValue { result.only = [] }
      return result
    }
    if let only, let values = other.only {
      result.only = only + values.filter { value in !only.contains { Value.equal($0, value) } }
      return result
    }
    result.except =
      except.filter { !other.allows($0) } + other.except.filter { !allows($0) }
    if let a = lowest, let b = other.lowest {
      if Self.isLess(a.value, b.value) || Value.equal(a.value, b.value) && a.isIncluded {
        result.lower = a
      } else {
        result.lower = b
      }
    }
    if let a = highest, let b = other.highest {
      if Self.isLess(b.value, a.value) || Value.equal(a.value, b.value) && a.isIncluded {
        result.upper = a
      } else {
        result.upper = b
      }
    }
    return result
  }

  /// The least value, of a list too, where that can be told.
  var lowest: Bound? {
    guard let only else { return lower }
    return only.reduce(nil as Value?) { least, value in
      guard let least else { return value }
      return Self.isLess(value, least) ? value : least
    }.map { Bound(value: $0, isIncluded: true) }
  }

  /// The greatest value, of a list too, where that can be told.
  var highest: Bound? {
    guard let only else { return upper }
    return only.reduce(nil as Value?) { greatest, value in
      guard let greatest else { return value }
      return Self.isLess(greatest, value) ? value : greatest
    }.map { Bound(value: $0, isIncluded: true) }
  }

  // MARK: Parts

  private static func isLess(_ a: Value, _ b: Value) -> Bool { (try? Value.less(a, b)) ?? false }

  /// Of integers, `> 3` is `>= 4`.
  private func rounded(_ bound: Bound, by step: Int64) -> Bound {
    guard isWhole, !bound.isIncluded, case .int(let number) = bound.value else { return bound }
    let (next, isTooLarge) = number.addingReportingOverflow(step)
    return isTooLarge ? bound : Bound(value: .int(next), isIncluded: true)
  }

  private mutating func settle() {
    if let values = only {
      only = nil
      only = values.filter { allows($0) }
    }
    moveEnds()
  }

  /// An end that is excluded moves inwards.
  private mutating func moveEnds() {
    guard isWhole, only == nil, !except.isEmpty else { return }
    while let bound = lower, case .int(let number) = bound.value, bound.isIncluded,
      number < .max, except.contains(where: { Value.equal($0, bound.value) })
    {
      lower = Bound(value: .int(number + 1), isIncluded: true)
    }
    while let bound = upper, case .int(let number) = bound.value, bound.isIncluded,
      number > .min, except.contains(where: { Value.equal($0, bound.value) })
    {
      upper = Bound(value: .int(number - 1), isIncluded: true)
    }
  }
}
