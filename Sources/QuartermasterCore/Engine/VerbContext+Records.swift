public import QuartermasterCEL

extension VerbContext {
  /// Returns the first record in key order that matches, or creates it with both: what `ensure` does in a rule.
  ///
  /// - Parameters:
  ///   - className: The class.
  ///   - match: Stored fields and the values to find them by. Null is found as null.
  ///   - fields: What a new record has besides.
  /// - Returns: The record. One that was there already is left as it is.
  /// - Throws: ``Refusal`` when a class or a field is unknown, or the schema or a rule refuses the new record.
  @discardableResult
  public func ensure(
    _ className: String, match: [String: Value], _ fields: [String: Value] = [:]
  ) throws(Refusal) -> Record {
    if let found = try first(className, where: match) { return found }
    return try create(className, match.merging(fields) { matched, _ in matched })
  }

  /// Returns the records that an expression gives, such as
  /// `SupplierProduct.filter(s, s.product == product).sortBy(s, s.price)`.
  ///
  /// The expression is checked once for each set of types and kept; what SQL can say of it runs as SQL.
  ///
  /// - Parameters:
  ///   - text: An expression of the rule language over classes, `now` and the given names.
  ///   - names: The values that it may name besides.
  /// - Returns: The records, in the order of the expression.
  /// - Throws: ``Refusal`` when the text is wrong, when it fails, or when it gives anything but records.
  public func records(_ text: String, _ names: [String: Value] = [:]) throws(Refusal) -> [Record] {
    switch try query(text, names) {
    case .list(let items):
      var records: [Record] = []
      for item in items {
        guard case .record(let record) = item else {
          throw Refusal(.error, "`\(text)` must give records, not \(item.kindText)")
        }
        records.append(record)
      }
      return records
    case .record(let record): return [record]
    case .null: return []
    case let other: throw Refusal(.error, "`\(text)` must give records, not \(other.kindText)")
    }
  }

  /// Returns the value of an expression over classes, `now` and the given names.
  ///
  /// - Throws: ``Refusal`` when the text is wrong, or when it fails.
  public func query(_ text: String, _ names: [String: Value] = [:]) throws(Refusal) -> Value {
    try interpreter.query(text, names)
  }

  /// Returns a reader of the fields of a record, as the types of a host.
  public func reader(of record: Record) -> RecordReader {
    RecordReader(record, interpreter.fields)
  }
}
