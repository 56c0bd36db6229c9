internal import QuartermasterCEL

/// Lists, objects and places as JSON text in a column: Parse's encoding, as everywhere else.
enum StoredJSON {
  /// Returns the text of a value in its stored form.
  static func text(of value: Value, _ type: FieldType) -> String {
    JSONWriter.text(json(value, type))
  }

  /// Returns the value that a text in a column stands for.
  static func value(of text: UnsafeBufferPointer<UInt8>, _ type: FieldType) throws(Refusal) -> Value
  {
    let json: JSONValue
    do throws(JSONError) { json = try JSONReader.read(text) } catch {
      throw Refusal(
        .storage, "a column holds no JSON: \(error.message) at byte \(error.offset)")
    }
    return try type.value(json: json, at: "a column")
  }

  private static func json(_ value: Value, _ type: FieldType?) -> JSONValue {
    switch (type, value) {
    case (_, .double(let number)):
      // Where no type is declared, 3.0 must come back as a double and not as the integer 3.
      let text = Value.text(number)
      let isWhole = text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "-") }
      return .number(isWhole ? text + ".0" : text)
    case (.array(let of), .list(let items)): return .array(items.map { json($0, of) })
    case (_, .list(let items)): return .array(items.map { json($0, nil) })
    case (.geoPoint, _): return FieldType.geoPoint.json(value)
    case (_, .map(let map)):
      var members: [FieldType.ShapeMember]?
      if case .object(let declared)? = type { members = declared }
      return .object(
        map.entries.map { entry in
          guard case .string(let name) = entry.key else {
            return (entry.key.description, json(entry.value, nil))
          }
          let member = members?.first { UTF8Text.equal($0.name, name) }
          return (name, json(entry.value, member?.type))
        })
    default: return type?.json(value) ?? JSONValue(value)
    }
  }
}
