internal import QuartermasterCEL

/// A line of a stream in its plainest form, read without building a tree: what nearly all lines of a long stream are.
///
/// It takes only what it is sure of. For anything else, correct or not, it gives nil, and ``StreamLine`` reads the line
/// again and says what is wrong with it.
struct PlainStreamLine {
  /// What is done: create, set or delete.
  let operation: StreamLine.Operation
  /// The class.
  let definition: ClassDefinition
  /// The id, if one is given.
  let id: String?
  /// The instant of the change, if it is given.
  let at: Timestamp?
  /// The fields.
  let inputs: [FieldAssignment]

  /// Reads a line.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ names: inout StreamNames) {
    var scanner = Scanner(bytes: bytes)
    guard scanner.take("{") else { return nil }
    var operation: StreamLine.Operation?
    var definition: ClassDefinition?
    var id: String?
    var at: Timestamp?
    var inputs: [FieldAssignment] = []
    var hasFields = false
    repeat {
      guard let key = scanner.text(), scanner.take(":") else { return nil }
      if scanner.equal(key, "op"), operation == nil {
        guard let word = scanner.text() else { return nil }
        if scanner.equal(word, "set") {
          operation = .set
        } else if scanner.equal(word, "create") {
          operation = .create
        } else if scanner.equal(word, "delete") {
          operation = .delete
        } else {
          return nil
        }
      } else if scanner.equal(key, "class"), definition == nil {
        guard let word = scanner.text() else { return nil }
        definition = names.definition(bytes, word)
        if definition == nil { return nil }
      } else if scanner.equal(key, "id"), id == nil {
        guard let word = scanner.text() else { return nil }
        id = scanner.string(word)
        if id == nil { return nil }
      } else if scanner.equal(key, "at"), at == nil {
        guard let word = scanner.text(), let instant = Timestamp(scanner.string(word)) else {
          return nil
        }
        at = Timestamp(milliseconds: instant.milliseconds)
      } else if scanner.equal(key, "fields"), !hasFields, let definition {
        hasFields = true
        guard scanner.fields(of: definition, into: &inputs) else { return nil }
      } else {
        return nil
      }
    } while scanner.take(",")
    guard scanner.take("}"), scanner.isAtEnd, let operation, let definition,
      operation == .create || id != nil, operation != .delete || inputs.isEmpty
    else { return nil }
    self.operation = operation
    self.definition = definition
    self.id = id
    self.at = at
    self.inputs = inputs
  }
}

/// The class that was named last: streams name the same one again and again.
struct StreamNames {
  private let schema: Schema
  private var last: ClassDefinition?

  init(_ schema: Schema) { self.schema = schema }

  /// Returns the class of a name, unless the engine alone writes it.
  mutating func definition(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>)
    -> ClassDefinition?
  {
    if let last, UTF8Text.equal(last.name, UnsafeBufferPointer(rebasing: bytes[range])) {
      return last
    }
    guard let found = schema[String(decoding: bytes[range], as: UTF8.self)], !found.isSystem else {
      return nil
    }
    last = found
    return found
  }
}

extension PlainStreamLine {
  /// Goes through the bytes of a line whose texts hold no escapes and whose numbers are whole.
  private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func skipSpace() {
      while place < bytes.count, bytes[place] == 32 || bytes[place] == 9 { place += 1 }
    }

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return place == bytes.count
      }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
      place += 1
      return true
    }

    func equal(_ range: Range<Int>, _ word: StaticString) -> Bool {
      guard range.count == word.utf8CodeUnitCount else { return false }
      for offset in 0..<range.count
      where bytes[range.lowerBound + offset] != word.utf8Start[offset] { return false }
      return true
    }

    /// Takes a text of plain ASCII without escapes.
    mutating func text() -> Range<Int>? {
      guard take("\"") else { return nil }
      let start = place
      while place < bytes.count {
        let byte = bytes[place]
        if byte == UInt8(ascii: "\"") {
          place += 1
          return start..<place - 1
        }
        if byte < 32 || byte >= 127 || byte == UInt8(ascii: "\\") { return nil }
        place += 1
      }
      return nil
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Takes a whole number of at most 18 digits.
    private mutating func integer() -> Int64? {
      skipSpace()
      var place = place
      let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
      if isNegative { place += 1 }
      let start = place
      var value: Int64 = 0
      while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 {
        value = value &* 10 &+ Int64(bytes[place] &- 48)
        place += 1
      }
      let digits = place - start
      guard digits > 0, digits <= 18, digits == 1 || bytes[start] != 48 else { return nil }
      // A fraction or an exponent makes it another number.
      if place < bytes.count, bytes[place] == UInt8(ascii: ".") || bytes[place] | 0x20 == 101 {
        return nil
      }
      self.place = place
      return isNegative ? -value : value
    }

    /// Takes the fields of a class; false where one of them is not plain.
    mutating func fields(of definition: ClassDefinition, into inputs: inout [FieldAssignment])
      -> Bool
    {
      guard take("{") else { return false }
      if take("}") { return true }
      repeat {
        guard let key = text(), take(":"), let field = field(key, of: definition),
          !inputs.contains(where: { $0.field.index == field.index }),
          let update = update(of: field)
        else { return false }
        inputs.append((field, .update(update)))
      } while take(",")
      return take("}")
    }

    private func field(_ range: Range<Int>, of definition: ClassDefinition) -> FieldDefinition? {
      let name = UnsafeBufferPointer(rebasing: bytes[range])
      for field in definition.fields where UTF8Text.equal(field.name, name) { return field }
      return nil
    }

    private mutating func update(of field: FieldDefinition) -> FieldUpdate? {
      switch field.type {
      case .integer:
        if let value = integer() { return .set(.int(value)) }
        return increment().map { .increment(.int($0)) }
      case .string: return text().map { .set(.string(string($0))) }
      case .boolean:
        if word("true") { return .set(.bool(true)) }
        return word("false") ? .set(.bool(false)) : nil
      case .pointer(let target): return pointer(target).map { .set(.string($0)) }
      default: return nil
      }
    }

    private mutating func word(_ word: StaticString) -> Bool {
      skipSpace()
      let end = place + word.utf8CodeUnitCount
      guard end <= bytes.count, equal(place..<end, word) else { return false }
      place = end
      return true
    }

    /// Takes `{"__op": "Increment", "amount": 5}`.
    private mutating func increment() -> Int64? {
      guard take("{"), let key = text(), equal(key, "__op"), take(":"), let name = text(),
        equal(name, "Increment"), take(","), let amount = text(), equal(amount, "amount"),
        take(":"), let value = integer(), take("}")
      else { return nil }
      return value
    }

    /// Takes `{"__type": "Pointer", "className": "Supplier", "objectId": "s1"}`.
    private mutating func pointer(_ target: String) -> String? {
      guard take("{"), let type = text(), equal(type, "__type"), take(":"), let word = text(),
        equal(word, "Pointer"), take(","), let key = text(), equal(key, "className"), take(":"),
        let name = text(), UTF8Text.equal(target, UnsafeBufferPointer(rebasing: bytes[name])),
        take(","), let last = text(),
        equal(last, "objectId"), take(":"), let id = text(), take("}")
      else { return nil }
      return string(id)
    }
  }
}
