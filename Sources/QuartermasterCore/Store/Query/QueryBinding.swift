internal import QuartermasterCEL

/// A value as SQLite holds it.
enum StoredValue: Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
}

/// How a number that does not fall on a unit of its column is compared with the column: by a unit beside it.
enum UnitRounding: Sendable, Equatable {
  /// `x == q`, `x != q`: there is no such unit.
  case exact
  /// `x <= q`, `x > q`: the unit below.
  case floor
  /// `x < q`, `x >= q`: the unit above.
  case ceiling

  /// Which unit leads to the same answer in every row.
  init(for comparison: QueryCondition.Comparison) {
    switch comparison {
    case .equal, .notEqual, .same, .notSame: self = .exact
    case .lessOrEqual, .greater: self = .floor
    case .less, .greaterOrEqual: self = .ceiling
    }
  }
}

/// A number in units of a column: how many whole ones, and whether something is left.
struct UnitCount {
  /// The whole units, rounded down.
  let floor: Int128
  /// Whether the number is a whole count of units.
  let isExact: Bool

  /// Counts the units of a value; nil when the value is of another kind than the column.
  init?(_ value: Value, _ type: ColumnType) {
    switch (type, value) {
    case (.integer, .int(let number)):
      self.init(floor: Int128(number), isExact: true)
    case (.boolean, .bool(let flag)):
      self.init(floor: flag ? 1 : 0, isExact: true)
    case (.decimal(let scale), .decimal(let number)):
      guard let floor = number.rounded(scale: scale, .down) else {
        // Beyond 128 bits: only the side on which it lies counts.
        self.init(floor: number.coefficient < 0 ? .min : .max, isExact: false)
        return
      }
      self.init(floor: floor.coefficient, isExact: floor == number)
    // Whole numbers and decimals have an order with each other.
    case (.decimal, .int(let number)):
      self.init(.decimal(ExactDecimal(number)), type)
    case (.integer, .decimal):
      self.init(value, .decimal(0))
    case (.instant, .timestamp(let instant)):
      self.init(
        floor: Int128(instant.milliseconds), isExact: instant.nanoseconds % 1_000_000 == 0)
    case (.span, .duration(let span)):
      let (quotient, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
      self.init(floor: Int128(rest < 0 ? quotient - 1 : quotient), isExact: rest == 0)
    default: return nil
    }
  }

  private init(floor: Int128, isExact: Bool) {
    self.floor = floor
    self.isExact = isExact
  }

  /// Returns the unit to compare with, or nil when there is none.
  func rounded(_ rounding: UnitRounding) -> Int128? {
    switch rounding {
    case .exact: isExact ? floor : nil
    case .floor: floor
    case .ceiling: isExact || floor == .max ? floor : floor + 1
    }
  }
}

/// A part of a query that does not depend on its rows: evaluated once each time the query runs, then bound.
struct QueryBinding: Sendable, Equatable {
  /// What becomes of the value.
  indirect enum Conversion: Sendable, Equatable {
    case text, real
    /// In units of a column.
    case units(ColumnType, UnitRounding)
    /// The id of a record of the class with this index, or null.
    case id(Int)
    /// The id of a record that is there: the owner of a relation.
    case owner(Int)
    /// A list as JSON, its elements converted.
    case list(Conversion)
    /// The first text, in order, that does not begin with the value.
    case prefixEnd
  }

  /// The place in ``CompiledQuery/parameters``.
  let parameter: Int
  /// What becomes of the value.
  let conversion: Conversion
  /// Whether the condition is right for null as well.
  let allowsNull: Bool
  /// Whether null may stand for a number that no unit of the column equals.
  var allowsNone = false

  /// Returns the value to bind, or nil when SQL cannot say with it what the expression means: then the expression
  /// runs in memory.
  func stored(_ value: Value) -> StoredValue? {
    if case .null = value { return allowsNull ? .null : nil }
    if let stored = Self.stored(value, conversion) { return stored }
    guard allowsNone, case .units(let type, .exact) = conversion else { return nil }
    return UnitCount(value, type) == nil ? nil : .null
  }

  private static func stored(_ value: Value, _ conversion: Conversion) -> StoredValue? {
    switch (conversion, value) {
    case (.text, .string(let text)): return .text(text)
    // SQLite makes null of NaN.
    case (.real, .double(let number)): return number.isNaN ? nil : .real(number)
    case (.units(let type, let rounding), _):
      return UnitCount(value, type)?.rounded(rounding).flatMap { Int64(exactly: $0) }
        .map(StoredValue.integer)
    case (.id(let place), .record(let record)):
      return record.type.index == place ? .text(record.id) : nil
    case (.owner(let place), .record(let record)):
      return record.type.index == place && !record.isDeleted ? .text(record.id) : nil
    case (.list(let element), .list(let items)): return json(items, element)
    case (.prefixEnd, .string(let text)):
      return prefixEnd(text).map(StoredValue.text)
    default: return nil
    }
  }

  /// Writes a list as JSON.
  ///
  /// What cannot be stored in the column equals nothing in it, and is left out.
  private static func json(_ items: [Value], _ conversion: Conversion) -> StoredValue? {
    var parts: [String] = []
    for item in items {
      switch stored(item, conversion) {
      case .integer(let number): parts.append("\(number)")
      case .text(let text):
        // SQLite's JSON ends a text at a zero byte.
        if text.utf8.contains(0) { return nil }
        parts.append(quoted(text))
      case .null, .real, nil: continue
      }
    }
    return .text("[" + parts.joined(separator: ",") + "]")
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<32:
        bytes += Array("\\u00\(byte < 16 ? "0" : "1")\(String(byte & 15, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Returns the first text, by UTF-8 bytes, that is greater than all texts with a prefix; nil when there is none.
  ///
  /// UTF-8 bytes order as code points do, so the last code point that has a successor is replaced by it.
  static func prefixEnd(_ prefix: String) -> String? {
    var scalars = Array(prefix.unicodeScalars)
    while let last = scalars.popLast() {
      // U+D800 to U+DFFF are no code points of texts.
      let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
      if let successor = Unicode.Scalar(next) {
        scalars.append(successor)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
      }
    }
    return nil
  }
}
