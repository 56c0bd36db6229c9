/// Selection from values whose type is known only at run time.
extension Value {
  /// Returns a field of a record or an entry of a map: `a.b`.
  ///
  /// On an optional value what is missing is none.
  func selecting(_ field: String, _ frame: Frame) throws(EvaluationError) -> Value {
    switch self {
    case .map(let map):
      guard let place = map.place(of: field) else {
        throw EvaluationError(.noSuchKey, "the map has no key `\(field)`")
      }
      return map.values[place]
    case .record(let record): return try record.reading(field, frame)
    case .optional(let box):
      guard let value = box.value else { return self }
      return try value.selectingOptionally(field, frame)
    case .null: throw EvaluationError(.nullValue, "the value is null, so it has no `\(field)`")
    default: throw EvaluationError(.noSuchField, "\(kindText) has no field `\(field)`")
    }
  }

  /// Returns a field as an optional value: `a.?b`.
  func selectingOptionally(_ field: String, _ frame: Frame) throws(EvaluationError) -> Value {
    switch self {
    case .map(let map): return .optional(OptionalValue(map[field]))
    case .optional(let box):
      guard let value = box.value else { return self }
      return try value.selectingOptionally(field, frame)
    default: return .optional(OptionalValue(try selecting(field, frame)))
    }
  }

  /// Returns whether a field is there: `has(a.b)`.
  ///
  /// A null in a map counts, one in a record does not.
  func has(_ field: String, _ frame: Frame) throws(EvaluationError) -> Bool {
    switch self {
    case .map(let map): return map.place(of: field) != nil
    case .optional(let box):
      guard let value = box.value else { return false }
      return try value.has(field, frame)
    case .record:
      switch try selecting(field, frame) {
      case .null: return false
      case .list(let items): return !items.isEmpty
      default: return true
      }
    default:
      _ = try selecting(field, frame)
      return true
    }
  }

  /// Returns an element, a key's value, as `a[b]` has it; on an optional value what is missing is none.
  static func indexing(_ whole: Value, _ index: Value) throws(EvaluationError) -> Value {
    guard case .optional(let box) = whole else { return try element(whole, index) }
    guard let value = box.value else { return whole }
    return try indexingOptionally(value, index)
  }

  /// Returns an element as an optional value: `a[?b]`.
  static func indexingOptionally(_ whole: Value, _ index: Value) throws(EvaluationError) -> Value {
    if case .optional(let box) = whole {
      guard let value = box.value else { return whole }
      return try indexingOptionally(value, index)
    }
    do { return .optional(OptionalValue(try element(whole, index))) } catch {
      switch error.code {
      case .indexOutOfRange, .noSuchKey: return .optional(OptionalValue(nil))
      default: throw error
      }
    }
  }
}

extension Record {
  /// Returns a field by its name.
  func reading(_ name: String, _ frame: Frame) throws(EvaluationError) -> Value {
    guard let field = type.fields[name] else {
      throw EvaluationError(.noSuchField, "`\(name)` is no field of \(type.name)")
    }
    switch field.access {
    case .id: return .string(id)
    case .stored(let slot): return try read(frame)[slot]
    case .pointer(let slot, let target):
      guard case .string(let id) = try read(frame)[slot] else { return .null }
      return .record(try frame.needHost().record(target, id))
    case .relation(let relation): return try frame.needHost().related(self, relation)
    case .computed(let parsed):
      let program = type.computed.program(of: field, parsed, in: type)
      let inner = Frame(program.layout, host: frame.host)
      inner.stepLimit = frame.stepLimit
      inner.records[0] = self
      return try program.root.eval(inner)
    }
  }
}

/// A field or key of a value whose type is known only at run time.
final class SelectNode: Node, @unchecked Sendable {
  private let operand: Node
  private let field: String
  private let isOptional: Bool

  init(_ operand: Node, _ field: String, isOptional: Bool, range: Range<Int>) {
    self.operand = operand
    self.field = field
    self.isOptional = isOptional
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    if operand.hasPlace {
      let place = try operand.place(frame)
      do {
        return isOptional
          ? try place.pointee.selectingOptionally(field, frame)
          : try place.pointee.selecting(field, frame)
      } catch { throw error.at(range) }
    }
    let value = try operand.eval(frame)
    do {
      return isOptional
        ? try value.selectingOptionally(field, frame) : try value.selecting(field, frame)
    } catch { throw error.at(range) }
  }
}

/// A key of a map that stands somewhere: its value stands there too.
final class KeyNode: PlacedNode, @unchecked Sendable {
  private let operand: Node
  private let key: String
  /// The two words of the key; zeros for a text that is kept elsewhere, which no short text has.
  private let words: (UInt64, UInt64)
  /// Where the map is an element of a list that is gone through, its slot; negative elsewhere.
  private let element: Int

  init(_ operand: Node, _ key: String, range: Range<Int>) {
    self.operand = operand
    self.key = key
    words = UTF8Text.words(key) ?? (0, 0)
    element = (operand as? ElementNode)?.index ?? -1
    super.init(at: range)
  }

  override func place(_ frame: Frame) throws(EvaluationError) -> UnsafePointer<Value> {
    let whole = element >= 0 ? frame.places[element] : try operand.place(frame)
    // What holds the map stays where it is, so that the map need not be held here.
    if let map = Self.map(whole),
      let value = map._withUnsafeGuaranteedRef({ $0.value(ofWords: words) })
    {
      return value
    }
    return try search(whole)
  }

  @inline(never)
  private func search(
    _ whole: UnsafePointer<Value>
  ) throws(EvaluationError) -> UnsafePointer<Value> {
    guard case .map(let map) = whole.pointee else { throw mismatch(whole.pointee, "a map") }
    guard let value = map.value(of: key) else {
      throw EvaluationError(.noSuchKey, "the map has no key `\(key)`", range: range)
    }
    return value
  }

  @inline(__always)
  private static func map(_ place: UnsafePointer<Value>) -> Unmanaged<MapValue>? {
    guard case .map(let map) = place.pointee else { return nil }
    return Unmanaged.passUnretained(map)
  }
}

/// `has(a.b)` of a value whose type is known only at run time.
final class DynamicHasNode: Node, @unchecked Sendable {
  private let operand: Node
  private let field: String

  init(_ operand: Node, _ field: String, range: Range<Int>) {
    self.operand = operand
    self.field = field
    super.init(at: range)
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let value = try operand.eval(frame)
    do { return try value.has(field, frame) } catch { throw error.at(range) }
  }
  override func eval(_ frame: Frame) throws(EvaluationError) -> Value { .bool(try evalBool(frame)) }
}

/// `a[b]` and `a[?b]`.
final class IndexNode: Node, @unchecked Sendable {
  private let whole: Node
  private let index: Node
  private let isOptional: Bool

  init(_ whole: Node, _ index: Node, isOptional: Bool, range: Range<Int>) {
    self.whole = whole
    self.index = index
    self.isOptional = isOptional
    super.init(at: range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let key = try index.eval(frame)
    do {
      if whole.hasPlace {
        let place = try whole.place(frame)
        return isOptional
          ? try Value.indexingOptionally(place.pointee, key)
          : try Value.indexing(place.pointee, key)
      }
      let value = try whole.eval(frame)
      return isOptional ? try Value.indexingOptionally(value, key) : try Value.indexing(value, key)
    } catch { throw error.at(range) }
  }
}
