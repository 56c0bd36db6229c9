internal import QuartermasterCEL

extension SchemaLoader {
  private static let storedKeys = [
    "type", "required", "unique", "default", "min", "max", "in", "pattern", "maxLength", "scale",
    "of", "flow", "sequence", "inverse", "onDelete", "secret", "was",
  ]
  private static let computedKeys = ["computed", "scale", "was"]
  private static let rollUpKeys = ["sum", "count", "where", "was"]
  /// Fields that every class has.
  static let systemFields = ["objectId", "createdAt", "updatedAt"]

  /// Reads the fields of a class as far as they need nothing of other fields.
  func readFields(of draft: ClassDraft) {
    guard let pairs = mapping(draft.node, "a class") else { return }
    var places: [String: SourceSpan] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if Self.classKeys.contains(name), !isFieldSpec(pair.value) {
        draft.options[name] = pair.value
        continue
      }
      checkFieldName(name, at: pair.key.span)
      if let first = places[name.lowercased()] {
        report(.schemaFieldDiffersInCase(name, at: pair.key.span, first: first))
        continue
      }
      places[name.lowercased()] = pair.key.span
      let field = field(name, pair.value, index: draft.fields.count, at: pair.key.span)
      draft.fieldPlaces[name] = draft.fields.count
      draft.fields.append(field)
    }
    if flag(draft.options["acl"]), let node = draft.options["acl"] {
      addAccessList(to: draft, at: node.span)
    }
    var slot = ClassDefinition.firstFieldSlot
    for field in draft.fields {
      if case .computed = field.source { continue }
      field.slot = slot
      slot += 1
      readPassword(field, of: draft)
      checkValues(field, of: draft)
    }
  }

  /// Adds the field that holds the permissions of a record itself.
  private func addAccessList(to draft: ClassDraft, at span: SourceSpan) {
    let name = AccessPolicy.listField
    let field = FieldDraft(
      name: name, index: draft.fields.count, span: span, options: [:], source: .stored)
    field.type = .object(nil)
    field.isAccessList = true
    draft.fieldPlaces[name] = draft.fields.count
    draft.fields.append(field)
  }

  private func checkFieldName(_ name: String, at span: SourceSpan) {
    let folded = name.lowercased()
    if let clash = Self.systemFields.first(where: { $0.lowercased() == folded }) {
      report(.schemaSystemField(name, clash, at: span))
    } else if folded == AccessPolicy.listField.lowercased() {
      report(.schemaAccessList(name, at: span))
    } else if name.hasPrefix("_") {
      report(.schemaEngineName(name, at: span))
    } else if !Self.isIdentifier(name) {
      report(.schemaBadName(name, what: "a field", at: span))
    }
  }

  private func field(
    _ name: String, _ node: YAMLNode, index: Int, at span: SourceSpan
  ) -> FieldDraft {
    func make(_ options: [String: YAMLNode], _ source: FieldDraft.Source) -> FieldDraft {
      let field = FieldDraft(name: name, index: index, span: span, options: options, source: source)
      field.was = options["was"].flatMap { text($0, "the former name of the field") }
      return field
    }
    if let text = node.text {
      // `name: String` says all that there is to say.
      let field = make([:], .stored)
      field.type = type(named: text, scale: nil, of: nil, at: node.span)
      if field.type == nil { field.source = .broken }
      return field
    }
    guard case .mapping = node.kind else {
      report(.schemaFieldNeedsType(name, at: span))
      return make([:], .broken)
    }
    let kinds = ["type", "computed", "sum", "count"].filter { node[$0] != nil }
    guard let kind = kinds.first else {
      _ = options(of: node, known: Self.storedKeys + ["computed", "sum", "count"], what: "a field")
      report(.schemaFieldNeedsType(name, at: span))
      return make([:], .broken)
    }
    if kinds.count > 1, let second = node.pairs?.first(where: { $0.key.text == kinds[1] }) {
      report(.schemaTwoKinds(kinds, at: second.key.span))
      return make([:], .broken)
    }
    switch kind {
    case "computed":
      let options = self.options(
        of: node, known: Self.computedKeys, of: Self.storedKeys, kind: "a computed field")
      return make(options, options["computed"].map { .computed($0) } ?? .broken)
    case "sum", "count":
      let options = self.options(
        of: node, known: Self.rollUpKeys, of: Self.storedKeys, kind: "a roll-up")
      return make(options, rollUp(kind, options) ?? .broken)
    default:
      let options = self.options(of: node, known: Self.storedKeys, what: "a field")
      let field = make(options, .stored)
      readStored(field)
      return field
    }
  }

  /// Like ``options(of:known:what:)``, with another message for keys that belong to stored fields.
  private func options(of node: YAMLNode, known: [String], of stored: [String], kind: String)
    -> [String: YAMLNode]
  {
    let all = options(
      of: node, known: known + stored.filter { !known.contains($0) }, what: "a field")
    for pair in node.pairs ?? [] {
      guard let name = pair.key.text, stored.contains(name), !known.contains(name) else { continue }
      report(.schemaOptionOfStored(name, kind: kind, at: pair.key.span))
    }
    return all.filter { known.contains($0.key) }
  }

  private func rollUp(_ kind: String, _ options: [String: YAMLNode]) -> FieldDraft.Source? {
    guard let node = options[kind], let text = text(node, "a relation"),
      case .scalar(let source, _) = node.kind
    else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == (kind == "sum" ? 2 : 1), parts.allSatisfy(Self.isIdentifier) else {
      report(.schemaRollUpForm(kind, at: node.span))
      return nil
    }
    let end = parts[0].utf8.count
    return .rollUp(
      RollUpDraft(
        inverse: parts[0], field: kind == "sum" ? parts[1] : nil, inverseSpan: source.span(0..<end),
        fieldSpan: source.span(min(end + 1, text.utf8.count)..<text.utf8.count),
        condition: options["where"]))
  }

  // MARK: - Stored fields

  private func readStored(_ field: FieldDraft) {
    let options = field.options
    guard let node = options["type"], let name = text(node, "the name of a type"),
      let type = type(named: name, scale: options["scale"], of: options["of"], at: node.span)
    else {
      field.source = .broken
      return
    }
    field.type = type
    field.isRequired = flag(options["required"])
    field.isUnique = flag(options["unique"])
    field.isSecret = flag(options["secret"])
    if field.isUnique, let node = options["unique"] { checkUnique(type, node) }
    readTextOptions(field, type)
    readPointerOptions(field, type)
    for key in ["min", "max"] {
      guard let node = options[key] else { continue }
      guard type.isOrdered else {
        report(
          .schemaOptionPlace(key, needs: "a number, a Date or a Duration", at: node.span))
        continue
      }
      let value = literal(node, type)
      if key == "min" { field.minimum = value } else { field.maximum = value }
    }
    if let node = options["default"] { readDefault(node, field, type) }
  }

  /// Notes that a field is the password of a user, and reports what would give everybody the same, or show it.
  private func readPassword(_ field: FieldDraft, of draft: ClassDraft) {
    guard draft.name == AccountClass.className, field.name == AccountClass.passwordField,
      case .stored = field.source, field.type == .string
    else { return }
    if !field.isSecret { return report(.schemaPasswordIsShown(at: field.span)) }
    field.isPassword = true
    for key in ["default", "flow", "sequence", "unique"] {
      if let node = field.options[key] { report(.schemaPasswordOption(key, at: node.span)) }
    }
  }

  private func checkUnique(_ type: FieldType, _ node: YAMLNode) {
    switch type {
    case .array, .object, .geoPoint:
      report(.schemaOptionPlace("unique", needs: "a plain value or a pointer", at: node.span))
    default: break
    }
  }

  private func readTextOptions(_ field: FieldDraft, _ type: FieldType) {
    let options = field.options
    for key in ["in", "pattern", "maxLength", "flow", "sequence"] {
      if let node = options[key], type != .string {
        report(.schemaOptionPlace(key, needs: "a String", at: node.span))
      }
    }
    guard type == .string else { return }
    if let node = options["in"] { field.allowed = allowed(node) }
    if let node = options["pattern"] { field.pattern = pattern(node) }
    if let node = options["maxLength"] { field.maximumLength = count(node, 1...1_000_000_000) }
    if let node = options["flow"] {
      if let other = options["in"] { report(.schemaFlowAndIn(at: other.span)) }
      field.flow = flow(node, initial: options["default"]?.text)
    }
    if let node = options["sequence"] {
      if let other = options["default"] { report(.schemaSequenceAndDefault(at: other.span)) }
      field.sequence = text(node, "a format such as \"SO-%05d\"").flatMap(SequenceFormat.init)
      if field.sequence == nil { report(.schemaSequence(at: node.span)) }
    }
  }

  private func allowed(_ node: YAMLNode) -> [String] {
    var allowed: [String] = []
    for (text, span) in texts(node, "a text") {
      if allowed.contains(text) {
        report(.schemaTwice(text, at: span))
      } else {
        allowed.append(text)
      }
    }
    if allowed.isEmpty { report(.needs(area, "a list of texts", at: node.span)) }
    return allowed
  }

  private func readPointerOptions(_ field: FieldDraft, _ type: FieldType) {
    let isPointer = if case .pointer = type { true } else { false }
    for key in ["inverse", "onDelete"] {
      if let node = field.options[key], !isPointer {
        report(.schemaOptionPlace(key, needs: "a pointer", at: node.span))
      }
    }
    guard isPointer else { return }
    if let node = field.options["inverse"] {
      field.inverse = text(node, "the name of the relation back")
    }
    guard let node = field.options["onDelete"] else { return }
    guard let policy = node.text.flatMap(DeletePolicy.init) else {
      report(.needs(area, "restrict, clear or cascade", at: node.span))
      return
    }
    field.onDelete = policy
    if policy == .clear, field.isRequired {
      report(.schemaClearRequired(field.name, at: node.span))
    }
  }
}
