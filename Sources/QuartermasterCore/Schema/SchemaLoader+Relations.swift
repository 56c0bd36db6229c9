internal import QuartermasterCEL

extension SchemaLoader {
  /// Gives the targets of a class's pointers their relations back.
  func readInverses(of draft: ClassDraft) {
    for field in draft.fields {
      guard let name = field.inverse, let node = field.options["inverse"],
        case .pointer(let target)? = field.type, let target = self[target]
      else { continue }
      if !Self.isIdentifier(name) {
        report(.schemaBadName(name, what: "a relation", at: node.span))
      } else if Self.systemFields.contains(name) {
        report(.schemaSystemField(name, name, at: node.span))
      } else if let other = target[name] {
        report(.schemaInverseIsField(name, of: target.name, at: node.span, field: other.span))
      } else if let other = target.inverse(name) {
        report(.schemaInverseTwice(name, of: target.name, other, at: node.span))
      } else {
        target.inverses.append(
          InverseDefinition(
            name: name, sourceClass: draft.name, sourceField: field.name, isUnique: field.isUnique))
      }
    }
  }

  /// Shows expressions what needs no other field: system fields, stored fields and relations.
  func showStoredFields(of draft: ClassDraft) {
    draft.show(RecordField(name: "objectId", type: .string, access: .id))
    for (name, slot) in [
      ("createdAt", ClassDefinition.createdAtSlot), ("updatedAt", ClassDefinition.updatedAtSlot),
    ] {
      draft.show(RecordField(name: name, type: .timestamp, access: .stored(slot: slot)))
    }
    var shown = Set(Self.systemFields)
    for field in draft.fields where shown.insert(field.name).inserted {
      guard let slot = field.slot else { continue }
      switch field.source {
      case .computed, .rollUp: continue
      case .broken:
        draft.show(RecordField(name: field.name, type: .error, access: .stored(slot: slot)))
      case .stored:
        guard let type = field.type else { continue }
        if field.isPassword {
          draft.hide(field.name)
          continue
        }
        var access = RecordField.Access.stored(slot: slot)
        if case .pointer(let target) = type, let target = self[target] {
          access = .pointer(slot: slot, target: target.recordType)
        }
        let celType = type.celType()
        draft.show(
          RecordField(
            name: field.name, type: field.isNullable ? celType.orNull : celType, access: access))
      }
    }
    for inverse in draft.inverses where shown.insert(inverse.name).inserted {
      guard let source = self[inverse.sourceClass], let slot = source[inverse.sourceField]?.slot
      else { continue }
      let record = CELType.record(source.name)
      draft.show(
        RecordField(
          name: inverse.name, type: inverse.isUnique ? .nullable(record) : .list(record),
          access: .relation(
            RecordField.Relation(
              source: source.recordType, slot: slot, isUnique: inverse.isUnique))))
    }
  }
}
