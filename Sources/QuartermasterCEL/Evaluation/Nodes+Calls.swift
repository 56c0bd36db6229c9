/// A function of one argument.
final class UnaryCallNode: Node, @unchecked Sendable {
  private let body: @Sendable (Value) throws(EvaluationError) -> Value
  private let argument: Node
  private let cost: CostModel

  init(
    _ body: @escaping @Sendable (Value) throws(EvaluationError) -> Value, _ argument: Node,
    cost: CostModel = .linear, range: Range<Int>
  ) {
    self.body = body
    self.argument = argument
    self.cost = cost
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    if argument.hasPlace {
      let place = try argument.place(frame)
      try frame.charge(place.pointee, self, cost)
      do { return try frame.charged(try body(place.pointee), self) } catch { throw error.at(range) }
    }
    let value = try argument.eval(frame)
    try frame.charge(value, self, cost)
    do { return try frame.charged(try body(value), self) } catch { throw error.at(range) }
  }
}

/// A function of two arguments.
final class BinaryCallNode: Node, @unchecked Sendable {
  private let body: @Sendable (Value, Value) throws(EvaluationError) -> Value
  private let first: Node
  private let second: Node
  private let cost: CostModel

  init(
    _ body: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Value, _ first: Node,
    _ second: Node, cost: CostModel = .linear, range: Range<Int>
  ) {
    self.body = body
    self.cost = cost
    self.first = first
    self.second = second
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let a = try first.eval(frame)
    let b = try second.eval(frame)
    try frame.charge(a, b, self, cost)
    do { return try frame.charged(try body(a, b), self) } catch { throw error.at(range) }
  }
}

/// A function of any number of arguments.
final class VariadicCallNode: Node, @unchecked Sendable {
  private let body: @Sendable ([Value]) throws(EvaluationError) -> Value
  private let arguments: [Node]
  private let cost: CostModel

  init(
    _ body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value, _ arguments: [Node],
    cost: CostModel = .linear, range: Range<Int>
  ) {
    self.body = body
    self.cost = cost
    self.arguments = arguments
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var values: [Value] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.eval(frame)) }
    try frame.charge(values, self, cost)
    do { return try frame.charged(try body(values), self) } catch { throw error.at(range) }
  }
}

/// A function whose overload is found by the types of its arguments when it runs.
final class DispatchNode: Node, @unchecked Sendable {
  private let name: String
  private let overloads: [Overload]
  private let arguments: [Node]
  private let cost: CostModel

  init(_ name: String, _ overloads: [Overload], _ arguments: [Node], range: Range<Int>) {
    cost = CostModel(of: name, overloads.first)
    self.name = name
    self.overloads = overloads
    self.arguments = arguments
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var values: [Value] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.eval(frame)) }
    try frame.charge(values, self, cost)
    do {
      return try frame.charged(try Self.call(name, overloads, values), self)
    } catch { throw error.at(range) }
  }

  /// The name as messages have it: `size()`, and operators as they are.
  private static func shown(_ name: String) -> String { name.hasPrefix("`") ? name : name + "()" }

  /// Runs the first overload that takes the values.
  static func call(
    _ name: String, _ overloads: [Overload], _ values: [Value]
  ) throws(EvaluationError) -> Value {
    for overload in overloads where overload.takes(values) {
      switch overload.body {
      case .unary(let body): return try body(values[0])
      case .binary(let body): return try body(values[0], values[1])
      case .variadic(let body): return try body(values)
      case .intrinsic: continue
      }
    }
    if values.contains(where: { if case .null = $0 { true } else { false } }) {
      throw EvaluationError(.nullValue, "\(shown(name)) was given null")
    }
    throw EvaluationError(
      .noSuchOverload,
      "\(shown(name)) cannot take "
        + (values.isEmpty ? "no arguments" : values.map(\.kindText).joined(separator: ", ")))
  }
}

extension Overload {
  /// Returns whether values fit the parameters, as far as their own types say: what a list or a map holds is not
  /// looked at, beyond the first element.
  func takes(_ values: [Value]) -> Bool {
    guard
      isVariadic ? values.count >= parameters.count : values.count == parameters.count,
      let last = parameters.last
    else { return values.isEmpty && parameters.isEmpty }
    for (place, value) in values.enumerated() {
      let parameter = place < parameters.count ? parameters[place] : last
      if !parameter.takes(value) { return false }
    }
    return true
  }
}

extension CELType {
  /// Returns whether a value is of the type, as far as it can be told without going through it.
  func takes(_ value: Value) -> Bool {
    switch (self, value) {
    case (.dyn, _), (.parameter, _), (.error, _): true
    case (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
      (.string, .string), (.bytes, .bytes), (.decimal, .decimal), (.timestamp, .timestamp),
      (.duration, .duration), (.map, .map), (.type, .type), (.optional, .optional):
      true
    case (.list(let element), .list(let items)):
      switch items.first {
      // The function itself has more to say about a null in a list.
      case nil, .null?: true
      case let first?: element.takes(first)
      }
    case (.record(let name), .record(let record)): name == record.type.name
    case (.abstract(let name, _), .opaque(let box)): name == box.typeName
    case (.nullable(let inner), let value):
      if case .null = value { true } else { inner.takes(value) }
    default: false
    }
  }
}

/// `startsWith`, `endsWith` and `contains`, on texts where they stand.
final class TextTestNode: BoolNode, @unchecked Sendable {
  /// Which test.
  enum Test: Sendable {
    case startsWith, endsWith, contains
  }

  private let test: Test
  private let text: Node
  private let part: Node
  private let arePlaced: Bool
  /// The part where it is known: it stands in one place as long as its node is there.
  private let known: UnsafePointer<Value>?

  init(_ test: Test, _ text: Node, _ part: Node, range: Range<Int>) {
    self.test = test
    self.text = text
    self.part = part
    arePlaced = text.hasPlace && part.hasPlace
    known = (part as? ConstantNode)?.place
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    if arePlaced {
      let a = try text.place(frame)
      let b = if let known { known } else { try part.place(frame) }
      if test == .startsWith, !frame.isLimited, case .string(let text) = a.pointee,
        case .string(let part) = b.pointee
      {
        return UTF8Text.starts(text, with: part)
      }
      return try holds(a.pointee, b.pointee, frame)
    }
    let a = try text.eval(frame)
    return try holds(a, try part.eval(frame), frame)
  }

  @inline(never)
  private func holds(_ a: Value, _ b: Value, _ frame: Frame) throws(EvaluationError) -> Bool {
    guard case .string(let text) = a else { throw self.text.mismatch(a, "a text") }
    guard case .string(let part) = b else { throw self.part.mismatch(b, "a text") }
    try frame.charge(a, b, self)
    switch test {
    case .startsWith: return UTF8Text.starts(text, with: part)
    case .endsWith: return UTF8Text.ends(text, with: part)
    case .contains: return UTF8Text.find(part, in: text) != nil
    }
  }
}

/// `text.matches(pattern)`; a pattern that is known is read when the program is planned.
final class MatchNode: BoolNode, @unchecked Sendable {
  private let text: Node
  private let pattern: Node
  private let known: RegularExpression?

  init(_ text: Node, _ pattern: Node, range: Range<Int>) {
    self.text = text
    self.pattern = pattern
    if case .string(let pattern)? = pattern.constant {
      known = try? RegularExpression.cached(pattern)
    } else {
      known = nil
    }
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let value = try text.eval(frame)
    let expression: RegularExpression
    if let known { expression = known } else { expression = try read(frame) }
    guard case .string(let found) = value else { throw text.mismatch(value, "a text") }
    if frame.isLimited {
      // Each code point is compared with all that the automaton may be waiting for.
      try frame.steps(1 + found.utf8.count * expression.size / 64, self)
    }
    return expression.matches(found)
  }

  private func read(_ frame: Frame) throws(EvaluationError) -> RegularExpression {
    let value = try pattern.eval(frame)
    guard case .string(let written) = value else { throw pattern.mismatch(value, "a text") }
    try frame.charge(value, self)
    do { return try RegularExpression.cached(written) } catch { throw error.at(pattern.range) }
  }
}

/// `[a, b]`.
final class ListNode: Node, @unchecked Sendable {
  private let elements: [(node: Node, isOptional: Bool)]

  init(_ elements: [(node: Node, isOptional: Bool)], range: Range<Int>) {
    self.elements = elements
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var result: [Value] = []
    try frame.steps(elements.count, self)
    result.reserveCapacity(elements.count)
    for element in elements {
      let value = try element.node.eval(frame)
      guard element.isOptional else {
        result.append(value)
        continue
      }
      guard case .optional(let box) = value else {
        throw element.node.mismatch(value, "an optional value")
      }
      if let value = box.value { result.append(value) }
    }
    return .list(result)
  }
}

/// `{k: v}`.
final class MapNode: Node, @unchecked Sendable {
  private let entries: [(key: Node, value: Node, isOptional: Bool)]

  init(_ entries: [(key: Node, value: Node, isOptional: Bool)], range: Range<Int>) {
    self.entries = entries
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    var result: [(key: Value, value: Value)] = []
    try frame.steps(entries.count, self)
    result.reserveCapacity(entries.count)
    for entry in entries {
      let key = try entry.key.eval(frame)
      guard MapValue.isKey(key) else {
        throw EvaluationError(
          .invalidArgument, "\(key.kindText) cannot be a key of a map", range: entry.key.range)
      }
      var value = try entry.value.eval(frame)
      if entry.isOptional {
        guard case .optional(let box) = value else {
          throw entry.value.mismatch(value, "an optional value")
        }
        guard let inner = box.value else { continue }
        value = inner
      }
      result.append((key, value))
    }
    guard let map = MapValue(result) else {
      throw EvaluationError(.duplicateKey, "a key of the map is written twice", range: range)
    }
    return .map(map)
  }
}

/// `cel.bind(name, value, body)`: the value in a slot, computed once.
///
/// An error of the value is one of the places that read it, so that `&&` and `||` there may absorb it.
final class BindNode: Node, @unchecked Sendable {
  private let slot: Int
  private let state: Int
  private let value: Node
  private let body: Node

  /// Creates a node; `state` is a slot that is null while there is a value, as for variables computed when first used.
  init(slot: Int, state: Int, value: Node, body: Node, range: Range<Int>) {
    self.slot = slot
    self.state = state
    self.value = value
    self.body = body
    super.init(at: range)
  }

  @inline(__always)
  private func bind(_ frame: Frame) throws(EvaluationError) {
    do throws(EvaluationError) {
      frame.slots[slot] = try value.eval(frame)
      frame.slots[state] = .null
    } catch {
      guard error.isAbsorbed else { throw error }
      frame.slots[state] = .bool(false)
      frame.lazyErrors[state] = error
    }
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    try bind(frame)
    return try body.eval(frame)
  }
  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    try bind(frame)
    return try body.evalBool(frame)
  }
}

/// A variable of `cel.bind`.
final class BoundNode: PlacedNode, @unchecked Sendable {
  private let slot: Int
  private let state: Int

  init(slot: Int, state: Int, range: Range<Int>) {
    self.slot = slot
    self.state = state
    super.init(at: range)
  }

  override func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    if case .bool = frame.slots[state], let error = frame.lazyErrors[state] { throw error }
    return UnsafePointer(frame.slots + slot)
  }
}
