internal import QuartermasterCEL

extension SchemaLoader {
  /// What expressions of a schema may use.
  static let environment = CELEnvironment.quartermaster

  /// Checks the computed fields and roll-ups of a class, each after those that it reads.
  func resolveDerivedFields(of draft: ClassDraft) {
    for field in draft.fields where field.isDerived { resolve(field, of: draft) }
  }

  /// Finds type and expression of a derived field.
  ///
  /// One that is wrong stays without a type, and what reads it gives no second message.
  private func resolve(_ field: FieldDraft, of draft: ClassDraft) {
    let name = "\(draft.name).\(field.name)"
    switch field.state {
    case .done: return
    case .visiting:
      let start = resolving.firstIndex(of: name) ?? 0
      report(.schemaRing(resolving[start...] + [name], at: field.span))
      return
    case .waiting: break
    }
    field.state = .visiting
    resolving.append(name)
    let shown: RecordField?
    switch field.source {
    case .computed(let node): shown = computed(field, node, of: draft)
    case .rollUp(let rollUp): shown = self.rollUp(field, rollUp, of: draft)
    case .stored, .broken: shown = nil
    }
    resolving.removeLast()
    field.state = .done
    draft.show(
      shown ?? RecordField(name: field.name, type: .error, access: .stored(slot: field.slot ?? 0)))
  }

  // MARK: - Expressions on one row

  /// Returns a checked expression on the row of a class alone, or nil when it is wrong.
  private func ownRow(_ node: YAMLNode, of draft: ClassDraft, as what: OwnRow.Place) -> CheckedExpr?
  {
    guard case .scalar(let source, _) = node.kind else {
      report(.needs(area, "an expression", at: node.span))
      return nil
    }
    var environment = Self.environment
    environment.recordTypes = DraftTypes(classes.map(\.recordType))
    environment.declare(
      VariableDeclaration(draft.variable, .record(draft.name), storage: .record(0)))
    do {
      let parsed = try environment.parse(source)
      var walk = OwnRow(draft: draft, classNames: classes.map(\.name), place: what)
      walk.visit(parsed.root, in: source)
      guard walk.diagnostics.isEmpty else {
        walk.diagnostics.forEach(report)
        return nil
      }
      let fields = walk.fields.compactMap { draft[$0] }
      for field in fields where field.isDerived { resolve(field, of: draft) }
      // What is wrong with those was reported.
      if fields.contains(where: { $0.type == nil }) { return nil }
      return try environment.check(parsed)
    } catch {
      error.items.forEach(report)
      return nil
    }
  }

  private func computed(
    _ field: FieldDraft, _ node: YAMLNode, of draft: ClassDraft
  ) -> RecordField? {
    guard let checked = ownRow(node, of: draft, as: .computed) else { return nil }
    let declared = field.options["scale"].flatMap { count($0, 0...Self.maximumScale) }
    if let scale = field.options["scale"], checked.type.nonNull != .decimal {
      report(.schemaOptionPlace("scale", needs: "a Decimal", at: scale.span))
      return nil
    }
    switch checked.type.nonNull {
    case .bool: field.type = .boolean
    case .int: field.type = .integer
    case .double: field.type = .number
    case .string: field.type = .string
    case .timestamp: field.type = .date
    case .duration: field.type = .duration
    case .decimal:
      guard let scale = declared ?? ScaleInference(checked, draft).scale(of: checked.root) else {
        report(.schemaComputedScale(field.name, at: node.span))
        return nil
      }
      guard scale <= Self.maximumScale else {
        report(.schemaComputedTooFine(field.name, scale, at: node.span))
        return nil
      }
      field.type = .decimal(scale: scale)
    case .error: return nil
    default:
      report(.schemaComputedType("\(checked.type)", at: node.span))
      return nil
    }
    field.computed = checked
    return RecordField(name: field.name, type: checked.type, access: .computed(checked.parsed))
  }

  // MARK: - Roll-ups

  private func rollUp(
    _ field: FieldDraft, _ rollUp: RollUpDraft, of draft: ClassDraft
  ) -> RecordField? {
    guard let inverse = draft.inverse(rollUp.inverse), let child = self[inverse.sourceClass],
      let pointer = child[inverse.sourceField]
    else {
      // A relation that was refused has its own message.
      let wasRefused = classes.contains { $0.fields.contains { $0.inverse == rollUp.inverse } }
      if !wasRefused || draft[rollUp.inverse] != nil {
        report(.schemaUnknownRelation(rollUp.inverse, of: draft, at: rollUp.inverseSpan))
      }
      return nil
    }
    var type = FieldType.integer
    if let name = rollUp.field {
      guard let summed = summed(name, of: child, rollUp) else { return nil }
      type = summed
    }
    var condition: CheckedExpr?
    if let node = rollUp.condition {
      guard let checked = ownRow(node, of: child, as: .condition) else { return nil }
      switch checked.type {
      case .bool: condition = checked
      case .error: return nil
      default:
        report(.schemaConditionType("\(checked.type)", at: node.span))
        return nil
      }
    }
    guard let slot = field.slot else { return nil }
    field.type = type
    field.rollUp = RollUpDefinition(
      function: rollUp.field.map { .sum($0) } ?? .count, inverse: inverse.name,
      childClass: child.name, childField: pointer.name, condition: condition)
    return RecordField(name: field.name, type: type.celType(), access: .stored(slot: slot))
  }

  /// Returns the type of the field that is summed up, or nil when it cannot be.
  private func summed(_ name: String, of child: ClassDraft, _ rollUp: RollUpDraft) -> FieldType? {
    guard let summed = child[name] else {
      report(.schemaUnknownField(name, of: child, at: rollUp.fieldSpan))
      return nil
    }
    if summed.isSecret {
      report(.schemaSecret(name, at: rollUp.fieldSpan))
      return nil
    }
    if summed.isDerived { resolve(summed, of: child) }
    switch summed.type {
    case .integer?, .number?, .decimal?: return summed.type
    case nil: return nil
    case let type?:
      report(.schemaSumType(name, type, at: rollUp.fieldSpan))
      return nil
    }
  }
}

/// The classes as expressions see them while the schema is being read.
private struct DraftTypes: RecordTypeProvider {
  let recordTypeNames: [String]
  private let types: [String: RecordType]

  init(_ types: [RecordType]) {
    recordTypeNames = types.map(\.name)
    self.types = Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
  }

  func recordType(named name: String) -> RecordType? { types[name] }
}
