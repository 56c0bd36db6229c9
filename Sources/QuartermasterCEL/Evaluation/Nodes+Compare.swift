/// The six comparisons.
enum Comparison: Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// Returns the comparison that an operator is.
  init?(function: String) {
    switch function {
    case "_==_": self = .equal
    case "_!=_": self = .notEqual
    case "_<_": self = .less
    case "_<=_": self = .lessOrEqual
    case "_>_": self = .greater
    case "_>=_": self = .greaterOrEqual
    default: return nil
    }
  }

  /// The comparison with its sides exchanged.
  var mirrored: Comparison {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  /// Compares two values of one type.
  @inline(__always)
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }

  /// Compares an order with 0.
  @inline(__always)
  func holds(order: Int) -> Bool { holds(order, 0) }

  /// Compares any two values.
  func holds(_ a: Value, _ b: Value) throws(EvaluationError) -> Bool {
    switch self {
    case .equal: Value.equal(a, b)
    case .notEqual: !Value.equal(a, b)
    case .less: try Value.less(a, b)
    case .lessOrEqual: try Value.lessOrEqual(a, b)
    case .greater: try Value.less(b, a)
    case .greaterOrEqual: try Value.lessOrEqual(b, a)
    }
  }
}

/// What the comparisons of two nodes share.
class CompareNode: BoolNode, @unchecked Sendable {
  final let comparison: Comparison
  final let left: Node
  final let right: Node

  init(_ comparison: Comparison, _ left: Node, _ right: Node, range: Range<Int>) {
    self.comparison = comparison
    self.left = left
    self.right = right
    super.init(at: range)
  }
}

/// A comparison of integers.
final class IntCompareNode: CompareNode, @unchecked Sendable {
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let a = try left.evalInt(frame)
    return comparison.holds(a, try right.evalInt(frame))
  }
}

/// A comparison of doubles.
final class DoubleCompareNode: CompareNode, @unchecked Sendable {
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let a = try left.evalDouble(frame)
    return comparison.holds(a, try right.evalDouble(frame))
  }
}

/// A comparison of decimals, or of a decimal and an integer.
final class DecimalCompareNode: CompareNode, @unchecked Sendable {
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let a = try left.evalDecimal(frame)
    return comparison.holds(a, try right.evalDecimal(frame))
  }
}

/// Equality of two records of one class: by their ids, without loading them.
final class RecordCompareNode: CompareNode, @unchecked Sendable {
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let (a, b) = (try left.evalID(frame), try right.evalID(frame))
    let isEqual: Bool
    switch (a, b) {
    case (nil, nil): isEqual = true
    case (let a?, let b?): isEqual = UTF8Text.equal(a, b)
    default: isEqual = false
    }
    return isEqual == (comparison == .equal)
  }
}

/// A comparison of values that both stand somewhere.
final class PlaceCompareNode: CompareNode, @unchecked Sendable {
  /// The right side where it is known: it stands in one place as long as its node is there.
  private let known: UnsafePointer<Value>?

  override init(_ comparison: Comparison, _ left: Node, _ right: Node, range: Range<Int>) {
    known = (right as? ConstantNode)?.place
    super.init(comparison, left, right, range: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let a = try left.place(frame)
    let b = if let known { known } else { try right.place(frame) }
    // Reading a number out of its place copies no value.
    if case .int(let x) = a.pointee, case .int(let y) = b.pointee { return comparison.holds(x, y) }
    return try holds(a.pointee, b.pointee, frame)
  }

  @inline(never)
  private func holds(_ a: Value, _ b: Value, _ frame: Frame) throws(EvaluationError) -> Bool {
    try frame.charge(a, b, self)
    do { return try comparison.holds(a, b) } catch { throw error.at(range) }
  }
}

/// Any other comparison.
final class ValueCompareNode: CompareNode, @unchecked Sendable {
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let a = try left.eval(frame)
    let b = try right.eval(frame)
    try frame.charge(a, b, self)
    do { return try comparison.holds(a, b) } catch { throw error.at(range) }
  }
}

/// Equality of a text that stands somewhere with a constant.
final class TextConstantNode: BoolNode, @unchecked Sendable {
  private let operand: Node
  private let text: String
  private let wanted: Bool

  init(_ operand: Node, equals text: String, wanted: Bool, range: Range<Int>) {
    self.operand = operand
    self.text = text
    self.wanted = wanted
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let place = try operand.place(frame)
    guard case .string(let found) = place.pointee else { return !wanted }
    return UTF8Text.equal(found, text) == wanted
  }
}

/// `x in ["a", "b"]` with texts that are all known.
final class TextSetNode: BoolNode, @unchecked Sendable {
  private let operand: Node
  private let isPlaced: Bool
  private let few: UnsafeMutableBufferPointer<String>
  private let many: Set<MapValue.TextKey>

  init(_ operand: Node, in texts: [String], range: Range<Int>) {
    self.operand = operand
    isPlaced = operand.hasPlace
    // A few are compared faster than one is hashed.
    let isFew = texts.count <= 12
    few = .allocate(capacity: isFew ? texts.count : 0)
    if isFew { _ = few.initialize(from: texts) }
    many = isFew ? [] : Set(texts.map(MapValue.TextKey.init))
    super.init(at: range)
  }

  deinit {
    few.deinitialize()
    few.deallocate()
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if isPlaced {
      guard case .string(let text) = try operand.place(frame).pointee else { return false }
      return has(text)
    }
    guard case .string(let text) = try operand.eval(frame) else { return false }
    return has(text)
  }

  @inline(__always)
  private func has(_ text: String) -> Bool {
    if !many.isEmpty { return many.contains(MapValue.TextKey(text)) }
    for candidate in few where UTF8Text.equal(candidate, text) { return true }
    return false
  }
}

/// `x in list`, `x in map`.
final class InNode: BoolNode, @unchecked Sendable {
  private let element: Node
  private let whole: Node

  init(_ element: Node, _ whole: Node, range: Range<Int>) {
    self.element = element
    self.whole = whole
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let value = try element.eval(frame)
    if whole.hasPlace {
      let place = try whole.place(frame)
      if case .list = place.pointee { try frame.charge(value, place.pointee, self) }
      do { return try Value.contains(value, in: place.pointee) } catch { throw error.at(range) }
    }
    let all = try whole.eval(frame)
    if case .list = all { try frame.charge(value, all, self) }
    do { return try Value.contains(value, in: all) } catch { throw error.at(range) }
  }
}
