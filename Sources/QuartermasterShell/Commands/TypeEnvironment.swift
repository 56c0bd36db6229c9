internal import QuartermasterCEL
internal import QuartermasterCore

/// Types of names, as JSON says them.
enum TypeEnvironment {
  /// Returns the names and types of an object, or of a list of declarations.
  static func declarations(
    _ json: JSONValue
  ) throws(CommandFailure) -> [(name: String, type: CELType)] {
    var declared: [(name: String, type: CELType)] = []
    switch json {
    case .object(let members):
      for (name, type) in members { declared.append((name, try self.type(type, name))) }
    case .array(let entries):
      for entry in entries {
        guard case .string(let name)? = entry["name"], let type = entry["type"] else {
          throw CommandFailure(
            .usage,
            "--type-env: a declaration needs a name and a type; functions have nothing to run here")
        }
        declared.append((name, try self.type(type, name)))
      }
    default:
      throw CommandFailure(
        .usage, "--type-env needs an object of names and types, not \(json.kindText)")
    }
    return declared
  }

  private static let plain: [String: CELType] = [
    "dyn": .dyn, "any": .dyn, "null": .null, "bool": .bool, "int": .int, "uint": .uint,
    "double": .double, "decimal": .decimal, "string": .string, "bytes": .bytes,
    "timestamp": .timestamp, "duration": .duration,
  ]

  private static func type(_ json: JSONValue, _ name: String) throws(CommandFailure) -> CELType {
    switch json {
    case .string(let word):
      if let type = plain[word] { return type }
      let hint = Suggestion.closest(to: word, among: plain.keys.sorted()).map {
        "; did you mean \($0)?"
      }
      throw CommandFailure(
        .usage, "--type-env: \(name): there is no type \(word)\(hint ?? "")")
    case .object(let members) where members.count == 1:
      switch (members[0].key, members[0].value) {
      case ("list", let element): return .list(try type(element, name))
      case ("map", .array(let parts)) where parts.count == 2:
        return .map(key: try type(parts[0], name), value: try type(parts[1], name))
      case ("type", let inner): return .type(try type(inner, name))
      case ("optional", let inner): return .optional(try type(inner, name))
      case ("nullable", let inner): return try type(inner, name).orNull
      default: break
      }
    default: break
    }
    throw CommandFailure(
      .usage,
      "--type-env: \(name): a type is a word such as \"int\", or {\"list\": T}, {\"map\": [K, V]}, {\"optional\": T}, {\"nullable\": T}"
    )
  }
}

extension CELType {
  /// Returns a value of JSON as a value of the type: JSON has one kind of number, and texts for all that has no kind.
  func typed(_ value: Value, _ name: String) throws(CommandFailure) -> Value {
    switch (self, value) {
    case (.dyn, _), (.nullable, .null), (.optional, .optional): return value
    case (.nullable(let inner), _): return try inner.typed(value, name)
    case (.optional(let inner), .null):
      _ = inner
      return .optional(OptionalValue(nil))
    case (.optional(let inner), _):
      return .optional(OptionalValue(try inner.typed(value, name)))
    case (.list(let element), .list(let items)):
      var result: [Value] = []
      for item in items { result.append(try element.typed(item, name)) }
      return .list(result)
    case (.map(let key, let element), .map(let map)):
      var entries: [(key: Value, value: Value)] = []
      for entry in map.entries {
        entries.append((try key.typed(entry.key, name), try element.typed(entry.value, name)))
      }
      guard let result = MapValue(entries) else { break }
      return .map(result)
    case (.bytes, .string(let text)):
      if let bytes = Base64.decode(text) { return .bytes(bytes) }
    default:
      if let converted = converted(value), converted.isOf(self) { return converted }
    }
    throw CommandFailure(.usage, "--bindings: \(name) is \(value.kindText), not \(phrase)")
  }

  /// Returns what the conversion function of the type makes of a value; nil when it fails, or there is none.
  private func converted(_ value: Value) -> Value? {
    if value.isOf(self) { return value }
    let functions: [CELType: String] = [
      .int: "int", .uint: "uint", .double: "double", .decimal: "decimal",
      .timestamp: "timestamp", .duration: "duration",
    ]
    guard let function = functions[self] else { return nil }
    // A text is a number only where it is a time: `"5"` for an integer is a mistake.
    if case .string = value, self != .timestamp, self != .duration { return nil }
    var environment = CELEnvironment.everything
    environment.declare(VariableDeclaration("x", .dyn))
    return try? environment.compile("\(function)(x)").evaluate(["x": value])
  }
}

extension Value {
  /// Whether the value is of a type that has no parts.
  fileprivate func isOf(_ type: CELType) -> Bool {
    switch (type, self) {
    case (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
      (.decimal, .decimal), (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp),
      (.duration, .duration), (.type, .type):
      true
    default: false
    }
  }
}
