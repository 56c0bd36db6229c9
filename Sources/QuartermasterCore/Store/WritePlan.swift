internal import QuartermasterCEL

/// What the writer knows of a class before it writes: looked up once, used for each write.
///
/// A class, so that a write copies none.
final class WritePlan: Sendable {
  /// A pointer of the class.
  struct Pointer {
    let field: FieldDefinition
    let slot: Int
    let target: RecordType
  }

  /// The class.
  let definition: ClassDefinition
  /// How many slots there are.
  let slotCount: Int
  /// The values of a new record's slots: defaults, and zero in roll-ups.
  let initialValues: [Value]
  /// The slots that are written by hosts and rules: all but those of roll-ups and of the engine's marks.
  let own: SlotSet
  /// The slots of roll-ups.
  let totalSlots: [Int]
  /// The pointers, in the order of the schema.
  let pointers: [Pointer]
  /// The slots of the pointers.
  let pointerSlots: SlotSet
  /// Fields that take a number where none is given.
  let sequences: [(field: FieldDefinition, slot: Int, format: SequenceFormat)]
  /// Slots that are never null although the schema does not say `required`, because they have a default.
  let filled: [(field: FieldDefinition, slot: Int)]
  /// The same slots, side by side.
  let filledSlots: [Int]
  /// The pointers of all classes to this one, in the order of the schema: what a delete must look after.
  let references: [(definition: ClassDefinition, field: FieldDefinition, slot: Int)]

  init(_ definition: ClassDefinition, in schema: Schema) {
    self.definition = definition
    var initial = Array(repeating: Value.null, count: ClassDefinition.firstFieldSlot)
    var (own, totals): ([Int], [Int]) = ([], [])
    var pointers: [Pointer] = []
    var sequences: [(field: FieldDefinition, slot: Int, format: SequenceFormat)] = []
    var filled: [(field: FieldDefinition, slot: Int)] = []
    for field in definition.fields {
      guard let slot = field.slot else { continue }
      while initial.count <= slot { initial.append(.null) }
      if case .rollUp = field.kind {
        initial[slot] = Self.zero(of: field.type)
        totals.append(slot)
        continue
      }
      initial[slot] = field.defaultValue
      if slot >= ClassDefinition.firstFieldSlot { own.append(slot) }
      if let target = field.target.flatMap({ schema[$0] }) {
        pointers.append(Pointer(field: field, slot: slot, target: target.recordType))
      }
      if let format = field.sequence { sequences.append((field, slot, format)) }
      if !field.isNullable, !field.isRequired { filled.append((field, slot)) }
    }
    initialValues = initial
    slotCount = initial.count
    self.own = own.reduce(into: SlotSet()) { $0.insert($1) }
    totalSlots = totals
    self.pointers = pointers
    pointerSlots = pointers.reduce(into: SlotSet()) { $0.insert($1.slot) }
    self.sequences = sequences
    self.filled = filled
    filledSlots = filled.map(\.slot)
    references = schema.classes.flatMap { other in
      other.fields.compactMap { field in
        guard field.target == definition.name, let slot = field.slot else { return nil }
        return (other, field, slot)
      }
    }
  }

  /// Returns what a roll-up of a type starts from.
  static func zero(of type: FieldType) -> Value {
    switch type {
    case .number: .double(0)
    case .decimal(let scale): .decimal(ExactDecimal(coefficient: 0, scale: scale))
    case .duration: .duration(TimeSpan(nanoseconds: 0))
    default: .int(0)
    }
  }
}
