internal import QuartermasterCEL

/// Where ids come from: strictly increasing texts of twelve digits in base 32, without randomness.
///
/// An id is the larger of the clock and the last id plus one, so key order is the order of creation even when the
/// clock goes back, and a run can be repeated. Sixteen bits below the millisecond count ids made in it. The first
/// digit is below ten until the year 2144; after that the counter alone goes on.
struct IDSource: Sendable {
  /// The last number that was used.
  var last: Int64 = 0
  /// The last number that is in the file.
  var stored: Int64 = 0

  /// The digits, in the order of ASCII; without i, l, o and u, which are misread.
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
  private static let length = 12
  /// The first number whose text would start with a letter.
  private static let end: Int64 = 10 << 55

  /// Returns the next id, or nil when there is none left.
  mutating func next(at now: Timestamp) -> String? {
    let clock = min(max(now.milliseconds, 0), (Self.end >> 16) - 1) << 16
    let number = max(clock, last + 1)
    if number >= Self.end { return nil }
    last = number
    return Self.text(number)
  }

  /// Returns the text of a number.
  static func text(_ number: Int64) -> String {
    String(unsafeUninitializedCapacity: length) { bytes in
      for place in 0..<length {
        bytes[place] =
          digits[Int(truncatingIfNeeded: number >> Int64(5 * (length - 1 - place))) & 31]
      }
      return length
    }
  }

  /// Returns the number of a text; nil for one that is no id of this source.
  static func number(_ text: String) -> Int64? {
    guard text.utf8.count == length else { return nil }
    var number: Int64 = 0
    for byte in text.utf8 {
      guard let digit = digits.firstIndex(of: byte) else { return nil }
      number = number << 5 | Int64(digit)
    }
    return number < end ? number : nil
  }

  /// As it was when the commit began.
  var committed: IDSource { IDSource(last: stored, stored: stored) }

  /// The same last number, with what another knows of the file.
  func keepingCommitted(_ other: IDSource) -> IDSource {
    IDSource(last: last, stored: other.stored)
  }
}

extension Store {
  /// Returns an id that sorts after all that this file has given.
  package func newID() throws(Refusal) -> String {
    guard let id = ids.next(at: now) else {
      throw Refusal(.storage, "\(fileName): there are no ids left")
    }
    return id
  }

  /// Returns the next number of a field with a sequence, counted from 1; undone with the operation.
  package func nextNumber(of field: FieldDefinition, in definition: ClassDefinition)
    throws(Refusal) -> Int64
  {
    let statement = try statement(
      "INSERT INTO _sequences (name, value) VALUES (?1, 1) "
        + "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value")
    defer { statement.reset() }
    try statement.bind(1, "\(definition.name).\(field.name)")
    guard try statement.step() else {
      throw Refusal(.storage, "\(fileName): the sequence of \(field.name) gave no number")
    }
    let number = statement.int(0)
    // RETURNING gives its row before the statement ends; a write is done only at its end.
    while try statement.step() {}
    return number
  }

  /// Reads the last id that the file gave.
  func loadIDs() throws(Refusal) {
    let last = try integer("SELECT value FROM _meta WHERE key = 'lastId'") ?? 0
    ids = IDSource(last: max(last, ids.last), stored: last)
  }

  /// Writes the last id, when one was given since it was last written.
  func storeIDs() throws(Refusal) {
    if ids.last == ids.stored { return }
    let statement = try statement("INSERT OR REPLACE INTO _meta (key, value) VALUES ('lastId', ?1)")
    try statement.bind(1, ids.last)
    try statement.run()
  }
}
