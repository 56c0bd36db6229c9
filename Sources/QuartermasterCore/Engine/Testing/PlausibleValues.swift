internal import QuartermasterCEL

/// Fills what a record of a test needs and was not given: a test names only what it is about.
final class PlausibleValues {
  private let interpreter: Interpreter
  private var count = 0
  /// The classes for which a record is being made, so that a ring of required pointers ends.
  private var making: [String] = []

  init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  /// Returns the values with one more for each required field that has none and no default.
  ///
  /// A required pointer gets a record that is made for it, without rules.
  func complete(_ definition: ClassDefinition, _ given: [FieldAssignment]) throws(Refusal)
    -> [FieldAssignment]
  {
    var values = given
    for field in definition.fields {
      guard field.isRequired, field.isWritable, field.sequence == nil,
        case .null = field.defaultValue, !given.contains(where: { $0.field.index == field.index })
      else { continue }
      values.append((field, .value(try value(for: field, of: definition))))
    }
    return values
  }

  private func value(for field: FieldDefinition, of definition: ClassDefinition) throws(Refusal)
    -> Value
  {
    count += 1
    switch field.type {
    case .string: return .string(text(for: field))
    case .integer:
      if case .int(let least)? = field.minimum { return .int(least + step(field)) }
      return .int(step(field))
    case .number:
      if case .double(let least)? = field.minimum { return .double(least + Double(step(field))) }
      return .double(Double(step(field)))
    case .decimal(let scale):
      var number = ExactDecimal(step(field))
      if case .decimal(let least)? = field.minimum { number = least.adding(number) ?? least }
      return number.exactly(scale: scale).map(Value.decimal) ?? .null
    case .boolean: return .bool(false)
    case .date: return .timestamp(interpreter.now)
    case .duration: return field.minimum ?? .duration(TimeSpan(nanoseconds: 0))
    case .geoPoint:
      return MapValue([(.string("latitude"), .int(0)), (.string("longitude"), .int(0))])
        .map(Value.map) ?? .null
    case .array: return .list([])
    case .object: return MapValue([]).map(Value.map) ?? .null
    case .pointer(let target):
      guard !making.contains(target), let targetClass = interpreter.schema[target] else {
        throw Refusal(
          .schema,
          "\(definition.name).\(field.name) needs a \(target); the test must give one, "
            + "because making one would need another")
      }
      making.append(target)
      defer { making.removeLast() }
      let record = try interpreter.writer.create(
        targetClass, values: try complete(targetClass, []), rules: false)
      return .record(record)
    }
  }

  /// How far a number is from the least one: values that no two records may share must differ.
  private func step(_ field: FieldDefinition) -> Int64 { field.isUnique ? Int64(count) : 0 }

  private func text(for field: FieldDefinition) -> String {
    if let flow = field.flow, let first = flow.states.first { return first }
    if let first = field.allowed?.first { return first }
    let text = "\(field.name) \(count)"
    guard let limit = field.maximumLength, text.unicodeScalars.count > limit else { return text }
    // The end is kept: it is what differs.
    return String(String.UnicodeScalarView(text.unicodeScalars.suffix(limit)))
  }
}
