internal import QuartermasterCEL

/// A schema.yaml made of what a Parse server describes.
package struct ParseSchemaImport {
  /// The text of schema.yaml.
  package let text: String
  /// What could not be said in it, a sentence each.
  package let leftOut: [String]
  /// How many classes it has.
  package let classCount: Int

  /// Makes a schema.
  ///
  /// - Parameters:
  ///   - description: What the server says.
  ///   - name: The name of the file it stands in, for the first line.
  package init(_ description: ParseSchema, name: String) {
    var draft = Draft(description)
    draft.make()
    leftOut = draft.leftOut
    classCount = draft.classCount
    text = "# Made of \(name) by `quartermaster schema import`.\nclasses:\n" + draft.lines.joined()
  }
}

/// The making of one schema.
private struct Draft {
  let description: ParseSchema
  var lines: [String] = []
  var leftOut: [String] = []
  var classCount = 0
  private var known: Set<String> = []

  init(_ description: ParseSchema) { self.description = description }

  mutating func make() {
    let rights = description.classes.count { $0.fields.contains { $0.type == "ACL" } }
    var names: Set<String> = []
    var taken: Set<String> = []
    for item in description.classes {
      let name = ParseSchema.localName(item.name)
      if let reason = Self.objection(toClass: name) {
        leftOut.append("class \(item.name): \(reason)")
      } else if !taken.insert(name.lowercased()).inserted {
        leftOut.append("class \(item.name): another class has this name already")
      } else {
        names.insert(item.name)
        if name != item.name { leftOut.append("class \(item.name) is called \(name) here") }
      }
    }
    known = names
    for item in description.classes where names.contains(item.name) {
      names.remove(item.name)
      add(item)
    }
    if rights > 0 {
      leftOut.append("the field ACL of \(rights) classes: who may do what is not part of a schema")
    }
  }

  private static func objection(toClass name: String) -> String? {
    if name.hasPrefix("_") { return "names that begin with _ are the engine's; it is left out" }
    if !SchemaLoader.isIdentifier(name) { return "this is no name here; it is left out" }
    if SchemaLoader.reservedClassNames.contains(name) || SchemaLoader.typeNames.contains(name) {
      return "this name is taken here; it is left out, give it another one"
    }
    if let first = name.utf8.first, first >= 97 {
      return "the name of a class begins with a capital; it is left out, give it another one"
    }
    return nil
  }

  private mutating func add(_ item: ParseSchema.Class) {
    let name = ParseSchema.localName(item.name)
    if classCount > 0 { lines.append("\n") }
    classCount += 1
    lines.append("  \(name):\n")
    var taken: Set<String> = []
    var count = 0
    for field in item.fields {
      if SchemaLoader.systemFields.contains(field.name) || field.type == "ACL" { continue }
      let place = "\(name).\(field.name)"
      if field.name.hasPrefix("_") || !SchemaLoader.isIdentifier(field.name) {
        leftOut.append("\(place): this is no name of a field here")
      } else if !taken.insert(field.name.lowercased()).inserted
        || SchemaLoader.systemFields.contains(where: { $0.lowercased() == field.name.lowercased() })
      {
        leftOut.append("\(place): another field has this name already, but for capitals")
      } else if let text = spec(field, of: name, place) {
        lines.append("    \(field.name): \(text)\n")
        count += 1
      }
    }
    if count == 0 { lines[lines.count - 1] = "  \(name): {}\n" }
  }

  private mutating func spec(
    _ field: ParseSchema.Field, of owner: String, _ place: String
  ) -> String? {
    guard let type = type(of: field, place) else { return nil }
    var parts = ["type: \(type.schemaName)"]
    if case .bool(true)? = field["required"] { parts.append("required: true") }
    if owner == "User", field.name == "password", type == .string { parts.append("secret: true") }
    // A Parse server keeps them unique, and says so nowhere.
    if owner == "User", field.name == "username", type == .string { parts.append("unique: true") }
    if let value = field["defaultValue"] {
      if case .null = value {
      } else if let text = literal(value, type) {
        parts.append("default: \(text)")
      } else {
        leftOut.append("\(place): its default \(JSONWriter.text(value)) is no \(type.schemaName)")
      }
    }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  private mutating func type(of field: ParseSchema.Field, _ place: String) -> FieldType? {
    switch field.type {
    case "String": return .string
    case "Number": return .number
    case "Boolean": return .boolean
    case "Date": return .date
    case "Array": return .array(of: nil)
    case "Object": return .object(nil)
    case "GeoPoint": return .geoPoint
    case "Pointer":
      let target = field["targetClass"]?.text ?? ""
      if known.contains(target) { return .pointer(ParseSchema.localName(target)) }
      leftOut.append(
        "\(place): a pointer to \(target.isEmpty ? "no class" : target), which is not here")
    case "Relation":
      let target = field["targetClass"]?.text ?? "another class"
      leftOut.append(
        "\(place): a relation; give \(target) a pointer to \(place.prefix { $0 != "." }) with `inverse: \(field.name)`"
      )
    default: leftOut.append("\(place): there is no type \(field.type) here")
    }
    return nil
  }

  private func literal(_ value: JSONValue, _ type: FieldType) -> String? {
    if case .pointer = type { return nil }
    guard (try? type.value(json: value, at: "")) != nil else { return nil }
    switch type {
    case .date: return value["iso"]?.text
    case .geoPoint:
      guard case .number(let latitude)? = value["latitude"],
        case .number(let longitude)? = value["longitude"]
      else { return nil }
      return "{latitude: \(latitude), longitude: \(longitude)}"
    default: return JSONWriter.spaced(value)
    }
  }
}
