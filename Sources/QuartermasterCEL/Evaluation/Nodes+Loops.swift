/// Where the variable of a macro is kept.
enum LoopVariable: Sendable {
  /// In `frame.records`, lent by the list that is gone through.
  case record(Int)
  /// In `frame.places`, as a pointer to the element.
  case place(Int)
}

/// What the macros over lists and maps share: going through the elements without copying them.
class LoopNode: Node, @unchecked Sendable {
  final let target: Node
  /// The element or key; the index or key where there are two.
  final let first: LoopVariable
  /// The element or value where there are two.
  final let second: LoopVariable?
  /// A slot for the index where there are two variables.
  final let indexSlot: Int
  /// Where the first variable is written, for observers.
  final let variableRange: Range<Int>
  final let body: Node

  init(_ parts: Parts, body: Node, range: Range<Int>) {
    target = parts.target
    first = parts.first
    second = parts.second
    indexSlot = parts.indexSlot
    variableRange = parts.variableRange
    self.body = body
    super.init(at: range)
  }

  /// What a loop is made of, beside its body.
  struct Parts {
    let target: Node
    let first: LoopVariable
    let second: LoopVariable?
    let indexSlot: Int
    let variableRange: Range<Int>
  }

  /// Visits the elements, or the keys of a map, with the variables set, until a visit returns false.
  @inline(__always)
  final func iterate(
    _ frame: Frame, starting start: (_ count: Int) -> Void = { _ in },
    _ visit: (_ element: UnsafePointer<Value>, _ place: Int) throws(EvaluationError) -> Bool
  ) throws(EvaluationError) {
    let whole = target.hasPlace ? try target.place(frame).pointee : try target.eval(frame)
    defer {
      if case .record(let slot) = first { frame.takeBack(slot) }
      if case .record(let slot)? = second { frame.takeBack(slot) }
    }
    switch whole {
    case .list(let items):
      try items.withUnsafeBufferPointer { buffer throws(EvaluationError) in
        guard var element = buffer.baseAddress else { return }
        start(buffer.count)
        for place in 0..<buffer.count {
          try frame.step(self)
          if let second {
            frame.slots[indexSlot] = .int(Int64(place))
            bind(frame, first, UnsafePointer(frame.slots + indexSlot))
            bind(frame, second, element)
          } else {
            bind(frame, first, element)
          }
          if !(try visit(element, place)) { return }
          element += 1
        }
      }
    case .map(let map):
      start(map.count)
      for place in 0..<map.count {
        try frame.step(self)
        bind(frame, first, UnsafePointer(map.keys + place))
        if let second { bind(frame, second, UnsafePointer(map.values + place)) }
        if !(try visit(UnsafePointer(map.keys + place), place)) { return }
      }
    default: throw target.mismatch(whole, "a list or a map")
    }
  }

  @inline(__always)
  private final func bind(_ frame: Frame, _ variable: LoopVariable, _ value: UnsafePointer<Value>) {
    switch variable {
    case .place(let index): frame.places[index] = value
    case .record(let slot):
      if case .record(let record) = value.pointee {
        frame.lend(record, to: slot)
      } else {
        frame.takeBack(slot)
      }
    }
  }

  /// Returns the value that belongs to a key or element: the value where there are two variables.
  @inline(__always)
  final func keyed(_ frame: Frame) -> Value {
    guard case .place(let index) = first else { return .null }
    return frame.places[index].pointee
  }
}

/// `exists` and `all`: one element decides, also beside errors of others.
final class QuantifierNode: LoopNode, @unchecked Sendable {
  private let decisive: Bool

  init(_ parts: Parts, decisive: Bool, body: Node, range: Range<Int>) {
    self.decisive = decisive
    super.init(parts, body: body, range: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    var failure: EvaluationError?
    var isDecided = false
    try iterate(frame) { element, _ throws(EvaluationError) in
      do throws(EvaluationError) {
        if try body.evalBool(frame) == decisive {
          isDecided = true
          if frame.observations != nil { frame.observe(variableRange, element.pointee) }
          return false
        }
      } catch {
        guard error.isAbsorbed else { throw error }
        if failure == nil { failure = error }
      }
      return true
    }
    if isDecided { return decisive }
    if let failure { throw failure }
    return !decisive
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value { .bool(try evalBool(frame)) }
}

/// `exists_one`: goes through all elements and passes on every error.
final class ExistsOneNode: LoopNode, @unchecked Sendable {
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    var count = 0
    try iterate(frame) { element, _ throws(EvaluationError) in
      if try body.evalBool(frame) {
        count += 1
        if frame.observations != nil { frame.observe(variableRange, element.pointee) }
      }
      return true
    }
    return count == 1
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value { .bool(try evalBool(frame)) }
}

/// `filter`.
final class FilterNode: LoopNode, @unchecked Sendable {
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var result: [Value] = []
    try iterate(frame) { element, _ throws(EvaluationError) in
      if try body.evalBool(frame) { result.append(element.pointee) }
      return true
    }
    return .list(result)
  }

  /// Returns how many elements pass, without gathering them.
  func count(_ frame: Frame) throws(EvaluationError) -> Int64 {
    var count: Int64 = 0
    try iterate(frame) { _, _ throws(EvaluationError) in
      if try body.evalBool(frame) { count += 1 }
      return true
    }
    return count
  }
}

/// `list.filter(x, condition).size()`.
final class CountNode: Node, @unchecked Sendable {
  private let filter: FilterNode
  init(_ filter: FilterNode, range: Range<Int>) {
    self.filter = filter
    super.init(at: range)
  }
  override func evalInt(_ frame: Frame) throws(EvaluationError) -> Int64 { try filter.count(frame) }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value { .int(try evalInt(frame)) }
}

/// `map`, `map` with a filter, and `transformList`.
final class MapLoopNode: LoopNode, @unchecked Sendable {
  private let filter: Node?

  init(_ parts: Parts, filter: Node?, body: Node, range: Range<Int>) {
    self.filter = filter
    super.init(parts, body: body, range: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var result: [Value] = []
    try iterate(frame, starting: { if filter == nil { result.reserveCapacity($0) } }) {
      _, _ throws(EvaluationError) in
      if let filter, !(try filter.evalBool(frame)) { return true }
      result.append(try body.eval(frame))
      return true
    }
    return .list(result)
  }
}

/// `transformMap` and `transformMapEntry`.
final class TransformMapNode: LoopNode, @unchecked Sendable {
  private let filter: Node?
  private let givesEntries: Bool

  init(_ parts: Parts, filter: Node?, givesEntries: Bool, body: Node, range: Range<Int>) {
    self.filter = filter
    self.givesEntries = givesEntries
    super.init(parts, body: body, range: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var result: [(key: Value, value: Value)] = []
    try iterate(frame) { _, _ throws(EvaluationError) in
      if let filter, !(try filter.evalBool(frame)) { return true }
      let value = try body.eval(frame)
      if !givesEntries {
        result.append((keyed(frame), value))
      } else if case .map(let map) = value {
        result += map.entries
      } else {
        throw body.mismatch(value, "a map with one entry")
      }
      return true
    }
    guard let map = MapValue(result) else {
      throw EvaluationError(
        .duplicateKey, "two entries have one key, or a key of a type that no key may have",
        range: range)
    }
    return .map(map)
  }
}

/// `sortBy`: in the order of a key; elements of equal keys keep their order.
final class SortNode: LoopNode, @unchecked Sendable {
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var items: [(key: Value, place: Int, element: Value)] = []
    try iterate(frame, starting: { items.reserveCapacity($0) }) {
      element, place throws(EvaluationError) in
      let key = try body.eval(frame)
      if case .null = key {
        throw EvaluationError(
          .nullValue,
          "sortBy() was given null for \(element.pointee.brief); exclude it with filter()",
          range: body.range)
      }
      items.append((key, place, element.pointee))
      return true
    }
    var failure: EvaluationError?
    items.sort { a, b in
      do throws(EvaluationError) {
        if try Value.less(a.key, b.key) { return true }
        return try Value.less(b.key, a.key) ? false : a.place < b.place
      } catch {
        failure = error
        return false
      }
    }
    if items.count == 1 { _ = try comparable(items[0].key) }
    if let failure { throw failure.at(body.range) }
    return .list(items.map(\.element))
  }

  /// Fails for a key that has no order, which a list of one element would not show.
  private func comparable(_ key: Value) throws(EvaluationError) -> Bool {
    do { return try Value.less(key, key) } catch { throw error.at(body.range) }
  }
}

/// `groupBy`: a map from each key to its elements, keys in the order of their first appearance.
final class GroupNode: LoopNode, @unchecked Sendable {
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var places: [MapValue.Key: Int] = [:]
    var groups: [(key: Value, elements: [Value])] = []
    try iterate(frame) { element, _ throws(EvaluationError) in
      let key = try body.eval(frame)
      if case .null = key {
        throw EvaluationError(
          .nullValue,
          "groupBy() was given null for \(element.pointee.brief); exclude it with filter()",
          range: body.range)
      }
      guard let found = MapValue.key(key) else {
        throw EvaluationError(
          .invalidArgument, "groupBy() cannot group by \(key.kindText)", range: body.range)
      }
      if let place = places[found] {
        groups[place].elements.append(element.pointee)
      } else {
        places[found] = groups.count
        groups.append((key, [element.pointee]))
      }
      return true
    }
    guard let map = MapValue(distinct: groups.map { ($0.key, .list($0.elements)) }) else {
      throw EvaluationError(.duplicateKey, "groupBy() found a key twice", range: range)
    }
    return .map(map)
  }
}

/// `optMap` and `optFlatMap`: on the value of an optional, where there is one.
final class OptionalMapNode: Node, @unchecked Sendable {
  private let target: Node
  private let slot: Int
  private let isFlat: Bool
  private let body: Node

  init(_ target: Node, slot: Int, isFlat: Bool, body: Node, range: Range<Int>) {
    self.target = target
    self.slot = slot
    self.isFlat = isFlat
    self.body = body
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let whole = try target.eval(frame)
    guard case .optional(let box) = whole else { throw target.mismatch(whole, "an optional value") }
    guard let value = box.value else { return whole }
    frame.slots[slot] = value
    let result = try body.eval(frame)
    if !isFlat { return .optional(OptionalValue(result)) }
    guard case .optional = result else { throw body.mismatch(result, "an optional value") }
    return result
  }
}
