/// A JSON text that is written down as literals.
struct JSONNode: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// The text.
  let json: JSONValue

  private init(_ json: JSONValue) { self.json = json }

  init(stringLiteral value: String) { json = .string(value) }
  init(booleanLiteral value: Bool) { json = .bool(value) }
  init(integerLiteral value: Int) { json = .number(String(value)) }
  init(arrayLiteral elements: JSONNode...) { json = .array(elements.map(\.json)) }
  init(dictionaryLiteral elements: (String, JSONNode)...) {
    json = .object(elements.map { (key: $0.0, value: $0.1.json) })
  }

  static func string(_ text: String) -> JSONNode { JSONNode(.string(text)) }
  static func array(_ items: [JSONNode]) -> JSONNode { JSONNode(.array(items.map(\.json))) }
  static func object(_ members: [(key: String, value: JSONNode)]) -> JSONNode {
    JSONNode(.object(members.map { (key: $0.key, value: $0.value.json) }))
  }

  /// The text as a schema: `allOf` with nothing in it says nothing, and may not be there.
  var schema: JSONValue { Self.pruned(json) }

  private static func pruned(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let items): return .array(items.map(pruned))
    case .object(let members):
      let kept = members.filter { key, value in
        if key == "allOf", case .array(let items) = value { return !items.isEmpty }
        return true
      }
      return .object(kept.map { (key: $0.key, value: pruned($0.value)) })
    case .null, .bool, .number, .string: return value
    }
  }

  /// A list of texts.
  static func texts(_ texts: some Sequence<String>) -> JSONNode {
    JSONNode(.array(texts.map { .string($0) }))
  }

  /// Returns an object with more members behind its own.
  func with(_ more: [(key: String, value: JSONNode)]) -> JSONNode {
    guard case .object(let members) = json else { return self }
    return JSONNode(.object(members + more.map { (key: $0.key, value: $0.value.json) }))
  }

  /// Returns an object whose member of one name, an object, has more members behind its own.
  func extending(_ name: String, by more: [(key: String, value: JSONNode)]) -> JSONNode {
    guard case .object(let members) = json else { return self }
    return JSONNode(
      .object(
        members.map { key, value in
          (key: key, value: key == name ? JSONNode(value).with(more).json : value)
        }))
  }
}
