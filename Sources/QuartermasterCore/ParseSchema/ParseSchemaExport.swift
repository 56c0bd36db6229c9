internal import QuartermasterCEL

/// A schema as a Parse server describes one: `{"classes": [{"className": …, "fields": {…}}]}`.
package struct ParseSchemaExport {
  /// The description.
  package let json: JSONValue
  /// What was asked for and is not in the schema, such as `Order.colour`.
  package let missing: [String]

  /// Describes all classes: every kind of number is a `Number`, a duration is its milliseconds.
  package init(_ schema: Schema) {
    missing = []
    let classes = schema.classes.filter { !$0.isSystem }.map { definition -> JSONValue in
      var fields: [(key: String, value: JSONValue)] = [("objectId", Self.system("String"))]
      for field in definition.fields {
        fields.append((field.name, .object(Self.members(of: field))))
      }
      fields.append(("createdAt", Self.system("Date")))
      fields.append(("updatedAt", Self.system("Date")))
      return .object([("className", .string(definition.name)), ("fields", .object(fields))])
    }
    json = .object([("classes", .array(classes))])
  }

  /// Describes what another description names: its classes, their fields, and what it says of each.
  package init(_ schema: Schema, only wanted: ParseSchema) {
    var missing: [String] = []
    let classes = wanted.classes.compactMap { item -> JSONValue? in
      guard let definition = schema[ParseSchema.localName(item.name)] else {
        missing.append(item.name)
        return nil
      }
      let fields = item.fields.compactMap { field -> (key: String, value: JSONValue)? in
        let members: [(key: String, value: JSONValue)]
        if SchemaLoader.systemFields.contains(field.name) {
          members = Self.systemMembers(field.name == "objectId" ? "String" : "Date")
        } else if let own = definition[field.name] {
          members = Self.members(of: own)
        } else {
          missing.append("\(item.name).\(field.name)")
          return nil
        }
        let asked = field.members.compactMap { key, value -> (key: String, value: JSONValue)? in
          guard let own = members.first(where: { $0.key == key })?.value else { return nil }
          // A server calls its users `_User`.
          let isSame = key == "targetClass" && value.text.map(ParseSchema.localName) == own.text
          return (key, isSame ? value : own)
        }
        return (field.name, .object(asked))
      }
      return .object([("className", .string(item.name)), ("fields", .object(fields))])
    }
    json = .object([("classes", .array(classes))])
    self.missing = missing
  }

  private static func systemMembers(_ type: String) -> [(key: String, value: JSONValue)] {
    [("type", .string(type)), ("required", .bool(false))]
  }

  private static func system(_ type: String) -> JSONValue { .object(systemMembers(type)) }

  private static func members(of field: FieldDefinition) -> [(key: String, value: JSONValue)] {
    var members: [(key: String, value: JSONValue)] = []
    switch field.type {
    case _ where field.isAccessList: members.append(("type", .string("ACL")))
    case .integer, .number, .decimal, .duration: members.append(("type", .string("Number")))
    case .pointer: members.append(("type", .string("Pointer")))
    default: members.append(("type", .string(field.type.schemaName)))
    }
    members.append(("required", .bool(field.isRequired)))
    if case .pointer(let target) = field.type { members.append(("targetClass", .string(target))) }
    if case .null = field.defaultValue {
    } else {
      members.append(("defaultValue", field.type.json(field.defaultValue)))
    }
    return members
  }
}
