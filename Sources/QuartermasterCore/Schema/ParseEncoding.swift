package import QuartermasterCEL

/// Values in the JSON encoding of Parse: plain JSON, and objects with `__type` for what JSON cannot say.
///
///     {"__type": "Pointer", "className": "Supplier", "objectId": "s1"}
///     {"__type": "Date", "iso": "2026-03-02T09:00:00.000Z"}
///     {"__type": "GeoPoint", "latitude": 48.85, "longitude": 2.35}
///
/// A Decimal is a number or a text with its digits, a Duration a number of milliseconds or a text such as `3d`.
extension FieldType {
  /// Returns the stored form of a value that came as JSON.
  ///
  /// - Parameters:
  ///   - json: The value.
  ///   - place: The field, or the part of it, for messages.
  /// - Returns: What ``FieldDefinition/accept(_:class:)`` gives for the same value; a pointer is the id.
  /// - Throws: ``Refusal`` when the value is not of the type.
  package func value(
    json: JSONValue, at place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    switch (self, json) {
    case (_, .null): return .null
    case (.string, .string(let text)): return .string(text)
    case (.boolean, .bool(let flag)): return .bool(flag)
    case (.integer, .number(let text)):
      if let number = Int64(text) { return .int(number) }
      if Self.isWhole(text) { throw .tooLarge(place(), text) }
      throw .wrongType(self, text, place())
    case (.number, .number(let text)):
      guard let number = Double(text), number.isFinite else { throw .tooLarge(place(), text) }
      return .double(number)
    case (.decimal, .number(let text)), (.decimal, .string(let text)):
      if let value = value(text: text) { return value }
      guard let exact = ExactDecimal(text) else { throw .wrongType(self, text, place()) }
      return try accept(.decimal(exact), at: place())
    case (.duration, .number(let text)):
      guard let milliseconds = Int64(text), let span = TimeSpan(milliseconds: milliseconds) else {
        throw .wrongType(self, text, place())
      }
      return .duration(span)
    case (.duration, .string(let text)):
      guard let span = value(text: text) else {
        throw .wrongType(self, FieldDefinition.shortened(text), place())
      }
      return span
    case (.date, .object): return try Self.date(json, place())
    case (.pointer(let target), .object): return try Self.pointer(json, target, place())
    case (.geoPoint, .object(let members)):
      if let type = json["__type"]?.text, type != "GeoPoint" { break }
      let entries = members.filter { $0.key != "__type" }
      return try accept(try Self.untyped(.object(entries), place()), at: place())
    case (.array(let of), .array(let items)):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for (index, item) in items.enumerated() {
        if let of {
          values.append(try of.value(json: item, at: "\(place())[\(index)]"))
        } else {
          values.append(try Self.untyped(item, "\(place())[\(index)]"))
        }
      }
      return .list(values)
    case (.object(let members?), .object(let given)):
      return try Self.shaped(given, members, place())
    case (.object(nil), .object): return try Self.untyped(json, place())
    default: break
    }
    throw .wrongEncoding(self, json, place())
  }

  private static func isWhole(_ text: String) -> Bool {
    text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "-") }
  }

  private static func date(_ json: JSONValue, _ place: @autoclosure () -> String) throws(Refusal)
    -> Value
  {
    guard json["__type"]?.text == "Date", let text = json["iso"]?.text else {
      throw .wrongEncoding(.date, json, place())
    }
    guard let instant = Timestamp(text) else {
      throw .wrongType(.date, FieldDefinition.shortened(text), place())
    }
    return .timestamp(Timestamp(milliseconds: instant.milliseconds))
  }

  private static func pointer(
    _ json: JSONValue, _ target: String, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    // A client may send back a record that it was given whole: only the pointer counts.
    guard let type = json["__type"]?.text, type == "Pointer" || type == "Object",
      json["className"]?.text == target, let id = json["objectId"]?.text
    else { throw .wrongEncoding(.pointer(target), json, place()) }
    return .string(id)
  }

  private static func shaped(
    _ given: [(key: String, value: JSONValue)], _ members: [ShapeMember],
    _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    var entries: [(key: Value, value: Value)] = []
    entries.reserveCapacity(given.count)
    for (name, json) in given {
      guard let member = members.first(where: { UTF8Text.equal($0.name, name) }) else {
        throw .unknownMember(name, place(), members)
      }
      entries.append((.string(name), try member.type.value(json: json, at: "\(place()).\(name)")))
    }
    return MapValue(entries).map(Value.map) ?? .null
  }

  /// Where no type is declared: numbers are integers if written so, dates are times, the rest is what it is.
  private static func untyped(
    _ json: JSONValue, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    switch json {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .string(let text): return .string(text)
    case .number(let text):
      let type = isWhole(text) ? FieldType.integer : .number
      return try type.value(json: json, at: place())
    case .array: return try FieldType.array(of: nil).value(json: json, at: place())
    case .object(let members):
      if json["__type"]?.text == "Date" { return try date(json, place()) }
      var entries: [(key: Value, value: Value)] = []
      entries.reserveCapacity(members.count)
      for (name, value) in members {
        entries.append((.string(name), try untyped(value, "\(place()).\(name)")))
      }
      return MapValue(entries).map(Value.map) ?? .null
    }
  }

  // MARK: - To JSON

  /// Returns a stored value as JSON.
  ///
  /// ``value(json:at:)`` gives the same value back.
  package func json(_ value: Value) -> JSONValue {
    switch (self, value) {
    case (.pointer(let target), .string(let id)):
      return .object([
        ("__type", .string("Pointer")), ("className", .string(target)), ("objectId", .string(id)),
      ])
    case (.geoPoint, .map(let map)):
      return .object([("__type", .string("GeoPoint"))] + Self.members(map) { _, _ in nil })
    case (.array(let of), .list(let items)):
      return .array(items.map { of?.json($0) ?? JSONValue($0) })
    case (.object(let members), .map(let map)):
      return .object(
        Self.members(map) { name, value in
          members?.first { UTF8Text.equal($0.name, name) }?.type.json(value)
        })
    default: return JSONValue(value)
    }
  }

  private static func members(
    _ map: MapValue, _ json: (String, Value) -> JSONValue?
  ) -> [(key: String, value: JSONValue)] {
    map.entries.map { entry in
      guard case .string(let name) = entry.key else {
        return (entry.key.description, JSONValue(entry.value))
      }
      return (name, json(name, entry.value) ?? JSONValue(entry.value))
    }
  }
}

extension JSONValue {
  /// Creates the encoding of a value of the language, for output.
  ///
  /// Records are pointers, times have milliseconds, decimals keep their digits, spans are milliseconds. What has no
  /// JSON, such as bytes or a type, is its text.
  package init(_ value: Value) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .number(String(number))
    case .uint(let number): self = .number(String(number))
    case .double(let number):
      self = number.isFinite ? .number(Value.text(number)) : .string(Value.text(number))
    case .decimal(let number): self = .number(number.description)
    case .string(let text): self = .string(text)
    case .timestamp(let instant):
      self = .object([("__type", .string("Date")), ("iso", .string(instant.parseText))])
    case .duration(let span): self = .number(String(span.milliseconds))
    case .record(let record): self = FieldType.pointer(record.type.name).json(.string(record.id))
    case .list(let items): self = .array(items.map { JSONValue($0) })
    case .map(let map): self = FieldType.object(nil).json(.map(map))
    case .optional(let box): self = box.value.map { JSONValue($0) } ?? .null
    case .opaque(let box): self = .string(box.content.text)
    case .bytes, .type: self = .string(value.description)
    }
  }
}

extension Timestamp {
  /// The text with exactly three digits of fraction, as Parse's client libraries expect it.
  package var parseText: String {
    let whole = Timestamp(seconds: seconds)?.description ?? description
    let fraction = String(1000 + nanoseconds / 1_000_000).dropFirst()
    return whole.dropLast() + "." + fraction + "Z"
  }
}

extension Refusal {
  /// JSON of the wrong kind, with what would be right.
  static func wrongEncoding(_ type: FieldType, _ json: JSONValue, _ place: String) -> Refusal {
    var hint = ""
    switch (type, json) {
    case (.date, .string), (.date, .number):
      hint = "; write {\"__type\": \"Date\", \"iso\": \"2026-03-02T09:00:00.000Z\"}"
    case (.pointer(let target), .string):
      hint =
        "; write {\"__type\": \"Pointer\", \"className\": \"\(target)\", \"objectId\": \"…\"}"
    default: break
    }
    return Refusal(.schema, "\(place) needs \(type.literalHint), not \(json.kindText)\(hint)")
  }
}
