extension StringLibrary {
  /// `format()` and `strings.quote()`.
  static let formatting: [FunctionDeclaration] = [
    FunctionDeclaration(
      "format",
      "The text with each clause replaced by an element of the list: %s %d %f %e %x %X %o %b %%.",
      overloads: [
        .two("string_format", .string, .list(.dyn), .string) { text, list throws(EvaluationError) in
          .string(try format(try text.text("format()"), try list.items("format()")))
        }.method()
      ],
      examples: ["'%s is %.1f'.format(['pi', 3.14159]) == 'pi is 3.1'", "'%03d'.size() == 4"]),
    FunctionDeclaration(
      "strings.quote", "The text in double quotes, with escapes.",
      overloads: [
        .one("strings_quote", .string, .string) { text throws(EvaluationError) in
          .string(Value.quoted(try text.text("strings.quote()")))
        }
      ],
      examples: ["strings.quote('a\"b') == '\"a\\\\\"b\"'"]),
  ]

  private static func bad(_ message: String) -> EvaluationError {
    EvaluationError(.invalidArgument, "format(): " + message)
  }

  private static func format(
    _ pattern: String, _ values: [Value]
  ) throws(EvaluationError) -> String {
    var result = ""
    var rest = pattern.unicodeScalars[...]
    var next = 0
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      if rest.first == "%" {
        rest.removeFirst()
        result += "%"
        continue
      }
      var places = 6
      if rest.first == "." {
        rest.removeFirst()
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard let number = Int(String(digits)), number <= 1000 else {
          throw bad("a point must be followed by a number of places up to 1000")
        }
        places = number
        rest = rest.dropFirst(digits.count)
      }
      guard let clause = rest.popFirst() else { throw bad("the text ends after %") }
      guard "sdfexXob".unicodeScalars.contains(clause) else {
        throw bad("%\(clause) is no clause; there are %s %d %f %e %x %X %o %b %%")
      }
      guard next < values.count else {
        throw bad("there are more clauses than the \(values.count) values of the list")
      }
      result += try formatted(values[next], clause, places)
      try Value.checkSize(result.utf8.count, "format()")
      next += 1
    }
    return result
  }

  private static func formatted(
    _ value: Value, _ clause: Unicode.Scalar, _ places: Int
  ) throws(EvaluationError) -> String {
    switch (clause, value) {
    case ("s", _): return try plain(value)
    case ("d", .int(let number)): return String(number)
    case ("d", .uint(let number)): return String(number)
    case ("d", .decimal(let number)) where number.scale == 0: return number.description
    case ("d", .double(let number)): return DoubleText.shortest(number)
    case ("f", .int), ("f", .uint), ("f", .double), ("f", .decimal):
      return DoubleText.fixed(try number(value), places)
    case ("e", .int), ("e", .uint), ("e", .double), ("e", .decimal):
      return DoubleText.scientific(try number(value), places)
    case ("b", .bool(let flag)): return flag ? "1" : "0"
    case ("b", .int(let number)): return String(number, radix: 2)
    case ("b", .uint(let number)): return String(number, radix: 2)
    case ("o", .int(let number)): return String(number, radix: 8)
    case ("o", .uint(let number)): return String(number, radix: 8)
    case ("x", .int(let number)): return String(number, radix: 16)
    case ("x", .uint(let number)): return String(number, radix: 16)
    case ("X", .int(let number)): return String(number, radix: 16, uppercase: true)
    case ("X", .uint(let number)): return String(number, radix: 16, uppercase: true)
    case ("x", .string(let text)), ("X", .string(let text)):
      return hexadecimal(text.utf8, uppercase: clause == "X")
    case ("x", .bytes(let bytes)), ("X", .bytes(let bytes)):
      return hexadecimal(bytes, uppercase: clause == "X")
    default: throw bad("%\(clause) cannot take \(value.kindText)")
    }
  }

  private static func number(_ value: Value) throws(EvaluationError) -> Double {
    guard case .double(let number) = try Value.toDouble(value) else {
      throw .argument("format()", value)
    }
    return number
  }

  /// Returns bytes as a text in which each run of bytes that are no UTF-8 is one replacement character.
  private static func repaired(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var result = String.UnicodeScalarView()
    var wasInvalid = false
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar):
        result.append(scalar)
        wasInvalid = false
      case .error:
        if !wasInvalid { result.append("\u{FFFD}") }
        wasInvalid = true
      case .emptyInput: return String(result)
      }
    }
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>, uppercase: Bool) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: uppercase) }.joined()
  }

  /// Returns a value as `%s` has it: lists and maps in brackets, without quotes, maps by the text of their keys.
  private static func plain(_ value: Value) throws(EvaluationError) -> String {
    switch value {
    case .null: return "null"
    case .type(let type): return type.name
    case .double(let number): return DoubleText.shortest(number)
    case .duration(let span):
      // The definition converts it to a double first.
      let (seconds, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      return DoubleText.shortest(Double(seconds) + Double(rest) / 1e9) + "s"
    case .list(let items):
      var parts: [String] = []
      for item in items { parts.append(try plain(item)) }
      return "[" + parts.joined(separator: ", ") + "]"
    case .map(let map):
      var parts: [(String, String)] = []
      for entry in map.entries { parts.append((try plain(entry.key), try plain(entry.value))) }
      parts.sort { UTF8Text.less($0.0, $1.0) }
      return "{" + parts.map { "\($0): \($1)" }.joined(separator: ", ") + "}"
    case .bytes(let bytes): return repaired(bytes)
    case .optional: throw bad("%s cannot take \(value.kindText)")
    default: return try value.printed()
    }
  }
}
