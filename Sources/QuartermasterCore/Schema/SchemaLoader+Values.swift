internal import QuartermasterCEL

extension SchemaLoader {
  /// Returns the value that a node stands for as a literal of a type; a wrong one is reported.
  func literal(_ node: YAMLNode, _ type: FieldType) -> Value? {
    switch type {
    case .array(let of):
      guard case .sequence(let items) = node.kind else { break }
      let values = items.compactMap { untypedLiteral($0, of) }
      return values.count == items.count ? .list(values) : nil
    case .object(let members):
      guard case .mapping(let pairs) = node.kind else { break }
      return object(pairs, members)
    case .geoPoint:
      guard case .mapping(let pairs) = node.kind else { break }
      let number = FieldType.ShapeMember.self
      return object(
        pairs,
        [
          number.init(name: "latitude", type: .number),
          number.init(name: "longitude", type: .number),
        ])
    case .pointer: break
    default:
      guard let text = node.text, let value = type.value(text: text) else { break }
      return value
    }
    report(.schemaLiteral(type, node.text, at: node.span))
    return nil
  }

  private func object(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], _ members: [FieldType.ShapeMember]?
  ) -> Value? {
    var entries: [(key: Value, value: Value)] = []
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      let member = members?.first { $0.name == name }
      if let members, member == nil {
        report(
          .unknownKey(area, name, in: "this shape", known: members.map(\.name), at: pair.key.span))
        return nil
      }
      guard let value = untypedLiteral(pair.value, member?.type) else { return nil }
      entries.append((.string(name), value))
    }
    return MapValue(entries).map(Value.map)
  }

  /// Where no type is declared, a scalar is what JSON makes of it; in quotes it is a text.
  private func untypedLiteral(_ node: YAMLNode, _ type: FieldType?) -> Value? {
    if let type { return literal(node, type) }
    switch node.kind {
    case .empty: return .null
    case .sequence: return literal(node, .array(of: nil))
    case .mapping: return literal(node, .object(nil))
    case .scalar(let source, let style):
      guard style == .plain else { return .string(source.text) }
      if source.text == "null" { return .null }
      return [FieldType.boolean, .integer, .number].lazy.compactMap { $0.value(text: source.text) }
        .first ?? .string(source.text)
    }
  }

  /// Reads `default:`.
  func readDefault(_ node: YAMLNode, _ field: FieldDraft, _ type: FieldType) {
    if case .pointer = type {
      report(.schemaPointerDefault(at: node.span))
    } else if type == .date, node.text == "now" {
      report(.schemaDefaultNow(field.name, at: node.span))
    } else if let value = literal(node, type) {
      field.defaultValue = value
    }
  }

  /// Reads `pattern:`.
  func pattern(_ node: YAMLNode) -> String? {
    guard let pattern = text(node, "a regular expression") else { return nil }
    do {
      _ = try RegularExpression(pattern)
      return pattern
    } catch {
      report(.schemaPattern(error.message, at: node.span))
      return nil
    }
  }

  /// Checks that what the schema itself gives to a field fits its own rules.
  func checkValues(_ field: FieldDraft, of draft: ClassDraft) {
    if let minimum = field.minimum, let maximum = field.maximum,
      let isLess = try? Value.less(maximum, minimum), isLess, let node = field.options["max"]
    {
      report(.schemaEmptyRange(at: node.span))
      return
    }
    guard let node = field.options["default"], let definition = field.definition() else { return }
    if case .null = field.defaultValue { return }
    do {
      field.defaultValue = try definition.accept(field.defaultValue, class: draft.name)
      try definition.validate(field.defaultValue, was: .null, class: draft.name)
    } catch {
      report(.schemaBadDefault(error.message, at: node.span))
    }
  }
}
