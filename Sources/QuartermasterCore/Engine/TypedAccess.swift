public import QuartermasterCEL

/// What reads records as the types of a host: reads, writes and verbs.
public protocol RecordSource: AnyObject {
  /// Returns a record, or nil when there is none.
  func find(_ className: String, id: String) throws -> Record?
  /// Returns the value of an expression over the classes, `now` and the given names.
  func query(_ text: String, _ names: [String: Value]) throws -> Value
  /// Returns a reader of the fields of a record.
  func reader(of record: Record) -> RecordReader
}

extension RecordSource {
  /// Returns the record of an id, or nil when there is none.
  ///
  /// - Throws: ``Refusal`` when the schema has no such class, or a field has another type; what `init(record:)` throws.
  public func find<T: StoredRecord>(_ type: T.Type, id: String) throws -> T? {
    try find(T.className, id: id).map { try T(record: reader(of: $0)) }
  }

  /// Returns the record that a pointer leads to, or nil when it was deleted since.
  public func find<T: StoredRecord>(_ reference: Reference<T>) throws -> T? {
    try find(T.self, id: reference.id)
  }

  /// Returns all records of a class in key order.
  public func all<T: StoredRecord>(_ type: T.Type) throws -> [T] {
    try query(type, T.className)
  }

  /// Returns the records that an expression gives: a list of records, one, or null.
  ///
  /// - Parameters:
  ///   - type: The type of the records.
  ///   - text: An expression such as `Product.filter(p, p.onHand <= p.reorderPoint)`.
  ///   - names: The values that it may name besides classes and `now`.
  /// - Returns: The records as values, in the order of the expression.
  /// - Throws: What the expression throws; ``Refusal`` when it gives anything but records of the class.
  public func query<T: StoredRecord>(
    _ type: T.Type, _ text: String, _ names: [String: Value] = [:]
  ) throws -> [T] {
    let items: [Value]
    switch try query(text, names) {
    case .list(let list): items = list
    case .null: items = []
    case let one: items = [one]
    }
    return try items.map { item in
      guard case .record(let record) = item, record.type.name == T.className else {
        throw Refusal(.error, "`\(text)` must give records of \(T.className), not \(item.kindText)")
      }
      return try T(record: reader(of: record))
    }
  }
}

extension ReadContext: RecordSource {}
extension WriteContext: RecordSource {}
extension VerbContext: RecordSource {}
