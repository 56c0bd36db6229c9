extension StandardLibrary {
  /// `int() uint() double() string() bytes() bool() type() dyn() timestamp() duration()`.
  static let conversions: [FunctionDeclaration] = [
    FunctionDeclaration(
      "int", "A whole number: a double cut off toward 0, a text of digits, a timestamp's seconds.",
      overloads: [
        .one("int64_to_int64", .int, .int, Value.toInt),
        .one("uint64_to_int64", .uint, .int, Value.toInt),
        .one("double_to_int64", .double, .int, Value.toInt),
        .one("string_to_int64", .string, .int, Value.toInt),
        .one("timestamp_to_int64", .timestamp, .int, Value.toInt),
      ],
      examples: ["int('987') == 987", "int(-7.9) == -7"]),
    FunctionDeclaration(
      "uint", "A whole number of 0 or more.",
      overloads: [
        .one("uint64_to_uint64", .uint, .uint, Value.toUint),
        .one("int64_to_uint64", .int, .uint, Value.toUint),
        .one("double_to_uint64", .double, .uint, Value.toUint),
        .one("string_to_uint64", .string, .uint, Value.toUint),
      ],
      examples: ["uint(3) == 3u"]),
    FunctionDeclaration(
      "double", "The nearest number of 64 binary digits.",
      overloads: [
        .one("double_to_double", .double, .double, Value.toDouble),
        .one("int64_to_double", .int, .double, Value.toDouble),
        .one("uint64_to_double", .uint, .double, Value.toDouble),
        .one("string_to_double", .string, .double, Value.toDouble),
      ],
      examples: ["double('1.5') == 1.5", "double(2) == 2.0"]),
    FunctionDeclaration(
      "bool", "True or false, from its text.",
      overloads: [
        .one("bool_to_bool", .bool, .bool, Value.toBool),
        .one("string_to_bool", .string, .bool, Value.toBool),
      ],
      examples: ["bool('true')", "!bool('0')"]),
    FunctionDeclaration(
      "string", "The text of a value.",
      overloads: [
        ("string", .string), ("bool", .bool), ("int64", .int), ("uint64", .uint),
        ("double", .double), ("bytes", .bytes), ("timestamp", .timestamp), ("duration", .duration),
      ].map { (name: String, type: CELType) in
        .one("\(name)_to_string", type, .string, Value.toText)
      },
      examples: ["string(12) == '12'", "string(duration('90m')) == '5400s'"]),
    FunctionDeclaration(
      "bytes", "The UTF-8 bytes of a text.",
      overloads: [
        .one("bytes_to_bytes", .bytes, .bytes, Value.toBytes),
        .one("string_to_bytes", .string, .bytes, Value.toBytes),
      ],
      examples: ["bytes('ÿ') == b'\\303\\277'"]),
    FunctionDeclaration(
      "type", "The type of a value.",
      overloads: [.one("type", .a, .type(.a), Value.toType)],
      examples: ["type(1) == int", "type(type(1)) == type"]),
    FunctionDeclaration(
      "dyn", "The value, with its type forgotten: what it can do is decided when it is used.",
      overloads: [.one("to_dyn", .a, .dyn) { value in value }],
      examples: ["dyn(1) == 1u"]),
    FunctionDeclaration(
      "timestamp", "An instant, from RFC 3339 with a zone or from seconds since 1970.",
      overloads: [
        .one("timestamp_to_timestamp", .timestamp, .timestamp, Value.toTimestamp),
        .one("string_to_timestamp", .string, .timestamp, Value.toTimestamp),
        .one("int64_to_timestamp", .int, .timestamp, Value.toTimestamp),
      ],
      examples: ["timestamp('1970-01-01T00:01:00Z') == timestamp(60)"]),
    FunctionDeclaration(
      "duration", "A length of time, from a text such as `1h30m`. Units: h m s ms us ns.",
      overloads: [
        .one("duration_to_duration", .duration, .duration, Value.toDuration),
        .one("string_to_duration", .string, .duration, Value.toDuration),
      ],
      examples: ["duration('1h30m') == duration('90m')"]),
  ]
}

extension Value {
  private static func range(_ type: String, _ value: Value) -> EvaluationError {
    EvaluationError(.overflow, "\(value.brief) does not fit \(type)")
  }

  private static func unreadable(_ value: Value, as type: String) -> EvaluationError {
    EvaluationError(.invalidArgument, "\(value.brief) is no \(type)")
  }

  /// `int()`.
  static func toInt(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int: return value
    case .uint(let number):
      guard let result = Int64(exactly: number) else { throw range("an integer", value) }
      return .int(result)
    case .double(let number):
      // The range is open: the bounds themselves are errors, as the definition has it.
      guard number > -0x1p63, number < 0x1p63 else { throw range("an integer", value) }
      return .int(Int64(number))
    case .decimal(let number):
      guard let result = Int64(exactly: number.truncated.coefficient) else {
        throw range("an integer", value)
      }
      return .int(result)
    case .string(let text):
      guard let result = Int64(text) else { throw unreadable(value, as: "integer") }
      return .int(result)
    case .timestamp(let instant): return .int(instant.seconds)
    default: throw .argument("int()", value)
    }
  }

  /// `uint()`.
  static func toUint(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .uint: return value
    case .int(let number):
      guard let result = UInt64(exactly: number) else { throw range("an unsigned integer", value) }
      return .uint(result)
    case .double(let number):
      guard number >= 0, number < 0x1p64 else { throw range("an unsigned integer", value) }
      return .uint(UInt64(number))
    case .decimal(let number):
      guard let result = UInt64(exactly: number.truncated.coefficient) else {
        throw range("an unsigned integer", value)
      }
      return .uint(result)
    case .string(let text):
      guard let result = UInt64(text) else { throw unreadable(value, as: "unsigned integer") }
      return .uint(result)
    default: throw .argument("uint()", value)
    }
  }

  /// `double()`.
  static func toDouble(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .double: return value
    case .int(let number): return .double(Double(number))
    case .uint(let number): return .double(Double(number))
    case .decimal(let number): return .double(number.doubleValue)
    case .string(let text):
      switch text {
      case "NaN": return .double(.nan)
      case "Infinity", "+Infinity": return .double(.infinity)
      case "-Infinity": return .double(-.infinity)
      default:
        // Swift also reads hexadecimal and its own names of NaN.
        guard
          text.utf8.allSatisfy({
            ($0 >= 48 && $0 <= 57) || $0 == 43 || $0 == 45 || $0 == 46 || $0 | 32 == 101
          }), let result = Double(text)
        else { throw unreadable(value, as: "number") }
        guard result.isFinite else { throw range("a double", value) }
        return .double(result)
      }
    default: throw .argument("double()", value)
    }
  }

  /// `bool()`.
  static func toBool(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .bool: return value
    case .string(let text):
      switch text {
      case "1", "t", "true", "True", "TRUE": return .bool(true)
      case "0", "f", "false", "False", "FALSE": return .bool(false)
      default: throw unreadable(value, as: "true or false")
      }
    default: throw .argument("bool()", value)
    }
  }

  /// `string()`.
  static func toText(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .string: return value
    case .bool, .int, .uint, .double, .decimal, .timestamp: return .string(try value.printed())
    case .duration(let span): return .string(span.secondsText)
    case .opaque(let box): return .string(box.content.text)
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw EvaluationError(.invalidArgument, "the bytes are no UTF-8")
      }
      return .string(text)
    default: throw .argument("string()", value)
    }
  }

  /// `bytes()`.
  static func toBytes(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .bytes: return value
    case .string(let text): return .bytes(Array(text.utf8))
    default: throw .argument("bytes()", value)
    }
  }

  /// `type()`.
  static func toType(_ value: Value) -> Value { .type(TypeValue(value.typeName)) }

  /// `timestamp()`.
  static func toTimestamp(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .timestamp: return value
    case .string(let text):
      guard let instant = Timestamp(text) else {
        throw EvaluationError(
          .invalidArgument,
          "\(value.brief) is no timestamp; write it as \"2026-03-02T09:00:00Z\" (years 1 to 9999)")
      }
      return .timestamp(instant)
    case .int(let seconds):
      guard let instant = Timestamp(seconds: seconds) else { throw .timeRange }
      return .timestamp(instant)
    default: throw .argument("timestamp()", value)
    }
  }

  /// `duration()`.
  static func toDuration(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .duration: return value
    case .string(let text):
      guard let span = TimeSpan(text, allowsDays: false) else {
        throw EvaluationError(
          .invalidArgument,
          "\(value.brief) is no duration; write it as \"1h30m\" (units h m s ms us ns), or days(3)")
      }
      return .duration(span)
    default: throw .argument("duration()", value)
    }
  }
}
