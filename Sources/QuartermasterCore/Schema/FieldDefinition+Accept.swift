package import QuartermasterCEL

extension FieldDefinition {
  /// Returns a value in the form in which the field stores it, or refuses one of the wrong type.
  ///
  /// A pointer takes a record of its class and stores the id; an Integer takes integers only; a Number integers and
  /// finite doubles; a Decimal decimals and integers, brought to its scale without loss; times and spans are cut to
  /// milliseconds; lists, objects and GeoPoints are checked through their shapes, in which pointers become ids.
  /// Null stays null.
  ///
  /// - Parameters:
  ///   - value: A value of the language.
  ///   - className: The class, for messages.
  /// - Returns: The stored form.
  /// - Throws: ``Refusal`` when the value is not of the field's type.
  package func accept(_ value: Value, class className: String) throws(Refusal) -> Value {
    switch (type, value) {
    case (_, .null), (.string, .string), (.integer, .int), (.boolean, .bool): return value
    default:
      if isAccessList { return try AccessList.accept(value, at: "\(className).\(name)") }
      return try type.accept(value, at: "\(className).\(name)")
    }
  }

  /// Returns a value in the form in which the field of a class stores it, or refuses one of the wrong type.
  package func accept(
    _ value: Value, in definition: ClassDefinition
  ) throws(Refusal) -> Value {
    try accept(value, class: definition.name)
  }
}

extension FieldType {
  /// Returns the stored form of a value; `place` names the field, or the part of it, for messages.
  ///
  /// The name is made only for a message: making it would cost more than the check.
  func accept(_ value: Value, at place: @autoclosure () -> String) throws(Refusal) -> Value {
    switch (self, value) {
    case (_, .null), (.string, .string), (.integer, .int), (.boolean, .bool): return value
    case (.number, .int(let number)): return .double(Double(number))
    case (.number, .double(let number)):
      guard number.isFinite else {
        throw Refusal(.schema, "\(place()) needs a finite number, not \(value)")
      }
      return value
    case (.decimal(let scale), .int(let number)):
      return try Self.decimal(ExactDecimal(number), scale, place())
    case (.decimal(let scale), .decimal(let number)):
      return try Self.decimal(number, scale, place())
    case (.decimal, .double):
      throw Refusal(
        .schema, "\(place()) is exact and \(value) a double; write decimal(x) to accept rounding")
    case (.date, .timestamp(let instant)):
      return .timestamp(Timestamp(milliseconds: instant.milliseconds))
    case (.duration, .duration(let span)):
      return TimeSpan(milliseconds: span.milliseconds).map(Value.duration) ?? value
    case (.pointer(let target), .record(let record)):
      if record.type.name == target { return .string(record.id) }
    case (.geoPoint, .map(let map)): return try Self.geoPoint(map, place())
    case (.array(let of), .list(let items)): return try Self.list(items, of, place())
    case (.object(let members), .map(let map)): return try Self.object(map, members, place())
    default: break
    }
    throw .wrongType(self, value.kindText, place())
  }

  private static func decimal(
    _ number: ExactDecimal, _ scale: Int, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    guard let exact = number.exactly(scale: scale) else {
      if number.rounded(scale: scale) == nil { throw .tooLarge(place(), number.description) }
      throw Refusal(
        .schema,
        "\(place()) has \(scale) \(scale == 1 ? "place" : "places"), and \(number) has more; write round(x, \(scale))"
      )
    }
    if exact.stored(scale: scale) == nil { throw .tooLarge(place(), number.description) }
    return .decimal(exact)
  }

  private static func list(
    _ items: [Value], _ of: FieldType?, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    var accepted: [Value] = []
    accepted.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      if let of {
        accepted.append(try of.accept(item, at: "\(place())[\(index)]"))
      } else {
        accepted.append(try acceptUntyped(item, "\(place())[\(index)]"))
      }
    }
    return .list(accepted)
  }

  private static func object(
    _ map: MapValue, _ members: [ShapeMember]?, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    var entries: [(key: Value, value: Value)] = []
    entries.reserveCapacity(map.entries.count)
    for entry in map.entries {
      guard case .string(let name) = entry.key else {
        throw Refusal(.schema, "\(place()) needs texts as keys, not \(entry.key)")
      }
      guard let members else {
        entries.append((entry.key, try acceptUntyped(entry.value, "\(place()).\(name)")))
        continue
      }
      guard let member = members.first(where: { UTF8Text.equal($0.name, name) }) else {
        throw .unknownMember(name, place(), members)
      }
      entries.append((entry.key, try member.type.accept(entry.value, at: "\(place()).\(name)")))
    }
    return MapValue(entries).map(Value.map) ?? .map(map)
  }

  private static func geoPoint(
    _ map: MapValue, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    func coordinate(_ name: String, _ limit: Double) throws(Refusal) -> (key: Value, value: Value) {
      let number: Double
      switch map[name] {
      case .int(let whole)?: number = Double(whole)
      case .double(let value)?: number = value
      default: throw Refusal(.schema, "\(place()) needs a \(name), as a number")
      }
      guard number.magnitude <= limit else {
        throw Refusal(
          .schema,
          "\(place()) needs a \(name) from \(-Int(limit)) to \(Int(limit)), not \(Value.text(number))"
        )
      }
      return (.string(name), .double(number))
    }
    let entries = [try coordinate("latitude", 90), try coordinate("longitude", 180)]
    if map.entries.count > 2 {
      throw Refusal(.schema, "\(place()) takes a latitude and a longitude, nothing else")
    }
    return MapValue(entries).map(Value.map) ?? .map(map)
  }

  /// Returns a value of an array or object without a shape: what JSON can say, and times.
  static func acceptUntyped(
    _ value: Value, _ place: @autoclosure () -> String
  ) throws(Refusal) -> Value {
    switch value {
    case .null, .bool, .int, .string: return value
    case .double(let number) where number.isFinite: return value
    case .timestamp(let instant):
      return .timestamp(Timestamp(milliseconds: instant.milliseconds))
    case .list(let items): return try list(items, nil, place())
    case .map(let map): return try object(map, nil, place())
    default:
      throw Refusal(
        .schema,
        "\(place()) holds \(value.kindText); say in the schema what it holds, with `of:`")
    }
  }
}

extension Refusal {
  /// A value of the wrong type.
  static func wrongType(_ type: FieldType, _ kind: String, _ place: String) -> Refusal {
    Refusal(.schema, "\(place) needs \(type.literalHint), not \(kind)")
  }

  /// A number that does not fit in the file.
  static func tooLarge(_ place: String, _ number: String) -> Refusal {
    Refusal(.schema, "\(place) overflows: \(number) is too large")
  }

  /// A member that a shape does not have.
  static func unknownMember(
    _ name: String, _ place: String, _ members: [FieldType.ShapeMember]
  ) -> Refusal {
    let names = members.map(\.name)
    let suggestion = Suggestion.closest(to: name, among: names).map { "; did you mean \($0)?" }
    return Refusal(
      .schema,
      "\(place) has no member \(name) (\(names.joined(separator: ", ")))\(suggestion ?? "")")
  }
}
