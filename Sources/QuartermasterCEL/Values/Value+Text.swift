extension Value {
  /// The name of the value's type as the definition has it: what `type()` gives.
  public var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .decimal: "decimal"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .list: "list"
    case .map: "map"
    case .record(let record): record.type.name
    case .type: "type"
    case .optional: "optional_type"
    case .opaque(let box): box.typeName
    }
  }

  /// What kind of value it is, with an article, for messages: `a string`.
  public var kindText: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int: "an integer"
    case .uint: "an unsigned integer"
    case .double: "a double"
    case .decimal: "a decimal"
    case .string: "a text"
    case .bytes: "bytes"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .list: "a list"
    case .map: "a map"
    case .record(let record): "a record of \(record.type.name)"
    case .type: "a type"
    case .optional: "an optional value"
    case .opaque(let box): "a value of the type \(box.typeName)"
    }
  }

  /// Returns how the value prints where a text has a hole: `Order ${order.number}`.
  ///
  /// Null prints nothing; a record its id; times as they are written in rule files; decimals with all digits of
  /// their scale; doubles without a needless `.0`.
  ///
  /// - Throws: ``EvaluationError`` for a list, a map, bytes, a type or an optional value, which have no text.
  public func printed() throws(EvaluationError) -> String {
    switch self {
    case .null: return ""
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .uint(let number): return String(number)
    case .double(let number): return Self.text(number)
    case .decimal(let number): return number.description
    case .string(let text): return text
    case .timestamp(let instant): return instant.description
    case .duration(let span): return span.description
    case .record(let record): return record.id
    case .list:
      throw EvaluationError(
        .noSuchOverload, "a list has no text; write .join(\", \") or take one element")
    case .opaque(let box): return box.content.text
    case .map, .bytes, .type, .optional:
      throw EvaluationError(.noSuchOverload, "\(kindText) has no text")
    }
  }

  /// Returns the shortest text that reads back as a double, without a needless `.0`: `1`, `0.1`, `1e+100`.
  package static func text(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Value: CustomStringConvertible, CustomDebugStringConvertible {
  /// The value as it would be written in an expression, for people: texts in quotes, lists and maps with what they
  /// hold, a record as `Order/000123`.
  public var description: String {
    switch self {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .uint(let number): return "\(number)u"
    case .double(let number):
      let text = Self.text(number)
      return text.utf8.allSatisfy { $0 == 45 || (48...57).contains($0) } ? text + ".0" : text
    case .decimal(let number): return number.description
    case .string(let text): return Self.quoted(text)
    case .bytes(let bytes):
      return "b\"" + bytes.map { "\\x" + (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
        + "\""
    case .timestamp(let instant): return instant.description
    case .duration(let span): return span.description
    case .list(let items): return "[" + items.map(\.description).joined(separator: ", ") + "]"
    case .map(let map):
      return "{" + map.entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    case .record(let record): return "\(record.type.name)/\(record.id)"
    case .type(let type): return type.name
    case .optional(let box):
      return box.value.map { "optional.of(\($0))" } ?? "optional.none()"
    case .opaque(let box): return "\(box.typeName)(\(Self.quoted(box.content.text)))"
    }
  }

  public var debugDescription: String { description }

  /// How many characters of a text a message shows.
  private static let briefLength = 100

  /// The value as messages show it: of a long text the beginning, of long bytes, lists and maps how long they are.
  package var brief: String {
    var left = Self.briefLength / 2
    count(against: &left)
    switch self {
    case .string(let text):
      let start = String(text.unicodeScalars.prefix(Self.briefLength))
      return start.utf8.count == text.utf8.count
        ? Self.quoted(text) : Self.quoted(start + "...")
    case .bytes(let bytes) where bytes.count > Self.briefLength / 4: return "\(bytes.count) bytes"
    case .list(let items) where left < 0: return "a list of \(items.count)"
    case .map(let map) where left < 0: return "a map of \(map.count)"
    default: return left < 0 ? kindText : description
    }
  }

  /// Returns a text in double quotes, with escapes for quotes, backslashes and control characters.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{07}": result += "\\a"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case "\u{0B}": result += "\\v"
      default:
        if scalar.value < 32 || scalar.value == 127 {
          result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
