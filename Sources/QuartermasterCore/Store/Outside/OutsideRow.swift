internal import QuartermasterCEL

/// The text in which a trigger kept a row: `quantity=21,name='it''s',ratio=0.5,note=NULL`.
struct OutsideRow {
  /// A value as SQL writes it.
  enum Literal {
    case null
    case integer(Int64)
    case real(Double)
    case text([UInt8])
  }

  /// The values by column.
  private(set) var values: [String: Literal] = [:]

  /// Reads a text; nil when it is none of these.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    var place = 0
    while place < bytes.count {
      guard let equals = bytes[place...].firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let name = String(decoding: bytes[place..<equals], as: UTF8.self)
      place = equals + 1
      guard let literal = Self.literal(bytes, &place) else { return nil }
      values[name] = literal
      if place == bytes.count { return }
      guard bytes[place] == UInt8(ascii: ",") else { return nil }
      place += 1
    }
  }

  private static func literal(_ bytes: [UInt8], _ place: inout Int) -> Literal? {
    let quote = UInt8(ascii: "'")
    if place < bytes.count, bytes[place] == quote {
      var text: [UInt8] = []
      place += 1
      while place < bytes.count {
        if bytes[place] == quote {
          place += 1
          guard place < bytes.count, bytes[place] == quote else { return .text(text) }
        }
        text.append(bytes[place])
        place += 1
      }
      return nil
    }
    let end = bytes[place...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
    let word = String(decoding: bytes[place..<end], as: UTF8.self)
    place = end
    if word == "NULL" { return .null }
    if let number = Int64(word) { return .integer(number) }
    return Double(word).map(Literal.real)
  }
}

extension ColumnCodec {
  /// Returns the value that a literal stands for in a column.
  ///
  /// - Throws: A refusal when the column cannot hold it.
  func value(of literal: OutsideRow.Literal) throws(Refusal) -> Value {
    switch (self, literal) {
    case (_, .null): return .null
    case (.text, .text(let bytes)), (.pointer, .text(let bytes)):
      return .string(String(decoding: bytes, as: UTF8.self))
    case (.integer, .integer(let number)): return .int(number)
    case (.real, .real(let number)): return .double(number)
    case (.real, .integer(let number)): return .double(Double(number))
    case (.decimal(let scale), .integer(let number)):
      return .decimal(ExactDecimal(coefficient: Int128(number), scale: scale))
    case (.boolean, .integer(let number)): return .bool(number != 0)
    case (.date, .integer(let number)):
      return .timestamp(Timestamp(milliseconds: number))
    case (.duration, .integer(let number)):
      guard let span = TimeSpan(milliseconds: number) else {
        throw Refusal(.storage, "a duration of more than 292 years")
      }
      return .duration(span)
    case (.json(let type), .text(let bytes)):
      return try bytes.withUnsafeBufferPointer { text throws(Refusal) in
        try StoredJSON.value(of: text, type)
      }
    default: throw Refusal(.storage, "a value of another type than its column has")
    }
  }
}
