internal import QuartermasterCEL

extension SchemaLoader {
  /// What may stand in a class besides its fields.
  static let classKeys = ["record", "contact", "index", "unique", "was", "acl"]
  /// Names that a record may not have: those of the rule language, and CEL's reserved words.
  static let reservedRecordNames: Set<String> = [
    "old", "new", "now", "actor", "signal",
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
    "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
  ]
  /// Classes that the engine has itself.
  static let reservedClassNames: Set<String> = ["Message"]

  /// Makes a draft of each class, so that types can name any of them.
  func declareClasses(_ node: YAMLNode) {
    guard let pairs = mapping(node, "classes") else { return }
    if pairs.isEmpty { report(.schemaNoClasses(at: node.span)) }
    var places: [String: SourceSpan] = [:]
    var variables: [String: String] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      checkClassName(name, at: pair.key.span)
      let folded = name.lowercased()
      if let first = places[folded] {
        report(.schemaClassTwice(name, at: pair.key.span, first: first))
        continue
      }
      places[folded] = pair.key.span
      let variable = recordName(of: name, pair.value, at: pair.key.span)
      if let other = variables[variable] {
        report(.schemaRecordNameTaken(variable, of: name, by: other, at: pair.key.span))
      }
      variables[variable] = name
      classPlaces[name] = classes.count
      classes.append(
        ClassDraft(
          name: name, index: classes.count, variable: variable, span: pair.key.span,
          node: pair.value))
    }
    for draft in classes where self[draft.variable] != nil {
      report(.schemaRecordNameIsClass(draft.variable, at: draft.span))
    }
  }

  private func checkClassName(_ name: String, at span: SourceSpan) {
    if name.hasPrefix("_") || name.lowercased().hasPrefix("sqlite_") {
      report(.schemaEngineName(name, at: span))
    } else if !Self.isIdentifier(name) {
      report(.schemaBadName(name, what: "a class", at: span))
    } else if Self.reservedClassNames.contains(name) || Self.typeNames.contains(name) {
      report(.schemaReservedClass(name, at: span))
    } else if let first = name.utf8.first, first >= 97 {
      report(.schemaClassNeedsCapital(name, at: span))
    }
  }

  /// Returns what a record of a class is called in rules.
  private func recordName(of name: String, _ node: YAMLNode, at span: SourceSpan) -> String {
    let pair = node.pairs?.first { $0.key.text == "record" && !isFieldSpec($0.value) }
    if let pair {
      let wanted = "a name such as `parcel`"
      guard let given = text(pair.value, wanted) else { return name }
      if !Self.isIdentifier(given) || given.utf8.first.map({ $0 < 97 }) ?? true {
        report(.schemaBadRecordName(given, at: pair.value.span))
      } else if isReservedRecordName(given) {
        report(.schemaReservedRecordName(given, of: name, isGiven: true, at: pair.value.span))
      }
      return given
    }
    let variable = name.prefix(1).lowercased() + name.dropFirst()
    if isReservedRecordName(variable) {
      report(.schemaReservedRecordName(variable, of: name, isGiven: false, at: span))
    }
    return variable
  }

  /// A record named like a namespace of functions would hide `math.abs`.
  private func isReservedRecordName(_ name: String) -> Bool {
    Self.reservedRecordNames.contains(name)
      || Self.environment.libraries.contains { library in
        library.functions.contains { $0.name.hasPrefix(name + ".") }
      }
  }

  /// Whether a node describes a field, so that a field may be called `index` or `contact`.
  func isFieldSpec(_ node: YAMLNode) -> Bool {
    ["type", "computed", "sum", "count"].contains { node[$0] != nil }
  }

  /// Reads what a class says besides its fields, which are known by now.
  func readClassOptions(of draft: ClassDraft) {
    draft.was = draft.options["was"].flatMap { text($0, "the former name of the class") }
    if let node = draft.options["contact"] { draft.contact = contact(node, of: draft) }
    if let node = draft.options["index"] {
      draft.indexes = fieldLists(node, "index", of: draft)
    }
    if let node = draft.options["unique"] {
      draft.uniqueKeys = fieldLists(node, "unique", of: draft)
    }
  }

  private func contact(_ node: YAMLNode, of draft: ClassDraft) -> ContactDefinition {
    let options = self.options(of: node, known: ["user", "email"], what: "contact")
    func field(_ key: String, _ wanted: String, _ fits: (FieldType) -> Bool) -> String? {
      guard let node = options[key], let name = text(node, "the name of a field") else {
        return nil
      }
      guard let field = draft[name] else {
        report(.schemaUnknownField(name, of: draft, at: node.span))
        return nil
      }
      if let type = field.type, !fits(type) {
        report(.schemaContact(name, wanted: wanted, at: node.span))
      }
      return name
    }
    return ContactDefinition(
      user: field("user", "a pointer") { if case .pointer = $0 { true } else { false } },
      email: field("email", "a String") { $0 == .string })
  }

  /// Reads `[[supplier, status], [status]]`; one name is a list of one.
  private func fieldLists(_ node: YAMLNode, _ key: String, of draft: ClassDraft) -> [[Int]] {
    let scalars = node.items.count { $0.text != nil }
    if scalars > 1 || (scalars == 1 && node.items.count > 1) {
      report(.schemaFieldLists(key, at: node.span))
      return []
    }
    var lists: [[Int]] = []
    for item in node.items {
      var places: [Int] = []
      for (name, span) in texts(item, "the name of a field") {
        guard let field = draft[name] else {
          report(.schemaUnknownField(name, of: draft, at: span))
          continue
        }
        if places.contains(field.index) {
          report(.schemaFieldTwice(name, at: span))
        } else if !mayBeKey(field, key) {
          report(.schemaNoKey(field.name, key, at: span))
        }
        places.append(field.index)
      }
      if lists.contains(places), !places.isEmpty {
        report(.schemaKeyTwice(key, at: item.span))
      } else if !places.isEmpty {
        lists.append(places)
      }
    }
    return lists
  }

  private func mayBeKey(_ field: FieldDraft, _ key: String) -> Bool {
    if key == "unique", field.isDerived { return false }
    switch field.type {
    case .array, .object, .geoPoint: return false
    default: return true
    }
  }
}
