internal import QuartermasterCEL

extension SchemaLoader {
  /// The names of the types that are no classes.
  static let typeNames = [
    "String", "Integer", "Number", "Decimal", "Boolean", "Date", "Duration", "GeoPoint", "Array",
    "Object",
  ]
  /// What a decimal has when nothing is said.
  static let defaultScale = 2
  /// The largest scale: a stored decimal is a 64-bit integer of its last digit.
  static let maximumScale = 18

  /// Returns the type that a name stands for.
  func type(named name: String, scale: YAMLNode?, of: YAMLNode?, at span: SourceSpan)
    -> FieldType?
  {
    if let scale, name != "Decimal" {
      report(.schemaOptionPlace("scale", needs: "a Decimal", at: scale.span))
    }
    if let of, name != "Array", name != "Object" {
      report(.schemaOptionPlace("of", needs: "an Array or an Object", at: of.span))
    }
    switch name {
    case "String": return .string
    case "Integer": return .integer
    case "Number": return .number
    case "Decimal":
      let digits = scale.flatMap { count($0, 0...Self.maximumScale) }
      return .decimal(scale: digits ?? Self.defaultScale)
    case "Boolean": return .boolean
    case "Date": return .date
    case "Duration": return .duration
    case "GeoPoint": return .geoPoint
    case "Array":
      guard let of else { return .array(of: nil) }
      return type(of).map { .array(of: $0) }
    case "Object":
      guard let of else { return .object(nil) }
      if case .mapping(let pairs) = of.kind { return shape(pairs) }
      report(.needsMap(area, "the shape of an Object", at: of.span))
      return nil
    default:
      if self[name] != nil { return .pointer(name) }
      report(
        .schemaUnknownType(name, types: Self.typeNames, classes: classes.map(\.name), at: span))
      return nil
    }
  }

  /// Returns the type that a node describes: a name, `{type: Decimal, scale: 4}`, or the shape of an object.
  ///
  /// A map with `type` and nothing but what belongs to a type is a type; any other map is a shape, so that an
  /// object may have a member called `type` beside others.
  func type(_ node: YAMLNode) -> FieldType? {
    switch node.kind {
    case .scalar(let source, _):
      return type(named: source.text, scale: nil, of: nil, at: node.span)
    case .mapping(let pairs):
      if let name = node["type"],
        pairs.allSatisfy({ ["type", "scale", "of"].contains($0.key.text) })
      {
        guard let text = text(name, "the name of a type") else { return nil }
        return type(named: text, scale: node["scale"], of: node["of"], at: name.span)
      }
      return shape(pairs)
    case .sequence, .empty:
      report(.needs(area, "the name of a type, or a map of names and types", at: node.span))
      return nil
    }
  }

  private func shape(_ pairs: [(key: YAMLNode, value: YAMLNode)]) -> FieldType? {
    var members: [FieldType.ShapeMember] = []
    var isWhole = true
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if !Self.isIdentifier(name) {
        report(.schemaBadName(name, what: "a member", at: pair.key.span))
      }
      guard let type = type(pair.value) else {
        isWhole = false
        continue
      }
      members.append(FieldType.ShapeMember(name: name, type: type))
    }
    return isWhole ? .object(members) : nil
  }
}

extension FieldType {
  /// What expressions see.
  ///
  /// A pointer inside an array or an object is the id of its record.
  func celType() -> CELType {
    switch self {
    case .string: .string
    case .integer: .int
    case .number: .double
    case .decimal: .decimal
    case .boolean: .bool
    case .date: .timestamp
    case .duration: .duration
    case .geoPoint: .map(key: .string, value: .double)
    case .array(let of): .list(of.map { $0.elementType } ?? .dyn)
    case .object: .map(key: .string, value: .dyn)
    case .pointer(let name): .record(name)
    }
  }

  private var elementType: CELType {
    if case .pointer = self { .string } else { celType() }
  }

  /// The name in a schema file, for messages.
  package var schemaName: String {
    switch self {
    case .string: "String"
    case .integer: "Integer"
    case .number: "Number"
    case .decimal: "Decimal"
    case .boolean: "Boolean"
    case .date: "Date"
    case .duration: "Duration"
    case .geoPoint: "GeoPoint"
    case .array: "Array"
    case .object: "Object"
    case .pointer(let name): name
    }
  }

  /// Whether values of the type have an order, so that `min` and `max` make sense.
  var isOrdered: Bool {
    switch self {
    case .integer, .number, .decimal, .date, .duration: true
    default: false
    }
  }
}
