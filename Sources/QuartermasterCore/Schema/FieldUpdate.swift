package import QuartermasterCEL

/// What a write does to a field: a new value, or one of Parse's operators on the stored one.
package enum FieldUpdate: Sendable {
  /// Sets a value, in its stored form.
  case set(Value)
  /// Adds a number of the field's type; null counts as 0.
  case increment(Value)
  /// Appends to a list.
  case add([Value])
  /// Appends to a list what it does not hold.
  case addUnique([Value])
  /// Takes out of a list all that is equal to one of these.
  case remove([Value])
  /// Makes the field null.
  case delete
  /// Sets a value where there is none.
  case setOnInsert(Value)

  /// Returns the value that a stored one becomes, in its stored form.
  ///
  /// - Parameters:
  ///   - current: The stored value; null for a new record.
  ///   - field: The field.
  ///   - className: Its class, for messages.
  /// - Returns: The new value.
  /// - Throws: ``Refusal`` when a number overflows.
  package func apply(
    to current: Value, _ field: FieldDefinition, class className: String
  ) throws(Refusal) -> Value {
    switch self {
    case .set(let value): return value
    case .delete: return .null
    case .setOnInsert(let value):
      if case .null = current { return value }
      return current
    case .increment(let amount):
      return try Self.sum(current, amount, field, "\(className).\(field.name)")
    case .add(let objects): return .list(Self.items(current) + objects)
    case .addUnique(let objects):
      var items = Self.items(current)
      for object in objects where !items.contains(where: { Value.equal($0, object) }) {
        items.append(object)
      }
      return .list(items)
    case .remove(let objects):
      return .list(
        Self.items(current).filter { item in !objects.contains { Value.equal($0, item) } })
    }
  }

  private static func items(_ value: Value) -> [Value] {
    if case .list(let items) = value { items } else { [] }
  }

  private static func sum(
    _ current: Value, _ amount: Value, _ field: FieldDefinition, _ place: String
  ) throws(Refusal) -> Value {
    switch (current, amount) {
    case (.null, _): return amount
    case (.int(let a), .int(let b)):
      let (sum, over) = a.addingReportingOverflow(b)
      if over { throw Refusal(.schema, "\(place) overflows: \(a) plus \(b) is too large") }
      return .int(sum)
    case (.double(let a), .double(let b)):
      if !(a + b).isFinite { throw Refusal(.schema, "\(place) overflows: \(a) plus \(b)") }
      return .double(a + b)
    case (.decimal(let a), .decimal(let b)):
      guard let sum = a.adding(b), sum.stored(scale: sum.scale) != nil else {
        throw Refusal(.schema, "\(place) overflows: \(a) plus \(b) is too large")
      }
      return .decimal(sum)
    default: throw Refusal(.schema, "Increment needs a number, and \(place) is none")
    }
  }
}

extension FieldDefinition {
  /// Reads what a write in JSON gives for the field: a value, or an object with `__op`.
  ///
  /// - Parameters:
  ///   - json: The value or the operator.
  ///   - className: The class, for messages.
  /// - Returns: What to do with the stored value.
  /// - Throws: ``Refusal`` when a value is not of the field's type, or the operator is not for it.
  package func update(json: JSONValue, class className: String) throws(Refusal) -> FieldUpdate {
    let place = "\(className).\(name)"
    guard case .object = json, let operation = json["__op"] else {
      let value = try type.value(json: json, at: place)
      return .set(isAccessList ? try accept(value, class: className) : value)
    }
    switch operation.text {
    case "Delete"?: return .delete
    case "Increment"?: return .increment(try amount(json["amount"], place))
    case "SetOnInsert"?:
      let value = try type.value(json: json["amount"] ?? .null, at: place)
      return .setOnInsert(isAccessList ? try accept(value, class: className) : value)
    case "Add"?: return .add(try objects(json, "Add", place))
    case "AddUnique"?: return .addUnique(try objects(json, "AddUnique", place))
    case "Remove"?: return .remove(try objects(json, "Remove", place))
    default:
      let names = ["Increment", "Add", "AddUnique", "Remove", "Delete", "SetOnInsert"]
      let written = operation.text ?? operation.kindText
      let hint = Suggestion.closest(to: written, among: names).map { "; did you mean \($0)?" }
      throw Refusal(
        .schema,
        "\(place): there is no operator \(written)\(hint ?? " (\(names.joined(separator: ", ")))")")
    }
  }

  private func amount(_ json: JSONValue?, _ place: String) throws(Refusal) -> Value {
    switch type {
    case .integer, .number, .decimal: break
    default:
      throw Refusal(.schema, "Increment needs a number, and \(place) is a \(type.schemaName)")
    }
    guard case .number? = json, let json else {
      throw Refusal(.schema, "Increment of \(place) needs a numeric amount")
    }
    return try type.value(json: json, at: place)
  }

  private func objects(
    _ json: JSONValue, _ operation: String, _ place: String
  ) throws(Refusal) -> [Value] {
    guard case .array = type else {
      throw Refusal(.schema, "\(operation) needs an Array, and \(place) is a \(type.schemaName)")
    }
    guard let objects = json["objects"], case .array = objects,
      case .list(let items) = try type.value(json: objects, at: place)
    else { throw Refusal(.schema, "\(operation) of \(place) needs `objects`, a list") }
    return items
  }
}
