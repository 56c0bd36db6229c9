extension CELType: CustomStringConvertible {
  /// The type as signatures have it: `list(int)`, `map(string, dyn)`, `Product or null`.
  public var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .decimal: "decimal"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .record(let name): name
    case .nullable(let inner): "\(inner) or null"
    case .type(let inner): inner.map { "type(\($0))" } ?? "type"
    case .optional(let inner): "optional(\(inner))"
    case .abstract(let name, let parameters):
      parameters.isEmpty
        ? name : name + "(" + parameters.map(\.description).joined(separator: ", ") + ")"
    case .parameter(let name): name
    case .error: "error"
    }
  }

  /// The type in a sentence: `an integer`, `a list of texts`, `a Product`.
  package var phrase: String {
    switch self {
    case .dyn, .error, .parameter: "a value of any type"
    case .null: "null"
    case .bool: "true or false"
    case .int: "an integer"
    case .uint: "an unsigned integer"
    case .double: "a double"
    case .string: "a text"
    case .bytes: "a piece of bytes"
    case .decimal: "a decimal"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .list(let element): element.plural.map { "a list of \($0)" } ?? "a list"
    case .map: "a map"
    case .record(let name): Self.withArticle(name)
    case .nullable(let inner): inner.phrase + " or null"
    case .type: "a type"
    case .optional: "an optional value"
    case .abstract(let name, _): Self.withArticle(name)
    }
  }

  private var plural: String? {
    switch self {
    case .int: "integers"
    case .uint: "unsigned integers"
    case .double: "doubles"
    case .string: "texts"
    case .decimal: "decimals"
    case .timestamp: "timestamps"
    case .duration: "durations"
    case .record(let name): "\(name) records"
    case .nullable(let inner): inner.plural.map { $0 + " or null" }
    default: nil
    }
  }

  private static func withArticle(_ name: String) -> String {
    let first = name.unicodeScalars.first.map { String($0).lowercased() } ?? ""
    return ("aeiou".contains(first) && !first.isEmpty ? "an " : "a ") + name
  }
}
