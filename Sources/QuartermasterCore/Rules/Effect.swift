import QuartermasterCEL

/// What an action can do to records of one class.
struct Effect: Sendable {
  /// What kind of change it is.
  enum Kind: Sendable { case created, changed, deleted }

  /// What is known of a field that is written.
  enum Written: Sendable {
    /// It becomes this.
    case constant(Value)
    /// It moves like this.
    case moved(Motion)
  }

  /// The class.
  let subject: ClassDefinition
  /// The kind of change.
  let kind: Kind
  /// The stored fields and roll-ups that are written; of a new record those that have no default too.
  let fields: [String: Written]

  /// Two effects with one key do the same.
  var key: String {
    let parts = fields.sorted { $0.key < $1.key }.map { name, written in
      switch written {
      case .constant(let value): "\(name)=\((try? value.printed()) ?? "?")"
      case .moved(let motion): "\(name)~\(motion)"
      }
    }
    return "\(subject.index) \(kind) \(parts.joined(separator: " "))"
  }

  /// Reads expressions over a record that was written.
  func reader(names: Set<String>, oldName: String? = nil) -> MotionReader {
    MotionReader(
      subject: subject, names: names, oldName: oldName, wasThere: kind != .created,
      known: { field in knowledge(field) },
      declared: { field in fields[field.name] == nil ? nil : knowledge(field) })
  }

  /// What is known of a stored field or a roll-up after the write.
  private func knowledge(_ field: FieldDefinition) -> Knowledge {
    switch fields[field.name] {
    case .constant(let value)?: return Knowledge(value: value, motion: .any)
    case .moved(let motion)?: return Knowledge(value: nil, motion: motion)
    case nil:
      guard kind == .created else { return .untouched }
      if field.sequence != nil { return .nothing }
      // Zero is zero, whatever its type, for all that is compared with it.
      if case .rollUp = field.kind { return Knowledge(value: .int(0), motion: .any) }
      return Knowledge(value: field.defaultValue, motion: .any)
    }
  }

  /// How a field moves; of a new record, whether it gets a value.
  func motion(of field: FieldDefinition) -> Motion {
    let known = reader(names: [subject.variable]).read(field: field.name)
    if kind == .created {
      if case .null? = known.value { return .same }
      return .any
    }
    return known.motion
  }

  /// What it does to the roll-ups of other records, and those to further ones.
  func consequences(in schema: Schema) -> [Effect] {
    var found: [Effect] = []
    var waiting = [self]
    // Rings of roll-ups are schema errors, so this ends; the limit is for schemas that were not checked.
    while let next = waiting.popLast(), found.count < 1000 {
      let more = next.direct(in: schema)
      found += more
      waiting += more
    }
    return found
  }

  private func direct(in schema: Schema) -> [Effect] {
    var result: [Effect] = []
    for parent in schema.classes {
      var moved: [String: Written] = [:]
      for field in parent.fields {
        guard case .rollUp(let rollUp) = field.kind, rollUp.childClass == subject.name else {
          continue
        }
        let motion = motion(of: rollUp)
        if motion != .same { moved[field.name] = .moved(motion) }
      }
      if !moved.isEmpty { result.append(Effect(subject: parent, kind: .changed, fields: moved)) }
    }
    return result
  }

  /// How a roll-up of the parent moves.
  private func motion(of rollUp: RollUpDefinition) -> Motion {
    let reader = reader(names: [subject.variable])
    let condition = rollUp.condition.map { reader.read($0.root) }
    if condition?.flag == false, kind == .created { return .same }
    let part: (value: Value?, motion: Motion)
    var isNeverNegative = true
    if case .sum(let name) = rollUp.function {
      let known = reader.read(field: name)
      part = (known.value, known.motion)
      isNeverNegative =
        subject[name]?.minimum.map { NumberOrder($0, .int(0)) != .less } ?? false
    } else {
      part = (.int(1), .same)
    }
    switch kind {
    case .created:
      if case .null? = part.value { return .same }
      switch part.value.flatMap({ NumberOrder($0, .int(0)) }) {
      case .equal?: return .same
      case .greater?: return .up
      case .less?: return .down
      case .unordered?, nil: return isNeverNegative ? .up : .any
      }
    case .deleted: return isNeverNegative ? .down : .any
    case .changed:
      if fields[rollUp.childField] != nil { return .any }
      let admitted = condition?.motion ?? .same
      if admitted == .same { return part.motion }
      return isNeverNegative ? part.motion.joined(admitted) : .any
    }
  }
}
