internal import QuartermasterCEL

/// How changes of one class stand in the journal: the texts that each of them repeats, made once.
///
/// The texts lie in memory of their own, and fields are told by their slots alone, so that writing a change counts no
/// reference to a field or a name.
final class JournalPlan: @unchecked Sendable {
  /// A field that the journal keeps.
  struct Field {
    let slot: Int
    fileprivate let start: Int
    fileprivate let end: Int
  }

  /// The fields, in the order of the schema: stored and not secret.
  let fields: UnsafeMutableBufferPointer<Field>
  /// The slots whose change is that of the operation itself: no totals, no secrets.
  let ownSlots: SlotSet
  private let texts: UnsafeMutableBufferPointer<UInt8>
  private let nameEnd: Int

  init(_ definition: ClassDefinition) {
    var buffer = JSONBuffer()
    buffer.string(definition.name)
    var bytes = buffer.bytes
    nameEnd = bytes.count
    var made: [Field] = []
    var own = SlotSet()
    for field in definition.fields {
      guard let slot = field.slot, !field.isSecret else { continue }
      if !field.isRollUp { own.insert(slot) }
      buffer.clear()
      buffer.key(field.name)
      let start = bytes.count
      bytes += buffer.bytes
      made.append(Field(slot: slot, start: start, end: bytes.count))
    }
    ownSlots = own
    fields = .allocate(capacity: made.count)
    _ = fields.initialize(from: made)
    texts = .allocate(capacity: bytes.count)
    _ = texts.initialize(from: bytes)
  }

  deinit {
    fields.deallocate()
    texts.deallocate()
  }

  /// The name of the class as JSON.
  var name: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: texts[..<nameEnd]) }

  /// The name of a field as the key of a member, with its colon.
  func key(_ field: Field) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: texts[field.start..<field.end])
  }
}
